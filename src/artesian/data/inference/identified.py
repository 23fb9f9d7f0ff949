"""Categories and whole numbers that are identifiers, as the other columns show.

A customer number that is called 'num_client', and the name of a company beside its tax number, look
like categories by themselves. Beside an identifier that has the same rows they are identifiers too.
A code of a few rows each, within which a column counts 1, 2, 3, or other columns have one value, is
that of an invoice, a case or a session. A code with the name of one person each, and one that no two
rows of the same time share, identifies what its rows are about, however many they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.inference.codes import is_coded, is_short_code
from artesian.data.inference.digits import ends, has_length, is_exact, is_spread
from artesian.data.inference.header_words import header_roles
from artesian.data.inference.id_names import (
    is_class_name,
    is_measure_name,
    is_numbering_name,
    is_person_name,
)
from artesian.data.inference.keys import collision_probability
from artesian.data.inference.kinds import RARE, SAMPLE
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

_VERY_LONG = 10
"""The same of numbers that need no other evidence, such as those of meters and delivery points."""

_SCATTERED = 5
"""Minimum number of digits of numbers that may be codes if they are spread unlike quantities."""

_YEARS = (1900, 2035)
"""Years that are no codes."""

_OWN = 0.5
"""Minimum number of different names of persons, by the number of codes that have one each."""

_FORM = 4
"""Minimum number of characters of codes if there are fewer than `MIN_VALUES` of them."""

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
        if not _repeats(series):
            continue
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

    Codes of many rows are left alone unless they are those of persons or of what is observed at
    several times: they may be released, and a reader knows them. Not so whole numbers, unless they
    count periods of time.

    Args:
        columns: Inferred columns of `frame`.
    """
    out: dict[str, tuple[Column, str]] = {}
    for at, column in enumerate(columns):
        series = frame[column.name]
        if column.role or not _repeats(series, int(_EXPECTED)):
            continue
        counted = _may_number(column, series)
        near = nearest(columns, at)
        if series.dtype == pl.String and not _has_codes(series):
            continue
        scattered = _is_scattered(column, series) and not _is_property(frame, column, near)
        if not (counted or scattered or _may_identify(column, series)):
            continue
        counts = series.drop_nulls().alias("value").value_counts(name="rows")
        if (counts["rows"] > 1).sum() < _EXPECTED:
            continue
        if series.dtype.is_integer() and _is_period(frame, column.name, near, counted=counted):
            continue
        what = _evidence(frame, column, near, counts, counted=counted)
        if what:
            why = f"{len(counts):,} distinct codes in {series.count():,} rows, {what}"
            out[column.name] = _as(column, Kind.KEY), why
    return out


def _evidence(
    frame: pl.DataFrame,
    column: Column,
    columns: Sequence[Column],
    counts: pl.DataFrame,
    *,
    counted: bool,
) -> str:
    """What shows that codes identify what has several rows; '' if nothing does.

    Args:
        columns: Those with which it is compared.
        counts: Each `value` with its number of `rows`.
        counted: They are whole numbers that may number something.
    """
    name, text = column.name, counts["value"].dtype == pl.String
    counter, constant = _within(frame, name, columns)
    names = [c.name for c in columns if c.name in constant and c.role in NAMES]
    if names and _have_own(frame, name, names):
        short = counts["value"].cast(pl.String).str.len_chars().min()
        return _one_each(names) if len(counts) >= MIN_VALUES or short >= _FORM else ""  # type: ignore[operator]
    if len(counts) < MIN_VALUES:
        return ""
    few = int(counts["rows"].filter(counts["rows"] < MIN_COUNT).sum()) / counts["rows"].sum() > RARE
    if counter:
        return f"within each of which {counter!r} counts" if few or not text else ""
    if not text:
        constant = [other for other in constant if not _follows(frame, name, other)]
    if len(constant) < _CONSTANT:
        return ""
    categories = (c.name for c in columns if c.name in constant and c.kind is Kind.CATEGORY)
    if text and any(same_rows(frame, name, other) for other in categories):
        return ""  # a shop and its code are made up together
    if few and not counted:
        # Numbers in a text, such as 128/80, are measured; those of a ticket follow a letter.
        measured = column.value_format.templated and not _begin_with_letters(counts["value"])
        return "" if measured else _one_each(constant[:2])
    times = [c.name for c in columns if c.kind is Kind.DATETIME and _repeats(frame[c.name], 2)]
    long = not text and has_length(frame[name], _LONG)
    expected = 0 if long else _EXPECTED  # coincidences among short ones, such as ages, are many
    if not any(_is_unique(frame, name, time, expected) for time in times):
        return ""
    if not counted:
        return _one_each(constant[:2])
    even = long or is_numbering_name(name) or is_spread(frame[name])
    own = [other for other in constant if _tell_apart(frame, name, [other])]
    if not own and _is_code(frame[name]):
        own = constant[:2]  # no quantity is as long and as exact
    return _one_each(own) if own and even else ""


def _begin_with_letters(texts: pl.Series) -> bool:
    return texts.dtype == pl.String and bool(texts.str.contains(r"^\p{L}").all())


def _has_codes(series: pl.Series) -> bool:
    """Whether all texts are codes; those of most columns are not, as a sample shows."""
    present = series.drop_nulls()
    some = present.gather_every(max(1, len(present) // SAMPLE)).unique(maintain_order=True)
    if not (is_coded(some.to_list()) or is_short_code(some.to_list())):
        return False
    distinct = present.unique(maintain_order=True).to_list()
    return is_coded(distinct) or is_short_code(distinct)


def _one_each(names: Sequence[str]) -> str:
    return "each of which has one " + " and one ".join(map(repr, names))


def _have_own(frame: pl.DataFrame, name: str, names: list[str]) -> bool:
    """Whether the persons of the codes mostly have different names; a few are namesakes."""
    each = frame.select(name, *names).drop_nulls().unique()
    return each.select(names).n_unique() >= _OWN * max(each.height, 1)


def _is_unique(frame: pl.DataFrame, name: str, time: str, expected: float) -> bool:
    """Whether no two rows have the same code and time, where chance makes so many pairs equal."""
    both = frame.select(name, time).drop_nulls()
    if both.height < frame.height / 2 or both.is_duplicated().any():
        return False
    chance = collision_probability(both[name]) * collision_probability(both[time])
    return both.height * (both.height - 1) / 2 * chance >= expected


def _follows(frame: pl.DataFrame, name: str, other: str) -> bool:
    """Whether a column that is constant for each number rises or falls with it, or is its range."""
    each = frame.select(name, other).drop_nulls().unique().sort(name)[other]
    if each.dtype.is_numeric() or each.dtype.is_temporal():
        return each.is_sorted() or each.is_sorted(descending=True)
    ranges = int((each != each.shift()).sum()) + 1
    return ranges == each.n_unique() <= _OWN * len(each)


def _is_period(frame: pl.DataFrame, name: str, columns: Sequence[Column], *, counted: bool) -> bool:
    """Whether numbers rise with a time, as those of weeks do.

    Args:
        counted: They are all the numbers between two. Others, such as those of students, begin with
            the year of a time, which many of them share.
    """
    for time in (c.name for c in columns if c.kind is Kind.DATETIME):
        both = frame.select(name, time)
        for rows in (both.head(_PROBES), both):
            rows = rows.drop_nulls().sort(time, name)
            if not rows[name].is_sorted():
                break
            if not counted and rows.n_unique() > rows[time].n_unique():
                break
        else:
            if rows.height:
                return True
    return False


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
    """Whether a column has texts that repeat, and that are categories or mean nothing known."""
    text = column.kind is Kind.TEXT and not column.role
    if not (text or column.kind is Kind.CATEGORY) or column.suppressed:
        return False
    # A place stays one, however few of the table's persons live there.
    if is_class_name(column.name) or header_roles(column.name) & PLACES:
        return False
    return series.dtype == pl.String and _repeats(series, int(_EXPECTED))


def _may_number(column: Column, series: pl.Series) -> bool:
    """Whether a column has whole numbers that repeat, and that may number something.

    They are called so, or nearly all between the first and the last occur, or they are long.
    """
    if not _may_be_numbers(column, series):
        return False
    low, high = ends(series)
    dense = series.drop_nulls().n_unique() >= _DENSE * (high - low + 1)
    long = has_length(series, _LONG)
    return low >= 0 and (dense or long or is_numbering_name(column.name))


def _is_scattered(column: Column, series: pl.Series) -> bool:
    """Whether numbers of one length are spread over their range and do not end in zeros."""
    if not _may_be_numbers(column, series):
        return False
    if not has_length(series, _SCATTERED):
        return False
    distinct = series.drop_nulls().unique()
    return is_exact(distinct) and is_spread(distinct)


def _is_code(series: pl.Series) -> bool:
    """Whether whole numbers are very long, all of one length, and mostly do not end in a zero."""
    return has_length(series, _VERY_LONG) and is_exact(series.drop_nulls().unique())


def _is_property(frame: pl.DataFrame, column: Column, columns: Sequence[Column]) -> bool:
    """Whether another column that is no person's name identifies what has the numbers."""
    others = [c for c in columns if c.kind in (Kind.KEY, Kind.CATEGORY) and c.name != column.name]
    distinct = frame[column.name].n_unique()
    return any(
        frame[c.name].n_unique() >= _SAME * distinct and same_rows(frame, c.name, column.name)
        for c in others
    )


def _may_be_numbers(column: Column, series: pl.Series) -> bool:
    """Whether a column has whole numbers that repeat and are no measures, years or places."""
    if column.kind is not Kind.NUMBER or not series.dtype.is_integer():
        return False
    if is_measure_name(column.name) or not column.value_format.plain:
        return False
    if header_roles(column.name) & PLACES or not _repeats(series, int(_EXPECTED)):
        return False
    low, high = ends(series)
    return is_numbering_name(column.name) or not _YEARS[0] <= low <= high <= _YEARS[1]


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
