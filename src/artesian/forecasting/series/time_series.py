"""A dated series: what was measured when, in which unit, from where, under which licence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.forecasting.series.csv_file import conversion_factor, read_rows

BUNDLED_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, eq=False)
class TimeSeries:
    """Figures in order of time.

    Attributes:
        name: What was measured.
        dates: Decimal years, (n,) float64, ascending; a date may occur more than once.
        values: (n,) float64, in `unit`.
        unit: Of the values.
        source: Who published them, and as of when.
        licence: Under which they may be passed on.
    """

    name: str
    dates: NDArray[np.float64]
    values: NDArray[np.float64]
    unit: str
    source: str
    licence: str

    def __post_init__(self) -> None:
        if self.dates.ndim != 1 or self.dates.shape != self.values.shape:
            raise DataError(
                f"series {self.name!r}: {self.dates.shape} dates for {self.values.shape} values",
                hint="give one value for each date",
            )
        if np.any(np.diff(self.dates) < 0):
            raise DataError(f"series {self.name!r} is not in order of time", hint="sort it by date")

    def __len__(self) -> int:
        return len(self.dates)

    def until(self, date: float) -> TimeSeries:
        """The part that was published up to `date`, inclusive."""
        selected = self.dates <= date
        return TimeSeries(
            self.name,
            self.dates[selected],
            self.values[selected],
            self.unit,
            self.source,
            self.licence,
        )

    def records(self) -> TimeSeries:
        """The values that were larger than all before them."""
        previous = np.concatenate([[-np.inf], np.maximum.accumulate(self.values)[:-1]])
        is_record = self.values > previous[: len(self.values)]
        return TimeSeries(
            self.name,
            self.dates[is_record],
            self.values[is_record],
            self.unit,
            self.source,
            self.licence,
        )


def read_series(path: Path, *, unit: str, today: dt.date | None = None) -> TimeSeries:
    """Read a CSV file with the columns `date` and `value` and a head that gives `# unit:`.

    Args:
        path: The file; `# name:`, `# source:` and `# licence:` in its head are taken over.
        unit: Values are converted to it where that is known (words to tokens, billions to ones).
        today: No date may lie after it; the day of the call if not given.

    Raises:
        DataError: naming file, line and column: no such file or column, no unit or another one,
            a value that is no number or negative, a date in the future.
    """
    metadata, rows = read_rows(path, ("date", "value"))
    if "unit" not in metadata:
        raise DataError(
            f"{path} does not say in which unit it is",
            hint=f"put a line '# unit: {unit}' above the header",
        )
    if not rows:
        raise DataError(f"{path} has no rows", hint="give at least one date and value")
    scale = conversion_factor(metadata["unit"], unit, str(path))
    latest = dt.date.today() if today is None else today
    dates, values = [], []
    for row in rows:
        for column in ("date", "value"):
            if column not in row:
                line = next(iter(row.values())).line
                raise DataError(
                    f"{path}, line {line}: column {column!r} is empty",
                    hint="fill it in or take the line out",
                )
        dates.append(row["date"].date(latest))
        values.append(row["value"].number() * scale)
    order = np.argsort(dates, kind="stable")
    return TimeSeries(
        metadata.get("name", path.stem),
        np.array(dates)[order],
        np.array(values)[order],
        unit,
        metadata.get("source", str(path)),
        metadata.get("licence", "not stated"),
    )


def check_years(dates: Sequence[float], lines: Sequence[int], path: Path, column: str) -> None:
    """Refuse a yearly series with a year that is missing or occurs twice."""
    seen: dict[int, int] = {}
    for date, line in zip(dates, lines, strict=True):
        year = int(date)
        if year in seen:
            raise DataError(
                f"{path}, line {line}, column {column!r}: {year} stands in line {seen[year]} already",
                hint="keep one value for each year",
            )
        seen[year] = line
    missing = sorted(set(range(min(seen), max(seen))) - set(seen))
    if missing:
        raise DataError(
            f"{path}, column {column!r}: no value for {', '.join(map(str, missing[:5]))}"
            + (f" and {len(missing) - 5} more years" if len(missing) > 5 else ""),
            hint="a yearly series has no gaps: fill the years in",
        )
