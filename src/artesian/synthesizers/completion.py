"""Imputation: missing values of given rows, drawn conditionally on their other values.

A method supplies a function that draws the missing codes; this module does what all methods share.
Values that are present are never changed. What a transform ties together is kept: the modelled columns
of the real row are completed and restored, so that a missing total is the sum of the real parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.segments import Codes, Floats
from artesian.encoding.table_codec import TableCodec
from artesian.encoding.transforms.protocol import Position
from artesian.relations.parse import parse_relation

Mask = NDArray[np.bool_]

DrawMissing = Callable[[NDArray[np.int64], Mask, np.random.Generator], tuple[Codes, Floats]]
"""(positions of r rows, which of their codes are missing (p, r), rng) -> codes and positions within
them, each of shape (p, r); the missing ones are drawn, and no missing one means a missing value."""

TRIES = 5
"""Number of times a row is drawn until it keeps the relations of the table."""

GENERATED = (Kind.TEXT, Kind.KEY)
"""Kinds of columns whose values are generated anew, so that a missing one is not imputed."""


@runtime_checkable
class CompletingModel(Protocol):
    """A model that draws missing values conditionally on the known values of their row."""

    def complete(
        self, table: Table, imputations: int, *, run: Run | None = None
    ) -> Iterator[Table]:
        """Yield `table` with its missing values drawn, `imputations` times.

        Present values are unchanged. Values of texts and keys remain missing.
        """
        ...


def complete(
    codec: TableCodec, table: Table, draw: DrawMissing, imputations: int, run: Run
) -> Iterator[Table]:
    """The shared part of `CompletingModel.complete`."""
    modelled = codec.transforms.forward(table).frame
    missing = _missing(codec, modelled)
    rows = np.flatnonzero(missing.any(axis=0))
    relations = codec.transforms.relations(table.schema.names)
    for number in run.track(range(imputations), "impute"):
        own = run.child("imputation", number)
        filled, left = table.frame, rows
        for attempt in range(TRIES):
            rng = own.seed.child("draw", attempt).rng()
            codes, positions = draw(left, missing[:, left], rng)
            restored = _restored(codec, table, modelled, left, (codes, positions), own)
            filled = _put(filled, restored, left)
            left = np.intersect1d(left, _violating(relations, table, filled))
            if not len(left):
                break
        yield table.with_frame(filled)


def _missing(codec: TableCodec, modelled: pl.DataFrame) -> Mask:
    """Which modelled values are missing and can be drawn, (p, n)."""
    missing = np.zeros((len(codec.names), modelled.height), bool)
    for row, (name, column) in enumerate(codec.coded.items()):
        drawable = name not in codec.surrogates.names and len(column.mass())
        if drawable:
            missing[row] = modelled[name].is_null().to_numpy()
    return missing


def _restored(
    codec: TableCodec,
    table: Table,
    modelled: pl.DataFrame,
    rows: NDArray[np.int64],
    drawn: tuple[Codes, Floats],
    run: Run,
) -> pl.DataFrame:
    """All columns of `table` at `rows`, with the drawn values where the modelled ones are missing."""
    every = modelled
    direct: dict[str, pl.Series] = {}
    for row, (name, column) in enumerate(codec.coded.items()):
        if name in codec.surrogates.names or not modelled[name].null_count():
            continue
        values = column.decode(drawn[0][row], drawn[1][row])
        at = modelled[name][rows].is_null()
        dtype = modelled[name].dtype
        present = modelled[name][rows].zip_with(~at, values.cast(dtype).alias(name))
        direct[name] = present
        whole = modelled[name].scatter(rows, present)
        every = every.with_columns(whole)
    inverse = codec.transforms.inverse(every, Position(0, run.seed, arranged=False))[rows]
    columns = []
    for name in table.schema.names:
        dtype = table.frame[name].dtype
        if table.schema[name].kind in GENERATED:
            columns.append(table.frame[name][rows])
            continue
        values = inverse[name].cast(dtype)
        if name in direct:
            values = values.fill_null(direct[name].cast(dtype))
        columns.append(values.alias(name))
    return pl.DataFrame(columns)


def _put(frame: pl.DataFrame, restored: pl.DataFrame, rows: NDArray[np.int64]) -> pl.DataFrame:
    """`frame` with the values of `restored` at `rows` where its original ones are missing."""
    columns = []
    for series in frame:
        if not series.null_count():
            columns.append(series)
            continue
        values = series[rows].zip_with(series[rows].is_not_null(), restored[series.name])
        columns.append(series.scatter(rows, values))
    return pl.DataFrame(columns)


def _violating(relations: tuple[str, ...], table: Table, filled: pl.DataFrame) -> NDArray[np.int64]:
    """Positions of the rows in which a relation does not hold that held before or did not apply."""
    wrong = np.zeros(filled.height, bool)
    for text in relations:
        relation = parse_relation(text, table.schema.names)
        before = ~relation.holds(table.frame).fill_null(True)
        now = ~relation.holds(filled).fill_null(True)
        wrong |= (now & ~before).to_numpy()
    return np.flatnonzero(wrong)
