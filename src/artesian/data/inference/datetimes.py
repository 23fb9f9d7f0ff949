"""Parse dates and times written as text, and infer their pattern.

Patterns are those of `strftime` as polars (chrono) accepts them; '%-d' is a day without leading zero.
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
    """A parsed column of dates or times.

    Attributes:
        series: Date, Time or Datetime; null where the pattern did not fit.
        pattern: The pattern that reproduces the text of the values.
        evidence: The pattern in words, for the evidence of the column's kind.
    """

    series: pl.Series
    pattern: str
    evidence: str


def parse_datetimes(raw: pl.Series, sample: list[str], name: str) -> ParsedDatetimes | None:
    """Parse `raw` as dates or times if nearly all of `sample` look like them, else None."""
    matches = [m for m in map(_WHOLE.fullmatch, sample) if m]
    if not matches or len(matches) < 0.95 * len(sample):
        return None
    if any(m["packed"] for m in matches) and not _DATE_NAME.search(name):
        return None  # eight digits are a date only where the name says so
    patterns = _patterns(matches)
    if not patterns:
        return None
    stripped = raw.str.strip_chars()
    read = [(p, series) for p in patterns if (series := parse(stripped, p)) is not None]
    if not read:
        return None
    max_count = max(series.count() for _, series in read)
    fit = [(p, series) for p, series in read if series.count() == max_count]
    if not max_count:
        return None
    pattern, series = fit[0]
    evidence = f"times like {pattern}"
    if len(fit) > 1:
        evidence += " (day and month may be swapped: the data are ambiguous)"
    series, zone = _zoned(series, matches)
    return ParsedDatetimes(
        series=series, pattern=_written(pattern, zone, sample, matches), evidence=evidence
    )


def parse(text: pl.Series, pattern: str) -> pl.Series | None:
    """Parse `text` by `pattern`; null where it does not match, None for an invalid pattern.

    With a zone in the pattern, the result is in UTC.
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


def _patterns(matches: list[re.Match[str]]) -> list[str]:
    """Patterns that may match all texts, the likelier first."""
    first = matches[0]
    fraction = any(m["f"] or m["of"] for m in matches)
    if first["only"]:
        return [_time(first, "o", fraction)]
    tail = ""
    timed = next((m for m in matches if m["hm"]), None)
    if timed is not None:
        zone = {"Z": "%#z", " UTC": " UTC", " GMT": " GMT", None: ""}.get(timed["zone"], "%#z")
        space = " " if (timed["zone"] or "").startswith((" +", " -")) else ""
        tail = timed["sep"] + _time(timed, "", fraction) + space + zone
    return [date + tail for date in _dates(first, matches)]


def _dates(first: re.Match[str], matches: list[re.Match[str]]) -> list[str]:
    if first["iso"]:
        return [first["is"].join(("%Y", "%m", "%d"))]
    if first["packed"]:
        return ["%Y%m%d"]
    if first["mond"]:
        return ["%b %d, %Y" if _short_month(matches, "mond") else "%B %d, %Y"]
    if first["dmon"]:
        month = "%b" if _short_month(matches, "dmon") else "%B"
        year = "%Y" if re.search(r"\d{4}$", first["dmon"]) else "%y"
        return [first["ds"].join(("%d", month, year))]
    separator = first["ns"]
    long = re.search(r"\d{4}$", first["num"])
    # Version numbers look like 1.2.33 too; dates of that form have two digits in each part.
    even = all(m["num"] and re.fullmatch(r"\d\d\.\d\d\.\d\d", m["num"]) for m in matches)
    if not long and separator == "." and not even:
        return []
    year = "%Y" if long else "%y"
    orders = [("%m", "%d", year), ("%d", "%m", year)]
    if separator != "/":
        orders.reverse()  # dots and dashes are European, slashes mostly American
    return [separator.join(order) for order in orders]


def _short_month(matches: list[re.Match[str]], group: str) -> bool:
    months = [re.sub(r"[^A-Za-z]", "", m[group] or "").lower() for m in matches]
    return any(w in _MONTHS and w != "may" for w in months) or all(w == "may" for w in months if w)


def _time(match: re.Match[str], prefix: str, fraction: bool) -> str:
    half = match[f"{prefix}ap"] or ""
    pattern = ("%I" if half else "%H") + ":%M" + (":%S" if match[f"{prefix}s"] else "")
    if fraction and match[f"{prefix}s"]:
        pattern += "%.f"
    if half:
        pattern += " " * half.count(" ") + ("%P" if half.strip().islower() else "%p")
    return pattern


def _zoned(series: pl.Series, matches: list[re.Match[str]]) -> tuple[pl.Series, str]:
    """Values in the zone they were written in, if it is a single one; and the pattern of the zone."""
    zones = {m["zone"].strip() for m in matches if m["zone"]}
    if not isinstance(series.dtype, pl.Datetime):
        return series, ""
    if series.dtype.time_zone is None:
        return (series.dt.replace_time_zone("UTC") if zones else series), ""
    if zones == {"Z"}:
        return series, "Z"
    zone = "%:z" if any(":" in z for z in zones) else "%z"
    whole = re.fullmatch(r"([+-])(\d\d):?00", next(iter(zones))) if len(zones) == 1 else None
    if whole and 0 < int(whole[2]) <= 12:
        # The names of fixed zones count westward, so their sign is reversed.
        sign = "-" if whole[1] == "+" else "+"
        series = series.dt.convert_time_zone(f"Etc/GMT{sign}{int(whole[2])}")
    return series, zone


def _written(pattern: str, zone: str, sample: list[str], matches: list[re.Match[str]]) -> str:
    """The variant of the pattern that reproduces the sample exactly."""
    digits = {len(f) - 1 for m in matches if (f := m["f"] or m["of"])}
    bare = any(not (m["f"] or m["of"]) for m in matches)
    if "%.f" in pattern:
        size = next(iter(digits)) if len(digits) == 1 and not bare else 0
        pattern = pattern.replace("%.f", f"%.{size}f" if size in (3, 6, 9) else "%.f")
    if zone:
        return pattern.replace("%#z", zone)
    shown = [m.string for m in matches]
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
