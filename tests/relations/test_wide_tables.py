"""In tables of many columns, relations of several columns are found among neighbours."""

import numpy as np
import polars as pl

from artesian.data.read import read
from artesian.relations.discover import discover
from artesian.relations.search.linear import linear_pairs
from artesian.relations.search.rows import Rows
from artesian.relations.windows import MAX_TOGETHER, SHARED, not_searched, windows


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


def test_every_searched_column_is_beside_its_neighbours_in_some_group() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({f"c{at}": rng.integers(0, 90, 200) for at in range(160)})
    groups = windows(read(frame))
    assert max(map(len, groups)) <= MAX_TOGETHER
    names = frame.columns
    for at in range(160 - SHARED):
        assert any({names[at], names[at + SHARED]} <= set(group) for group in groups), at


def test_relations_far_into_a_wide_table_and_with_its_first_identifier_are_found() -> None:
    rng = np.random.default_rng(2)
    person = rng.integers(0, 60, 600)
    towns = rng.choice(["Ulm", "Bern", "Graz", "Brno", "Metz"], 60)
    columns = {f"c{at}": rng.choice(["no", "yes", "maybe"], 600) for at in range(200)}
    low = rng.integers(0, 900, 600)
    planted = {"low": low, "other": rng.integers(0, 900, 600), "town": towns[person]}
    planted["total"] = planted["low"] + planted["other"]
    frame = pl.DataFrame(
        {"customer_id": person + 5000, **columns, **planted, "c3 again": columns["c3"]}
    )
    found = {str(one.relation) for one in discover(read(frame))}
    assert any("total" in text and "low" in text and "other" in text for text in found), found
    assert "customer_id -> town" in found
    assert 'c3 = "c3 again"' in found or '"c3 again" = c3' in found


def test_no_column_is_computed_twice_or_from_itself() -> None:
    rng = np.random.default_rng(3)
    columns: dict[str, np.ndarray] = {}
    for at in range(45):
        columns |= {f"a{at}": rng.integers(0, 500, 60), f"b{at}": rng.integers(0, 500, 60)}
        columns[f"s{at}"] = columns[f"a{at}"] + columns[f"b{at}"]
    found = discover(read(pl.DataFrame(columns)))
    targets = [str(one.relation).split(" = ")[0] for one in found if " = " in str(one.relation)]
    assert len(targets) == len(set(targets)) == 45


def test_what_is_not_searched_is_said() -> None:
    rng = np.random.default_rng(4)
    wide = read(pl.DataFrame({f"c{at}": rng.integers(0, 9, 20) for at in range(300)}))
    assert "the first 128 of the 300 columns" in not_searched(wide)
    narrow = read(pl.DataFrame({f"c{at}": rng.integers(0, 9, 20) for at in range(9)}))
    assert not not_searched(narrow)


def test_ratings_are_compared_only_if_one_is_an_exact_multiple() -> None:
    rng = np.random.default_rng(0)
    ratings = {f"r{i}": rng.integers(0, 5, 200) for i in range(30)}
    table = read(pl.DataFrame(ratings | {"twice": 2 * ratings["r7"] + 1}))
    numeric = Rows.from_table(table).numeric
    pairs = {(numeric.names[one], numeric.names[other]) for one, other in linear_pairs(numeric)}
    assert pairs == {("twice", "r7"), ("r7", "twice")}
