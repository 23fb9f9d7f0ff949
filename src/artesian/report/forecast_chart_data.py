"""Chart data of a forecast: stock and demand, date of exhaustion, sensitivity."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from artesian.core.formatting import fixed_percent
from artesian.forecasting.inputs.quantities import format_amount
from artesian.forecasting.sensitivity import Sensitivity
from artesian.forecasting.series.language_models import LanguageModels
from artesian.report.charts import Chart

MAX_INPUTS = 12
"""Number of inputs in the tornado chart."""

LABEL_DISTANCE = 0.13
"""Smallest distance of two labelled bars as a fraction of the chart: 40 pixels of 300."""

LABEL_WIDTH = 24
"""Number of characters of a line of a label of the tornado chart."""

ABOVE_STOCK = 1_000
"""Upper end of the chart, in multiples of the highest stock."""

HISTORY_YEARS, HISTORY_RANGE = 8, 300
"""Published training sets shown: years before the forecast, and factor below the lowest band."""


def fan_chart(numbers: Mapping[str, Any], models: LanguageModels | None) -> Chart:
    """Fan chart of stock and demand by year, with the published training sets."""
    sides = {side: numbers[side] for side in ("stock", "demand")}
    unit, years = sides["stock"]["unit"], sides["stock"]["years"]
    rows: list[dict[str, Any]] = []
    table = []
    for i, year in enumerate(years):
        if year > _last_year_shown(numbers):
            break
        row: dict[str, Any] = {"i": i, "year": year}
        for side, bands in sides.items():
            row |= {f"{side}_{end}": bands[end][i] for end in ("low", "high")}
            row[side] = bands["median"][i]
        spans = [_interval_text(row, side) for side in sides]
        row["description"] = f"{year:.1f}: stock {spans[0]}, demand {spans[1]} {unit}"
        rows.append(row)
        table.append([f"{year:.1f}", *spans])
    values = [row[f"{side}_{end}"] for row in rows for side in sides for end in ("low", "high")]
    # Demand far beyond the stock says nothing, and needs units that nobody uses.
    highest = ABOVE_STOCK * max(row["stock_high"] for row in rows)
    ends = [max(min(values), 1e-300) / HISTORY_RANGE, min(max(values) * 2, highest)]
    if models is not None:
        published = zip(models.sizes.dates.tolist(), models.sizes.values.tolist(), strict=True)
        rows += [
            {"i": -9, "published_year": round(when, 3), "published": size}
            for when, size in published
            if when > years[0] - HISTORY_YEARS and size > ends[0]
        ]
    else:
        ends[0] *= HISTORY_RANGE / 2
    return {
        "template": "fan",
        "title": "Stock and demand",
        "alt": f"In {years[0]:.1f} the stock is {_interval_text(rows[0], 'stock')} {unit}, demand "
        f"{_interval_text(rows[0], 'demand')}. {numbers['summary']}",
        "head": ["year", *(f"{side} ({unit})" for side in sides)],
        "table": table,
        "rows": rows,
        "set": {"unit": unit, "ends": ends, "height": 340},
    }


def dates_chart(numbers: Mapping[str, Any]) -> Chart:
    """Bar chart of the probability of exhaustion in each year."""
    probability_by_year = {
        int(y): p for y, p in numbers["exhaustion"]["probability_by_year"].items()
    }
    bars = [("earlier", probability_by_year[min(probability_by_year)])]
    # The probability by the start of a year covers exhaustion in the years before it.
    bars += [
        (str(index), probability_by_year[other] - probability_by_year[index])
        for index, other in pairwise(sorted(probability_by_year))
    ]
    last = int(_last_year_shown(numbers))
    bars_shown = [bar for n, bar in enumerate(bars) if n == 0 or int(bar[0]) <= last]
    remainder = 1 - sum(probability for _, probability in bars_shown)
    if remainder > 0.0005:
        bars_shown.append(("later", remainder))
    mode = max(bars_shown, key=lambda bar: bar[1])
    return {
        "template": "dates",
        "title": "Year of exhaustion",
        "alt": f"The most likely year is {mode[0]}, with {fixed_percent(mode[1])} of the draws. "
        f"{numbers['summary']}",
        "head": ["year", "fraction of draws", "cumulative"],
        "table": [
            [
                label,
                fixed_percent(probability),
                fixed_percent(sum(s for _, s in bars_shown[: n + 1])),
            ]
            for n, (label, probability) in enumerate(bars_shown)
        ],
        "rows": [
            {
                "i": i,
                "year": label,
                "probability": round(probability, 5),
                "description": f"{label}: {fixed_percent(probability)}",
            }
            for i, (label, probability) in enumerate(bars_shown)
        ],
        "set": {"height": 190, "labelled": _labelled([label for label, _ in bars_shown])},
    }


def _labelled(labels: Sequence[str]) -> list[str]:
    """The bars with a label: the ends, and years far enough from them and from each other."""
    distance = LABEL_DISTANCE * len(labels)
    step = next(one for one in (1, 2, 5, 10, 20, 50) if one >= distance)
    ends = {0, len(labels) - 1}
    return [
        label
        for i, label in enumerate(labels)
        if i in ends
        or (
            label.isdigit()
            and int(label) % step == 0
            and distance <= i <= len(labels) - 1 - distance
        )
    ]


def tornado_chart(sensitivity: Sequence[Sensitivity]) -> Chart:
    """Tornado chart of the sensitivity of the date to each input."""
    inputs_shown = sensitivity[:MAX_INPUTS]
    rows = [
        {
            "i": i,
            "label": "|".join(textwrap.wrap(one.title, LABEL_WIDTH)),
            "p10": round(min(one.date_at_low, one.horizon), 3),
            "p90": round(min(one.date_at_high, one.horizon), 3),
            "description": f"{one.title}: {' and '.join(_dates_at(one))}",
        }
        for i, one in enumerate(inputs_shown)
    ]
    first = inputs_shown[0]
    return {
        "template": "tornado",
        "title": "Sensitivity of the date",
        "alt": f"The most influential input is {first.title}: from {first.low} to {first.high} the "
        f"median date changes by {first.swing:+.1f} years.",
        "head": [
            "input",
            "driver",
            "median date at a low value",
            "median date at a high value",
            "swing, years",
            "fraction of the variance",
        ],
        "table": [
            [
                f"{one.title} ({one.name})" if one.title != one.name else one.name,
                one.driver,
                *_dates_at(one),
                f"{one.swing:+.1f}",
                "" if one.first_order is None else fixed_percent(one.first_order),
            ]
            for one in sensitivity
        ],
        "rows": rows,
        "set": {"height": 30 * len(rows)},
    }


def _dates_at(one: Sensitivity) -> tuple[str, str]:
    """Both median dates with the value of the input: '2027.6 at 3.9x a year'."""
    pairs = ((one.date_at_low, one.low), (one.date_at_high, one.high))
    low, high = (
        f"{date:.1f} at {value}" if date <= one.horizon else f"after {int(one.horizon)} at {value}"
        for date, value in pairs
    )
    return low, high


def _last_year_shown(numbers: Mapping[str, Any]) -> float:
    """Last year of the charts: exhaustion is almost certain, at least ten years after the start."""
    by_year = numbers["exhaustion"]["probability_by_year"]
    first = numbers["stock"]["years"][0]
    mode = max(by_year.values())
    decided = [float(y) for y, p in by_year.items() if p >= min(0.98, 0.98 * mode)]
    return float(min(max([first + 10, *decided[:1]]) + 1, numbers["stock"]["years"][-1]))


def _interval_text(row: Mapping[str, float], side: str) -> str:
    low, middle, high = (format_amount(row[f"{side}{end}"]) for end in ("_low", "", "_high"))
    return f"{middle} ({low} to {high})"
