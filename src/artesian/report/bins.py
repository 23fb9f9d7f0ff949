"""Bins that a person can read: round edges, taken from the real rows alone.

A report must not show a single row, so bins neither start at the smallest value nor end at the
largest: they span what lies between the fifth most extreme values on either side (or less, where a
few outliers would press everything else into one bar), and the outer bins are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from artesian.core.disclosure import MIN_COUNT

Floats = npt.NDArray[np.float64]

WANTED = 40
"""Bins at most, or nearly: enough for shape, few enough that 50 columns stay small."""

_DAY = 86_400_000
_TIME_STEPS = [
    *(1, 10, 100),  # milliseconds
    *(1_000 * s for s in (1, 5, 15, 30)),
    *(60_000 * m for m in (1, 5, 15, 30)),
    *(3_600_000 * h for h in (1, 3, 6, 12)),
    *(_DAY * d for d in (1, 2, 7, 14)),
]
_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)


@dataclass(frozen=True, slots=True)
class Bins:
    """Where values are counted.

    Attributes:
        edges: n + 1 rising edges; a bin holds its lower edge, not its upper one.
        scale: 'linear', 'log' or 'time' (then edges are milliseconds since 1970).
        whole: Values are whole numbers.
    """

    edges: Floats
    scale: str
    whole: bool = False

    def count(self, values: Floats) -> npt.NDArray[np.int64]:
        """How many of `values` lie in each bin; what lies outside counts in the outer bins."""
        at = np.searchsorted(self.edges[1:-1], values, side="right")
        return np.bincount(at, minlength=len(self.edges) - 1).astype(np.int64)

    def labels(self) -> list[str]:
        """What each bin holds, in words; the outer ones are open."""
        edges = self.edges
        if self.scale == "time":
            ends = _time_words(edges)
            names = [f"from {a} to before {b}" for a, b in pairwise(ends)]
            first, last = f"before {ends[1]}", f"from {ends[-2]}"
        elif self.whole:
            low, high = np.ceil(edges[:-1]), np.ceil(edges[1:]) - 1
            names = [
                f"{a:,.0f}" if a == b else f"{a:,.0f} to {b:,.0f}"
                for a, b in zip(low, high, strict=True)
            ]
            first, last = f"{high[0]:,.0f} or less", f"{low[-1]:,.0f} or more"
        else:
            ends = _number_words(edges, self.scale)
            names = [f"{a} to {b}" for a, b in pairwise(ends)]
            first, last = f"less than {ends[1]}", f"{ends[-2]} or more"
        if len(names) > 1:
            names[0], names[-1] = first, last
        return names


def number_bins(values: Floats) -> Bins:
    """Bins for numbers; `values` are the real rows' (finite, at least 2 * MIN_COUNT of them)."""
    whole = bool(np.all(values == np.floor(values)))
    low, high, middle, high_clipped = _span(values)
    tiny = WANTED * np.finfo(float).tiny  # below it, edges would fall together
    if low > tiny and high_clipped > 20 * middle and not (whole and high < 100):
        return Bins(_log_edges(low, high), "log")
    if high - low < tiny:  # equal, or too near to lay bins between
        half = 0.5 if whole else max(abs(low), 1.0) * 0.05
        return Bins(np.array([low - half, low + half]), "linear", whole)
    # No finer than the values themselves, or every other bin would stand empty.
    step = max(nice_step((high - low) / WANTED), _grain(values))
    edges = step * np.arange(np.floor(low / step), np.floor(high / step) + 2)
    if _decimals(step) <= 15:
        edges = np.round(edges, _decimals(step))  # 0.3 rather than 3 * 0.1, which lies above it
    if whole and step == 1:
        edges = edges - 0.5  # so that a bar stands over its number
    return Bins(edges, "linear", whole)


def time_bins(values: Floats) -> Bins:
    """Bins for moments, in milliseconds since 1970 (at least 2 * MIN_COUNT of them)."""
    low, high, _, _ = _span(values)
    for step in _TIME_STEPS:
        if (high - low) / step <= WANTED and (step >= _DAY or np.any(values % _DAY)):
            edges = step * np.arange(np.floor(low / step), np.floor(high / step) + 2)
            return Bins(edges.astype(float), "time")
    first, last = np.array([low, high]).astype("M8[ms]").astype("M8[M]").astype(int).tolist()
    step = next((s for s in _MONTH_STEPS if (last - first) / s <= WANTED), _MONTH_STEPS[-1])
    months = step * np.arange(first // step, last // step + 2)
    return Bins(months.astype("M8[M]").astype("M8[ms]").astype(float), "time")


def atoms(values: Floats, share: float = 0.1) -> list[float]:
    """Values on which at least `share` of a number column sits, such as zero; heaviest first."""
    if len(values) < 10 * MIN_COUNT:
        return []
    # A value that holds a tenth of the rows holds at least one of the twentieths.
    near = np.unique(np.quantile(values, np.arange(0.025, 1, 0.05), method="nearest"))
    held = [(float(np.mean(values == v)), float(v)) for v in near]
    return [v for h, v in sorted(held, reverse=True) if h >= share]


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least `rough`.

    >>> [nice_step(s) for s in (0.03, 1.0, 2.1)]
    [0.05, 1.0, 5.0]
    """
    power = 10.0 ** np.floor(np.log10(rough))
    steps = (n * power for n in (1, 2, 5, 10))
    return float(next(step for step in steps if step >= rough * (1 - 1e-9)))


def _span(values: Floats) -> tuple[float, float, float, float]:
    """What the bins span, the median, and the 99 % quantile."""
    part = np.partition(values, (MIN_COUNT - 1, len(values) - MIN_COUNT))
    low, high = float(part[MIN_COUNT - 1]), float(part[len(values) - MIN_COUNT])
    near, middle, clipped, far = np.quantile(values, (0.005, 0.5, 0.99, 0.995))
    if high - low > 1.5 * (far - near) > 0:
        low, high = max(low, float(near)), min(high, float(far))
    return low, high, float(middle), float(clipped)


def _grain(values: Floats) -> float:
    """The power of ten, 1 at most, that all values are multiples of; 0 for none down to 1e-6."""
    scaled = values[:10_000]
    for power in range(7):
        if np.allclose(scaled, np.round(scaled, power), rtol=1e-12, atol=0):
            return float(10.0**-power)
    return 0.0


def _decimals(step: float) -> int:
    """Digits behind the point that a multiple of `step` needs."""
    return max(0, int(-np.floor(np.log10(step) + 1e-9)))


def _log_edges(low: float, high: float) -> Floats:
    per_decade = max(1, round(WANTED / max(1.0, np.log10(high / low))))
    per_decade = min(per_decade, 10)
    first, last = np.floor(np.log10(low) * per_decade), np.floor(np.log10(high) * per_decade)
    return np.asarray(10.0 ** (np.arange(first, last + 2) / per_decade), dtype=np.float64)


def _number_words(edges: Floats, scale: str) -> list[str]:
    if scale == "log" or max(abs(edges[0]), abs(edges[-1])) >= 1e12:
        return [f"{edge:,.0f}" if 100 <= abs(edge) < 1e12 else f"{edge:.3g}" for edge in edges]
    decimals = _decimals(edges[1] - edges[0])
    if decimals > 9:
        return [f"{edge:.3g}" for edge in edges]
    return [f"{edge:,.{decimals}f}" for edge in edges]


def _time_words(edges: Floats) -> list[str]:
    moments: Any = edges.astype("int64").astype("M8[ms]")
    if np.all(edges % _DAY == 0):
        return [str(m) for m in moments.astype("M8[D]")]
    unit = "s" if np.all(edges % 1000 == 0) else "ms"
    return [str(m).replace("T", " ") for m in moments.astype(f"M8[{unit}]")]
