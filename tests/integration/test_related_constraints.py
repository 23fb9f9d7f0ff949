"""Constraints of related tables are kept in all rows, or refused with the table and the constraint."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.cli.app import call
from artesian.core.errors import ConditionError, SchemaError
from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset
from artesian.relations.protocol import count
from artesian.relations.rules import parse_rule

DECLARED = {
    "customer": (
        'col("age").is_between(18, 65)',
        'col("credit") + col("cash") == col("total")',
        '(col("kind") != "firm") | col("born").is_null()',
    ),
    "order": (
        'col("ordered") <= col("delivered")',
        'col("low") <= col("high")',
        "pieces <= 4",
        'col("ordered") >= "2024-01-15"',
        "billing_customer_id != shipping_customer_id",
        "unique(shipping_customer_id, ordered)",
        "sum >= 10",
    ),
    "line": ("price > 2", "(col('price') - col('amount')).abs() >= 1", "line_no <= 3"),
    "visit": ('col("day") <= "2024-06-30"', "channel != 'fax'"),
}


def shop(seed: int = 1) -> dict[str, pl.DataFrame]:
    """Customers, their orders with lines that add up, and their visits in time."""
    rng = np.random.default_rng(seed)
    size = 150
    kind = rng.choice(["firm", "person"], size)
    credit, cash = rng.integers(0, 50, size), rng.integers(0, 30, size)
    orders: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    visits: list[tuple[Any, ...]] = []
    for customer in range(size):
        day = datetime.date(2024, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 30)))
        for _ in range(int(rng.integers(1, 5))):
            day += datetime.timedelta(days=int(rng.integers(1, 15)))
            number = 5000 + len(orders)
            own = [
                (n, round(float(rng.lognormal(1.5, 0.7)), 2))
                for n in range(int(rng.integers(1, 6)))
            ]
            lines += [(number, n + 1, price, int(rng.integers(1, 20))) for n, price in own]
            low = round(float(rng.normal(100, 20)), 1)
            high, late = round(low + float(rng.exponential(5)), 1), int(rng.integers(0, 6))
            orders.append(
                (number, customer, int(rng.integers(0, size)), day, day + datetime.timedelta(days=late),
                 low, high, int(rng.integers(1, 7)), round(sum(price for _, price in own), 2))
            )  # fmt: skip
        at = datetime.datetime(2024, 2, 1) + datetime.timedelta(days=int(rng.integers(0, 90)))
        for _ in range(int(rng.integers(0, 8))):
            at += datetime.timedelta(days=int(rng.integers(1, 20)), hours=int(rng.integers(0, 24)))
            channel = str(rng.choice(["web", "fax", "phone"]))
            visits.append((len(visits), customer, at, channel, round(float(rng.normal(9, 2)), 1)))
    born = np.where(kind == "firm", None, rng.integers(1940, 2005, size))
    return {
        "customer": pl.DataFrame(
            {"customer_id": range(size), "age": rng.integers(15, 80, size), "credit": credit,
             "cash": cash, "total": credit + cash, "kind": kind,
             "born": pl.Series(born.tolist(), dtype=pl.Int64)}
        ),
        "order": pl.DataFrame(
            orders,
            schema=["order_id", "shipping_customer_id", "billing_customer_id", "ordered", "delivered",
                    "low", "high", "pieces", "sum"],
            orient="row",
        ),
        "line": pl.DataFrame(lines, schema=["order_id", "line_no", "price", "amount"], orient="row"),
        "visit": pl.DataFrame(
            visits, schema=["visit_id", "customer_id", "day", "channel", "minutes"], orient="row"
        ),
    }  # fmt: skip


def declared(constraints: Mapping[str, tuple[str, ...]] = DECLARED) -> Dataset:
    """The shop with these constraints in its schema."""
    data = read_dataset(shop())
    tables = {
        name: replace(table, schema=replace(table.schema, constraints=constraints.get(name, ())))
        for name, table in data.items()
    }
    return replace(data, tables=tables)


def broken(tables: Mapping[str, Any], constraints=DECLARED) -> dict[str, int]:
    """Table and constraint -> number of rows that break it, of those that any row does."""
    counts = {}
    for name, texts in constraints.items():
        frame = pl.DataFrame(tables[name])
        for text in texts:
            rule = parse_rule(text, tuple(frame.columns))
            rows, wrong = count(rule, frame)
            counts[f"{name}: {text}"] = wrong
            assert rows
    return {text: wrong for text, wrong in counts.items() if wrong}


def orphans(tables: Mapping[str, Any]) -> int:
    ids = {"customer": "customer_id", "order": "order_id"}
    keys = [("order", "shipping_customer_id", "customer"), ("order", "billing_customer_id", "customer"),
            ("line", "order_id", "order"), ("visit", "customer_id", "customer")]  # fmt: skip
    frames = {name: pl.DataFrame(table) for name, table in tables.items()}
    return sum(
        int((~frames[child][column].is_in(frames[parent][ids[parent]].implode())).sum())
        for child, column, parent in keys
    )


@pytest.fixture(scope="module")
def model() -> ar.RelatedModel:
    return ar.RelationalTrees(rounds=0).fit(declared())


def test_the_source_breaks_most_of_them():
    assert len(broken(shop())) >= 9


def test_no_row_breaks_a_constraint(model, tmp_path):
    made = model.sample(scale=4.0, run=ar.Run.from_seed(5))
    assert broken(made) == {}
    assert orphans(made) == 0
    assert len(made["customer"]) == 600
    ar.save(model, tmp_path / "model")
    again = ar.load(tmp_path / "model").sample(scale=4.0, run=ar.Run.from_seed(5))
    assert all(pl.DataFrame(again[name]).equals(pl.DataFrame(made[name])) for name in made)


def test_what_is_left_has_the_distribution_of_rows_that_keep_them(model):
    made = model.sample(scale=10.0, run=ar.Run.from_seed(6))
    source = shop()
    age = source["customer"].filter(pl.col("age").is_between(18, 65))["age"]
    assert made["customer"]["age"].mean() == pytest.approx(age.mean(), rel=0.06)
    minutes = source["visit"].filter(pl.col("channel") != "fax")["minutes"]
    assert made["visit"]["minutes"].mean() == pytest.approx(minutes.mean(), rel=0.06)
    web = (source["visit"].filter(pl.col("channel") != "fax")["channel"] == "web").mean()
    assert (made["visit"]["channel"] == "web").mean() == pytest.approx(web, abs=0.07)
    sums = made["line"].group_by("order_id").agg(pl.col("price").sum()).join(
        made["order"], on="order_id"
    )  # fmt: skip
    assert ((sums["price"] - sums["sum"]).abs() < 0.006).all()


def test_constraints_hold_under_conditions(model):
    made = model.sample(
        scale=4.0, where=["customer.kind=firm", "visit.channel=web"], run=ar.Run.from_seed(7)
    )
    assert broken({**made}, {n: t for n, t in DECLARED.items() if n != "customer"}) == {}
    assert set(made["customer"]["kind"]) == {"firm"}
    assert made["customer"]["age"].is_between(18, 65).all()
    with pytest.raises(ConditionError, match=r"table 'customer'.*age.*keep the constraints"):
        model.sample(where=["customer.age=70..90"])


def test_a_method_of_single_tables_keeps_them_as_well():
    methods = {"customer": "gaussian_copula", "visit": "marginals"}
    made = ar.RelationalTrees(rounds=0).fit(declared(), methods=methods).sample(scale=4.0)
    assert broken(made) == {}
    assert orphans(made) == 0


def test_the_file_of_the_schema_is_obeyed(tmp_path: Path):
    source, out, schema = tmp_path / "shop", tmp_path / "out", tmp_path / "dataset.toml"
    source.mkdir()
    for name, frame in shop().items():
        frame.write_csv(source / f"{name}.csv")
    lines = [
        f"[tables.{name}]\nconstraints = {list(texts)!r}\n" for name, texts in DECLARED.items()
    ]
    schema.write_text("\n".join(lines))
    options = ["--set", "rounds=0", "-q", "--schema", str(schema)]
    assert call(["synth", str(source), "-o", str(out), *options]) == 0
    made = {
        file.stem: pl.read_csv(file, try_parse_dates=True) for file in (out / "data").glob("*.csv")
    }
    assert broken(made) == {}
    assert orphans(made) == 0
    manifest = (out / "manifest.json").read_text()
    assert "table 'order': the constraint 'pieces <= 4' is broken by" in manifest
    written = read_dataset(source, schema=out / "dataset.toml")
    assert {n: table.schema.constraints for n, table in written.items()} == DECLARED


@pytest.mark.parametrize(
    ("constraints", "problem"),
    [
        (("age > 60", 'col("age") < 30'), r"table 'customer': .*contradict each other"),
        (("age > 100",), r"table 'customer': the constraint 'age > 100' holds in none"),
        (("aeg > 100",), r"table 'customer': .*no column 'aeg'"),
        (("unique(credit)",), r"table 'customer': the constraint 'unique\(credit\)' "),
    ],
)
def test_what_cannot_be_kept_is_refused_with_table_and_constraint(constraints, problem):
    with pytest.raises(SchemaError, match=problem):
        ar.RelationalTrees(rounds=0).fit(declared({"customer": constraints}))


def test_what_belongs_to_keys_cannot_decide_on_other_columns():
    with pytest.raises(
        SchemaError, match=r"table 'visit'.*'customer_id -> channel'.*a foreign key"
    ):
        ar.RelationalTrees(rounds=0).fit(declared({"visit": ("customer_id -> channel",)}))


def test_a_kept_table_cannot_break_a_constraint():
    data = declared({"customer": ("age <= 65",)})
    with pytest.raises(SchemaError, match=r"table 'customer'.*'age <= 65'.*rows break it.*is kept"):
        ar.RelationalTrees(rounds=0, keep=("customer",)).fit(data)


def test_constraints_of_the_command_line_and_of_python(tmp_path: Path, capfd):
    source, out = tmp_path / "shop", tmp_path / "out"
    source.mkdir()
    for name, frame in shop().items():
        frame.write_csv(source / f"{name}.csv")
    options = ["--set", "rounds=0", "-q", "--constraint"]
    assert call(["synth", str(source), "-o", str(out), *options, "order: pieces <= 4"]) == 0
    assert pl.read_csv(out / "data" / "order.csv")["pieces"].max() <= 4
    model = tmp_path / "model"
    assert call(["fit", str(source), "-o", str(model), *options, "order:pieces <= 3"]) == 0
    assert ar.load(model).sample()["order"]["pieces"].max() <= 3
    for text, hint in (
        ("pieces <= 3", "write the table in front"),
        ("ordr: pieces <= 3", "'order'"),
    ):
        assert call(["synth", str(source), "-o", str(tmp_path / "no"), *options, text]) == 2
        assert hint in capfd.readouterr().err
    made = ar.synth_related(shop(), constraints={"order": "pieces <= 2"}, rounds=0, holdout=0.0)
    assert made.data["order"]["pieces"].max() <= 2


def test_owners_whose_rows_all_break_one_get_others():
    """The channel of a customer is always the same, and faxes are not to be."""
    tables = shop()
    channels = pl.Series(["web", "fax", "phone"] * 50)
    visits = tables["visit"].with_columns(channel=channels.gather(tables["visit"]["customer_id"]))
    data = read_dataset({"customer": tables["customer"], "visit": visits})
    schema = replace(data["visit"].schema, constraints=("channel != 'fax'",))
    data = replace(data, tables={**data.tables, "visit": replace(data["visit"], schema=schema)})
    made = ar.RelationalTrees(rounds=0).fit(data).sample(4.0)["visit"]
    assert "fax" not in set(made["channel"])
    assert len(made) == pytest.approx(4 * len(visits), rel=0.1)
    assert (made.group_by("customer_id").agg(pl.col("channel").n_unique())["channel"] == 1).all()


def test_rows_that_a_total_leaves_out_are_counted() -> None:
    """A bound on a sum of lines cannot be drawn: orders below it are left out, which is said."""
    source = shop()
    limit = float(source["order"]["sum"].quantile(0.4))
    result = ar.synth_related(source, constraints=[f"order: sum >= {limit}"], metrics=())
    assert result.data["order"]["sum"].min() >= limit - 1e-6
    assert any(note.startswith("order has") and "left out" in note for note in result.notes)
