"""Histogram bins with round edges, computed from the train table only.

No bin may disclose a single row, so the bins do not start at the minimum or end at the maximum: they
span the range between the fifth smallest and the fifth largest value (or less, if a few outliers would
compress all other values into one bin), and the outer bins are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from artesian.core.disclosure import MIN_COUNT

Floats = npt.NDArray[np.float64]

TARGET_BINS = 40
"""Approximate maximum number of bins: enough for the shape, and a page of 50 columns stays small."""

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
    """Bins of a histogram.

    Attributes:
        edges: n + 1 increasing edges; a bin includes its lower edge and excludes its upper one.
        scale: 'linear', 'log' or 'time' (edges are milliseconds since 1970).
        whole: All values are integers.
    """

    edges: Floats
    scale: str
    whole: bool = False

    def count(self, values: Floats) -> npt.NDArray[np.int64]:
        """Number of `values` per bin; values beyond the edges count in the outer bins."""
        at = np.searchsorted(self.edges[1:-1], values, side="right")
        return np.bincount(at, minlength=len(self.edges) - 1).astype(np.int64)

    def labels(self) -> list[str]:
        """The range of each bin as text; the outer bins are open."""
        edges = self.edges
        if self.scale == "time":
            ends = _time_labels(edges)
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
            ends = _number_labels(edges, self.scale)
            names = [f"{a} to {b}" for a, b in pairwise(ends)]
            first, last = f"less than {ends[1]}", f"{ends[-2]} or more"
        if len(names) > 1:
            names[0], names[-1] = first, last
        return names


def number_bins(values: Floats) -> Bins:
    """Bins for finite numbers of the train table, at least 2 * MIN_COUNT of them."""
    whole = bool(np.all(values == np.floor(values)))
    low, high, middle, high_clipped = _span(values)
    tiny = TARGET_BINS * np.finfo(float).tiny  # below it, edges would coincide
    if low > tiny and high_clipped > 20 * middle and not (whole and high < 100):
        return Bins(_log_edges(low, high), "log")
    if high - low < tiny:  # equal, or too close for bins between them
        half = 0.5 if whole else max(abs(low), 1.0) * 0.05
        return Bins(np.array([low - half, low + half]), "linear", whole)
    # Not finer than the resolution of the values, or every other bin would be empty.
    step = max(nice_step((high - low) / TARGET_BINS), _resolution(values))
    edges = step * np.arange(np.floor(low / step), np.floor(high / step) + 2)
    if _decimals(step) <= 15:
        edges = np.round(edges, _decimals(step))  # 0.3 rather than 3 * 0.1, which is larger
    if whole and step == 1:
        edges = edges - 0.5  # centres each bar over its number
    return Bins(edges, "linear", whole)


def time_bins(values: Floats) -> Bins:
    """Bins for datetimes in milliseconds since 1970, at least 2 * MIN_COUNT of them."""
    low, high, _, _ = _span(values)
    for step in _TIME_STEPS:
        if (high - low) / step <= TARGET_BINS and (step >= _DAY or np.any(values % _DAY)):
            edges = step * np.arange(np.floor(low / step), np.floor(high / step) + 2)
            return Bins(edges.astype(float), "time")
    first, last = np.array([low, high]).astype("M8[ms]").astype("M8[M]").astype(int).tolist()
    step = next((s for s in _MONTH_STEPS if (last - first) / s <= TARGET_BINS), _MONTH_STEPS[-1])
    months = step * np.arange(first // step, last // step + 2)
    return Bins(months.astype("M8[M]").astype("M8[ms]").astype(float), "time")


def frequent_values(values: Floats, min_proportion: float = 0.1) -> list[float]:
    """Values with at least `min_proportion` of the rows, such as zero; the most frequent first."""
    if len(values) < 10 * MIN_COUNT:
        return []
    # A value with a tenth of the rows is at least one of the quantiles at twentieths.
    near = np.unique(np.quantile(values, np.arange(0.025, 1, 0.05), method="nearest"))
    proportions = [(float(np.mean(values == v)), float(v)) for v in near]
    return [v for p, v in sorted(proportions, reverse=True) if p >= min_proportion]


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least `rough`.

    >>> [nice_step(s) for s in (0.03, 1.0, 2.1)]
    [0.05, 1.0, 5.0]
    """
    power = 10.0 ** np.floor(np.log10(rough))
    steps = (n * power for n in (1, 2, 5, 10))
    return float(next(step for step in steps if step >= rough * (1 - 1e-9)))


def _span(values: Floats) -> tuple[float, float, float, float]:
    """Range of the bins (low, high), median, and 99 % quantile."""
    part = np.partition(values, (MIN_COUNT - 1, len(values) - MIN_COUNT))
    low, high = float(part[MIN_COUNT - 1]), float(part[len(values) - MIN_COUNT])
    near, middle, clipped, far = np.quantile(values, (0.005, 0.5, 0.99, 0.995))
    if high - low > 1.5 * (far - near) > 0:
        low, high = max(low, float(near)), min(high, float(far))
    return low, high, float(middle), float(clipped)


def _resolution(values: Floats) -> float:
    """The largest power of ten up to 1 of which all values are multiples; 0 if below 1e-6."""
    scaled = values[:10_000]
    for power in range(7):
        if np.allclose(scaled, np.round(scaled, power), rtol=1e-12, atol=0):
            return float(10.0**-power)
    return 0.0


def _decimals(step: float) -> int:
    """Decimal places of a multiple of `step`."""
    return max(0, int(-np.floor(np.log10(step) + 1e-9)))


def _log_edges(low: float, high: float) -> Floats:
    per_decade = max(1, round(TARGET_BINS / max(1.0, np.log10(high / low))))
    per_decade = min(per_decade, 10)
    first, last = np.floor(np.log10(low) * per_decade), np.floor(np.log10(high) * per_decade)
    return np.asarray(10.0 ** (np.arange(first, last + 2) / per_decade), dtype=np.float64)


def _number_labels(edges: Floats, scale: str) -> list[str]:
    if scale == "log" or max(abs(edges[0]), abs(edges[-1])) >= 1e12:
        return [f"{edge:,.0f}" if 100 <= abs(edge) < 1e12 else f"{edge:.3g}" for edge in edges]
    decimals = _decimals(edges[1] - edges[0])
    if decimals > 9:
        return [f"{edge:.3g}" for edge in edges]
    return [f"{edge:,.{decimals}f}" for edge in edges]


def _time_labels(edges: Floats) -> list[str]:
    datetimes: Any = edges.astype("int64").astype("M8[ms]")
    if np.all(edges % _DAY == 0):
        return [str(d) for d in datetimes.astype("M8[D]")]
    unit = "s" if np.all(edges % 1000 == 0) else "ms"
    return [str(d).replace("T", " ") for d in datetimes.astype(f"M8[{unit}]")]
