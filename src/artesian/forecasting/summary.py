"""An outlook in numbers that JSON can hold, and in one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.scenario import demand_of, matters
from artesian.forecasting.sensitivity import Influence
from artesian.forecasting.simulation import Outlook

BANDS = {"low": 0.1, "median": 0.5, "high": 0.9}
"""What is told of stock and demand: an 80 % interval."""


def told(found: Outlook, influences: Sequence[Influence] | None = None) -> dict[str, Any]:
    """Everything about one scenario; years as decimals, null for a date past the years looked at.

    Args:
        influences: Left out if None.
    """
    scenario, dates = found.scenario, found.exhaustion
    source = demand_of(scenario, found.inputs)
    whole = [int(year) for year in range(math.ceil(found.years[0]), int(found.years[-1]) + 1)]
    by_year = dates.probability_by_year(np.array(whole, np.float64))
    found_dict: dict[str, Any] = {
        "scenario": scenario.name,
        "modality": scenario.modality,
        "language": scenario.language,
        "demand_by": source,
        "says": sentence(found),
        "draws": len(dates.dates),
        "exhaustion": {
            "median": year(dates.median),
            "interval80": [year(end) for end in dates.interval(0.8)],
            "probability_by_year": {
                str(y): round(float(p), 5) for y, p in zip(whole, by_year, strict=True)
            },
            "probability_already": round(found.already, 5),
            "probability_later": round(found.beyond, 5),
            "probability_never": round(found.never, 5),
            "looked_at": [round(float(found.years[0]), 3), round(float(found.years[-1]), 3)],
        },
        "stock": _band(found.stock, found),
        "demand": _band(found.demand, found),
    }
    if influences is not None:
        found_dict["sensitivity"] = [
            {
                "input": one.name,
                "first_order": round(one.first_order, 4),
                "date_at_p10": round(one.low, 3),
                "date_at_p90": round(one.high, 3),
                "swing_years": round(one.swing, 3),
            }
            for one in influences
        ]
        found_dict["inputs"] = {
            name: {
                "value": str(one.distribution),
                "median": one.possible.median,
                "unit": one.unit,
                "source": one.source,
                "date": one.date,
                "confidence": one.confidence,
                "meaning": one.meaning,
            }
            for name, one in found.inputs.items()
            if matters(name, scenario, source)
        }
    return found_dict


def sentence(found: Outlook) -> str:
    """What the dates say together."""
    dates = found.exhaustion
    low, high = dates.interval(0.8)
    last = str(int(dates.last))
    if found.already >= 0.5:
        rest = f" ({100 * found.already:.0f} % of the draws)" if found.already < 0.995 else ""
        return f"Demand had reached the stock by {dates.first:.1f}{rest}."
    if found.beyond >= 0.5:
        said = f"The stock lasts beyond {last} in {100 * found.beyond:.0f} % of the draws"
        first = f", and is exhausted before {low:.1f} in one of ten" if math.isfinite(low) else ""
        never = (
            f"; it never runs out in {100 * found.never:.0f} %, for it grows as fast as demand"
            if found.never >= 0.005
            else ""
        )
        return f"{said}{first}{never}."
    until = f"{high:.1f}" if math.isfinite(high) else f"beyond {last}"
    spared = f"; in {100 * found.beyond:.1f} % not before {last}" if found.beyond >= 0.001 else ""
    return f"Exhausted in {dates.median:.1f} (80 %: {low:.1f} to {until}{spared})."


def year(value: float) -> float | None:
    """A decimal year; None for infinity."""
    return round(value, 3) if math.isfinite(value) else None


def _band(values: Array, found: Outlook) -> dict[str, Any]:
    bands = np.quantile(values, list(BANDS.values()), axis=0)
    return {
        "unit": found.unit,
        "years": [round(float(y), 3) for y in found.years],
        **{
            name: [float(f"{value:.6g}") for value in band]
            for name, band in zip(BANDS, bands, strict=True)
        },
    }
