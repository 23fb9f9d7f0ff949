"""Tables for the tests of metrics."""

from dataclasses import replace

import numpy as np
import polars as pl

from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table

ROWS = 3000  # of a crowd


def table(columns, target=None, **kinds):
    """A table of `columns`; text is a category unless `kinds` says otherwise."""
    frame = pl.DataFrame(columns)

    def kind(name, dtype):
        if name in kinds:
            return kinds[name]
        if dtype.is_numeric():
            return Kind.NUMBER
        if dtype.is_temporal():
            return Kind.DATETIME
        return Kind.BOOLEAN if dtype == pl.Boolean else Kind.CATEGORY

    schema = tuple(Column(name=n, kind=kind(n, t)) for n, t in frame.schema.items())
    return Table(frame, Schema(columns=schema, target=target))


def suppressing(table, **values):
    """The table, its columns declaring the value that represents their suppressed categories."""
    declared = (replace(table.schema[name], suppressed=value) for name, value in values.items())
    return replace(table, schema=table.schema.with_columns(declared))


def people(rows, seed, blur=0.0):
    """Correlated rows; `blur` from 0 (the law itself) to 1 (noise) loosens and shifts them."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=rows)
    other = rng.normal(size=rows)

    def mixed(share):
        return (1 - share) * taste + share * other

    return table(
        {
            "age": 40 + 10 * taste + 3 * rng.normal(size=rows) + 15 * blur,
            "spent": np.exp(mixed(blur) + 0.2 * rng.normal(size=rows)),
            "plan": np.where(
                mixed(blur) + 0.5 * rng.normal(size=rows) > 0.5 + blur, "gold", "basic"
            ),
            "town": rng.choice(["a", "b", "c"], rows, p=[0.6 - 0.3 * blur, 0.3, 0.1 + 0.3 * blur]),
            "member": taste * (1 - blur) + 0.7 * rng.normal(size=rows) > 0,
        },
        target="member",
    )


def crowd(rows=ROWS, *, seed):
    """Most rows alike; heavy tails and rare categories make some stand alone."""
    rng = np.random.default_rng(seed)
    towns = 1 / np.arange(1, 41) ** 1.5
    return table(
        {
            "pay": np.exp(rng.standard_t(3, rows)).round(2),
            "age": rng.normal(45, 12, rows).round(),
            "hours": rng.standard_t(2, rows).round(1),
            "town": [f"t{k}" for k in rng.choice(40, rows, p=towns / towns.sum())],
            "plan": rng.choice(["a", "b", "c"], rows, p=[0.7, 0.29, 0.01]),
        }
    )


def most_alone(frame, share):
    """Rows furthest from their fifth neighbour, by plain standardized columns and indicators."""
    numbers = frame.select("pay", "age", "hours").to_numpy()
    columns = np.hstack(
        [
            (numbers - numbers.mean(axis=0)) / numbers.std(axis=0),
            frame.select("town", "plan").to_dummies().to_numpy(),
        ]
    )
    lengths = (columns**2).sum(axis=1)
    squares = lengths[:, None] + lengths[None] - 2 * columns @ columns.T
    alone = np.sort(squares, axis=1)[:, 5]
    return frame[np.argsort(-alone)[: int(share * len(frame))]]


def planted(real, share=0.03):
    """Fresh rows of the crowd, with the most isolated rows of `real` hidden among them as they are."""
    hidden = most_alone(real.frame, share)
    fresh = crowd(ROWS - hidden.height, seed=2).frame
    return real.with_frame(pl.concat([fresh, hidden]).sample(fraction=1.0, shuffle=True, seed=1))
