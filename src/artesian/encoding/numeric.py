"""Numbers and times as codes: quantile bins, frequent values in bins of their own, fitted tails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import ConditionError
from artesian.core.validated import Between, Rows, require, require_range, require_shape
from artesian.encoding.bins import (
    MAX_ROUNDING,
    bin_segments,
    find_grid,
    group_values,
    unique_counts,
)
from artesian.encoding.empty_ranges import empty_ranges, fit_parts, sign_changes
from artesian.encoding.exact import ExactValues, split_repeated
from artesian.encoding.scale import EXACT_RANGE, Floats, Scale, typed
from artesian.encoding.segment_ends import exact_ends, rounded_ends
from artesian.encoding.segments import MAX_CODES, MAX_LEVELS, Codes, Segments, code_dtype
from artesian.encoding.smoothing import smoothed

SPARE = 15
"""Codes of a column that are kept free for the missing one and for the arithmetic of kernels."""


ROWS_PER_BIN = 40
"""Minimum mean number of rows of a bin for models of codes. They learn the frequency of a bin from the
rows in it, so each of few rows would show; segments keep the shape of the distribution within a bin."""

MAX_FLOAT = 1.7e308

MIN_BINS = 20
"""Number of bins that a small column may have with fewer rows per bin."""


@dataclass(frozen=True, slots=True)
class NumberCodec:
    """Codes 0..bins-1 in the order of the values; `missing`, if any, is the last code.

    Attributes:
        scale: Converts values to floats; all other values here are such floats.
        floor: Lowest value of each bin, shape (bins,), ascending.
        segments: Number of rows of each segment, grouped by bin.
        low, high: Ends of each segment, shape (S,); equal for a frequent value.
        grid: Spacing of the source's values; 0 if continuous.
        origin: The lowest number on the grid that is not negative.
        decimals: Number of decimal places; None if continuous, or if floats represent the grid exactly.
        suppressed: Number of rows whose extreme value was replaced by a fitted tail.
        exact: Frequent values that their floats do not represent to the last digit.
    """

    scale: Scale
    floor: Floats
    segments: Segments
    low: Floats
    high: Floats
    grid: Annotated[float, Between(0.0, MAX_FLOAT)]
    origin: Annotated[float, Between(-MAX_FLOAT, MAX_FLOAT)]
    decimals: Annotated[int, Between(-400, 400)] | None
    missing: bool
    suppressed: Rows = 0
    exact: ExactValues | None = None
    ordered = True

    def check_values(self) -> None:
        """Check that bins and segments fit together."""
        require_shape(self.floor, (None,), "floor")
        require(1 <= self.levels <= MAX_LEVELS, f"a column has {self.levels} codes")
        require(self.segments.codes == len(self.floor), "there is not one floor for each code")
        ends = self.segments.mass.shape
        for name in ("floor", "low", "high"):
            values = getattr(self, name)
            require_range(values, -np.inf, np.nextafter(np.inf, np.inf), name)
            require(name == "floor" or values.shape == ends, f"{name} has another shape than mass")
        require((np.diff(self.floor) > 0).all(), "floor does not ascend")
        require((self.low <= self.high).all(), "a segment ends before it starts")
        outermost = np.array([self.low.min(initial=0.0), self.high.max(initial=0.0)])
        require(self.scale.can_be_written(outermost), "a segment ends beyond the range of dates")
        exact = self.exact
        require(exact is None or exact.values.shape == ends, "exact has another shape than mass")

    @property
    def dtype(self) -> pl.DataType:
        """The data type of the decoded values."""
        return self.scale.dtype

    @property
    def levels(self) -> int:
        """Number of codes, the one for missing values included."""
        return len(self.floor) + int(self.missing)

    @classmethod
    def fit(
        cls,
        series: pl.Series,
        *,
        protect: bool = True,
        max_codes: int = MAX_CODES,
        rows_per_bin: int = 1,
    ) -> Self:
        """Choose bins of similar numbers of rows, and fit the tails if `protect`.

        Args:
            rows_per_bin: Minimum mean number of rows of a bin of a protected column with more than
                `MIN_BINS` bins.

        A protected column of fewer than `MIN_COUNT` values has none: nothing may be learned from them.
        """
        scale = Scale.from_series(series)
        physical = scale.to_floats(series)
        present = ~np.isnan(physical)
        missing = bool((~present).any()) or not len(series)
        ordered = np.sort(physical[present])
        rows, minimum = len(ordered), MIN_COUNT if protect else 1
        if rows < minimum:
            segments, empty = Segments(np.zeros(0), np.zeros(1, np.int64)), np.zeros(0)
            nothing = Scale(series.dtype)
            return cls(nothing, empty, segments, empty, empty, 0.0, 0.0, None, True, rows)
        grid, origin, decimals = find_grid(ordered, scale)
        inexact = bool(scale.step) and np.abs(ordered[[0, -1]]).max() >= EXACT_RANGE
        if grid and decimals is not None and not scale.step:
            rounded = np.round(ordered, decimals)
            inexact = bool((rounded != ordered).any())
            ordered = rounded
        starts = empty_ranges(ordered, grid)
        edges = (ordered[starts - 1] + ordered[starts]) / 2
        suppressed = 0
        if protect:
            ordered, suppressed = fit_parts(ordered, starts, grid, scale)
            if decimals is not None:  # the fitted values lie on the grid but for rounding errors
                ordered = np.round(ordered, decimals)
        values, counts = unique_counts(ordered)
        breaks = np.searchsorted(values, edges)
        signs = sign_changes(values, counts)
        begins = np.concatenate([breaks, signs])
        max_bins = max_codes - SPARE
        if protect:
            # Bins on both sides of 0 are smaller than others.
            max_bins = min(max_bins, max(rows // rows_per_bin, MIN_BINS) - len(signs))
        group = group_values(values, counts, max_bins, minimum, begins)
        bins = bin_segments(values, counts, group, protect, grid)
        if protect:
            # Beyond that, floats do not represent the steps of the grid.
            exact_steps = np.abs(ordered[[0, -1]]).max() < grid * EXACT_RANGE
            spacing = grid if exact_steps else 0.0
            floor, segments, low, high = rounded_ends(values, counts, bins, spacing, origin, breaks)
            segments = smoothed(segments, low, high, spacing)
            if spacing and decimals is not None:  # a value drawn at the floor must not be below it
                floor = np.round(floor, decimals)
        else:
            floor, segments, low, high = exact_ends(values, counts, bins, grid)
        codec = cls(scale, floor, segments, low, high, grid, origin, decimals, missing, suppressed)
        return codec._with_exact(series, minimum) if inexact else codec

    def _with_exact(self, series: pl.Series, minimum: int) -> Self:
        """The codec with the values of at least `minimum` rows to the last digit."""
        floats = self._rounded(self.scale.to_floats(series))
        bins = self.segments, self.low, self.high
        split = split_repeated(series, self.scale, floats, minimum, bins)
        if split is None:
            return self
        segments, low, high, exact = split
        return replace(self, segments=segments, low=low, high=high, exact=exact)

    def _rounded(self, physical: Floats) -> Floats:
        """Floats as the bins have them: plain ones on a decimal grid without rounding errors."""
        if self.grid and self.decimals is not None and not self.scale.step:
            return np.asarray(np.round(physical, self.decimals))
        return physical

    def encode(self, series: pl.Series) -> Codes:
        """Code of each value, shape (n,); values outside the bins get the nearest one."""
        dtype = code_dtype(self.levels)
        physical = self._rounded(self.scale.to_floats(series))
        if not len(self.floor):
            return np.zeros(len(physical), dtype)
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
        series = self.scale.to_series(values, absent)
        return series if self.exact is None else self.exact.put(series, chosen, ~absent)

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
        # A value of a grid represents the interval of half a step around it, see `segment_ends.HALF`.
        tolerance, half = self._tolerance, 0.499999 * self.grid
        lower, upper = self._on_grid(lower, up=True), self._on_grid(upper, up=False)
        if self.decimals is not None:  # a 32-bit float lies beside the value of the grid
            lower, upper = np.round([lower, upper], self.decimals).tolist()
        new_low = np.clip(self.low, lower - half, upper + half)
        new_high = np.clip(self.high, lower - half, upper + half)
        point = self.low == self.high
        inside = (self.low >= lower - tolerance) & (self.low <= upper + tolerance)
        if self.exact is not None:
            inside &= self._exactly_inside(low, high)
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
        points = [(self.scale.to_float(value), value) for value in wanted if value is not None]
        points = sorted(dict(points).items()) if self.exact is None else points
        mass, start, low, kept_values = [], [0], [], list[Any]()
        for code in range(len(self.floor)):
            at = slice(self.segments.start[code], self.segments.start[code + 1])
            for point, value in points:
                rows = self._mass_at(point, value, at)
                if rows > 0:
                    mass.append(rows)
                    low.append(point)
                    kept_values.append(value)
            start.append(len(mass))
        before = self.mass()
        segments = Segments(np.array(mass, float), np.array(start, np.int64))
        absent = [value for _, value in points if value not in kept_values]
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
        exact = self.exact
        if exact is not None:
            exact = ExactValues(pl.concat([self._typed(value) for value in kept_values]))
        return replace(self, segments=segments, low=ends, high=ends, exact=exact), coded

    def _mass_at(self, point: float, value: Any, at: slice) -> float:
        """Number of rows with the value `point` in the segments `at` of one code."""
        low, high, mass = self.low[at], self.high[at], self.segments.mass[at]
        if self.exact is not None:
            same = self.exact.equal(self._typed(value))[at]
            if same.any():
                return float(mass[same].sum())
            if self.scale.to_series(np.array([point]), np.zeros(1, bool))[0] != value:
                return 0.0
            mass = np.where(self.exact.present[at], 0.0, mass)
        if abs(self._step(point) - point) > self._tolerance:  # between two values of the grid
            return 0.0
        exact = (low == high) & np.isclose(low, point, rtol=1e-12, atol=self._tolerance)
        if exact.any():
            return float(mass[exact].sum())
        step = self.grid or max((self._width()) * 1e-6, 1e-12)
        inside = (low < high) & (low <= point) & (point <= high)
        return float((mass[inside] * np.minimum(step / (high - low)[inside], 1.0)).sum())

    def _typed(self, value: Any) -> pl.Series:
        """A value of a condition in the column's type, shape (1,)."""
        return typed(value, self.dtype)

    def _exactly_inside(self, low: Any, high: Any) -> NDArray[np.bool_]:
        """Whether the exact value of each segment is in [low, high]; true for those without, (S,)."""
        assert self.exact is not None
        inside = np.ones(len(self.low), bool)
        for end, sign in ((low, 1), (high, -1)):
            if end is None:
                continue
            try:
                bound = self._typed(end)
            except ConditionError:  # 2.5 for whole numbers: their floats decide
                continue
            beyond = self.exact.values < bound if sign > 0 else self.exact.values > bound
            inside &= ~beyond.fill_null(False).to_numpy()
        return inside

    def _step(self, value: float, further: int = 0) -> float:
        """The grid's value nearest to `value`, or `further` steps from it, rounded as in the data."""
        if not self.grid:
            return value
        count = np.round((value - self.origin) / self.grid) + further
        step = count * self.grid + self.origin
        step = step if self.decimals is None else np.round(step, self.decimals)
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
            "wide": self.scale.wide,
            "exponent": self.scale.exponent,
            "grid": self.grid,
            "origin": self.origin,
            "decimals": self.decimals,
            "missing": self.missing,
            "suppressed": self.suppressed,
            "exact": None if self.exact is None else self.exact.to_state(),
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
        """Restore what `to_state` wrote."""
        return cls(
            Scale(dtype, header["base"], header["step"], header["wide"], header["exponent"]),
            arrays["floor"],
            Segments(arrays["mass"], arrays["start"]),
            arrays["low"],
            arrays["high"],
            header["grid"],
            header["origin"],
            header["decimals"],
            header["missing"],
            header["suppressed"],
            None if header["exact"] is None else ExactValues.from_state(header["exact"], dtype),
        )
