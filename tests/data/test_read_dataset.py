"""Reading folders and databases: every table, the keys they declare or show, and nothing outside."""

from __future__ import annotations

import json
import sqlite3

import duckdb
import polars as pl
import pytest
from tests.data.shop import KEYS, ROWS, write_shop

from artesian.core.errors import DataError, SchemaError, Unsupported
from artesian.data.dataset import DatasetSchema, require_single_table
from artesian.data.read import explain_dataset, read, read_dataset
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.schema_io import write_schema

STORES = "store_id,city\n1,Graz\n2,Linz\n7,Wels\n"
SALES = "store_id,day,amount\n1,2020-01-01,5\n7,2020-01-01,6\n7,2020-01-02,\n2,2020-01-02,5\n"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "chain"
    path.mkdir()
    (path / "stores.csv").write_text(STORES)
    (path / "sales.csv").write_text(SALES)
    return path


@pytest.mark.parametrize("file", ["shop.db", "shop.duckdb"])
def test_a_database_is_read_with_the_keys_it_declares(tmp_path, file):
    dataset = read_dataset(write_shop(tmp_path / file))
    assert dataset.name == "shop"
    assert {name: len(table) for name, table in dataset.items()} == {
        name: len(rows) for name, rows in ROWS.items()
    }
    assert {str(key) for key in dataset.foreign_keys} == KEYS
    assert dataset["invoice"].schema.key == ("year", "no")
    assert dataset["customer"].schema["agent"].kind is Kind.KEY
    assert dataset["customer"].schema["born"].kind is Kind.DATETIME
    assert dataset.origin.notes == ()


def test_the_evidence_of_a_key_says_where_it_comes_from(tmp_path):
    evidence = explain_dataset(write_shop(tmp_path / "shop.db")).evidence
    assert evidence["line"]["no"].endswith("invoice(year, no), declared by the database")


def test_sqlite_keys_without_columns_or_parent(tmp_path):
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE Parent (Id INTEGER PRIMARY KEY, x REAL);"
            "CREATE TABLE child (p INTEGER REFERENCES parent, q INTEGER REFERENCES nowhere(id));"
            "INSERT INTO Parent VALUES (1, 1.5), (2, 2.5); INSERT INTO child VALUES (2, 9);"
        )
    base.close()
    dataset = read_dataset(path)
    assert [str(key) for key in dataset.foreign_keys] == ["child(p) -> Parent(Id)"]


def test_what_is_no_plain_table_is_left_out_with_a_note(tmp_path):
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, picture BLOB); CREATE TABLE empty (x INT);"
            "CREATE VIEW v AS SELECT id FROM a; INSERT INTO a VALUES (1, x'00'), (2, NULL);"
        )
    base.close()
    dataset = read_dataset(path)
    assert list(dataset) == ["a"]
    assert dataset["a"].schema.names == ("id",)
    assert dataset["a"].origin.notes == ("column 'picture' has bytes and was left out",)
    assert dataset.origin.notes == ("the table 'empty' has no rows and was left out",)
    other = tmp_path / "t.duckdb"
    with duckdb.connect(str(other)) as base:
        base.execute("CREATE TABLE a AS SELECT 1 AS id, [1, 2] AS many")
        base.execute("CREATE SCHEMA s; CREATE TABLE s.b AS SELECT 1 AS id")
    dataset = read_dataset(other)
    assert list(dataset) == ["a"]
    assert "'many' has nested values" in dataset["a"].origin.notes[0]
    note = f"the table 'b' of the schema 's' was left out; {other}::s.b reads it"
    assert dataset.origin.notes == (note,)


def test_a_view_of_a_duckdb_file_reaches_no_other_file(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute(f"CREATE VIEW v AS SELECT content FROM read_text('{secret}')")
        base.execute("CREATE TABLE t AS SELECT 1 AS id")
    assert list(read_dataset(path)) == ["t"]
    with pytest.raises(DataError, match="reads other files"):
        read(f"{path}::v")


def test_the_tables_of_a_folder_and_the_keys_their_names_show(folder):
    dataset = read_dataset(folder)
    assert (dataset.name, list(dataset)) == ("chain", ["sales", "stores"])
    assert [str(key) for key in dataset.foreign_keys] == ["sales(store_id) -> stores(store_id)"]
    assert dataset["stores"].schema.key == ("store_id",)
    assert dataset["sales"].schema["store_id"].kind is Kind.KEY
    assert "all 3 values of 'store_id' occur in it" in dataset.origin.notes[0]


@pytest.mark.parametrize(
    ("stores", "sales"),
    [
        ("store_id,city\n1,Graz\n2,Linz\n", SALES),
        ("store_id,city\n1,Graz\n2,Linz\n7,Wels\n7,Enns\n", SALES),
        ("id,city\n1,Graz\n2,Linz\n7,Wels\n", SALES.replace("store_id", "amount_id")),
    ],
    ids=["a value is missing in the parent", "the parent is not unique", "no name points there"],
)
def test_no_key_is_inferred_without_all_of_the_evidence(folder, stores, sales):
    (folder / "stores.csv").write_text(stores)
    (folder / "sales.csv").write_text(sales)
    assert read_dataset(folder).foreign_keys == ()


def test_two_parents_that_fit_alike_give_no_key(folder):
    (folder / "shops.csv").write_text(STORES)
    (folder / "stores.csv").rename(folder / "places.csv")
    assert "sales" not in {key.child for key in read_dataset(folder).foreign_keys}


def test_codes_that_are_digits_on_one_side_only_are_text_on_both(folder):
    (folder / "stores.csv").write_text("code,city\nA1,Graz\n2,Linz\n3,Wels\n")
    (folder / "sales.csv").write_text("store,amount\n2,5\n3,6\n2,7\n")
    key = ForeignKey("sales", ("store",), "stores", ("code",))
    schema = DatasetSchema(
        {"stores": Schema(columns=(Column(name="city", kind=Kind.CATEGORY),))}, (key,)
    )
    dataset = read_dataset(folder, schema=schema)
    assert dataset["sales"].frame["store"].to_list() == ["2", "3", "2"]
    assert dataset["sales"].schema["store"].kind is Kind.KEY


def test_keys_that_a_library_wrote_with_decimals_are_whole_numbers(folder):
    (folder / "sales.csv").write_text("store_id,amount\n1.0,5\n,6\n7.0,7\n")
    dataset = read_dataset(folder)
    assert len(dataset.foreign_keys) == 1
    assert dataset["sales"].frame["store_id"].to_list() == [1, None, 7]


def test_a_schema_in_the_folder_is_used(folder):
    key = ForeignKey("sales", ("store_id",), "stores", ("store_id",))
    sales = Schema(columns=(Column(name="day", kind=Kind.TEXT),), time="day")
    write_schema(folder / "dataset.toml", {"sales": (sales, {})}, foreign_keys=())
    dataset = read_dataset(folder)
    assert dataset.foreign_keys == ()
    assert dataset["sales"].schema.time == "day"
    given = DatasetSchema({"sales": sales}, (key,))
    assert read_dataset(folder, schema=given).foreign_keys == (key,)
    write_schema(folder / "dataset.toml", {"sale": (sales, {})}, force=True)
    with pytest.raises(SchemaError, match=r"has a table 'sale'.*\nhint: did you mean 'sales'"):
        read_dataset(folder)


def test_sdv_metadata_in_the_folder_are_used_and_are_no_table(folder):
    metadata = {
        "tables": {
            "stores": {"columns": {"store_id": {"sdtype": "id"}}, "primary_key": "store_id"}
        },
        "relationships": [
            {
                "parent_table_name": "stores",
                "child_table_name": "sales",
                "parent_primary_key": "store_id",
                "child_foreign_key": "store_id",
            }
        ],
        "METADATA_SPEC_VERSION": "V1",
    }
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=1))
    (folder / "other.json").write_text('{"tables": {}}')
    dataset = read_dataset(folder)
    assert list(dataset) == ["sales", "stores"]
    assert len(dataset.foreign_keys) == 1
    assert dataset.origin.notes == ()


def test_files_of_a_folder_that_are_left_out_are_named(folder):
    (folder / "README.txt").write_text("about, these\nfiles, here\n")
    (folder / ".hidden.csv").write_text(STORES)
    (folder / "inner").mkdir()
    write_shop(folder / "shop.db")
    dataset = read_dataset(folder)
    assert list(dataset) == ["sales", "stores"]
    assert dataset.origin.notes[0].startswith("shop.db is a database")
    assert dataset.origin.notes[1].startswith("README.txt was not read")


def test_a_folder_is_not_left_through_a_link(folder, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text(STORES)
    (folder / "linked.csv").symlink_to(outside)
    with pytest.raises(DataError, match=r"linked\.csv is a link to a file outside"):
        read_dataset(folder)
    (folder / "linked.csv").unlink()
    (folder / "linked.csv").symlink_to(folder / "stores.csv")
    assert "linked" in read_dataset(folder)


def test_folders_without_tables_and_with_doubles_are_refused(folder, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="contains no table\nhint: give a folder of CSV, JSON"):
        read_dataset(tmp_path / "none")
    (folder / "sales.tsv").write_text("a\n1\n")
    with pytest.raises(DataError, match=r"sales\.csv and sales\.tsv are both a table 'sales'"):
        read_dataset(folder)


def test_one_table_where_there_are_several_names_them_and_both_ways(folder, tmp_path):
    with pytest.raises(DataError, match=r"folder of 2 tables \(sales, stores\)") as caught:
        read(folder)
    assert str(folder / "sales.csv") in caught.value.hint
    assert "read_dataset()" in caught.value.hint
    path = write_shop(tmp_path / "shop.db")
    with pytest.raises(DataError, match="read all of them with read_dataset"):
        read(path)
    with pytest.raises(Unsupported, match=r"and this needs one table") as caught:
        require_single_table(read_dataset(path))
    assert len(read(caught.value.hint.removeprefix("give one table: "))) == 3
    with pytest.raises(Unsupported) as caught:
        require_single_table(read_dataset(folder))
    assert len(read(caught.value.hint.removeprefix("give one table: "))) == 4


def test_every_other_source_is_a_dataset_of_one(folder, tmp_path):
    frame = pl.DataFrame({"a": [1, 2]})
    write_shop(tmp_path / "shop.db")
    for source in (folder / "sales.csv", frame, read(frame), f"{tmp_path / 'shop.db'}::line"):
        dataset = read_dataset(source)
        assert len(dataset) == 1
        assert require_single_table(dataset).frame.height == len(next(iter(dataset.values())))
        assert read_dataset(dataset) is dataset
    with pytest.raises(DataError, match="no file"):
        read_dataset(tmp_path / "nothing.csv")


def test_tables_in_memory(folder):
    frames = {name: pl.read_csv(folder / f"{name}.csv") for name in ("stores", "sales")}
    dataset = read_dataset(frames)
    assert [str(key) for key in dataset.foreign_keys] == ["sales(store_id) -> stores(store_id)"]
    with pytest.raises(Unsupported, match=r"hint: give one table: dataset\['stores'\]"):
        require_single_table(dataset)


def test_a_database_of_one_table_takes_any_schema_of_one_table(tmp_path):
    path = tmp_path / "t.db"
    with sqlite3.connect(path) as base:
        base.executescript(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, n INT); INSERT INTO a VALUES (1, 5), (2, 6);"
            "CREATE VIEW v AS SELECT n FROM a"
        )
    base.close()
    schema = Schema(columns=(Column(name="n", kind=Kind.CATEGORY),), target="n")
    write_schema(tmp_path / "other.toml", {"other": (schema, {})})
    for given in (schema, DatasetSchema({"other": schema}), tmp_path / "other.toml"):
        table = require_single_table(read_dataset(path, schema=given))
        assert table.schema.target == "n"
        assert table.schema["n"].kind is Kind.CATEGORY
        assert read_dataset(f"{path}::v", schema=given)["v"].schema.target == "n"
    two = {"a": (schema, {}), "b": (schema, {})}
    write_schema(tmp_path / "two.toml", two)
    assert read_dataset(path, schema=tmp_path / "two.toml")["a"].schema.target == "n"
    with pytest.raises(SchemaError, match="has no table 'v'"):
        read_dataset(f"{path}::v", schema=tmp_path / "two.toml")
    with pytest.raises(SchemaError, match="the schema of one table was given for 2 tables"):
        read_dataset({"x": pl.DataFrame({"n": [1]}), "y": pl.DataFrame({"n": [1]})}, schema=schema)


def test_a_database_of_one_view_is_a_dataset_of_one(tmp_path):
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute("CREATE VIEW v AS SELECT 1 AS id, 2 AS n")
    assert read_dataset(path)["v"].frame.rows() == [(1, 2)]
