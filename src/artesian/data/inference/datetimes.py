"""Parse dates, times and durations written as text, and infer their pattern."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import product

import polars as pl

from artesian.data.formatting.times import (
    EPOCH,
    EPOCH_MS,
    ISO_HOURS,
    read_times,
    write_times,
)
from artesian.data.inference.column_names import split_name
from artesian.data.inference.id_names import is_id_name
from artesian.data.inference.time_forms import TimeForm, time_form
from artesian.data.inference.zones import zoned

SAME_FORM = 0.9
"""Fraction of the distinct values of a sample that have one pattern in a column of times."""

VALID = 0.98
"""Fraction of packed digits that are valid dates, in a column of packed dates."""

AMBIGUOUS = "(day and month may be swapped: the data are ambiguous)"
"""Evidence of a column that has two readings."""

MANY = 20
"""Number of distinct digit strings whose validity as dates is no chance."""

_DATE_NAME = re.compile(
    r"(?i)(date|day|dob|birth|time|when|dt\b|_at$|_on$|geburt|naiss|nacim|nascim)"
)
_DATE_NAMES = """
datum fecha dato data dag dia dias jour tag tage giorno period periode periodo month monat mes
mois mese ym yyyymm yyyymmdd ymd dmy mdy ddmmyyyy mmddyyyy yymmdd
"""
_EPOCH_NAMES = "ts timestamp epoch unix created updated modified seen started ended zeitstempel"
EPOCH_YEARS = 1990, 2060
"""Range of the years of counts of seconds since 1970."""

_CLOCK_NAMES = "time hhmm hhmmss clock uhr uhrzeit zeit hora heure ora klok tid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDatetimes:
    """A parsed column of dates, times or durations.

    Attributes:
        series: Date, Time, Datetime or Duration; null where the pattern did not fit.
        pattern: The pattern that reproduces the text of the values.
        evidence: The pattern in words, for the evidence of the column's kind.
        unpadded: Packed dates without leading zeros, as whole numbers have none.
        swapped: A pattern that fits as well, with day and month swapped; '' if there is none.
    """

    series: pl.Series
    pattern: str
    evidence: str
    unpadded: bool = False
    swapped: str = ""


def parse_datetimes(raw: pl.Series, sample: list[str], name: str) -> ParsedDatetimes | None:
    """Parse `raw` as times if nearly all of `sample` look like them, else None."""
    width = _padded_width(sample, name)
    if width:
        sample = [v.zfill(width) for v in sample]
    forms = [form for value in sample if (form := time_form(value)) is not None]
    if not forms or len(forms) < SAME_FORM * len(sample):
        return None
    text = raw.str.strip_chars()
    if width:
        text = text.str.zfill(width)
    counts = Counter(pattern for form in forms for pattern in form.patterns)
    candidates = [p for p, count in counts.items() if count >= SAME_FORM * len(sample)]
    if any(form.packed for form in forms):
        candidates = [p for p in candidates if _is_packed_date(p, sample, name)]
    if any(form.digits for form in forms):
        candidates = [p.replace("%S", "%S%.f") for p in candidates]
    read = [(p, series) for p in candidates if (series := read_times(text, p)) is not None]
    max_count = max((series.count() for _, series in read), default=0)
    if not max_count:
        return None
    fit = [(p, series) for p, series in read if series.count() == max_count]
    pattern, series = fit[0]
    if series.dtype == pl.Duration and not _beyond_a_day(series, pattern):
        return None  # times of day, of which some are 24:00
    evidence = f"{'durations' if series.dtype == pl.Duration else 'times'} like {pattern}"
    first = is_day_first(pattern)
    swapped = next((p for p, _ in fit if first is not None and is_day_first(p) == (not first)), "")
    if swapped:
        evidence += f" {AMBIGUOUS}"
    if isinstance(series.dtype, pl.Datetime):
        zones = {form.zone for form in forms if form.zone}
        with_zone = _with_zone(series, text, pattern, zones)
        if with_zone is None:
            return None
        series, pattern = with_zone
    return ParsedDatetimes(
        series=series,
        pattern=_written(pattern, sample, forms),
        evidence=evidence,
        unpadded=width > 0,
        swapped=swapped,
    )


def is_day_first(pattern: str) -> bool | None:
    """Whether a pattern has the day before the month; None if it does not have both as numbers."""
    day, month = pattern.find("%d"), pattern.find("%m")
    return None if min(day, month) < 0 else day < month


def parse_packed_integers(values: pl.Series) -> ParsedDatetimes | None:
    """Parse whole numbers such as 20230619 or 5012023 as dates if they are written so, else None."""
    low, high = values.min(), values.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return None
    clock = is_clock_name(values.name) and low >= 0 and high <= 2359
    dates = low >= 1_01_1900 and high <= 31_12_2100
    longer = low >= 1900_01_01_00_00 and high <= 2100_12_31_23_59_59
    months = low >= 1900_01 and high <= 2100_12
    epoch = low >= 10**9 and high < 10 ** (10 if high < 10**10 else 13)
    if not (clock or dates or longer or months or epoch):
        return None
    text = values.cast(pl.String)
    sample = text.drop_nulls().gather_every(max(1, values.count() // 300)).unique().to_list()
    return parse_datetimes(text, sample, values.name)


def is_date_name(name: str) -> bool:
    """Whether a column's name is that of dates."""
    return _DATE_NAME.search(name) is not None or bool(
        set(_DATE_NAMES.split()) & set(split_name(name))
    )


def is_clock_name(name: str) -> bool:
    """Whether a column's name is that of times of day."""
    return bool(set(_CLOCK_NAMES.split()) & set(split_name(name)))


def _padded_width(sample: list[str], name: str) -> int:
    """The width of packed dates that lost their leading zeros; 0 for others."""
    if not all(v.isascii() and v.isdigit() for v in sample):
        return 0
    sizes = {len(v) for v in sample}
    if sizes == {7, 8} or sizes == {7}:
        return 8
    if len(sizes) > 1 and max(sizes) <= 4 and is_clock_name(name):
        return 4
    return 6 if sizes == {5, 6} and is_date_name(name) else 0


def _is_packed_date(pattern: str, sample: list[str], name: str) -> bool:
    """Whether there is evidence that digits are dates of this pattern."""
    read = read_times(pl.Series(sample), pattern)
    if read is None or read.count() < VALID * len(sample):
        return False
    named = is_date_name(name)
    if pattern in (EPOCH, EPOCH_MS):
        # Any number of ten digits could be one, so the column has to be called a time.
        named |= is_clock_name(name) or bool(set(_EPOCH_NAMES.split()) & set(split_name(name)))
        in_range = read.drop_nulls().dt.year().is_between(*EPOCH_YEARS).all()
        return named and in_range and not is_id_name(name) and read.null_count() == 0
    if read.dtype == pl.Time:
        hours = read.dt.hour().n_unique()
        zeros = any(v.startswith("0") for v in sample)
        if is_clock_name(name):
            return zeros or hours >= 3
        return pattern == "%H%M" and zeros and len(sample) >= MANY and hours >= 8
    if "%Y" in pattern and not read.dt.year().is_between(1900, 2100).all():
        return False
    if "%Y" in pattern and len(sample) >= MANY:
        # Serial numbers within one month or year have the form of dates as well.
        parts = read.dt.month() if "%d" in pattern else read.dt.year()
        return named or parts.n_unique() > 2
    return named


def _beyond_a_day(spans: pl.Series, pattern: str) -> bool:
    if "%" in pattern or pattern not in ("{h}:{m:02}", "{h}:{m:02}:{s:02}"):
        return True
    longest = spans.dt.total_seconds().max()
    return isinstance(longest, int) and longest > 86_400


def read_as(text: pl.Series, sample: list[str], pattern: str) -> pl.Series | None:
    """Times of a given pattern, in the zone they were written in; None if no text has the pattern."""
    series = read_times(text, pattern)
    if series is None or not isinstance(series.dtype, pl.Datetime):
        return series
    zones = {form.zone for value in sample if (form := time_form(value)) and form.zone}
    with_zone = _with_zone(series, text, pattern, zones)
    # A zone that the pattern does not name would be written otherwise.
    return series if with_zone is None or with_zone[1] != pattern else with_zone[0]


def _with_zone(
    series: pl.Series, text: pl.Series, pattern: str, zones: set[str]
) -> tuple[pl.Series, str] | None:
    assert isinstance(series.dtype, pl.Datetime)
    if series.dtype.time_zone is not None:
        return zoned(series, text, pattern, zones)
    if zones and zones <= {"UTC", "GMT"}:
        return series.dt.replace_time_zone("UTC"), pattern
    return series, pattern


def _written(pattern: str, sample: list[str], forms: list[TimeForm]) -> str:
    """The variant of the pattern that reproduces the sample best."""
    if "%.f" in pattern:
        digits = {form.digits for form in forms}
        size = next(iter(digits)) if len(digits) == 1 else 0
        pattern = pattern.replace("%.f", f"%.{size}f" if size in (3, 6, 9) else "%.f")
    wanted = pl.Series(sample)
    read = read_times(wanted, pattern)
    if read is None or "z" in pattern:
        return pattern
    if pattern == "iso":
        beyond = (write_times(read, ISO_HOURS) == wanted).sum()
        return ISO_HOURS if beyond > (write_times(read, pattern) == wanted).sum() else pattern
    best, score = pattern, -1
    for days, hours in product((False, True), repeat=2):
        form = re.sub(r"%([dm])", r"%-\1", pattern) if days else pattern
        form = re.sub(r"%([HI])", r"%-\1", form) if hours else form
        form = re.sub(r"^\{(\w)\}", r"{\1:02}", form) if hours else form
        same = int((write_times(read, form) == wanted).sum())
        if same > score:
            best, score = form, same
    return best
