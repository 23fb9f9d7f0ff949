"""Categories and booleans as codes: frequent ones have codes of their own, others are grouped.

Rare ones are suppressed or, where that would leave too little of the column, generalised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT, SUPPRESSED
from artesian.core.errors import ConditionError, did_you_mean
from artesian.core.validated import Rows, require, require_shape
from artesian.encoding.generalise import RareClass, class_of, generalise, wanted
from artesian.encoding.public_values import are_public
from artesian.encoding.scale import typed
from artesian.encoding.segments import (
    MAX_CODES,
    MAX_LEVELS,
    Codes,
    Floats,
    Segments,
    code_dtype,
)
from artesian.encoding.similarity import Profiles

SPARE = 5
"""Codes of a column that are kept free for the missing one and for the arithmetic of kernels."""


@dataclass(frozen=True, slots=True)
class CategoryCodec:
    """Codes 0..K-1; `missing`, if any, is the last code.

    In a column of more categories than codes, those whose rows are alike or, without the other
    columns, neighbours in alphabetical order (post codes, hierarchical codes) have one code, and
    decoding draws among them by frequency. The classes of
    generalised categories have codes too, from which decoding draws made-up categories.

    Attributes:
        values: The categories, grouped by code, shape (S,); booleans, or text for every other type.
        code_of: Code of each of `values`, shape (S,).
        segments: Number of rows of each of `values`, grouped by code.
        missing: Whether the last code means a missing value.
        dtype: Type of the column.
        suppressed: Number of rows whose rare category was replaced: by `SUPPRESSED` or a made-up
            category in text, by the nearest frequent value in numbers and times.
        classes: Code of each class of rare categories, by what they begin with.
        substitutes: Number of values, the last ones, that are made up in place of rare ones.
    """

    values: pl.Series
    code_of: NDArray[np.int64]
    segments: Segments
    missing: bool
    dtype: pl.DataType
    suppressed: Rows = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    substitutes: Rows = 0
    ordered = False

    def check_values(self) -> None:
        """Check that values and codes fit together."""
        own, codes = len(self.values), self.segments.codes
        require_shape(self.code_of, (own,), "code_of")
        require_shape(self.segments.mass, (own,), "mass")
        require(self.values.null_count() == 0, "a category is missing")
        require(1 <= self.levels <= MAX_LEVELS, f"a column has {self.levels} codes")
        expected = np.repeat(np.arange(codes), np.diff(self.segments.start))
        require((self.code_of == expected).all(), "code_of is not that of the segments")
        require(self.substitutes <= own, "there are more substitutes than values")
        require(all(0 <= code < codes for code in self.classes.values()), "a class has no code")

    @property
    def levels(self) -> int:
        """Number of codes."""
        return self.segments.codes + int(self.missing)

    @property
    def crowded(self) -> bool:
        """Whether categories share a code."""
        return len(self.values) - self.substitutes > self.segments.codes - len(self.classes)

    @property
    def replacement(self) -> str | None:
        """The value that represents suppressed categories; None where none does."""
        as_text = self.suppressed and self.values.dtype == pl.String
        return SUPPRESSED if as_text and self.values.index_of(SUPPRESSED) is not None else None

    @classmethod
    def fit(
        cls,
        series: pl.Series,
        *,
        protect: bool = True,
        max_codes: int = MAX_CODES,
        role: str = "",
        profiles: Profiles | None = None,
        whole: bool = False,
        names: Sequence[str] = (),
    ) -> Self:
        """Assign codes to the categories, with the rare ones suppressed or generalised if `protect`.

        Args:
            role: Semantic type of the texts, such as 'city', for made-up ones.
            profiles: The categories' mean rows, by which they are grouped if there are too many.
            whole: Generalise however few rows have a rare category.
            names: Public names for the rare categories.
        """
        dtype, room = series.dtype, max_codes - SPARE
        counted = to_text(series).drop_nulls().alias("value").value_counts(sort=True)
        values, counts = counted.to_series(0), counted.to_series(1).to_numpy().astype(float)
        rare = np.zeros(len(counts), bool)
        if protect and dtype != pl.Boolean:  # the two values of a boolean are public
            # A value that an earlier synthesis wrote for suppressed categories remains that.
            rare = (counts < MIN_COUNT) | (values == SUPPRESSED).to_numpy()
        classes: tuple[RareClass, ...] = ()
        if _is_text(dtype) and rare.any():
            rare, classes = _generalised(values, counts, rare, role, room // 4, whole, names)
        suppressed = int(counts[rare].sum())
        keep = np.flatnonzero(~rare)
        place = np.argsort(np.argsort(values.gather(keep).to_numpy()))
        order = keep[np.lexsort((place, -counts[keep]))]
        dropped = values.gather(np.flatnonzero(rare))
        values, counts = values.gather(order), counts[order]
        if suppressed > sum(one.rows for one in classes) and _is_text(dtype):
            values = pl.concat([values, pl.Series(values.name, [SUPPRESSED])])
            counts = np.append(counts, suppressed - sum(one.rows for one in classes))
            if isinstance(dtype, pl.Enum) and SUPPRESSED not in dtype.categories:
                dtype = pl.Enum([*dtype.categories, SUPPRESSED])
        own = [one for one in classes if not set(one.values) <= set(values)]
        if len(values) > room - len(own):
            code_of = _grouped(values, counts, room - len(own), profiles)
            by_code = np.argsort(code_of, kind="stable")
            values, counts, code_of = values.gather(by_code), counts[by_code], code_of[by_code]
        else:
            code_of = np.arange(len(values))
        codes: dict[str, int] = {}
        substitutes: list[str] = []
        for one in classes:
            if one not in own:  # generalised to a frequent category
                at = values.index_of(one.values[0])
                assert at is not None, "it is one of `values`"
                codes[one.prefix] = int(code_of[at])
                counts[at] += one.rows
                continue
            codes[one.prefix] = int(code_of[-1]) + 1 if len(code_of) else 0
            code_of = np.append(code_of, np.full(len(one.values), codes[one.prefix]))
            counts = np.append(counts, np.full(len(one.values), one.rows / len(one.values)))
            substitutes += one.values
        values = pl.concat([values, pl.Series(values.name, substitutes, dtype=values.dtype)])
        if isinstance(dtype, pl.Enum) and classes:
            new = set(substitutes)
            lost = set(dropped) - new  # the categories of the type must not name them either
            names = [name for name in dtype.categories if name not in lost | new]
            dtype = pl.Enum([*names, *substitutes])
        start = np.searchsorted(code_of, np.arange((code_of[-1] + 1 if len(code_of) else 0) + 1))
        missing = series.null_count() > 0 or not len(values)
        segments = Segments(counts, start.astype(np.int64))
        values = values.rename("value")
        return cls(values, code_of, segments, missing, dtype, suppressed, codes, len(substitutes))

    def encode(self, series: pl.Series) -> Codes:
        """Code of each value, shape (n,).

        A category that was not fitted gets the code of suppressed ones, or of the nearest number.
        """
        dtype = code_dtype(self.levels)
        if not len(self.values):
            return np.zeros(len(series), dtype)
        text = to_text(series).cast(self.values.dtype)
        fitted = self.values.to_frame("value").with_columns(code=pl.Series(self.code_of))
        joined = text.to_frame("value").join(
            fitted, on="value", how="left", maintain_order="left", nulls_equal=False
        )["code"]
        codes = joined.fill_null(self._unknown()).to_numpy().copy()
        new = (joined.is_null() & series.is_not_null()).to_numpy()
        if new.any() and self.classes:
            codes[new] = self._classes_of(text.filter(pl.Series(new)))
        elif new.any() and (self.dtype.is_numeric() or self.dtype.is_temporal()):
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

    def restrict_values(self, asked: list[Any]) -> tuple[Self, Floats]:
        """The codec of these values alone, and the fraction of each code that they make up.

        Raises:
            ConditionError: the column has no such category, or it is suppressed.
        """
        fitted = self.values.head(len(self.values) - self.substitutes).to_list()
        keep = np.zeros(len(self.values), bool)
        for value in asked:
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
        absent = [float(self.missing and any(w is None for w in asked))] * int(self.missing)
        return replace(self, segments=segments), np.concatenate([kept, absent])

    def _unknown(self) -> int:
        """The code of a category that was not fitted: that of suppressed ones, or the rarest."""
        if self.replacement is None:
            return int(self.code_of[-1])
        at = self.values.index_of(self.replacement)
        assert at is not None, "`replacement` is one of `values`"
        return int(self.code_of[at])

    def _classes_of(self, text: pl.Series) -> NDArray[np.int64]:
        """The code of the class of each category that was not fitted."""
        lengths = sorted({len(prefix) for prefix in self.classes}, reverse=True)
        mass = self.mass()
        other = max(self.classes.values(), key=lambda code: (mass[code], -code))
        by_value = {value: class_of(value, self.classes, lengths) for value in text.unique()}
        codes = {value: other if code is None else code for value, code in by_value.items()}
        return np.array([codes[value] for value in text], np.int64)

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
            "classes": dict(self.classes),
            "substitutes": self.substitutes,
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
            header["classes"],
            header["substitutes"],
        )


def _generalised(
    values: pl.Series,
    counts: Floats,
    rare: NDArray[np.bool_],
    role: str,
    max_classes: int,
    whole: bool,
    names: Sequence[str],
) -> tuple[NDArray[np.bool_], tuple[RareClass, ...]]:
    """Which categories are not released after all, and the classes of these."""
    earlier = (values == SUPPRESSED).to_numpy()
    rows = dict(zip(values.to_list(), counts.astype(int).tolist(), strict=True))
    texts = {value: rows[value] for value in values.filter(pl.Series(rare & ~earlier)).sort()}
    frequent = {value: rows[value] for value in values.filter(pl.Series(~rare)).sort()}
    if not (whole or wanted(texts, frequent, role)):
        return rare, ()
    if counts.sum() >= MIN_COUNT and are_public(values.filter(pl.Series(~earlier))):
        return earlier, ()
    return rare, generalise(texts, frequent, role=role, max_classes=max_classes, names=names)


def _grouped(
    values: pl.Series, counts: Floats, room: int, profiles: Profiles | None
) -> NDArray[np.int64]:
    """Codes below `room`: frequent values alone, the others grouped by profile or in alphabetical
    order."""
    own = counts >= counts.sum() / room
    code = np.empty(len(values), np.int64)
    code[own] = np.arange(own.sum())
    rest = np.flatnonzero(~own)
    left = room - int(own.sum())
    if profiles is not None:
        plain = values.gather(rest)
        code[rest] = own.sum() + profiles.groups(plain, counts[rest], left)
        return code
    rest = rest[np.argsort(values.gather(rest).to_numpy(), kind="stable")]
    cum = np.cumsum(counts[rest]) - counts[rest] / 2
    group = np.minimum((cum / counts[rest].sum() * left).astype(np.int64), left - 1)
    code[rest] = own.sum() + np.unique(group, return_inverse=True)[1]
    return code


def _is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def to_text(series: pl.Series) -> pl.Series:
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
    return to_text(typed(value, dtype))[0]
