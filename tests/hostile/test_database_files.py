"""A database that a stranger made: its SQL computes with its own rows and reaches nothing else."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from artesian.core.errors import DataError
from artesian.data.read import read, read_dataset
from artesian.data.readers import views
from artesian.data.write import writer

FILES = Path(__file__).parent / "files"


@pytest.fixture
def duck(tmp_path):
    """A DuckDB file of these statements."""

    def make(*statements):
        path = tmp_path / "t.duckdb"
        with duckdb.connect(str(path)) as base:
            for statement in statements:
                base.execute(statement)
        return path

    return make


@pytest.fixture
def lite(tmp_path):
    """A SQLite file of these statements."""

    def make(*statements, name="t.sqlite"):
        path = tmp_path / name
        with closing(sqlite3.connect(path)) as base:
            for statement in statements:
                base.execute(statement)
            base.commit()
        return path

    return make


@pytest.mark.parametrize(
    "reads",
    [
        "read_text('{0}')",
        "read_blob('{0}')",
        "read_csv('{0}')",
        "read_csv('http://127.0.0.1:9/x.csv')",
        "glob('/*')",
        "duckdb_secrets()",
    ],
)
def test_a_view_that_reads_other_files_is_refused(duck, tmp_path, reads):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\nsecret\n")
    path = tmp_path / "t.duckdb"
    # Created unchecked, as on the stranger's machine.
    with duckdb.connect(str(path)) as base:
        base.execute("CREATE TABLE t AS SELECT 1 AS id")
        try:
            base.execute(f"CREATE VIEW v AS SELECT * FROM {reads.format(secret)}")
        except duckdb.Error:
            pytest.skip("this version reads the file when the view is made")
    with pytest.raises(DataError) as caught:
        read(f"{path}::v")
    assert "secret" not in str(caught.value).replace("secrets", "").replace(str(tmp_path), "")
    assert read(f"{path}::t").schema.names == ("id",)


def test_a_view_of_its_own_rows_is_read(duck):
    path = duck(
        "CREATE TABLE t AS SELECT range AS a FROM range(9)",
        "CREATE VIEW v AS SELECT a * 2 AS double FROM t",
    )
    assert read(f"{path}::v").frame["double"].to_list() == list(range(0, 18, 2))
    assert "the view 'v' was left out" in read_dataset(path).origin.notes


def test_tables_outside_main_have_names(duck):
    path = duck(
        "CREATE SCHEMA s",
        "CREATE TABLE s.t AS SELECT range AS a FROM range(7)",
        "CREATE TABLE t AS SELECT range AS b FROM range(5)",
    )
    assert len(read(f"{path}::s.t")) == 7
    assert len(read(f"{path}::t")) == 5


@pytest.mark.parametrize("dataset", [False, True])
@pytest.mark.parametrize("name", ["bad_utf8", "bad_utf8_name"])
def test_text_that_is_not_utf8_is_an_error(tmp_path, name, dataset):
    path = tmp_path / f"{name}.duckdb"
    path.write_bytes(gzip.decompress((FILES / f"{path.name}.gz").read_bytes()))
    with pytest.raises(DataError) as caught:
        read_dataset(path) if dataset else read(path)
    if "version number" in caught.value.problem:
        pytest.skip("this DuckDB is older than the file")
    assert "UTF-8" in caught.value.problem.upper()
    assert caught.value.hint


@pytest.mark.parametrize("form", ["duckdb", "sqlite"])
def test_a_view_that_never_ends_is_stopped(duck, lite, monkeypatch, form):
    monkeypatch.setattr(views, "MAX_SECONDS", 0.3)
    endless = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r"
    make = duck if form == "duckdb" else lite
    path = make(f"CREATE VIEW v AS {endless} WHERE x < 0")
    with pytest.raises(DataError, match=r"did not give its rows in 0\.3 seconds") as caught:
        read(f"{path}::v")
    assert "CREATE TABLE" in caught.value.hint


@pytest.mark.parametrize("form", ["duckdb", "sqlite"])
def test_rows_beyond_the_limit_of_memory_are_refused(duck, lite, monkeypatch, form):
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "80MB")
    if form == "duckdb":
        path = duck("CREATE TABLE t AS SELECT 1::BIGINT AS a FROM range(9000000)")
        assert path.stat().st_size < 1_000_000
    else:
        numbers = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 900)"
        path = lite(f"CREATE VIEW t AS {numbers} SELECT x, hex(zeroblob(99999)) AS z FROM r")
    with pytest.raises(DataError, match="and the limit is 80 MB") as caught:
        read(f"{path}::t")
    assert "ARTESIAN_MAX_MEMORY=" in caught.value.hint


@pytest.mark.parametrize(
    "select",
    [
        "SELECT load_extension('/tmp/x') AS a",
        "SELECT hex(zeroblob(900000000)) AS a",
        "SELECT * FROM pragma_database_list",
        "SELECT fts3_tokenizer('simple') AS a",
    ],
)
def test_a_view_of_sqlite_calls_nothing_that_reaches_out(lite, select):
    path = lite("CREATE TABLE t (a INT)", f"CREATE VIEW v AS {select}")
    with pytest.raises(DataError):
        read(f"{path}::v")


def test_virtual_tables_of_sqlite_are_not_read(lite):
    path = lite(
        "CREATE VIRTUAL TABLE f USING fts5(word)",
        "INSERT INTO f VALUES ('abc')",
        "CREATE TABLE t (a INT)",
        "INSERT INTO t VALUES (1)",
    )
    with pytest.raises(DataError, match="no table 'f'"):
        read(f"{path}::f")
    assert len(read(path)) == 1


def test_names_of_tables_and_columns_are_data(lite, duck, tmp_path):
    table, column = 'a"; DROP TABLE t; --', "b') --"
    quoted = '"' + table.replace('"', '""') + '"'
    for path in (
        lite(f'CREATE TABLE {quoted} ("{column}" INT)', f"INSERT INTO {quoted} VALUES (7)"),
        duck(f'CREATE TABLE {quoted} AS SELECT 7 AS "{column}"'),
    ):
        rows = read(f"{path}::{table}")
        assert rows.frame[column].to_list() == [7]
        out = tmp_path / f"out{path.suffix}"
        with writer(out, rows.origin, schema=rows.schema) as file:
            file.write(rows)
        assert read(out).frame[column].to_list() == [7]


def test_a_declared_type_of_sqlite_adds_no_column(lite, tmp_path):
    path = lite('CREATE TABLE t (a "INT, c INT", b text)', "INSERT INTO t VALUES (1, 'x')")
    rows = read(path)
    out = tmp_path / "out.sqlite"
    with writer(out, rows.origin, schema=rows.schema) as file:
        file.write(rows)
    assert read(out).schema.names == ("a", "b")


def test_a_table_whose_name_begins_like_those_of_sqlite_is_seen(lite):
    path = lite("CREATE TABLE sqliteish (a INT)", "INSERT INTO sqliteish VALUES (1)")
    assert len(read(path)) == 1


def test_a_write_ahead_database_says_what_is_missing(lite, tmp_path):
    path = lite("PRAGMA journal_mode = WAL", "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)")
    assert len(read(path)) == 1
    assert not (tmp_path / "t.sqlite-wal").exists()
    with closing(sqlite3.connect(tmp_path / "open.sqlite")) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE t (a INT)")
        base.execute("INSERT INTO t VALUES (1)")
        base.commit()
        assert len(read(tmp_path / "open.sqlite")) == 1
        shutil.copy(tmp_path / "open.sqlite", tmp_path / "alone.sqlite")
        with pytest.raises(DataError, match="copied without its log") as caught:
            read(tmp_path / "alone.sqlite")
    assert "alone.sqlite-wal" in caught.value.hint


@pytest.mark.parametrize("form", ["jsonl", "sqlite"])
def test_the_character_nul_is_refused(tmp_path, lite, form):
    if form == "jsonl":
        path = tmp_path / "t.jsonl"
        path.write_text('{"a": "x\\u0000y"}\n{"a": "z"}\n')
    else:
        path = lite("CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x' || char(0) || 'y')")
    with pytest.raises(DataError, match="NUL"):
        read(path)
