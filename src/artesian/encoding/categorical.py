"""Categories and booleans as codes: frequent ones have codes of their own, others are grouped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT, SUPPRESSED
from artesian.core.errors import ConditionError, did_you_mean
from artesian.encoding.scale import typed
from artesian.encoding.segments import MAX_CODES, Codes, Floats, Segments, code_dtype

SPARE = 5
"""Codes of a column that are kept free for the missing one and for the arithmetic of kernels."""


@dataclass(frozen=True, slots=True)
class CategoryCodec:
    """Codes 0..K-1; `missing`, if any, is the last code.

    In a column of more categories than codes, neighbours in alphabetical order (post codes,
    hierarchical codes) have one code, and decoding draws among them by frequency.

    Attributes:
        values: The categories, grouped by code, shape (S,); booleans, or text for every other type.
        code_of: Code of each of `values`, shape (S,).
        segments: Number of rows of each of `values`, grouped by code.
        missing: Whether the last code means a missing value.
        dtype: Type of the column.
        suppressed: Number of rows whose rare category was replaced: by `SUPPRESSED` in text, by the
            nearest frequent value in numbers and times.
    """

    values: pl.Series
    code_of: NDArray[np.int64]
    segments: Segments
    missing: bool
    dtype: pl.DataType
    suppressed: int = 0
    ordered = False

    @property
    def levels(self) -> int:
        """Number of codes."""
        return self.segments.codes + int(self.missing)

    @property
    def replacement(self) -> str | None:
        """The value that represents suppressed categories; None where none does."""
        as_text = self.suppressed and self.values.dtype == pl.String
        return SUPPRESSED if as_text and self.values.index_of(SUPPRESSED) is not None else None

    @classmethod
    def fit(cls, series: pl.Series, *, protect: bool = True, max_codes: int = MAX_CODES) -> Self:
        """Assign codes to the categories, with the rare ones suppressed if `protect`."""
        dtype, room = series.dtype, max_codes - SPARE
        counted = _to_text(series).drop_nulls().alias("value").value_counts(sort=True)
        values, counts = counted.to_series(0), counted.to_series(1).to_numpy().astype(float)
        rare = np.zeros(len(counts), bool)
        if protect and dtype != pl.Boolean:  # the two values of a boolean are public
            # A value that an earlier synthesis wrote for suppressed categories remains that.
            rare = (counts < MIN_COUNT) | (values == SUPPRESSED).to_numpy()
        suppressed = int(counts[rare].sum())
        keep = np.flatnonzero(~rare)
        place = np.argsort(np.argsort(values.gather(keep).to_numpy()))
        order = keep[np.lexsort((place, -counts[keep]))]
        values, counts = values.gather(order), counts[order]
        if suppressed and _is_text(dtype):
            values = pl.concat([values, pl.Series(values.name, [SUPPRESSED])])
            counts = np.append(counts, suppressed)
            if isinstance(dtype, pl.Enum) and SUPPRESSED not in dtype.categories:
                dtype = pl.Enum([*dtype.categories, SUPPRESSED])
        if len(values) > room:
            code_of = _grouped(values, counts, room)
            by_code = np.argsort(code_of, kind="stable")
            values, counts, code_of = values.gather(by_code), counts[by_code], code_of[by_code]
        else:
            code_of = np.arange(len(values))
        start = np.searchsorted(code_of, np.arange((code_of[-1] + 1 if len(code_of) else 0) + 1))
        missing = series.null_count() > 0 or not len(values)
        segments = Segments(counts, start.astype(np.int64))
        return cls(values.rename("value"), code_of, segments, missing, dtype, suppressed)

    def encode(self, series: pl.Series) -> Codes:
        """Code of each value, shape (n,).

        A category that was not fitted gets the code of suppressed ones, or of the nearest number.
        """
        dtype = code_dtype(self.levels)
        if not len(self.values):
            return np.zeros(len(series), dtype)
        text = _to_text(series).cast(self.values.dtype)
        fitted = self.values.to_frame("value").with_columns(code=pl.Series(self.code_of))
        joined = text.to_frame("value").join(
            fitted, on="value", how="left", maintain_order="left", nulls_equal=False
        )["code"]
        codes = joined.fill_null(self._unknown()).to_numpy().copy()
        new = (joined.is_null() & series.is_not_null()).to_numpy()
        if new.any() and (self.dtype.is_numeric() or self.dtype.is_temporal()):
            codes[new] = self._nearest(text.filter(pl.Series(new)))
        if self.missing:
            codes[series.is_null().to_numpy()] = self.levels - 1
        return np.asarray(codes, dtype=dtype)

    def decode(self, codes: Codes, uniforms: Floats) -> pl.Series:
        """A category for each code, drawn by `uniforms` where a code has several, shape (n,)."""
        absent = codes >= self.segments.codes
        if not len(self.values):
            return pl.Series(values=[None] * len(codes), dtype=self.dtype)
        if len(self.values) == self.segments.codes:
            chosen = np.where(absent, 0, codes).astype(np.int64)
        else:
            chosen, _ = self.segments.locate(np.where(absent, 0, codes).astype(np.int64), uniforms)
        series = self.values.gather(chosen)
        if absent.any():
            series = series.set(pl.Series(absent), None)
        return _from_text(series, self.dtype)

    def mass(self) -> Floats:
        """Number of rows of each code but the missing one, shape (K,)."""
        return self.segments.code_mass()

    def restrict_values(self, wanted: list[Any]) -> tuple[Self, Floats]:
        """The codec of these values alone, and the fraction of each code that they make up.

        Raises:
            ConditionError: the column has no such category, or it is suppressed.
        """
        fitted = self.values.to_list()
        keep = np.zeros(len(fitted), bool)
        for value in wanted:
            if value is None:
                continue
            stored = _stored(value, self.dtype)
            if stored == SUPPRESSED and self.suppressed:
                raise ConditionError(
                    f"{SUPPRESSED!r} represents suppressed categories and cannot be asked for",
                    hint="give a frequent category, or fit with protection turned off",
                )
            if stored not in fitted:
                guard = (
                    f"; those with fewer than {MIN_COUNT} rows are suppressed"
                    if self.suppressed
                    else ""
                )
                raise ConditionError(
                    f"the model gives no value {value!r}: it is unknown or suppressed",
                    hint=did_you_mean(str(value), [str(k) for k in fitted]) + guard,
                )
            keep[fitted.index(stored)] = True
        segments, kept = self.segments.reweighted(keep.astype(float))
        absent = [float(self.missing and any(w is None for w in wanted))] * int(self.missing)
        return replace(self, segments=segments), np.concatenate([kept, absent])

    def _unknown(self) -> int:
        """The code of a category that was not fitted: that of suppressed ones, or the rarest."""
        if self.replacement is None:
            return int(self.code_of[-1])
        at = self.values.index_of(self.replacement)
        assert at is not None, "`replacement` is one of `values`"
        return int(self.code_of[at])

    def _nearest(self, text: pl.Series) -> NDArray[np.int64]:
        """The code of the fitted number or time nearest to each of `text`."""
        fitted = self.values.cast(pl.Float64).to_numpy()
        order = np.argsort(fitted)
        values, fitted = text.cast(pl.Float64).to_numpy(), fitted[order]
        last = len(fitted) - 1
        above = np.clip(np.searchsorted(fitted, values), 1, last) if last else 0
        below = np.maximum(above - 1, 0)
        closer = np.abs(values - fitted[below]) <= np.abs(fitted[above] - values)
        return self.code_of[order[np.where(closer, below, above)]]

    def to_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able header and arrays, for `from_state`."""
        header = {
            "values": self.values.to_list(),
            "missing": self.missing,
            "suppressed": self.suppressed,
        }
        arrays = {"code_of": self.code_of, "mass": self.segments.mass, "start": self.segments.start}
        return header, arrays

    @classmethod
    def from_state(
        cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], dtype: pl.DataType
    ) -> Self:
        """Restore what `to_state` wrote."""
        stored = pl.Boolean if dtype == pl.Boolean else pl.String
        return cls(
            pl.Series("value", header["values"], dtype=stored),
            arrays["code_of"],
            Segments(arrays["mass"], arrays["start"]),
            header["missing"],
            dtype,
            header["suppressed"],
        )


def _grouped(values: pl.Series, counts: Floats, room: int) -> NDArray[np.int64]:
    """Codes below `room`: frequent values alone, the others grouped in alphabetical order."""
    own = counts >= counts.sum() / room
    code = np.empty(len(values), np.int64)
    code[own] = np.arange(own.sum())
    rest = np.flatnonzero(~own)
    rest = rest[np.argsort(values.gather(rest).to_numpy(), kind="stable")]
    cum = np.cumsum(counts[rest]) - counts[rest] / 2
    left = room - int(own.sum())
    group = np.minimum((cum / counts[rest].sum() * left).astype(np.int64), left - 1)
    code[rest] = own.sum() + np.unique(group, return_inverse=True)[1]
    return code


def _is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def _to_text(series: pl.Series) -> pl.Series:
    """Categories as text, times by their integer representation; booleans unchanged."""
    if series.dtype == pl.Boolean:
        return series
    return (series.to_physical() if series.dtype.is_temporal() else series).cast(pl.String)


def _from_text(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if series.dtype == dtype:
        return series
    if dtype.is_temporal():
        series = series.cast(pl.Int32 if dtype == pl.Date else pl.Int64)
    return series.cast(dtype)


def _stored(value: Any, dtype: pl.DataType) -> Any:
    """A condition's value in the form of `CategoryCodec.values`."""
    if dtype == pl.Boolean or _is_text(dtype):
        return value if dtype == pl.Boolean else str(value)
    return _to_text(typed(value, dtype))[0]
