"""The page of a forecast: what is there, what is wanted, when they meet, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from artesian.core.atomic import staged_file
from artesian.forecasting.scenario import MINE, TEXT, USERS
from artesian.forecasting.sensitivity import Influence
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.simulation import Outlook
from artesian.forecasting.summary import sentence, told
from artesian.report import charts
from artesian.report.forecast_chart_data import of_dates, of_fan, of_influences
from artesian.report.forecast_levers import FUTURES, futures, sliders
from artesian.report.html import assemble
from artesian.report.words import percent


def write_forecast(
    path: Path,
    found: Outlook,
    influences: Sequence[Influence],
    others: Sequence[Outlook],
    models: LanguageModels,
    made: Mapping[str, Any],
) -> None:
    """Write the page to `path`, whole or not at all.

    Args:
        influences: What drives the date.
        others: Scenarios beside it.
        models: Training sets to show what demand was.
        made: How it came to be, for the last section.

    Raises:
        OutputError: it cannot be written.
    """
    text = render(found, influences, others, models, made)
    with staged_file(Path(path), force=False) as stage:
        stage.write_bytes(text.encode("utf-8", "replace"))


def render(
    found: Outlook,
    influences: Sequence[Influence],
    others: Sequence[Outlook],
    models: LanguageModels,
    made: Mapping[str, Any],
) -> str:
    """The page."""
    numbers = told(found, influences)
    fan = of_fan(numbers, models if numbers["demand_by"] == "trend" else None)
    days = of_dates(numbers)
    tornado = of_influences(influences) if influences else None
    drawn = [chart for chart in (fan, days, tornado) if chart is not None]
    for n, chart in enumerate(drawn):
        chart["id"], chart["room"] = f"chart-{n}", charts.height(chart)
    return assemble(
        "forecast.html",
        [*drawn, futures(found)],
        styles=("forecast.css",),
        scripts=("forecast.js",),
        title=title(found),
        lead=sentence(found),
        notes=notes(found, numbers),
        fan=fan,
        days=days,
        tornado=tornado,
        sliders=sliders(found),
        futures=min(FUTURES, len(found.exhaustion.dates)),
        scenarios=scenario_rows(found, others),
        inputs=numbers["inputs"],
        made=dict(made),
    )


def summary_html(found: Outlook, others: Sequence[Outlook]) -> str:
    """The answer and the scenarios in short, for a notebook."""
    heads = ("scenario", "median", "80 %", "years moved")
    rows = [
        "".join(f"<td>{escape(row[key])}</td>" for key in ("name", "median", "span", "moved"))
        for row in scenario_rows(found, others)
    ]
    return (
        f"<p><b>{escape(title(found))}</b> {escape(sentence(found))}</p><table><tr>"
        + "".join(f"<th>{head}</th>" for head in heads)
        + "</tr>"
        + "".join(f"<tr>{row}</tr>" for row in rows)
        + "</table>"
    )


def title(found: Outlook) -> str:
    """What the forecast is of."""
    scenario = found.scenario
    if scenario.modality == MINE:
        return "When does my corpus run out?"
    what = {
        TEXT: "public text",
        USERS: "all text that people have put on the internet",
        "high-quality": "high-quality language",
        "low-quality": "low-quality language",
        "images": "images",
    }[scenario.modality]
    if scenario.language is not None:
        what = f"{what} in {scenario.language}"
    return f"When {'do' if what == 'images' else 'does'} {what} run out?"


def notes(found: Outlook, numbers: Mapping[str, Any]) -> list[str]:
    """What a reader should know first."""
    by = {
        "trend": "Demand is the largest training set of each year, as paths of a trend fitted to those "
        "published.",
        "study": "Demand is the mixture of the study of 2024.",
        "historical": "Demand is the historical trend of the study.",
        "compute": "Demand is what is compute-optimal for the largest training run.",
        "mine": "Demand is what you say your training needs.",
    }
    said = [by[numbers["demand_by"]]]
    if found.scenario.language is not None:
        share = found.inputs.median("levers.stock_share")
        wanted = found.inputs.median("levers.demand_share")
        said.append(
            f"{percent(share)} of the pages of the web are in {found.scenario.language}; "
            f"{percent(wanted)} of the largest training set is wanted in it (levers.demand_share)."
        )
    said.append(f"{numbers['draws']:,} possible futures; every input stands below with its source.")
    return said


def scenario_rows(found: Outlook, others: Sequence[Outlook]) -> list[dict[str, Any]]:
    """The scenario asked for and those beside it, as words."""
    return [_row(found, found), *(_row(one, found) for one in others)]


def _row(one: Outlook, base: Outlook) -> dict[str, Any]:
    dates, scenario = one.exhaustion, one.scenario
    low, high = dates.interval(0.8)
    shift = dates.median - base.exhaustion.median
    moved = "" if one is base else f"{shift:+.1f}" if math.isfinite(shift) else "not to be told"
    return {
        "name": scenario.name,
        "sets": ", ".join(f"{name} = {value}" for name, value in scenario.set.items()) or "nothing",
        "median": _date(dates.median, dates.last),
        "span": f"{_date(low, dates.last)} to {_date(high, dates.last)}",
        "moved": moved,
        "by": [percent(float(p)) for p in dates.probability_by_year([2028.0, 2030.0, 2035.0])],
    }


def _date(value: float, last: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else f"after {int(last)}"
