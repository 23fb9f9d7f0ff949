"""In tables of many columns, relations of several columns are found among neighbours."""

import numpy as np
import polars as pl

from artesian.data.read import read
from artesian.relations.discover import discover
from artesian.relations.search.linear import linear_pairs
from artesian.relations.search.rows import Rows


def test_relations_between_neighbours_are_found_among_150_columns() -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{i}": rng.random(200).round(3) for i in range(140)}
    low, high = rng.integers(0, 40, (2, 200))
    home = rng.choice(list("ABCDEFGH"), 200)
    away = np.array([rng.choice([team for team in "ABCDEFGH" if team != one]) for one in home])
    planted = {
        "first": low,
        "second": high,
        "larger": np.maximum(low, high),
        "home": home,
        "away": away,
        "copy": columns["c3"],
        "share": (low / np.maximum(low + high, 1)).round(4),
    }
    table = read(pl.DataFrame(columns | planted))
    found = {str(one.relation) for one in discover(table)}
    assert "larger = max(first, second)" in found
    assert "home != away" in found
    assert any(text in found for text in ("copy = c3", "c3 = copy"))
    assert any(text.startswith("share = first / (first + second)") for text in found)


def test_copies_of_dates_beyond_those_of_python_are_found() -> None:
    days = pl.Series(np.random.default_rng(0).integers(3_000_000, 4_000_000, 60), dtype=pl.Int32)
    frame = pl.DataFrame({"a": days.cast(pl.Date), "b": days.cast(pl.Date), "c": range(60)})
    assert {str(one.relation) for one in discover(read(frame))} & {"a = b", "b = a"}


def test_ratings_are_compared_only_if_one_is_an_exact_multiple() -> None:
    rng = np.random.default_rng(0)
    ratings = {f"r{i}": rng.integers(0, 5, 200) for i in range(30)}
    table = read(pl.DataFrame(ratings | {"twice": 2 * ratings["r7"] + 1}))
    numeric = Rows.from_table(table).numeric
    pairs = {(numeric.names[one], numeric.names[other]) for one, other in linear_pairs(numeric)}
    assert pairs == {("twice", "r7"), ("r7", "twice")}
