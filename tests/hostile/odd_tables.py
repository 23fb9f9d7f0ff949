"""Tables of odd values and odd names, written in any format: files that are whole, and hostile."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

TEXTS = (
    *("", " ", "x", "x" * 40_000, "=1+1", "NaN", "NULL", "inf", "1e999", "0x1", "٣", "½", "\u00ad"),
    *(
        "\x1b[31m",
        "\u202e",
        "a\nb",
        "a\r\nb",
        '"',
        "'",
        ",",
        "\\",
        "{}",
        "%Y",
        "<script>",
        "\ufeff",
    ),
    *("2020-02-30", "24:00", "-0", "1,234.5", "(5)", "99999999999999999999", "a@b.c", "007"),
)
NAMES = (
    *("a", "A", "a ", "count", "value", "rowid", "x" * 300, "=1", "select", "\x1b[31m", "\u202e"),
    *("a.b", "a/b", "{}", "%", "'", '"', "`", "id", "date", "ssn", "name", "\n", "0", "nan", "__x"),
)
WHOLE = (0, 1, -1, 255, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 10**15)
DECIMAL = (0.0, -0.0, 1.5, 1e-320, 1e60, -1e60, 0.1 + 0.2, 1e16, float("nan"), float("inf"))
"""None near the largest double: squares and products of such numbers overflow."""

DATES = (dt.date(1, 1, 1), dt.date(1582, 10, 10), dt.date(1899, 12, 31), dt.date(9999, 12, 31))
TIMES = (
    *(dt.datetime(1, 1, 1), dt.datetime(1969, 12, 31, 23, 59, 59, 999_999)),
    *(dt.datetime(2024, 2, 29, 12), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999)),
)
FORMS = ("csv", "jsonl", "parquet", "feather", "xlsx", "sqlite", "duckdb")


@dataclass(frozen=True, slots=True)
class OddTable:
    """A seeded table of odd values; the suffix of its path is its format."""

    path: Path
    seed: int

    def __str__(self) -> str:
        return f"odd {self.path.name}, seed {self.seed}"

    def apply(self, out: Path) -> None:
        """Write it, without the columns that this format cannot have."""
        rng = random.Random(self.seed)
        frame = odd_frame(rng)
        while frame.width:
            try:
                _WRITE[out.suffix[1:]](frame, out)
                return
            except Exception:
                out.unlink(missing_ok=True)
                frame = frame.drop(frame.columns[rng.randrange(frame.width)])
        out.write_text("")


def odd_frame(rng: random.Random) -> pl.DataFrame:
    """Some columns of some rows, most of them of ordinary values with odd ones among them."""
    rows = rng.choice((5, 6, 30, 30, 60))
    columns: dict[str, pl.Series] = {}
    for _ in range(rng.choice((1, 2, 4, 8))):
        name = rng.choice(NAMES)
        columns[name] = _odd_column(rng, rows).alias(name)
    return pl.DataFrame(list(columns.values()))


def _odd_column(rng: random.Random, rows: int) -> pl.Series:
    kind = rng.choice(list(_KINDS))
    dtype, odd, plain = _KINDS[kind]
    amount = rng.choice((0.0, 0.05, 0.5, 1.0))
    fixed = rng.sample(odd, min(len(odd), rng.choice((1, 2, 9))))
    values = [rng.choice(fixed) if rng.random() < amount else plain(rng) for _ in range(rows)]
    missing = rng.choice((0.0, 0.0, 0.2, 1.0))
    return pl.Series(values=[None if rng.random() < missing else v for v in values], dtype=dtype)


_DAY = dt.date(2020, 1, 1)
_KINDS: dict[str, tuple[Any, tuple[Any, ...], Callable[[random.Random], Any]]] = {
    "text": (pl.String, TEXTS, lambda rng: f"item {rng.randrange(9)}"),
    "code": (pl.String, TEXTS, lambda rng: f"AB-{rng.randrange(10**6):06}"),
    "whole": (pl.Int64, WHOLE, lambda rng: rng.randrange(100)),
    "decimal": (pl.Float64, DECIMAL, lambda rng: rng.random()),
    "date": (pl.Date, DATES, lambda rng: _DAY + dt.timedelta(rng.randrange(900))),
    "time": (
        pl.Datetime("us"),
        TIMES,
        lambda rng: dt.datetime(2020, 1, 1) + dt.timedelta(seconds=rng.randrange(10**7)),
    ),
    "time of day": (
        pl.Time,
        (dt.time(0), dt.time(23, 59, 59, 999_999)),
        lambda rng: dt.time(rng.randrange(24), rng.randrange(60)),
    ),
    "duration": (
        pl.Duration("us"),
        (dt.timedelta(0), dt.timedelta(-1), dt.timedelta(10**5, 1, 1)),
        lambda rng: dt.timedelta(seconds=rng.randrange(10**5)),
    ),
    "boolean": (pl.Boolean, (True, False), lambda rng: rng.random() < 0.5),
}


def _to_sqlite(frame: pl.DataFrame, out: Path) -> None:
    texts = frame.with_columns(pl.selectors.temporal().cast(pl.String))
    names = ", ".join('"' + n.replace('"', '""') + '"' for n in frame.columns)
    with closing(sqlite3.connect(out)) as base:
        base.execute(f"CREATE TABLE t ({names})")
        base.executemany(f"INSERT INTO t VALUES ({', '.join('?' * frame.width)})", texts.rows())
        base.commit()


def _to_duckdb(frame: pl.DataFrame, out: Path) -> None:
    with duckdb.connect(str(out)) as base:
        base.register("rows", frame.to_arrow())
        base.execute("CREATE TABLE t AS SELECT * FROM rows")


_WRITE: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "csv": pl.DataFrame.write_csv,
    "jsonl": pl.DataFrame.write_ndjson,
    "parquet": pl.DataFrame.write_parquet,
    "feather": pl.DataFrame.write_ipc,
    "xlsx": pl.DataFrame.write_excel,
    "sqlite": _to_sqlite,
    "duckdb": _to_duckdb,
}
