"""The tables of a comparison as aligned arrays: numbers as floats, categories as shared codes.
 Rows stand in an order that depends on what they hold (a hash of each row), not on where they
stood. A random choice of rows by position is then the same however the caller's rows were ordered:
rows that are equal are the only ones that can swap places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from artesian.core.run import Seed
from artesian.data.schema import Column, Kind
from artesian.metrics.common.arrays import NUMERIC, Floats, Hashes, Ints, coded, floats, mixed
from artesian.metrics.common.compatibility import check_alike
from artesian.metrics.common.suppression import Suppression, merged
from artesian.metrics.protocol import Comparison

DISCRETE = (Kind.CATEGORY, Kind.BOOLEAN)


@dataclass(frozen=True, slots=True)
class Rows:
    """One table's columns.

    Attributes:
        numbers: Name -> (rows,) floats, NaN where missing; dates as microseconds.
        codes: Name -> (rows,) positions in `Encoded.levels`, -1 where missing.
    """

    height: int
    numbers: Mapping[str, Floats]
    codes: Mapping[str, Ints]

    def take(self, positions: npt.NDArray[np.integer[Any]]) -> Rows:
        return Rows(
            len(positions),
            {name: values[positions] for name, values in self.numbers.items()},
            {name: values[positions] for name, values in self.codes.items()},
        )

    def at_most(self, rows: int, seed: Seed) -> Rows:
        """A random choice of `rows` rows, or all of them where there are no more."""
        if self.height <= rows:
            return self
        return self.take(np.sort(seed.rng().permutation(self.height)[:rows]))

    def hashes(self) -> Hashes:
        """One 64-bit number for each row; equal rows, equal numbers. (rows,)"""
        total = np.zeros(self.height, np.uint64)
        for values in (*self.numbers.values(), *self.codes.values()):
            total = mixed(total, values)
        return total


@dataclass(frozen=True, slots=True)
class Encoded:
    """All tables of a comparison in the same terms.

    Attributes:
        columns: The columns that are judged; keys never are.
        levels: Name -> the values of a discrete column in any of the tables, sorted.
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
        return tuple(column.name for column in self.columns if column.kind in NUMERIC)

    @property
    def discrete(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.name in self.levels)

    def draw_columns(
        self, most: int, seed: Seed, *, without: Collection[str] = ()
    ) -> tuple[Column, ...]:
        """All columns but those `without`; of more than `most`, that many at random, in their order."""
        columns = [column for column in self.columns if column.name not in without]
        if len(columns) > most:
            columns = [columns[i] for i in np.sort(seed.rng().permutation(len(columns))[:most])]
        return tuple(columns)

    def at_most(self, rows: int, seed: Seed) -> Encoded:
        """The same with each table cut to a random choice of no more than `rows` rows."""
        return replace(
            self,
            real=self.real.at_most(rows, seed.child("real")),
            synthetic=self.synthetic.at_most(rows, seed.child("synthetic")),
            holdout=None
            if self.holdout is None
            else self.holdout.at_most(rows, seed.child("holdout")),
        )


def encode(tables: Comparison) -> Encoded:
    """Bring the numbers, dates, categories and booleans into the same terms, once for a comparison;
    nothing of the input is changed.

    Rare categories that the synthetic table suppressed are replaced in every table by what
    represents them there, so that suppression is not counted as loss.

    Raises:
        SchemaError: the tables do not have the same columns.
    """
    return tables.cached(("encoded",), lambda: _encoded(tables))


def _encoded(tables: Comparison) -> Encoded:
    check_alike(tables)
    columns = tuple(c for c in tables.real.schema if c.kind in (*NUMERIC, *DISCRETE))
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
        if declared.suppressed_below:
            levels[name], found, suppressed[name] = merged(declared, series)
        else:
            levels[name], found = coded(series)
        for into, column_codes in zip(codes, found, strict=True):
            into[name] = column_codes
    sides = [_settled(Rows(frame.height, numbers[i], codes[i])) for i, frame in enumerate(frames)]
    return Encoded(
        columns, levels, suppressed, sides[0], sides[1], sides[2] if len(sides) > 2 else None
    )


def _settled(rows: Rows) -> Rows:
    return rows.take(np.argsort(rows.hashes(), kind="stable"))
