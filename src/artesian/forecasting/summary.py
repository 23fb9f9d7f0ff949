"""Summary of a simulation as a JSON-compatible dictionary and as one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from artesian.forecasting.freshness import freshness
from artesian.forecasting.inputs.inputs import Input
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.scenario import demand_source, is_used
from artesian.forecasting.sensitivity import Sensitivity, fractions_by_driver
from artesian.forecasting.simulation import Simulation
from artesian.forecasting.stock_sheet import stock_sheet
from artesian.forecasting.understood import format_growth, understood_as

QUANTILES = {"low": 0.1, "median": 0.5, "high": 0.9}
"""Quantiles of stock and demand: the median and an 80 % interval."""

GROWTH_YEARS = 5
"""Number of years over which the growth of demand is reported."""


def summarize(
    simulation: Simulation, sensitivity: Sequence[Sensitivity] | None = None
) -> dict[str, Any]:
    """Summarize a simulation.

    Args:
        simulation: Simulation.
        sensitivity: Sensitivity to include, together with the inputs; both are omitted if None.

    Returns:
        JSON-compatible dictionary. Years are decimal; a date beyond the horizon is None.
    """
    scenario, dates = simulation.scenario, simulation.exhaustion
    source = demand_source(scenario, simulation.inputs)
    calendar_years = [
        int(year) for year in range(math.ceil(simulation.years[0]), int(simulation.years[-1]) + 1)
    ]
    by_year = dates.probability_by_year(np.array(calendar_years, np.float64))
    age = freshness(simulation)
    summary: dict[str, Any] = {
        "understood_as": understood_as(scenario, simulation.inputs),
        "scenario": scenario.name,
        "modality": scenario.modality,
        "language": scenario.language,
        "demand_source": source,
        "summary": describe(simulation),
        "as_of": None if age.as_of is None else age.as_of.isoformat(),
        "outdated": age.is_outdated,
        "freshness": age.describe(),
        "draws": len(dates.dates),
        "exhaustion": {
            "median": finite_year(dates.median),
            "interval80": [finite_year(end) for end in dates.interval(0.8)],
            "probability_by_year": {
                str(y): round(float(p), 5) for y, p in zip(calendar_years, by_year, strict=True)
            },
            "probability_at_start": round(simulation.probability_at_start, 5),
            "probability_before_today": round(age.probability_past, 5),
            "probability_beyond_horizon": round(simulation.probability_beyond_horizon, 5),
            "probability_never": round(simulation.probability_never, 5),
            "horizon": [
                round(float(simulation.years[0]), 3),
                round(float(simulation.years[-1]), 3),
            ],
        },
        "implied_demand_growth": implied_growth(simulation),
        "stock": _quantile_bands(simulation.stock, simulation),
        "demand": _quantile_bands(simulation.demand, simulation),
    }
    if sensitivity is not None:
        summary["stock_sheet"] = [asdict(one) for one in stock_sheet(simulation)]
        summary["sensitivity"] = [
            {
                "input": one.name,
                "title": one.title,
                "driver": one.driver,
                "low": one.low,
                "high": one.high,
                "date_at_low": finite_year(one.date_at_low),
                "date_at_high": finite_year(one.date_at_high),
                "swing_years": round(one.swing, 3),
                "first_order": None if one.first_order is None else round(one.first_order, 4),
            }
            for one in sensitivity
        ]
        summary["drivers"] = {
            name: round(fraction, 4) for name, fraction in fractions_by_driver(sensitivity).items()
        }
        summary["inputs"] = {
            name: {
                "label": one.title,
                "value": _value(one),
                "median": one.feasible.median if one.has_value else None,
                "interval80": [float(one.feasible.quantile(p)) for p in (0.1, 0.9)]
                if one.has_value
                else None,
                "unit": one.unit,
                "source": one.source,
                "date": one.date,
                "confidence": one.confidence,
                "description": one.description,
            }
            for name, one in simulation.inputs.items()
            if is_used(name, scenario, source) or name in simulation.inputs.conversions
        }
    return summary


def implied_growth(simulation: Simulation) -> dict[str, float]:
    """Return the yearly growth of demand over the first years: median and 80 % interval of factors."""
    years = simulation.years
    last = min(int(np.searchsorted(years, years[0] + GROWTH_YEARS - 1e-6)), len(years) - 1)
    ratio = simulation.demand[:, last] / np.maximum(simulation.demand[:, 0], 1e-300)
    factors = ratio ** (1 / (years[last] - years[0]))
    low, median, high = np.quantile(factors, list(QUANTILES.values()))
    return {
        "median": round(float(median), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "years": round(float(years[last] - years[0]), 3),
    }


def describe_growth(simulation: Simulation) -> str:
    """Describe the growth of demand over the first years in one sentence."""
    growth = implied_growth(simulation)
    low, median, high = (format_growth(growth[name]) for name in ("low", "median", "high"))
    if low == high:
        return f"Implied growth of demand: {median} a year."
    return (
        f"Implied growth of demand over {growth['years']:g} years: {median} a year "
        f"(80 % interval {low} to {high})."
    )


def describe(simulation: Simulation) -> str:
    """Describe the distribution of the date of exhaustion in one sentence."""
    dates = simulation.exhaustion
    low, high = dates.interval(0.8)
    last = str(int(dates.last))
    start, beyond = simulation.probability_at_start, simulation.probability_beyond_horizon
    if start >= 0.5:
        percentage = f" ({100 * start:.0f} % of the draws)" if start < 0.995 else ""
        return f"Demand had reached the stock by {dates.first:.1f}{percentage}."
    if not simulation.demand.any():
        return "Never exhausted: there is no demand for human data."
    if beyond >= 0.5:
        text = f"The stock lasts beyond {last} in {100 * beyond:.0f} % of the draws"
        early = f" and is exhausted before {low:.1f} in 10 %" if math.isfinite(low) else ""
        never = simulation.probability_never
        growing = (
            f"; in {100 * never:.0f} % it is never exhausted, because it grows at least as fast "
            "as demand"
            if never >= 0.005
            else ""
        )
        return f"{text}{early}{growing}."
    until = f"{high:.1f}" if math.isfinite(high) else f"after {last}"
    later = f"; {100 * beyond:.1f} % of the draws are after {last}" if beyond >= 0.001 else ""
    return f"Exhausted in {dates.median:.1f} (80 % interval {low:.1f} to {until}{later})."


def describe_drivers(sensitivity: Sequence[Sensitivity]) -> str:
    """Describe the fractions of the variance of the four drivers; "" if the date does not vary."""
    fractions = fractions_by_driver(sensitivity)
    if not fractions:
        return ""
    rest = max(0.0, 1 - sum(fractions.values()))
    parts = [f"{name} {100 * fraction:.0f} %" for name, fraction in fractions.items()]
    return (
        f"Variance of the date (ranks): {', '.join(parts)}; {100 * rest:.0f} % is not explained by "
        "single inputs."
    )


def describe_alternative(simulation: Simulation) -> str:
    """Describe the date under the other model of demand, which past forecasts do not distinguish."""
    source = demand_source(simulation.scenario, simulation.inputs)
    text = describe(simulation)
    return (
        f"With demand {source!r} (growth updated with that of the last three years), which past "
        f"forecasts do not distinguish from the default: {text[0].lower()}{text[1:]}"
    )


def _value(entry: Input) -> str:
    text = str(entry.distribution)
    if entry.ramp is None:
        return text
    return f"{text} from {entry.ramp[0]:g} to {entry.ramp[1]:g}"


def finite_year(value: float) -> float | None:
    """Round a decimal year; None for infinity."""
    return round(value, 3) if math.isfinite(value) else None


def _quantile_bands(values: Array, simulation: Simulation) -> dict[str, Any]:
    bands = np.quantile(values, list(QUANTILES.values()), axis=0)
    return {
        "unit": simulation.unit,
        "years": [round(float(y), 3) for y in simulation.years],
        **{
            name: [float(f"{value:.6g}") for value in band]
            for name, band in zip(QUANTILES, bands, strict=True)
        },
    }
