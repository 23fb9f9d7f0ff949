"""Labels by round limits of a number, of a computed number or of a difference, in small tables too."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def ranges(frame: pl.DataFrame) -> dict[str, str]:
    found = [str(one.relation) for one in discover(ar.read(frame))]
    return dict(text.split(" = ", 1) for text in found if " = bin(" in text)


def marks(rows: int) -> pl.DataFrame:
    rng = np.random.default_rng(rows)
    one, two = (np.round(rng.uniform(3, 10, rows) * 4) / 4 for _ in range(2))
    mean = np.round(0.4 * one + 0.6 * two, 2)
    result = np.select([mean >= 6, mean >= 5], ["passed", "again"], "failed")
    return pl.DataFrame({"one": one, "two": two, "mean": mean, "result": result})


@pytest.mark.parametrize("rows", [150, 250, 1000])
def test_results_by_a_computed_mean(rows: int) -> None:
    assert ranges(marks(rows)) == {
        "result": "bin(mean: 'failed' below 5, 'again' below 6, 'passed')"
    }


@pytest.mark.parametrize("flag", [("ja", "nein"), (1, 0), (True, False)])
def test_flags_by_a_limit(flag: tuple[object, object]) -> None:
    rng = np.random.default_rng(1)
    income = rng.integers(900, 9000, 700)
    frame = pl.DataFrame(
        {"income": income, "exempt": [flag[0] if x < 2500 else flag[1] for x in income.tolist()]}
    )
    yes, no = ("'ja'", "'nein'") if flag[0] == "ja" else ("1", "0")
    assert ranges(frame) == {"exempt": f"bin(income: {yes} below 2500, {no})"}


def test_sizes_of_parcels() -> None:
    rng = np.random.default_rng(2)
    grams = rng.integers(100, 20_000, 600)
    size = np.select([grams < 1000, grams < 3000, grams < 10_000], ["XS", "S", "M"], "L")
    assert ranges(pl.DataFrame({"grams": grams, "size": size})) == {
        "size": "bin(grams: 'XS' below 1000, 'S' below 3000, 'M' below 10000, 'L')"
    }


def test_results_by_a_difference() -> None:
    rng = np.random.default_rng(3)
    home, away = rng.poisson(2.5, 600), rng.poisson(2.1, 600)
    result = np.select([home > away, home < away], ["1", "2"], "X")
    found = ranges(pl.DataFrame({"home": home, "away": away, "result": result}))
    assert found == {"result": "bin(home - away: '2' below 0, 'X' below 1, '1')"}


def test_a_flag_of_an_amount_is_no_range() -> None:
    rng = np.random.default_rng(4)
    amount = np.where(rng.random(600) < 0.5, 0.0, np.round(rng.uniform(5, 90, 600), 2))
    frame = pl.DataFrame({"amount": amount, "has": (amount > 0).astype(int)})
    assert ranges(frame) == {}


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_results_are_kept(method: str) -> None:
    rows = ar.synth(marks(400), method=method, seed=1, metrics=()).table.frame
    mean = rows["mean"].to_numpy()
    expected = np.select([mean >= 6, mean >= 5], ["passed", "again"], "failed")
    assert (rows["result"].to_numpy() == expected).all()
