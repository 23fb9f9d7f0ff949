"""Dates, times and durations to the text of a pattern, and back.

Patterns are those of `strftime` as polars (chrono) accepts them; '%-d' is a day without leading zero,
'%q' the quarter and '%EY' the year of a Japanese era. A pattern of a duration has the units in braces,
of which the first one has no upper limit: 'PT{h}H{m}M', '{h}:{m:02}:{s:02}'; 'iso' is the shortest form
of ISO 8601, 'iso hours' the one without days.

>>> spans = read_durations(pl.Series(["PT6H27M", "PT0H5M"]), "PT{h}H{m}M")
>>> spans.dt.total_minutes().to_list()
[387, 5]
>>> write_times(spans, "{h}:{m:02}").to_list()
['6:27', '0:05']
"""

from __future__ import annotations

import datetime
import re

import polars as pl

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""Seconds of the units of a duration."""

ISO_HOURS = "iso hours"

EPOCH, EPOCH_MS = "%s", "%s%3f"
"""Seconds and milliseconds since 1970."""

ERAS = {
    "明治": datetime.date(1868, 1, 25),
    "大正": datetime.date(1912, 7, 30),
    "昭和": datetime.date(1926, 12, 25),
    "平成": datetime.date(1989, 1, 8),
    "令和": datetime.date(2019, 5, 1),
}
"""Japanese eras with their first days; the year of that day is year 1."""

_UNIT = re.compile(r"\{([dhms])(:02)?\}")
_ISO = r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$"


def write_times(series: pl.Series, pattern: str) -> pl.Series:
    """Times or durations as text; missing values stay null."""
    if series.dtype != pl.Duration:
        before, era, after = pattern.partition("%EY")
        if era:
            return (
                series.dt.strftime(before) + _era_years(series) + series.dt.strftime(after)
            ).alias(series.name)
        return series.dt.strftime(pattern)
    if pattern == "iso":
        return series.dt.to_string("iso")
    if pattern == ISO_HOURS:
        return _iso_hours(series)
    names = [unit for unit, _ in _UNIT.findall(pattern)]
    rest = series.dt.total_seconds()
    counts = {}
    for unit in names:
        counts[unit], rest = rest // UNITS[unit], rest % UNITS[unit]
    out = pl.repeat("", len(series), eager=True, dtype=pl.String)
    end = 0
    for match in _UNIT.finditer(pattern):
        digits = counts[match[1]].cast(pl.String)
        out = out + pattern[end : match.start()] + (digits.str.zfill(2) if match[2] else digits)
        end = match.end()
    return (out + pattern[end:]).alias(series.name)


def read_times(text: pl.Series, pattern: str) -> pl.Series | None:
    """Parse `text` by `pattern`; null where it does not match, None for an invalid pattern.

    With a zone in the pattern, the result is in UTC. Months, quarters and weeks are their first day.
    """
    if pattern.startswith("iso") or _UNIT.search(pattern):
        return read_durations(text, pattern)
    if pattern in (EPOCH, EPOCH_MS):
        counts = text.str.extract(r"^([0-9]{1,15})$").cast(pl.Int64)
        return (counts * (1_000_000 if pattern == EPOCH else 1_000)).cast(pl.Datetime("us"))
    if "%EY" in pattern:
        text, pattern = _without_eras(text), pattern.replace("%EY", "%Y")
    lenient = re.sub(r"%\.?[369]f|%\.f", "%.f", pattern)
    lenient = re.sub(r"%-?([dmHIyMS])", r"%\1", lenient)
    lenient = re.sub(r"%:?z|Z$", "%#z", lenient)
    try:
        if "%q" in lenient:
            return _quarters(text, lenient)
        if not re.search(r"%[YyGFs]", lenient):
            return text.str.to_time(lenient, strict=False)
        text, lenient = _first_day(text, lenient)
        if re.search(r"%[HIsTRM]", lenient):
            return text.str.to_datetime(lenient, strict=False, time_unit="us")
        return text.str.to_date(lenient, strict=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None


def read_durations(text: pl.Series, pattern: str) -> pl.Series:
    """Parse durations; null where the text does not match the pattern."""
    if pattern.startswith("iso"):
        expression, names = _ISO, list(UNITS)
    else:
        expression, names, end = "^", [], 0
        for match in _UNIT.finditer(pattern):
            digits = r"\d{2}" if match[2] else r"\d+"
            expression += re.escape(pattern[end : match.start()]) + f"({digits})"
            names.append(match[1])
            end = match.end()
        expression += re.escape(pattern[end:]) + "$"
    groups = text.str.extract_groups(expression)
    matched = groups.struct.field(groups.struct.fields[0]).is_not_null()
    total = pl.zeros(len(text), dtype=pl.Float64, eager=True)
    for unit, group in zip(names, groups.struct.fields, strict=True):
        part = groups.struct.field(group)
        matched = matched | part.is_not_null()
        total = total + part.cast(pl.Float64, strict=False).fill_null(0) * UNITS[unit]
    microseconds = (total * 1e6).round().cast(pl.Int64)
    return microseconds.set(~matched, None).cast(pl.Duration("us")).alias(text.name)


def _era_years(days: pl.Series) -> pl.Series:
    """The era of each day with its year, such as 令和3."""
    year, day = days.dt.year(), days.dt.date() if days.dtype != pl.Date else days
    out = days.dt.strftime("%Y")
    for name, start in ERAS.items():
        out = (name + (year - start.year + 1).cast(pl.String)).zip_with(
            (day >= start).fill_null(False), out
        )
    return out.set(days.is_null(), None)


def _without_eras(text: pl.Series) -> pl.Series:
    """Texts with years of the Gregorian calendar in place of those of eras."""
    for name, start in ERAS.items():
        parts = text.str.extract_groups(rf"^(.*?){name}(\d+|元)(.*)$").struct.unnest()
        before, number, after = parts.get_columns()
        years = number.cast(pl.Int64, strict=False).fill_null(1) + start.year - 1
        matched = number.is_not_null()
        text = (before + years.cast(pl.String) + after).zip_with(matched, text).alias(text.name)
    return text


def _iso_hours(series: pl.Series) -> pl.Series:
    """The shortest form of ISO 8601 with hours beyond a day, such as PT30H9M."""
    days, rest = series.dt.total_days(), series.dt.total_microseconds() % 86_400_000_000
    below = rest.cast(pl.Duration("us")).dt.to_string("iso")
    hours = (days * 24 + rest // 3_600_000_000).cast(pl.String)
    tail = below.str.replace(r"^PT(\d+H)?", "").str.replace("^0S$", "")
    return (
        ("PT" + hours + "H" + tail).zip_with((days > 0).fill_null(False), below).alias(series.name)
    )


def _first_day(text: pl.Series, pattern: str) -> tuple[pl.Series, str]:
    """Texts and pattern with the day that months and weeks lack."""
    if "%V" in pattern and not re.search("%[ua]", pattern):
        return text + " 1", pattern + " %u"
    if re.search("%[mbB]", pattern) and not re.search("%[dej]", pattern):
        return text + " 01", pattern + " %d"
    return text, pattern


def _quarters(text: pl.Series, pattern: str) -> pl.Series:
    expression = re.escape(pattern).replace("%Y", r"(?P<y>\d{4})").replace("%q", "(?P<q>[1-4])")
    parts = text.str.extract_groups(f"^{expression}$").struct.unnest()
    month = (pl.col("q").cast(pl.Int32) - 1) * 3 + 1
    return parts.select(pl.date(pl.col("y").cast(pl.Int32), month, 1)).to_series().alias(text.name)
