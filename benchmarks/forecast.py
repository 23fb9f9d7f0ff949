"""Back-test of models of demand: forecasts of the largest training set of language models.

    python benchmarks/forecast.py            # about five minutes
    python benchmarks/forecast.py --draw     # only redraw the charts from the stored results

Run it in the environment of the project, as built by `make setup`.

Each method forecasts one, two and three years ahead from half-yearly cut-offs since 2020, using the
models published before the cut-off; and up to 1.6 years ahead from true vintages, using the content of
the database at that time: November 2023 (the list of the 2024 study), December 2024 and February 2025.
The two sets are scored apart, because one reflects later corrections of the database and the other has
three cut-offs only. Scores are the coverage of 80 % intervals, the CRPS of log10 tokens, its difference
to that of the default, and the bias of the median. Forecasts from neighbouring cut-offs share their
outcomes, so all intervals are from a block bootstrap over cut-offs; `distinct_outcomes` states how many
different records there are.

The default, a random walk with drift, has a prior and no fitted settings. It is the rule that an
outside audit of 2026 found to be ahead of the former default, a stochastic frontier; its noise was a
judgement of that audit. Other methods:

1. The prior of the drift, updated with the growth of the record in 3 (`recent`), 6 or 10 years;
   half of the noise; growth of tokens per parameter added to that of compute-optimal training.
2. The frontier (`forecast_frontier`). Its settings are searched on forecasts before 2020
   (`forecast_settings`), its model class was chosen with knowledge of the later cut-offs. The former
   settings, which lay at the edge of their grid, are scored beside.
3. An equal mixture of random walk and frontier, and one of four models with weights by past score.
4. Villalobos et al. 2024 (a line through all models), and a random walk whose drift and noise are those
   of the record in a window, which was chosen on forecasts before 2020.

All of them on three definitions of the record: text-only models with confident sizes, the definition of
the product; with likely sizes; with likely sizes and multimodal models.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
from typing import Any

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.model.drift import RECENT_YEARS, LargestSet
from artesian.forecasting.scenario import DRIFT, RECENT, Scenario
from artesian.forecasting.series.bundled_data import words_per_token
from artesian.forecasting.series.csv_file import decimal_year
from artesian.forecasting.series.language_models import (
    NON_TEXT_DOMAINS,
    LanguageModels,
    read_language_models,
)
from artesian.forecasting.series.time_series import BUNDLED_FOLDER, TimeSeries
from artesian.forecasting.simulation import simulate
from forecast_frontier import Settings
from forecast_methods import (
    TOKENS_PER_PARAMETER,
    Array,
    Method,
    drift,
    equal_mixture,
    frontier,
    mixture_by_past_score,
    random_walk,
    record,
    study_2024,
)
from forecast_scores import Case, score_case, scorecard
from forecast_settings import random_walk_window, search_settings
from machine import HERE, RESULTS, save

FORMER = Settings(slack=0.05, sparsity=0.5, levels=(0.05, 0.15))
METHODS: dict[str, Method] = {
    DRIFT: drift(),
    RECENT: drift(RECENT_YEARS),
    "drift, half the noise": drift(noise_factor=0.5),
    "drift, last 6 years": drift(6),
    "drift, last 10 years": drift(10),
    "drift, tokens per parameter": drift(extra_growth=TOKENS_PER_PARAMETER),
    "frontier": frontier(),
    "frontier, former settings": frontier(FORMER),
    "drift and frontier": equal_mixture(drift(), frontier()),
    "mixture by past score": mixture_by_past_score(
        drift(), drift(RECENT_YEARS), frontier(), study_2024
    ),
    "2024 study": study_2024,
    "fitted random walk": random_walk(random_walk_window()),
}
LAST_YEAR = 2025.45  # end of the newest table of models
HORIZONS = (1, 2, 3)
DRAWS = 10_000
TODAY = dt.date(2025, 6, 19)
RECORDS: dict[str, dict[str, Any]] = {
    "text, confident sizes": {},
    "text, likely sizes too": {"confidence": ("Confident", "Likely")},
    "text and multimodal, likely sizes too": {
        "confidence": ("Confident", "Likely"),
        "excluded_domains": NON_TEXT_DOMAINS - {"Multimodal", "Vision", "Audio", "Speech", "Video"},
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--draw", action="store_true", help="redraw the charts from the stored results"
    )
    path = RESULTS / "forecast.json"
    if not parser.parse_args().draw:
        path = save("forecast", measure())
    result = json.loads(path.read_text())
    docs = HERE.parent / "docs"
    (docs / "forecast-reliability.svg").write_text(reliability_chart(result))
    (docs / "forecast-history.svg").write_text(history_chart(result["history"]))
    for part in (*RECORDS, "vintages"):
        print(part)
        for name, scores in (result["vintages"] | result["cut_offs"].get(part, {})).items():
            shown = (scores[key] for key in ("coverage", "crps", "difference", "bias"))
            print(f"  {name:24}", *(f"{one['value']:.3f} {one['interval']}" for one in shown))
    print(json.dumps(result["search"]["chosen"]), result["chosen_equal_defaults"])


def measure() -> dict[str, Any]:
    rows = search_settings()
    settings = {
        name: rows[0][name] for name in ("window", "slack", "sparsity", "shortfalls", "levels")
    }
    models = {
        name: read_language_models(today=TODAY, **options) for name, options in RECORDS.items()
    }
    cutoffs = np.arange(2020, LAST_YEAR, 0.5)
    return {
        "cut_offs": {
            name: scorecards({m: cut_off_cases(one, cutoffs, f) for m, f in METHODS.items()})
            for name, one in models.items()
        },
        "vintages": scorecards({name: vintage_cases(f, models) for name, f in METHODS.items()}),
        "history": history(next(iter(models.values()))),
        "chosen_equal_defaults": Settings(**settings) == Settings(),
        "random_walk_window": random_walk_window(),
        "search": {"settings": len(rows), "chosen": rows[0], "next": rows[1:6]},
    }


def scorecards(cases: dict[str, list[Case]]) -> dict[str, Any]:
    return {name: scorecard(own, cases[DRIFT]) for name, own in cases.items()}


def cut_off_cases(models: LanguageModels, cutoffs: Array, method: Method) -> list[Case]:
    cases = []
    for cutoff in cutoffs.tolist():
        years = np.array([cutoff + ahead for ahead in HORIZONS if cutoff + ahead <= LAST_YEAR])
        if not len(years):
            continue
        draws = method(models, cutoff, years, DRAWS, np.random.default_rng(1))
        for year, column in zip(years, draws.T, strict=True):
            cases.append(score_case(cutoff, float(year - cutoff), column, record(models, year)))
    return cases


def vintage_cases(method: Method, truth: dict[str, LanguageModels]) -> list[Case]:
    """Forecasts from dated copies of the database to the records known in June 2025.

    The list of the study has no confidence ratings, so its targets include sizes rated likely.
    """
    folder = HERE / "data" / "models"
    confident, likely = list(truth.values())[:2]
    models_by_date = {
        dt.date(2023, 11, 6): (read_study_list(), likely),
        dt.date(2024, 12, 6): (
            read_language_models(folder / "language_models_2024-12.csv"),
            confident,
        ),
        dt.date(2025, 2, 24): (
            read_language_models(folder / "language_models_2025-02.csv"),
            confident,
        ),
    }
    cases = []
    for day, (models, targets) in models_by_date.items():
        cutoff = decimal_year(day)
        years = np.array([date for date in (2024.0, 2024.5, 2025.0, LAST_YEAR) if date > cutoff])
        draws = method(models, cutoff, years, DRAWS, np.random.default_rng(1))
        for year, column in zip(years, draws.T, strict=True):
            horizon = round(float(year) - cutoff, 3)
            cases.append(score_case(round(cutoff, 3), horizon, column, record(targets, year)))
    return cases


def read_study_list() -> LanguageModels:
    """Read the list of the 2024 study, as of November 2023; its sizes are in words."""
    path = BUNDLED_FOLDER / "epoch_dataset_sizes.csv"
    with path.open(newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        rows = [row for row in csv.DictReader(lines) if row["category"] == "Language"]
    results = []
    for column, factor in (("dataset", 1 / words_per_token()), ("comp", 1.0)):
        pairs = sorted(
            (decimal_year(dt.date.fromisoformat(row["date"])), float(row[column]) * factor)
            for row in rows
            if row[column] and row["date"] >= "2010"
        )
        dates, values = np.array(pairs).T
        results.append(TimeSeries(column, dates, values, "", path.name, ""))
    return LanguageModels(results[0], results[1], {})


def history(models: LanguageModels) -> list[dict[str, Any]]:
    """The date of exhaustion of public text that each cut-off would have given, with its interval."""
    rows = []
    for cutoff in np.arange(2018.0, LAST_YEAR, 0.5).tolist():
        largest = LargestSet.from_models(models, until=cutoff)
        for demand in (DRIFT, RECENT):
            simulation = simulate(
                Scenario(demand=demand), largest, today=cutoff, draws=DRAWS, seed=Seed(1)
            )
            dates = simulation.exhaustion
            low, high = (min(float(end), 2065.0) for end in dates.interval(0.8))
            rows.append(
                {"cutoff": cutoff, "demand": demand, "median": float(dates.median)}
                | {"low": low, "high": high}
            )
    return rows


def reliability_chart(results: dict[str, Any]) -> str:
    """Draw the coverage of central intervals against their level, as SVG."""
    import altair as alt
    import vl_convert

    cards = results["cut_offs"][next(iter(RECORDS))]
    names = (DRIFT, RECENT, "frontier", "2024 study")
    data = [
        {
            "method": name,
            "level": 100 * point["level"],
            "coverage": 100 * point["fractional_coverage"],
        }
        for name in names
        for point in cards[name]["reliability"]
    ]
    scale = alt.Scale(domain=[0, 100])
    base = alt.Chart().encode(
        x=alt.X("level:Q", title="interval level, %", scale=scale),
        y=alt.Y("coverage:Q", title="coverage, %", scale=scale),
        color=alt.Color("method:N", title=None, sort=list(names)),
    )
    marks = base.mark_line(), base.mark_point(filled=True, size=40)
    ideal = alt.Chart(
        alt.Data(values=[{"level": 0, "coverage": 0}, {"level": 100, "coverage": 100}])
    )
    line = ideal.mark_line(color="#888", strokeDash=[4, 4]).encode(x="level:Q", y="coverage:Q")
    chart = alt.layer(line, alt.layer(*marks, data=alt.Data(values=data))).properties(
        width=360,
        height=360,
        background="white",
        title="Forecasts of the largest training set since 2020, 1 to 3 years ahead",
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def history_chart(rows: list[dict[str, Any]]) -> str:
    """Draw the date that each cut-off would have given, with its 80 % interval, as SVG."""
    import altair as alt
    import vl_convert

    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("cutoff:Q", title="models published until", axis=alt.Axis(format="d")),
        color=alt.Color("demand:N", title="demand"),
    )
    y = alt.Scale(domain=[2018, 2066], clamp=True)
    band = base.mark_area(opacity=0.2).encode(
        y=alt.Y("low:Q", title="date of exhaustion", scale=y, axis=alt.Axis(format="d")),
        y2="high:Q",
    )
    line = base.mark_line(point=True).encode(y=alt.Y("median:Q", scale=y))
    chart = alt.layer(band, line).properties(
        width=480, height=300, background="white", title="History of the date of exhaustion"
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


if __name__ == "__main__":
    main()
