"""Dates and times written as text: which pattern, and reading them by it.

Patterns are those of `strftime` as polars (chrono) takes them; '%-d' is a day without leading zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

import polars as pl

_DATE = (
    r"(?P<iso>\d{4}(?P<is>[-/.])\d{1,2}(?P=is)\d{1,2})"
    r"|(?P<num>\d{1,2}(?P<ns>[-/.])\d{1,2}(?P=ns)(?:\d{4}|\d{2}))"
    r"|(?P<dmon>\d{1,2}(?P<ds>[- ])[A-Za-z]{3,9}\.?(?P=ds)(?:\d{4}|\d{2}))"
    r"|(?P<mond>[A-Za-z]{3,9} \d{1,2}, \d{4})"
    r"|(?P<packed>(?:19|20)\d{6})"
)
_TIME = r"(?P<hm>\d{1,2}:\d{2})(?P<s>:\d{2})?(?P<f>\.\d{1,9})?(?P<ap> ?[AaPp][Mm])?"
_ZONE = r"(?P<zone>Z| ?[+-]\d{2}:?\d{2}| UTC| GMT)?"
_WHOLE = re.compile(
    rf"(?:(?:{_DATE})(?:(?P<sep>[T ]|, ){_TIME}{_ZONE})?|(?P<only>{_TIME.replace('?P<', '?P<o')}))"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE_NAME = re.compile(r"(?i)(date|day|dob|birth|time|when|dt\b|_at$|_on$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDatetimes:
    """A column of times, read.

    Attributes:
        series: Date, Time or Datetime; null where the pattern did not fit.
        pattern: Writes the values as they stood.
        said: What was settled, for the evidence.
    """

    series: pl.Series
    pattern: str
    said: str


def parse_datetimes(raw: pl.Series, sample: list[str], name: str) -> ParsedDatetimes | None:
    """Read `raw` as dates or times if nearly all of `sample` look like them, else None."""
    found = [m for m in map(_WHOLE.fullmatch, sample) if m]
    if not found or len(found) < 0.95 * len(sample):
        return None
    if any(m["packed"] for m in found) and not _DATE_NAME.search(name):
        return None  # eight digits are a date only where the name says so
    patterns = _patterns(found)
    if not patterns:
        return None
    stripped = raw.str.strip_chars()
    read = [(p, series) for p in patterns if (series := parse(stripped, p)) is not None]
    if not read:
        return None
    most = max(series.count() for _, series in read)
    fit = [(p, series) for p, series in read if series.count() == most]
    if not most:
        return None
    pattern, series = fit[0]
    said = f"times like {pattern}"
    if len(fit) > 1:
        said += " (day and month could be swapped: nothing in the data tells)"
    series, zone = _zoned(series, found)
    return ParsedDatetimes(series=series, pattern=_written(pattern, zone, sample, found), said=said)


def parse(text: pl.Series, pattern: str) -> pl.Series | None:
    """Read `text` by `pattern`; null where it does not fit, None if it is no pattern.

    A pattern with a zone gives UTC.
    """
    lenient = re.sub(r"%\.?[369]f|%\.f", "%.f", pattern)
    lenient = re.sub(r"%-?([dmHIyMS])", r"%\1", lenient)
    lenient = re.sub(r"%:?z|Z$", "%#z", lenient)
    try:
        if not re.search(r"%-?[YyFs]", lenient):
            return text.str.to_time(lenient, strict=False)
        if re.search(r"%-?[HIsTRM]", lenient):
            return text.str.to_datetime(lenient, strict=False, time_unit="us")
        return text.str.to_date(lenient, strict=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None


def _patterns(found: list[re.Match[str]]) -> list[str]:
    """Patterns that may fit all matches, the likelier first."""
    first = found[0]
    fraction = any(m["f"] or m["of"] for m in found)
    if first["only"]:
        return [_time(first, "o", fraction)]
    tail = ""
    timed = next((m for m in found if m["hm"]), None)
    if timed is not None:
        zone = {"Z": "%#z", " UTC": " UTC", " GMT": " GMT", None: ""}.get(timed["zone"], "%#z")
        space = " " if (timed["zone"] or "").startswith((" +", " -")) else ""
        tail = timed["sep"] + _time(timed, "", fraction) + space + zone
    return [date + tail for date in _dates(first, found)]


def _dates(first: re.Match[str], found: list[re.Match[str]]) -> list[str]:
    if first["iso"]:
        return [first["is"].join(("%Y", "%m", "%d"))]
    if first["packed"]:
        return ["%Y%m%d"]
    if first["mond"]:
        return ["%b %d, %Y" if _short_month(found, "mond") else "%B %d, %Y"]
    if first["dmon"]:
        month = "%b" if _short_month(found, "dmon") else "%B"
        year = "%Y" if re.search(r"\d{4}$", first["dmon"]) else "%y"
        return [first["ds"].join(("%d", month, year))]
    separator = first["ns"]
    long = re.search(r"\d{4}$", first["num"])
    # Version numbers look like 1.2.33 too; a date of that form has two digits everywhere.
    even = all(m["num"] and re.fullmatch(r"\d\d\.\d\d\.\d\d", m["num"]) for m in found)
    if not long and separator == "." and not even:
        return []
    year = "%Y" if long else "%y"
    orders = [("%m", "%d", year), ("%d", "%m", year)]
    if separator != "/":
        orders.reverse()  # points and dashes are European, slashes mostly American
    return [separator.join(order) for order in orders]


def _short_month(found: list[re.Match[str]], group: str) -> bool:
    words = [re.sub(r"[^A-Za-z]", "", m[group] or "").lower() for m in found]
    return any(w in _MONTHS and w != "may" for w in words) or all(w == "may" for w in words if w)


def _time(match: re.Match[str], prefix: str, fraction: bool) -> str:
    half = match[f"{prefix}ap"] or ""
    pattern = ("%I" if half else "%H") + ":%M" + (":%S" if match[f"{prefix}s"] else "")
    if fraction and match[f"{prefix}s"]:
        pattern += "%.f"
    if half:
        pattern += " " * half.count(" ") + ("%P" if half.strip().islower() else "%p")
    return pattern


def _zoned(series: pl.Series, found: list[re.Match[str]]) -> tuple[pl.Series, str]:
    """Values in the zone they were written in, where that is one; and how the zone stood."""
    zones = {m["zone"].strip() for m in found if m["zone"]}
    if not isinstance(series.dtype, pl.Datetime):
        return series, ""
    if series.dtype.time_zone is None:
        return (series.dt.replace_time_zone("UTC") if zones else series), ""
    if zones == {"Z"}:
        return series, "Z"
    zone = "%:z" if any(":" in z for z in zones) else "%z"
    whole = re.fullmatch(r"([+-])(\d\d):?00", next(iter(zones))) if len(zones) == 1 else None
    if whole and 0 < int(whole[2]) <= 12:
        # The names of fixed zones count westward, so their sign is the other way round.
        sign = "-" if whole[1] == "+" else "+"
        series = series.dt.convert_time_zone(f"Etc/GMT{sign}{int(whole[2])}")
    return series, zone


def _written(pattern: str, zone: str, sample: list[str], found: list[re.Match[str]]) -> str:
    """The pattern in the form that writes the sample's own spelling."""
    digits = {len(f) - 1 for m in found if (f := m["f"] or m["of"])}
    bare = any(not (m["f"] or m["of"]) for m in found)
    if "%.f" in pattern:
        size = next(iter(digits)) if len(digits) == 1 and not bare else 0
        pattern = pattern.replace("%.f", f"%.{size}f" if size in (3, 6, 9) else "%.f")
    if zone:
        return pattern.replace("%#z", zone)
    shown = [m.string for m in found]
    wanted = pl.Series(shown)
    read = parse(wanted, pattern)
    if read is None:
        return pattern
    best, score = pattern, -1
    for days, hours in product((False, True), repeat=2):
        form = re.sub(r"%([dm])", r"%-\1", pattern) if days else pattern
        form = re.sub(r"%([HI])", r"%-\1", form) if hours else form
        same = int((read.dt.strftime(form) == wanted).sum())
        if same > score:
            best, score = form, same
    return best
