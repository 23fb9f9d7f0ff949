"""The tables of a comparison as aligned arrays: numbers as floats, categories as shared codes.

Rows are sorted by a hash of their values, so that their order in the input does not matter: a
random choice of rows by position is the same however the input was ordered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.run import Seed
from artesian.data.frames import as_text, frame_of
from artesian.data.schema import Column, Kind
from artesian.metrics.common.arrays import (
    NUMERIC,
    Floats,
    Hashes,
    Ints,
    combine_hashes,
    encode_categories,
    floats,
)
from artesian.metrics.common.class_codes import class_code_columns, encode_class_codes
from artesian.metrics.common.compatibility import check_compatible
from artesian.metrics.common.suppression import Suppression, merge_suppressed
from artesian.metrics.protocol import Comparison

DISCRETE = (Kind.CATEGORY, Kind.BOOLEAN)


@dataclass(frozen=True, slots=True)
class Rows:
    """One table's columns.

    Attributes:
        numbers: Name -> (rows,) floats, NaN where missing; dates as microseconds.
        codes: Name -> (rows,) positions in `Encoded.levels`, -1 where missing.
        positions: (rows,) positions of the rows in the table.
    """

    height: int
    numbers: Mapping[str, Floats]
    codes: Mapping[str, Ints]
    positions: Ints

    def take(self, positions: npt.NDArray[np.integer[Any]]) -> Rows:
        """The rows at `positions`, shape (n,), in that order."""
        return Rows(
            len(positions),
            {name: values[positions] for name, values in self.numbers.items()},
            {name: values[positions] for name, values in self.codes.items()},
            self.positions[positions],
        )

    def subsample(self, rows: int, seed: Seed) -> Rows:
        """Draw `rows` rows without replacement; all of them if there are no more."""
        if self.height <= rows:
            return self
        return self.take(np.sort(seed.rng().permutation(self.height)[:rows]))

    def concatenated(self, other: Rows) -> Rows:
        """These rows and behind them those of `other`."""

        def both(name: str, side: str) -> npt.NDArray[Any]:
            return np.concatenate([getattr(rows, side)[name] for rows in (self, other)])

        return Rows(
            self.height + other.height,
            {name: both(name, "numbers") for name in self.numbers},
            {name: both(name, "codes") for name in self.codes},
            np.concatenate([self.positions, other.positions]),
        )

    def hashes(self) -> Hashes:
        """(rows,) 64-bit hashes; equal rows have equal hashes."""
        total = np.zeros(self.height, np.uint64)
        for values in (*self.numbers.values(), *self.codes.values()):
            total = combine_hashes(total, values)
        return total


@dataclass(frozen=True, slots=True)
class Encoded:
    """All tables of a comparison with one encoding.

    Attributes:
        columns: The compared columns: all but keys and free text. Numbers that are codes of
            classes are categories.
        levels: Name -> sorted categories of a discrete column over all tables.
        suppressed: Name -> what the synthetic table suppressed of a discrete column on purpose.
    """

    columns: tuple[Column, ...]
    levels: Mapping[str, tuple[Any, ...]]
    suppressed: Mapping[str, Suppression]
    real: Rows
    synthetic: Rows
    holdout: Rows | None

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the columns of numbers and dates."""
        return tuple(column.name for column in self.columns if column.kind in NUMERIC)

    @property
    def discrete(self) -> tuple[str, ...]:
        """Names of the columns of categories and booleans."""
        return tuple(column.name for column in self.columns if column.name in self.levels)

    def draw_columns(
        self, max_columns: int, seed: Seed, *, without: Collection[str] = ()
    ) -> tuple[Column, ...]:
        """The columns but those in `without`; of more than `max_columns`, a random choice."""
        columns = [column for column in self.columns if column.name not in without]
        if len(columns) > max_columns:
            columns = [
                columns[i] for i in np.sort(seed.rng().permutation(len(columns))[:max_columns])
            ]
        return tuple(columns)

    def subsample(self, rows: int, seed: Seed) -> Encoded:
        """The same with each table subsampled to at most `rows` rows."""
        return replace(
            self,
            real=self.real.subsample(rows, seed.child("real")),
            synthetic=self.synthetic.subsample(rows, seed.child("synthetic")),
            holdout=None
            if self.holdout is None
            else self.holdout.subsample(rows, seed.child("holdout")),
        )


def encode(tables: Comparison) -> Encoded:
    """Encode the numbers, dates, categories and booleans of all tables; cached per comparison.

    Rare categories that the synthetic table suppressed are replaced in every table by the value
    that represents them there, so that suppression is not counted as loss.

    Raises:
        SchemaError: the tables do not have the same columns.
    """
    return tables.cached(("encoded",), lambda: _encoded(tables))


def _encoded(tables: Comparison) -> Encoded:
    check_compatible(tables)
    class_codes = class_code_columns(tables)
    columns = tuple(
        replace(c, kind=Kind.CATEGORY) if c.name in class_codes else c
        for c in tables.real.schema
        if c.kind in (*NUMERIC, *DISCRETE)
    )
    names = {column.name for column in columns}
    others = [name for name in tables.real.schema.names if name not in names]
    frames = [tables.real.frame, tables.synthetic.frame]
    if tables.holdout is not None:
        frames.append(tables.holdout.frame)
    numbers: list[dict[str, Floats]] = [{} for _ in frames]
    codes: list[dict[str, Ints]] = [{} for _ in frames]
    levels: dict[str, tuple[Any, ...]] = {}
    suppressed: dict[str, Suppression] = {}
    for column in columns:
        name = column.name
        series = [frame[name] for frame in frames]
        if column.kind in NUMERIC:
            for store, values in zip(numbers, series, strict=True):
                store[name] = floats(values)
            continue
        declared = tables.synthetic.schema[name]
        if name in class_codes:
            levels[name] = class_codes[name]
            encoded_columns = [encode_class_codes(values, class_codes[name]) for values in series]
        elif declared.suppressed_below:
            levels[name], encoded_columns, suppressed[name] = merge_suppressed(declared, series)
        else:
            levels[name], encoded_columns = encode_categories(series)
        for into, column_codes in zip(codes, encoded_columns, strict=True):
            into[name] = column_codes
    tables_rows = [
        _in_canonical_order(
            Rows(frame.height, numbers[i], codes[i], np.arange(frame.height)),
            frame_of(frame[name] for name in others),
        )
        for i, frame in enumerate(frames)
    ]
    return Encoded(
        columns,
        levels,
        suppressed,
        tables_rows[0],
        tables_rows[1],
        tables_rows[2] if len(tables_rows) > 2 else None,
    )


def _in_canonical_order(rows: Rows, others: pl.DataFrame) -> Rows:
    """Sort rows by their hashes; those that differ only in `others` by these."""
    hashes = rows.hashes()
    order = np.argsort(hashes, kind="stable")
    if others.width and (np.diff(hashes[order]) == 0).any():
        texts = [as_text(others[name]).alias(str(at)) for at, name in enumerate(others.columns)]
        keys = pl.DataFrame([pl.Series("hash", hashes), *texts])
        placed = keys.with_row_index("position")
        order = placed.sort(keys.columns, maintain_order=True)["position"].to_numpy()
    return rows.take(order.astype(np.int64))
