"""Related tables at scale: a made database of customers with 20 orders each, in and out.

    python benchmarks/related_scale.py [--rows 5000000] [--format duckdb]

`artesian synth` from a database file to a database file, with a holdout, evaluation and report, in a
process of its own. Customers have a level and a country; their orders have consecutive dates, an amount
around the level of the customer, and a category.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset
from artesian.data.schema import ForeignKey
from artesian.data.write_dataset import write_dataset
from machine import save

CHILDREN = 20
"""Mean number of orders of a customer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--format", choices=["duckdb", "sqlite"], default="duckdb")
    parser.add_argument("--save", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "shop.db", Path(folder) / "out"
        write_dataset(f"{asked.format}:///{source}", made(asked.rows))
        start = time.perf_counter()
        command = [sys.executable, "-m", "artesian", "synth", str(source), "-o", str(out), "-q"]
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        manifest = json.loads((out / "manifest.json").read_text())
        result: dict[str, Any] = {
            "rows": manifest["rows"]["synthetic"],
            "seconds": round(seconds, 1),
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
            "peak_gb": round(used.ru_maxrss / 2**20, 2),
            "steps": {name: round(value, 1) for name, value in manifest["seconds"].items()},
            "orphans": orphans(read_dataset(next((out / "data").iterdir()))),
        }
    print(json.dumps(result))
    if asked.save:
        save("related_scale", {"format": asked.format, **result})


def made(rows: int, seed: int = 0) -> Dataset:
    """Customers and their orders, about `rows` of these."""
    rng = np.random.default_rng(seed)
    customers = max(rows // CHILDREN, 1)
    sizes = rng.poisson(CHILDREN - 1, customers) + 1
    owner = np.repeat(np.arange(customers), sizes)
    count = len(owner)
    level = rng.lognormal(3, 0.6, customers)
    country = rng.choice(["AT", "DE", "FR", "IT", "CH"], customers, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    joined = rng.integers(0, 2000, customers)
    gaps = np.cumsum(rng.geometric(0.05, count))
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    days = joined[owner] + gaps - gaps[first][owner]
    day = np.datetime64("2010-01-01")
    frames = {
        "customer": pl.DataFrame(
            {
                "customer_id": np.arange(customers) + 1,
                "country": country,
                "joined": (day + joined.astype("timedelta64[D]")).astype("datetime64[D]"),
                "discount": np.round(rng.beta(2, 8, customers), 2),
            }
        ),
        "orders": pl.DataFrame(
            {
                "order_id": np.arange(count) + 1,
                "customer_id": owner + 1,
                "at": (day + days.astype("timedelta64[D]")).astype("datetime64[D]"),
                "amount": np.round(level[owner] * rng.lognormal(0, 0.4, count), 2),
                "category": rng.choice(list("ABCDEFGH"), count, p=np.arange(1, 9) / 36),
                "paid": rng.random(count) < 0.8,
            }
        ),
    }
    inferred = read_dataset(frames)
    key = ForeignKey("orders", ("customer_id",), "customer", ("customer_id",))
    return Dataset(inferred.tables, (key,), inferred.origin)


def orphans(data: Dataset) -> int:
    """Rows that refer to no row."""
    total = 0
    for key in data.foreign_keys:
        child, parent = data.key_values(key)
        total += child.drop_nulls().join(parent, on=parent.columns, how="anti").height
    return total


if __name__ == "__main__":
    main()
