"""Hours worked, of a time between with a break."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def shifts(kind: str, n: int = 900) -> pl.DataFrame:
    """Times of day or moments, breaks in minutes, and hours worked."""
    rng = np.random.default_rng(7)
    begin = rng.choice([360, 420, 480, 510, 1320 if "night" in kind else 600], n)
    rest = rng.choice([0, 15, 30, 45, 60], n)
    worked = rng.choice(np.arange(240, 600, 1 if "minutes" in kind else 15), n)
    end = begin + worked + rest
    if kind == "overtime":
        end = end + rng.integers(0, 40, n)
    if "moments" in kind:
        day = [datetime(2024, 1, 1) + timedelta(days=int(at)) for at in rng.integers(0, 300, n)]
        times = [
            pl.Series([at + timedelta(minutes=int(m)) for at, m in zip(day, minutes, strict=True)])
            for minutes in (begin, end)
        ]
    else:
        times = [
            pl.Series([time(int(m) // 60 % 24, int(m) % 60) for m in minutes])
            for minutes in (begin, end)
        ]
    hours = np.round(worked / 60, 2)
    columns = {"begin": times[0], "end": times[1], "pause": rest, "hours": hours}
    order = ("begin", "pause", "hours", "end") if kind == "planned" else tuple(columns)
    return pl.DataFrame({name: columns[name] for name in order})


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        ("day", "end = clock(begin + (60 * hours + pause) / 1440) within 3.47223e-06"),
        ("night", "end = clock(begin + (60 * hours + pause) / 1440) within 3.47223e-06"),
        ("night minutes", "hours = 24 * mod(end - begin, 1) - pause / 60 within 0.00500001"),
        ("minutes", "hours = 24 * (end - begin) - pause / 60 within 0.00500001"),
        ("moments", "end = begin + (60 * hours + pause) / 1440 within 3.47223e-06"),
        ("moments minutes", "hours = 24 * (end - begin) - pause / 60 within 0.00500001"),
        ("planned", "end = clock(begin + (pause + 60 * hours) / 1440) within 3.47223e-06"),
    ],
)
def test_hours_worked_are_the_time_between_without_the_break(kind: str, formula: str) -> None:
    assert formula in {str(one.relation) for one in discover(ar.read(shifts(kind)))}


def test_hours_that_differ_from_the_time_between_are_no_formula() -> None:
    listed = {str(one.relation) for one in discover(ar.read(shifts("overtime")))}
    assert not any(text.startswith(("hours = ", "pause = ", "end = ")) for text in listed)


@pytest.mark.parametrize("kind", ["night", "minutes", "moments"])
def test_synthetic_hours_are_those_of_their_times(kind: str) -> None:
    made = ar.synth(shifts(kind), method="marginals", seed=1, metrics=()).table.frame
    between = pl.col("end").cast(pl.Duration("us")) - pl.col("begin").cast(pl.Duration("us"))
    if kind == "moments":
        between = pl.col("end") - pl.col("begin")
    minutes = between.dt.total_seconds() / 60
    error = (minutes - 60 * pl.col("hours") - pl.col("pause")) % 1440
    late = made.select(pl.min_horizontal(error, 1440 - error)).to_series()
    assert late.max() < 0.31  # type: ignore[operator]
    assert made["end"].dt.second().max() == 0


def test_nobody_works_on_days_without_times() -> None:
    frame = shifts("minutes")
    off = pl.int_range(pl.len()) % 9 == 4
    times = [
        pl.when(off).then(None).otherwise(name).alias(name) for name in ("begin", "end", "pause")
    ]
    frame = frame.with_columns(*times, pl.when(off).then(0).otherwise("hours").alias("hours"))
    listed = {str(one.relation) for one in discover(ar.read(frame))}
    assert "hours = or_zero(24 * (end - begin) - pause / 60) within 0.00500001" in listed
    made = ar.synth(frame, method="marginals", seed=1, metrics=()).table.frame
    assert made.filter(pl.col("begin").is_null())["hours"].to_list().count(0) > 50
    assert made["hours"].null_count() == 0


@pytest.mark.parametrize(("limit", "step"), [(8.0, 0.25), (7.5, 0.5), (40.0, 1.0)])
def test_overtime_is_what_exceeds_the_usual_hours(limit: float, step: float) -> None:
    rng = np.random.default_rng(5)
    hours = limit + rng.integers(-20, 21, 800) * step
    over = np.maximum(0, hours - limit)
    table = pl.DataFrame({"hours": hours, "over": over, "note": rng.integers(0, 9, 800)})
    found = [str(one.relation) for one in discover(ar.read(table))]
    assert any(text.startswith(f"over = max(0, hours - {limit:g})") for text in found), found
    table = table.with_columns(pl.Series("over", np.where(rng.random(800) < 0.1, 1.0, over)))
    found = [str(one.relation) for one in discover(ar.read(table))]
    assert not any(text.startswith("over = ") for text in found), found
