"""Relations that identifiers, made-up values and places take part in hold in synthetic rows."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar


def determines(rows: pl.DataFrame, source: str, target: str) -> float:
    """Fraction of rows with the most frequent target of their source."""
    present = rows.drop_nulls(source)
    pairs = present.group_by(source, target).len()
    return float(pairs.group_by(source).agg(pl.col("len").max())["len"].sum() / present.height)


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_texts_that_begin_with_a_label(method: str) -> None:
    rng = np.random.default_rng(3)
    crates = np.sort(rng.integers(100, 130, 900))
    number = pl.Series(crates).to_frame("c").select(pl.int_range(pl.len()).over("c") + 1)
    source = pl.DataFrame(
        {
            "bottle_id": [f"W{c}-{k}" for c, k in zip(crates, number.to_series(), strict=True)],
            "crate_id": [f"W{c}" for c in crates],
            "litres": rng.normal(0.7, 0.1, 900).round(2),
        }
    )
    rows = ar.synth(source, method=method, seed=1, metrics=()).table.frame
    assert rows["bottle_id"].n_unique() == rows.height
    starts = rows.select(pl.col("bottle_id").str.starts_with(pl.col("crate_id") + "-"))
    assert starts.to_series().all()


def test_a_label_and_a_date_that_determine_each_other() -> None:
    rng = np.random.default_rng(4)
    first = datetime.date(2001, 3, 4)
    days = [first + datetime.timedelta(days=9 * k + int(rng.integers(0, 8))) for k in range(400)]
    match = np.sort(rng.integers(0, 400, 6000))
    source = pl.DataFrame(
        {
            "match_id": 1000 + rng.permutation(400)[match],
            "played": [days[m] for m in match],
            "goals": rng.poisson(1.3, 6000),
        }
    )
    rows = ar.synth(source, method="trees", seed=1, metrics=()).table.frame
    assert determines(rows, "match_id", "played") > 0.995
    assert determines(rows, "played", "match_id") > 0.995
    assert rows["played"].n_unique() > 300
