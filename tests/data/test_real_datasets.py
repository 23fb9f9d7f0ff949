"""Related tables of real sources: keys as declared, keys as inferred, and back from databases."""

from __future__ import annotations

import pytest
from tests.real_tables import FOLDER

from artesian.data.dataset import DatasetSchema
from artesian.data.read import read_dataset
from artesian.data.write_dataset import write_dataset

NOTHING = DatasetSchema({})
"""Instead of the metadata in the folder, so that everything is inferred."""


@pytest.mark.parametrize(
    ("name", "inferred"), [("chinook", 11), ("nycflights", 2)], ids=["chinook", "nycflights"]
)
def test_inferred_foreign_keys_are_among_the_declared_ones(name, inferred):
    declared = {str(key) for key in read_dataset(FOLDER / name).foreign_keys}
    keys = {str(key) for key in read_dataset(FOLDER / name, schema=NOTHING).foreign_keys}
    assert keys <= declared
    assert len(keys) == inferred


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_chinook_comes_back_from_a_database(tmp_path, scheme):
    dataset = read_dataset(FOLDER / "chinook")
    target = tmp_path / f"chinook.{scheme}"
    assert write_dataset(f"{scheme}:///{target}", dataset) == ()
    copy = read_dataset(target)
    assert {str(key) for key in copy.foreign_keys} == {str(key) for key in dataset.foreign_keys}
    for name, table in dataset.items():
        assert copy[name].schema.key == table.schema.key
        assert copy[name].frame.height == table.frame.height
