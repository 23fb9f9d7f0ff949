"""Bad input gets two lines: what is wrong and where, and what to do."""

from __future__ import annotations

import gzip
import os
import random
import sqlite3
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.real_tables import path as real_path

from artesian.core.errors import ArtesianError, DataError, UsageError
from artesian.data.read import read

NOISE = b"a,b\n" + random.Random(0).randbytes(5000).hex().encode()
"""Hardly compressible, so that a cut off end is missed."""


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b" \n\n", "is empty"),
        ("t.csv", b"a,b\n", "has a header but no rows"),
        ("t.csv", b"a,b\n1,2\n3\n4,5\n", "line 3: 1 field, where the header (line 1) has 2"),
        ("t.csv", b'a,b\n"1\n1",2\n3,4,5\n', "line 4: 3 fields"),
        ("t.csv", b"a,b,a\n1,2,3\n", "duplicate column name 'a' (columns 1, 3)"),
        ("t.csv", b"a,b\n1,inf\n2,0.5\n3,-inf\n", "column 'b' is infinite in 2 rows"),
        ("t.csv", b'a,b\n1,"2\n3,4\n', "line 2: a quote is opened and never closed"),
        ("t.csv", "a\ncafé thé été\n".encode() + b"\xff\n", "byte 19 (line 3) is not valid"),
        ("t.csv", "a,b\n1,é\n".encode("utf-16")[:-1], "UTF-16-LE, but byte"),
        ("t.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "is not text"),
        ("t.csv", b"a,b\n" + b"1,2\n" * 400_000 + b"3,\x004\n", "is not text: byte 1600006"),
        ("t.csv", b"PK\x03\x04" + bytes(50), "cannot be read as excel"),
        ("t.csv.gz", gzip.compress(NOISE, mtime=0)[:-900], "cannot be decompressed"),
        ("t.parquet", b"hello", "is not a parquet file"),
        ("t.parquet", b"PAR1" + bytes(60) + b"PAR1", "cannot be read as parquet"),
        ("t.feather", b"ARROW1" + bytes(60), "cannot be read as feather"),
        ("t.xlsx", b"PK\x03\x04" + bytes(60), "cannot be read as excel"),
        ("t.db", b"SQLite format 3\0" + bytes(300), "cannot be read as sqlite"),
        ("t.duckdb", bytes(8) + b"DUCK" + bytes(300), "cannot be read as duckdb"),
        ("t.parquet.gz", gzip.compress(b"PAR1" + bytes(60), mtime=0), "compressed parquet"),
        ("t.jsonl", b'{"a": 1}\n{"a": "x"}\n', "column 'a' mixes numbers and text"),
        ("t.jsonl", b'{"a": true}\n{"a": 2}\n', "column 'a' mixes booleans and numbers"),
        ("t.jsonl", b'{"a": {"b": 1}}\n', "column 'a' has a dict"),
        ("t.jsonl", b'{"a": 1}\nnonsense\n', "line 2: invalid JSON"),
        ("t.jsonl", b'{"a": 1}\n[2]\n', "line 2: a list instead of an object"),
        ("t.jsonl", b'{"a": "x"}\n{"a": 1.5}\n{"a": "\\uD800"}\n', "line 3: invalid JSON"),
        ("t.jsonl", b'{"a": Infinity}\n{"a": 1.5}\n', "column 'a' is infinite in 1 row"),
        ("t.json", b'[{"a": 1},', "invalid JSON"),
    ],
)
def test_problem_and_hint_are_two_lines(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(path)
    problem = caught.value
    assert expected in str(problem)
    assert problem.hint
    assert "\n" not in problem.problem
    assert "\n" not in problem.hint


def test_missing_files_folders_and_parts(tmp_path):
    (tmp_path / "adult.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"did you mean 'adult\.csv'"):
        read(tmp_path / "adlt.csv")
    with pytest.raises(DataError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(DataError, match="contains one table, so there is no part '::x'"):
        read(f"{tmp_path / 'adult.csv'}::x")
    with pytest.raises(DataError, match="there is no file"):
        read(tmp_path / "nowhere" / "x.csv")
    with pytest.raises(DataError, match="download it first"):
        read("https://example.org/x.csv")
    with pytest.raises(UsageError, match="is not a table"):
        read(5)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_an_unreadable_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    path.chmod(0)
    with pytest.raises(DataError, match="may not be read"):
        read(path)


def test_mixed_and_nested_columns_of_databases_are_named(tmp_path):
    base = sqlite3.connect(tmp_path / "t.db")
    base.execute("CREATE TABLE t (a)")
    base.execute("INSERT INTO t VALUES (1), ('x')")
    base.commit()
    base.close()
    with pytest.raises(DataError, match="column 'a' mixes numbers and text"):
        read(tmp_path / "t.db")
    pl.DataFrame({"deep": [[1], [2]]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="column 'deep' is of type List"):
        read(tmp_path / "t.parquet")


@pytest.mark.parametrize("start", [b"a,b\n1,", b'a,b\n1,"x, y\n', b'{"a": "', b""])
def test_an_endless_field_is_refused_in_bounded_memory(tmp_path, start):
    resource = pytest.importorskip("resource", reason="peak memory needs POSIX")
    path = tmp_path / ("t.jsonl.gz" if start[:1] == b"{" else "t.csv.gz")
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(start)
        for _ in range(300):
            file.write(b"x" * (1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError, match="longer than"):
        read(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400_000  # kilobytes; the file holds 300 MB, a JSON line may have 256


def read_or_refused(path):
    """Whether the file is read with rows, or refused in two lines; anything else is raised."""
    try:
        return read(path).frame.height > 0
    except ArtesianError as problem:
        return "\n" not in problem.problem + problem.hint


SEEDS = [
    b"name,age,when\nann,31,2020-01-02\nbob,NA,2021-03-04\n,7,\n",
    b'"a";"b"\n"1,5";"x;y"\n"2,5";""\n',
    '{"a": 1, "b": "x"}\n{"a": null, "b": "é"}\n'.encode(),
    "n\tm\r\ncafé\t1\r\nthé\t2\r\n".encode("cp1252"),
]


def _mutated(content: bytes, data: st.DataObject) -> bytes:
    out = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(out) - 1, 0)))
        piece = data.draw(
            st.sampled_from([b"", b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"{", b"e"])
        )
        end = at + data.draw(st.integers(0, 4))
        out[at:end] = piece
    return bytes(out)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_text_is_read_or_refused_politely(tmp_path, data):
    seed = data.draw(st.sampled_from(SEEDS))
    path = tmp_path / ("t.jsonl" if seed[:1] == b"{" else "t.csv")
    path.write_bytes(_mutated(seed, data))
    assert read_or_refused(path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_binary_files_are_read_or_refused_politely(tmp_path, data):
    form = data.draw(st.sampled_from(["parquet", "feather", "xlsx", "db", "csv.gz"]))
    path = tmp_path / f"t.{form}"
    if not (tmp_path / f"whole.{form}").exists():
        _whole(tmp_path / f"whole.{form}", form)
    content = bytearray((tmp_path / f"whole.{form}").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    assert read_or_refused(path)


def _whole(path: Path, form: str) -> None:
    frame = pl.DataFrame({"n": list(range(50)), "w": ["a", "bb"] * 25})
    if form == "parquet":
        frame.write_parquet(path)
    elif form == "feather":
        frame.write_ipc(path)
    elif form == "xlsx":
        frame.write_excel(path)
    elif form == "db":
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE t (n, w)")
        base.executemany("INSERT INTO t VALUES (?, ?)", frame.rows())
        base.commit()
        base.close()
    else:
        path.write_bytes(gzip.compress(frame.write_csv().encode()))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_real_files_are_read_or_refused_politely(tmp_path, data):
    name = data.draw(
        st.sampled_from(["penguins", "online_shoppers", "nycflights/flights", "german_credit"])
    )
    content = gzip.decompress(real_path(name).read_bytes())[:20_000]
    path = tmp_path / "t.csv"
    path.write_bytes(_mutated(content, data))
    assert read_or_refused(path)
