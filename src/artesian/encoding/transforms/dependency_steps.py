"""Steps of functional dependencies: values that others determine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from artesian.core.validated import require
from artesian.data.frames import as_text
from artesian.encoding.transforms.protocol import Position
from artesian.relations.dependencies import Dependency
from artesian.relations.expressions import numbers

MAX_PARTS = 50
"""Maximum number of values of a category in each of which numbers between listed ones are looked up."""


@dataclass(frozen=True, slots=True)
class LookupStep:
    """A determined column is modelled, then replaced by the value that belongs to its sources.

    Attributes:
        table: The value for each combination of source values with enough rows.
        pool: Generated texts for the other combinations, each of which always has the same one.
        absent: The values of rows without a source, if only they have them.
        together: Whether rows without the source lack the target too.
    """

    relation: Dependency
    table: pl.DataFrame
    pool: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    together: bool = False

    @property
    def target(self) -> str:
        """The determined column."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The determining columns."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The value of the table; the modelled one where it has none."""
        keys = frame.select(
            pl.col(n).cast(self.table.schema[n], strict=False) for n in self.sources
        )
        kept = self.table.rename({self.target: "\0value"}).with_columns(
            pl.lit(True).alias("\0known")
        )
        joined = keys.join(kept, on=list(self.sources), how="left", maintain_order="left")
        exact = joined["\0known"].fill_null(False)
        modelled = frame[self.target]
        if not self.relation.values:
            modelled = self._between(keys, modelled)
        if self.together:
            modelled = modelled.set(keys.to_series().is_null(), None)
        if self.absent:
            modelled = self._without_source(keys.to_series(), modelled)
        if self.pool:
            modelled = self._from_pool(keys, modelled)
        elif len(keys.columns) > 1 and modelled.dtype.is_numeric() and not exact.all():
            modelled = self._like_others(keys, exact, modelled)
        value = joined["\0value"].cast(modelled.dtype, strict=False)
        return value.zip_with(exact, modelled).alias(self.target)

    def _without_source(self, keys: pl.Series, modelled: pl.Series) -> pl.Series:
        """A value of `absent` where there is no source, the same one for each modelled value."""
        text = as_text(modelled)
        wrong = keys.is_null() & text.is_not_null() & ~text.is_in(self.absent)
        listed = self.absent
        moved = {v: listed[crc32(v.encode()) % len(listed)] for v in text.filter(wrong).unique()}
        chosen = text.replace(list(moved), list(moved.values()))
        return chosen.cast(modelled.dtype, strict=False).zip_with(wrong, modelled)

    def _like_others(self, keys: pl.DataFrame, exact: pl.Series, modelled: pl.Series) -> pl.Series:
        """For a combination that the table lacks, the value of one with a source in common.

        It is always the same one: the price of the article in another shop.
        """
        shared = min(self.sources, key=lambda name: self.table[name].n_unique())
        values = self.table.filter(pl.col(self.target).is_not_null())
        groups = dict(values.group_by(shared, maintain_order=True).agg(self.target).iter_rows())
        missing = (
            ~exact
            & modelled.is_not_null()
            & keys.select(~pl.any_horizontal(pl.all().is_null())).to_series()
        )
        rows = keys.filter(missing)
        texts = _joined(rows)
        chosen: dict[str, Any] = {}
        for text, key in zip(texts, rows[shared], strict=True):
            if text not in chosen and groups.get(key):
                chosen[text] = groups[key][crc32(text.encode()) % len(groups[key])]
        picked = iter(map(chosen.get, texts))
        filled = [next(picked) if one else None for one in missing]
        drawn = pl.Series(filled, dtype=self.table.schema[self.target], strict=False)
        return drawn.cast(modelled.dtype, strict=False).fill_null(modelled)

    def _from_pool(self, keys: pl.DataFrame, modelled: pl.Series) -> pl.Series:
        """The text of the pool that belongs to the sources; missing where it was."""
        text = _joined(keys)
        picked = {
            key: self.pool[crc32(key.encode()) % len(self.pool)]
            for key in text.drop_nulls().unique()
        }
        chosen = pl.Series([None if key is None else picked[key] for key in text], dtype=pl.String)
        present = modelled.is_not_null() & text.is_not_null()
        return chosen.zip_with(present, as_text(modelled)).alias(self.target)

    def _between(self, keys: pl.DataFrame, modelled: pl.Series) -> pl.Series:
        """The value that both neighbouring numbers of the table have; else the modelled one.

        Of two sources, of which one is a number, the neighbours have the same value of the other.
        """
        ordered = [n for n, t in keys.schema.items() if t.is_numeric() or t.is_temporal()]
        if len(ordered) != 1 or len(keys.columns) > 2:
            return modelled
        number = ordered[0]
        if len(keys.columns) == 1:
            return _of_neighbours(self.table, number, self.target, keys[number], modelled)
        (label,) = set(keys.columns) - {number}
        if self.table[label].n_unique() > MAX_PARTS:
            return modelled
        for (value,), table in self.table.group_by(label, maintain_order=True):
            chosen = (keys[label] == value).fill_null(False)
            filled = _of_neighbours(table, number, self.target, keys[number], modelled)
            modelled = filled.zip_with(chosen, modelled)
        return modelled


def _of_neighbours(
    table: pl.DataFrame, source: str, target: str, keys: pl.Series, modelled: pl.Series
) -> pl.Series:
    """The value that the listed numbers below and above a key both have; else the modelled one."""
    listed, wanted = numbers(table[source]), numbers(keys)
    last = len(listed) - 1
    above = np.searchsorted(listed, wanted)
    below = np.clip(above - 1, 0, last)
    above = np.minimum(above, last)
    low, high = table[target].gather(below), table[target].gather(above)
    sure = low.eq_missing(high) & pl.Series(~np.isnan(wanted))
    return low.cast(modelled.dtype, strict=False).zip_with(sure, modelled)


@dataclass(frozen=True, slots=True)
class AgreeStep:
    """A column is modelled; rows with the same generated identifier and value have the first one.

    The two readings of a patient's visit have one date.
    """

    relation: Dependency

    @property
    def target(self) -> str:
        """The determined column."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The identifier, and the column that determines the target with it."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The first value of each group of rows."""
        target = pl.col(self.target)
        complete = pl.all_horizontal(pl.col(name).is_not_null() for name in self.sources)
        first = target.first().over(self.sources)
        return frame.select(pl.when(complete).then(first).otherwise(target)).to_series()


@dataclass(frozen=True, slots=True)
class ReverseLookupStep:
    """Where a source contradicts what it determines, it gets the usual value of the determined column.

    In `sex, age -> who` and `who in ('man', 'woman') -> sex`, `who` is modelled for combinations of sex
    and age that few rows have, and may be a man of female sex.

    Attributes:
        table: The value of the determined column for each value of the source.
        usual: The most frequent value of the source for each value of the determined column. A row
            without such a value has one that determines nothing, for values that few rows have.
    """

    relation: Dependency
    table: pl.DataFrame
    usual: pl.DataFrame

    def check_values(self) -> None:
        """Check that both tables have the columns of the dependency."""
        columns = set(self.relation.columns)
        require(len(columns) == 2, "a dependency has several sources")
        require(set(self.table.columns) == columns == set(self.usual.columns), "other columns")

    @property
    def target(self) -> str:
        """The source of the dependency, which the step restores."""
        return self.relation.sources[0]

    @property
    def sources(self) -> tuple[str, ...]:
        """The determined column."""
        return (self.relation.target,)

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The values, without those that contradict the determined column."""
        source, determined = self.relation.columns
        given, actual = frame[source], frame[determined]
        right = _looked_up(given, self.table, source, determined)
        wrong = right.is_not_null() & actual.is_not_null() & (right != actual.cast(right.dtype))
        usual = _looked_up(actual, self.usual, determined, source)
        for value in self.usual.filter(pl.col(determined).is_null())[source]:
            usual = usual.fill_null(value)
        moved = (wrong & usual.is_not_null()).fill_null(False)
        return usual.cast(given.dtype, strict=False).zip_with(moved, given).alias(source)


def _joined(keys: pl.DataFrame) -> pl.Series:
    """The values of each row as one text; missing where one of them is."""
    texts = [as_text(series) for series in keys]
    return pl.select(pl.concat_str(texts, separator="\0")).to_series()


def _looked_up(keys: pl.Series, table: pl.DataFrame, key: str, value: str) -> pl.Series:
    """The value of each key; missing where the table has none."""
    left = pl.DataFrame({key: keys.cast(table.schema[key], strict=False)})
    return left.join(table, on=key, how="left", maintain_order="left")[value]
