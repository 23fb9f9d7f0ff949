"""Relations of values hold in synthetic rows, those of any method and of a saved model too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar


@pytest.fixture(scope="module")
def flights() -> pl.DataFrame:
    rng = np.random.default_rng(21)
    n = 2500
    cancelled, diverted = rng.random(n) < 0.1, rng.random(n) < 0.1
    delay = pl.Series(rng.normal(0, 20, n).round(1))
    stops = rng.poisson(0.7, n)
    airline = rng.integers(0, 30, n)
    streets = [f"{11 + at} {'ABCDEFGHIJ'[at % 10]} Street" for at in range(30)]
    return pl.DataFrame(
        {
            "airline": [f"Airline {a:02}" for a in airline],
            "address": [streets[a] for a in airline],
            "departed": pl.Series(rng.normal(600, 200, n).round(1)).set(pl.Series(cancelled), None),
            "delay": delay.set(pl.Series(cancelled | diverted), None),
            "stops": stops,
            "waiting": np.where(stops > 0, rng.gamma(2, 30, n).round(1) + 0.1, 0.0),
            "miles": (miles := rng.gamma(3, 300, n).round(1)),
            "haul": np.array(["short", "medium", "long"])[
                np.searchsorted([500, 1200], miles, "right")
            ],
        }
    )


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_relations_of_values_are_kept(flights: pl.DataFrame, method: str, tmp_path: Path) -> None:
    rows = ar.synth(flights, method=method, seed=2, rows=2500, metrics=["validity"]).table.frame
    missing = rows["departed"].is_null()
    assert missing.any()
    assert rows.filter(missing)["delay"].null_count() == missing.sum()
    assert ((rows["stops"] == 0) == (rows["waiting"] == 0)).all()
    limits = np.searchsorted([500, 1200], rows["miles"].to_numpy(), "right")
    right = np.array(["short", "medium", "long"])[limits] == rows["haul"].to_numpy()
    assert right.mean() > 0.995
    assert rows.group_by("airline").agg(pl.col("address").n_unique())["address"].max() == 1
    assert not set(rows["address"]) & set(flights["address"])
