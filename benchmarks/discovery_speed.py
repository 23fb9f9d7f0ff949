"""Time to discover the relations of a table of 1,000,000 rows and 50 columns.

    python benchmarks/discovery_speed.py
    python benchmarks/discovery_speed.py --rows 100000 --repeats 5

The table is made up of orders: numbers, categories, dates and texts, with 20 planted relations of
every kind that is searched, and columns without any relation. Reading is not timed. Each repeat is
a process of its own; the figures are those of the first call, as a user meets it.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from machine import HERE, own_environment, save

RUNS = HERE / ".runs" / "discovery"
PLANTED = (
    "gross = 1.19 * net",
    "fahrenheit = 1.8 * celsius + 32",
    "amount_copy = amount",
    "total = amount + shipping - discount",
    "value = quantity * unit_price",
    "rate = paid / amount",
    "year = year(ordered)",
    "month = month(ordered)",
    "days_open = days(closed - ordered)",
    "age = age(born, ordered)",
    "ordered <= closed",
    "paid <= amount",
    "low <= high",
    "product -> unit_price",
    "product -> category",
    "town -> region",
    "missing(closed) = missing(days_open)",
    "missing(reason) if status = 'open'",
    'code = text("{category}-{serial}")',
    "exactly one of (is_a, is_b, is_c)",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        print(json.dumps(measure(asked.one)))
        return
    RUNS.mkdir(parents=True, exist_ok=True)
    source = RUNS / f"{asked.rows}x{asked.columns}.parquet"
    table(asked.rows, asked.columns).write_parquet(source)
    runs = [timed(source, asked.threads) for _ in range(asked.repeats)]
    result: dict[str, Any] = {"rows": asked.rows, "columns": asked.columns}
    result |= {"threads": asked.threads, "planted": len(PLANTED), "found": runs[0].pop("found")}
    result["missed"] = runs[0].pop("missed")
    for name in ("wall_seconds", "cpu_seconds"):
        result[name] = float(np.median([run[name] for run in runs]))
    result["runs"] = [{k: v for k, v in run.items() if k.endswith("seconds")} for run in runs]
    print(json.dumps(result, indent=1))
    print(save("discovery_speed", result))


def timed(source: Path, threads: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(source)]
    done = subprocess.run(
        command, env=own_environment(threads), check=True, capture_output=True, text=True
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measure(source: Path) -> dict[str, Any]:
    """Discover the relations of `source`; the seconds, and which planted relations were found."""
    from artesian.data.read import read
    from artesian.relations.discover import discover
    from relation_forms import parse
    from relation_matching import fact, matched

    read_table = read(source)
    wall, cpu = time.perf_counter(), time.process_time()
    found = discover(read_table)
    figures: dict[str, Any] = {
        "wall_seconds": round(time.perf_counter() - wall, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }
    facts = [fact(str(one.relation), one.relation.columns) for one in found]
    frame = read_table.frame
    figures["missed"] = [text for text in PLANTED if not matched(parse(text), facts, frame)]
    figures["found"] = len(found)
    return figures


def table(rows: int, columns: int, seed: int = 0) -> pl.DataFrame:
    """A table with the planted relations; columns beyond them are unrelated to each other."""
    rng = np.random.default_rng(seed)
    product, town = rng.integers(0, 400, rows), rng.integers(0, 250, rows)
    price = np.round(rng.lognormal(3, 1, 400), 2)
    category, region = rng.integers(0, 12, 400), rng.integers(0, 16, 250)
    quantity = rng.integers(1, 40, rows)
    net, celsius = np.round(rng.lognormal(4, 1, rows), 2), np.round(rng.normal(15, 8, rows), 1)
    amount = np.round(rng.lognormal(5, 1, rows), 2)
    shipping = np.round(rng.choice([0.0, 4.9, 9.9], rows) + rng.random(rows), 2)
    discount = np.round(amount * rng.choice([0.0, 0.05, 0.1], rows), 2)
    paid = np.round(amount * np.where(rng.random(rows) < 0.6, 1.0, rng.random(rows)), 2)
    ordered, is_open = rng.integers(16_000, 20_000, rows), rng.random(rows) < 0.2
    length, low = rng.geometric(0.1, rows) - 1, rng.normal(50, 20, rows)
    serial, kind = rng.integers(10_000, 100_000, rows), rng.integers(0, 3, rows)
    made: dict[str, Any] = {
        "product": coded("P", product),
        "category": coded("C", category[product]),
        "town": coded("T", town),
        "region": coded("R", region[town]),
        "quantity": quantity,
        "unit_price": price[product],
        "value": np.round(quantity * price[product], 2),
        "net": net,
        "gross": np.round(1.19 * net + 1e-9, 2),
        "celsius": celsius,
        "fahrenheit": np.round(1.8 * celsius + 32, 2),
        "amount": amount,
        "amount_copy": amount,
        "shipping": shipping,
        "discount": discount,
        "total": np.round(amount + shipping - discount, 2),
        "paid": paid,
        "rate": np.round(paid / amount, 4),
        "low": np.round(low, 3),
        "high": np.round(low + rng.exponential(5, rows), 3),
        "ordered": dates(ordered),
        "closed": dates(ordered + length, is_open),
        "days_open": pl.Series(length).set(pl.Series(is_open), None),
        "born": dates(ordered - rng.integers(18 * 366, 80 * 365, rows)),
        "status": np.where(is_open, "open", np.where(rng.random(rows) < 0.5, "done", "returned")),
        "reason": pl.Series(coded("reason ", rng.integers(0, 9, rows))).set(
            pl.Series(is_open), None
        ),
        "serial": serial,
        "code": [f"C{c}-{s}" for c, s in zip(category[product], serial, strict=True)],
        **{f"is_{name}": (kind == at).astype(np.int64) for at, name in enumerate("abc")},
    }
    frame = pl.DataFrame(made).with_columns(
        year=pl.col("ordered").dt.year(),
        month=pl.col("ordered").dt.month(),
        age=age(pl.col("born"), pl.col("ordered")),
    )
    for at in range(columns - frame.width):
        frame = frame.with_columns(unrelated(at, rng, rows))
    return frame


def age(born: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Full years."""
    in_year = [100 * when.dt.month().cast(pl.Int32) + when.dt.day() for when in (on, born)]
    return on.dt.year() - born.dt.year() - (in_year[0] < in_year[1]).cast(pl.Int32)


def coded(letter: str, codes: Any) -> Any:
    return np.char.add(letter, codes.astype(str))


def dates(days: Any, gone: Any = None) -> pl.Series:
    """Days since 1970 as dates, missing where `gone`."""
    series = pl.Series(days).cast(pl.Int32).cast(pl.Date)
    return series if gone is None else series.set(pl.Series(gone), None)


def unrelated(at: int, rng: np.random.Generator, rows: int) -> pl.Series:
    """Numbers, whole numbers, categories and dates in turn, some with missing values."""
    values: pl.Series
    if at % 4 == 0:
        values = pl.Series(np.round(rng.normal(100, 15, rows), 2))
    elif at % 4 == 1:
        values = pl.Series(rng.poisson(20, rows))
    elif at % 4 == 2:
        values = pl.Series(coded("v", rng.integers(0, 8 + 5 * at, rows)))
    else:
        start = datetime.date(2020, 1, 1).toordinal() - datetime.date(1970, 1, 1).toordinal()
        values = dates(start + rng.integers(0, 900, rows))
    if at % 3 == 0:
        values = values.set(pl.Series(rng.random(rows) < 0.1), None)
    return values.alias(f"other_{at}")


if __name__ == "__main__":
    main()
