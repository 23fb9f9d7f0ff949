"""The smallest proportion of real data that holds a level, by bisection; censored at its ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from artesian.collapse.stress.survival import Level
from artesian.core.formatting import percent

PROPORTIONS = (
    0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0,
)  # fmt: skip
"""Proportions of real rows that are tried, ascending."""

Censored = Literal["", "at most", "more than"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MinProportion:
    """The smallest proportion of real data that holds the level.

    Attributes:
        value: The proportion; the end of the range if `censored`.
        interval: Largest proportion that clearly fails (0 if none does), and smallest one that clearly
            holds (None if none does): the intervals of the level exclude the threshold.
        censored: 'at most' if the smallest proportion above 0 that could be tried holds; 'more than'
            if all fail, so that the generator does not hold the level even when it is fitted on real
            data only.
        tried: Proportions tried, with their level and its interval, ascending.
    """

    value: float
    interval: tuple[float, float | None]
    censored: Censored
    tried: tuple[tuple[float, Level], ...]

    @property
    def text(self) -> str:
        """The value in words."""
        if self.censored == "more than":
            return "no proportion is enough"
        prefix = f"{self.censored} " if self.censored else ""
        return f"{prefix}{percent(self.value)}"

    @property
    def interval_text(self) -> str:
        """The interval in words."""
        low, high = self.interval
        if high is None:
            return f"from {percent(low)} on; with these replicates none is certain to be enough"
        return f"{percent(low)} to {percent(high)}"

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "value": None if self.censored == "more than" else self.value,
            "interval": list(self.interval),
            "censored": self.censored or None,
            "tried": [
                {"proportion": x, "level": one.value, "interval": [one.low, one.high]}
                for x, one in self.tried
            ],
        }


def smallest_proportion(
    evaluate: Callable[[float], Level],
    threshold: float,
    evaluated: Mapping[float, Level],
    among: Sequence[float] = PROPORTIONS,
) -> MinProportion:
    """Bisect proportions for the smallest one whose level is at or above `threshold`.

    Args:
        evaluate: The level with a proportion of real data, assumed not to decrease.
        threshold: The level to hold.
        evaluated: Levels of proportions that are evaluated already; they narrow the range.
        among: Proportions that may be evaluated.
    """
    grid, tried = sorted({*among, *evaluated}), dict(evaluated)
    failed = [k for k, x in enumerate(grid) if x in evaluated and evaluated[x].value < threshold]
    low = max(failed, default=-1)
    holding = [k for k, x in enumerate(grid) if x in evaluated and k > low]
    high = min(holding, default=len(grid))
    while high - low > 1 and low < len(grid) - 1:
        # A range that is open above begins at its end, where the generator sees real rows only.
        middle = len(grid) - 1 if high == len(grid) else (low + high) // 2
        tried[grid[middle]] = evaluate(grid[middle])
        if tried[grid[middle]].value >= threshold:
            high = middle
        else:
            low = middle
    censored: Censored = ""
    if high == len(grid):
        censored = "more than"
    elif grid[high] > 0 and not any(0 < x < grid[high] for x in grid):
        censored = "at most"
    value = grid[min(high, len(grid) - 1)]
    fails = [x for x, one in tried.items() if one.high < threshold]
    clear = [x for x, one in tried.items() if one.low >= threshold and x >= value]
    return MinProportion(
        value=value,
        interval=(min(max(fails, default=0.0), value), min(clear, default=None)),
        censored=censored,
        tried=tuple(sorted(tried.items())),
    )
