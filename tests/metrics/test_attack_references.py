"""Rates of success on training and on unseen rows agree with anonymeter's within sampling error.

Both draw their attacks. Anonymeter tells rates after Agresti and Coull, two successes and two failures
more; of equally near rows it takes one, where ours counts a row as linked if any of them is right.
"""

import json
import math
from pathlib import Path

import pytest

import artesian
from artesian.metrics.privacy.attacks.attribute_inference import AttributeInference
from artesian.metrics.privacy.attacks.linkability import Linkability
from artesian.metrics.privacy.attacks.singling_out import SinglingOut
from artesian.metrics.protocol import Comparison
from artesian.runs.roles import with_roles

REFERENCE = Path(__file__).parents[1] / "reference"
THEIRS = json.loads((REFERENCE / "anonymeter.json").read_text())


@pytest.fixture(scope="module")
def adult():
    found = {}
    for side in ("real", "synthetic", "holdout"):
        table = artesian.read(REFERENCE / f"adult_{side}.csv")
        table = table.with_frame(table.frame.head(THEIRS["rows"]))
        found[side] = with_roles(table, sensitive=[THEIRS["secret"]])
    return found


def compared(adult, case, known=None):
    made = adult["synthetic" if case == "model" else "real"]
    tables = (adult["real"], made, adult["holdout"])
    if known is not None:
        tables = tuple(with_roles(one, quasi_identifiers=known) for one in tables)
    return Comparison(*tables)


def agree(ours, theirs, attacks):
    pair = (ours + 2 / attacks) / (1 + 4 / attacks), theirs
    error = math.sqrt(sum(p * (1 - p) / attacks for p in pair))
    assert pair[0] == pytest.approx(pair[1], abs=2.6 * error)  # 99 %


@pytest.mark.parametrize("case", ["model", "copies"])
def test_singling_out(adult, case):
    result = SinglingOut(sizes=(THEIRS["columns"],))(compared(adult, case))
    theirs = THEIRS[case]["singling_out"]
    agree(result.parts["one training row"], theirs["trained"], 250)
    agree(result.parts["one holdout row"], theirs["unseen"], 250)


@pytest.mark.parametrize("case", ["model", "copies"])
def test_attribute_inference(adult, case):
    result = AttributeInference()(compared(adult, case))
    trained, unseen = result.detail["guessed"][THEIRS["secret"]]
    agree(trained, THEIRS[case]["attribute_inference"]["trained"], THEIRS["rows"])
    agree(unseen, THEIRS[case]["attribute_inference"]["unseen"], THEIRS["rows"])


def test_linkability(adult):
    result = Linkability()(compared(adult, "model", THEIRS["known"]))
    theirs = THEIRS["model"]["linkability"]
    agree(result.parts["training rows linked"], theirs["trained"], THEIRS["rows"])
    agree(result.parts["holdout rows linked"], theirs["unseen"], THEIRS["rows"])


def test_linkability_of_copies_counts_ties_that_anonymeter_breaks(adult):
    result = Linkability()(compared(adult, "copies", THEIRS["known"]))
    assert result.parts["training rows linked"] == 1.0
    assert THEIRS["copies"]["linkability"]["trained"] < 0.9
