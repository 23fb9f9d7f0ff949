"""A leaderboard's charts: critical differences of ranks, and what one gain costs another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from artesian.bench.ranking import Ranking
from artesian.bench.table import Standing, spec
from artesian.metrics.protocol import Better
from artesian.report.charts import Chart
from artesian.report.pareto import front
from artesian.report.words import count, number

LINE = 22
"""Pixels for a line of text."""

LETTER, WIDTH = 6.4, 500
"""Pixels, about, of a letter and of a chart."""

AXES = {
    "likeness": ("c2st_holdout", "pairs", "ks"),
    "usefulness": ("tstr",),
    "privacy": ("dcr_share", "membership_average"),
}
"""What is traded off, and the metrics that stand for it, the first that was measured."""


def of_ranking(ranking: Ranking) -> Chart:
    """The critical-difference diagram of one metric; the best methods at the left."""
    methods = len(ranking.methods)
    left = (methods + 1) // 2
    deep = 0.55 + 0.4 * len(ranking.groups)
    # Names stand outside the axis, and get the share of the width that the longest of them needs.
    wide = min(0.36, (LETTER * (max(map(len, ranking.methods)) + 6) + 30) / WIDTH)
    margin = wide / (1 - 2 * wide) * max(1, methods - 1)
    rows: list[dict[str, Any]] = [{"kind": "axis", "x": 1, "x2": methods, "y": 0}]
    for n in range(1, methods + 1):
        rows.append({"kind": "tick", "x": n, "y": -0.22, "y2": 0, "label": str(n)})
    pairs = zip(ranking.methods, ranking.ranks, strict=True)
    for i, (method, rank) in enumerate(pairs):
        line = deep + (i if i < left else methods - 1 - i)
        end = 1 - 0.08 * margin if i < left else methods + 0.08 * margin
        told = {"i": i, "label": method, "says": f"{method}: mean rank {rank:.2f}"}
        rows.append({"kind": "method", **told, "x": rank, "y": 0, "y2": line})
        rows.append({"kind": "end", "x": rank, "x2": end, "y": line})
        named = {"kind": "left" if i < left else "right", "x": end, "y": line}
        rows.append({**named, "label": f"{method}  {rank:.2f}", "says": told["says"]})
    for n, (first, last) in enumerate(ranking.groups):
        ends = {"x": ranking.ranks[first] - 0.04, "x2": ranking.ranks[last] + 0.04}
        rows.append({"kind": "group", **ends, "y": 0.35 + 0.4 * n})
    top = -1.4
    if ranking.difference is not None and ranking.difference <= methods - 1 + margin:
        top = -2.6
        far = 1 + ranking.difference
        rows.append({"kind": "scale", "x": 1, "x2": far, "y": -1.5})
        rows += [{"kind": "stop", "x": x, "y": -1.65, "y2": -1.35} for x in (1, far)]
        word = f"critical difference {ranking.difference:.2f}"
        rows.append({"kind": "word", "x": 1 + ranking.difference / 2, "y": -1.5, "label": word})
    rows = [{"i": -9, **row} for row in rows]
    bottom = deep + max(left, methods - left) - 0.4
    ranked = [f"{m} {r:.2f}" for m, r in zip(ranking.methods, ranking.ranks, strict=True)]
    return {
        "template": "critical",
        "title": spec(ranking.metric).title,
        "alt": f"Mean ranks over {count(ranking.sources, 'source')}: {', '.join(ranked)}. "
        f"{ranking.says}",
        "head": ["method", "mean rank", "level with"],
        "table": [
            [method, f"{rank:.2f}", ", ".join(_level(ranking, i)) or "none"]
            for i, (method, rank) in enumerate(zip(ranking.methods, ranking.ranks, strict=True))
        ],
        "rows": rows,
        "set": {
            "across": [1 - margin, methods + margin],
            "down": [top, bottom],
            "height": round(LINE * (bottom - top)),
            "room": round(0.36 * WIDTH),
        },
    }


def axes(standings: Sequence[Standing]) -> dict[str, str]:
    """'likeness', 'usefulness', 'privacy' -> the metric that stands for it; unmeasured ones are out."""
    found = {}
    for name, metrics in AXES.items():
        known = [m for m in metrics if sum(m in one.means for one in standings) > 1]
        if known:
            found[name] = known[0]
    return found


def unbeaten(standings: Sequence[Standing]) -> list[bool]:
    """Which methods are not beaten in all that is traded off; nobody, where that is one thing."""
    metrics = list(axes(standings).values())
    return _front(standings, metrics) if len(metrics) > 1 else [False] * len(standings)


def of_tradeoffs(standings: Sequence[Standing]) -> list[Chart]:
    """A chart for each two things that are traded off."""
    known = list(axes(standings).items())
    pairs = [(one, other) for i, one in enumerate(known) for other in known[i + 1 :]]
    return [_tradeoff(standings, across, up) for across, up in pairs]


def _level(ranking: Ranking, at: int) -> list[str]:
    """Methods that cannot be told from this one."""
    groups = [range(first, last + 1) for first, last in ranking.groups if first <= at <= last]
    near = sorted({place for group in groups for place in group if place != at})
    return [ranking.methods[place] for place in near]


def _front(standings: Sequence[Standing], metrics: Sequence[str]) -> list[bool]:
    points = [
        [one.means[m].value if m in one.means else None for m in metrics] for one in standings
    ]
    return front(points, [_direction(metric) for metric in metrics])


def _direction(metric: str) -> Better:
    return Better.HIGHER if spec(metric).better is Better.HIGHER else Better.LOWER


def _tradeoff(standings: Sequence[Standing], across: tuple[str, str], up: tuple[str, str]) -> Chart:
    x, y = across[1], up[1]
    best = _front(standings, (x, y))
    shown = [
        (one.method, one.means[x].value, one.means[y].value, unbeaten_here)
        for one, unbeaten_here in zip(standings, best, strict=True)
        if x in one.means and y in one.means
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
        "alt": f"Methods by {spec(x).title} and {spec(y).title}; better is up and to the right. "
        f"Not beaten in both: {winners}.",
        "head": ["method", f"{across[0]} ({x})", f"{up[0]} ({y})", "not beaten in both"],
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
    """How many of the methods that have their name already are so near that names would touch."""
    wide, high = (end[1] - end[0] for end in ends.values())
    return sum(
        abs(x - place[0]) < 0.4 * wide and abs(y - place[1]) < 0.12 * high for _, x, y, _ in others
    )


def _ends(metric: str, values: Sequence[float], room: float) -> list[float]:
    """The values with some room around them, but not far beyond what the metric can be."""
    low, high = min(values), max(values)
    wide = max(high - low, 0.02)
    said = spec(metric)
    return [max(said.low - 0.03, low - room * wide), min(said.high + 0.03, high + room * wide)]
