"""Tables and sentences of docs/methods.md: every method on the same tables, and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from markdown_text import number, paragraph, table

Results = Mapping[str, Any]

COLUMNS = (
    ("ks", 3),
    ("tv", 3),
    ("pairs", 3),
    ("c2st_holdout", 3),
    ("tstr", 3),
    ("global_utility", 3),
    ("membership_average", 3),
    ("fit_seconds", 1),
    ("sample_seconds", 1),
    ("memory_mb", 0),
)
REFERENCES = 7
"""Metrics, of which the real holdout rows have values, before what is a cost."""


def all_methods(results: Results) -> str:
    """Means over the tables on which every method was measured."""
    tables = results["all_methods"]["tables"]
    methods = list(dict.fromkeys(name for one in tables.values() for name in one))
    lines = []
    for method in methods:
        own = [one[method] for one in tables.values() if method in one]
        lines.append([f"`{method}`", *(_mean(own, name, digits) for name, digits in COLUMNS)])
    every = [row for one in tables.values() for row in one.values()]
    real = [_mean(every, f"{name}_reference", digits) for name, digits in COLUMNS[:REFERENCES]]
    blank = [""] * (len(COLUMNS) - REFERENCES)
    heads = [f"`{name}`" for name, _ in COLUMNS[:REFERENCES]]
    return table(
        ["method", *heads, "fit, s", "sample, s", "memory, MB"],
        [*lines, ["*real holdout rows*", *real, *blank]],
    )


def _mean(rows: list[dict[str, Any]], name: str, digits: int) -> str:
    values = [row[name] for row in rows if name in row]
    return number(round(fmean(values), digits + 2), digits) if values else ""


def conditions(results: Results) -> str:
    """Seconds to draw rows under a condition of 1 %."""
    stored = results["conditions"]
    seconds = stored["seconds"]
    direct = [name for name in ("trees", "marginals", "vine_copula") if name in seconds]
    others = [name for name in seconds if name not in direct]

    def listed(names: list[str]) -> str:
        each = [f"`{name}` {number(seconds[name]['condition'], 1)}" for name in names]
        return ", ".join(each)

    (column, value), *_ = stored["where"].items()
    return paragraph(
        f"""Seconds for {number(stored["rows"], 0)} rows of adult with `{column} = {value}`, which 1 %
        of the rows have: {listed(direct)}, which draw a condition directly; {listed(others)} by
        rejection. `vine_copula` by rejection would take
        {number(seconds["vine_copula"]["rejection"], 0)}."""
    )
