"""Steps that keep one relation each: what is modelled in place of a column, and how it is restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.validated import Decimals
from artesian.encoding.transforms.protocol import Position
from artesian.relations.dependencies import Dependency
from artesian.relations.exclusive import Exclusive
from artesian.relations.expressions import DAY, Floats, numbers
from artesian.relations.presence import MissingTogether, MissingWhen
from artesian.relations.protocol import Relation
from artesian.relations.search.rows import NumericColumns
from artesian.relations.texts import Template


class Step(Protocol):
    """One column that a relation restores.

    Attributes:
        relation: The relation that it keeps.
    """

    @property
    def relation(self) -> Relation:
        """The relation that it keeps."""
        ...

    @property
    def target(self) -> str:
        """The column that is restored."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns that have to be restored before it."""
        ...

    def hide(self, frame: pl.DataFrame) -> list[pl.Series] | None:
        """The columns to model in place of the target; None to model the target itself."""
        ...

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The target's values in sampled rows that have its sources and hidden columns."""
        ...


@dataclass(frozen=True, slots=True)
class Hidden:
    """How the values of a restored column are stored.

    Attributes:
        dtype: Its type.
        decimals: Number of decimals of its values; None if they are continuous.
        floor: Minimum of the values; None if they have none. A count below a bound is no less than 1.
    """

    dtype: pl.DataType
    decimals: Decimals | None
    floor: float | None = None

    def series(self, name: str, values: Floats) -> pl.Series:
        """Values as a column, missing where NaN; times are given in days."""
        dtype, absent = self.dtype, np.isnan(values)
        filled = np.where(absent, 0.0, values)
        if self.floor is not None:
            filled = np.maximum(filled, self.floor)
        if dtype == pl.Date:
            series = pl.Series(name, np.round(filled).astype(np.int32)).cast(dtype)
        elif isinstance(dtype, pl.Datetime):
            whole = pl.Series(name, np.round(filled * DAY).astype(np.int64)).cast(pl.Datetime("us"))
            series = whole.dt.replace_time_zone(
                dtype.time_zone, ambiguous="earliest", non_existent="null"
            ).cast(dtype)
        elif dtype == pl.Time:
            micro = np.round(filled * DAY).astype(np.int64) % DAY
            series = pl.Series(name, micro * 1000).cast(dtype)
        elif dtype == pl.Duration:
            series = pl.Series(name, np.round(filled * DAY).astype(np.int64)).cast(
                pl.Duration("us")
            )
            series = series.cast(dtype)
        elif dtype.is_integer():
            series = pl.Series(name, np.round(filled).astype(np.int64)).cast(dtype, strict=False)
        else:
            rounded = filled if self.decimals is None else round_half_up(filled, self.decimals)
            series = pl.Series(name, rounded).cast(dtype)
        return series.set(pl.Series(absent), None) if absent.any() else series


def round_half_up(values: Floats, decimals: int) -> Floats:
    """Round to decimals, halves away from zero as people and databases do."""
    scaled = values * 10.0**decimals
    # A product such as 0.145 * 100 is a hair below its decimal value.
    nudged = np.sign(scaled) * np.floor(np.abs(scaled) * (1 + 1e-14) + 0.5 + 1e-9)
    return np.round(nudged / 10.0**decimals, decimals)


@dataclass(frozen=True, slots=True)
class LookupStep:
    """A determined column is modelled, then replaced by the value that belongs to its sources.

    Attributes:
        table: The value for each combination of source values with enough rows.
        pool: Generated texts for the other combinations, each of which always has the same one.
        absent: The values of rows without a source, if only they have them.
    """

    relation: Dependency
    table: pl.DataFrame
    pool: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

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
        ordered = keys.dtypes[0].is_numeric() or keys.dtypes[0].is_temporal()
        if len(keys.columns) == 1 and ordered and not self.relation.values:
            modelled = self._between(keys.to_series(), modelled)
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
        text = modelled.cast(pl.String)
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
        texts = rows.select(pl.concat_str(pl.all().cast(pl.String), separator="\0")).to_series()
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
        text = keys.select(pl.concat_str(pl.all().cast(pl.String), separator="\0")).to_series()
        picked = {
            key: self.pool[crc32(key.encode()) % len(self.pool)]
            for key in text.drop_nulls().unique()
        }
        chosen = pl.Series([None if key is None else picked[key] for key in text], dtype=pl.String)
        present = modelled.is_not_null() & text.is_not_null()
        return chosen.zip_with(present, modelled.cast(pl.String)).alias(self.target)

    def _between(self, keys: pl.Series, modelled: pl.Series) -> pl.Series:
        """The value that both neighbouring numbers of the table have; else the modelled one."""
        listed, wanted = numbers(self.table[self.sources[0]]), numbers(keys)
        last = len(listed) - 1
        above = np.searchsorted(listed, wanted)
        below = np.clip(above - 1, 0, last)
        above = np.minimum(above, last)
        values = self.table[self.target]
        low, high = values.gather(below), values.gather(above)
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
class PresenceStep:
    """A column is missing exactly where the relation says so.

    Attributes:
        stored: The column that is set: the relation's target, or what is modelled in its place.
        owner: A column that determines the target, so that its rows have the same value; '' if none.
        alike: A column that the target determines, from whose rows values are filled in; '' if none.
    """

    relation: MissingTogether | MissingWhen
    stored: str
    owner: str = ""
    alike: str = ""

    @property
    def target(self) -> str:
        """The column with missing values."""
        return self.stored

    @property
    def sources(self) -> tuple[str, ...]:
        """The column that decides."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> None:
        """The target itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The sampled values, removed or, from other rows of the block, filled in where needed."""
        values, missing = frame[self.target], self.relation.missing(frame)
        wanted = (~missing).fill_null(False) & values.is_null()
        if wanted.any() and values.count():
            rows = self._donors(frame, wanted, values.is_not_null(), at)
            drawn = values.gather(rows)
            values = drawn.zip_with(wanted, values)
        return values.set(missing.fill_null(False), None).alias(self.target)

    def _donors(
        self, frame: pl.DataFrame, wanted: pl.Series, present: pl.Series, at: Position
    ) -> NDArray[np.int64]:
        """For each wanted row one with a value, if possible alike; any number for other rows."""
        number = np.arange(frame.height)
        if self.owner in frame.columns:
            number = frame[self.owner].rank("dense").fill_null(0).to_numpy().astype(np.int64)
        u = at.rng("presence", self.target).random(int(number.max()) + 1)[number]
        donors = np.flatnonzero(present.to_numpy())
        rows = donors[(u * len(donors)).astype(np.int64)]
        if self.alike in frame.columns:
            codes = frame[self.alike].rank("dense").fill_null(0).to_numpy()
            for code in np.unique(codes[wanted.to_numpy()]).tolist():
                same = donors[codes[donors] == code]
                if len(same):
                    here = codes == code
                    rows[here] = same[(u[here] * len(same)).astype(np.int64)]
        return rows


@dataclass(frozen=True, slots=True)
class ExclusiveStep:
    """A member of a set is off where one before it is on.

    Attributes:
        member: Position of the column in the relation's members.
    """

    relation: Exclusive
    member: int

    @property
    def target(self) -> str:
        """The member."""
        return self.relation.members[self.member]

    @property
    def sources(self) -> tuple[str, ...]:
        """The members before it."""
        return self.relation.members[: self.member]

    def hide(self, frame: pl.DataFrame) -> None:
        """The member itself is modelled."""
        return None

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The sampled values, 0 where an earlier member is not; 1 if the last one has to be on."""
        values = frame[self.target]
        on = frame.select(
            pl.any_horizontal(
                (pl.col(n).cast(pl.Float64) != 0).fill_null(False) for n in self.sources
            )
        ).to_series()
        zero = pl.Series([0]).cast(values.dtype)
        values = zero.new_from_index(0, len(values)).zip_with(on & values.is_not_null(), values)
        if self.relation.exactly and self.member == len(self.relation.members) - 1:
            one = pl.Series([1]).cast(values.dtype).new_from_index(0, len(values))
            values = one.zip_with(~on & values.is_not_null(), values)
        return values.alias(self.target)


@dataclass(frozen=True, slots=True)
class TextStep:
    """A text that is made of other columns leaves nothing to model, or what follows them."""

    relation: Template
    rest: str | None

    @property
    def target(self) -> str:
        """The text."""
        return self.relation.target

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns in it."""
        return self.relation.sources

    def hide(self, frame: pl.DataFrame) -> list[pl.Series]:
        """What follows the parts."""
        if self.rest is None:
            return []
        start = self.relation.compute(frame).fill_null("")
        both = pl.DataFrame({"text": frame[self.target].cast(pl.String), "start": start})
        cut = pl.col("text").str.slice(pl.col("start").str.len_chars())
        return [
            both.select(
                pl.when(pl.col("text").str.starts_with(pl.col("start"))).then(cut).otherwise("text")
            )
            .to_series()
            .alias(self.rest)
        ]

    def restore(self, frame: pl.DataFrame, at: Position) -> pl.Series:
        """The parts, and what follows."""
        start = self.relation.compute(frame)
        if self.rest is not None:
            start = start.fill_null("") + frame[self.rest].cast(pl.String)
        return start.alias(self.target)


MIN_MULTIPLES = 10
"""Minimum number of different values that are all multiples of a number, for it to be their spacing."""


def spacing(frame: pl.DataFrame) -> float:
    """The largest spacing of which all values of some numbers or times are multiples: 100 of salaries,
    0.05 of prices, a day of dates; 0 if they are continuous."""
    columns = NumericColumns.from_frame(frame, 0)
    unit = float(columns.grid.min())
    values = columns.values[~np.isnan(columns.values)]
    if not unit or columns.temporal.any():
        return unit
    steps = np.unique(np.round(values / unit))
    if len(steps) < MIN_MULTIPLES or np.abs(steps).max() >= 2**53:
        return unit
    return unit * max(int(np.gcd.reduce(steps.astype(np.int64))), 1)


def decimals_of(series: pl.Series) -> int | None:
    """Number of decimals of all values; None if they have more than nine."""
    if not series.dtype.is_float():
        return 0
    values = numbers(series)
    present = values[~np.isnan(values)]
    for decimals in range(10):
        if np.array_equal(np.round(present, decimals), present):
            return decimals
    return None
