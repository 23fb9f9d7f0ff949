"""Dates that are all ends of months or one weekday stay so, and relations are of their true values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Run
from artesian.data.dataframes import from_dataframe
from artesian.encoding.transforms.chain import Chain
from artesian.encoding.transforms.date_grains import GrainyColumn
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.sequences import Sequences
from artesian.relations.discover import discover

ROWS = 600
AT = Position(0, Run.from_seed(0).seed)


@pytest.fixture(scope="module")
def leases() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    starts = pl.Series(
        [date(2018 + int(m) // 12, int(m) % 12 + 1, 1) for m in rng.integers(0, 60, ROWS)]
    )
    columns = pl.DataFrame(
        {
            "starts": starts,
            "term": rng.integers(2, 30, ROWS),
            "later": rng.integers(0, 3, ROWS),
            "allowed": rng.integers(5, 40, ROWS),
            "rent": rng.integers(300, 2_000, ROWS),
        }
    ).with_columns(
        (pl.col("starts").dt.offset_by(pl.format("{}mo", "term")) - pl.duration(days=1)).alias(
            "ends"
        )
    )
    reported = pl.col("ends").dt.offset_by(pl.format("{}mo", "later")).dt.month_end()
    return (
        columns.with_columns(
            reported.alias("reported"),
            (pl.col("ends") - pl.col("starts")).dt.total_days().alias("days"),
        )
        .with_columns((reported + pl.duration(days="allowed")).alias("due"))
        .drop("term", "later")
    )


def restored(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows restored from modelled columns that are drawn independently of each other."""
    chain, modelled = Chain.learn(from_dataframe(frame), protect=True)
    chain = Chain.from_state(chain.to_state())
    rng = np.random.default_rng(1)
    mixed = modelled.frame.select(s.gather(rng.permutation(len(s))) for s in modelled.frame)
    return chain.inverse(mixed, AT)


def test_relations_are_of_true_ends_of_months(leases: pl.DataFrame) -> None:
    texts = {str(one.relation) for one in discover(from_dataframe(leases))}
    assert "due = reported + allowed within 0.5" in texts
    assert "days = ends - starts" in texts
    out = restored(leases)
    assert ((out["due"] - out["reported"]).dt.total_days() == out["allowed"]).all()
    assert ((out["ends"] - out["starts"]).dt.total_days() == out["days"]).all()
    assert (out["starts"].dt.day() == 1).all()
    for name in ("ends", "reported"):
        assert (out[name] == out[name].dt.month_end()).all()
    assert (out["starts"] < out["ends"]).all()
    assert (out["ends"] <= out["reported"]).all()


def test_weekdays_stay_beside_what_is_computed_from_them() -> None:
    rng = np.random.default_rng(2)
    monday = pl.Series(
        [date(2020, 1, 6) + timedelta(weeks=int(w)) for w in rng.integers(0, 90, ROWS)]
    )
    frame = pl.DataFrame({"Woche": monday, "Wochen": rng.integers(1, 60, ROWS)}).with_columns(
        (pl.col("Woche") + pl.duration(days=pl.col("Wochen") * 7 + 4)).alias("Lieferung")
    )
    frame = frame.with_columns(
        (pl.col("Lieferung") - pl.col("Woche")).dt.total_days().alias("Tage"),
        pl.Series("Ziel", rng.choice([7, 10, 30], ROWS)),
    ).with_columns((pl.col("Lieferung") + pl.duration(days="Ziel")).alias("Fälligkeit"))
    out = restored(frame.drop("Wochen"))
    assert (out["Woche"].dt.weekday() == 1).all()
    assert (out["Lieferung"].dt.weekday() == 5).all()
    assert ((out["Lieferung"] - out["Woche"]).dt.total_days() == out["Tage"]).all()
    assert ((out["Fälligkeit"] - out["Lieferung"]).dt.total_days() == out["Ziel"]).all()


def test_dates_of_which_some_are_no_ends_of_months_are_left_as_they_are(
    leases: pl.DataFrame,
) -> None:
    odd = leases["ends"].clone()
    odd[0] = odd[0] - timedelta(days=1)
    assert GrainyColumn.learn(leases["ends"]) == GrainyColumn("ends", "month end")
    assert GrainyColumn.learn(odd) is None
    assert GrainyColumn.learn(leases["due"]) is None


@pytest.mark.parametrize("first", [True, False])
def test_the_month_number_of_a_snapshot_gives_its_date(first: bool) -> None:
    rng = np.random.default_rng(3)
    joined = [date(2022, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 700, 80)]
    rows = [
        (f"K{1000 + i}", day, month) for i, day in enumerate(joined) for month in range(i % 9 + 3)
    ]
    frame = pl.DataFrame(rows, schema=["kunde", "beginn", "monat"], orient="row")
    later = pl.col("beginn").dt.offset_by(pl.format("{}mo", "monat"))
    stand = later.dt.month_start() if first else later.dt.month_end()
    frame = frame.with_columns(
        stand.alias("stand"), pl.Series("umsatz", rng.random(len(rows)) * 100)
    )
    texts = {str(one.relation) for one in discover(from_dataframe(frame))}
    if first:  # the first snapshot is before the beginning
        assert "monat = 12 * (year(stand) - year(beginn)) + month(stand) - month(beginn)" in texts
    else:
        assert "stand = month_end(add_months(beginn, monat))" in texts


def test_months_between_any_two_days_are_a_relation() -> None:
    rng = np.random.default_rng(4)
    start = pl.Series(
        [date(2015, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 2_000, ROWS)]
    )
    frame = pl.DataFrame({"début": start, "écart": rng.integers(0, 900, ROWS)}).with_columns(
        (pl.col("début") + pl.duration(days="écart")).alias("fin")
    )
    months = (
        12 * (pl.col("fin").dt.year() - pl.col("début").dt.year())
        + pl.col("fin").dt.month().cast(int)
        - pl.col("début").dt.month().cast(int)
    )
    text = "mois = 12 * (year(fin) - year(début)) + month(fin) - month(début)"
    for noise, listed in ((0, True), (1, False)):
        wrong = rng.integers(0, noise + 1, ROWS)
        table = from_dataframe(frame.with_columns((months + wrong).alias("mois")).drop("écart"))
        assert (text in {str(one.relation) for one in discover(table)}) is listed


def test_periods_end_with_months() -> None:
    rng = np.random.default_rng(5)
    rows = []
    for room in range(150):
        day = date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 90)))
        for _ in range(3 + room % 7):
            end = pl.Series([day + timedelta(days=int(rng.integers(1, 80)))]).dt.month_end()[0]
            rows.append((f"R-{20_000 + 37 * room}", day, end))
            day = end + timedelta(days=int(rng.integers(1, 40)))
    frame = pl.DataFrame(rows, schema=["room_id", "moved_in", "moved_out"], orient="row")
    table = from_dataframe(frame.sample(fraction=1, shuffle=True, seed=0))
    chain, modelled = Chain.learn(table, protect=True)
    assert any(isinstance(one, Sequences) for one in chain.transforms)
    out = chain.inverse(modelled.frame, AT)
    assert (out["moved_out"] == out["moved_out"].dt.month_end()).all()


@pytest.mark.parametrize("grain", ["month start", "month end", "week"])
def test_dates_are_moved_to_the_nearest_ones_that_keep_the_order(grain) -> None:
    column = GrainyColumn("day", grain, 2 if grain == "week" else 0)
    days = pl.Series("day", [date(2023, 1, 20) + timedelta(days=d) for d in range(50)])
    near = column.nearest(days)
    limit = 4 if grain == "week" else 16
    assert ((near - days).dt.total_days().abs() <= limit).all()
    assert near.equals(column.nearest(near))
    later: Callable[[pl.Series], pl.Series] = lambda values: values >= days  # noqa: E731
    moved = column.moved(days, later)
    assert (moved >= days).all()
    assert moved.equals(column.nearest(moved))
