"""Numbers whose form varies within a column are read as numbers and written as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from artesian.data.read import read
from artesian.data.schema import Kind
from artesian.data.write import writer

RNG = np.random.default_rng(3)
AMOUNTS = RNG.lognormal(7, 1.5, 900)


def columns_of(texts: list[str], tmp_path: Path):
    """The column of these texts as read, and the texts as written again."""
    path = tmp_path / "t.csv"
    path.write_text("row;x\n" + "".join(f"{n};{text}\n" for n, text in enumerate(texts)))
    table = read(path)
    with writer(tmp_path / "out.csv", table.origin) as out:
        out.write(table)
    lines = (tmp_path / "out.csv").read_text().splitlines()[1:]
    return table.schema["x"], [line.partition(";")[2] for line in lines]


def german(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


def mixed(decimals: int, whole: int) -> list[str]:
    """Amounts with thousands separators, one in `whole` of which has no decimals."""
    return [
        f"{150 * v:,.0f}" if n % whole == 0 else f"{v:,.{decimals}f}" for n, v in enumerate(AMOUNTS)
    ]


@pytest.mark.parametrize(
    "texts",
    [
        mixed(2, 20),
        mixed(2, 5),
        mixed(3, 8),
        [german(text) for text in mixed(2, 12)],
        [text.replace(",", " ") for text in mixed(2, 12)],
        [f"{v:,.2f}" for v in AMOUNTS * 0.003] + ["1,393.17", "12,000.00"],
        [f"{v:,.2f}" for v in AMOUNTS * 0.003] + ["0.00"] * 90 + ["1,393.17"] * 4,
        [f"{n} kWh/(m²·a)" for n in RNG.integers(12, 380, 900)],
        [f"{v:.1f} m·s⁻²" for v in AMOUNTS / 1000],
        [f"{v:.2f} €/m^2" for v in AMOUNTS / 100],
        [german(f"{v:.2f}") + " W/(m²·K)" for v in AMOUNTS / 1000],
        [f"{v:.2f}" if n % 4 else "3" for n, v in enumerate(RNG.integers(1, 40, 900) / 4 + 0.1)],
    ],
)
def test_a_form_that_varies_is_that_of_numbers(texts, tmp_path):
    column, written = columns_of(texts, tmp_path)
    assert column.kind is Kind.NUMBER
    same = np.mean([one == other for one, other in zip(texts, written, strict=True)])
    assert same > 0.97


@pytest.mark.parametrize(
    "levels",
    [
        [f"{n / 10_000:.4f}" for n in range(8, 20)] + [f"{n / 1000:.3f}" for n in range(20, 40)],
        [f"{n / 10_000:.4f}" for n in range(5, 30)] + ["0.17", "0.18", "0.20"],
        [f"{n / 100_000:.5f}" for n in range(80, 99)] + [f"{n / 1000:.3f}" for n in range(10, 30)],
    ],
)
def test_small_decimals_that_repeat_are_numbers(levels, tmp_path):
    column, written = columns_of([str(v) for v in RNG.choice(levels, 1_500)], tmp_path)
    assert column.kind is Kind.NUMBER
    assert {float(text) for text in written} == {float(text) for text in levels}


@pytest.mark.parametrize(
    "levels",
    [
        ["1.9", "1.10", "1.11", "2.0", "2.20", "2.3"],
        ["250.0", "250.00", "401.1", "401.10", "272.40"],
        ["1.2.3", "1.10.0", "2.0.10"],
        ["Room (12)", "Room (14)", "Hall (3)"],
        ["12 A4", "14 A4", "13 B5"],
    ],
)
def test_versions_and_codes_are_no_numbers(levels, tmp_path):
    column, written = columns_of([str(v) for v in RNG.choice(levels, 600)], tmp_path)
    assert column.kind is not Kind.NUMBER
    assert set(written) == set(levels)
