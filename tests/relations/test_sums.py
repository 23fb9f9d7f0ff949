"""Weighted sums with round coefficients, means, sums of small counts, extremes and distances."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover

Arrays = dict[str, np.ndarray]


def formulas(frame: pl.DataFrame) -> dict[str, str]:
    """Target -> expression, without the tolerance."""
    found = [str(one.relation).split(" within ")[0] for one in discover(ar.read(frame))]
    return dict(text.split(" = ", 1) for text in found if " = " in text)


def marks(rows: int, seed: int = 0) -> Arrays:
    rng = np.random.default_rng(seed)
    return {name: np.round(rng.uniform(3, 10, rows) * 4) / 4 for name in ("oral", "paper", "exam")}


@pytest.mark.parametrize("rows", [120, 250, 3000])
def test_means_and_weighted_means_beside_each_other(rows: int) -> None:
    m = marks(rows)
    frame = pl.DataFrame(
        m
        | {
            "mean": np.round(sum(m.values()) / 3, 2),
            "weighted": np.round(0.2 * m["oral"] + 0.3 * m["paper"] + 0.5 * m["exam"], 2),
            "best": np.maximum.reduce(list(m.values())),
            "worst": np.minimum.reduce(list(m.values())),
        }
    )
    found = formulas(frame)
    assert found["mean"] == "(oral + paper + exam) / 3"
    assert found["weighted"] == "0.2 * oral + 0.3 * paper + 0.5 * exam"
    assert found["best"] == "max(oral, paper, exam)"
    assert found["worst"] == "min(oral, paper, exam)"


def test_weighted_sums_of_two_and_of_five() -> None:
    rng = np.random.default_rng(1)
    q = {f"q{k}": rng.integers(0, 101, 600) for k in range(5)}
    weights = [0.15, 0.1, 0.2, 0.25, 0.3]
    frame = pl.DataFrame(
        q
        | {
            "final": np.round(0.4 * q["q0"] + 0.6 * q["q1"], 1),
            "score": np.round(sum(w * x for w, x in zip(weights, q.values(), strict=True)), 1),
            "grade": np.round((q["q1"] + 2 * q["q3"]) / 3),
        }
    )
    found = formulas(frame)
    assert found["final"] == "0.4 * q0 + 0.6 * q1"
    assert found["score"] == "0.15 * q0 + 0.1 * q1 + 0.2 * q2 + 0.25 * q3 + 0.3 * q4"
    assert found["grade"] == "(q1 + 2 * q3) / 3"


def test_goals_and_points() -> None:
    rng = np.random.default_rng(2)
    home, away = rng.poisson(1.5, 500), rng.poisson(1.1, 500)
    frame = pl.DataFrame(
        {
            "home": home,
            "away": away,
            "difference": home - away,
            "goals": home + away,
            "margin": np.abs(home - away),
        }
    )
    found = formulas(frame)
    assert found["goals"] == "home + away"
    assert found["difference"] == "home - away"
    assert found["margin"] in ("abs(home - away)", "abs(difference)")


def test_shares_that_fill_a_whole() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(5, 40, 800), rng.integers(5, 40, 800)
    found = formulas(pl.DataFrame({"rent": a, "food": b, "rest": 100 - a - b}))
    assert found["rest"] == "100 - rent - food"


def test_the_later_of_two_dates() -> None:
    rng = np.random.default_rng(4)
    one, two = (
        [date(2024, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 300, 400)]
        for _ in range(2)
    )
    last = [max(pair) for pair in zip(one, two, strict=True)]
    assert formulas(pl.DataFrame({"seen": one, "called": two, "last": last})) == {
        "last": "max(seen, called)"
    }


def test_unrelated_counts_have_no_sums() -> None:
    rng = np.random.default_rng(5)
    counts = {f"n{k}": rng.poisson(0.3 + k / 8, 700) for k in range(24)}
    flags = {f"f{k}": (rng.random(700) < 0.02).astype(int) for k in range(12)}
    assert formulas(pl.DataFrame(counts | flags)) == {}


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_they_are_kept(method: str) -> None:
    m = marks(400)
    rng = np.random.default_rng(6)
    home, away = rng.poisson(1.5, 400), rng.poisson(1.1, 400)
    source = pl.DataFrame(
        m
        | {
            "mean": np.round(sum(m.values()) / 3, 2),
            "best": np.maximum.reduce(list(m.values())),
            "home": home,
            "away": away,
            "goals": home + away,
            "score": [f"{a}-{b}" for a, b in zip(home, away, strict=True)],
        }
    )
    rows = ar.synth(source, method=method, seed=1, metrics=()).table.frame
    total = rows["oral"] + rows["paper"] + rows["exam"]
    assert ((rows["mean"] - total / 3).abs() < 0.0051).all()
    assert (rows["best"] == rows.select(pl.max_horizontal(*m)).to_series()).all()
    assert (rows["goals"] == rows["home"] + rows["away"]).all()
    written = rows.select(pl.format("{}-{}", "home", "away")).to_series()
    assert (rows["score"] == written).all()


def test_an_exact_sum_is_preferred_to_an_approximate_multiple() -> None:
    rng = np.random.default_rng(7)
    gross = np.round(rng.uniform(3000, 12_000, 700), 2)
    pension, fund = np.round(gross * 0.053, 2), np.round(gross * 0.07, 2)
    frame = pl.DataFrame(
        {
            "gross": gross,
            "pension": pension,
            "fund": fund,
            "net": np.round(gross - pension - fund, 2),
        }
    )
    assert formulas(frame)["net"] == "gross - pension - fund"


def test_an_amount_of_0_has_no_sign() -> None:
    rng = np.random.default_rng(2)
    whole = np.round(rng.uniform(100, 900, 600), 2)
    open_rows = rng.random(600) < 0.7
    rest = np.where(open_rows, np.round(whole * rng.uniform(0.1, 0.9, 600), 2), 0.0)
    frame = pl.DataFrame(
        {
            "Summe": whole,
            "Rest": rest,
            "bezahlt": np.round(whole - rest, 2),
            "Status": np.where(open_rows, "offen", "erledigt"),
            "Filiale": rng.choice(["Nord", "Süd", "West"], 600),
        }
    )
    texts = [str(one.relation) for one in discover(ar.read(frame))]
    assert not [text for text in texts if " if Status in" in text and "bezahlt =" in text], texts
    assert any("Summe" in t and "Rest" in t and "bezahlt" in t and " = " in t for t in texts)
