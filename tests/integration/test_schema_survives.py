"""What a schema says of a table is kept on every way through the public door."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import artesian as ar
from artesian.data.schema_io import read_schema, write_schema

FULL = ar.Schema(
    columns=(
        ar.Column(name="id", kind=ar.Kind.KEY),
        ar.Column(name="patient", kind=ar.Kind.CATEGORY, suppressed="Other", suppressed_below=10),
        ar.Column(name="day", kind=ar.Kind.DATETIME, domain=(date(2020, 1, 1), date(2024, 1, 1))),
        ar.Column(name="months", kind=ar.Kind.NUMBER, quasi_identifier=True),
        ar.Column(name="died", kind=ar.Kind.BOOLEAN, sensitive=True),
    ),
    key=("id",),
    target="months",
    event="died",
    entity="patient",
    time="day",
    constraints=("months >= 0", "day >= '2020-01-01'"),
)
ROLES = ("key", "target", "event", "entity", "time", "constraints")


@pytest.fixture
def frame() -> pl.DataFrame:
    rows = 60
    return pl.DataFrame(
        {
            "id": [f"r{i:03d}" for i in range(rows)],
            "patient": [f"p{i % 3}" for i in range(rows)],
            "day": [date(2021, 1, 1 + i % 28) for i in range(rows)],
            "months": [float(i % 17) for i in range(rows)],
            "died": [i % 2 == 0 for i in range(rows)],
        }
    )


def test_reading_keeps_every_role(frame: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "dataset.toml"
    write_schema(path, {"t": (FULL, {})})
    for schema in (FULL, path):
        read = ar.read(frame, schema=schema).schema
        assert [getattr(read, role) for role in ROLES] == [getattr(FULL, role) for role in ROLES]


def test_files_and_models_keep_every_field(frame: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "dataset.toml"
    write_schema(path, {"t": (FULL, {})})
    assert read_schema(path) == FULL
    assert ar.Schema.from_dict(FULL.to_dict()) == FULL
    model = ar.synth(frame, schema=FULL, method="marginals", holdout=0).model
    ar.save(model, tmp_path / "model")
    assert ar.load(tmp_path / "model").schema == model.schema


def test_selecting_columns_keeps_what_still_holds(frame: pl.DataFrame) -> None:
    table = ar.read(frame, schema=FULL)
    same = table.select(table.schema.names).schema
    assert same == table.schema
    some = table.select(("months", "id", "died")).schema
    assert some.names == ("months", "id", "died")
    assert (some.key, some.target, some.event) == (("id",), "months", "died")
    assert (some.entity, some.time) == (None, None)
    assert some.constraints == ("months >= 0",)
    alone = table.select(("died",)).schema
    assert (alone.key, alone.target, alone.event, alone.constraints) == ((), None, None, ())


def test_survival_is_judged_with_a_schema_that_names_the_event(frame: pl.DataFrame) -> None:
    found = ar.compare(frame, frame, frame, schema=FULL, metrics=["survival"])["survival"]
    assert "no target with an event" not in found.skipped
