"""What the sliders of the page need: draws, and where each lever stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from artesian.forecasting.model.levers import worth_of_passes
from artesian.forecasting.scenario import STUDY_2022, TEXT, USERS
from artesian.forecasting.simulation import Outlook
from artesian.report.charts import Chart

FUTURES = 500
"""Draws that the page carries for its sliders; the first of all."""


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
