"""Writing datasets: files alike, keys declared, and all tables or none."""

from __future__ import annotations

import sqlite3

import duckdb
import polars as pl
import pytest
from tests.data.shop import KEYS, write_shop

from artesian.core.errors import OutputError, UsageError
from artesian.data.dataset import Dataset
from artesian.data.read import read, read_dataset
from artesian.data.schema import ForeignKey
from artesian.data.table import Origin
from artesian.data.write_dataset import parents_first, write_dataset


def same(one: Dataset, other: Dataset) -> bool:
    return set(one) == set(other) and all(
        one[name]
        .frame.sort(one[name].schema.names)
        .equals(other[name].frame.sort(other[name].schema.names))
        for name in one
    )


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
@pytest.mark.parametrize("source", ["shop.db", "shop.duckdb"])
def test_a_database_keeps_rows_and_keys(tmp_path, scheme, source):
    dataset = read_dataset(write_shop(tmp_path / source))
    target = tmp_path / f"copy.{scheme}"
    assert write_dataset(f"{scheme}:///{target}", dataset) == ()
    copy = read_dataset(target)
    assert {str(key) for key in copy.foreign_keys} == KEYS
    assert {n: t.schema.key for n, t in copy.items()} == {
        n: t.schema.key for n, t in dataset.items()
    }
    assert copy["staff"].frame.equals(dataset["staff"].frame)
    assert copy["line"].frame.equals(dataset["line"].frame)


def test_a_database_is_written_into_a_folder_as_one_file(tmp_path):
    dataset = read_dataset(write_shop(tmp_path / "shop.db"))
    assert write_dataset(tmp_path / "out", dataset) == ()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "dataset.toml",
        "manifest.json",
        "shop.db",
    ]
    copy = read_dataset(tmp_path / "out")
    assert same(copy, dataset)
    assert copy.foreign_keys == dataset.foreign_keys
    with sqlite3.connect(tmp_path / "out" / "shop.db") as base:
        (line,) = base.execute("SELECT sql FROM sqlite_master WHERE name = 'line'").fetchone()
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    base.close()
    assert all(part in line for part in ("PRIMARY KEY", "VARCHAR(10)", "FOREIGN KEY"))


def test_a_folder_of_files_is_written_alike(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "stores.csv").write_bytes(b"store_id;city\r\n1;Graz\r\n2;?\r\n7;Wels\r\n")
    (folder / "sales.csv").write_bytes(b"store_id,amount\n1.0,5\n,6\n7.0,7\n")
    pl.DataFrame({"store_id": [1, 2], "size": [5, 6]}).write_parquet(folder / "sizes.parquet")
    dataset = read_dataset(folder)
    write_dataset(tmp_path / "out", dataset)
    for name in ("stores.csv", "sales.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()
    copy = read_dataset(tmp_path / "out")
    assert same(copy, dataset)
    assert copy.foreign_keys == dataset.foreign_keys
    assert copy.schemas == dataset.schemas


def test_keys_that_rows_violate_are_named_and_not_declared(tmp_path):
    shop = read_dataset(write_shop(tmp_path / "shop.db"))
    lines = shop["line"].frame.with_columns(no=pl.col("no") + 30)
    invoices = pl.concat([shop["invoice"].frame, shop["invoice"].frame.head(1)])
    for changed, notes in (({"line": lines}, 1), ({"invoice": invoices}, 2)):
        target = tmp_path / f"{notes}.duckdb"
        written = write_dataset(f"duckdb:///{target}", shop.with_frames(changed))
        assert len(written) == notes
        assert "not declared" in written[0]
        assert len(read_dataset(target).foreign_keys) == 3
    assert (
        "60 rows refer to no row"
        in write_dataset(f"sqlite:///{tmp_path / 'x.db'}", shop.with_frames({"line": lines}))[0]
    )


def test_all_tables_or_none(tmp_path):
    shop = read_dataset(write_shop(tmp_path / "shop.db"))
    for scheme, module in (("sqlite", sqlite3), ("duckdb", duckdb)):
        target = tmp_path / f"t.{scheme}"
        base = module.connect(str(target))
        base.execute("CREATE TABLE line (x INTEGER)")
        base.commit()
        base.close()
        with pytest.raises(OutputError, match="line"):
            write_dataset(f"{scheme}:///{target}", shop)
        base = module.connect(str(target))
        kind = "sqlite_master" if scheme == "sqlite" else "duckdb_tables()"
        assert base.execute(f"SELECT count(*) FROM {kind}").fetchall() == [(1,)]
        base.close()


def test_what_was_there_is_replaced_only_if_it_is_a_dataset(tmp_path):
    shop = read_dataset(write_shop(tmp_path / "shop.db"))
    write_dataset(tmp_path / "out", shop)
    with pytest.raises(OutputError, match="exists already"):
        write_dataset(tmp_path / "out", shop)
    write_dataset(tmp_path / "out", shop, force=True)
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "letter").write_text("dear")
    with pytest.raises(OutputError, match="not the folder of a dataset"):
        write_dataset(tmp_path / "mail", shop, force=True)
    assert (tmp_path / "mail" / "letter").exists()
    with pytest.raises(UsageError, match="there is no database 'sqlit'"):
        write_dataset("sqlit:///x.db", shop)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mail", "out", "shop.db"]


def test_two_tables_of_one_file_name_are_refused(tmp_path):
    frame = pl.DataFrame({"a": [1, 2]})
    dataset = read_dataset({"T": frame, "t": frame})
    with pytest.raises(OutputError, match="'T' and 't' would both be written to T"):
        write_dataset(tmp_path / "out", dataset)
    assert list(tmp_path.iterdir()) == []


def test_a_declared_type_that_is_no_type_reaches_no_statement(tmp_path):
    shop = read_dataset(write_shop(tmp_path / "shop.duckdb"))
    staff = shop["staff"]
    stolen = tmp_path / "stolen"
    bad = f"VARCHAR); COPY (SELECT 1) TO '{stolen}'; CREATE TEMP TABLE z(a INT"
    options = {**staff.origin.options, "declared": {"name": bad}}
    origin = Origin(name="staff", format="duckdb", options=options)
    hostile = type(staff)(staff.frame, staff.schema, origin)
    write_dataset(f"duckdb:///{tmp_path / 'x.duckdb'}", Dataset({"staff": hostile}))
    assert not stolen.exists()
    assert len(read_dataset(tmp_path / "x.duckdb")["staff"]) == 3


def test_parents_come_first_and_cycles_end():
    table = read_dataset(pl.DataFrame({"id": [1], "up": [1]}))
    one = next(iter(table.values()))
    keys = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "c"), ("d", "a")]
    dataset = Dataset(
        dict.fromkeys("dabc", one), tuple(ForeignKey(c, ("up",), p, ("id",)) for c, p in keys)
    )
    assert parents_first(dataset) == ("c", "b", "a", "d")


@pytest.mark.parametrize("first", ["sqlite", "duckdb"])
@pytest.mark.parametrize("second", ["sqlite", "duckdb"])
def test_unique_columns_and_indexes_come_back(tmp_path, first, second):
    path = tmp_path / f"a.{first}"
    base = (sqlite3 if first == "sqlite" else duckdb).connect(str(path))
    base.execute(
        'CREATE TABLE "a b" (id INTEGER PRIMARY KEY, x VARCHAR(9), "y z" INTEGER, UNIQUE (x))'
    )
    base.execute('CREATE INDEX "by y" ON "a b" ("y z", x)')
    base.execute('CREATE UNIQUE INDEX single ON "a b" ("y z")')
    for i in range(9):
        base.execute('INSERT INTO "a b" VALUES (?, ?, ?)', (i, f"n{i}", i + 7))
    base.commit()
    base.close()
    dataset = Dataset({"a b": read(f"{path}::a b")})
    assert write_dataset(f"{second}:///{tmp_path / 'copy'}", dataset) == ()
    options = read(f"{tmp_path / 'copy'}::a b").origin.options
    assert options["unique"] == [["x"]]
    assert sorted(options["indexes"], key=lambda one: one["name"]) == [
        {"name": "by y", "columns": ["y z", "x"], "unique": False},
        {"name": "single", "columns": ["y z"], "unique": True},
    ]
    twice = dataset["a b"].frame.with_columns(x=pl.lit("n"), **{"y z": pl.lit(1)})
    notes = write_dataset(f"{second}:///{tmp_path / 'twice'}", dataset.with_frames({"a b": twice}))
    assert notes == (
        "a b(x) is not declared as unique: its values repeat",
        "a b: the index 'single' is not unique: its values repeat",
    )
