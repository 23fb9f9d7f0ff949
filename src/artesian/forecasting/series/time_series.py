"""Time series with unit, source and licence."""

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
    """Observations sorted by date.

    Attributes:
        name: Observed quantity.
        dates: Decimal years, (n,), ascending; duplicates are allowed.
        values: Observations in `unit`, (n,).
        unit: Unit of the values.
        source: Publisher and date of the data.
        licence: Licence of the data.

    Raises:
        DataError: `dates` and `values` differ in length, or `dates` is not sorted.
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
            raise DataError(f"series {self.name!r} is not sorted by date", hint="sort it by date")

    def __len__(self) -> int:
        return len(self.dates)

    def until(self, date: float) -> TimeSeries:
        """Return the observations up to `date`, inclusive."""
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
        """Return the observations that exceed all earlier ones."""
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
    """Read a CSV file with the columns `date` and `value` and the metadata line `# unit:`.

    Args:
        path: File. The metadata `# name:`, `# source:` and `# licence:` are optional.
        unit: Unit to convert the values to.
        today: Latest date allowed; the current date if None.

    Raises:
        DataError: The file, a column or the unit is missing, the unit cannot be converted, or a value
            or date is invalid. The message names file, line and column.
    """
    metadata, rows = read_rows(path, ("date", "value"))
    if "unit" not in metadata:
        raise DataError(
            f"{path} has no unit",
            hint=f"add the line '# unit: {unit}' above the header",
        )
    if not rows:
        raise DataError(f"{path} has no rows", hint="add at least one date and value")
    scale = conversion_factor(metadata["unit"], unit, str(path))
    latest = dt.date.today() if today is None else today
    dates, values = [], []
    for row in rows:
        for column in ("date", "value"):
            if column not in row:
                line = next(iter(row.values())).line
                raise DataError(
                    f"{path}, line {line}: column {column!r} is empty",
                    hint="add the value, or remove the row",
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
    """Raise if a yearly series has a missing or duplicate year.

    Args:
        dates: Years, in file order.
        lines: Line number of each year.
        path: File to name in the message.
        column: Column to name in the message.

    Raises:
        DataError: A year is missing or duplicated.
    """
    seen: dict[int, int] = {}
    for date, line in zip(dates, lines, strict=True):
        year = int(date)
        if year in seen:
            raise DataError(
                f"{path}, line {line}, column {column!r}: {year} is already in line {seen[year]}",
                hint="keep one value per year",
            )
        seen[year] = line
    missing = sorted(set(range(min(seen), max(seen))) - set(seen))
    if missing:
        raise DataError(
            f"{path}, column {column!r}: no value for {', '.join(map(str, missing[:5]))}"
            + (f" and {len(missing) - 5} more years" if len(missing) > 5 else ""),
            hint="a yearly series must be complete: add the missing years",
        )
