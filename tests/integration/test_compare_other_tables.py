"""`compare` reads what other tools leave behind: folders, databases, tables of another shape."""

import sqlite3
from contextlib import closing

import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import Unsupported
from artesian.testing.tables import purchases

METRICS = ["ks", "tv", "validity"]


@pytest.fixture
def frame():
    return purchases(300).frame


def into_sqlite(place, **tables):
    with closing(sqlite3.connect(place)) as base, base:
        for name, table in tables.items():
            base.execute(f"CREATE TABLE {name} ({', '.join(table.columns)})")
            marks = ", ".join("?" * table.width)
            base.executemany(f"INSERT INTO {name} VALUES ({marks})", table.rows())


def compared(real, synthetic, **more):
    return ar.compare(real, synthetic, metrics=METRICS, **more)


def test_a_folder_of_one_table_is_that_table(tmp_path, frame):
    frame.write_csv(tmp_path / "bought.csv")
    expected = compared(tmp_path / "bought.csv", tmp_path / "bought.csv").to_dict()
    assert compared(tmp_path / "bought.csv", tmp_path).to_dict() == expected
    assert compared(tmp_path, str(tmp_path), holdout=tmp_path).rows["holdout"] == 300
    assert compared(frame, {"one": frame}).rows["synthetic"] == 300


def test_a_database_of_one_table_is_that_table(tmp_path, frame):
    place = tmp_path / "shop.db"
    into_sqlite(place, bought=frame)
    assert compared(frame, place).rows["synthetic"] == 300
    assert compared(place, tmp_path).rows["real"] == 300


def test_of_a_database_of_several_tables_one_is_named(tmp_path, frame):
    place = tmp_path / "shop.db"
    into_sqlite(place, bought=frame, tax=pl.DataFrame({"region": ["north"], "tax": [1]}))
    for source in (place, tmp_path):
        with pytest.raises(ar.ArtesianError, match=r"bought, tax") as caught:
            compared(frame, source)
        assert "::" in caught.value.hint
    assert compared(frame, f"{place}::bought").rows["synthetic"] == 300


@pytest.mark.parametrize("place", ["synthetic", "holdout"])
def test_several_tables_are_refused_with_the_way_to_name_one(tmp_path, frame, place):
    frame.write_csv(tmp_path / "bought.csv")
    pl.DataFrame({"region": ["north", "south"], "tax": [1, 2]}).write_csv(tmp_path / "tax.csv")
    sources = {"synthetic": frame, place: tmp_path}
    with pytest.raises(Unsupported, match=r"2 tables \(bought, tax\)") as caught:
        compared(frame, **sources)
    assert "bought.csv" in caught.value.hint
    with pytest.raises(Unsupported, match="2 tables"):
        compared(frame, {"a": frame, "b": frame})
