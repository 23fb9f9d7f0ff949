"""Categories and booleans as codes: the frequent ones own a code, the many share one by neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import ConditionError, did_you_mean
from artesian.data.numbers import MINIMUM
from artesian.data.segments import Floats, Segments

CODES = 250
"""Most codes of a column, without the missing one."""

PROTECTED = "(rare)"
"""What stands for every category with fewer than `MINIMUM` rows."""


@dataclass(frozen=True, slots=True)
class CategoryCodec:
    """Codes 0..K-1; `missing`, if any, is the last code.

    A column of more than `CODES` categories shares codes among alphabetical neighbours (post codes,
    hierarchies of codes), and a code is then drawn out by frequency.

    Attributes:
        values: Every category that may be drawn, grouped by code, shape (S,), no missing.
        code_of: Code of each entry of `values`, shape (S,).
        segments: Rows behind each entry, grouped by code.
        protected: Rows whose category was merged into `PROTECTED`.
    """

    values: pl.Series
    code_of: NDArray[np.int64]
    segments: Segments
    missing: bool
    dtype: pl.DataType
    protected: int = 0
    ordered = False

    @property
    def levels(self) -> int:
        return self.segments.codes + int(self.missing)

    @classmethod
    def fit(cls, series: pl.Series, *, protect: bool = True) -> Self:
        dtype = series.dtype
        text = series.cast(pl.String) if dtype in (pl.Categorical, pl.Enum) else series
        counted = text.drop_nulls().value_counts(sort=True)
        values, counts = counted.to_series(0), counted.to_series(1).to_numpy().astype(float)
        if dtype == pl.Boolean:
            protect = False  # the two values of a boolean are public
        rare = counts < MINIMUM if protect else np.zeros(len(counts), bool)
        protected = int(counts[rare].sum())
        keep = np.flatnonzero(~rare)
        order = keep[np.lexsort((np.argsort(np.argsort(values.gather(keep).to_numpy())), -counts[keep]))]
        values, counts = values.gather(order), counts[order]
        if protected:
            values = _append(values, PROTECTED)
            counts = np.append(counts, protected)
        if len(values) > CODES:
            code_of = _shared(values, counts)
            by_code = np.argsort(code_of, kind="stable")
            values, counts, code_of = values.gather(by_code), counts[by_code], code_of[by_code]
        else:
            code_of = np.arange(len(values))
        start = np.searchsorted(code_of, np.arange((code_of[-1] + 1 if len(code_of) else 0) + 1))
        missing = series.null_count() > 0 or not len(values)
        segments = Segments(counts, start.astype(np.int64))
        return cls(values.rename("value"), code_of, segments, missing, dtype, protected)

    def encode(self, series: pl.Series) -> NDArray[np.uint8]:
        text = series.cast(self.values.dtype)
        if not len(self.values):
            return np.zeros(len(series), np.uint8)
        known = self.values.to_frame("value").with_columns(code=pl.Series(self.code_of))
        found = text.to_frame("value").join(
            known, on="value", how="left", maintain_order="left", nulls_equal=False
        )["code"]
        # An unknown category goes to the protected ones, else to the rarest.
        codes = found.fill_null(int(self.code_of[-1])).to_numpy().copy()
        if self.missing:
            codes[series.is_null().to_numpy()] = self.levels - 1
        return np.asarray(codes, dtype=np.uint8)

    def decode(self, codes: NDArray[np.uint8], uniforms: Floats) -> pl.Series:
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
        return series if series.dtype == self.dtype else _cast(series, self.dtype)

    def mass(self) -> Floats:
        """Rows behind each code without the missing one, shape (K,)."""
        return self.segments.code_mass()

    def restrict_values(self, wanted: list[Any]) -> tuple[Self, Floats]:
        """The codec of these values alone, and the share of each code that holds them."""
        known = self.values.to_list()
        keep = np.zeros(len(known), bool)
        for value in wanted:
            if value is None:
                continue
            spelled = value if self.dtype == pl.Boolean else _as(value, self.values.dtype)
            if spelled == PROTECTED and self.protected:
                raise ConditionError(
                    f"{PROTECTED!r} stands for protected values and cannot be asked for",
                    hint="give a frequent category, or fit with protection turned off",
                )
            if spelled not in known:
                guard = (
                    f"; those with fewer than {MINIMUM} rows are protected"
                    if self.protected
                    else ""
                )
                raise ConditionError(
                    f"the model gives no value {value!r}: it is unknown or protected",
                    hint=did_you_mean(str(value), [str(k) for k in known]) + guard,
                )
            keep[known.index(spelled)] = True
        segments, kept = self.segments.reweighted(keep.astype(float))
        absent = [float(self.missing and any(w is None for w in wanted))] * int(self.missing)
        return replace(self, segments=segments), np.concatenate([kept, absent])

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON-able header and arrays, for `of_state`."""
        header = {
            "values": self.values.to_list(),
            "missing": self.missing,
            "protected": self.protected,
        }
        arrays = {"code_of": self.code_of, "mass": self.segments.mass, "start": self.segments.start}
        return header, arrays

    @classmethod
    def of_state(
        cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], dtype: pl.DataType
    ) -> Self:
        stored = dtype if dtype in (pl.Boolean,) or dtype.is_integer() else pl.String
        return cls(
            pl.Series("value", header["values"], dtype=stored),
            arrays["code_of"],
            Segments(arrays["mass"], arrays["start"]),
            header["missing"],
            dtype,
            header["protected"],
        )


def _append(values: pl.Series, extra: str) -> pl.Series:
    if values.dtype != pl.String:  # a category of whole numbers has no room for a word
        values = values.cast(pl.String)
    return pl.concat([values, pl.Series(values.name, [extra])])


def _shared(values: pl.Series, counts: Floats) -> NDArray[np.int64]:
    """Codes shared among neighbours in alphabetical order; frequent values keep their own."""
    own = counts >= counts.sum() / CODES
    code = np.empty(len(values), np.int64)
    code[own] = np.arange(own.sum())
    rest = np.flatnonzero(~own)
    rest = rest[np.argsort(values.gather(rest).to_numpy(), kind="stable")]
    cum = np.cumsum(counts[rest]) - counts[rest] / 2
    room = CODES - int(own.sum())
    share = np.minimum((cum / counts[rest].sum() * room).astype(np.int64), room - 1)
    code[rest] = own.sum() + np.unique(share, return_inverse=True)[1]
    return code


def _as(value: Any, dtype: pl.DataType) -> Any:
    return str(value) if dtype == pl.String else value


def _cast(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.Enum):
        names = dtype.categories.to_list()
        extra = [v for v in series.unique().drop_nulls().to_list() if v not in names]
        return series.cast(pl.Enum(names + extra) if extra else dtype)
    if dtype.is_integer():
        return series.cast(dtype, strict=False)
    return series.cast(dtype)
