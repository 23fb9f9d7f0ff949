"""Options of related tables: metrics, schemas of foreign keys alone, conditions on foreign keys."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.cli.app import call
from artesian.core.errors import ConditionError
from artesian.data.dataset import DatasetSchema

COUNTRIES = ["AT", "CH", "DE", "FR", "IT", "LU"]
FAST = ("--set", "rounds=0", "-q")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Countries, which are kept, customers who refer to them by code, and their orders."""
    folder = tmp_path_factory.mktemp("related") / "shop"
    folder.mkdir()
    rng = np.random.default_rng(4)
    names = ["Austria", "Switzerland", "Germany", "France", "Italy", "Luxembourg"]
    pl.DataFrame({"code": COUNTRIES, "name": names}).write_csv(folder / "countries.csv")
    country = rng.choice(COUNTRIES, 200, p=[0.2, 0.1, 0.3, 0.3, 0.05, 0.05])
    spent = rng.normal(50, 9, 200) + 100 * (country == "FR")
    pl.DataFrame(
        {"customer_id": range(200), "country": country, "spent": spent.round(2)}
    ).write_csv(folder / "customers.csv")
    orders = {
        "order_id": range(500),
        "buyer": rng.integers(0, 200, 500),
        "total": rng.normal(9, 2, 500),
    }
    pl.DataFrame(orders).write_csv(folder / "orders.csv")
    return folder


def results(out: Path) -> list[str]:
    card = json.loads((out / "scorecard.json").read_text())
    return [one["metric"] for one in card["results"]]


def test_metrics_of_related_tables_are_chosen_by_name(source: Path, tmp_path: Path, capfd) -> None:
    out = tmp_path / "out"
    options = ("--metrics", "referential_integrity", "--metrics", "cardinality")
    assert call(["synth", str(source), "-o", str(out), *FAST, *options]) == 0
    assert results(out) == ["referential_integrity", "cardinality"]
    made = ar.synth_related(source, rounds=0, metrics=["integrity"])
    assert [one.metric for one in made.scorecard.results] == ["referential_integrity"]
    for name, problem in (("referential", "there is no metric"), ("dcr", "of related tables")):
        assert (
            call(["synth", str(source), "-o", str(tmp_path / "no"), *FAST, "--metrics", name]) == 2
        )
        assert problem in capfd.readouterr().err
    table = ["synth", str(source / "customers.csv"), "--metrics", "referential_integrity", "-q"]
    assert call(table) == 2


def test_a_schema_file_may_have_foreign_keys_alone(source: Path, tmp_path: Path) -> None:
    schema, out = tmp_path / "keys.toml", tmp_path / "out"
    schema.write_text(
        '[[foreign_keys]]\nchild = "orders"\ncolumns = ["buyer"]\n'
        'parent = "customers"\nparent_columns = ["customer_id"]\n'
    )
    options = ("--schema", str(schema), "--metrics", "integrity")
    assert call(["synth", str(source), "-o", str(out), *FAST, *options]) == 0
    keys = json.loads((out / "manifest.json").read_text())["dataset"]["foreign_keys"]
    assert [(key["child"], key["columns"]) for key in keys] == [("orders", ["buyer"])]
    made = {file.stem: pl.read_csv(file) for file in (out / "data").glob("*.csv")}
    assert made["orders"]["buyer"].is_in(made["customers"]["customer_id"].implode()).all()


def test_a_condition_on_a_foreign_key_to_kept_rows(source: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "out", tmp_path / "model"
    where = ("--where", "customers.country=FR")
    assert call(["synth", str(source), "-o", str(out), *FAST, *where]) == 0
    made = {file.stem: pl.read_csv(file) for file in (out / "data").glob("*.csv")}
    assert set(made["customers"]["country"]) == {"FR"}
    assert made["customers"]["spent"].mean() > 130
    assert len(made["countries"]) == len(COUNTRIES)
    assert call(["fit", str(source), "-o", str(model), *FAST]) == 0
    loaded = ar.load(model)
    tables = loaded.sample(where={"customers.country": ["FR", "DE"]}, run=ar.Run.from_seed(1))
    assert set(tables["customers"]["country"]) == {"FR", "DE"}
    with pytest.raises(ConditionError, match=r"table 'customers'.*no row of the table.*'XX'"):
        loaded.sample(where=["customers.country=XX"])


def test_orders_of_customers_under_a_condition_on_their_key(source: Path) -> None:
    key = ar.ForeignKey("orders", ("buyer",), "customers", ("customer_id",))
    country = ar.ForeignKey("customers", ("country",), "countries", ("code",))
    frames = {file.stem: pl.read_csv(file) for file in source.glob("*.csv")}
    data = ar.read_dataset(frames, schema=DatasetSchema({}, (country, key)))
    made = ar.RelationalTrees(rounds=0).fit(data).sample(where=["customers.country=FR"])
    assert set(made["customers"]["country"]) == {"FR"}
    assert made["orders"]["buyer"].is_in(made["customers"]["customer_id"].implode()).all()
    assert len(made["orders"])
    with pytest.raises(ConditionError, match="'buyer' refers to another table"):
        ar.RelationalTrees(rounds=0).fit(data).sample(where=["orders.buyer=3"])
