"""Categories and whole numbers that are identifiers, as the other columns show.

A customer number that is called 'num_client', and the name of a company beside its tax number, look
like categories by themselves. Beside an identifier that has the same rows they are identifiers too.
A code of a few rows each, within which a column counts 1, 2, 3, or other columns have one value, is
that of an invoice, a case or a session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.inference.header_words import header_roles
from artesian.data.inference.id_names import (
    is_class_name,
    is_measure_name,
    is_numbering_name,
    is_person_name,
)
from artesian.data.inference.kinds import RARE, is_coded
from artesian.data.inference.roles import PERSONS, role_of
from artesian.data.nearby import nearest
from artesian.data.schema import Column, Kind

MIN_VALUES = 20
"""Minimum number of values of an identifier, so that having the same rows is no coincidence."""

NAMES = ("name", "first_name", "last_name")
"""Roles of the names of persons."""

NAMESAKES = 0.8
"""Minimum fraction of the values of an identifier of persons that have a name of their own."""

PLACES = frozenset(("postcode", "city", "country"))
"""Roles of parts of an address that many persons share."""

_CONSTANT = 2
"""Minimum number of columns that have one value for each code of an event."""

_DENSE = 0.5
"""Minimum fraction of the whole numbers between the ends of a count that occur."""

_LONG = 8
"""Minimum number of digits of numbers that are long for a quantity, if all have as many."""

_EXPECTED = 8.0
"""Number of exceptions that independence leads to where a rule without exception is believed."""

_LEADERS = 16
"""Number of identifiers of persons with which other columns are compared."""

_PROBES = 64
"""Number of first rows that show of most numbers that they do not rise with a time."""

_GROUP, _ROWS = "\0group", "\0rows"

_SAME = 0.99
"""Minimum fraction of the values of either column that occur beside one of the other."""


def identified_texts(
    frame: pl.DataFrame, columns: Sequence[Column]
) -> dict[str, tuple[Column, str]]:
    """Categories and numbers that are identifiers, as such, each with one sentence of evidence.

    Args:
        columns: Inferred columns of `frame`.
    """
    leaders = [c.name for c in columns if identifies_person(c) and _repeats(frame[c.name])]
    leaders = leaders[:_LEADERS]
    out: dict[str, tuple[Column, str]] = {}
    for column in columns if leaders else ():
        series = frame[column.name]
        number = _may_number(column, series)
        if not number and (column.kind is not Kind.CATEGORY or not _may_identify(column, series)):
            continue
        leader = next((n for n in leaders if same_rows(frame, n, column.name)), None)
        if leader is None or leader == column.name:
            continue
        distinct = series.drop_nulls().unique(maintain_order=True)
        coded = number or (not column.role and is_coded(distinct.to_list()))
        role = column.role or ("" if coded else role_of(column.name, distinct)[0])
        kind = Kind.KEY if coded else Kind.TEXT
        why = f"{len(distinct):,} distinct values, one for each value of {leader!r}"
        out[column.name] = _as(column, kind, role), why
    return out


def event_codes(frame: pl.DataFrame, columns: Sequence[Column]) -> dict[str, tuple[Column, str]]:
    """Categories and numbers that are identifiers of what has several rows, each with its evidence.

    Codes of many rows are left alone: they may be released, and a reader knows them. Not so whole
    numbers, unless they count periods of time.

    Args:
        columns: Inferred columns of `frame`.
    """
    out: dict[str, tuple[Column, str]] = {}
    for at, column in enumerate(columns):
        series = frame[column.name]
        number = _may_number(column, series)
        if column.role or not (number or _may_identify(column, series)):
            continue
        counts = series.drop_nulls().alias("value").value_counts(name="rows")["rows"]
        rare = int(counts.filter(counts < MIN_COUNT).sum()) / series.count()
        if (counts > 1).sum() < _EXPECTED:
            continue
        if not number and (rare <= RARE or not is_coded(series.drop_nulls().unique().to_list())):
            continue
        near = nearest(columns, at)
        if number and _is_period(frame, column.name, near):
            continue
        counter, constant = _within(frame, column.name, near)
        what = ""
        if counter:
            what = f"within each of which {counter!r} counts"
        elif number:
            own = _own_values(frame, column.name, constant, near)
            what = "each of which has one " + " and one ".join(map(repr, own)) if own else ""
        elif len(constant) >= _CONSTANT:
            what = "each of which has one " + " and one ".join(map(repr, constant[:2]))
        if what:
            why = f"{len(counts):,} distinct codes in {series.count():,} rows, {what}"
            out[column.name] = _as(column, Kind.KEY), why
    return out


def _is_period(frame: pl.DataFrame, name: str, columns: Sequence[Column]) -> bool:
    """Whether numbers rise with a time, as those of weeks do."""
    for time in (c.name for c in columns if c.kind is Kind.DATETIME):
        both = frame.select(name, time)
        for rows in (both.head(_PROBES), both):
            rows = rows.drop_nulls().sort(time, name)
            if not rows[name].is_sorted():
                break
        else:
            if rows.height:
                return True
    return False


def _own_values(
    frame: pl.DataFrame, name: str, constant: list[str], columns: Sequence[Column]
) -> list[str]:
    """The columns that show whom or what each number numbers; none if nothing does.

    These are the names of persons, or of what is observed at several times other properties.
    """
    names = [c.name for c in columns if c.name in constant and c.role in NAMES]
    if names and _tell_apart(frame, name, names):
        return names
    times = [c.name for c in columns if c.kind is Kind.DATETIME and _repeats(frame[c.name], 2)]
    if len(constant) < _CONSTANT or all(
        frame.select(name, time).is_duplicated().any() for time in times
    ):
        return []
    return [other for other in constant if _tell_apart(frame, name, [other])]


def _tell_apart(frame: pl.DataFrame, name: str, others: list[str]) -> bool:
    """Whether most values of `name` are the only ones beside those of the other columns."""
    each = frame.select(name, *others).drop_nulls().unique()
    alone = each.height - int(each.select(others).is_duplicated().sum())
    return alone >= NAMESAKES * max(each.height, 1)


def _within(
    frame: pl.DataFrame, name: str, columns: Sequence[Column]
) -> tuple[str | None, list[str]]:
    """A column that counts the rows with the same value of `name`, and those that are constant."""
    others = [c for c in columns if c.name != name and not frame[c.name].has_nulls()]
    numbers = [c.name for c in others if c.kind is Kind.NUMBER and frame[c.name].dtype.is_integer()]
    groups = (
        frame.filter(pl.col(name).is_not_null())
        .select(pl.col(name).alias(_GROUP), *(pl.col(c.name) for c in others))
        .group_by(_GROUP)
        .agg(
            pl.len().alias(_ROWS),
            *(pl.col(c.name).n_unique().name.prefix("n ") for c in others),
            *(pl.col(n).min().name.prefix("low ") for n in numbers),
            *(pl.col(n).max().name.prefix("high ") for n in numbers),
        )
        .filter(pl.col(_ROWS) > 1)
    )
    if groups.height < _EXPECTED:
        return None, []
    rows = groups[_ROWS].cast(pl.Int64)
    for one in numbers:
        low, high = groups[f"low {one}"].cast(pl.Int64), groups[f"high {one}"].cast(pl.Int64)
        counts = (low <= 1) & (low >= 0) & (high - low + 1 == rows)
        if (counts & (groups[f"n {one}"] == groups[_ROWS])).mean() >= _SAME:  # type: ignore[operator]
            return one, []
    constant = []
    for other in others:
        repeats = frame[other.name].alias("value").value_counts(name="rows")["rows"].to_numpy()
        varied = 1 - float(((repeats / frame.height) ** 2).sum())
        if int((rows - 1).sum()) * varied >= _EXPECTED and (groups[f"n {other.name}"] == 1).all():
            constant.append(other.name)
    return None, constant


def _may_identify(column: Column, series: pl.Series) -> bool:
    """Whether a column has texts that repeat, which are categories or of a few templates."""
    templated = column.kind is Kind.TEXT and column.value_format.templated and not column.role
    if not (templated or column.kind is Kind.CATEGORY) or column.suppressed:
        return False
    # A place stays one, however few of the table's persons live there.
    if is_class_name(column.name) or header_roles(column.name) & PLACES:
        return False
    return series.dtype == pl.String and _repeats(series)


def _may_number(column: Column, series: pl.Series) -> bool:
    """Whether a column has whole numbers that repeat, and that may number something.

    They are called so, or nearly all between the first and the last occur, or they are long.
    """
    if column.kind is not Kind.NUMBER or not series.dtype.is_integer() or not _repeats(series):
        return False
    if is_measure_name(column.name) or not column.value_format.plain:
        return False
    if header_roles(column.name) & PLACES:
        return False
    low, high = int(series.min()), int(series.max())  # type: ignore[arg-type]
    dense = series.drop_nulls().n_unique() >= _DENSE * (high - low + 1)
    long = len(str(low)) == len(str(high)) >= _LONG
    return low >= 0 and (dense or long or is_numbering_name(column.name))


def _as(column: Column, kind: Kind, role: str = "") -> Column:
    value_format = replace(column.value_format, templated=False)
    return replace(column, kind=kind, role=role, value_format=value_format)


def identifies_person(column: Column) -> bool:
    """Whether the values of a column belong to one person each, by its role or its name."""
    if column.kind is Kind.TEXT:
        return column.role in PERSONS or column.role == "name"
    return column.kind is Kind.KEY and is_person_name(column.name)


def _repeats(series: pl.Series, minimum: int = MIN_VALUES) -> bool:
    distinct = series.drop_nulls().n_unique()
    return minimum <= distinct < series.count()


def same_rows(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether nearly every value of either column occurs beside one value of the other."""
    pairs = frame.select(a=one, b=other).drop_nulls().unique()
    fewer = min(pairs["a"].n_unique(), pairs["b"].n_unique())
    return pairs.height > 0 and fewer >= _SAME * pairs.height
