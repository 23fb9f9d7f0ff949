"""Templates, rhythm and grain: what is modelled gives back the table exactly."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest

from artesian.core.run import Run
from artesian.data.dataframes import from_dataframe
from artesian.encoding.transforms import TRANSFORMS
from artesian.encoding.transforms.calendar import Calendar
from artesian.encoding.transforms.date_grains import DateGrains
from artesian.encoding.transforms.protocol import Position, Transform
from artesian.encoding.transforms.templates import Templates, with_fields

ROWS = 300
AT = Position(0, Run.from_seed(0).seed)


@pytest.fixture(scope="module")
def table():
    draw = random.Random(1)
    moments = [
        datetime(2019, 1, 7, tzinfo=UTC)
        + timedelta(
            weeks=draw.randrange(150), days=draw.randrange(5), minutes=480 + draw.randrange(500)
        )
        for _ in range(ROWS)
    ]
    frame = pl.DataFrame(
        {
            "pressure": [f"{draw.randint(90, 180)}/{draw.randint(50, 99)}" for _ in range(ROWS)],
            "size": [
                draw.choice([f"{draw.randint(1, 900)} MB", f"{draw.random() * 9:.1f} GB", None])
                for _ in range(ROWS)
            ],
            "seen": [draw.choice([f"{m:%d/%m/%Y}", f"{m:%Y-%m-%d %H:%M}"]) for m in moments],
            "opened": moments,
            "berlin": pl.Series(moments).dt.convert_time_zone("Europe/Berlin"),
            "month": [date(m.year, m.month, 1) for m in moments],
        }
    )
    return from_dataframe(frame.with_columns(pl.col("month").dt.month_end().alias("due")))


@pytest.mark.parametrize("kind", [Templates, DateGrains, Calendar], ids=lambda kind: kind.name)
def test_the_inverse_restores_the_table(kind: type[Transform], table) -> None:
    transform = kind.learn(table, protect=True)
    assert transform is not None
    modelled = transform.forward(table)
    assert modelled.frame.columns == list(modelled.schema.names)
    restored = transform.inverse(modelled.frame, AT).select(table.frame.columns)
    assert restored.equals(table.frame)
    state = transform.to_state()
    again = TRANSFORMS[kind.name].from_state(state)
    assert again == transform


def test_every_field_is_a_column(table) -> None:
    modelled = with_fields(table)
    types = modelled.frame.schema
    assert types["pressure number 1"] == pl.Int64
    assert types["size number 1"].is_numeric()
    assert types["seen date 1"] == pl.Date
    assert types["seen time 1"] == pl.Time
    assert "pressure form" not in types
    assert modelled.frame["size form"].null_count() == table.frame["size"].null_count()
    dates = table.frame["opened"].dt.date()
    assert (modelled.frame["seen date 1"] == dates).all()


def test_a_missing_field_is_drawn_and_a_missing_form_is_a_missing_text(table) -> None:
    transform = Templates.learn(table, protect=True)
    assert transform is not None
    frame = transform.forward(table).frame
    damaged = frame.with_columns(
        pl.when(pl.int_range(pl.len()) % 3 == 0).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("pressure number 2", "seen date 1", "size number 1")
    )
    restored = transform.inverse(damaged, AT)
    assert restored["pressure"].str.contains(r"^\d+/\d\d$").all()
    assert restored["seen"].null_count() == 0
    assert restored["size"].null_count() == table.frame["size"].null_count()


def test_only_what_has_a_rhythm_is_split(table) -> None:
    draw = random.Random(2)
    even = [datetime(2020, 1, 1) + timedelta(minutes=draw.randrange(10**6)) for _ in range(ROWS)]
    assert Calendar.learn(from_dataframe(pl.DataFrame({"even": even})), protect=True) is None
    split = Calendar.learn(table, protect=True)
    assert split is not None
    assert "opened weekday" in split.forward(table).frame.columns
    assert split.forward(table).frame["opened time"].min() >= time(8)
