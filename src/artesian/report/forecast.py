"""The page of a forecast: what is there, what is wanted, when they meet, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from artesian.core.atomic import staged_file
from artesian.forecasting.model.levers import worth_of_passes
from artesian.forecasting.scenario import MINE, STUDY_2022, TEXT, USERS
from artesian.forecasting.sensitivity import Influence
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.simulation import Outlook
from artesian.forecasting.summary import sentence, told
from artesian.report import charts
from artesian.report.charts import Chart
from artesian.report.html import assemble
from artesian.report.words import percent

FUTURES = 500
"""Draws that the page carries for its sliders; the first of all."""

DRIVERS = 12
"""Inputs in the chart of influences."""

SEEN_YEARS, SEEN_BELOW = 8, 300
"""Training sets that are shown: of so many years before, and down to so much below the bands."""

PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


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


def of_fan(numbers: Mapping[str, Any], models: LanguageModels | None) -> Chart:
    """Stock and demand over the years, and the training sets published before them."""
    sides = {side: numbers[side] for side in ("stock", "demand")}
    unit, years = sides["stock"]["unit"], sides["stock"]["years"]
    rows: list[dict[str, Any]] = []
    table = []
    for i, year in enumerate(years):
        if year > _shown_until(numbers):
            break
        row: dict[str, Any] = {"i": i, "year": year}
        for side, bands in sides.items():
            row |= {f"{side}_{end}": bands[end][i] for end in ("low", "high")}
            row[side] = bands["median"][i]
        spans = [_span(row, side) for side in sides]
        row["says"] = f"{year:.1f}: stock {spans[0]}, demand {spans[1]} {unit}"
        rows.append(row)
        table.append([f"{year:.1f}", *spans])
    values = [row[f"{side}_{end}"] for row in rows for side in sides for end in ("low", "high")]
    ends = [max(min(values), 1e-300) / SEEN_BELOW, max(values) * 2]
    if models is not None:
        seen = zip(models.sizes.dates.tolist(), models.sizes.values.tolist(), strict=True)
        rows += [
            {"i": -9, "seen_year": round(when, 3), "seen": size}
            for when, size in seen
            if when > years[0] - SEEN_YEARS and size > ends[0]
        ]
    else:
        ends[0] *= SEEN_BELOW / 2
    return {
        "template": "fan",
        "title": "Stock and demand",
        "alt": f"In {years[0]:.1f} the stock is {_span(rows[0], 'stock')} {unit}, demand "
        f"{_span(rows[0], 'demand')}. {numbers['says']}",
        "head": ["year", *(f"{side} ({unit})" for side in sides)],
        "table": table,
        "rows": rows,
        "set": {"unit": unit, "ends": ends, "height": 340},
    }


def of_dates(numbers: Mapping[str, Any]) -> Chart:
    """How likely each year is."""
    by_start = {int(y): p for y, p in numbers["exhaustion"]["probability_by_year"].items()}
    bars = [(f"before {min(by_start)}", by_start[min(by_start)])]
    # A probability by the start of a year is what happened in the years before it.
    bars += [
        (str(one), by_start[other] - by_start[one]) for one, other in pairwise(sorted(by_start))
    ]
    last = int(_shown_until(numbers))
    kept = [bar for n, bar in enumerate(bars) if n == 0 or int(bar[0]) <= last]
    later = 1 - sum(share for _, share in kept)
    if later > 0.0005:
        kept.append(("later", later))
    most = max(kept, key=lambda bar: bar[1])
    return {
        "template": "dates",
        "title": "Year of exhaustion",
        "alt": f"The likeliest is {most[0]} with {percent(most[1])} of the draws. {numbers['says']}",
        "head": ["year", "share of the draws", "by the end of it"],
        "table": [
            [label, percent(share), percent(sum(s for _, s in kept[: n + 1]))]
            for n, (label, share) in enumerate(kept)
        ],
        "rows": [
            {"i": i, "year": label, "share": round(share, 5), "says": f"{label}: {percent(share)}"}
            for i, (label, share) in enumerate(kept)
        ],
        "set": {"height": 190},
    }


def of_influences(influences: Sequence[Influence]) -> Chart:
    """What drives the date."""
    shown = influences[:DRIVERS]
    rows = [
        {
            "i": i,
            "label": one.name,
            "p10": round(one.low, 3),
            "p90": round(one.high, 3),
            "says": f"{one.name}: low {one.low:.1f}, high {one.high:.1f}, "
            f"explains {percent(one.first_order)}",
        }
        for i, one in enumerate(shown)
    ]
    first = shown[0]
    return {
        "template": "tornado",
        "title": "What drives the date",
        "alt": f"Most of all {first.name}: as it rises from its 10th to its 90th percentile the mean "
        f"date moves by {first.swing:+.1f} years.",
        "head": [
            "input",
            "date at its 10th percentile",
            "at its 90th",
            "years",
            "first-order Sobol index",
        ],
        "table": [
            [
                one.name,
                f"{one.low:.1f}",
                f"{one.high:.1f}",
                f"{one.swing:+.1f}",
                percent(one.first_order),
            ]
            for one in influences
        ],
        "rows": rows,
        "set": {"height": 26 * len(rows)},
    }


def futures(found: Outlook) -> Chart:
    """The first draws for the page's script: log10 of demand over stock in hundredths, a row a draw."""
    with np.errstate(divide="ignore"):
        ratio = np.log10(found.demand[:FUTURES]) - np.log10(found.stock[:FUTURES])
    whole = np.clip(np.round(100 * np.nan_to_num(ratio, posinf=99, neginf=-99)), -9999, 9999)
    return {
        "id": "futures",
        "template": "none",
        "set": {"years": [round(float(y), 3) for y in found.years]},
        "rows": [{"of": row} for row in whole.astype(int).tolist()],
    }


def sliders(found: Outlook) -> list[dict[str, Any]]:
    """What can be moved on the page, each from where the scenario has it."""
    inputs = found.inputs
    made = min(inputs.median("levers.synthetic_share"), inputs.median("levers.synthetic_limit"))
    passes = inputs.median("levers.passes")
    if passes == 0 and found.scenario.modality in (TEXT, USERS):
        passes = _passes_worth(inputs.median("web.epochs"), inputs.median("levers.repetition"))
    offered = [
        (
            "salvage",
            "Filters and deduplication keep",
            "×",
            0.25,
            4.0,
            0.05,
            inputs.median("levers.salvage"),
        ),
        ("opt_out", "Owners withdraw", "%", 0.0, 90.0, 1.0, 100 * inputs.median("levers.opt_out")),
        (
            "growth",
            "Further growth of the stock a year",
            "%",
            -10.0,
            20.0,
            0.5,
            100 * (inputs.median("levers.user_growth") - 1),
        ),
        ("synthetic", "Demand met by synthetic data", "%", 0.0, 90.0, 1.0, 100 * made),
        (
            "over",
            "Over-training (data by its root)",
            "×",
            1.0,
            20.0,
            0.5,
            inputs.median("levers.overtraining"),
        ),
    ]
    if found.scenario.modality not in STUDY_2022:
        offered.insert(
            1,
            (
                "passes",
                "Passes over the same text",
                "",
                1.0,
                32.0,
                0.5,
                max(1.0, round(2 * passes) / 2),
            ),
        )
    return [
        {
            "id": name,
            "label": label,
            "unit": unit,
            "low": low,
            "high": max(high, start),
            "step": step,
            "start": round(start, 3),
            "scale": inputs.median("levers.repetition"),
        }
        for name, label, unit, low, high, step, start in offered
    ]


def _passes_worth(worth: float, repetition: float) -> float:
    """How many passes are worth so many times the text; 64 if none are."""
    grid = np.arange(1, 64.5, 0.5)
    return float(grid[int(np.argmin(np.abs(worth_of_passes(grid, repetition) - worth)))])


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


def _shown_until(numbers: Mapping[str, Any]) -> float:
    """The charts end where nearly all is decided, ten years after the start at the least."""
    by_year = numbers["exhaustion"]["probability_by_year"]
    first = numbers["stock"]["years"][0]
    most = max(by_year.values())
    decided = [float(y) for y, p in by_year.items() if p >= min(0.98, 0.98 * most)]
    return float(min(max([first + 10, *decided[:1]]) + 1, numbers["stock"]["years"][-1]))


def _span(row: Mapping[str, float], side: str) -> str:
    low, middle, high = (_amount(row[f"{side}{end}"]) for end in ("_low", "", "_high"))
    return f"{middle} ({low} to {high})"


def _amount(value: float) -> str:
    """A large number with two or three digits and its letter.

    >>> _amount(324e12), _amount(1.23e9), _amount(12.0)
    ('324T', '1.2B', '12')
    """
    for size, letter in PREFIXES:
        if value >= size:
            part = value / size
            return f"{part:.0f}{letter}" if part >= 10 else f"{part:.1f}{letter}"
    return f"{value:.3g}"
