"""Related tables that are not as they should be: a clear error, or a stated way to go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.databases.stored import (
    Stored,
    as_folder,
    as_postgres,
    as_sqlite,
    children,
    parents,
)

from artesian.cli.app import call
from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset
from artesian.data.write_dataset import write_dataset

ALL = ("folder", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
LAX = ("folder", "sqlite")
"""Sources that do not enforce keys."""

LINK = (("parent_id", "parent", "id"),)
PARENT = Stored(parents(), ("id",))
CHILD = Stored(children(), ("no",), LINK)
Store = Callable[[Mapping[str, Stored], str], str]


@pytest.fixture
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    def stored(tables: Mapping[str, Stored], kind: str) -> str:
        if kind == "postgresql":
            return as_postgres(request.getfixturevalue("server"), tables)
        if kind == "folder":
            return as_folder(tmp_path / "in", tables)
        return as_sqlite(tmp_path / "in.db", tables)

    return stored


def synth(source: str, out: Path, *options: str) -> tuple[Dataset, list[str]]:
    """The tables that were written, to a database if they come from one, and the notes."""
    fast = ["--set", "rounds=0", "--holdout", "0", "-q"]
    target = ["--to", f"{source}?schema=made"] if source.startswith("postgresql") else []
    assert call(["synth", source, "-o", str(out), *fast, *options, *target]) == 0
    if target:
        made = read_dataset(target[1])
    else:
        schema = None if source.endswith(".db") else out / "dataset.toml"
        made = read_dataset(out / "data", schema=schema)
    return made, json.loads((out / "manifest.json").read_text())["notes"]


def refused(source: str, out: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """Both lines of the error."""
    assert call(["synth", source, "-o", str(out), "-q"]) == 1
    assert not out.exists()
    lines = capfd.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "hint"]
    return "\n".join(lines)


def orphans(dataset: Dataset) -> int:
    """Rows that refer to no row, over all foreign keys."""
    total = 0
    for key in dataset.foreign_keys:
        child, parent = dataset.key_values(key)
        total += child.drop_nulls().join(parent, on=parent.columns, how="anti").height
    return total


def orphaned() -> dict[str, Stored]:
    frame = children()
    lost = frame.with_columns(parent_id=pl.when(pl.col("no") <= 7).then(999).otherwise("parent_id"))
    below = pl.DataFrame({"note": range(1, 41), "no": [1, 2, *range(10, 48)], "y": [1.5, 2.5] * 20})
    return {
        "parent": PARENT,
        "child": Stored(lost, ("no",), LINK),
        "note": Stored(below, ("note",), (("no", "child", "no"),)),
    }


@pytest.mark.parametrize("kind", LAX)
def test_orphans_get_no_parent_and_are_counted(store: Store, tmp_path: Path, kind: str) -> None:
    made, notes = synth(store(orphaned(), kind), tmp_path / "out")
    assert notes[-1 - sum("replaced" in note for note in notes)] == (
        "7 rows have a value of child(parent_id) -> parent(id) that no parent row has; they get none"
    )
    assert 2 <= made["child"].frame["parent_id"].null_count() <= 20
    assert orphans(made) == 0


@pytest.mark.parametrize("kind", LAX)
def test_orphans_are_left_out_by_choice(store: Store, tmp_path: Path, kind: str) -> None:
    made, notes = synth(store(orphaned(), kind), tmp_path / "out", "--set", "orphans=drop")
    assert any("7 rows" in note and "left out, with all that refers" in note for note in notes)
    assert made["child"].frame["parent_id"].null_count() == 0
    assert orphans(made) == 0
    rows = json.loads((tmp_path / "out" / "manifest.json").read_text())["rows"]["train"]
    assert rows == {"parent": 60, "child": 193, "note": 38}


def test_orphans_of_a_column_without_missing_values(tmp_path: Path) -> None:
    """SQLite enforces NOT NULL, and no foreign key."""
    source = Path(as_sqlite(tmp_path / "in.db", orphaned()))
    import sqlite3

    with sqlite3.connect(source) as base:
        base.execute("ALTER TABLE child RENAME TO old")
        base.execute(
            "CREATE TABLE child (no BIGINT PRIMARY KEY, parent_id BIGINT NOT NULL "
            "REFERENCES parent (id), x DOUBLE PRECISION NOT NULL)"
        )
        base.execute("INSERT INTO child SELECT * FROM old")
        base.execute("DROP TABLE note")
        base.execute("DROP TABLE old")
    base.close()
    made, _ = synth(str(source), tmp_path / "out")
    assert made["child"].frame["parent_id"].null_count()
    assert made["child"].origin.options["required"] == ["x"]


@pytest.mark.parametrize("kind", LAX)
def test_repeated_keys_are_refused(
    store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    twice = parents().with_columns(id=pl.when(pl.col("id") < 4).then(1).otherwise("id"))
    message = refused(
        store({"parent": Stored(twice), "child": CHILD}, kind), tmp_path / "out", capfd
    )
    assert "parent(id) is a key that child refers to, and 2 rows repeat the key" in message


def test_repeated_keys_that_a_schema_gives_are_refused(
    store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tables = {"parent": PARENT, "child": Stored(children(), ("parent_id",), LINK)}
    assert "child(parent_id) is a key, and 14" in refused(
        store(tables, "folder"), tmp_path / "out", capfd
    )


def test_a_foreign_key_of_a_schema_to_nothing_is_refused(
    store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = Stored(children(), ("no",), (("parent_id", "parents", "id"),))
    message = refused(store({"parent": PARENT, "child": wrong}, "folder"), tmp_path / "out", capfd)
    assert "names a table 'parents' that does not exist\nhint: did you mean 'parent'" in message


def test_a_foreign_key_of_a_schema_to_no_column_is_refused(
    store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = Stored(children(), ("no",), (("parent_id", "parent", "idd"),))
    message = refused(store({"parent": PARENT, "child": wrong}, "folder"), tmp_path / "out", capfd)
    assert "names a column 'idd' that does not exist\nhint: did you mean 'id'" in message


@pytest.mark.parametrize("target", [("gone", "id"), ("parent", "gone")])
def test_a_foreign_key_of_sqlite_to_nothing_is_left_out(
    store: Store, tmp_path: Path, target: tuple[str, str]
) -> None:
    odd = Stored(children(), ("no",), (*LINK, ("x", *target)))
    made, notes = synth(store({"parent": PARENT, "child": odd}, "sqlite"), tmp_path / "out")
    assert f"the foreign key child(x) to {target[0]}({target[1]}) was left out" in notes[0]
    assert [str(key) for key in made.foreign_keys] == ["child(parent_id) -> parent(id)"]


def test_types_that_differ_across_a_foreign_key(
    store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = children().with_columns(parent_id=pl.format("p{}", "parent_id"))
    tables = {"parent": PARENT, "child": Stored(words, ("no",), LINK)}
    message = refused(store(tables, "sqlite"), tmp_path / "out", capfd)
    assert "compares 'parent_id', a String, with 'id', a Int64" in message
    # In text files both are text, and no value agrees.
    message = refused(store(tables, "folder"), tmp_path / "out", capfd)
    assert "no value of child(parent_id) -> parent(id) occurs in the table it refers to" in message


@pytest.mark.parametrize("kind", ALL)
def test_an_empty_child_table_is_left_out(store: Store, tmp_path: Path, kind: str) -> None:
    tables = {"parent": PARENT, "child": CHILD, "empty": Stored(children().clear(), ("no",), LINK)}
    made, notes = synth(store(tables, kind), tmp_path / "out")
    assert "the table 'empty' has no rows and was left out" in notes
    assert set(made) == {"parent", "child"}


@pytest.mark.parametrize("kind", ALL)
def test_a_table_without_relatives_and_one_without_a_key(
    store: Store, tmp_path: Path, kind: str
) -> None:
    log = Stored(children().select("x"))
    tables = {"parent": PARENT, "child": CHILD, "alone": Stored(parents(), ("id",)), "log": log}
    made, _ = synth(store(tables, kind), tmp_path / "out")
    assert {name: len(table) > 40 for name, table in made.items()} == dict.fromkeys(tables, True)
    assert orphans(made) == 0
    assert not made["log"].schema.key


@pytest.mark.parametrize("kind", ALL)
def test_tables_that_refer_to_each_other_in_a_circle(
    store: Store, tmp_path: Path, kind: str
) -> None:
    ids = children(60)["parent_id"]
    tables = {
        "one": Stored(parents(other_id=ids), ("id",), (("other_id", "other", "id"),)),
        "other": Stored(parents(one_id=ids[::-1]), ("id",), (("one_id", "one", "id"),)),
    }
    made, notes = synth(store(tables, kind), tmp_path / "out")
    assert sum("closes a circle of tables" in note for note in notes) == 1
    assert len(made.foreign_keys) == 2
    assert orphans(made) == 0


@pytest.mark.parametrize("kind", ALL)
def test_names_that_need_quotes(store: Store, tmp_path: Path, kind: str) -> None:
    columns = {"parent_id": "group", "x": "100% of; it's", "no": "No"}
    order = Stored(parents().rename({"id": "select", "size": 'the "size"'}), ("select",))
    line = Stored(children().rename(columns), ("No",), (("group", "order", "select"),))
    made, _ = synth(store({"order": order, "from Where": line}, kind), tmp_path / "out")
    assert made["from Where"].schema.names == ("No", "group", "100% of; it's")
    assert made["order"].schema.names == ("select", 'the "size"')
    assert [str(key) for key in made.foreign_keys] == ["from Where(group) -> order(select)"]
    assert orphans(made) == 0


def chain_of_tables(count: int) -> dict[str, Stored]:
    """A parent, and `count` tables, each of which refers to it or to a table before."""
    small = children(40, 40)
    tables = {"parent": Stored(parents(40), ("id",))}
    for number in range(count):
        up = ("parent", "id") if number < count // 2 else (f"t{number - count // 2:03}", "no")
        tables[f"t{number:03}"] = Stored(small, ("no",), (("parent_id", *up),))
    return tables


@pytest.mark.slow
def test_two_hundred_tables(store: Store, tmp_path: Path) -> None:
    made, _ = synth(store(chain_of_tables(199), "sqlite"), tmp_path / "out")
    assert len(made) == 200
    assert len(made.foreign_keys) == 199
    assert orphans(made) == 0


def test_two_hundred_tables_of_a_folder(store: Store, tmp_path: Path) -> None:
    dataset = read_dataset(store(chain_of_tables(199), "folder"))
    write_dataset(tmp_path / "copy", dataset)
    assert read_dataset(tmp_path / "copy").foreign_keys == dataset.foreign_keys
    assert len(dataset.foreign_keys) == 199


@pytest.mark.postgres
def test_two_hundred_tables_of_a_server(store: Store, server: Any) -> None:
    dataset = read_dataset(store(chain_of_tables(199), "postgresql"))
    copy = server.new()
    assert write_dataset(copy.url, dataset) == ()
    assert read_dataset(copy.url).foreign_keys == dataset.foreign_keys
    assert len(dataset.foreign_keys) == 199


def wide() -> dict[str, Stored]:
    ratings = np.random.default_rng(3).integers(0, 5, (1000, 200))
    many = {f"c{number}": one for number, one in enumerate(ratings)}
    return {"parent": PARENT, "child": Stored(children().with_columns(**many), ("no",), LINK)}


@pytest.mark.slow
def test_a_thousand_columns(store: Store, tmp_path: Path) -> None:
    made, _ = synth(store(wide(), "folder"), tmp_path / "out")
    assert made["child"].frame.width == 1003


@pytest.mark.postgres
def test_a_thousand_columns_of_a_server(store: Store, server: Any) -> None:
    dataset = read_dataset(store(wide(), "postgresql"))
    copy = server.new()
    assert write_dataset(copy.url, dataset) == ()
    assert read_dataset(copy.url)["child"].frame.equals(dataset["child"].frame)
