"""Timetables: the stops of a train are numbered, and their times follow each other."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar

STOPS = ("Aalborg", "Hobro", "Randers", "Aarhus", "Horsens")


def synthetic(source: pl.DataFrame) -> pl.DataFrame:
    return ar.synth(source, method="trees", seed=1, metrics=["validity"]).data


def trains() -> pl.DataFrame:
    """Trains with an arrival at all stops but the first, a departure 3 minutes later, and a delay."""
    rng = np.random.default_rng(1)
    rows = []
    for train in range(90):
        minute, late = int(rng.integers(4 * 60, 23 * 60)), 0
        for at, stop in enumerate(STOPS):
            late = max(0, late + int(rng.choice([0, 0, 1, 2, -1])))
            arrival, departure = _clock(minute), _clock(minute + 3)
            last = at == len(STOPS) - 1
            rows.append(
                {
                    "Zug": f"RE {400 + train}",
                    "Halt": at + 1,
                    "Ort": stop,
                    "an": arrival if at else None,
                    "ab": None if last else departure,
                    "Verspätung": late,
                    "tatsächlich": None if last else _clock(minute + 3 + late),
                }
            )
            minute += 20 + 7 * at + int(rng.integers(0, 6))
    return pl.DataFrame(rows)


def buses() -> pl.DataFrame:
    """Bus trips of various lengths, past midnight, with one time at each stop."""
    rng = np.random.default_rng(2)
    rows = []
    for trip in range(80):
        when = datetime(2024, 3, 1) + timedelta(minutes=int(rng.integers(0, 30 * 1440)))
        for stop in range(int(rng.integers(3, 9))):
            rows.append(
                {
                    "viaje": f"V{7_000 + 13 * trip}",
                    "parada": stop + 1,
                    "llegada": when,
                    "pasajeros": int(rng.poisson(12)),
                }
            )
            when += timedelta(minutes=int(rng.integers(4, 30)))
    return pl.DataFrame(rows)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _minutes(values: pl.Series) -> pl.Series:
    parts = values.str.split_exact(":", 1).struct.unnest().cast(pl.Int64)
    return parts.to_series(0) * 60 + parts.to_series(1)


def test_stops_are_numbered_and_times_follow_each_other_past_midnight() -> None:
    rows = synthetic(trains())
    assert not rows.select("Zug", "Halt").is_duplicated().any()
    for train in rows.partition_by("Zug"):
        assert train["Halt"].to_list() == list(range(1, len(train) + 1))
        arrives, leaves = _minutes(train["an"]), _minutes(train["ab"])
        travel = ((arrives.shift(-1) - leaves) % 1440).drop_nulls()
        assert (travel > 0).all()
        assert (travel < 120).all()
    stay = ((_minutes(rows["ab"]) - _minutes(rows["an"])) % 1440).drop_nulls()
    assert len(stay) > 200
    assert (stay == 3).all()
    late = ((_minutes(rows["tatsächlich"]) - _minutes(rows["ab"])) % 1440).drop_nulls()
    assert late.equals(rows.filter(rows["ab"].is_not_null())["Verspätung"], check_names=False)
    assert (rows["an"].is_null() == (rows["Halt"] == 1)).all()
    assert rows.select("Halt", "Ort").n_unique() == len(STOPS)


def test_trips_take_as_long_as_trips_do() -> None:
    source = buses()
    rows = synthetic(source)
    for trip in rows.partition_by("viaje"):
        assert trip["parada"].to_list() == list(range(1, len(trip) + 1))
        steps = trip["llegada"].diff().drop_nulls().dt.total_minutes()
        assert (steps >= 4).all()
        assert (steps < 30).all()


def test_a_time_that_is_missing_in_other_rows_is_a_formula_not_a_dependency() -> None:
    rng = np.random.default_rng(3)
    start = [int(m) for m in rng.integers(0, 1440, 400)]
    source = pl.DataFrame(
        {
            "begin": [time(m // 60, m % 60) for m in start],
            "einde": [time((m + 45) // 60 % 24, (m + 45) % 60) for m in start],
        }
    ).with_columns(
        pl.when(pl.Series(rng.random(400) < 0.15)).then(None).otherwise("begin").alias("begin"),
        pl.when(pl.Series(rng.random(400) < 0.15)).then(None).otherwise("einde").alias("einde"),
    )
    result = ar.synth(source, method="trees", seed=1, metrics=["validity"])
    rows = result.data.drop_nulls()
    minutes = [(b.hour - a.hour) * 60 + b.minute - a.minute for a, b in rows.iter_rows()]
    assert len(rows) > 200
    assert {m % 1440 for m in minutes} == {45}


@pytest.mark.parametrize("text", ["an >= previous(ab) by Zug, Halt", "t >= previous(t) by z, h"])
def test_relation_is_parsed(text: str) -> None:
    from artesian.relations.parse import parse_relation

    assert str(parse_relation(text, ("Zug", "Halt", "an", "ab", "t", "z", "h"))) == text
