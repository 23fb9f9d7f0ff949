"""A small model of related tables of every form, and what becomes of edited copies of it."""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from tests.hostile.model_calls import outcome
from tests.hostile.models import Edit

import artesian as ar
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.pipeline.sample import SampleConfig, sample

TARGETS = ("", ".sqlite", ".duckdb")


def market() -> Dataset:
    """Countries that are kept, customers with a manager, their orders in time, and lines of goods."""
    rng = np.random.default_rng(8)
    names = [f"Country {letter}" for letter in "ABCDEFGH"]
    customers, goods = 60, 15
    first, last = ["Ann", "Bob", "Carla", "Dan"], ["Stone", "Wood", "Hill"]
    people = [f"{first[i % 4]} {last[i % 3]}" for i in range(customers)]
    orders, lines = [], []
    for customer in range(customers):
        day = datetime.date(2024, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 30)))
        index = 100.0 + rng.normal(0, 30)
        for _ in range(int(rng.integers(0, 7))):
            day += datetime.timedelta(days=int(rng.integers(1, 9)))
            index += rng.normal(0, 1)
            number = len(orders) + 1
            orders.append((number, customer, day, round(index, 2), customer % 3 == 0))
            chosen = rng.choice(goods, int(rng.integers(1, 4)), replace=False)
            lines += [
                (number, at + 1, day + datetime.timedelta(days=at), int(g), int(rng.integers(1, 9)))
                for at, g in enumerate(chosen)
            ]
    frames = {
        "country": pl.DataFrame({"code": list("ABCDEFGH"), "country": names}),
        "customer": pl.DataFrame(
            {
                "customer": range(customers),
                "name": people,
                "email": [f"{p.lower().replace(' ', '.')}@example.org" for p in people],
                "code": rng.choice(list("ABCDEFGH"), customers),
                "manager": [None if c < 3 else int(rng.integers(0, 3)) for c in range(customers)],
            }
        ),
        "order": pl.DataFrame(
            orders, schema=["order", "customer", "day", "index", "member"], orient="row"
        ),
        "good": pl.DataFrame({"good": range(goods), "price": rng.lognormal(2, 1, goods).round(2)}),
        "line": pl.DataFrame(
            lines, schema=["order", "no", "packed", "good", "amount"], orient="row"
        ),
    }
    keys = (
        ar.ForeignKey("customer", ("code",), "country", ("code",)),
        ar.ForeignKey("customer", ("manager",), "customer", ("customer",)),
        ar.ForeignKey("order", ("customer",), "customer", ("customer",)),
        ar.ForeignKey("line", ("order",), "order", ("order",)),
        ar.ForeignKey("line", ("good",), "good", ("good",)),
    )
    return Dataset(ar.read_dataset(frames).tables, keys)


def fit_market(folder: Path) -> Path:
    """Fit and save the model."""
    out = folder / "market"
    ar.save(ar.RelationalTrees(rounds=2).fit(market(), methods={"good": "marginals"}), out)
    return out


def sampled_tables(edit: Edit) -> str:
    """'rows', 'error: ...' for one of our own, 'fault: ...' for any other exception."""
    os.environ["ARTESIAN_MAX_MEMORY"] = "100MB"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        suffix = TARGETS[edit.seed % len(TARGETS)]

        def run() -> None:
            edit.apply(folder / "model")
            out = str(folder / f"out{suffix}")
            sample(SampleConfig(model=folder / "model", scale=0.5, out=out), Run())

        result = outcome(run)
        left = {path.name for path in folder.iterdir()} - {"model", f"out{suffix}"}
        return f"fault: left {sorted(left)}" if left else result


def table_numbers(model: Path) -> Iterator[Edit]:
    """Every number of the tables as a huge one and as ones that no size may be."""
    from tests.hostile.models import number_edits

    for path in sorted(model.rglob("*.json")):
        if path.name in ("table.json", "structure.json"):
            yield from number_edits(model, path.relative_to(model).as_posix())
