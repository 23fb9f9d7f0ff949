"""Writing: the source's own form, whole files or none, and back again without a change."""

from __future__ import annotations

import csv
import gzip
import io
import string

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.real_tables import path as real_path
from tests.real_tables import unpacked

from artesian.core.errors import DataError, OutputError, UsageError
from artesian.data.databases import refuse_database
from artesian.data.dataframes import from_dataframe
from artesian.data.dataset import Dataset
from artesian.data.read import read
from artesian.data.table import Origin
from artesian.data.write import data_file_name, writer
from artesian.data.write_dataset import write_dataset

COMPRESSED = ("adult", "credit_default")
PLAIN = (
    "california_housing",
    "penguins",
    "nycflights/flights",
    "nycflights/weather",
    "chinook/Invoice",
    "chinook/Customer",
    "german_credit",
    "horse_colic",
)


def again(table, path, batch=7):
    with writer(path, table.origin, schema=table.schema) as out:
        for start in range(0, len(table), batch):
            out.write(table.with_frame(table.frame[start : start + batch]))
    return path


@pytest.mark.parametrize("name", [*COMPRESSED, *PLAIN])
def test_real_files_are_written_byte_for_byte(tmp_path, name):
    source = unpacked(name, tmp_path) if name in PLAIN else real_path(name)
    table = read(source)
    folder = tmp_path / "copies"
    folder.mkdir()
    copy = again(table, folder / data_file_name(table.origin), batch=20_000)
    assert copy.name == source.name
    assert _content(copy) == _content(source)


def _content(path):
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n,y\n",
        b"a;b\r\n1,5;x\r\n2,25;?\r\n7,75;x\r\n",
        b'"a","b"\n"1","x"\n"2",""\n',
        b'"a","b","c"\n1,"x",TRUE\nNA,"y",FALSE\n3,"x",NA\n',
        b"\xef\xbb\xbfa\tb\n1.50\tJa\n2.25\tNein\n",
        "name|born\ncafé|3.2.2020\nthé|31.12.2021\n".encode("cp1252"),
        "a,b\n1,é\n2,ü\n".encode("utf-16"),
        b",a b ,c\n0,007,x\n1,012,\n",
        b'a\n"x, y"\n""\nz\n',
        b"n,m\n1.5,1e3\n2,2e3\n",
    ],
)
def test_spelling_is_kept(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    table = read(path)
    copy = again(table, tmp_path / "copy.csv", batch=2)
    back = read(copy)
    assert back.frame.equals(table.frame)
    if b"1e3" not in content:
        assert copy.read_bytes() == content


TEXTS = st.text(
    st.sampled_from(string.ascii_letters + " ,;|\"'\n\r\t.é漢😀"), min_size=1, max_size=12
).map(lambda t: f"w{t}w")


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_text_comes_back(tmp_path, rows, delimiter, quoting):
    buffer = io.StringIO(newline="")
    out = csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    out.writerow(["first", "second"])
    out.writerows([["" if v is None else v for v in row] for row in rows])
    path = tmp_path / "t.csv"
    path.write_bytes(buffer.getvalue().encode())
    table = read(path)
    assert table.frame.rows() == rows
    (tmp_path / "copy.csv").unlink(missing_ok=True)
    copy = again(table, tmp_path / "copy.csv", batch=3)
    text = io.StringIO(copy.read_bytes().decode(), newline="")
    rows_read = list(csv.reader(text, delimiter=delimiter))
    assert rows_read == [["first", "second"], *[["" if v is None else v for v in r] for r in rows]]


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.none() | TEXTS, min_size=1, max_size=8), form=st.sampled_from(["csv", "jsonl"])
)
def test_a_single_column_comes_back(tmp_path, rows, form):
    table = from_dataframe(pl.DataFrame({"a": pl.Series(rows, dtype=pl.String)}))
    (tmp_path / f"t.{form}").unlink(missing_ok=True)
    back = read(again(table, tmp_path / f"t.{form}", batch=3))
    assert back.frame["a"].to_list() == rows


TYPED = pl.DataFrame(
    {
        "no": pl.Series([1, 2, None], dtype=pl.Int64),
        "x": [1.5, None, -2.0],
        "w": ["a", None, "c, d"],
        "ok": [True, None, False],
        "at": pl.Series(["2020-01-02 03:04:05", None, "2021-01-01 00:00:00"]).str.to_datetime(),
    }
)


@pytest.mark.parametrize(
    "file",
    ["t.parquet", "t.feather", "t.jsonl", "t.jsonl.gz", "t.xlsx", "t.db", "t.duckdb", "t.csv"],
)
def test_every_format_gives_the_same_values_back(tmp_path, file):
    back = read(again(from_dataframe(TYPED), tmp_path / file, batch=2))
    assert back.frame.drop("ok").equals(TYPED.drop("ok"))
    assert back.frame["ok"].cast(pl.Boolean).to_list() == TYPED["ok"].to_list()


@pytest.mark.parametrize("file", ["t.jsonl", "t.json", "t.db", "t.xlsx"])
def test_times_that_were_text_are_text_again(tmp_path, file):
    frame = pl.DataFrame({"on": ["03.02.2020", "31.12.2021"], "n": [1, 2]})
    first = again(from_dataframe(frame), tmp_path / file)
    table = read(first)
    assert table.frame["on"].dtype == pl.Date
    second = again(table, tmp_path / f"copy{first.suffix}")
    assert read(second).frame.equals(table.frame)
    if first.suffix in (".jsonl", ".json"):
        assert second.read_bytes() == first.read_bytes()
        assert b"03.02.2020" in second.read_bytes()


def test_databases_keep_declared_types_and_key(tmp_path):
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute("CREATE TABLE t (id SMALLINT PRIMARY KEY, k ENUM('a', 'b'), d DECIMAL(6, 2))")
        base.execute("INSERT INTO t VALUES (1, 'a', 1.25), (2, 'b', 2.5)")
    copy = again(read(path), tmp_path / "copy.duckdb", batch=1)
    with duckdb.connect(str(path), read_only=True) as a, duckdb.connect(str(copy)) as b:
        assert a.execute("DESCRIBE t").fetchall() == b.execute("DESCRIBE t").fetchall()
        assert a.execute("FROM t").fetchall() == b.execute("FROM t").fetchall()


def test_a_value_outside_an_enum_is_written_all_the_same(tmp_path):
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute("CREATE TABLE t (k ENUM('a', 'b'))")
        base.execute("INSERT INTO t VALUES ('a'), ('b')")
    table = read(path)
    with writer(tmp_path / "copy.duckdb", table.origin) as out:
        out.write(table)
        out.write(table.with_frame(pl.DataFrame({"k": ["(rare)"]})))
    assert set(read(tmp_path / "copy.duckdb").frame["k"]) == {"a", "b", "(rare)"}


def write_all(path, *tables, fail=None):
    with writer(path, Origin()) as out:
        for table in tables:
            out.write(table)
        if fail is not None:
            raise fail


def test_nothing_half_written_stays(tmp_path):
    for file in ("t.csv", "t.parquet", "t.db", "t.duckdb", "t.xlsx", "t.jsonl.gz"):
        with pytest.raises(RuntimeError, match="stopped"):
            write_all(tmp_path / file, from_dataframe(TYPED), fail=RuntimeError("stopped"))
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_replaced_only_with_force(tmp_path):
    table = from_dataframe(TYPED)
    again(table, tmp_path / "t.csv")
    with pytest.raises(OutputError, match="exists already"):
        again(table, tmp_path / "t.csv")
    with writer(tmp_path / "t.csv", table.origin, force=True) as out:
        out.write(table.with_frame(table.frame.head(1)))
    assert read(tmp_path / "t.csv").frame.height == 1


def test_no_rows_leave_a_header_and_wrong_batches_an_error(tmp_path):
    table = from_dataframe(TYPED)
    with writer(tmp_path / "t.csv", table.origin, schema=table.schema):
        pass
    assert (tmp_path / "t.csv").read_text() == "no,x,w,ok,at\n"
    with pytest.raises(DataError, match="the first had"):
        write_all(tmp_path / "u.csv", table, table.select(("no", "x")))


def test_excel_says_when_it_is_full(tmp_path):
    many = from_dataframe(pl.DataFrame({"n": pl.int_range(1_048_576, eager=True)}))
    with pytest.raises(OutputError, match="1,048,575 rows"):
        write_all(tmp_path / "t.xlsx", many)


def test_the_same_rows_give_the_same_bytes(tmp_path):
    table = from_dataframe(TYPED)
    for file in ("a.csv.gz", "b.csv.gz"):
        again(table, tmp_path / file)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_names_of_data_files():
    origin = Origin(name="adult", format="csv", options={"suffix": ".csv.gz"})
    assert data_file_name(origin) == "adult.csv.gz"
    assert data_file_name(Origin(name="a/b")) == "a_b.csv"
    assert data_file_name(Origin(name="t", format="parquet")) == "t.parquet"


def test_writing_into_a_database(tmp_path):
    table = from_dataframe(TYPED)
    for url in (f"sqlite:///{tmp_path / 'a.db'}", f"duckdb:///{tmp_path / 'a.duckdb'}"):
        write_dataset(url, Dataset({"first": table}))
        write_dataset(url, Dataset({"second": table}))
        with pytest.raises(OutputError, match="first"):
            write_dataset(url, Dataset({"first": table}))
        assert read(url.partition(":///")[2] + "::second").frame.height == 3
        assert read(f"{url}::second").frame.height == 3
    with pytest.raises(UsageError, match="not a database URL"):
        refuse_database("a.db", ())
