"""Tables with a specified distribution, for the synthesizers' suite."""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table


def table(frame: pl.DataFrame, **kinds: Kind) -> Table:
    """A table of `frame`; a column without a kind gets the kind of its type."""
    columns = tuple(
        Column(
            name=name,
            kind=kinds.get(name, _kind(dtype)),
            nullable=frame[name].null_count() > 0,
        )
        for name, dtype in frame.schema.items()
    )
    return Table(frame, Schema(columns=columns))


def people(rows: int = 600, *, seed: int = 0) -> Table:
    """Dependent columns of most kinds; a tenth of `rating` is missing."""
    rng = np.random.default_rng(seed)
    age = np.clip(np.round(40 + 12 * rng.normal(size=rows)), 18, 90).astype(int)
    older = (age - 40) / 12
    income = np.round(np.exp(7 + 0.4 * older + 0.2 * rng.normal(size=rows)), 2)
    rating = pl.Series(rng.integers(1, 6, rows))
    frame = pl.DataFrame(
        {
            "id": np.arange(rows) + 1000,
            "age": age,
            "income": income,
            "score": older + 0.5 * rng.normal(size=rows),
            "plan": np.where(older + rng.normal(size=rows) > 0, "gold", "basic"),
            "city": rng.choice(["Rome", "Oslo", "Lima"], rows, p=[0.6, 0.3, 0.1]),
            "member": rng.random(rows) < 0.3,
            "joined": pl.Series(19_000 + rng.integers(0, 700, rows)).cast(pl.Int32).cast(pl.Date),
            "rating": rating.set(pl.Series(rng.random(rows) < 0.1), None),
        }
    )
    return table(frame, id=Kind.KEY)


def few_values(rows: int = 300, *, seed: int = 0) -> Table:
    """At most sixteen distinct rows, so that most rows are duplicates."""
    rng = np.random.default_rng(seed)
    return table(
        pl.DataFrame(
            {
                "age": rng.integers(18, 22, rows),
                "plan": rng.choice(["gold", "basic"], rows),
                "member": rng.random(rows) < 0.3,
            }
        )
    )


def purchases(rows: int = 4000, *, seed: int = 0) -> Table:
    """P(north) = 0.5, P(buys | north) = 0.8, P(buys | south) = 0.2; `spent` is N(10, 4) given `buys`
    and N(4, 4) otherwise; `noise` is independent of the others."""
    rng = np.random.default_rng(seed)
    north = rng.random(rows) < 0.5
    buys = rng.random(rows) < np.where(north, 0.8, 0.2)
    spent = np.where(buys, 10.0, 4.0) + 2.0 * rng.normal(size=rows)
    return table(
        pl.DataFrame(
            {
                "spent": spent,
                "region": np.where(north, "north", "south"),
                "noise": rng.normal(size=rows),
                "buys": buys,
            }
        )
    )


def secrets(rows: int = 800, *, seed: int = 0) -> Table:
    """Disclosive values: rare towns and districts, extremes of wealth, texts and keys."""
    rng = np.random.default_rng(seed)
    town = rng.choice(["Rome", "Oslo", "Lima"], rows).astype(object)
    town[:9] = ["Atlantis"] * 4 + ["Avalon"] * 3 + ["Ys"] * 2
    district = rng.integers(1, 9, rows)
    district[:4] = [77, 77, 78, 79]
    wealth = np.exp(3 * rng.normal(size=rows))
    wealth[:4] = [7.5e8, 6.25e8, 5.125e8, 4.0625e8]
    colours = rng.choice(["red", "blue", "green", "slow", "quick"], (rows, 2))
    return table(
        pl.DataFrame(
            {
                "number": rng.permutation(10 * rows)[:rows] + 5000,
                "code": [f"K{i:06d}" for i in rng.permutation(900_000)[:rows]],
                "note": [f"{a} {b} {i * 7919}" for i, (a, b) in enumerate(colours)],
                "town": pl.Series(town.tolist()),
                "district": district,
                "wealth": wealth,
            }
        ),
        number=Kind.KEY,
        code=Kind.KEY,
        note=Kind.TEXT,
        district=Kind.CATEGORY,
    )


def every_type(rows: int = 200, *, seed: int = 0) -> Table:
    """A column of every supported type, each with some missing values."""
    rng = np.random.default_rng(seed)
    whole = pl.Series(rng.integers(0, 100, rows))
    decimal = pl.Series(np.round(rng.normal(size=rows) * 50, 2))
    second = pl.Series(1_600_000_000 + rng.integers(0, 10**7, rows))
    word = pl.Series(rng.choice(["low", "middle", "high"], rows))
    columns: dict[str, pl.Series] = {}
    for whole_type in (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32):
        columns[str(whole_type)] = whole.cast(whole_type)
    columns["UInt64"] = whole.cast(pl.UInt64) + 2**63
    columns["Float32"], columns["Float64"] = decimal.cast(pl.Float32), decimal
    columns["Decimal"] = decimal.cast(pl.Decimal(12, 2))
    columns["Boolean"] = whole > 40
    columns["String"] = word
    columns["Categorical"] = word.cast(pl.Categorical)
    columns["Enum"] = word.cast(pl.Enum(["low", "middle", "high", "never"]))
    columns["Date"] = (second // 86_400).cast(pl.Int32).cast(pl.Date)
    for unit, factor in (("ms", 10**3), ("us", 10**6), ("ns", 10**9)):
        moment = (second * factor).cast(pl.Datetime(unit))  # type: ignore[arg-type]
        columns[f"Datetime {unit}"] = moment
    columns["Datetime zone"] = (second * 10**6).cast(pl.Datetime("us", "Europe/Rome"))
    columns["Time"] = (second % 86_400 * 10**9).cast(pl.Time)
    columns["Duration"] = (second % 86_400 * 10**6).cast(pl.Duration("us"))
    absent = pl.Series(rng.random(rows) < 0.2)
    return table(pl.DataFrame({name: column.set(absent, None) for name, column in columns.items()}))


def _kind(dtype: pl.DataType) -> Kind:
    if dtype == pl.Boolean:
        return Kind.BOOLEAN
    if dtype.is_numeric() or dtype == pl.Duration:
        return Kind.NUMBER
    return Kind.DATETIME if dtype.is_temporal() else Kind.CATEGORY
