"""Newer files in the place of the shipped series, told apart by their columns.

What can be replaced: the table of language models (Epoch AI's form), or the sizes of training sets
alone (`date`, `value`, with a line `# unit: tokens` above); the population of the world (`year`,
`pop_hist`, `pop_future`); the shares of languages (`code`, `language`, `fraction`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from artesian.core.errors import DataError
from artesian.forecasting.series.bundled_data import YearlySeries
from artesian.forecasting.series.csv_file import Field, read_rows
from artesian.forecasting.series.language_models import LanguageModels, read_language_models
from artesian.forecasting.series.time_series import check_years, read_series

FIRST_YEAR, LAST_YEAR = 1950, 2100
"""Years that a population has to reach from and to."""


@dataclass(frozen=True, slots=True, eq=False)
class ForecastData:
    """What the forecast is computed from; None stands for what is shipped.

    Attributes:
        models: Training sets and compute of language models.
        population: Years without gap, and people.
        languages: Share of the web's pages by code and by name, in small letters.
    """

    models: LanguageModels
    population: YearlySeries | None = None
    languages: Mapping[str, float] | None = None


def read_data(paths: Sequence[Path] = (), *, today: dt.date | None = None) -> ForecastData:
    """The shipped series, with those of `paths` in their place.

    Args:
        paths: CSV files; a later one of the same form counts.
        today: No model may be dated after it; the day of the call if not given.

    Raises:
        DataError: naming file, line and column.
    """
    data = ForecastData(read_language_models(today=today))
    for path in paths:
        columns = _columns(path)
        if {"year", "pop_hist", "pop_future"} <= columns:
            data = replace(data, population=_population(path))
        elif {"date", "value"} <= columns:
            sizes = read_series(path, unit="tokens", today=today)
            data = replace(data, models=replace(data.models, sizes=sizes))
        elif {"language", "fraction"} <= columns:
            data = replace(data, languages=_languages(path))
        else:
            data = replace(data, models=read_language_models(path, today=today))
    return data


def _columns(path: Path) -> set[str]:
    _, rows = read_rows(path, ())
    return {name for row in rows[:200] for name in row}


def _population(path: Path) -> YearlySeries:
    _, rows = read_rows(path, ("year", "pop_hist", "pop_future"))
    years, people, lines = [], [], []
    for row in rows:
        field = row.get("pop_hist", row.get("pop_future"))
        if "year" not in row or field is None:
            line = next(iter(row.values())).line
            raise DataError(
                f"{path}, line {line}: no year, or no people in it",
                hint="fill in year, and pop_hist or pop_future",
            )
        years.append(row["year"].number())
        people.append(field.number())
        lines.append(row["year"].line)
    check_years(years, lines, path, "year")
    if min(years) > FIRST_YEAR or max(years) < LAST_YEAR:
        raise DataError(
            f"{path} reaches from {min(years):g} to {max(years):g}",
            hint=f"a population from {FIRST_YEAR} to {LAST_YEAR} is needed",
        )
    order = np.argsort(years)
    return np.array(years)[order], np.array(people)[order]


def _languages(path: Path) -> dict[str, float]:
    _, rows = read_rows(path, ("language", "fraction"))
    fractions: dict[str, float] = {}
    for row in rows:
        fraction = _fraction(row, path)
        for column in ("code", "language"):
            if column not in row:
                continue
            name = row[column].text.lower()
            if name in fractions and fractions[name] != fraction:
                raise row[column].error(f"{name!r} stands there twice", "keep one of them")
            fractions[name] = fraction
    return fractions


def _fraction(row: Mapping[str, Field], path: Path) -> float:
    if "fraction" not in row:
        line = next(iter(row.values())).line
        raise DataError(f"{path}, line {line}: column 'fraction' is empty", hint="fill it in")
    fraction = row["fraction"].number()
    if fraction > 1:
        raise row["fraction"].error(f"{fraction:g} is no share", "write 5 % as 0.05")
    return fraction
