"""A PostgreSQL database in, a PostgreSQL database out: types, keys, one snapshot, no loss."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.data.shop import KEYS, ROWS, TABLES
from tests.databases.shops import new_shop

import artesian as ar
from artesian.cli.app import call
from artesian.core.errors import DataError, OutputError, UsageError
from artesian.data.dataset import Dataset
from artesian.data.read import read, read_dataset
from artesian.data.readers import server as server_reader
from artesian.data.write_dataset import write_dataset

pytestmark = pytest.mark.postgres

SECRET = "Tr0ub4dor"
"""What no output may contain; see `postgres_server.PASSWORD`."""

KINDS = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE TABLE kinds (id BIGINT PRIMARY KEY, small SMALLINT NOT NULL, price NUMERIC(8, 2), "
    "ratio DOUBLE PRECISION, code CHAR(2), word VARCHAR(20), note TEXT, yes BOOLEAN, day DATE, "
    "at TIMESTAMP WITHOUT TIME ZONE, zoned TIMESTAMP WITH TIME ZONE, clock TIME WITHOUT TIME ZONE, "
    "span INTERVAL, feels mood, number UUID, ip INET, UNIQUE (small, code))",
    "CREATE INDEX kinds_by_day ON kinds (day, word)",
    "CREATE UNIQUE INDEX kinds_by_price ON kinds (price)",
    "INSERT INTO kinds SELECT i, i, i * 1.25, sqrt(i), chr(65 + i % 26) || 'x', 'w' || i % 3, "
    "CASE i % 3 WHEN 0 THEN '' WHEN 1 THEN NULL ELSE E'a,\"b\"\\n\\\\.' END, i % 2 = 0, "
    "date '2024-01-01' + i, timestamp '2024-01-01 10:00' + i * interval '1 hour', "
    "timestamptz '2024-01-01 10:00+02' + i * interval '1 hour', "
    "time '08:00' + i * interval '1 second', "
    "i * interval '90 seconds', (ARRAY['sad', 'ok', 'happy'])[1 + i % 3]::mood, gen_random_uuid(), "
    "'10.0.0.1' FROM generate_series(1, 50) i",
)


@pytest.fixture
def shop(server: Any) -> Any:
    """The database of `tests.data.shop`."""
    return new_shop(server)


@pytest.fixture(scope="module")
def same_shop(server: Any) -> Any:
    """The same for tests that change nothing."""
    return new_shop(server)


def ddl(database: Any, schema: str) -> set[tuple[object, ...]]:
    """Columns with types, constraints and indexes of a schema, without names that are chosen."""
    columns = database.rows(
        "SELECT c.relname, a.attname, "
        "regexp_replace(format_type(a.atttypid, a.atttypmod), '^.*\\.', ''), "
        "a.attnotnull FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        f"WHERE c.relkind = 'r' AND a.attnum > 0 AND c.relnamespace = '{schema}'::regnamespace"
    )
    constraints = database.rows(
        f"SELECT conrelid::regclass::text, replace(pg_get_constraintdef(oid), '{schema}.', '') "
        f"FROM pg_constraint WHERE connamespace = '{schema}'::regnamespace AND contype <> 'n'"
    )
    indexes = database.rows(
        f"SELECT tablename, replace(indexdef, '{schema}.', '') FROM pg_indexes "
        f"WHERE schemaname = '{schema}'"
    )
    plain = [(str(t).removeprefix(f"{schema}."), d) for t, d in constraints]
    own = [(t, d) for t, d in indexes if not str(d).split()[2].endswith(("_pkey", "_key"))]
    own = [(t, d) for t, d in own if "_pkey" not in str(d) and "_key " not in str(d)]
    return {*columns, *plain, *own}


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+pg8000"])
def test_types_keys_and_indexes_come_back(server: Any, driver: str) -> None:
    database = server.new(*KINDS)
    url = database.url.replace("postgresql", driver)
    dataset = read_dataset(url)
    frame = dataset["kinds"].frame
    assert frame["price"].dtype == pl.Decimal(8, 2)
    assert frame["zoned"][0] == dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC)
    assert frame["feels"].dtype == pl.Enum(["sad", "ok", "happy"])
    assert set(frame["note"].to_list()) == {"", None, 'a,"b"\n\\.'}
    copy = server.new()
    assert write_dataset(copy.url.replace("postgresql", driver) + "?schema=new", dataset) == ()
    again = read_dataset(f"{copy.url}?schema=new")
    assert again["kinds"].frame.sort("id").equals(frame.sort("id"))
    assert ddl(copy, "new") == ddl(database, "public")


def test_foreign_keys_are_those_of_the_catalog(server: Any, shop: Any) -> None:
    dataset = read_dataset(shop.url)
    assert {str(key) for key in dataset.foreign_keys} == KEYS
    assert dataset["invoice"].schema.key == ("year", "no")
    copy = server.new()
    assert write_dataset(copy.url, dataset) == ()
    assert ddl(copy, "public") == ddl(shop, "public")


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_file_becomes_a_database_of_a_server_and_back(
    server: Any, shop: Any, tmp_path: Path, scheme: str
) -> None:
    shop.run("CREATE INDEX line_item ON line (item)", "ALTER TABLE line ADD UNIQUE (id, item)")
    dataset = read_dataset(shop.url)
    url = f"{scheme}:///{tmp_path / 'copy.db'}"
    assert write_dataset(url, dataset) == ()
    file = read_dataset(url)
    options = file["line"].origin.options
    assert options["indexes"] == [{"name": "line_item", "columns": ["item"], "unique": False}]
    assert options["unique"] == [["id", "item"]]
    copy = server.new()
    assert write_dataset(copy.url, file) == ()
    assert {str(key) for key in read_dataset(copy.url).foreign_keys} == KEYS
    assert ("line", "UNIQUE (id, item)") in ddl(copy, "public")


def test_synth_of_a_database(
    server: Any, shop: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, before = tmp_path / "out", shop.tables()
    target = f"{shop.url}?schema=made"
    command = ["synth", shop.url, "-o", str(out), "--to", target, "--set", "rounds=0"]
    assert call(command) == 0
    captured = capfd.readouterr()
    made = read_dataset(target)
    assert {str(key) for key in made.foreign_keys} == KEYS
    for name in TABLES:
        assert shop.rows(f"SELECT count(*) FROM public.{name}") == [(len(ROWS[name]),)]
    assert shop.tables() == sorted([*before, *(f"made.{name}" for name in TABLES)])
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["to"] == f"postgresql://ann@127.0.0.1:{server.port}/{shop.name}?schema=made"
    texts = [captured.out, captured.err, *(p.read_text() for p in out.rglob("*") if p.is_file())]
    assert not [text for text in texts if SECRET in text]
    # Without --to the rows are in files.
    assert call(["synth", shop.url, "-o", str(tmp_path / "files"), "--set", "rounds=0", "-q"]) == 0
    assert {p.name for p in (tmp_path / "files" / "data").iterdir()} == {f"{n}.csv" for n in TABLES}
    assert call(["inspect", shop.url]) == 0
    assert "customer" in capfd.readouterr().out


def test_one_table_of_a_database(server: Any, shop: Any, tmp_path: Path) -> None:
    shop.run("CREATE VIEW cheap AS SELECT * FROM line WHERE id < 50")
    assert len(read(f"{shop.url}::line")) == len(ROWS["line"])
    assert len(read(f"{shop.url}::cheap")) == 50
    assert "the view 'cheap' was left out" in read_dataset(shop.url).origin.notes
    made = ar.synth(f"{shop.url}::line", rows=20)
    assert len(made.data) == 20
    with pytest.raises(DataError, match="has 4 tables and none was named"):
        read(shop.url)
    with pytest.raises(DataError, match="has no table 'lin'\nhint: did you mean 'line'"):
        read(f"{shop.url}::lin")
    with pytest.raises(DataError, match="there is no schema 'publik'\nhint: did you mean 'public'"):
        read_dataset(f"{shop.url}?schema=publik")


def test_a_table_with_rows_is_never_replaced(
    server: Any, shop: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = [shop.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in TABLES]
    for target in (shop.url, f"{shop.url}?schema=public"):
        for force in ([], ["--force"]):
            out = ["-o", str(tmp_path / "out"), "--to", target, "--set", "rounds=0"]
            assert call(["synth", shop.url, *out, *force]) == 1
            err = capfd.readouterr().err.splitlines()
            assert "is not empty: it has customer, invoice, line, staff" in err[-2]
            assert "?schema=synthetic" in err[-1]
    assert not (tmp_path / "out").exists()
    assert [shop.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in TABLES] == before


def test_all_tables_are_of_one_snapshot_that_cannot_write(
    server: Any, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, seen = server_reader._fetched, []

    def and_then(connection: Any, *rest: Any) -> Any:
        seen.append(connection.exec_driver_sql("SHOW transaction_read_only").scalar())
        frame = fetched(connection, *rest)
        shop.run("DELETE FROM line")  # another user, between two tables
        return frame

    monkeypatch.setattr(server_reader, "_fetched", and_then)
    assert len(read_dataset(shop.url)["line"]) == len(ROWS["line"])
    assert set(seen) == {"on"}


def test_what_has_no_type_here_is_left_out(server: Any) -> None:
    database = server.new(
        "CREATE TABLE t (id INT PRIMARY KEY, doc JSONB, raw BYTEA, many INT[], x INT)",
        "INSERT INTO t SELECT i, '{}', 'a', '{1}', i % 9 FROM generate_series(1, 30) i",
        "CREATE TABLE docs (doc JSONB)",
        "INSERT INTO docs VALUES ('{}')",
        "CREATE TABLE whole (id INT, at DATE) PARTITION BY RANGE (at)",
        "CREATE TABLE part PARTITION OF whole FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "INSERT INTO whole VALUES (1, '2024-02-03')",
    )
    dataset = read_dataset(database.url)
    assert set(dataset) == {"t", "whole"}
    assert dataset["t"].schema.names == ("id", "x")
    assert len(dataset["t"].origin.notes) == 3
    assert any("'docs' has no column" in note for note in dataset.origin.notes)


def test_values_longer_than_the_declared_type(server: Any) -> None:
    """Rare categories get a word that the source does not have."""
    database = server.new(
        "CREATE TABLE t (id SMALLINT PRIMARY KEY, country CHAR(2), size NUMERIC(3, 1))",
        "INSERT INTO t SELECT i, 'AT', 1.5 FROM generate_series(1, 30) i",
    )
    table = read(f"{database.url}::t")
    wide = (
        pl.lit("(rare)").alias("country"),
        pl.col("id") + 40_000,
        pl.col("size").cast(pl.Float64) * 1e6,
    )
    copy = server.new()
    write_dataset(copy.url, Dataset({"t": table.with_frame(table.frame.with_columns(*wide))}))
    assert copy.rows("SELECT min(country), max(id), max(size) FROM t") == [
        ("(rare)", 40_030, 1.5e6)
    ]


BAD = {
    "wrong password": "postgresql://ann:Tr0ub4dor-wrong@127.0.0.1:{port}/{name}",
    "no server": "postgresql://ann:Tr0ub4dor@127.0.0.1:1/{name}",
    "no database": "{url}x",
    "no user": "postgresql://bob:Tr0ub4dor@127.0.0.1:{port}/{name}",
    "bad port": "postgresql://ann:Tr0ub4dor@127.0.0.1:port/{name}",
    "bad option": "{url}?no_such_option=Tr0ub4dor",
    "no such kind": "postgrexql://ann:Tr0ub4dor@127.0.0.1/{name}",
    "no driver": "oracle://ann:Tr0ub4dor@127.0.0.1/{name}",
    "a URL of a file": "https://ann:Tr0ub4dor@127.0.0.1/{name}",
    "secret option": "https://127.0.0.1/{name}?password=Tr0ub4dor",
}


@pytest.mark.parametrize("what", BAD)
def test_errors_have_two_lines_and_no_password(
    server: Any, same_shop: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str], what: str
) -> None:
    shop = same_shop
    url = BAD[what].format(port=server.port, name=shop.name, url=shop.url)
    for command in (["inspect", url], ["synth", shop.url, "--to", url, "-o", str(tmp_path / "o")]):
        assert call([*command, "--json"]) in (1, 2)
        out, err = capfd.readouterr()
        assert SECRET not in out + err
        assert "internal error" not in err
        assert len([line for line in err.splitlines() if line.startswith(("error:", "hint:"))]) == 2
    with pytest.raises(ar.ArtesianError) as caught:
        ar.read_dataset(url)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__)


def test_a_user_without_rights(server: Any, shop: Any) -> None:
    shop.run(
        "DROP ROLE IF EXISTS eve",
        "CREATE ROLE eve LOGIN PASSWORD 'apple'",
        "GRANT SELECT ON staff TO eve",
    )
    eve = shop.url.partition("ann")[0] + "eve:apple@" + shop.url.partition("@")[2]
    with pytest.raises(DataError, match="permission denied for table customer") as caught:
        read_dataset(eve)
    assert caught.value.hint == "check that the user may read all its tables"
    with pytest.raises(OutputError, match="refuses: permission denied for database"):
        write_dataset(f"{eve}?schema=mine", read_dataset(shop.url))
    shop.run("DROP OWNED BY eve", "DROP ROLE eve")


def test_the_target_is_a_database_not_a_table(same_shop: Any) -> None:
    with pytest.raises(UsageError, match="is one table"):
        write_dataset(f"{same_shop.url}::line", read_dataset(same_shop.url))


@pytest.mark.parametrize("verb", ["compare", "fit", "inspect"])
def test_other_commands_show_no_password(
    server: Any, shop: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str], verb: str
) -> None:
    line, out = f"{shop.url}::line", tmp_path / "out"
    command = {
        "compare": ["compare", line, line, "-o", str(out), "--metrics", "ks"],
        "fit": ["fit", line, "-o", str(out)],
        "inspect": ["inspect", line, "-o", str(out)],
    }[verb]
    assert call([*command, "--debug"]) == 0
    assert call([*command[:-1], "--no-such-option", line, "--debug"]) == 2
    captured = capfd.readouterr()
    files = [out] if out.is_file() else [p for p in out.rglob("*") if p.is_file()]
    texts = [captured.out, captured.err, *(p.read_bytes().decode("latin-1") for p in files)]
    assert files
    assert not [text for text in texts if SECRET in text]


def test_a_traceback_shows_no_password(
    server: Any, shop: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = shop.url.replace(SECRET, f"{SECRET}-wrong")
    assert call(["inspect", wrong, "--debug"]) == 1
    err = capfd.readouterr().err
    assert "Traceback" in err
    assert SECRET not in err


def test_intervals_and_self_references_of_related_tables(server: Any, tmp_path: Path) -> None:
    database = server.new(
        'CREATE TABLE "user" (id bigserial PRIMARY KEY, name text NOT NULL, wait interval)',
        'CREATE TABLE "order" (id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES "user" (id), '
        'span interval NOT NULL, before int REFERENCES "order" (id))',
        "INSERT INTO \"user\" (name, wait) SELECT 'n' || i, i * interval '90 seconds' "
        "FROM generate_series(1, 120) i",
        'INSERT INTO "order" (user_id, span, before) SELECT 1 + (i * 7919) % 120, '
        "(i % 50) * interval '7 minutes', CASE WHEN i > 9 AND i % 3 = 0 THEN i - 1 - i % 7 END "
        "FROM generate_series(1, 400) i",
    )
    assert call(["synth", database.url, "-o", str(tmp_path / "out"), "-q"]) == 0
    made = pl.read_csv(tmp_path / "out" / "data" / "order.csv")
    known = made.drop_nulls("before")
    assert known.height > 40
    assert set(known["before"]) <= set(made["id"])
