"""Newer files in the place of the shipped series, told apart by their columns.

What can be replaced: the table of language models (Epoch AI's form), or the sizes of training sets
alone (`date`, `value`, with a line `# unit: tokens` above); the population of the world (`year`,
`pop_hist`, `pop_future`); the shares of languages (`code`, `language`, `share`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from artesian.core.errors import DataError
from artesian.forecasting.series.bundled_data import Yearly
from artesian.forecasting.series.csv_file import Cell, read_rows
from artesian.forecasting.series.language_models import LanguageModels, read_language_models
from artesian.forecasting.series.time_series import check_years, read_series

FIRST, LAST = 1950, 2100
"""Years that a population has to reach from and to."""


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """What the forecast is computed from; None stands for what is shipped.

    Attributes:
        models: Training sets and compute of language models.
        population: Years without gap, and people.
        languages: Share of the web's pages by code and by name, in small letters.
    """

    models: LanguageModels
    population: Yearly | None = None
    languages: Mapping[str, float] | None = None


def read_data(paths: Sequence[Path] = (), *, today: dt.date | None = None) -> Data:
    """The shipped series, with those of `paths` in their place.

    Args:
        paths: CSV files; a later one of the same form counts.
        today: No model may be dated after it; the day of the call if not given.

    Raises:
        DataError: naming file, line and column.
    """
    data = Data(read_language_models(today=today))
    for path in paths:
        columns = _columns(path)
        if {"year", "pop_hist", "pop_future"} <= columns:
            data = replace(data, population=_population(path))
        elif {"date", "value"} <= columns:
            sizes = read_series(path, unit="tokens", today=today)
            data = replace(data, models=replace(data.models, sizes=sizes))
        elif {"language", "share"} <= columns:
            data = replace(data, languages=_languages(path))
        else:
            data = replace(data, models=read_language_models(path, today=today))
    return data


def _columns(path: Path) -> set[str]:
    _, rows = read_rows(path, ())
    return {name for row in rows[:200] for name in row}


def _population(path: Path) -> Yearly:
    _, rows = read_rows(path, ("year", "pop_hist", "pop_future"))
    years, people, lines = [], [], []
    for row in rows:
        cell = row.get("pop_hist", row.get("pop_future"))
        if "year" not in row or cell is None:
            line = next(iter(row.values())).line
            raise DataError(
                f"{path}, line {line}: no year, or no people in it",
                hint="fill in year, and pop_hist or pop_future",
            )
        years.append(row["year"].number())
        people.append(cell.number())
        lines.append(row["year"].line)
    check_years(years, lines, path, "year")
    if min(years) > FIRST or max(years) < LAST:
        raise DataError(
            f"{path} reaches from {min(years):g} to {max(years):g}",
            hint=f"a population from {FIRST} to {LAST} is needed",
        )
    order = np.argsort(years)
    return np.array(years)[order], np.array(people)[order]


def _languages(path: Path) -> dict[str, float]:
    _, rows = read_rows(path, ("language", "share"))
    found: dict[str, float] = {}
    for row in rows:
        share = _share(row, path)
        for name in ("code", "language"):
            if name not in row:
                continue
            word = row[name].text.lower()
            if word in found and found[word] != share:
                raise row[name].error(f"{word!r} stands there twice", "keep one of them")
            found[word] = share
    return found


def _share(row: Mapping[str, Cell], path: Path) -> float:
    if "share" not in row:
        line = next(iter(row.values())).line
        raise DataError(f"{path}, line {line}: column 'share' is empty", hint="fill it in")
    share = row["share"].number()
    if share > 1:
        raise row["share"].error(f"{share:g} is no share", "write 5 % as 0.05")
    return share
