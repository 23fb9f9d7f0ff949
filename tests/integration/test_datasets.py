"""Several tables and splits through the public functions and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.data.shop import write_shop

import artesian as ar
from artesian.cli.app import call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path / "shop"
    path.mkdir()
    towns = rng.choice(["Graz", "Linz"], 60)
    pl.DataFrame({"customer_id": range(60), "town": towns}).write_csv(path / "customers.csv")
    pl.DataFrame(
        {
            "order_id": range(200),
            "customer_id": rng.integers(0, 60, 200),
            "total": rng.normal(size=200).round(2),
        }
    ).write_csv(path / "orders.csv")
    return path


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    """Four rows for each of 60 persons; the schema beside it names person and day."""
    rng = np.random.default_rng(1)
    path = tmp_path / "visits.csv"
    days = [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(240)]
    pl.DataFrame(
        {"person": np.repeat(np.arange(60), 4), "x": rng.normal(size=240).round(2), "day": days}
    ).write_csv(path)
    (tmp_path / "visits.toml").write_text(
        '[tables.visits]\nentity = "person"\ntime = "day"\n'
        '[tables.visits.columns.person]\nkind = "number"\n'
        '[tables.visits.columns.day]\nkind = "datetime"\npattern = "%Y-%m-%d"\n',
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("kind", ["folder", "database"])
def test_related_tables_are_refused_with_the_address_of_one(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    source = folder if kind == "folder" else write_shop(tmp_path / "shop.db")
    assert call(["canaries", str(source)]) == 1
    problem, hint = capfd.readouterr().err.splitlines()
    assert "and this needs one table" in problem
    assert (f"{folder}/customers.csv" if kind == "folder" else f"{source}::staff") in hint
    with pytest.raises(ar.ArtesianError, match="and this needs one table"):
        ar.synth(source)


def test_the_hint_is_true(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["canaries", str(folder)]) == 1
    address = capfd.readouterr().err.splitlines()[-1].removeprefix("hint: give one table: ")
    assert call(["inspect", address, "-q"]) == 0


def test_inspect_shows_every_table_and_the_foreign_keys(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "dataset.toml"
    assert call(["inspect", str(folder), "--json", "-o", str(schema)]) == 0
    result = json.loads(capfd.readouterr().out)
    assert {one["table"]: one["rows"] for one in result["tables"]} == {
        "customers": 60,
        "orders": 200,
    }
    assert [(key["child"], key["parent"]) for key in result["foreign_keys"]] == [
        ("orders", "customers")
    ]
    assert call(["inspect", str(folder), "--schema", str(schema)]) == 0
    shown = capfd.readouterr().out
    assert "foreign key: orders(customer_id) -> customers(customer_id)" in shown
    assert "customers: 60 rows, 2 columns" in shown


def test_a_folder_of_one_table_is_that_table(folder: Path, tmp_path: Path) -> None:
    (folder / "customers.csv").unlink()
    made = ar.synth(folder, method="marginals", metrics=["ks"], out=tmp_path / "out")
    assert (tmp_path / "out" / "data" / "orders.csv").is_file()
    assert list(made.manifest["dataset"]["tables"]) == ["orders"]
    assert made.table.schema.names == ("order_id", "customer_id", "total")


def test_all_rows_of_an_entity_are_on_one_side(visits: Path) -> None:
    schema = visits.with_suffix(".toml")
    options = {"method": "marginals", "metrics": ["ks"], "schema": schema}
    for split in (None, "entity"):
        made = ar.synth(visits, split=split, **options)
        (train,) = made.result.train.values()
        assert made.holdout is not None
        assert not set(train.frame["person"]) & set(made.holdout.frame["person"])
        assert made.manifest["split"] == "entity"
    mixed = ar.synth(visits, split="random", **options)
    (train,) = mixed.result.train.values()
    assert mixed.holdout is not None
    assert set(train.frame["person"]) & set(mixed.holdout.frame["person"])


def test_the_holdout_of_a_split_by_time_is_later(visits: Path, tmp_path: Path) -> None:
    options = ["--schema", str(visits.with_suffix(".toml")), "--split", "time", "-q"]
    options += ["--method", "marginals", "--metrics", "ks", "-o", str(tmp_path / "out")]
    assert call(["synth", str(visits), *options]) == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["split"] == "time"
    assert manifest["rows"]["holdout"] > 0
    made = ar.synth(
        visits,
        split="time",
        method="marginals",
        metrics=["ks"],
        schema=visits.with_suffix(".toml"),
    )
    (train,) = made.result.train.values()
    assert made.holdout is not None
    assert train.frame["day"].max() < made.holdout.frame["day"].min()


def test_a_split_that_the_schema_does_not_allow_says_what_to_do(visits: Path) -> None:
    with pytest.raises(ar.ArtesianError, match="names no entity") as caught:
        ar.synth(pl.read_csv(visits).drop("person"), split="entity", method="marginals")
    assert "schema" in caught.value.hint
