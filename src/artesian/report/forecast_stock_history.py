"""Two parts of the forecast report: the stock as a product, and the history of the date."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from artesian.forecasting.history import PastDate
from artesian.forecasting.inputs.quantities import format_amount
from artesian.forecasting.stock_sheet import Factor
from artesian.report.charts import Chart

LATEST = 45.0
"""Years after the last cut-off at which the axis of dates ends."""


def sheet_rows(factors: Sequence[Factor]) -> list[dict[str, str]]:
    """The lines of the sheet with formatted values."""
    return [
        {
            "sign": one.sign,
            "value": format_amount(one.value) if one.unit else f"{one.value:.3g}",
            "unit": one.unit,
            "label": one.label,
        }
        for one in factors
    ]


def history_chart(past: Sequence[PastDate]) -> Chart | None:
    """Chart of the date that each cut-off would have given; None with fewer than two cut-offs."""
    if len(past) < 2:
        return None
    latest = past[-1].cutoff + LATEST

    def text(year: float) -> str:
        return f"{year:.1f}" if math.isfinite(year) else "later"

    rows: list[dict[str, Any]] = [
        {
            "i": i,
            "cutoff": round(one.cutoff, 3),
            **{
                name: round(min(getattr(one, name), latest), 2)
                for name in ("median", "low", "high")
            },
            "description": f"models until {one.cutoff:.1f}: {text(one.median)} ({text(one.low)} to "
            f"{text(one.high)})",
        }
        for i, one in enumerate(past)
    ]
    medians = [one.median for one in past]
    return {
        "template": "history",
        "title": "History of the date",
        "alt": f"From models published until {past[0].cutoff:.1f} to {past[-1].cutoff:.1f}, the median "
        f"date was between {text(min(medians))} and {text(max(medians))}.",
        "head": ["models published until", "median", "80 % interval"],
        "table": [
            [f"{one.cutoff:.1f}", text(one.median), f"{text(one.low)} to {text(one.high)}"]
            for one in past
        ],
        "rows": rows,
        "set": {"height": 220},
    }
