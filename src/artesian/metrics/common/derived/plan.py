"""The derived features of a comparison: which exist, and their values for some rows of a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import polars as pl

from artesian.data.dtypes import value_type
from artesian.data.schema import Column, Kind
from artesian.metrics.common.arrays import NUMERIC, Floats, Ints, floats
from artesian.metrics.common.derived.containment import containment_features
from artesian.metrics.common.derived.dates import DateTexts, date_parts, utc_offset
from artesian.metrics.common.derived.numbers import number_features
from artesian.metrics.common.derived.relations import SAMPLE_ROWS, Quantity, relation_features
from artesian.metrics.common.derived.repeats import (
    dependency_features,
    duplicates,
    rows_per_value,
)
from artesian.metrics.common.derived.texts import TextColumn
from artesian.metrics.common.derived.view import Feature, View
from artesian.metrics.common.encoding import DISCRETE, Encoded, Rows
from artesian.metrics.protocol import Comparison

_MIN_LEVELS = 20
"""Categories with fewer values have no format of their own: their codes say it all."""

_MIN_WITH_DIGITS = 0.8  # minimum proportion of the values of such a category that have a digit
_OF_ENCODED_DATES = ("year", "day of the week", "hour", "second")
"""Parts of a date that are no further features: the encoding has the weekday and the time of day."""

_MANY = 50  # a category with more values than this repeats like an identifier
_CODE = r"^[\p{L}]*[-_/# ]?\d+$"
_MIN_CODES = 0.8  # minimum proportion of codes, whose numbers are no quantities


@dataclass(frozen=True, slots=True)
class DerivedFeatures:
    """Derived features, chosen from the real rows.

    Attributes:
        features: The features.
        frames: The real, synthetic and holdout tables, with suppressed categories as in the
            encoding.
    """

    features: tuple[Feature, ...]
    frames: tuple[pl.DataFrame, ...] = field(repr=False)

    @classmethod
    def from_comparison(cls, tables: Comparison, encoded: Encoded, max_columns: int) -> Self:
        """Choose the features of at most the first `max_columns` columns; cached."""
        return tables.cached(
            ("derived features", max_columns), lambda: cls._choose(tables, encoded, max_columns)
        )

    @classmethod
    def _choose(cls, tables: Comparison, encoded: Encoded, max_columns: int) -> Self:
        columns = list(tables.real.schema)[:max_columns]
        pairs = [(tables.real, encoded.real), (tables.synthetic, encoded.synthetic)]
        if tables.holdout is not None and encoded.holdout is not None:
            pairs.append((tables.holdout, encoded.holdout))
        frames = tuple(_with_merged(table.frame, rows, encoded) for table, rows in pairs)
        real = frames[0]
        rows = encoded.real.take(np.arange(min(SAMPLE_ROWS, encoded.real.height)))
        sample = _view(real, rows, np.zeros(rows.height, np.int64))
        key = tables.real.schema.key
        features: list[Feature] = []
        quantities: list[Quantity] = []
        repeating: list[str] = []
        for column in columns:
            chosen = _ColumnFeatures.choose(column, real[column.name], sample, encoded)
            features += chosen.features
            quantities += chosen.quantities
            if chosen.repeating and (column.name,) != key:
                repeating.append(column.name)
        if len(key) > 1:
            features.append(duplicates(key))
        features += relation_features(quantities)
        texts = [c for c in columns if value_type(real[c.name].dtype) == "text"]
        many = [c.name for c in texts if real[c.name].n_unique() > _MANY]
        features += containment_features(
            many, [c.name for c in texts if c.kind is not Kind.KEY], sample
        )
        features += dependency_features(real, repeating)
        return cls(tuple(features), frames)

    @property
    def owners(self) -> tuple[tuple[str, ...], ...]:
        """(features,) the columns that each feature is derived from."""
        return tuple(feature.owners for feature in self.features)

    def matrix(self, table: int, rows: Rows, folds: Ints) -> Floats:
        """(rows, features) of some rows of table number `table`, which are in `folds`, (rows,)."""
        view = _view(self.frames[table], rows, folds)
        columns = [feature.values(view) for feature in self.features]
        return np.column_stack(columns) if columns else np.empty((rows.height, 0))


@dataclass(slots=True)
class _ColumnFeatures:
    """What is derived from one column alone."""

    features: list[Feature] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    repeating: bool = False

    @classmethod
    def choose(cls, column: Column, real: pl.Series, sample: View, encoded: Encoded) -> Self:
        chosen = cls()
        name = column.name
        if column.kind is Kind.DATETIME and value_type(real.dtype) == "dates":
            chosen._add_dates(name, sample)
        elif column.kind in NUMERIC:
            if name not in encoded.levels:
                chosen.features += number_features(name, real)
                values = Feature("", (name,), lambda view: floats(view.frame[name]))
                chosen._add_quantity(values, sample)
        elif value_type(real.dtype) == "text" and _has_format(column, real):
            chosen._add_text(column, real, sample)
        if column.kind is Kind.KEY and real.len() and not real.is_duplicated().any():
            chosen.features.append(duplicates((name,)))
            return chosen
        many = column.kind in DISCRETE and len(encoded.levels.get(name, ())) > _MANY
        if column.kind in (Kind.KEY, Kind.TEXT) or many:
            chosen.features.append(rows_per_value(name))
        chosen.repeating = column.kind is not Kind.BOOLEAN
        return chosen

    def _add_quantity(
        self, feature: Feature, sample: View, *, date: bool = False, part: bool = False
    ) -> None:
        self.quantities.append(Quantity(feature, feature.values(sample), date, part))

    def _add_dates(self, name: str, sample: View) -> None:
        instants = Feature("", (name,), lambda view: _instants(view, name))
        self._add_quantity(instants, sample, date=True)
        for part in date_parts(name, instants.values):
            if part.label not in _OF_ENCODED_DATES:
                self.features.append(part)
            self._add_quantity(part, sample, part=True)

        if getattr(sample.frame.schema[name], "time_zone", None) is not None:
            self.features.append(utc_offset(name))

    def _add_text(self, column: Column, real: pl.Series, sample: View) -> None:
        name, texts = column.name, real.cast(pl.String)
        text = TextColumn.from_real(name, texts)
        self.features += text.features()
        if identifies(column) or is_code(texts):
            # New identifiers are in the range of a public form and not of the source.
            self.features = self.features[:1]
            return
        dates = DateTexts.from_real(name, texts)
        if dates is not None:
            self.features += dates.features()
            parsed = Feature("date", (name,), dates.instants)
            self.features.append(parsed)
            self._add_quantity(parsed, sample, date=not dates.times)
            for part in date_parts(name, dates.instants):
                self.features += [] if part.label in ("year", "second") else [part]
                self._add_quantity(part, sample, part=True)
            return
        for number in text.number_features():
            self.features.append(number)
            self._add_quantity(number, sample)


def identifies(column: Column) -> bool:
    """Whether the values of a column are new by design: keys, and texts with a role, such as mail
    addresses."""
    return column.kind is Kind.KEY or (column.kind is Kind.TEXT and bool(column.role))


def _with_merged(frame: pl.DataFrame, rows: Rows, encoded: Encoded) -> pl.DataFrame:
    """The table with suppressed categories replaced, as in the encoded rows; the value that
    represents many categories has no format and no relations, so it is missing."""
    back = np.empty(rows.height, np.int64)
    back[rows.positions] = np.arange(rows.height)
    columns = []
    for name in encoded.suppressed:
        codes = rows.codes[name][back]
        none = (codes < 0) | (codes == encoded.suppressed[name].code)
        levels = pl.Series(name, [*encoded.levels[name], None], strict=False)
        columns.append(levels.gather(np.where(none, len(levels) - 1, codes)))
    return frame.with_columns(columns) if columns else frame


def _view(frame: pl.DataFrame, rows: Rows, folds: Ints) -> View:
    return View(frame[rows.positions], frame, rows.positions, folds)


def _instants(view: View, name: str) -> Floats:
    return view.shared(("instants", name), lambda: floats(view.frame[name]))


def _has_format(column: Column, real: pl.Series) -> bool:
    """Whether the form of a text says more than its category."""
    if column.kind not in DISCRETE:
        return True
    values = real.drop_nulls().unique().cast(pl.String)
    if len(values) < _MIN_LEVELS:
        return False
    return float(values.str.contains(r"\d").to_numpy().mean()) >= _MIN_WITH_DIGITS


def is_code(texts: pl.Series) -> bool:
    """Whether most texts are codes such as 'U00235', whose number is no quantity."""
    present = texts.drop_nulls().unique()
    coded = present.str.contains(_CODE)
    zeros = present.str.contains(r"^\D*0\d") | present.str.contains(r"^\p{L}")
    return len(present) > 0 and float((coded & zeros).to_numpy().mean()) >= _MIN_CODES
