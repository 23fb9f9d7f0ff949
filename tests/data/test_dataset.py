"""Datasets: what foreign keys must fit, what a summary holds, and the way to one table."""

from __future__ import annotations

import json

import polars as pl
import pytest

from artesian.core.errors import DataError, SchemaError, Unsupported
from artesian.data.dataframes import from_dataframe
from artesian.data.dataset import Dataset, require_single_table
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.table import Origin, Table

STORES = from_dataframe(pl.DataFrame({"id": [1, 2], "city": ["Graz", "Linz"]}))
SALES = from_dataframe(pl.DataFrame({"store": [1, 2, 1], "amount": [1.5, 2.5, 3.5]}))
KEY = ForeignKey("sales", ("store",), "stores", ("id",))


def test_a_dataset_maps_names_to_tables():
    dataset = Dataset({"stores": STORES, "sales": SALES}, (KEY,), Origin(name="shop"))
    assert list(dataset) == ["stores", "sales"]
    assert dataset["sales"] is SALES
    assert (len(dataset), dataset.name) == (2, "shop")
    assert dataset.schemas["stores"] is STORES.schema
    assert dataset.parents_of("sales") == dataset.children_of("stores") == (KEY,)
    with pytest.raises(SchemaError, match="no table 'store'\nhint: did you mean 'stores'"):
        dataset["store"]


def test_one_table_is_a_dataset_of_one():
    schema = Schema(columns=(Column(name="a", kind=Kind.NUMBER),))
    table = Table(pl.DataFrame({"a": [1]}), schema, Origin(name="one"))
    dataset = Dataset.from_table(table)
    assert dict(dataset) == {"one": table}
    assert dataset.name == "one"
    assert require_single_table(dataset) is table


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (ForeignKey("sale", ("store",), "stores", ("id",)), "'sale' that does not exist"),
        (ForeignKey("sales", ("store",), "store", ("id",)), "'store' that does not exist"),
        (ForeignKey("sales", ("shop",), "stores", ("id",)), "'shop' that does not exist"),
        (ForeignKey("sales", ("store",), "stores", ("key",)), "'key' that does not exist"),
        (ForeignKey("sales", ("store",), "stores", ("city",)), "compares 'store', a Int64"),
    ],
)
def test_a_foreign_key_must_fit_the_tables(key, problem):
    with pytest.raises(SchemaError, match=problem):
        Dataset({"stores": STORES, "sales": SALES}, (key,))


def test_a_foreign_key_has_as_many_columns_as_its_parent():
    with pytest.raises(SchemaError, match="2 columns in the child and 1 in the parent"):
        ForeignKey("a", ("x", "y"), "b", ("z",))
    with pytest.raises(SchemaError, match="0 columns"):
        ForeignKey("a", (), "b", ())


def test_a_foreign_key_comes_back_from_its_dict():
    assert ForeignKey.from_dict(json.loads(json.dumps(KEY.to_dict()))) == KEY
    with pytest.raises(SchemaError, match="has no entry 'parent_columns'"):
        ForeignKey.from_dict({"child": "a", "columns": ["x"], "parent": "b"})
    with pytest.raises(SchemaError, match="is not a list of column names"):
        ForeignKey.from_dict(KEY.to_dict() | {"columns": [1]})
    with pytest.raises(SchemaError, match="no entry 'table'"):
        ForeignKey.from_dict(KEY.to_dict() | {"table": "a"})


def test_rows_are_selected_by_a_mask_per_table():
    dataset = Dataset({"stores": STORES, "sales": SALES}, (KEY,))
    part = dataset.select_rows({"sales": [True, False, True]})
    assert part["sales"].frame["amount"].to_list() == [1.5, 3.5]
    assert part["stores"] is STORES


def test_a_summary_has_sizes_and_keys_and_no_values():
    summary = Dataset({"stores": STORES, "sales": SALES}, (KEY,), Origin(name="shop")).summary()
    assert summary["name"] == "shop"
    assert summary["tables"]["sales"] == {"rows": 3, "columns": 2, "key": []}
    assert summary["foreign_keys"] == [KEY.to_dict()]
    assert "Graz" not in json.dumps(summary)


def test_no_table_and_several_tables_are_refused():
    with pytest.raises(DataError, match="at least one table"):
        Dataset({})
    origin = Origin(name="shop", format="sqlite", options={"path": "data/shop.db"})
    with pytest.raises(Unsupported, match=r"2 tables \(stores, sales\)") as caught:
        require_single_table(Dataset({"stores": STORES, "sales": SALES}, (KEY,), origin))
    assert caught.value.hint == "give one table: data/shop.db::stores"
