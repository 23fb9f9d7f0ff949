"""CSV files of dated figures: a head of `# key: value` lines, a header, then the rows.

The head says what the figures are (`# unit: tokens`, `# source: ...`, `# licence: ...`). Every
complaint names the file, the line and the column, since such files are kept up by hand.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from artesian.core.errors import DataError, did_you_mean

TOKENS_PER_WORD = 4 / 3  # three words make about four tokens of a usual English tokenizer
_MULTIPLIERS = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


@dataclass(frozen=True, slots=True)
class Field:
    """One value and where it stands, so that a complaint can say so."""

    text: str
    path: Path
    line: int
    column: str

    def error(self, problem: str, hint: str) -> DataError:
        return DataError(
            f"{self.path}, line {self.line}, column {self.column!r}: {problem}", hint=hint
        )

    def number(self) -> float:
        """The value as a finite number that is not negative."""
        try:
            value = float(self.text)
        except ValueError:
            raise self.error(
                f"{self.text!r} is no number", "write it plainly, such as 1500000 or 1.5e6"
            ) from None
        if not math.isfinite(value):
            raise self.error(f"{self.text!r} is not finite", "leave the row out if it is not known")
        if value < 0:
            raise self.error(f"{self.text} is negative", "sizes and counts are 0 or more")
        return value

    def date(self, today: dt.date) -> float:
        """The value as a decimal year; `2020` and `2020-05` are read as the first day of theirs."""
        parts = self.text.split("-")
        try:
            if not len(parts[0]) == 4 or len(parts) > 3:
                raise ValueError(self.text)
            day = dt.date(*([int(part) for part in parts] + [1, 1])[:3])
        except ValueError:
            raise self.error(
                f"{self.text!r} is no date", "write YYYY, YYYY-MM or YYYY-MM-DD"
            ) from None
        if day > today:
            raise self.error(
                f"{self.text} lies after today, {today.isoformat()}",
                "correct the date, or take the row out: only what has happened is read",
            )
        return decimal_year(day)


def decimal_year(day: dt.date) -> float:
    """
    >>> decimal_year(dt.date(2023, 7, 2))
    2023.4986301369863
    """
    start = dt.date(day.year, 1, 1)
    return day.year + (day - start).days / (dt.date(day.year + 1, 1, 1) - start).days


def read_rows(path: Path, required: Iterable[str]) -> tuple[dict[str, str], list[dict[str, Field]]]:
    """The head of a file and its rows, each a cell by column; empty cells are left out.

    Raises:
        DataError: no such file, no header, a column of `required` is missing, a row is too long.
    """
    metadata: dict[str, str] = {}
    rows: list[dict[str, Field]] = []
    header: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            for values in lines:
                if not header and values and values[0].lstrip().startswith("#"):
                    key, _, value = ",".join(values).lstrip("# ").partition(":")
                    metadata[key.strip().lower()] = value.strip()
                elif not header:
                    header = [text.strip() for text in values]
                elif any(text.strip() for text in values):
                    rows.append(_row(path, lines.line_num, header, values))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(
            f"{path} cannot be read: {problem}", hint="give a CSV file in UTF-8 with a header"
        ) from problem
    for name in required:
        if name not in header:
            raise DataError(f"{path} has no column {name!r}", hint=did_you_mean(name, header))
    return metadata, rows


def _row(path: Path, line: int, header: list[str], values: list[str]) -> dict[str, Field]:
    if len(values) > len(header):
        raise DataError(
            f"{path}, line {line}: {len(values)} values for {len(header)} columns",
            hint="put values that hold a comma into double quotes",
        )
    pairs = zip(header, values, strict=False)
    return {name: Field(text.strip(), path, line, name) for name, text in pairs if text.strip()}


def conversion_factor(unit: str, target: str, location: str) -> float:
    """What a figure in `unit` is multiplied by to be in `target`.

    Counts may be in thousands to trillions; words become tokens. Nothing else is converted, since
    a guess about a unit moves a forecast by years.

    >>> conversion_factor("billion words", "tokens", "sizes.csv")
    1333333333.3333333
    """
    multiplier, _, noun = unit.lower().strip().rpartition(" ")
    if multiplier in _MULTIPLIERS and noun == target:
        return _MULTIPLIERS[multiplier]
    if multiplier in _MULTIPLIERS and (noun, target) == ("words", "tokens"):
        return _MULTIPLIERS[multiplier] * TOKENS_PER_WORD
    accepted = [target] + (["words"] if target == "tokens" else [])
    suffix = ", alone or after thousand, million, billion or trillion"
    raise DataError(
        f"{location}: figures in {unit!r} cannot be converted to {target!r}",
        hint=f"known are {' and '.join(accepted)}{suffix}; convert the figures first",
    )
