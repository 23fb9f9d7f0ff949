"""Data of the interactive levers in the forecast report: sampled paths and slider positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from artesian.forecasting.model.levers import effective_epochs
from artesian.forecasting.scenario import MODALITIES_2022, TEXT, USERS
from artesian.forecasting.simulation import Simulation
from artesian.report.charts import Chart

SLIDER_DRAWS = 2_000
"""Number of draws embedded in the page for the sliders."""

INPUTS = {
    "curation_yield": ("curation_yield", "plain"),
    "epochs": ("training_epochs", "plain"),
    "opt_out": ("opt_out", "percent"),
    "growth": ("user_growth", "growth"),
    "synthetic": ("synthetic_fraction", "percent"),
    "overtraining": ("overtraining", "plain"),
}
"""The input that each slider sets, and how its value is written."""


def slider_draws(simulation: Simulation) -> Chart:
    """Return draws for the script of the page: those at equally spaced ranks of the date.

    Their quantiles are those of all draws, so that the sliders agree with the result. A row is one
    draw: log10 of demand over stock, in hundredths, for each year.
    """
    dates = simulation.exhaustion.dates
    last = simulation.demand[:, -1] / simulation.stock[:, -1]
    order = np.lexsort(
        (-last, dates)
    )  # draws without exhaustion: those that are nearest to it first
    number = min(SLIDER_DRAWS, len(order))
    chosen = order[((np.arange(number) + 0.5) * len(order) / number).astype(np.int64)]
    with np.errstate(divide="ignore"):
        ratio = np.log10(simulation.demand[chosen]) - np.log10(simulation.stock[chosen])
    hundredths = np.clip(np.round(100 * np.nan_to_num(ratio, posinf=99, neginf=-99)), -9999, 9999)
    return {
        "id": "draws",
        "template": "none",
        "set": {"years": [round(float(y), 3) for y in simulation.years]},
        "rows": [{"log10_ratio": row} for row in hundredths.astype(int).tolist()],
    }


def lever_sliders(simulation: Simulation) -> list[dict[str, Any]]:
    """Return the sliders of the levers with range, step and the position in the scenario."""
    inputs = simulation.inputs
    synthetic = min(
        inputs.median("levers.synthetic_fraction"), inputs.median("levers.synthetic_limit")
    )
    epochs = inputs.median("levers.training_epochs")
    if epochs == 0 and simulation.scenario.modality in (TEXT, USERS):
        epochs = _epochs_equivalent(inputs.median("web.epochs"), inputs.median("levers.repetition"))
    levers = [
        (
            "curation_yield",
            "Yield of filtering and deduplication",
            "×",
            0.25,
            4.0,
            0.05,
            inputs.median("levers.curation_yield"),
        ),
        (
            "opt_out",
            "Text withdrawn by owners",
            "%",
            0.0,
            90.0,
            1.0,
            100 * inputs.median("levers.opt_out"),
        ),
        (
            "growth",
            "Additional yearly growth of the stock",
            "%",
            -10.0,
            20.0,
            0.5,
            100 * (inputs.median("levers.user_growth") - 1),
        ),
        ("synthetic", "Demand met by synthetic data", "%", 0.0, 90.0, 1.0, 100 * synthetic),
        (
            "overtraining",
            "Over-training factor",
            "×",
            1.0,
            20.0,
            0.5,
            inputs.median("levers.overtraining"),
        ),
    ]
    if simulation.scenario.modality not in MODALITIES_2022:
        levers.insert(
            1,
            (
                "epochs",
                "Training epochs",
                "",
                1.0,
                32.0,
                0.5,
                max(1.0, round(2 * epochs) / 2),
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
            "input": f"levers.{INPUTS[name][0]}",
            "kind": INPUTS[name][1],
            "scale": inputs.median("levers.repetition"),
        }
        for name, label, unit, low, high, step, start in levers
    ]


def _epochs_equivalent(multiplier: float, repetition: float) -> float:
    """Return the number of epochs whose value is closest to `multiplier`, up to 64."""
    grid = np.arange(1, 64.5, 0.5)
    return float(grid[int(np.argmin(np.abs(effective_epochs(grid, repetition) - multiplier)))])
