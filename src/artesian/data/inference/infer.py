"""Infer the types and kinds of all columns of a raw table, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from artesian.core.disclosure import MIN_COUNT, SUPPRESSED
from artesian.core.errors import DataError, SchemaError, did_you_mean
from artesian.data.inference.datetimes import parse_datetimes
from artesian.data.inference.kinds import InferredKind, infer_kind, is_sensitive_name
from artesian.data.inference.parsing import ParsedColumn, from_text, infinite
from artesian.data.inference.roles import DIRECT, PERSONS, UNIQUE
from artesian.data.readers.raw import Raw
from artesian.data.schema import Column, Kind, Schema, ValueFormat
from artesian.data.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """A table, and one sentence of evidence for the kind of each column."""

    table: Table
    evidence: Mapping[str, str]


def infer(raw: Raw, schema: Schema | None = None) -> Inferred:
    """Infer the schema of `raw`; what `schema` states about a column takes precedence.

    Raises:
        DataError: a column is nested or infinite, or does not match the schema.
        SchemaError: the schema names columns that do not exist.
    """
    given = _given(raw, schema)
    columns: list[Column] = []
    series: list[pl.Series] = []
    evidence: dict[str, str] = {}
    notes = list(raw.origin.notes)
    bare = []
    for values in raw.frame:
        name = values.name
        typed = _typed(raw, values, given.get(name))
        declared = given.get(name)
        column, why = _column(raw, typed, declared)
        columns.append(column)
        series.append(typed.series)
        evidence[name] = why
        notes += [typed.note] if typed.note else []
        bare += [name] if typed.bare else []
    origin = replace(raw.origin, notes=tuple(notes))
    if bare:
        # Whole numbers among decimals are written without a point in these columns.
        origin = replace(origin, options={**origin.options, "bare": bare})
    whole = _whole(raw, columns, schema)
    return Inferred(table=Table(pl.DataFrame(series), whole, origin), evidence=evidence)


def _given(raw: Raw, schema: Schema | None) -> dict[str, Column]:
    if schema is None:
        return {}
    for name in schema.names:
        if name not in raw.frame.columns:
            raise SchemaError(
                f"the schema has a column {name!r} that {raw.origin.name!r} does not have",
                hint=did_you_mean(name, raw.frame.columns),
            )
    return {column.name: column for column in schema}


def _typed(raw: Raw, values: pl.Series, given: Column | None) -> ParsedColumn:
    dtype = values.dtype
    if raw.text:
        return from_text(values, str(raw.origin.options.get("decimal", ".")), given)
    if dtype == pl.Null:
        return ParsedColumn(series=values.cast(pl.String))
    if dtype.is_float():
        count = int(values.is_infinite().sum())
        if count:
            raise infinite(values.name, count)
        return ParsedColumn(series=values.fill_nan(None))
    if dtype == pl.String and values.count():
        return _string(values, given)
    boolean = raw.declared.get(values.name) is Kind.BOOLEAN and dtype.is_integer()
    if boolean and values.is_in([0, 1]).all():
        return ParsedColumn(series=values.cast(pl.Boolean))
    if given is not None and given.kind is Kind.TEXT and dtype != pl.String and not given.role:
        return ParsedColumn(series=values.cast(pl.String))
    return ParsedColumn(series=values)


def _string(values: pl.Series, given: Column | None) -> ParsedColumn:
    """Keep strings of a typed source, except times, which have no type in JSON."""
    if given is not None:
        if given.kind in (Kind.NUMBER, Kind.DATETIME):
            return from_text(values, ".", given)
        return ParsedColumn(series=values, value_format=given.value_format)
    sample = values.drop_nulls().gather_every(max(1, values.count() // 1000)).unique().to_list()
    reading = parse_datetimes(values, sample, values.name)
    if reading is None or reading.series.null_count() != values.null_count():
        return ParsedColumn(series=values)
    # A pattern in the value format of a typed source means that it was written as text.
    value_format = ValueFormat(pattern=reading.pattern)
    return ParsedColumn(series=reading.series, value_format=value_format, evidence=reading.evidence)


def _column(raw: Raw, typed: ParsedColumn, given: Column | None) -> tuple[Column, str]:
    series = typed.series
    name = series.name
    nullable = series.null_count() > 0
    if given is not None:
        _fits(series, given)
        # The value format is that of the values; the given one adds what they do not show.
        value_format = replace(given.value_format, **_set(typed.value_format))
        if given.value_format.missing:
            value_format = replace(value_format, missing=given.value_format.missing)
        column = replace(given, nullable=given.nullable or nullable, value_format=value_format)
        if column.role in DIRECT - {"url"} and column.kind not in (Kind.TEXT, Kind.KEY):
            # The values of categories and numbers are released, those of identifiers never.
            column = replace(column, kind=Kind.TEXT, domain=None, ordered=False)
        return _suppression(column, series), "given by the schema"
    meaning = infer_kind(series)
    direct = meaning.role if meaning.kind is Kind.TEXT and meaning.role in DIRECT else ""
    if raw.declared.get(name) is Kind.CATEGORY and not direct:
        meaning = InferredKind(kind=Kind.CATEGORY, why="categories, as its source declares")
    if raw.key == (name,):
        why = "the primary key of its table"
        meaning = InferredKind(kind=Kind.KEY, role=direct, why=why)
    why = _sentence(typed, meaning)
    sensitive = is_sensitive_name(name)
    if sensitive:
        why += "; a sensitive attribute by its name"
    column = Column(
        name=name,
        kind=meaning.kind,
        nullable=nullable,
        sensitive=sensitive,
        role=meaning.role,
        ordered=name in raw.ordered and not direct,
        domain=tuple(series.dtype.categories.to_list())
        if isinstance(series.dtype, pl.Enum) and not direct
        else None,
        value_format=typed.value_format,
    )
    declared = _suppression(column, series)
    if declared is not column:
        why += f"; {SUPPRESSED!r} represents suppressed categories"
    return declared, why


def _suppression(column: Column, series: pl.Series) -> Column:
    """The column, declared as suppressed if it has the value that Artesian writes for that."""
    text = series.dtype in (pl.String, pl.Categorical, pl.Enum)
    if column.kind is not Kind.CATEGORY or column.suppressed is not None or not text:
        return column
    if not (series.cast(pl.String) == SUPPRESSED).any():
        return column
    return replace(column, suppressed=SUPPRESSED, suppressed_below=MIN_COUNT)


def _sentence(typed: ParsedColumn, meaning: InferredKind) -> str:
    if typed.evidence and meaning.kind in (Kind.BOOLEAN, Kind.DATETIME):
        return typed.evidence + typed.ending
    return "; ".join(part for part in (meaning.why, typed.evidence) if part) + typed.ending


def _set(value_format: ValueFormat) -> dict[str, Any]:
    """The fields of a value format that differ from their defaults."""
    plain = ValueFormat()
    return {
        field: value
        for field in ValueFormat.__slots__
        if (value := getattr(value_format, field)) != getattr(plain, field)
    }


def _fits(series: pl.Series, given: Column) -> None:
    """Refuse a kind that does not fit the stored type."""
    dtype = series.dtype
    infer_kind(series)
    wrong = (
        (given.kind is Kind.NUMBER and not (dtype.is_numeric() or dtype == pl.Duration))
        or (given.kind is Kind.DATETIME and not dtype.is_temporal())
        or (
            given.kind is Kind.TEXT
            and not (dtype == pl.String or dtype.is_integer() or given.role in DIRECT)
        )
    )
    if wrong and series.count():
        raise DataError(
            f"column {series.name!r} is given as {given.kind.value} but stored as {dtype}",
            hint="give another kind, or convert the column first",
        )


def _whole(raw: Raw, columns: list[Column], given: Schema | None) -> Schema:
    keys = [c.name for c in columns if c.kind is Kind.KEY and not c.nullable]
    key = raw.key or tuple(n for n in keys if raw.frame[n].n_unique() == raw.frame.height)[:1]
    entity = None if given is not None and given.columns else _entity(raw, columns)
    if given is None:
        return Schema(columns=tuple(columns), key=key, entity=entity)
    return replace(
        given, columns=tuple(columns), key=given.key or key, entity=given.entity or entity
    )


def _entity(raw: Raw, columns: list[Column]) -> str | None:
    """The column that identifies the person of a row, where persons have several rows."""
    persons = [c for c in columns if c.kind is Kind.TEXT and c.role in PERSONS]
    if not persons:
        return None
    best = min(persons, key=lambda c: PERSONS.index(c.role)).name
    present = raw.frame[best].drop_nulls()
    distinct = present.n_unique()
    return best if 1 < distinct < UNIQUE * len(present) else None
