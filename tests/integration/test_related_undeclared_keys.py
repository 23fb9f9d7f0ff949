"""A folder of files that declare no key: what is inferred is kept in the synthetic tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl

from artesian.cli.app import call


def _company(folder: Path) -> Path:
    rng = np.random.default_rng(3)
    staff = range(100, 160)
    managers = [None if n < 3 else 100 + int(rng.integers(0, n)) for n in range(60)]
    sizes = rng.integers(1, 6, 120)
    order = np.repeat(np.arange(120) + 9000, sizes)
    line = np.concatenate([np.arange(size) + 1 for size in sizes])
    chosen = rng.choice(len(order), 150, replace=False)
    tables = {
        "employees": {"employee_id": staff, "manager_id": managers, "pay": rng.normal(50, 9, 60)},
        "orders": {
            "order_no": np.arange(120) + 9000,
            "sales_employee_id": rng.choice(staff, 120),
            "packing_employee_id": rng.choice(staff, 120),
        },
        "order_lines": {"order_no": order, "line_no": line, "price": rng.normal(9, 2, len(order))},
        "shipments": {
            "shipment_id": np.arange(150),
            "order_no": order[chosen],
            "line_no": line[chosen],
            "weight": rng.normal(3, 1, 150),
        },
    }
    folder.mkdir()
    for name, columns in tables.items():
        pl.DataFrame(columns).write_csv(folder / f"{name}.csv")
    return folder


def test_inferred_keys_of_every_form_hold_in_the_synthetic_tables(tmp_path: Path) -> None:
    source, out = _company(tmp_path / "company"), tmp_path / "out"
    options = ["--set", "rounds=0", "-q", "--scale", "2"]
    assert call(["synth", str(source), "-o", str(out), *options]) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    keys = manifest["dataset"]["foreign_keys"]
    assert {(key["child"], *key["columns"]) for key in keys} == {
        ("employees", "manager_id"),
        ("orders", "sales_employee_id"),
        ("orders", "packing_employee_id"),
        ("order_lines", "order_no"),
        ("shipments", "order_no", "line_no"),
    }
    made = {file.stem: pl.read_csv(file) for file in (out / "data").glob("*.csv")}
    for key in keys:
        ours = made[key["child"]].select(key["columns"]).drop_nulls()
        there = made[key["parent"]].select(key["parent_columns"])
        assert len(ours)
        assert ours.join(
            there, left_on=key["columns"], right_on=key["parent_columns"], how="anti"
        ).is_empty()
    assert made["order_lines"].select("order_no", "line_no").is_unique().all()
    above = dict(made["employees"].select("employee_id", "manager_id").iter_rows())
    for one in above:
        steps = 0
        while one is not None:
            one, steps = above[one], steps + 1
            assert steps <= len(above)


def _two_tables(folder: Path, ids: list[int], refers: list[int]) -> Path:
    folder.mkdir()
    spent = np.random.default_rng(5).normal(9, 2, len(ids)).round(2)
    pl.DataFrame({"customer_id": ids, "spent": spent}).write_csv(folder / "customers.csv")
    orders = {"order_id": range(len(refers)), "customer_id": refers}
    totals = np.random.default_rng(6).normal(50, 9, len(refers)).round(2)
    pl.DataFrame({**orders, "total": totals}).write_csv(folder / "orders.csv")
    return folder


def _notes(source: Path, out: Path, *options: str) -> str:
    assert call(["synth", str(source), "-o", str(out), "--set", "rounds=0", "-q", *options]) == 0
    return "\n".join(json.loads((out / "manifest.json").read_text())["notes"])


def test_orphans_of_an_inferred_foreign_key_are_counted_and_handled(tmp_path: Path) -> None:
    refers = [900, 901, 902, *(n % 80 for n in range(297))]
    source = _two_tables(tmp_path / "shop", list(range(80)), refers)
    notes = _notes(source, tmp_path / "out", "--holdout", "0")
    assert "99 % of the rows with a 'customer_id' have a value of it, 3 have not" in notes
    key = "orders(customer_id) -> customers(customer_id)"
    assert f"3 rows have a value of {key} that no parent row has; they get none" in notes
    made = pl.read_csv(tmp_path / "out" / "data" / "orders.csv")
    assert 0 < made["customer_id"].null_count() < 10
    dropped = _notes(source, tmp_path / "dropped", "--holdout", "0", "--set", "orphans=drop")
    assert f"3 rows have a value of {key} that no parent row has; they were left out" in dropped
    assert not pl.read_csv(tmp_path / "dropped" / "data" / "orders.csv")["customer_id"].null_count()


def test_many_orphans_and_repeated_keys_are_counted_in_a_note(tmp_path: Path) -> None:
    refers = [n % 80 for n in range(240)]
    many = _two_tables(tmp_path / "many", list(range(80)), [900] * 60 + refers)
    assert "60 rows have a value that no row there has" in _notes(many, tmp_path / "one")
    repeated = _two_tables(tmp_path / "repeated", [0, 0, 1, *range(1, 80)], refers)
    note = "customers(customer_id) has 2 repeated values, so it is no key"
    assert note in _notes(repeated, tmp_path / "two")
