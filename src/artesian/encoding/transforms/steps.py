"""Steps that keep one relation each: what is modelled in place of a column, and how it is restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.validated import Decimals
from artesian.encoding.transforms.protocol import Position
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
