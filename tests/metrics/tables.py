"""Tables for the tests of metrics."""

import numpy as np
import polars as pl

from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table


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
