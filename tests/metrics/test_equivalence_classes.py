"""k, l and t of quasi-identifiers equal pycanon's."""

import json
from pathlib import Path

import pytest
from tests.metrics.tables import people

import artesian
from artesian.metrics import CATALOG
from artesian.metrics.protocol import Comparison
from artesian.runs.roles import with_roles

REFERENCE = Path(__file__).parents[1] / "reference"
THEIRS = json.loads((REFERENCE / "pycanon.json").read_text())


@pytest.fixture(scope="module")
def adult():
    return [
        artesian.read(REFERENCE / f"adult_{side}.csv") for side in ("real", "synthetic", "holdout")
    ]


def judged(adult, metric, known, sensitive):
    sides = [with_roles(one, sensitive=sensitive, quasi_identifiers=known) for one in adult]
    return CATALOG[metric]()(Comparison(*sides))


@pytest.mark.parametrize("known", THEIRS["known"])
def test_k_equals_pycanon(adult, known):
    result = judged(adult, "k_anonymity", THEIRS["known"][known], [])
    assert result.value == THEIRS["synthetic"][known]["k"]
    assert result.reference == THEIRS["holdout"][known]["k"]
    assert result.interval is None
    assert "no interval" in result.explanation


@pytest.mark.parametrize("known", THEIRS["known"])
@pytest.mark.parametrize(
    ("metric", "letter", "worst"), [("l_diversity", "l", min), ("t_closeness", "t", max)]
)
def test_l_and_t_equal_pycanon(adult, known, metric, letter, worst):
    result = judged(adult, metric, THEIRS["known"][known], THEIRS["sensitive"])
    for side, value in (("synthetic", result.value), ("holdout", result.reference)):
        theirs = THEIRS[side][known][letter]
        assert value == pytest.approx(worst(theirs.values()), abs=1e-6)
    assert dict(result.parts) == pytest.approx(THEIRS["synthetic"][known][letter], abs=1e-6)


def test_what_is_not_marked_is_asked_for():
    tables = Comparison(people(100, 1), people(100, 2), people(100, 3))
    assert "quasi-identifier" in CATALOG["k_anonymity"]()(tables).skipped
    marked = with_roles(people(100, 1), sensitive=[], quasi_identifiers=["town"])
    tables = Comparison(marked, marked)
    assert CATALOG["k_anonymity"]()(tables).reference is None
    assert "sensitive" in CATALOG["l_diversity"]()(tables).skipped
