"""Codes too long for classes are identifiers, however few and whatever the column is called."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.schema import Kind

RNG = np.random.default_rng(0)
METERS = [f"ES0031{int(n)}KD0F" for n in RNG.integers(10**10, 10**11, 6)]
VEHICLES = [f"WVWZZZ1J{int(n)}" for n in RNG.integers(10**10, 10**11, 9)]


@pytest.mark.parametrize("codes", [METERS, VEHICLES])
def test_long_codes_are_generated(codes: list[str]) -> None:
    frame = pl.DataFrame({"CUPS": RNG.choice(codes, 700), "use": RNG.normal(5, 1, 700).round(2)})
    assert ar.read(frame).schema["CUPS"].kind is Kind.KEY
    made = ar.synth(frame).table.frame["CUPS"]
    assert not set(made) & set(codes)
    assert made.n_unique() == len(codes)
    assert {len(code) for code in made} == {len(codes[0])}


@pytest.mark.parametrize(
    "values",
    [["A-1001", "A-1002"], ["STANDARD_EUROPE_2024", "STANDARD_NORTH_2024X"], ["0x02", "0x0A"]],
)
def test_short_codes_and_words_remain_categories(values: list[str]) -> None:
    frame = pl.DataFrame({"kind": values * 60, "use": range(120)})
    assert ar.read(frame).schema["kind"].kind is Kind.CATEGORY
