"""Critical-difference diagram of a ranking (Demsar 2006): which methods do not differ."""

from __future__ import annotations

from typing import Any

from artesian.bench.leaderboard import spec
from artesian.bench.ranking import Ranking
from artesian.core.formatting import count
from artesian.report.charts import Chart

LINE = 22
"""Height of a line of text in pixels."""

LETTER, WIDTH = 6.4, 500
"""Approximate width of a letter and of a chart in pixels."""


def ranking_chart(ranking: Ranking) -> Chart:
    """Critical-difference diagram of one metric, the best methods on the left."""
    methods = len(ranking.methods)
    left = (methods + 1) // 2
    deep = 0.55 + 0.4 * len(ranking.groups)
    # Names are outside the axis, and get the fraction of the width that the longest needs.
    wide = min(0.36, (LETTER * (max(map(len, ranking.methods)) + 6) + 30) / WIDTH)
    margin = wide / (1 - 2 * wide) * max(1, methods - 1)
    rows: list[dict[str, Any]] = [{"kind": "axis", "x": 1, "x2": methods, "y": 0}]
    for n in range(1, methods + 1):
        rows.append({"kind": "tick", "x": n, "y": -0.22, "y2": 0, "label": str(n)})
    pairs = zip(ranking.methods, ranking.ranks, strict=True)
    for i, (method, rank) in enumerate(pairs):
        line = deep + (i if i < left else methods - 1 - i)
        end = 1 - 0.08 * margin if i < left else methods + 0.08 * margin
        point = {"i": i, "label": method, "description": f"{method}: mean rank {rank:.2f}"}
        rows.append({"kind": "method", **point, "x": rank, "y": 0, "y2": line})
        rows.append({"kind": "end", "x": rank, "x2": end, "y": line})
        named = {"kind": "left" if i < left else "right", "x": end, "y": line}
        rows.append(
            {**named, "label": f"{method}  {rank:.2f}", "description": point["description"]}
        )
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
        f"{ranking.conclusion}",
        "head": ["method", "mean rank", "no significant difference from"],
        "table": [
            [method, f"{rank:.2f}", ", ".join(_level(ranking, i)) or "none"]
            for i, (method, rank) in enumerate(zip(ranking.methods, ranking.ranks, strict=True))
        ],
        "rows": rows,
        "set": {
            "across": [1 - margin, methods + margin],
            "down": [top, bottom],
            "height": round(LINE * (bottom - top)),
            "label_width": round(0.36 * WIDTH),
        },
    }


def _level(ranking: Ranking, at: int) -> list[str]:
    """Methods that do not differ significantly from this one."""
    groups = [range(first, last + 1) for first, last in ranking.groups if first <= at <= last]
    near = sorted({place for group in groups for place in group if place != at})
    return [ranking.methods[place] for place in near]
