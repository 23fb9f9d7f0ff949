"""Infer the types and kinds of all columns of a raw table, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT, SUPPRESSED
from artesian.core.errors import DataError, SchemaError, did_you_mean
from artesian.core.width import require_columns
from artesian.data.calendar_years import in_calendar
from artesian.data.frames import frame_of
from artesian.data.inference.datetimes import parse_packed_integers
from artesian.data.inference.day_first import swapped_dates
from artesian.data.inference.id_names import is_id_name
from artesian.data.inference.identified import event_codes, identified_texts
from artesian.data.inference.keys import infer_key
from artesian.data.inference.kinds import (
    FEW,
    InferredKind,
    has_free_values,
    infer_kind,
    is_sensitive_name,
)
from artesian.data.inference.lenient import misfits, parse_leniently
from artesian.data.inference.parsed import ParsedColumn, infinite
from artesian.data.inference.parsing import as_plain_text, from_text, whole_numbers
from artesian.data.inference.repeating_persons import repeating_person
from artesian.data.inference.roles import DIRECT
from artesian.data.inference.row_numbers import scattered_key
from artesian.data.inference.templates import has_digits, infer_templates
from artesian.data.inference.thousands import grouped_thousands
from artesian.data.readers.raw import Raw
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.data.value_format import ValueFormat, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """A table, and one sentence of evidence for the kind of each column.

    Attributes:
        unreadable: Column -> (rows,) values that are not of the kind that the schema gives, and are
            missing in the table; only for a table that was read leniently.
    """

    table: Table
    evidence: Mapping[str, str]
    unreadable: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)


def infer(raw: Raw, schema: Schema | None = None, *, lenient: bool = False) -> Inferred:
    """Infer the schema of `raw`; what `schema` states about a column takes precedence.

    Args:
        lenient: Values that do not fit the kind that `schema` gives are missing, and columns that the
            table lacks are left out, in place of an error.

    Raises:
        DataError: a column is nested or infinite, or does not match the schema, or too many.
        SchemaError: the schema names columns that do not exist.
    """
    require_columns(raw.frame.width, raw.origin.name)
    if lenient and schema is not None:
        schema = schema.select([n for n in schema.names if n in raw.frame.columns])
    given = _given(raw, schema)
    unreadable: dict[str, NDArray[np.bool_]] = {}
    columns: list[Column] = []
    series: list[pl.Series] = []
    evidence: dict[str, str] = {}
    notes, bare = list(raw.origin.notes), []
    untyped = raw.frame.width > 1 and set(raw.frame.dtypes) == {pl.String()}
    parsed: dict[str, ParsedColumn] = {}
    for values in raw.frame:
        name = values.name
        declared = given.get(name)
        try:
            typed = _typed(raw, values, declared, untyped=untyped)
            if declared is None:
                typed = _templated(values, typed)
                typed = _identifier_texts(values, typed)
            column, why = _column(raw, typed, declared)
        except DataError:
            if not lenient or declared is None:
                raise
            typed = parse_leniently(values, _decimal(raw), declared)
            column, why = replace(declared, nullable=True), "given by the schema"
        if lenient and declared is not None:
            mask = misfits(values, typed.series, declared)
            unreadable |= {name: mask} if mask.any() else {}
        parsed[name] = typed
        columns.append(column)
        series.append(typed.series)
        evidence[name] = why
        notes += [typed.note] if typed.note else []
        bare += [name] if typed.bare else []
    for name, reason in swapped_dates(parsed, _decimal(raw)).items():
        at = raw.frame.columns.index(name)
        other = ValueFormat(pattern=parsed[name].swapped)
        asked = Column(name=name, kind=Kind.DATETIME, value_format=other)
        typed = _typed(raw, raw.frame[name], asked)
        columns[at], why = _column(raw, typed, given.get(name))
        series[at], evidence[name] = typed.series, f"{why} ({reason})"
    for name, typed in grouped_thousands(raw, parsed).items():
        if name not in given:
            at = raw.frame.columns.index(name)
            (columns[at], evidence[name]), series[at] = _column(raw, typed, None), typed.series
    origin = replace(raw.origin, notes=tuple(notes))
    if bare:
        # Whole numbers among decimals are written without a point in these columns.
        origin = replace(origin, options={**origin.options, "bare": bare})
    frame = frame_of(series)
    for at, column in enumerate(columns):
        unique = column.kind is Kind.NUMBER and frame[column.name].dtype.is_integer()
        why = scattered_key(column.name, frame) if unique and column.name not in given else ""
        if why:
            columns[at] = replace(column, kind=Kind.KEY)
            evidence[column.name] = why
    identified = event_codes(frame, columns) | identified_texts(frame, columns)
    for at, column in enumerate(columns):
        if column.name in identified and column.name not in (*given, *raw.declared):
            columns[at], evidence[column.name] = identified[column.name]
    whole = _whole(raw, columns, frame, schema, evidence)
    return Inferred(table=Table(frame, whole, origin), evidence=evidence, unreadable=unreadable)


def _identifier_texts(values: pl.Series, typed: ParsedColumn) -> ParsedColumn:
    """Keep the strings of numbers that identify somebody: other tables write them in other ways."""
    if values.dtype != pl.String or typed.value_format.stored != "text":
        return typed
    number = typed.series.dtype.is_integer()
    return as_plain_text(values) if number and infer_kind(typed.series).kind is Kind.TEXT else typed


def _given(raw: Raw, schema: Schema | None) -> dict[str, Column]:
    if schema is None:
        return {}
    roles = [schema.target, schema.event, schema.entity, schema.time]
    for name in (*schema.names, *schema.key, *filter(None, roles)):
        if name not in raw.frame.columns:
            raise SchemaError(
                f"the schema names a column {name!r} that {raw.origin.name!r} does not have",
                hint=did_you_mean(name, raw.frame.columns),
            )
    return {column.name: column for column in schema}


def _typed(
    raw: Raw, values: pl.Series, given: Column | None, *, untyped: bool = False
) -> ParsedColumn:
    """The column in its type; `untyped` if all columns of a source with types are strings."""
    dtype = values.dtype
    if values.name in raw.mixed:
        return _mixed(values, given)
    if raw.text:
        return from_text(values, _decimal(raw), given)
    if dtype == pl.Null:
        return ParsedColumn(series=values.cast(pl.String))
    if dtype.is_float():
        count = int(values.is_infinite().sum())
        if count:
            raise infinite(values.name, count)
        values = values.fill_nan(None)
        return (_packed(values) if _may_be_packed(given) else None) or ParsedColumn(series=values)
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        beyond = (~in_calendar(values)).fill_null(False)
        if beyond.any():
            note = (
                f"{values.name!r}: dates more than 260,000 years away are read as missing "
                f"({int(beyond.sum()):,} rows)"
            )
            return ParsedColumn(series=values.set(beyond, None), note=note)
    if dtype.is_integer() and values.name not in raw.declared and _may_be_packed(given):
        packed = _packed(values)
        if packed is not None:
            return packed
    if dtype == pl.String and values.count():
        return _string(values, given, untyped=untyped)
    boolean = raw.declared.get(values.name) is Kind.BOOLEAN and dtype.is_integer()
    if boolean and values.is_in([0, 1]).all():
        return ParsedColumn(series=values.cast(pl.Boolean))
    if given is not None and given.kind is Kind.TEXT and dtype != pl.String and not given.role:
        return ParsedColumn(series=values.cast(pl.String))
    return ParsedColumn(series=values)


def _decimal(raw: Raw) -> str:
    return str(raw.origin.options.get("decimal", "."))


def _mixed(values: pl.Series, given: Column | None) -> ParsedColumn:
    """Numbers of a typed source with text among them: missing values and few misfits."""
    if given is not None and given.kind in (Kind.TEXT, Kind.CATEGORY):
        return ParsedColumn(series=values)
    typed = from_text(values, ".", given)
    number = values.cast(pl.Float64, strict=False)
    texts = values.filter((number.is_null() | number.is_nan()) & values.is_not_null())
    if not typed.series.dtype.is_numeric():
        raise DataError(
            f"column {values.name!r} mixes numbers and text such as {texts[0]!r}",
            hint='give its kind in a schema file: "text" or "category" to read all as text, or '
            f'"number" with missing = {texts[0]!r}',
        )
    note = typed.note
    if not note and len(texts):
        note = f"{values.name!r}: {texts[0]!r} among its numbers is read as missing"
    return ParsedColumn(series=typed.series, note=note)


def _string(values: pl.Series, given: Column | None, *, untyped: bool) -> ParsedColumn:
    """Keep strings of a typed source, except numbers and times that are written in a format."""
    if given is not None:
        if given.kind in (Kind.NUMBER, Kind.DATETIME):
            return _as_stored(from_text(values, ".", given), "text")
        return ParsedColumn(series=values, value_format=given.value_format)
    typed = from_text(values)
    whole = typed.series.dtype.is_integer() and typed.value_format.plain
    if typed.series.dtype in (pl.String, pl.Boolean) or (
        whole and _may_be_codes(values, untyped=untyped)
    ):
        return ParsedColumn(series=values)
    return _as_stored(typed, "text")


def _templated(values: pl.Series, typed: ParsedColumn) -> ParsedColumn:
    """The column as texts with templates, if these explain more values than its type does."""
    if typed.series.dtype == pl.String:
        text = typed
    elif typed.misfits:
        text = as_plain_text(values)
    else:
        return typed
    if not has_digits(text.series) or not has_free_values(text.series):
        return typed
    templates = infer_templates(text.series)
    if templates is None or (typed.misfits and templates.covered <= typed.series.count()):
        return typed
    misfits = text.series.count() - templates.covered
    series, note = text.series, ""
    if misfits:
        fit = templates.fit(series)
        worst = series.filter(~fit).drop_nulls()[0]
        series = series.set(~fit, None)
        note = (
            f"{values.name!r}: {misfits:,} of its values, such as {worst!r}, have a form of their "
            "own and are treated as missing"
        )
    return replace(
        text,
        series=series,
        value_format=replace(text.value_format, templated=True),
        evidence=templates.evidence,
        note=note,
        misfits=misfits,
    )


def _as_stored(typed: ParsedColumn, stored: str) -> ParsedColumn:
    if typed.series.dtype == pl.String:
        return typed
    return replace(typed, value_format=replace(typed.value_format, stored=stored))


def _may_be_codes(values: pl.Series, *, untyped: bool) -> bool:
    """Whether strings of digits are categories or identifiers.

    A source with types has numbers, unless it was written without regard to types.
    """
    return (values.n_unique() <= FEW and not untyped) or is_id_name(values.name)


def _may_be_packed(given: Column | None) -> bool:
    return given is None or given.value_format.stored == "integer"


def _packed(values: pl.Series) -> ParsedColumn | None:
    """Whole numbers that are dates, such as 20230619."""
    whole = whole_numbers(values)
    reading = None if whole is None else parse_packed_integers(whole)
    if reading is None or reading.series.null_count() != values.null_count():
        return None
    return ParsedColumn(
        series=reading.series,
        value_format=ValueFormat(pattern=reading.pattern, stored="integer"),
        evidence=reading.evidence,
    )


def _column(raw: Raw, typed: ParsedColumn, given: Column | None) -> tuple[Column, str]:
    series = typed.series
    name = series.name
    nullable = series.null_count() > 0
    if given is not None:
        _fits(series, given)
        # The value format is that of the values; the given one adds what they do not show.
        value_format = replace(given.value_format, **differences(typed.value_format))
        if given.value_format.missing:
            value_format = replace(value_format, missing=given.value_format.missing)
        column = replace(given, nullable=given.nullable or nullable, value_format=value_format)
        if column.role in DIRECT - {"url"} and column.kind not in (Kind.TEXT, Kind.KEY):
            # The values of categories and numbers are released, those of identifiers never.
            column = replace(column, kind=Kind.TEXT, domain=None, ordered=False)
        return _suppression(column, series), "given by the schema"
    meaning = infer_kind(series)
    direct = meaning.role if meaning.kind is Kind.TEXT and meaning.role in DIRECT else ""
    if typed.value_format.templated and not direct:
        meaning = InferredKind(kind=Kind.TEXT, why=f"{series.n_unique():,} distinct values")
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
        if isinstance(series.dtype, pl.Enum) and meaning.kind is Kind.CATEGORY
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
            hint="give another kind in the schema",
        )


def _whole(
    raw: Raw,
    columns: list[Column],
    frame: pl.DataFrame,
    given: Schema | None,
    evidence: dict[str, str],
) -> Schema:
    """The schema of the table, with its key; the evidence of a key of several columns is added."""
    key = raw.key if given is None or not given.key else given.key
    if not key:
        inferred = infer_key(frame, columns)
        if inferred is not None:
            key = inferred.columns
            for name in key if inferred.why else ():
                evidence[name] += f"; {inferred.why}"
    entity = None if given is not None and given.columns else repeating_person(raw.frame, columns)
    if given is None:
        return Schema(columns=tuple(columns), key=key, entity=entity)
    return replace(
        given,
        columns=tuple(columns),
        key=key,
        entity=given.entity or entity,
        partial=False,
    )
