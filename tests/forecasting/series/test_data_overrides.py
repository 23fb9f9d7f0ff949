"""Data overrides: user files replace bundled series; errors name file, line and column."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.forecasting.model.drift import LargestSet
from artesian.forecasting.scenario import Scenario
from artesian.forecasting.series.data_overrides import read_data
from artesian.forecasting.series.time_series import BUNDLED_FOLDER
from artesian.forecasting.simulation import simulate

SEED = Run.from_seed(0).seed


def write_population(path: Path, years, factor: float = 1.0) -> Path:
    lines = [f"{year},{factor * 8e9 if year < 2022 else ''},{factor * 8e9}" for year in years]
    path.write_text("year,pop_hist,pop_future\n" + "\n".join(lines) + "\n")
    return path


def test_bundled_files_as_overrides_change_nothing():
    files = [
        "un_population_medium.csv",
        "common_crawl_languages.csv",
        "language_models_2025-06.csv",
    ]
    data = read_data([BUNDLED_FOLDER / name for name in files])
    largest = LargestSet.from_models(data.models)
    for scenario in (Scenario(modality="low-quality"), Scenario(language="German")):
        arguments = {"today": 2026.9, "draws": 500, "seed": SEED}
        one, other = (
            simulate(scenario, largest, **arguments),
            simulate(scenario, largest, data=data, **arguments),
        )
        assert np.array_equal(one.stock, other.stock)
        assert np.array_equal(one.demand, other.demand)


def test_override_is_used(tmp_path):
    largest = LargestSet.from_models(read_data().models)
    file = tmp_path / "fractions.csv"
    file.write_text("language,fraction\nKlingon,0.5\n")
    arguments = {"today": 2026.9, "draws": 500, "seed": SEED}
    result = simulate(Scenario(language="klingon"), largest, data=read_data([file]), **arguments)
    assert result.stock == pytest.approx(0.5 * simulate(Scenario(), largest, **arguments).stock)
    override = read_data([write_population(tmp_path / "p.csv", range(1950, 2101))])
    low = Scenario(modality="low-quality")
    overridden, default = (
        simulate(low, largest, data=override, **arguments),
        simulate(low, largest, **arguments),
    )
    assert not np.array_equal(overridden.stock, default.stock)


@pytest.mark.parametrize(
    ("years", "problem"),
    [
        ([*range(1950, 2000), *range(2001, 2101)], "no value for 2000"),
        ([*range(1950, 2101), 2000], "2000 is already in line 52"),
        (range(1980, 2101), "covers 1980"),
        ([1950, *range(1960, 2101)], "1951, 1952, 1953, 1954, 1955 and 4 more years"),
    ],
)
def test_population_with_missing_or_duplicate_years_is_rejected(tmp_path, years, problem):
    with pytest.raises(DataError, match=r"p\.csv") as caught:
        read_data([write_population(tmp_path / "p.csv", years)])
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("language,fraction\nGerman,5.3\n", "5.3 is not a fraction"),
        ("language,fraction\nGerman,-0.1\n", "negative"),
        ("language,fraction\nGerman,0.1\ngerman,0.2\n", "two different fractions"),
        ("language,fraction\nGerman,much\n", "much"),
        ("language,fraction\nGerman,0.7\nEnglish,0.5\n", "sum to 1.2"),
    ],
)
def test_invalid_fractions_are_rejected(tmp_path, text, problem):
    file = tmp_path / "fractions.csv"
    file.write_text(text)
    with pytest.raises(DataError) as caught:
        read_data([file])
    assert problem in caught.value.problem


def test_sizes_alone_suffice_for_a_trend(tmp_path):
    file = tmp_path / "sizes.csv"
    rows = [f"{2015 + k / 2},{10 ** (9 + k / 4)}" for k in range(20)]
    file.write_text("# unit: tokens\ndate,value\n" + "\n".join(rows) + "\n")
    with pytest.raises(DataError, match=r"sizes\.csv"):
        read_data([file])
    file.write_text(
        "# unit: tokens\ndate,value\n"
        + "\n".join(f"{2015 + k // 2}-{1 + 6 * (k % 2):02d},{10 ** (9 + k / 4)}" for k in range(20))
    )
    largest = LargestSet.from_models(read_data([file]).models)
    assert largest.tokens == pytest.approx(13.75)
    result = simulate(Scenario(), largest, today=2026.9, draws=500, seed=SEED)
    assert result.years[0] == pytest.approx(2024.5, abs=0.01)


def test_compressed_files_are_read(tmp_path):
    text = "language,fraction\nKlingon,0.5\n"
    file = tmp_path / "fractions.csv.gz"
    file.write_bytes(gzip.compress(text.encode()))
    assert read_data([file]).languages == {"klingon": 0.5}
    file.write_bytes(gzip.compress(text.encode())[:-9])
    with pytest.raises(DataError, match="cannot be read"):
        read_data([file])
