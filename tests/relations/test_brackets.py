"""Numbers that follow from another one piece by piece."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.search.brackets import brackets
from artesian.relations.search.rows import NumericColumns


def found(frame: pl.DataFrame) -> dict[str, str]:
    columns = NumericColumns.from_frame(frame, len(frame) // 2)
    formulas = brackets(columns, list(range(len(columns.names))))
    return {one.target: str(one.expression) for one in formulas}


def progressive(income: np.ndarray, parts: list[tuple[float, float]]) -> np.ndarray:
    tax, before = np.zeros(len(income)), 0.0
    for limit, rate in parts:
        tax += (rate - before) * np.maximum(0, income - limit)
        before = rate
    return tax


def wages(rows: int = 800, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    income = rng.lognormal(7.7, 0.6, rows).round(2)
    tax = progressive(income, [(900, 0.11), (2200, 0.30), (5500, 0.41)]).round(2)
    return pl.DataFrame({"income": income, "tax": tax, "capped": np.minimum(income, 3666)})


def water(rows: int = 600) -> pl.DataFrame:
    """A bill by volume: cheap first, dearer beyond, with a fee."""
    rng = np.random.default_rng(2)
    used = rng.gamma(2, 12, rows).round(1)
    bill = (4.5 + progressive(used, [(0, 1.2), (20, 1.9), (50, 3.1)])).round(2)
    return pl.DataFrame({"m3": used, "Rechnung": bill})


def test_tax_and_ceiling_are_found() -> None:
    texts = found(wages())
    assert texts["capped"] == "min(income, 3666)"
    assert all(limit in texts["tax"] for limit in ("900", "2200", "5500"))


def test_a_fee_and_prices_by_volume_are_found() -> None:
    text = found(water())["Rechnung"]
    assert "1.2 * m3" in text
    assert "- 20" in text
    assert "- 50" in text
    assert text.endswith("+ 4.5")


@pytest.mark.parametrize(("table", "target"), [(wages, "tax"), (water, "Rechnung")])
def test_synthetic_rows_keep_them(table: Callable[[], pl.DataFrame], target: str) -> None:
    real = table()
    made = ar.synth(real, metrics=()).data
    if target == "tax":
        right = progressive(made["income"].to_numpy(), [(900, 0.11), (2200, 0.3), (5500, 0.41)])
        assert (np.abs(made["capped"] - np.minimum(made["income"], 3666)) < 0.006).all()
    else:
        parts = [(0, 1.2), (20, 1.9), (50, 3.1)]
        right = 4.5 + progressive(made["m3"].to_numpy(), parts)
    assert np.mean(np.abs(made[target].to_numpy() - right) < 0.0051) > 0.99


def test_smooth_curves_and_noise_have_no_pieces() -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 100, 900).round(2)
    frame = pl.DataFrame(
        {
            "x": x,
            "root": np.sqrt(x).round(3),
            "square": (x**2).round(2),
            "noisy": (3 * x + rng.normal(0, 5, 900)).round(1),
            "steps": np.floor(x / 7),
            "sorted": np.sort(rng.normal(0, 1, 900)).round(2),
        }
    )
    assert found(frame) == {}
