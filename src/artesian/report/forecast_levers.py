"""Data of the interactive levers in the forecast report: sampled paths, sliders and their effects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.forecasting.lever_effects import GROUPS, LeverEffect, by_date, ramp_start
from artesian.forecasting.simulation import Simulation
from artesian.report.charts import Chart

SLIDER_DRAWS = 2_000
"""Number of draws embedded in the page for the sliders."""

SLIDERS = {
    "curation_yield": ("Yield of filtering and deduplication", "plain", 0.05),
    "training_epochs": ("Training epochs", "plain", 0.5),
    "opt_out": ("Text withdrawn by owners", "percent", 1.0),
    "user_growth": ("Additional yearly growth of the stock", "growth", 0.5),
    "transcribed": ("Speech of YouTube transcribed", "percent", 1.0),
    "demand_growth": ("Fixed yearly growth of demand", "growth", 5.0),
    "synthetic_fraction": ("Demand met by synthetic data", "percent", 1.0),
    "rephrased_fraction": ("Rephrased training text", "percent", 1.0),
    "data_efficiency": ("Data efficiency", "plain", 0.1),
    "overtraining": ("Over-training factor", "plain", 0.5),
}
"""For each lever: label, how its value is written, and the step of its slider."""

UNITS = {"plain": "×", "percent": "%", "growth": "%"}


def slider_draws(simulation: Simulation, effects: Sequence[LeverEffect]) -> Chart:
    """Return draws for the script of the page: those at equally spaced ranks of the date.

    Their quantiles are those of all draws, so that the sliders agree with the result. A row is one
    draw: log10 of demand over stock and of demand over that of the first year, in hundredths, for each
    year. The effects of the levers are in thousandths, by lever, position, group of draws and year; so
    are the deviations of draws from their groups.
    """
    order = by_date(simulation)
    number = min(SLIDER_DRAWS, len(order))
    chosen = order[((np.arange(number) + 0.5) * len(order) / number).astype(np.int64)]
    with np.errstate(divide="ignore", invalid="ignore"):
        demand = np.log10(simulation.demand[chosen])
        ratio = demand - np.log10(simulation.stock[chosen])
        growth = demand - demand[:, :1]
    return {
        "id": "draws",
        "template": "none",
        "set": {
            "years": [round(float(y), 3) for y in simulation.years],
            "groups": GROUPS,
            "levers": {one.name: _table(one, chosen) for one in effects},
        },
        "rows": [
            {"log10_ratio": row, "log10_growth": grown}
            for row, grown in zip(_integers(ratio, 100), _integers(growth, 100), strict=True)
        ],
    }


def lever_sliders(effects: Sequence[LeverEffect]) -> list[dict[str, Any]]:
    """Return the sliders of the levers with range, step and the position in the scenario."""
    by_name = {one.name: one for one in effects}
    sliders = []
    for name, (label, kind, step) in SLIDERS.items():
        if name not in by_name:
            continue
        shown = [_shown(kind, by_name[name].positions[end]) for end in (0, -1)]
        sliders.append(
            {
                "id": name,
                "label": label,
                "unit": "" if name == "training_epochs" else UNITS[kind],
                "low": round(shown[0], 3),
                "high": round(shown[1], 3),
                "step": step,
                "start": round(_shown(kind, by_name[name].start), 3),
                "input": f"levers.{name}",
                "kind": kind,
            }
        )
    return sliders


def ramp_slider(simulation: Simulation) -> dict[str, int]:
    """Range and position of the slider of the year from which moved levers take effect."""
    low = math.ceil(simulation.years[0])
    start = max(low, math.ceil(ramp_start(simulation) or low))
    return {"low": low, "high": max(low + 15, start), "start": start}


def _shown(kind: str, value: float) -> float:
    """The value of a lever as its slider shows it."""
    return {"percent": 100 * value, "growth": 100 * (value - 1)}.get(kind, value)


def _table(effect: LeverEffect, chosen: NDArray[np.int64]) -> dict[str, Any]:
    kind = SLIDERS[effect.name][1]
    values = np.array([*effect.effects, effect.neutral])
    if np.ptp(values, axis=1).max() < 0.002:
        values = values[:, :1]  # the same for all draws
    *effects, neutral = _integers(values, 1000)
    return {
        "positions": [round(_shown(kind, value), 4) for value in effect.positions],
        "effects": effects,
        "neutral": neutral,
        "accumulates": effect.accumulates,
        "deviations": _integers(effect.deviations[chosen], 1000) if len(effect.scales) else [],
        "scales": effect.scales.round(4).tolist(),
        "neutral_scale": round(effect.neutral_scale, 4),
    }


def _integers(values: np.ndarray[Any, Any], scale: int) -> list[Any]:
    limit = 99 * scale
    clipped = np.clip(np.nan_to_num(values, posinf=99, neginf=-99), -99, 99)
    whole: list[Any] = np.clip(np.round(scale * clipped), -limit, limit).astype(int).tolist()
    return whole
