"""Small tables of every kind of column, and the report of a comparison of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Origin, Table
from artesian.metrics.evaluate import Scorecard, evaluate
from artesian.metrics.protocol import Comparison
from artesian.report.html import render
from artesian.report.summary import summarize

KINDS = {
    "age": Kind.NUMBER,
    "gain": Kind.NUMBER,
    "wage": Kind.NUMBER,
    "joined": Kind.DATETIME,
    "town": Kind.CATEGORY,
    "member": Kind.BOOLEAN,
    "note": Kind.TEXT,
    "id": Kind.KEY,
}
MADE: dict[str, Any] = {
    "method": "shuffled columns",
    "settings": {"order": ["age", "town"], "protect": True},
    "seed": 7,
    "times": {"fit_seconds": 0.25},
    "extra": None,
}
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--",
    "{{ 7 * 7 }}",
    "${x}",
    "$ink",
    "__proto__",
    "constructor",
    "a.b[0]",
    "\"quoted\" & 'single'",
    "\u202ereversed",
    "",
)


def people(rows: int, seed: int) -> pl.DataFrame:
    """Rows in which wage depends on age, and towns differ in how often they stand."""
    rng = np.random.default_rng(seed)
    age = rng.integers(17, 90, rows)
    start = datetime(2015, 1, 1)
    frame = {
        "age": age,
        "gain": np.where(rng.random(rows) < 0.8, 0, rng.integers(1, 9000, rows)),
        "wage": np.exp(rng.normal(0, 2, rows) + age / 40),
        "joined": [start + timedelta(days=int(day)) for day in rng.integers(0, 3000, rows)],
        "town": rng.choice(["York", "Ely", "Bath"], rows, p=[0.6, 0.3, 0.1]),
        "member": rng.random(rows) < 0.4,
        "note": ["x" * int(n) for n in rng.integers(1, 30, rows)],
        "id": [f"{seed}-{i}" for i in range(rows)],
    }
    hidden = pl.Series(rng.random(rows) < 0.1)
    return pl.DataFrame(frame).with_columns(
        town=pl.when(hidden).then(None).otherwise(pl.col("town"))
    )


def table(
    frame: pl.DataFrame, kinds: Mapping[str, Kind] | None = None, name: str = "people"
) -> Table:
    kinds = kinds or KINDS
    columns = (Column(name=c, kind=kinds[c], nullable=True) for c in frame.columns)
    return Table(frame, Schema(columns=tuple(columns)), Origin(name=name))


def shuffled(frame: pl.DataFrame, seed: int = 3) -> pl.DataFrame:
    """Every column keeps its values and loses its company."""
    rng = np.random.default_rng(seed)
    return frame.select(c.gather(rng.permutation(len(frame))) for c in frame)


def comparison(rows: int = 200) -> Comparison:
    real = people(rows, 1)
    return Comparison(table(real), table(shuffled(real)), table(people(rows, 2)))


def hostile() -> Comparison:
    """Names and values that try to be markup, code, or keys of an object."""
    kinds = [Kind.CATEGORY, Kind.NUMBER]
    rng = np.random.default_rng(5)
    frame = pl.DataFrame(
        {
            name: rng.choice(HOSTILE, 300) if k % 2 == 0 else rng.normal(size=300)
            for k, name in enumerate(HOSTILE)
        }
    )
    named = {name: kinds[k % 2] for k, name in enumerate(HOSTILE)}
    tables = [table(f, named, HOSTILE[0]) for f in (frame, shuffled(frame), shuffled(frame, 4))]
    return Comparison(*tables)


@lru_cache(maxsize=1)
def judged() -> tuple[Comparison, Scorecard]:
    """All metrics on a comparison, so that what they bring is what the report reads."""
    tables = comparison()
    return tables, evaluate(tables)


def scorecard(tables: Comparison, *metrics: str) -> Scorecard:
    return evaluate(tables, metrics=metrics or ("ks", "tv", "pairs"))


@lru_cache(maxsize=1)
def html() -> str:
    tables, card = judged()
    return render(summarize(tables, card, MADE))
