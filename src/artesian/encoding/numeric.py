"""Numbers and times as codes: quantile bins, frequent values in bins of their own, fitted tails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import ConditionError
from artesian.encoding.bins import (
    MAX_ROUNDING,
    bin_segments,
    find_grid,
    fit_tails,
    group_values,
    unique_counts,
)
from artesian.encoding.scale import Floats, Scale
from artesian.encoding.segments import MAX_CODES, Codes, Segments, code_dtype

SPARE = 15
"""Codes of a column that are kept free for the missing one and for the arithmetic of kernels."""


@dataclass(frozen=True, slots=True)
class NumberCodec:
    """Codes 0..bins-1 in the order of the values; `missing`, if any, is the last code.

    Attributes:
        scale: Converts values to floats; all other values here are such floats.
        floor: Lowest value of each bin, shape (bins,), ascending.
        segments: Number of rows of each segment, grouped by bin.
        low, high: Ends of each segment, shape (S,); equal for a frequent value.
        grid: Spacing of the source's values; 0 if continuous.
        origin: A value on the grid.
        decimals: Number of decimal places; None if continuous.
        suppressed: Number of rows whose extreme value was replaced by a fitted tail.
    """

    scale: Scale
    floor: Floats
    segments: Segments
    low: Floats
    high: Floats
    grid: float
    origin: float
    decimals: int | None
    missing: bool
    suppressed: int = 0
    ordered = True

    @property
    def dtype(self) -> pl.DataType:
        return self.scale.dtype

    @property
    def levels(self) -> int:
        return len(self.floor) + int(self.missing)

    @classmethod
    def fit(cls, series: pl.Series, *, protect: bool = True, max_codes: int = MAX_CODES) -> Self:
        """Choose bins of similar numbers of rows, and fit the tails if `protect`."""
        scale = Scale.from_series(series)
        physical = scale.to_floats(series)
        present = ~np.isnan(physical)
        missing = bool((~present).any()) or not len(series)
        ordered = np.sort(physical[present])
        if not len(ordered):
            segments, empty = Segments(np.zeros(0), np.zeros(1, np.int64)), np.zeros(0)
            return cls(scale, empty, segments, empty, empty, 0.0, 0.0, None, True)
        grid, origin, decimals = find_grid(ordered, scale)
        if grid and not scale.step:
            ordered = np.round(ordered, decimals or 0)
        ordered, suppressed = fit_tails(ordered, grid, scale.zero) if protect else (ordered, 0)
        values, counts = unique_counts(ordered)
        group = group_values(values, counts, max_codes - SPARE, MIN_COUNT if protect else 1)
        floor, segments, low, high = bin_segments(values, counts, group, grid, protect)
        return cls(scale, floor, segments, low, high, grid, origin, decimals, missing, suppressed)

    def encode(self, series: pl.Series) -> Codes:
        """Code of each value, shape (n,); values outside the bins get the nearest one."""
        dtype = code_dtype(self.levels)
        physical = self.scale.to_floats(series)
        if not len(self.floor):
            return np.zeros(len(physical), dtype)
        if self.grid and not self.scale.step:
            physical = np.round(physical, self.decimals or 0)
        # Values below the first bin get its code.
        codes = np.clip(np.searchsorted(self.floor, physical, side="right") - 1, 0, None)
        codes[np.isnan(physical)] = len(self.floor)
        return np.minimum(codes, self.levels - 1).astype(dtype)

    def decode(self, codes: Codes, uniforms: Floats) -> pl.Series:
        """A value for each code, at the position within it that `uniforms` gives, shape (n,)."""
        absent = codes >= len(self.floor)
        if not len(self.low):
            return pl.Series(values=[None] * len(codes), dtype=self.dtype)
        at = np.where(absent, 0, codes).astype(np.int64)
        chosen, position = self.segments.locate(at, uniforms)
        values = self.low[chosen] + position * (self.high[chosen] - self.low[chosen])
        frequent = self.low[chosen] == self.high[chosen]
        if self.grid > 0:
            rounded = np.round((values - self.origin) / self.grid) * self.grid + self.origin
            values = np.where(frequent, values, rounded)
            if self.decimals is not None:
                values = np.round(values, self.decimals)
        return self.scale.to_series(values, absent)

    def mass(self) -> Floats:
        """Number of rows of each code but the missing one, shape (bins,)."""
        return self.segments.code_mass()

    def restrict_range(self, low: Any, high: Any) -> tuple[Self, Floats]:
        """The codec of the values in [low, high], and the fraction of each code in that range.

        Raises:
            ConditionError: no value lies in the range.
        """
        lower = -np.inf if low is None else self.scale.to_float(low)
        upper = np.inf if high is None else self.scale.to_float(high)
        if lower > upper:
            raise ConditionError(
                f"the range {low}..{high} is empty", hint="give the lower end first"
            )
        # A value of a grid represents the interval of half a step around it, as in `bins.bin_segments`.
        tolerance, half = self._tolerance, 0.499999 * self.grid
        lower, upper = self._on_grid(lower, up=True), self._on_grid(upper, up=False)
        new_low = np.clip(self.low, lower - half, upper + half)
        new_high = np.clip(self.high, lower - half, upper + half)
        point = self.low == self.high
        inside = (self.low >= lower - tolerance) & (self.low <= upper + tolerance)
        width = np.where(point, 1.0, self.high - self.low)
        fraction = np.where(point, inside, (new_high - new_low) / width)
        segments, kept = self.segments.reweighted(fraction)
        if not kept.any():
            raise ConditionError(
                f"the model has no values between {low} and {high}",
                hint=f"its values lie between {self._describe_range()}",
            )
        new_low, new_high = np.where(point, self.low, new_low), np.where(point, self.high, new_high)
        return replace(self, segments=segments, low=new_low, high=new_high), self._coded(kept)

    def restrict_values(self, wanted: list[Any]) -> tuple[Self, Floats]:
        """The codec of these values alone, and the fraction of each code that they make up.

        Raises:
            ConditionError: the column has no such value.
        """
        values = {self.scale.to_float(value): value for value in wanted if value is not None}
        points = sorted(values)
        mass, start, low = [], [0], []
        for code in range(len(self.floor)):
            at = slice(self.segments.start[code], self.segments.start[code + 1])
            for point in points:
                rows = self._mass_at(point, at)
                if rows > 0:
                    mass.append(rows)
                    low.append(point)
            start.append(len(mass))
        before = self.mass()
        segments = Segments(np.array(mass, float), np.array(start, np.int64))
        absent = [values[point] for point in points if point not in set(low)]
        if absent:
            raise ConditionError(
                f"the model gives no value {', '.join(str(value) for value in absent)}",
                hint=f"its values lie between {self._describe_range()}, rare ones suppressed: "
                "ask for a range",
            )
        kept = np.minimum(segments.code_mass() / np.maximum(before, 1e-12), 1.0)
        ends = np.array(low, float)
        coded = self._coded(kept)
        if self.missing and any(w is None for w in wanted):
            coded[-1] = 1.0
        return replace(self, segments=segments, low=ends, high=ends), coded

    def _mass_at(self, point: float, at: slice) -> float:
        """Number of rows with the value `point` in the segments `at` of one code."""
        low, high, mass = self.low[at], self.high[at], self.segments.mass[at]
        if abs(self._step(point) - point) > self._tolerance:  # between two values of the grid
            return 0.0
        exact = (low == high) & np.isclose(low, point, rtol=1e-12, atol=self._tolerance)
        if exact.any():
            return float(mass[exact].sum())
        step = self.grid or max((self._width()) * 1e-6, 1e-12)
        inside = (low < high) & (low <= point) & (point <= high)
        return float((mass[inside] * np.minimum(step / (high - low)[inside], 1.0)).sum())

    def _step(self, value: float, further: int = 0) -> float:
        """The grid's value nearest to `value`, or `further` steps from it, rounded as in the data."""
        if not self.grid:
            return value
        count = np.round((value - self.origin) / self.grid) + further
        step = np.round(count * self.grid + self.origin, self.decimals or 0)
        return float(np.float32(step)) if self.dtype == pl.Float32 else float(step)

    def _on_grid(self, value: float, *, up: bool) -> float:
        """The value of the grid nearest to `value` from above (`up`) or from below."""
        if not np.isfinite(value):
            return value
        step, direction = self._step(value), 1 if up else -1
        return step if (step - value) * direction >= 0 else self._step(value, direction)

    @property
    def _tolerance(self) -> float:
        """Maximum distance at which a value counts as one of the grid."""
        return self.grid * (MAX_ROUNDING if self.dtype == pl.Float32 else 1e-6)

    def _width(self) -> float:
        return float(self.high.max() - self.low.min())

    def _coded(self, kept: Floats) -> Floats:
        return np.concatenate([kept, np.zeros(int(self.missing))])

    def _describe_range(self) -> str:
        if not len(self.floor):
            return "nowhere: the column is empty"
        ends = self.scale.to_series(np.array([self.low.min(), self.high.max()]), np.zeros(2, bool))
        return f"{ends[0]} and {ends[1]}"

    def to_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able header and arrays, for `from_state`."""
        header = {
            "base": self.scale.base,
            "step": self.scale.step,
            "grid": self.grid,
            "origin": self.origin,
            "decimals": self.decimals,
            "missing": self.missing,
            "suppressed": self.suppressed,
        }
        arrays = {
            "floor": self.floor,
            "mass": self.segments.mass,
            "start": self.segments.start,
            "low": self.low,
            "high": self.high,
        }
        return header, arrays

    @classmethod
    def from_state(
        cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], dtype: pl.DataType
    ) -> Self:
        return cls(
            Scale(dtype, header["base"], header["step"]),
            arrays["floor"],
            Segments(arrays["mass"], arrays["start"]),
            arrays["low"],
            arrays["high"],
            header["grid"],
            header["origin"],
            header["decimals"],
            header["missing"],
            header["suppressed"],
        )
