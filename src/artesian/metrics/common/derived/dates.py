"""Dates and times: within text, and the parts of a date that show a rhythm."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from artesian.metrics.common.arrays import Floats, floats
from artesian.metrics.common.derived.view import Feature, View

DAY = 86_400e6
"""Microseconds."""

PATTERNS = (
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"),
    *("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d/%m/%y", "%m/%d/%y"),
    *("%a, %d %b %Y", "%a %d %b %Y", "%A, %d %B %Y"),
    *("%d%m%Y", "%Y%m%d", "%m%d%Y", "%a, %d %b %Y %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%.f%:z"),
    *("%Y-%m", "%m/%Y", "%G-W%V", "%H:%M", "%H:%M:%S"),
)
"""Patterns of dates and times as text, in the notation of chrono."""

_DIGITS = {"Y": r"\d{4}", "y": r"\d{2}", "G": r"\d{4}", "f": r"\d*", "z": r"[+-]\d{4}"}
_MIN_DATES = 0.8  # minimum proportion of the real texts that are a date by one of the patterns
_FOUR_DIGITS = r"\d\D*\d\D*\d\D*\d"  # no pattern has fewer
_MIN_OF_PATTERN = 0.02  # minimum proportion by a pattern, of those that none before it parsed


def form_of(pattern: str) -> str:
    """The regular expression of texts that are written in a pattern, possible dates or not.

    >>> form_of("%d.%m.%Y")
    '\\\\d{2}\\\\.\\\\d{2}\\\\.\\\\d{4}'
    """
    out = []
    for match in re.finditer(r"%\.f|%:z|%(\w)|(.)", pattern):
        if match[0] == "%.f":
            out.append(r"(?:\.\d+)?")
        elif match[0] == "%:z":
            out.append(r"(?:Z|[+-]\d{2}:\d{2})")
        elif match[1] in ("b", "B", "a", "A"):
            out.append(r"[\p{L}]+\.?")
        elif match[1]:
            out.append(_DIGITS.get(match[1], r"\d{2}"))
        else:
            out.append(re.escape(match[2]).replace("\\ ", " ").replace("\\-", "-"))
    return "".join(out)


def parse(texts: pl.Series, pattern: str) -> Floats:
    """Microseconds since 1970 of each text written in a pattern, NaN for others. (rows,)

    A wrong weekday is no date; a week or a month is its first day; a time is on the first day.
    """
    written = texts.str.contains(f"^{form_of(pattern)}$")
    subject = texts.set(~written.fill_null(False), None)
    if pattern == "%G-W%V":
        # chrono parses no week without a weekday.
        subject, pattern = subject + "-1", "%G-W%V-%u"
    elif pattern in ("%Y-%m", "%m/%Y"):
        subject, pattern = subject + " 01", f"{pattern} %d"
    elif pattern.startswith("%H"):
        subject, pattern = "1970-01-01 " + subject, f"%Y-%m-%d {pattern}"
    zoned = pattern.endswith("z")
    parsed = subject.str.to_datetime(
        pattern, strict=False, exact=True, time_unit="us", time_zone="UTC" if zoned else None
    )
    return floats(parsed)


@dataclass(frozen=True, slots=True)
class DateTexts:
    """A text column of dates.

    Attributes:
        patterns: Patterns by precedence: a text is parsed by the first that it is a date in.
    """

    name: str
    patterns: tuple[str, ...]

    @classmethod
    def from_real(cls, name: str, texts: pl.Series) -> Self | None:
        """Learn the patterns of the real values, (rows,); None if too few are dates."""
        present = texts.drop_nulls()
        present = present.gather_every(max(len(present) // 1_000, 1))
        if not len(present) or present.str.contains(_FOUR_DIGITS).mean() < _MIN_DATES:  # type: ignore[operator]
            return None
        proportions = {}
        for pattern in PATTERNS:
            # The form is cheap to check and rules out most patterns.
            if present.str.contains(f"^{form_of(pattern)}$").any():
                proportions[pattern] = float((~np.isnan(parse(present, pattern))).mean())
        chosen: list[str] = []
        left = np.ones(len(present), bool)
        for pattern in sorted(proportions, key=lambda each: -proportions[each]):
            parsed = ~np.isnan(parse(present, pattern)) & left
            if parsed.mean() >= _MIN_OF_PATTERN:
                chosen.append(pattern)
                left &= ~parsed
        return cls(name, tuple(chosen)) if 1 - left.mean() >= _MIN_DATES else None

    @property
    def times(self) -> bool:
        """Whether the texts are times of the day without a date."""
        return all(pattern.startswith("%H") for pattern in self.patterns)

    def parse(self, texts: pl.Series) -> Floats:
        """Microseconds since 1970 of each text, NaN if it is no date. (rows,)"""
        values = np.full(len(texts), np.nan)
        for pattern in self.patterns:
            values = np.where(np.isnan(values), parse(texts, pattern), values)
        return values

    def impossible(self, texts: pl.Series) -> Floats:
        """Whether a text is written as a date, and is none: 1, 0, or NaN where missing. (rows,)"""
        written = np.zeros(len(texts), bool)
        for pattern in self.patterns:
            form = texts.str.contains(f"^{form_of(pattern)}$").fill_null(False)
            written |= form.to_numpy()
        wrong = written & np.isnan(self.parse(texts))
        return np.where(texts.is_null().to_numpy(), np.nan, wrong.astype(np.float64))

    def instants(self, view: View) -> Floats:
        """Microseconds since 1970 of each row. (rows,)"""
        return view.shared(("dates", self.name), lambda: self.parse(view.texts(self.name)))

    def features(self) -> list[Feature]:
        """Whether a text is an impossible date."""
        return [
            Feature(
                "impossible dates",
                (self.name,),
                lambda view: self.impossible(view.texts(self.name)),
            )
        ]


def date_parts(name: str, instants: Callable[[View], Floats]) -> list[Feature]:
    """The parts of a date that show a rhythm: month, day, weekday, hour, minute and second."""

    def part(label: str, of: Callable[[Floats], Floats]) -> Feature:
        return Feature(label, (name,), lambda view: of(instants(view)))

    return [
        part("year", lambda t: _calendar(t, "Y").astype(np.float64) + 1970),
        part("month", lambda t: _calendar(t, "M") % 12 + 1),
        part("day of the month", _day_of_month),
        part("day of the week", lambda t: (np.floor(t / DAY) + 3) % 7),
        part("hour", lambda t: np.floor(t / 3_600e6) % 24),
        part("minute", lambda t: np.floor(t / 60e6) % 60),
        part("second", lambda t: np.floor(t / 1e6) % 60),
    ]


def utc_offset(name: str) -> Feature:
    """Minutes from UTC to the local time that a value is written in, 0 without a zone."""

    def minutes(view: View) -> Floats:
        series = view.frame[name]
        if getattr(series.dtype, "time_zone", None) is None:
            return np.where(series.is_null().to_numpy(), np.nan, 0.0)
        offset = series.dt.base_utc_offset() + series.dt.dst_offset()
        return offset.dt.total_minutes().cast(pl.Float64).fill_null(np.nan).to_numpy()

    return Feature("offset from UTC", (name,), minutes)


def _calendar(instants: Floats, unit: str) -> Floats:
    """Years or months since 1970, NaN where missing."""
    moments = _moments(instants)
    values = moments.astype(f"datetime64[{unit}]").astype(np.int64).astype(np.float64)
    return np.where(np.isnat(moments), np.nan, values)


def _day_of_month(instants: Floats) -> Floats:
    moments = _moments(instants)
    days = moments.astype("datetime64[D]") - moments.astype("datetime64[M]")
    return np.where(np.isnat(moments), np.nan, days.astype(np.int64) + 1.0)


def _moments(instants: Floats) -> np.ndarray:
    """The instants as datetimes, not-a-time where missing."""
    present = np.isfinite(instants) & (np.abs(instants) < 9e18)
    moments = np.where(present, instants, 0).astype(np.int64).astype("datetime64[us]")
    moments[~present] = np.datetime64("NaT")
    return moments
