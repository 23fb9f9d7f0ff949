"""Read CSV files with metadata lines and report errors by file, line and column.

A file starts with optional metadata lines `# key: value` (`# unit: tokens`, `# source: ...`,
`# licence: ...`), followed by a header and the rows. Such files are edited by hand, so every error
message states where the problem is.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from artesian.core.errors import DataError, did_you_mean
from artesian.forecasting.series.bundled_data import words_per_token

_MULTIPLIERS = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


@dataclass(frozen=True, slots=True)
class Field:
    """One CSV field with its position in the file.

    Attributes:
        text: Content without surrounding whitespace.
        path: File.
        line: Line number, from 1.
        column: Column name.
    """

    text: str
    path: Path
    line: int
    column: str

    def error(self, problem: str, hint: str) -> DataError:
        """Build an error that names the file, the line and the column."""
        return DataError(
            f"{self.path}, line {self.line}, column {self.column!r}: {problem}", hint=hint
        )

    def number(self) -> float:
        """Parse the field as a finite, non-negative number.

        Raises:
            DataError: The field is not a number, not finite, or negative.
        """
        try:
            value = float(self.text)
        except ValueError:
            raise self.error(
                f"{self.text!r} is not a number", "write a plain number, such as 1500000 or 1.5e6"
            ) from None
        if not math.isfinite(value):
            raise self.error(
                f"{self.text!r} is not finite", "remove the row if the value is unknown"
            )
        if value < 0:
            raise self.error(f"{self.text} is negative", "give a value of 0 or more")
        return value

    def date(self, today: dt.date) -> float:
        """Parse the field as a decimal year; `2020` and `2020-05` mean the first day of the period.

        Args:
            today: Latest date allowed.

        Raises:
            DataError: The field is not a date, or is after `today`.
        """
        parts = self.text.split("-")
        try:
            if not len(parts[0]) == 4 or len(parts) > 3:
                raise ValueError(self.text)
            day = dt.date(*([int(part) for part in parts] + [1, 1])[:3])
        except ValueError:
            raise self.error(
                f"{self.text!r} is not a date", "write YYYY, YYYY-MM or YYYY-MM-DD"
            ) from None
        if day > today:
            raise self.error(
                f"{self.text} is after today, {today.isoformat()}",
                "correct the date, or remove the row: only past observations are used",
            )
        return decimal_year(day)


def decimal_year(day: dt.date) -> float:
    """Convert a date to a decimal year.

    >>> decimal_year(dt.date(2023, 7, 2))
    2023.4986301369863
    """
    start = dt.date(day.year, 1, 1)
    return day.year + (day - start).days / (dt.date(day.year + 1, 1, 1) - start).days


def calendar_day(year: float) -> dt.date:
    """Convert a decimal year to a date.

    >>> calendar_day(decimal_year(dt.date(2023, 7, 2)))
    datetime.date(2023, 7, 2)
    """
    start = dt.date(int(year), 1, 1)
    days = (dt.date(int(year) + 1, 1, 1) - start).days
    return start + dt.timedelta(days=round((year - int(year)) * days))


def read_rows(
    path: Path, required: Iterable[str], names: Mapping[str, Sequence[str]] | None = None
) -> tuple[dict[str, str], list[dict[str, Field]]]:
    """Read the metadata and the rows of a CSV file.

    Args:
        path: File, UTF-8, may be compressed by gzip.
        required: Columns that the header must contain.
        names: Other names of columns that are read as the given ones, in any letter case. Of several
            in one header, the first is used.

    Returns:
        Metadata by lower-case key; for each row, its non-empty fields by column.

    Raises:
        DataError: The file cannot be read, a required column is missing, or a row has more fields
            than the header.
    """
    metadata: dict[str, str] = {}
    rows: list[dict[str, Field]] = []
    header: list[str] = []
    try:
        with _open(path) as file:
            lines = csv.reader(file)
            for values in lines:
                if not header and values and values[0].lstrip().startswith("#"):
                    key, _, value = ",".join(values).lstrip("# ").partition(":")
                    metadata[key.strip().lower()] = value.strip()
                elif not header:
                    header = _renamed([text.strip() for text in values], names or {})
                elif any(text.strip() for text in values):
                    rows.append(_row(path, lines.line_num, header, values))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(
            f"{path} cannot be read: {problem}", hint="give a CSV file in UTF-8 with a header"
        ) from problem
    for name in required:
        if name not in header:
            raise DataError(f"{path} has no column {name!r}", hint=did_you_mean(name, header))
    return metadata, rows


def _renamed(header: list[str], names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a header with the known names of its columns."""
    renamed = list(header)
    by_name = {name.lower(): position for position, name in reversed(list(enumerate(header)))}
    for name, others in names.items():
        if name in header:
            continue
        for other in (name, *others):
            if other.lower() in by_name:
                renamed[by_name[other.lower()]] = name
                break
    return renamed


def _open(path: Path) -> TextIO:
    """Open a CSV file, compressed by gzip or not."""
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    if compressed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _row(path: Path, line: int, header: list[str], values: list[str]) -> dict[str, Field]:
    if len(values) > len(header):
        raise DataError(
            f"{path}, line {line}: {len(values)} values for {len(header)} columns",
            hint="quote values that contain a comma",
        )
    pairs = zip(header, values, strict=False)
    return {name: Field(text.strip(), path, line, name) for name, text in pairs if text.strip()}


def conversion_factor(unit: str, target: str, location: str) -> float:
    """Return the factor that converts figures in `unit` to `target`.

    A count may carry the prefix thousand, million, billion or trillion; words convert to tokens. Other
    units are rejected, because a wrong guess about a unit shifts a forecast by years.

    Args:
        unit: Unit of the figures, such as 'billion words'.
        target: Unit to convert to.
        location: File or field to name in the error message.

    Raises:
        DataError: `unit` cannot be converted to `target`.

    >>> conversion_factor("billion words", "tokens", "sizes.csv")
    1250000000.0
    """
    multiplier, _, noun = unit.lower().strip().rpartition(" ")
    if multiplier in _MULTIPLIERS and noun == target:
        return _MULTIPLIERS[multiplier]
    if multiplier in _MULTIPLIERS and (noun, target) == ("words", "tokens"):
        return _MULTIPLIERS[multiplier] / words_per_token()
    accepted = [target] + (["words"] if target == "tokens" else [])
    suffix = ", alone or after thousand, million, billion or trillion"
    raise DataError(
        f"{location}: figures in {unit!r} cannot be converted to {target!r}",
        hint=f"supported units are {' and '.join(accepted)}{suffix}; convert the figures first",
    )
