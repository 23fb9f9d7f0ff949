"""What one gain costs another: candidates by two metrics at a time, and those that are not beaten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from artesian.metrics import CATALOG
from artesian.metrics.protocol import Axis, Better
from artesian.report.charts import Chart
from artesian.report.pareto import front
from artesian.report.words import number

Candidate = tuple[str, Mapping[str, float]]
"""A name, and the values of its metrics; those that were not measured are not there."""


def axes(candidates: Sequence[Candidate]) -> dict[str, str]:
    """'likeness', 'usefulness', 'privacy' -> the metric that stands for it; unmeasured ones are out."""
    specs = [CATALOG[name].spec for name in CATALOG]
    specs.sort(key=lambda spec: (spec.priority is None, spec.priority))
    found = {}
    for axis in Axis:
        known = [
            spec.name
            for spec in specs
            if spec.axis is axis and sum(spec.name in values for _, values in candidates) > 1
        ]
        if known:
            found[axis.value] = known[0]
    return found


def unbeaten(candidates: Sequence[Candidate]) -> list[bool]:
    """Which candidates are not beaten in all that is traded off; nobody, where that is one thing."""
    metrics = list(axes(candidates).values())
    return _front(candidates, metrics) if len(metrics) > 1 else [False] * len(candidates)


def of_tradeoffs(candidates: Sequence[Candidate]) -> list[Chart]:
    """A chart for each two things that are traded off."""
    known = list(axes(candidates).items())
    pairs = [(one, other) for i, one in enumerate(known) for other in known[i + 1 :]]
    return [_tradeoff(candidates, across, up) for across, up in pairs]


def _front(candidates: Sequence[Candidate], metrics: Sequence[str]) -> list[bool]:
    points = [[values.get(metric) for metric in metrics] for _, values in candidates]
    return front(points, [_direction(metric) for metric in metrics])


def _direction(metric: str) -> Better:
    return Better.HIGHER if CATALOG[metric].spec.better is Better.HIGHER else Better.LOWER


def _tradeoff(
    candidates: Sequence[Candidate], across: tuple[str, str], up: tuple[str, str]
) -> Chart:
    x, y = across[1], up[1]
    best = _front(candidates, (x, y))
    shown = [
        (name, values[x], values[y], unbeaten_here)
        for (name, values), unbeaten_here in zip(candidates, best, strict=True)
        if x in values and y in values
    ]
    down = {"x": _direction(x) is Better.LOWER, "y": _direction(y) is Better.LOWER}
    ends = {
        "x": _ends(x, [one[1] for one in shown], 0.3),
        "y": _ends(y, [one[2] for one in shown], 0.15),
    }
    middle = sum(ends["x"]) / 2
    rows = [
        {
            "i": i,
            "label": method,
            "says": f"{method}: {across[0]} {number(a)}, {up[0]} {number(b)}",
            "x": round(a, 5),
            "y": round(b, 5),
            "best": on,
            # A name stands on the side where there is room, and below where others are near.
            "flip": (a > middle) != down["x"],
            "drop": 2 + 13 * near if (near := _crowd(shown[:i], (a, b), ends)) else -11,
        }
        for i, (method, a, b, on) in enumerate(shown)
    ]
    rows += _steps([(a, b) for _, a, b, on in shown if on], down)
    winners = ", ".join(method for method, *_, on in shown if on)
    return {
        "template": "tradeoff",
        "title": f"{across[0].capitalize()} and {up[0]}",
        "alt": f"{CATALOG[x].spec.title} and {CATALOG[y].spec.title}; better is up and to the right. "
        f"Not beaten in both: {winners}.",
        "head": ["name", f"{across[0]} ({x})", f"{up[0]} ({y})", "not beaten in both"],
        "table": [[m, number(a), number(b), "yes" if on else "no"] for m, a, b, on in shown],
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
    """Corners of the line below which everything is beaten, from the best of one to the other."""
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


def _crowd(
    others: Sequence[tuple[str, float, float, bool]],
    place: tuple[float, float],
    ends: dict[str, list[float]],
) -> int:
    """How many of those that have their name already are so near that names would touch."""
    wide, high = (end[1] - end[0] for end in ends.values())
    return sum(
        abs(x - place[0]) < 0.4 * wide and abs(y - place[1]) < 0.12 * high for _, x, y, _ in others
    )


def _ends(metric: str, values: Sequence[float], room: float) -> list[float]:
    """The values with some room around them, but not far beyond what the metric can be."""
    low, high = min(values), max(values)
    wide = max(high - low, 0.02)
    said = CATALOG[metric].spec
    return [max(said.low - 0.03, low - room * wide), min(said.high + 0.03, high + room * wide)]
