"""Search for the settings of the frontier on forecasts with cut-offs and targets before 2020.

Language models alone have too few records before 2020, so the series are those of text, of vision and
of all domains, each with confident sizes only and with likely ones included. Cut-offs are half-yearly
until 2019.0, with at least ten sizes in the two preceding years; targets are 1, 2 and 3 years ahead,
before 2020.

The setting with the lowest mean CRPS is chosen among those whose 80 % intervals cover 75 to 85 % of the
targets. The grid extends beyond the chosen value of every setting, but where that is its natural bound:
the search finds no use for level noise, nor for shortfalls that depend on the number of models. (The
former criterion preferred the narrowest intervals among similar scores, and ended at the edge of every
grid, because most scores differ by one per cent.)
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from typing import Any

import numpy as np

from artesian.forecasting.series.csv_file import read_rows
from artesian.forecasting.series.language_models import COMPUTE, SIZE, LanguageModels
from artesian.forecasting.series.time_series import TimeSeries
from forecast_frontier import Settings
from forecast_methods import Method, frontier, random_walk, record
from forecast_scores import covered, score_case
from machine import HERE

FILE = HERE / "data" / "models" / "all_domains_2010_2019.csv"
NOT_TEXT = {"Vision", "Multimodal", "Speech", "Audio", "Biology"}
DENSE = 10  # minimum number of sizes in the two years before a cut-off
BAND = (0.75, 0.85)
DRAWS = 4000  # with fewer, the chosen settings depend on the random stream
GRID: dict[str, Any] = {
    "window": (5, 6, 8),
    "slack": (0.1, 0.2, 0.3),
    "sparsity": (0.0, 0.25, 0.5, 0.75, 1.0),
    "shortfalls": ((0.1, 0.3), (0.1, 0.3, 1.0), (0.3, 1.0), (0.5, 1.5)),
    "levels": ((0.0, 0.02), (0.01, 0.05), (0.02, 0.1), (0.05, 0.15)),
}


def search_settings() -> list[dict[str, Any]]:
    """Score every setting of the grid by CRPS, coverage and width; the chosen one is first."""
    all_models = all_models_before_2020()
    rows = []
    for values in itertools.product(*GRID.values()):
        chosen = dict(zip(GRID, values, strict=True))
        cases = [
            case
            for models in all_models
            for case in forecasts(models, frontier(Settings(**chosen)))
        ]
        coverage = float(np.mean([covered(case, 0.8) for case in cases]))
        width = float(np.mean([case["high"] - case["low"] for case in cases]))
        score = float(np.mean([case["crps"] for case in cases]))
        rows.append(
            {**chosen, "cases": len(cases), "crps": score, "coverage": coverage, "width": width}
        )
    return sorted(rows, key=lambda row: (not BAND[0] <= row["coverage"] <= BAND[1], row["crps"]))


def random_walk_window() -> int:
    """Return the window of the random walk with the lowest CRPS on the same forecasts."""
    all_models = all_models_before_2020()

    def score(window: int) -> float:
        method = random_walk(window)
        return float(
            np.mean([c["crps"] for models in all_models for c in forecasts(models, method)])
        )

    return min((3, 4, 5, 6, 8), key=score)


def all_models_before_2020() -> list[LanguageModels]:
    return [
        models_before_2020(kind, confidence)
        for kind in ("text", "vision", "all")
        for confidence in (("Confident",), ("Confident", "Likely"))
    ]


def forecasts(models: LanguageModels, method: Method) -> list[dict[str, Any]]:
    cases = []
    for cutoff in np.arange(2013.5, 2019.01, 0.5):
        recent = np.sum((models.sizes.dates > cutoff - 2) & (models.sizes.dates <= cutoff))
        years = np.array([cutoff + ahead for ahead in (1, 2, 3) if cutoff + ahead <= 2020])
        if recent < DENSE:
            continue
        draws = method(models, cutoff, years, DRAWS, np.random.default_rng(0))
        for year, column in zip(years, draws.T, strict=True):
            cases.append(score_case(cutoff, year - cutoff, column, record(models, year)))
    return cases


def models_before_2020(kind: str, confidence: Collection[str]) -> LanguageModels:
    """Read sizes and compute of all models of a kind before 2020."""
    import datetime as dt

    _, rows = read_rows(FILE, ("Domain", "Publication date", SIZE, COMPUTE))
    pairs_by_column: dict[str, list[tuple[float, float]]] = {SIZE: [], COMPUTE: []}
    for row in rows:
        domains = set(row["Domain"].text.split(",")) if "Domain" in row else set()
        rating = row["Confidence"].text if "Confidence" in row else ""
        text = "Language" in domains and not domains & NOT_TEXT
        vision = "Vision" in domains and "Language" not in domains
        is_selected = {"text": text, "vision": vision, "all": True}[kind]
        if not is_selected or rating not in confidence or "Base model" in row:
            continue
        date = row["Publication date"].date(dt.date(2020, 1, 1))
        for column, pairs in pairs_by_column.items():
            if column in row and row[column].number() > 0:
                pairs.append((date, row[column].number()))
    sizes, compute = (np.array(sorted(pairs)).T for pairs in pairs_by_column.values())
    return LanguageModels(
        TimeSeries("sizes", sizes[0], sizes[1], "datapoints", FILE.name, "CC BY 4.0"),
        TimeSeries("compute", compute[0], compute[1], "FLOP", FILE.name, "CC BY 4.0"),
        {},
    )
