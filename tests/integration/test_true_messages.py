"""Errors name what is wrong, blame no file that is not damaged, and hint at nothing harmful."""

import errno
import gzip
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import artesian as ar
from artesian.data.readers.location import unreadable

BLAME = re.compile(r"damaged|cut short|copied|download|complete .* file")
CASTS = re.compile(r"astype\(|CAST\(|to_numeric|errors=|\.cast\(")


def message(source, **more):
    with pytest.raises(ar.ArtesianError) as caught:
        ar.read(source, **more)
    return str(caught.value)


def test_no_hint_casts():
    """A cast to text or to numbers turns what does not fit into something else."""
    hints = []
    for path in Path(ar.__file__).parent.rglob("*.py"):
        hints += re.findall(r"hint=(f?\".*?\"|f?'.*?')[,)\n]", path.read_text(encoding="utf-8"))
    assert len(hints) > 150
    assert not [hint for hint in hints if CASTS.search(hint)]


def test_a_locked_database(tmp_path):
    place = tmp_path / "t.db"
    with closing(sqlite3.connect(place)) as base:
        base.execute("CREATE TABLE t (a)")
        base.execute("INSERT INTO t VALUES (1)")
        base.commit()
        base.execute("BEGIN EXCLUSIVE")
        text = message(place)
    assert "locked" in text
    assert "close the program" in text
    assert not BLAME.search(text)


def with_bad_text(name):
    data = pa.py_buffer(b"good\xff\xfebad")
    offsets = pa.py_buffer(b"".join(n.to_bytes(4, "little") for n in (0, 4, 9)))
    column = pa.Array.from_buffers(pa.string(), 2, [None, offsets, data])
    return pa.table({"fine": [1, 2], name: column})


@pytest.mark.parametrize("form", ["parquet", "feather"])
def test_one_column_of_bad_text(form, tmp_path):
    path = tmp_path / f"t.{form}"
    table = with_bad_text("remark")
    if form == "parquet":
        pq.write_table(table, path)
    else:
        pyarrow.feather.write_feather(table, path)
    text = message(path)
    assert "column 'remark'" in text
    assert not BLAME.search(text)


@pytest.mark.parametrize("kind", [pa.decimal256(60, 2), pa.list_(pa.int64()), pa.binary()])
def test_one_column_of_an_unsupported_type(kind, tmp_path):
    pq.write_table(pa.table({"fine": [1], "odd": pa.array([None], kind)}), tmp_path / "t.parquet")
    text = message(tmp_path / "t.parquet")
    assert "column 'odd' is of type" in text
    assert not BLAME.search(text)


def test_a_file_that_is_cut_short_is_blamed(tmp_path):
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"a": range(5000)}).write_parquet(whole)
    (tmp_path / "t.parquet").write_bytes(whole.read_bytes()[:900] + b"PAR1")
    assert "complete parquet file" in message(tmp_path / "t.parquet")
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 9000)
    (tmp_path / "t.csv.gz").write_bytes(packed[:-20])
    assert "cannot be decompressed" in message(tmp_path / "t.csv.gz")


def test_an_error_of_the_disk_is_one():
    problem = unreadable("t.csv", OSError(errno.EIO, "Input/output error"))
    assert "Input/output error" in str(problem)
    assert not BLAME.search(str(problem))
