"""The charts of a forecast as rows: stock and demand, the dates, what drives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from artesian.forecasting.sensitivity import Influence
from artesian.forecasting.series.language_models import LanguageModels
from artesian.report.charts import Chart
from artesian.report.words import percent

DRIVERS = 12
"""Inputs in the chart of influences."""

SEEN_YEARS, SEEN_BELOW = 8, 300
"""Training sets that are shown: of so many years before, and down to so much below the bands."""

PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


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
