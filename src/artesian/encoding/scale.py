"""Conversion of typed numbers and times to floats and back, without loss where the range allows it.

Integers, decimals and times are counted in multiples of their greatest common step, from a base that
tells no value of the column: zero, or a multiple of a power of two where floats could not represent the
counts from zero (nanoseconds since 1970). Counts beyond 2^53 are rounded, but the values converted back
from them are still multiples of the step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import ConditionError
from artesian.core.validated import Between

Floats = NDArray[np.float64]

NARROW_RANGE = 2**62
"""Range of integers below which 64-bit arithmetic converts them."""

WIDE_RANGE = 2**126
"""Range of integers from which they are converted as plain floats."""

FULL = (1, 100)
"""Ends of scales from 0: of fractions and of percentages."""

HUGE, HUGE_EXPONENT = 2.0**400, 700
"""Floats beyond `HUGE` are divided by two to the power of `HUGE_EXPONENT`."""

MAX_DAYS = 95_000_000
"""Largest distance of a date from 1970 in days; later ones cannot be written."""

EXACT_RANGE = 2**53
"""Count of steps from which floats do not represent every whole number."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The conversion of one column.

    Attributes:
        dtype: Type of the column.
        base: The value that the float 0 represents, as an integer in the type's unit (that of the last
            decimal place for decimals).
        step: Greatest common divisor of the differences; 0 where values are plain floats.
        wide: Whether the conversion needs 128-bit integers.
        exponent: Of plain floats, the power of two that the float 1 represents; `HUGE_EXPONENT` if
            squares of the values would exceed the range of floats.
    """

    dtype: pl.DataType
    base: int = 0
    step: int = 0
    wide: bool = False
    exponent: Annotated[int, Between(0, 1_000)] = 0

    @classmethod
    def from_series(cls, series: pl.Series) -> Self:
        """The conversion that represents every value of `series` exactly, if there is one."""
        integers = to_integers(series)
        if integers is None or not integers.count():
            physical = series.drop_nulls().cast(pl.Float64).abs()
            largest = float(physical.max() or 0.0) if series.dtype.is_float() else 0.0  # type: ignore[arg-type]
            return cls(series.dtype, exponent=HUGE_EXPONENT if largest > HUGE else 0)
        low, high = _limits_of(integers)
        if high - low >= WIDE_RANGE or high >= 2**127:
            return cls(series.dtype)
        narrow = low >= -(2**63) and (high < 2**63 or integers.dtype == pl.UInt64)
        if narrow and high - low < NARROW_RANGE and not series.dtype.is_decimal():
            step = max(int(np.gcd.reduce(_offsets(integers.drop_nulls(), low))), 1)
            return cls(series.dtype, _public_base(low, high, step), step)
        offsets = integers.drop_nulls().cast(pl.Int128) - _int128(low)
        step = max(math.gcd(*offsets.to_list()), 1)
        return cls(series.dtype, _public_base(low, high, step), step, wide=True)

    @property
    def zero(self) -> float:
        """The float that represents the value 0."""
        return -self.base / self.step if self.step else 0.0

    @property
    def unit(self) -> float:
        """The distance of floats that represents 1, or one unit of a time."""
        return self._unit / self.step if self.step else 1.0

    @property
    def full(self) -> tuple[float, ...]:
        """The floats that represent the ends of fractions and percentages; none for times."""
        if self.dtype.is_temporal():
            return ()
        return tuple(self.zero + end * self.unit for end in FULL)

    def to_floats(self, series: pl.Series) -> Floats:
        """Values of `series` as floats, shape (n,); NaN where missing."""
        integers = to_integers(series)
        if not self.step:
            plain = series.to_physical() if series.dtype.is_temporal() else series
            floats = np.asarray(plain.cast(pl.Float64).to_numpy(), dtype=np.float64)
            return np.ldexp(floats, -self.exponent) if self.exponent else floats
        if integers is None or not self._same_unit(series.dtype):
            return (series.cast(pl.Float64).to_numpy() * self._unit - self.base) / self.step
        if self.wide:
            offsets = integers.cast(pl.Int128) - _int128(self.base)
            rest = (offsets % _int128(self.step)).cast(pl.Float64).to_numpy()
            whole = (offsets // _int128(self.step)).cast(pl.Float64).to_numpy()
            return np.asarray(whole + rest / self.step, dtype=np.float64)
        missing = series.null_count() > 0
        present = integers.fill_null(self.base) if missing else integers
        count, rest = np.divmod(_offsets(present, self.base), self.step)
        floats = count + rest / self.step
        if missing:
            floats[series.is_null().to_numpy()] = np.nan
        return np.asarray(floats, dtype=np.float64)

    def can_be_written(self, values: Floats) -> bool:
        """Whether floats are dates in the range of the calendar; always for other types than times."""
        if self.dtype != pl.Date and not isinstance(self.dtype, pl.Datetime):
            return True
        physical = self.to_series(values, np.zeros(len(values), bool)).to_physical()
        days = np.abs(physical.cast(pl.Float64).to_numpy())
        if isinstance(self.dtype, pl.Datetime):
            days = days / (86_400 * {"ms": 1e3, "us": 1e6, "ns": 1e9}[self.dtype.time_unit])
        return bool((days <= MAX_DAYS).all())

    def to_series(self, values: Floats, absent: NDArray[np.bool_]) -> pl.Series:
        """A typed column from floats, shape (n,); missing where `absent`."""
        physical = self._physical()
        if physical is None:
            plain = np.where(absent, 0, values)
            if self.exponent:
                end = np.ldexp(np.finfo(np.float64).max, -self.exponent)
                plain = np.ldexp(np.clip(plain, -end, end), self.exponent)
            series = pl.Series(values=plain).cast(self.dtype)
        else:
            low, high = _limits(self.dtype, physical)
            step = self.step or 1
            low, high = -((self.base - low) // step), (high - self.base) // step
            if self.wide:  # products of 128 bits must not overflow
                low, high = max(low, -(WIDE_RANGE // step)), min(high, WIDE_RANGE // step)
            count = np.round(np.where(absent, 0, values))
            count = np.clip(count, _float_from(low), _float_to(high))
            if not self.step:
                series = pl.Series(values=count).cast(physical)
            elif self.wide:
                series = pl.Series(values=count).cast(pl.Int128) * _int128(self.step)
                series = series + _int128(self.base)
            else:
                # Integers wrap around, so that the upper half of UInt64 is represented.
                integers = count.astype(np.int64) * self.step + _wrapped(self.base)
                unsigned = physical == pl.UInt64
                series = pl.Series(values=integers.view(np.uint64) if unsigned else integers)
            series = from_integers(series.cast(physical), self.dtype)
        return series.set(pl.Series(absent), None) if absent.any() else series

    def to_float(self, value: Any) -> float:
        """One value of a condition as a float.

        Raises:
            ConditionError: the value does not have the column's type.
        """
        if not self.step:
            return math.ldexp(float(typed(value, self.dtype).cast(pl.Float64)[0]), -self.exponent)
        exact: int | Fraction
        if self.dtype.is_temporal():
            exact = int(typed(value, self.dtype).to_physical()[0])
        elif isinstance(value, int | Decimal):
            exact = Fraction(value) * self._unit
        else:
            # 0.1 means a tenth here, not the float nearest to it.
            near = float(typed(value, self.dtype, read_as=pl.Float64())[0])
            exact = Fraction(repr(near)) * self._unit
        return float((exact - self.base) / self.step)

    @property
    def _unit(self) -> int:
        """Number of the integers' units in 1."""
        return int(10**self.dtype.scale) if isinstance(self.dtype, pl.Decimal) else 1

    def _same_unit(self, dtype: pl.DataType) -> bool:
        """Whether values of `dtype` are counted in the units of the column."""
        other = dtype.scale if isinstance(dtype, pl.Decimal) else 0
        return int(10**other) == self._unit

    def _physical(self) -> pl.DataType | None:
        """The integer type that stores values of the column's type; None for plain floats."""
        if self.dtype.is_temporal():
            return pl.Int32() if self.dtype == pl.Date else pl.Int64()
        if isinstance(self.dtype, pl.Decimal):
            return pl.Int128() if self.step else None
        return self.dtype if self.dtype.is_integer() else None


def _public_base(low: int, high: int, step: int) -> int:
    """A base that differs from the values low..high by multiples of `step`, and tells none of them."""
    base = low % step
    reach = max(high - base, base - low)
    if reach < NARROW_RANGE and reach // step < EXACT_RANGE:
        return base
    grid = 1 << (high - low).bit_length()
    base = low // grid * grid
    return base + (low - base) % step


def to_integers(series: pl.Series) -> pl.Series | None:
    """Integers, decimals or times as integers in the unit of their type; None for floats."""
    stored = series.dtype.is_temporal() or series.dtype.is_decimal()
    integers = series.to_physical() if stored else series
    return integers if integers.dtype.is_integer() else None


def from_integers(integers: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The inverse of `to_integers`."""
    if isinstance(dtype, pl.Decimal):
        unit = pl.Series([Decimal(1).scaleb(-dtype.scale)], dtype=pl.Decimal(38, dtype.scale))
        return (integers.cast(pl.Decimal(38, 0)) * unit).cast(dtype)
    return integers.cast(dtype)


def _int128(value: int) -> pl.Series:
    return pl.Series([value], dtype=pl.Int128)


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
    if isinstance(dtype, pl.Decimal):
        return 1 - int(10 ** (dtype.precision or 38)), int(10 ** (dtype.precision or 38)) - 1
    if physical in (pl.Int128, pl.UInt128):
        return (0 if physical == pl.UInt128 else -(2**127)), 2**127 - 1
    limits = np.iinfo(str(physical).lower())
    return int(limits.min), int(limits.max)


def _float_from(end: int) -> float:
    """The smallest float that is not below `end`."""
    near = float(end)
    return near if int(near) >= end else float(np.nextafter(near, np.inf))


def _float_to(end: int) -> float:
    """The largest float that is not above `end`."""
    return -_float_from(-end)


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
