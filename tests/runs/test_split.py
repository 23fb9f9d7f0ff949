"""The holdout: a random share, disjoint from what is fitted, the same for the same seed."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.runs.split import FEWEST, hold_out


def table(rows: int) -> Table:
    schema = Schema(columns=(Column(name="x", kind=Kind.NUMBER),))
    return Table(pl.DataFrame({"x": range(rows)}, schema={"x": pl.Int64}), schema)


@given(rows=st.integers(0, 400), share=st.floats(0, 0.99), seed=st.integers(0, 9))
def test_the_two_sides_are_the_whole_and_share_no_row(rows: int, share: float, seed: int) -> None:
    split = hold_out(table(rows), share, Run.of(seed))
    train = split.train.frame["x"].to_list()
    held = [] if split.holdout is None else split.holdout.frame["x"].to_list()
    assert sorted(train + held) == list(range(rows))
    assert train == sorted(train)
    if split.holdout is not None:
        assert len(held) == round(rows * share) >= FEWEST
        assert len(train) >= FEWEST
    assert bool(split.note) == (split.holdout is None and share > 0)


def test_the_seed_decides() -> None:
    def held(seed: int) -> list[int]:
        found = hold_out(table(200), 0.2, Run.of(seed)).holdout
        assert found is not None
        return found.frame["x"].to_list()

    assert held(1) == held(1) != held(2)
    assert max(held(1)) - min(held(1)) > 100


@pytest.mark.parametrize("share", [1.0, -0.1, float("nan")])
def test_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(UsageError):
        hold_out(table(100), share, Run())
