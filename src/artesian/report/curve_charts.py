"""Charts of curves over generations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from artesian.report.charts import Chart

HEIGHT = 300
MAX_TABLE_ROWS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One series of a chart; `low`, `high` and `theory` may be empty."""

    label: str
    x: Sequence[float]
    values: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    theory: Sequence[float] = ()


def curve_chart(
    title: str,
    lines: Sequence[Line],
    *,
    x: str,
    y: str,
    log: bool = False,
    ends: tuple[float, float] | None = None,
    columns: int = 2,
    reference: str = "theory",
) -> Chart:
    """Lines with bands and dashed theory, and the same numbers as a table.

    Args:
        x, y: Titles of the axes.
        log: Whether the vertical axis is logarithmic; values that are not positive are left out.
        ends: Ends of the vertical axis; None for those of the values.
        columns: Columns of the legend.
        reference: What the dashed lines are.
    """
    rows: list[dict[str, Any]] = []
    for line in lines:
        for k, (at, value) in enumerate(zip(line.x, line.values, strict=True)):
            if log and value <= 0:
                continue
            row: dict[str, Any] = {"i": len(rows), "series": line.label, "x": at}
            row["label"] = f"{line.label}, {x} {at:g}"
            row["value"] = row["low"] = row["high"] = _rounded(value)
            if len(line.low):
                # A logarithmic axis has no place for zero.
                row["low"] = _rounded(max(line.low[k], value / 1e3) if log else line.low[k])
                row["high"] = _rounded(line.high[k])
            if len(line.theory):
                row["theory"] = _rounded(line.theory[k])
            rows.append(row)
    last = ", ".join(f"{line.label}: {line.values[-1]:.3g}" for line in lines)
    return {
        "template": "curves-log" if log else "curves",
        "title": title,
        "alt": f"{y} by {x}. At the last {x}: {last}.",
        "rows": rows,
        "head": [x, *chain(*(_heads(line, reference) for line in lines))],
        "table": _table(lines),
        "set": {
            "x": x,
            "y": y,
            "ends": list(ends or _ends(rows, log)),
            "series_names": [line.label for line in lines],
            "columns": columns,
            "reference": reference,
            "height": HEIGHT + 18 * math.ceil(len(lines) / columns),
        },
    }


def _heads(line: Line, reference: str) -> list[str]:
    return [line.label, *([reference] if len(line.theory) else [])]


def _table(lines: Sequence[Line]) -> list[list[str]]:
    positions = sorted({at for line in lines for at in line.x})
    step = max(1, math.ceil(len(positions) / MAX_TABLE_ROWS))
    shown = sorted({*positions[::step], positions[-1]})
    table = []
    for at in shown:
        row = [f"{at:g}"]
        for line in lines:
            k = list(line.x).index(at) if at in line.x else None
            row.append("" if k is None else f"{line.values[k]:.3g}")
            if len(line.theory):
                row.append("" if k is None else f"{line.theory[k]:.3g}")
        table.append(row)
    return table


def _ends(rows: Sequence[dict[str, Any]], log: bool) -> tuple[float, float]:
    fields = ("value", "theory") if log else ("value", "low", "high", "theory")
    values = [row[field] for row in rows for field in fields if row.get(field) is not None]
    values = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not values:
        return (0.1, 1.0)
    low, high = min(values), max(values)
    if log:
        return (low / 1.3, high * 1.3)
    edge = 0.04 * ((high - low) or 1.0)
    return (low - edge, high + edge)


def _rounded(value: float) -> float | None:
    return float(f"{value:.5g}") if math.isfinite(value) else None
