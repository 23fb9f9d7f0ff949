"""HTML report of a forecast: stock and demand, date of exhaustion, sensitivity, scenarios, inputs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from artesian.core.formatting import fixed_percent
from artesian.forecasting.freshness import freshness
from artesian.forecasting.history import PastDate
from artesian.forecasting.inputs.inputs import Input
from artesian.forecasting.lever_effects import LeverEffect
from artesian.forecasting.scenario import CORPUS, DRIFT, RECENT, TEXT, USERS, demand_source
from artesian.forecasting.sensitivity import Sensitivity
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.simulation import Simulation
from artesian.forecasting.stock_sheet import stock_sheet
from artesian.forecasting.summary import (
    describe,
    describe_alternative,
    describe_drivers,
    describe_growth,
    summarize,
)
from artesian.forecasting.understood import (
    describe_changes,
    describe_scenario,
    format_median,
    understood_as,
)
from artesian.report import charts
from artesian.report.forecast_chart_data import dates_chart, fan_chart, tornado_chart
from artesian.report.forecast_levers import (
    SLIDER_DRAWS,
    lever_sliders,
    ramp_slider,
    slider_draws,
)
from artesian.report.forecast_stock_history import history_chart, sheet_rows
from artesian.report.html import assemble

TOLERANCE = (
    "The median is that of the command below within 0.1 years, the ends of the interval within 0.2 "
    "years."
)
"""What `tests/browser/test_forecast_page.py` asserts about the sliders."""


def render(
    simulation: Simulation,
    sensitivity: Sequence[Sensitivity],
    comparisons: Sequence[Simulation],
    alternative: Simulation | None,
    detailed: Simulation,
    effects: Sequence[LeverEffect],
    options: Sequence[tuple[str, str]] | None,
    history: Sequence[PastDate],
    models: LanguageModels,
    manifest: Mapping[str, Any],
) -> str:
    """Render the report as HTML.

    Args:
        simulation: Simulation of the baseline scenario.
        sensitivity: Sensitivity of the date to the inputs.
        comparisons: Simulations of the comparison scenarios.
        alternative: Simulation under another model of demand, described below the result.
        detailed: The baseline with points before and after each jump of a lever.
        effects: Effects of the levers, for the sliders.
        options: Options of `artesian forecast` that describe the baseline, as (input or '', option);
            None if it cannot be written as a command.
        history: The date that each earlier cut-off would have given.
        models: Published training sets, shown in the chart of demand.
        manifest: Provenance, shown in the last section.
    """
    numbers = summarize(simulation, sensitivity)
    fan = fan_chart(numbers, models if numbers["demand_source"] in (DRIFT, RECENT) else None)
    dates = dates_chart(numbers)
    tornado = tornado_chart(sensitivity) if sensitivity else None
    past = history_chart(history)
    drawn = [chart for chart in (fan, dates, tornado, past) if chart is not None]
    charts.number_charts(drawn)
    return assemble(
        "forecast.html",
        [*drawn, slider_draws(detailed, effects)],
        styles=("forecast.css",),
        scripts=("forecast.js",),
        title=title(simulation),
        lead=describe(simulation),
        notes=notes(simulation, numbers, alternative),
        fan=fan,
        dates=dates,
        tornado=tornado,
        history=past,
        sheet=sheet_rows(stock_sheet(simulation)),
        citation=citation(simulation, models, manifest),
        bibtex=bibtex(manifest),
        tolerance=TOLERANCE,
        drivers=describe_drivers(sensitivity),
        sliders=lever_sliders(effects),
        ramp=ramp_slider(simulation),
        options=None
        if options is None
        else json.dumps([{"name": n, "option": o} for n, o in options]),
        slider_draws=min(SLIDER_DRAWS, len(simulation.exhaustion.dates)),
        scenarios=scenario_rows(simulation, comparisons),
        inputs={
            name: {**one, **_shown(simulation.inputs[name])}
            for name, one in numbers["inputs"].items()
        },
        manifest=dict(manifest),
    )


def summary_html(simulation: Simulation, comparisons: Sequence[Simulation]) -> str:
    """Render the result and the scenario table as an HTML fragment for notebooks."""
    heads = ("scenario", "median", "80 % interval", "shift, years")
    rows = [
        "".join(f"<td>{escape(row[key])}</td>" for key in ("name", "median", "interval", "shift"))
        for row in scenario_rows(simulation, comparisons)
    ]
    return (
        f"<p>{escape(understood_as(simulation.scenario, simulation.inputs))}</p>"
        f"<p><b>{escape(title(simulation))}</b> {escape(describe(simulation))}</p>"
        f"<p>{escape(' '.join(freshness(simulation).describe()))}</p><table><tr>"
        + "".join(f"<th>{head}</th>" for head in heads)
        + "</tr>"
        + "".join(f"<tr>{row}</tr>" for row in rows)
        + "</table>"
    )


def title(simulation: Simulation) -> str:
    """Return the title of the forecast, a question."""
    scenario = simulation.scenario
    if scenario.modality == CORPUS:
        return "When will my corpus be exhausted?"
    what = {
        TEXT: "public text",
        USERS: "all text written by internet users",
        "high-quality": "high-quality language",
        "low-quality": "low-quality language",
        "images": "images",
    }[scenario.modality]
    if scenario.language is not None:
        what = f"{what} in {scenario.language}"
    return f"When will {what} be exhausted?"


def notes(
    simulation: Simulation, numbers: Mapping[str, Any], alternative: Simulation | None
) -> list[str]:
    """Return introductory notes: inputs as understood, other demand, source of demand, language."""
    demand_notes = {
        DRIFT: "Demand is the largest training set of each year: the largest published one, with "
        "its growth.",
        RECENT: "Demand is the largest training set of each year: the largest published one, with "
        "its growth updated with that of the last three years.",
        "study": "Demand is the mixture of Villalobos et al. 2024.",
        "historical": "Demand is the historical trend of Villalobos et al. 2024.",
        "compute": "Demand is the compute-optimal training set of the largest training run.",
        CORPUS: "Demand is the number of tokens that you state for your training.",
    }
    lines = [numbers["understood_as"] + ".", *numbers["freshness"]]
    if alternative is not None:
        lines.append(describe_alternative(alternative))
    lines.append(f"{demand_notes[numbers['demand_source']]} {describe_growth(simulation)}")
    if simulation.scenario.language is not None and simulation.scenario.modality != CORPUS:
        fraction = simulation.inputs.median("levers.stock_fraction")
        demand_fraction = simulation.inputs.median("levers.demand_fraction")
        lines.append(
            f"{fixed_percent(fraction)} of web pages are in {simulation.scenario.language}; "
            f"{fixed_percent(demand_fraction)} of the largest training set must be in "
            "it."
        )
    lines.append(f"{numbers['draws']:,} draws; all inputs are listed below with their sources.")
    return lines


def citation(simulation: Simulation, models: LanguageModels, manifest: Mapping[str, Any]) -> str:
    """Return how to cite the forecast: what computed it, when, from which data and with which seed."""
    scenario, inputs = simulation.scenario, simulation.inputs
    source = demand_source(scenario, inputs)
    sets = "; ".join(describe_changes(inputs, source, language=scenario.language))
    return (
        f"Artesian {manifest['versions']['artesian']}, forecast of {manifest['created'][:10]}, seed "
        f"{manifest['seed']}, {len(simulation.exhaustion.dates):,} draws"
        f"{f', changed inputs: {sets}' if sets else ''}. {describe(simulation)} Training sets: "
        f"{models.sizes.source}."
    )


def bibtex(manifest: Mapping[str, Any]) -> str:
    """Return the BibTeX entry of the software, as in CITATION.cff."""
    version, year = manifest["versions"]["artesian"], manifest["created"][:4]
    lines = [
        "@software{artesian,",
        "  author = {{The Artesian contributors}},",
        "  title = {{Artesian: synthetic data with numbers you can defend}},",
        f"  version = {{{version}}},",
        f"  year = {{{year}}}",
        "}",
    ]
    return "\n".join(lines)


def scenario_rows(
    simulation: Simulation, comparisons: Sequence[Simulation]
) -> list[dict[str, Any]]:
    """Return the rows of the scenario table, the baseline first, with formatted values."""
    return [_row(simulation, simulation), *(_row(other, simulation) for other in comparisons)]


def _row(simulation: Simulation, baseline: Simulation) -> dict[str, Any]:
    dates, scenario, inputs = simulation.exhaustion, simulation.scenario, simulation.inputs
    low, high = dates.interval(0.8)
    # The same draws of both, where the comparison has fewer.
    same = replace(baseline.exhaustion, dates=baseline.exhaustion.dates[: len(dates.dates)])
    years = dates.median - same.median
    shift = (
        "" if simulation is baseline else f"{years:+.1f}" if math.isfinite(years) else "undefined"
    )
    return {
        "name": scenario.name,
        "understood": "; ".join(describe_changes(inputs, demand_source(scenario, inputs))) or "none"
        if simulation is baseline
        else describe_scenario(scenario, inputs, baseline.scenario, baseline.inputs),
        "median": date_text(dates.median, dates.last),
        "interval": f"{date_text(low, dates.last)} to {date_text(high, dates.last)}",
        "shift": shift,
        "probabilities": [
            fixed_percent(float(p)) for p in dates.probability_by_year([2028.0, 2030.0, 2035.0])
        ],
    }


def date_text(value: float, last: float) -> str:
    """Format a date; one after the simulated years as 'after 2065'."""
    return f"{value:.1f}" if math.isfinite(value) else f"after {int(last)}"


def _shown(entry: Input) -> dict[str, str]:
    text, unit = format_median(entry)
    return {"shown": text, "unit": unit}
