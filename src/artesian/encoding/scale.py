"""Conversion of typed numbers and times to floats and back, without loss.

Integers and times are counted in multiples of their greatest common step from the lowest value:
nanoseconds since 1970 exceed the precision of a float, milliseconds since a column's first one do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import ConditionError

Floats = NDArray[np.float64]

MAX_RANGE = 2**62
"""Range of integers from which they are converted as plain floats."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The conversion of one column.

    Attributes:
        dtype: Type of the column.
        base: The lowest value, as an integer in the type's unit.
        step: Greatest common divisor of the differences; 0 where values are plain floats.
    """

    dtype: pl.DataType
    base: int = 0
    step: int = 0

    @classmethod
    def from_series(cls, series: pl.Series) -> Self:
        """The conversion that represents every value of `series` exactly, if there is one."""
        integers = series.to_physical() if series.dtype.is_temporal() else series
        if not integers.dtype.is_integer() or not integers.count():
            return cls(series.dtype)
        low, high = _limits_of(integers)
        fits = low >= -(2**63) and (high < 2**63 or integers.dtype == pl.UInt64)
        if not fits or high - low >= MAX_RANGE:
            return cls(series.dtype)
        step = int(np.gcd.reduce(_offsets(integers.drop_nulls(), low)))
        return cls(series.dtype, low, max(step, 1))

    @property
    def zero(self) -> float:
        """The float that represents the value 0."""
        return -self.base / self.step if self.step else 0.0

    def to_floats(self, series: pl.Series) -> Floats:
        """Values of `series` as floats, shape (n,); NaN where missing."""
        series = series.to_physical() if series.dtype.is_temporal() else series
        if not self.step:
            return np.asarray(series.cast(pl.Float64).to_numpy(), dtype=np.float64)
        if not series.dtype.is_integer():
            return (series.cast(pl.Float64).to_numpy() - self.base) / self.step
        count, rest = np.divmod(_offsets(series.fill_null(self.base), self.base), self.step)
        floats = count + rest / self.step
        floats[series.is_null().to_numpy()] = np.nan
        return np.asarray(floats, dtype=np.float64)

    def to_series(self, values: Floats, absent: NDArray[np.bool_]) -> pl.Series:
        """A typed column from floats, shape (n,); missing where `absent`."""
        physical = self._physical()
        if physical is None:
            series = pl.Series(values=np.where(absent, 0, values)).cast(self.dtype)
        else:
            low, high = _limits(self.dtype, physical)
            step = self.step or 1
            low, high = -((self.base - low) // step), (high - self.base) // step
            count = np.clip(np.round(np.where(absent, 0, values)), _inward(low), _inward(high))
            if not self.step:
                series = pl.Series(values=count).cast(physical)
            else:
                # Integers wrap around, so that the upper half of UInt64 is represented.
                integers = count.astype(np.int64) * self.step + _wrapped(self.base)
                unsigned = physical == pl.UInt64
                series = pl.Series(values=integers.view(np.uint64) if unsigned else integers)
            series = series.cast(physical).cast(self.dtype)
        return series.set(pl.Series(absent), None) if absent.any() else series

    def to_float(self, value: Any) -> float:
        """One value of a condition as a float.

        Raises:
            ConditionError: the value does not have the column's type.
        """
        if not self.step:
            return float(typed(value, self.dtype).cast(pl.Float64)[0])
        if self.dtype.is_temporal():
            value = int(typed(value, self.dtype).to_physical()[0])
        elif not isinstance(value, int):
            value = float(typed(value, self.dtype, read_as=pl.Float64())[0])
        return float((value - self.base) / self.step)

    def _physical(self) -> pl.DataType | None:
        """The integer type that stores values of the column's type; None for floats and decimals."""
        if self.dtype.is_temporal():
            return pl.Int32() if self.dtype == pl.Date else pl.Int64()
        return self.dtype if self.dtype.is_integer() else None


def _limits_of(integers: pl.Series) -> tuple[int, int]:
    """Minimum and maximum."""
    low, high = integers.min(), integers.max()
    assert isinstance(low, int), "there is a value"
    assert isinstance(high, int), "there is a value"
    return low, high


def _offsets(integers: pl.Series, base: int) -> NDArray[np.int64]:
    wide = pl.UInt64 if integers.dtype == pl.UInt64 else pl.Int64
    return np.asarray(integers.cast(wide).to_numpy().view(np.int64) - _wrapped(base))


def _wrapped(base: int) -> np.int64:
    return np.int64((base + 2**63) % 2**64 - 2**63)


def _limits(dtype: pl.DataType, physical: pl.DataType) -> tuple[int, int]:
    if dtype == pl.Time:
        return 0, 86_399_999_999_999
    if physical in (pl.Int128, pl.UInt128):
        return -(2**127), 2**127 - 1
    limits = np.iinfo(str(physical).lower())
    return int(limits.min), int(limits.max)


def _inward(end: int) -> float:
    """The float nearest to `end` that is not beyond it."""
    near = float(end)
    return near if abs(near) < 2**53 else float(np.nextafter(near, 0.0))


def typed(value: Any, dtype: pl.DataType, *, read_as: pl.DataType | None = None) -> pl.Series:
    """One value of a condition in a column's type, or in `read_as`, shape (1,).

    Raises:
        ConditionError: the value does not have the type.
    """
    try:
        series = pl.Series([value])
        return (_to_temporal(series, dtype) if dtype.is_temporal() else series).cast(
            read_as or dtype
        )
    except (pl.exceptions.PolarsError, TypeError) as problem:
        raise ConditionError(
            f"{value!r} is not a value of type {dtype}", hint="write it as the data does"
        ) from problem


def _to_temporal(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if series.dtype == pl.String:
        if dtype == pl.Date:
            series = series.str.to_date()
        elif dtype == pl.Time:
            series = series.str.to_time()
        else:
            series = series.str.to_datetime()
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    if zone is not None and isinstance(series.dtype, pl.Datetime) and not series.dtype.time_zone:
        return series.dt.replace_time_zone(zone)  # a time without zone is taken in the column's own
    return series
