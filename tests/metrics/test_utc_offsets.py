"""Times that are written in another zone than the real ones are seen by the detector."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

import artesian as ar


def calls(offset: str, seed: int) -> pl.DataFrame:
    """Calls in office hours of India, written with an offset."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(300):
        local = datetime(2024, 1, 1, 9) + timedelta(
            days=int(rng.integers(0, 90)), minutes=int(rng.integers(0, 480))
        )
        shown = local if offset == "+05:30" else local - timedelta(hours=5, minutes=30)
        rows.append(f"{shown:%Y-%m-%dT%H:%M:%S}{offset}")
    return pl.DataFrame({"call_time": rows, "length": rng.integers(10, 900, 300)})


def test_another_offset_is_detected() -> None:
    real = calls("+05:30", 0)
    same, other = calls("+05:30", 1), calls("+00:00", 1)
    metrics = ["c2st_holdout"]
    holdout = calls("+05:30", 2)
    sound = ar.compare(real, same, holdout=holdout, metrics=metrics)
    moved = ar.compare(real, other, holdout=holdout, metrics=metrics)
    assert sound["c2st_holdout"].value < 0.65
    assert moved["c2st_holdout"].value > 0.95
    assert "offset from UTC" in moved["c2st_holdout"].explanation
