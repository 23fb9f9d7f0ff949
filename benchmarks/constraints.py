"""Whether rows keep declared constraints and discovered relations, by method.

    ARTESIAN_DATA=/some/folder python benchmarks/constraints.py
    python benchmarks/constraints.py --methods trees,smote     # replaces the results of these
    python benchmarks/constraints.py --methods vine_copula --tables tabular/taxis.csv

Two tables are generated here, with constraints of every kind; four are public tables, with constraints
that a person could declare. Every method is fitted on each, and draws 100,000 rows. Networks are
trained for few epochs, since constraints are kept after the model, however good it is. Counted are

broken      rows that break a constraint, or between rows have a value that another row contradicts
discovered  relations that the table was found to have, and of the rows, those that break one
accepted    the fraction of the rows drawn without the constraints (but with the discovered relations)
            that satisfies all of them: what is left for rejection
seconds     to draw the rows with the constraints, and without
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from artesian.core.errors import MissingExtra
from artesian.core.run import Run
from artesian.data.read import read
from artesian.data.table import Table
from artesian.relations.parse import parse_relation
from artesian.relations.protocol import Relation, count
from artesian.relations.rules import is_of_rows, parse_rules
from artesian.runs.resolve import resolve_method
from artesian.runs.roles import with_constraints, with_ledger_entity
from artesian.synthesizers import CATALOG
from fetch import located
from machine import RESULTS, save

ROWS = 100_000
RESULT = RESULTS / "constraints.json"
MAX_FITTED = 10_000
"""Rows of a public table that methods are fitted on."""

SETTINGS: dict[str, dict[str, Any]] = {
    **{name: {"epochs": 5} for name in ("vae", "ctgan", "adsgan", "medgan")},
    "forest_flow": {"times": 4, "trees": 10},
}
"""Settings of methods that take long otherwise."""

ORDERS = (
    'col("a") + col("b") == col("total")',
    'col("low") <= col("high")',
    '(col("kind") != "x") | col("y").is_null()',
    'col("red") + col("green") + col("blue") == 1',
    'col("age").is_between(18, 65)',
    '(col("score") - col("age")).abs() >= 5',
    'col("end") - col("start") <= duration(days=25)',
    "start <= end",
    "a < 45 and b != 3",
    "product -> price",
    "unique(slot)",
)
LEDGER = (
    "balance = previous(balance) + paid_in - paid_out by account, day",
    "unique(account, day)",
    "at most one of (paid_in, paid_out)",
    "gross = 1.19 * paid_out within 0.005",
    'col("balance") >= 0',
    'col("balance") <= 2500',
)
PUBLIC = {
    "tabular/taxis.csv": (
        'col("pickup") <= col("dropoff")',
        'col("fare") + col("tip") + col("tolls") <= col("total")',
        'col("passengers").is_between(1, 6)',
        '(col("payment") != "cash") | (col("tip") == 0)',
        'col("distance") <= 40',
        'col("total") / col("fare") <= 4',
    ),
    "tabular/titanic.csv": (
        "class -> pclass",
        'col("age").is_between(0, 80)',
        '(col("alive") == "yes") == (col("survived") == 1)',
        'col("fare") >= 0',
        "embark_town -> embarked",
        '(col("who") != "child") | (col("age") < 16)',
    ),
    "tabular/adult.csv.gz": (
        "education -> education_num",
        "at most one of (capital_gain, capital_loss)",
        'col("hours_per_week").is_between(1, 80)',
        '(col("relationship") != "Husband") | (col("sex") == "Male")',
        'col("age") - col("education_num") >= 3',
    ),
    "relational/berka_notrans/loan.csv": (
        "amount = duration * payments within 1",
        'col("duration").is_in([12, 24, 36, 48, 60])',
        'col("payments") >= 300',
        'col("amount") / col("payments") <= 60',
    ),
}


def main() -> None:
    asked = arguments()
    rows: list[dict[str, Any]] = []
    for name, table in tables().items():
        for method in CATALOG:
            if asked.methods and method not in asked.methods:
                continue
            if asked.tables and name not in asked.tables:
                continue
            try:
                rows.append({"table": name, "method": method} | measure(table, method, asked.rows))
            except MissingExtra as problem:
                rows.append({"table": name, "method": method, "skipped": problem.problem})
            print(rows[-1], flush=True)
            if asked.rows == ROWS:
                store(rows)
    print(f"{sum(sum(row.get('broken', {}).values()) for row in rows)} rows break a constraint")


def store(rows: list[dict[str, Any]]) -> None:
    """Store results beside the earlier ones of other methods and tables."""
    before = json.loads(RESULT.read_text(encoding="utf-8"))["results"] if RESULT.exists() else []
    new = {(row["method"], row["table"]) for row in rows}
    every = [*rows, *(row for row in before if (row["method"], row["table"]) not in new)]
    every.sort(key=lambda row: list(CATALOG).index(row["method"]))
    broken = sum(sum(row.get("broken", {}).values()) for row in every)
    save("constraints", {"rows": ROWS, "results": every, "broken": broken})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--methods", type=lambda text: text.split(","))
    parser.add_argument("--tables", type=lambda text: text.split(","))
    parser.add_argument("--rows", type=int, default=ROWS)
    return parser.parse_args()


def tables() -> dict[str, Table]:
    """Every table with its constraints."""
    out = {
        "orders": with_constraints(read(orders()), ORDERS),
        "ledger": with_constraints(read(ledger()), LEDGER),
    }
    for name, texts in PUBLIC.items():
        path = located(name)
        if not path.exists():
            print(f"{name} is not in {located('')}: left out", flush=True)
            continue
        table = read(path)
        chosen = np.random.default_rng(0).permutation(len(table))[:MAX_FITTED]
        table = table.with_frame(table.frame[np.sort(chosen)])
        out[name] = with_constraints(table, texts)
    return {name: with_ledger_entity(table) for name, table in out.items()}


def measure(table: Table, method: str, rows: int) -> dict[str, Any]:
    """Rows that break what a table keeps, of a method that was fitted on it."""
    settings = SETTINGS.get(method, {})
    synthesizer, _ = resolve_method(method, settings, table)
    started = time.perf_counter()
    model: Any = synthesizer.fit(table, run=Run.from_seed(1))
    fitted = time.perf_counter()
    sampled = model.sample(rows, run=Run.from_seed(2)).frame
    seconds = time.perf_counter() - fitted
    rules = parse_rules(table.schema.constraints, table.schema.names)
    names = model.schema.names
    relations = [parse_relation(text, names) for text in model.schema.relations or ()]
    plain = replace(table, schema=replace(table.schema, constraints=()))
    free: Any = synthesizer.fit(plain, run=Run.from_seed(1))
    started_free = time.perf_counter()
    without = free.sample(rows, run=Run.from_seed(2)).frame
    seconds_without = time.perf_counter() - started_free
    return {
        "settings": settings,
        "fit": round(fitted - started, 2),
        "seconds": round(seconds, 2),
        "seconds_without": round(seconds_without, 2),
        "broken": broken(rules, sampled),
        "accepted": round(satisfied(rules, without), 4),
        "discovered": len(relations),
        "discovered_broken": {t: n for t, n in broken(relations, sampled).items() if n},
        "real_broken": broken(rules, table.frame),
    }


def broken(rules: list[Relation], frame: pl.DataFrame) -> dict[str, int]:
    return {str(rule): count(rule, frame)[1] for rule in rules}


def satisfied(rules: list[Relation], frame: pl.DataFrame) -> float:
    """Fraction of the rows that satisfy all constraints on single rows."""
    kept = np.ones(frame.height, bool)
    for rule in rules:
        if is_of_rows(rule):
            kept &= rule.holds(frame).fill_null(True).to_numpy()
    return float(kept.mean())


def orders(rows: int = 2000) -> pl.DataFrame:
    """Orders of which some break ranges, and none the relations."""
    rng = np.random.default_rng(0)
    a, b, product = rng.integers(0, 50, rows), rng.integers(0, 30, rows), rng.integers(0, 6, rows)
    low, colour = rng.normal(100, 20, rows).round(1), rng.integers(0, 3, rows)
    kind = rng.choice(["x", "y", "z"], rows)
    start = np.datetime64("2024-01-01") + rng.integers(0, 300, rows)
    end = start + rng.integers(0, 30, rows)
    return pl.DataFrame(
        {
            "a": a,
            "b": b,
            "total": a + b,
            "low": low,
            "high": (low + rng.exponential(5, rows)).round(1),
            "kind": kind,
            "y": pl.Series(np.where(kind == "x", None, a + 1).tolist(), dtype=pl.Int64),
            **{name: (colour == n) * 1 for n, name in enumerate(("red", "green", "blue"))},
            "start": pl.Series(start.astype("datetime64[D]")),
            "end": pl.Series(end.astype("datetime64[D]")),
            "age": rng.integers(15, 80, rows),
            "score": (rng.random(rows) * 100).round(2),
            "product": [f"p{n}" for n in product],
            "price": product * 1.5 + 2,
            "slot": rng.permutation(rows) + 5000,
        }
    )


def ledger(rows: int = 3000, accounts: int = 150) -> pl.DataFrame:
    """Amounts and balances of accounts."""
    rng = np.random.default_rng(3)
    account = np.sort(rng.integers(0, accounts, rows))
    paid_in = np.where(rng.random(rows) < 0.5, rng.integers(10, 200, rows), 0)
    paid_out = np.where(paid_in == 0, rng.integers(1, 60, rows), 0)
    day, balance = np.zeros(rows, int), np.zeros(rows, int)
    for one in range(accounts):
        here = np.flatnonzero(account == one)
        day[here] = np.sort(rng.choice(400, len(here), replace=False))
        balance[here] = 500 + np.cumsum(paid_in[here] - paid_out[here])
    booked = (np.datetime64("2023-01-01") + day).astype("datetime64[D]")
    return pl.DataFrame(
        {
            "account": [f"A-{one + 1000}" for one in account],
            "day": pl.Series(booked),
            "paid_in": paid_in,
            "paid_out": paid_out,
            "balance": balance,
            "gross": (paid_out * 1.19).round(2),
        }
    )


if __name__ == "__main__":
    main()
