"""Trade-off charts: candidates by two metrics at a time, with the Pareto front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from artesian.core.formatting import number
from artesian.metrics import CATALOG
from artesian.metrics.protocol import Axis, Better
from artesian.report.charts import Chart
from artesian.report.pareto import front

Candidate = tuple[str, Mapping[str, float]]
"""Name, and values of the metrics that were computed."""


def axes(candidates: Sequence[Candidate]) -> dict[str, str]:
    """Axis (such as 'privacy') -> the metric that represents it; axes without values are left out."""
    specs = [CATALOG[name].spec for name in CATALOG]
    specs.sort(key=lambda spec: (spec.priority is None, spec.priority))
    chosen = {}
    for axis in Axis:
        computed = [
            spec.name
            for spec in specs
            if spec.axis is axis and sum(spec.name in values for _, values in candidates) > 1
        ]
        if computed:
            chosen[axis.value] = computed[0]
    return chosen


def pareto_optimal(candidates: Sequence[Candidate]) -> list[bool]:
    """Which candidates are Pareto-optimal in all axes; none if there is only one axis."""
    metrics = list(axes(candidates).values())
    return _front(candidates, metrics) if len(metrics) > 1 else [False] * len(candidates)


def tradeoff_charts(candidates: Sequence[Candidate]) -> list[Chart]:
    """One chart per pair of axes."""
    chosen = list(axes(candidates).items())
    pairs = [(one, other) for i, one in enumerate(chosen) for other in chosen[i + 1 :]]
    return [_tradeoff_chart(candidates, across, up) for across, up in pairs]


def _front(candidates: Sequence[Candidate], metrics: Sequence[str]) -> list[bool]:
    points = [[values.get(metric) for metric in metrics] for _, values in candidates]
    return front(points, [_direction(metric) for metric in metrics])


def _direction(metric: str) -> Better:
    return Better.HIGHER if CATALOG[metric].spec.better is Better.HIGHER else Better.LOWER


def _tradeoff_chart(
    candidates: Sequence[Candidate], across: tuple[str, str], up: tuple[str, str]
) -> Chart:
    x, y = across[1], up[1]
    optimal = _front(candidates, (x, y))
    points = [
        (name, values[x], values[y], is_optimal)
        for (name, values), is_optimal in zip(candidates, optimal, strict=True)
        if x in values and y in values
    ]
    down = {"x": _direction(x) is Better.LOWER, "y": _direction(y) is Better.LOWER}
    ends = {
        "x": _ends(x, [point[1] for point in points], 0.3),
        "y": _ends(y, [point[2] for point in points], 0.15),
    }
    middle = sum(ends["x"]) / 2
    rows = [
        {
            "i": i,
            "label": method,
            "description": f"{method}: {across[0]} {number(a)}, {up[0]} {number(b)}",
            "x": round(a, 5),
            "y": round(b, 5),
            "best": on,
            # A label is on the side with more space, and lower if other labels are close.
            "flip": (a > middle) != down["x"],
            "drop": 2 + 13 * near if (near := _crowding(points[:i], (a, b), ends)) else -11,
        }
        for i, (method, a, b, on) in enumerate(points)
    ]
    rows += _steps([(a, b) for _, a, b, on in points if on], down)
    winners = ", ".join(method for method, *_, on in points if on)
    return {
        "template": "tradeoff",
        "title": f"{across[0].capitalize()} and {up[0]}",
        "alt": f"{CATALOG[x].spec.title} and {CATALOG[y].spec.title}; better is up and to the right. "
        f"Pareto-optimal in both: {winners}.",
        "head": ["name", f"{across[0]} ({x})", f"{up[0]} ({y})", "Pareto-optimal in both"],
        "table": [[m, number(a), number(b), "yes" if on else "no"] for m, a, b, on in points],
        "rows": rows,
        "set": {
            "x": f"{across[0]}: {x} {'(lower is better)' if down['x'] else '(higher is better)'}",
            "y": f"{up[0]}: {y} {'(lower is better)' if down['y'] else '(higher is better)'}",
            "x_down": down["x"],
            "y_down": down["y"],
            "x_ends": ends["x"],
            "y_ends": ends["y"],
            "height": 260,
        },
    }


def _steps(points: list[tuple[float, float]], down: dict[str, bool]) -> list[dict[str, Any]]:
    """Corners of the Pareto front as a step line, from the best in one axis to that in the other."""
    points = sorted(set(points), key=lambda point: -point[0] if down["x"] else point[0])
    corners: list[tuple[float, float]] = []
    for at, point in enumerate(points):
        corners.append(point)
        if at + 1 < len(points):
            corners.append((point[0], points[at + 1][1]))
    return [
        {"i": -9, "front": n, "x": round(a, 5), "y": round(b, 5)}
        for n, (a, b) in enumerate(corners)
    ]


def _crowding(
    others: Sequence[tuple[str, float, float, bool]],
    place: tuple[float, float],
    ends: dict[str, list[float]],
) -> int:
    """Number of labelled points so close that the labels would overlap."""
    wide, high = (end[1] - end[0] for end in ends.values())
    return sum(
        abs(x - place[0]) < 0.4 * wide and abs(y - place[1]) < 0.12 * high for _, x, y, _ in others
    )


def _ends(metric: str, values: Sequence[float], padding: float) -> list[float]:
    """Range of the values with padding, but not far beyond the range of the metric."""
    low, high = min(values), max(values)
    wide = max(high - low, 0.02)
    spec = CATALOG[metric].spec
    return [
        max(spec.low - 0.03, low - padding * wide),
        min(spec.high + 0.03, high + padding * wide),
    ]
