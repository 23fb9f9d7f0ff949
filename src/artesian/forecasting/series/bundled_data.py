"""Load the data series bundled with the package; `SOURCES.md` lists their sources and licences."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
YearlySeries: TypeAlias = tuple[Array, Array]
"""Consecutive calendar years and one value per year."""


@cache
def dataset_sizes() -> tuple[Array, Array]:
    """Load training-set sizes of language models (Epoch AI).

    Returns:
        Publication dates, decimal years 2010 to 2023, (80,); sizes in words, (80,).
    """
    rows = _rows("epoch_dataset_sizes.csv")
    return _decimal_years([row["date"] for row in rows]), _floats([row["dataset"] for row in rows])


@cache
def training_compute() -> tuple[Array, Array]:
    """Load training compute of machine learning models (Epoch AI).

    Returns:
        Publication dates, decimal years 1952 to March 2022, (310,); FLOP, (310,).
    """
    rows = _rows("epoch_training_compute.csv")
    return _decimal_years([row["date"] for row in rows]), _floats([row["flop"] for row in rows])


@cache
def compute_projection() -> tuple[Array, Array]:
    """Load the projection of the largest training run of Besiroglu, Heim and Sevilla (2022), table 1.

    Returns:
        Years, (7,); log10 FLOP, (7, 3): lower end of the 95 % interval, median, upper end.
    """
    rows = _rows("compute_projection_2022.csv")
    quantiles = [_floats([row[name] for row in rows]) for name in ("low", "median", "high")]
    return _floats([row["year"] for row in rows]), np.stack(quantiles, axis=1)


@cache
def population() -> tuple[Array, Array]:
    """Load world population: estimates to 2021, medium-variant projection from 2022 (United Nations).

    Returns:
        Years 1950 to 2100, (151,); people, (151,).
    """
    people = {
        float(row["year"]): float(row["pop_hist"] or row["pop_future"])
        for row in _rows("un_population_medium.csv")
    }
    years = sorted(people)
    return np.array(years), np.array([people[year] for year in years])


@cache
def text_units() -> dict[str, Any]:
    """Load the conversions between amounts of text with their sources, `text_units.toml`."""
    path = resources.files("artesian.forecasting.series") / "text_units.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def words_per_token() -> float:
    """Return the words per token of English web text."""
    return float(text_units()["text"]["words_per_token"]["distribution"]["value"])


def _rows(name: str) -> list[dict[str, str]]:
    path = resources.files("artesian.forecasting.series") / name
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _floats(texts: list[str]) -> Array:
    return np.array([float(text) for text in texts])


def _decimal_years(texts: list[str]) -> Array:
    days = [date.fromisoformat(text) for text in texts]
    starts = [date(day.year, 1, 1) for day in days]
    lengths = [(date(start.year + 1, 1, 1) - start).days for start in starts]
    elapsed = [(day - start).days for day, start in zip(days, starts, strict=True)]
    return np.array(
        [s.year + p / length for s, p, length in zip(starts, elapsed, lengths, strict=True)]
    )
