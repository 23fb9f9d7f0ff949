"""Replace bundled data series by files of the user, recognised by their columns.

Supported are a table of language models (format of Epoch AI's database), training-set sizes (`date`,
`value`, with a metadata line `# unit: tokens`), world population (`year`, `pop_hist`, `pop_future`) and
web pages by language (`code`, `language`, `fraction`).
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
"""First and last year that a population series must contain."""

POPULATION, LANGUAGES = "the world population", "web pages by language"
SIZES = "training-set sizes"
"""What a file contains; a table of models contains sizes too."""


@dataclass(frozen=True, slots=True, eq=False)
class ForecastData:
    """Data series of a forecast; None means the bundled series.

    Attributes:
        models: Training sets and training compute of language models.
        population: World population by year.
        languages: Fraction of web pages by lower-case language code and name.
    """

    models: LanguageModels
    population: YearlySeries | None = None
    languages: Mapping[str, float] | None = None


def read_data(paths: Sequence[Path] = (), *, today: dt.date | None = None) -> ForecastData:
    """Read data series, using the files of `paths` instead of the bundled ones.

    Args:
        paths: CSV files, of each kind at most one.
        today: Latest date allowed; the current date if None.

    Raises:
        DataError: A file is invalid; the message names file, line and column. Or two files contain
            the same series.
    """
    data = ForecastData(read_language_models(today=today))
    kinds: dict[str, Path] = {}
    for path in paths:
        kind = _kind(path)
        if kind in kinds:
            raise DataError(
                f"{kinds[kind]} and {path} both contain {kind}", hint="give one file of each kind"
            )
        kinds[kind] = path
        if kind == POPULATION:
            data = replace(data, population=_population(path))
        elif kind == LANGUAGES:
            data = replace(data, languages=_languages(path))
        elif {"date", "value"} <= _columns(path):
            sizes = read_series(path, unit="tokens", today=today)
            data = replace(data, models=replace(data.models, sizes=sizes))
        else:
            data = replace(data, models=read_language_models(path, today=today))
    return data


def _kind(path: Path) -> str:
    columns = _columns(path)
    if {"year", "pop_hist", "pop_future"} <= columns:
        return POPULATION
    if {"date", "value"} <= columns:
        return SIZES
    return LANGUAGES if {"language", "fraction"} <= columns else SIZES


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
                f"{path}, line {line}: the year or the population is missing",
                hint="give year, and pop_hist or pop_future",
            )
        years.append(row["year"].number())
        people.append(field.number())
        lines.append(row["year"].line)
    check_years(years, lines, path, "year")
    if min(years) > FIRST_YEAR or max(years) < LAST_YEAR:
        raise DataError(
            f"{path} covers {min(years):g} to {max(years):g}",
            hint=f"give the population of {FIRST_YEAR} to {LAST_YEAR}",
        )
    order = np.argsort(years)
    return np.array(years)[order], np.array(people)[order]


def _languages(path: Path) -> dict[str, float]:
    _, rows = read_rows(path, ("language", "fraction"))
    fractions: dict[str, float] = {}
    by_row: dict[str, float] = {}
    for row in rows:
        fraction = _fraction(row, path)
        by_row[row.get("code", row.get("language", next(iter(row.values())))).text.lower()] = (
            fraction
        )
        for column in ("code", "language"):
            if column not in row:
                continue
            name = row[column].text.lower()
            if name in fractions and fractions[name] != fraction:
                raise row[column].error(f"{name!r} has two different fractions", "keep one")
            fractions[name] = fraction
    if sum(by_row.values()) > 1 + 1e-6:
        raise DataError(
            f"{path}, column 'fraction': the fractions sum to {sum(by_row.values()):g}",
            hint="fractions of all web pages sum to at most 1",
        )
    return fractions


def _fraction(row: Mapping[str, Field], path: Path) -> float:
    if "fraction" not in row:
        line = next(iter(row.values())).line
        raise DataError(f"{path}, line {line}: column 'fraction' is empty", hint="add a value")
    fraction = row["fraction"].number()
    if fraction > 1:
        raise row["fraction"].error(
            f"{fraction:g} is not a fraction", "give a value from 0 to 1: 5 % is 0.05"
        )
    return fraction
