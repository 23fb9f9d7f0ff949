"""The published series that come with the package; `series/SOURCES.md` tells their origin."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib import resources
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
YearlySeries: TypeAlias = tuple[Array, Array]
"""Calendar years without gap, and a number for each."""


@cache
def dataset_sizes() -> tuple[Array, Array]:
    """When language models appeared, and the sizes of their training sets.

    Returns:
        Decimal years (80,) and words (80,), 2010 to 2023.
    """
    rows = _rows("epoch_dataset_sizes.csv")
    return _decimal_years([row["date"] for row in rows]), _floats([row["dataset"] for row in rows])


@cache
def training_compute() -> tuple[Array, Array]:
    """When machine learning models appeared, and the compute of their training.

    Returns:
        Decimal years (310,) and FLOP (310,), 1952 to March 2022.
    """
    rows = _rows("epoch_training_compute.csv")
    return _decimal_years([row["date"] for row in rows]), _floats([row["flop"] for row in rows])


@cache
def compute_projection() -> tuple[Array, Array]:
    """The published projection of the largest training run.

    Returns:
        Years (7,) and log10 FLOP (7, 3): low end of the 95 % interval, median, high end.
    """
    rows = _rows("compute_projection_2022.csv")
    quantiles = [_floats([row[name] for row in rows]) for name in ("low", "median", "high")]
    return _floats([row["year"] for row in rows]), np.stack(quantiles, axis=1)


@cache
def population() -> tuple[Array, Array]:
    """World population, counted to 2021 and projected from then (medium variant).

    Returns:
        Years (151,) from 1950 to 2100 without gap, and people (151,).
    """
    people = {
        float(row["year"]): float(row["pop_hist"] or row["pop_future"])
        for row in _rows("un_population_medium.csv")
    }
    years = sorted(people)
    return np.array(years), np.array([people[year] for year in years])


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
