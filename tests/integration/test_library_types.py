"""Types that polars lacks come back as they were: intervals, periods, UUIDs, offsets, mixed columns."""

import datetime as dt
import json
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"
ROWS = 300


def synth(source, **more):
    return ar.synth(source, method="marginals", metrics=["validity"], **more)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_uuid_objects(rng):
    frame = pd.DataFrame({"id": [uuid.uuid4() for _ in range(ROWS)], "x": rng.normal(size=ROWS)})
    made = ar.synth(frame).data
    assert all(isinstance(value, uuid.UUID) for value in made["id"])
    assert made["id"].is_unique
    assert not set(made["id"]) & set(frame["id"])


def test_uuids_that_repeat_or_are_missing(rng):
    owners = [uuid.uuid4() for _ in range(6)]
    frame = pd.DataFrame(
        {
            "owner": [owners[i] for i in rng.integers(0, 6, ROWS)],
            "parent": [None if i % 3 else uuid.uuid1() for i in range(ROWS)],
            "kind": pd.Categorical([owners[i % 2] for i in range(ROWS)]),
        }
    )
    made = synth(frame).data
    for name in frame:
        assert {type(value) for value in made[name].dropna()} == {uuid.UUID}
    assert abs(made["parent"].isna().mean() - 2 / 3) < 0.15


def test_uuids_of_arrow(rng):
    ids = pa.array([uuid.uuid4().bytes for _ in range(ROWS)], pa.uuid())
    table = pa.table({"id": ids, "x": rng.normal(size=ROWS)})
    assert synth(table).data.schema == table.schema


def test_intervals(rng):
    age = rng.normal(45, 15, ROWS).clip(1, 99)
    frame = pd.DataFrame(
        {
            "band": pd.cut(age, [0, 18, 40, 65, 100]),
            "quartile": pd.qcut(age, 4),
            "left": pd.cut(age, [0, 50, 100], right=False),
            "named": pd.cut(age, [0, 40, 100], labels=["young", "old"]),
            "plain": pd.arrays.IntervalArray(np.asarray(pd.cut(age, [0, 30, 100]), object)),
        }
    )
    made = synth(frame).data
    assert made.dtypes.equals(frame.dtypes)
    for name in frame:
        shares = (side[name].value_counts(normalize=True, sort=False) for side in (frame, made))
        assert pd.concat(shares, axis=1).fillna(0).diff(axis=1).iloc[:, 1].abs().max() < 0.15
    assert 30 in made["plain"][0] or 99 in made["plain"][0]


def test_intervals_of_times_with_gaps(rng):
    days = pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 360, ROWS), unit="D")
    edges = pd.to_datetime(["2024-01-01", "2024-04-01", "2024-10-01"])
    frame = pd.DataFrame({"season": pd.cut(days, edges), "x": rng.normal(size=ROWS)})
    made = synth(frame).data
    assert made.dtypes.equals(frame.dtypes)
    assert abs(made["season"].isna().mean() - frame["season"].isna().mean()) < 0.1


def test_periods():
    months = pd.period_range("2020-01", periods=60, freq="M")
    frame = pd.DataFrame({"month": months.repeat(5), "quarter": months.asfreq("Q").repeat(5)})
    made = synth(frame).data
    assert made.dtypes.equals(frame.dtypes)
    assert made["month"].between(months[0], months[-1]).all()


OFFSETS = [(5, 30), (-3, 30), (5, 45), (2, 0), (0, 20), (-9, -30)]


@pytest.mark.parametrize(("hours", "minutes"), OFFSETS)
def test_fixed_offsets(hours, minutes, rng, tmp_path):
    span = dt.timedelta(hours=hours, minutes=minutes)
    local = pd.to_datetime("2024-03-01") + pd.to_timedelta(
        rng.integers(0, 60, ROWS) * 1440 + rng.integers(570, 1020, ROWS), unit="min"
    )
    frame = pd.DataFrame({"at": local.tz_localize(dt.timezone(span)), "n": range(ROWS)})
    made = synth(frame).data
    assert made.dtypes.equals(frame.dtypes)
    assert abs(made["at"].mean() - frame["at"].mean()) < pd.Timedelta(days=5)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    assert synth(table).data.schema.field("at").type == table.schema.field("at").type
    pq.write_table(table, tmp_path / "calls.parquet")
    synth(tmp_path / "calls.parquet", out=tmp_path / "out")
    written = pq.read_table(tmp_path / "out/data/calls.parquet")
    assert written.schema.field("at").type == table.schema.field("at").type


def test_the_cases_of_an_offset(tmp_path):
    made = ar.synth(CASES / "B02_offset_0530.parquet", out=tmp_path / "out")
    source = pq.read_table(CASES / "B02_offset_0530.parquet")
    written = pq.read_table(tmp_path / "out/data/B02_offset_0530.parquet")
    assert written.schema.field("ts").type == source.schema.field("ts").type
    assert not any("damaged" in note for note in made.table.origin.notes)
    ar.synth(CASES / "B02_offset_0530.csv", out=tmp_path / "csv")
    source, written = (
        pl.read_csv(path / "B02_offset_0530.csv")["call_time"]
        for path in (CASES, tmp_path / "csv/data")
    )
    assert written.str.ends_with("+05:30").all()
    times = [text.str.head(16).str.to_datetime("%Y-%m-%dT%H:%M") for text in (source, written)]
    assert abs(times[0].mean() - times[1].mean()) < dt.timedelta(days=10)
    read = ar.read(CASES / "B02_offset_0530.csv").frame["call_time"]
    assert (read.dt.replace_time_zone(None) == times[0]).all(), "local times, not UTC"


def n_a(rng, word):
    numbers = rng.normal(20, 5, ROWS).round(1).tolist()
    return [word if i % 25 == 7 else number for i, number in enumerate(numbers)]


@pytest.mark.parametrize("word", ["n/a", "NULL", "-", "unknown"])
def test_a_word_for_missing_among_numbers(word, rng, tmp_path):
    values = n_a(rng, word)
    frame = pd.DataFrame({"amount": pd.Series(values, dtype=object)})
    with closing(sqlite3.connect(tmp_path / "t.db")) as base, base:
        base.execute("CREATE TABLE t (amount REAL, whole INTEGER, free)")
        rows = [(v, v if v == word else int(v), v) for v in values]
        base.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    lines = "\n".join(json.dumps({"amount": value}) for value in values)
    (tmp_path / "t.jsonl").write_text(lines)
    for source in (frame, tmp_path / "t.db", tmp_path / "t.jsonl"):
        made = synth(source)
        for column in made.table.schema:
            series = made.table.frame[column.name]
            assert series.dtype.is_numeric()
            assert 0 < series.null_count() < ROWS / 5
            assert series.drop_nulls().mean() == pytest.approx(20, abs=2)
        assert any(repr(word) in note for note in made.table.origin.notes)


def test_words_among_numbers_that_may_mean_something(tmp_path, rng):
    values = ["small" if i % 3 else 4.5 for i in range(ROWS)]
    frame = pd.DataFrame({"size": pd.Series(values, dtype=object)})
    with pytest.raises(ar.ArtesianError, match="'size' mixes numbers and text such as") as caught:
        ar.read(frame)
    assert "'small'" in caught.value.hint
    given = ar.Schema(columns=(ar.Column(name="size", kind=ar.Kind.CATEGORY),))
    assert set(ar.read(frame, schema=given).frame["size"]) == {"small", "4.5"}


@pytest.mark.parametrize("kind", [pa.decimal256(50, 2), pa.month_day_nano_interval()])
def test_a_type_that_is_not_supported_is_named_and_blames_no_file(kind, tmp_path):
    table = pa.table({"fine": [1.5], "odd": pa.array([None], kind)})
    pq_able = pa.types.is_decimal(kind)
    if pq_able:
        pq.write_table(table, tmp_path / "t.parquet")
    for source in (table, *([tmp_path / "t.parquet"] if pq_able else [])):
        with pytest.raises(ar.ArtesianError, match="column 'odd' is of type") as caught:
            ar.read(source)
        assert "copied" not in str(caught.value)
        assert "damaged" not in str(caught.value)
