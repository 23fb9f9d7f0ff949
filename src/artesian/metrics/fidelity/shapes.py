"""Further distances of single columns: Wasserstein (earth mover's), Jensen-Shannon, Hellinger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.arrays import Floats, Ints
from artesian.metrics.encoded import Encoded, encode
from artesian.metrics.fidelity.distance import (
    Counts,
    Distances,
    Side,
    distance_result,
    shares,
    with_and_without,
)
from artesian.metrics.intervals import GROUPS
from artesian.metrics.protocol import Better, Comparison, Result, Spec
from artesian.metrics.wording import beside, percent

BINS = 20
"""Cells of a number, at quantiles of the real column; what is missing has a cell of its own."""

FURTHEST = 10.0
"""Standard deviations that a Wasserstein distance is cut at."""

_NOTHING = "there are no columns but keys and free text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wasserstein:
    """Mean over number and date columns of the distance in real standard deviations, so that units
    cancel; missing values are set aside."""

    spec: ClassVar[Spec] = Spec(
        name="wasserstein",
        title="Earth mover's distance",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=FURTHEST,
        means="0 is the same numbers, 1 is values moved by a standard deviation on average",
        source="Vaserstein 1969; Ramdas, Garcia Trillos and Cuturi 2017",
    )

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        run = run or Run()
        encoded = encode(tables)

        def explain(found: Distances, reference: float | None) -> str:
            worst = max(found.parts, key=lambda name: found.parts[name])
            held = "no holdout to compare with" if reference is None else f"unseen: {reference:.3g}"
            return (
                f"Values would have to be moved by {found.mean:.3g} standard deviations on average to "
                f"match the real ones ({held}); the furthest is {worst!r} with "
                f"{found.parts[worst]:.3g}."
            )

        def measure(real: Side, other: Side) -> Distances:
            found = {}
            for name in run.track(encoded.numeric, self.spec.name):
                moved = _moved(real, other, name)
                if moved is not None:
                    found[name] = moved
            return _distances(found)

        nothing = "no number or date column has values that differ"
        return distance_result(self.spec, encoded, measure, explain, run, nothing=nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class JensenShannon:
    """Mean over the columns of the Jensen-Shannon distance, to base 2."""

    spec: ClassVar[Spec] = Spec(
        name="jensen_shannon",
        title="Jensen-Shannon distance",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        means="0 is the same distribution in every column, 1 is no overlap in any",
        source="Lin 1991; Endres and Schindelin 2003",
    )

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        return _of_cells(self.spec, jensen_shannon, tables, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hellinger:
    """Mean over the columns of the Hellinger distance."""

    spec: ClassVar[Spec] = Spec(
        name="hellinger",
        title="Hellinger distance",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        means="0 is the same distribution in every column, 1 is no overlap in any",
        source="Hellinger 1909",
    )

    def __call__(self, tables: Comparison, *, run: Run | None = None) -> Result:
        return _of_cells(self.spec, hellinger, tables, run)


def jensen_shannon(a: Floats, b: Floats) -> Floats:
    """(..., cells) shares -> (...,) in 0..1."""
    middle = (a + b) / 2
    apart: Floats = np.sqrt(np.clip((_divergence(a, middle) + _divergence(b, middle)) / 2, 0, 1))
    return apart


def hellinger(a: Floats, b: Floats) -> Floats:
    """(..., cells) shares -> (...,) in 0..1."""
    apart: Floats = np.sqrt(np.clip(((np.sqrt(a) - np.sqrt(b)) ** 2).sum(axis=-1) / 2, 0, 1))
    return apart


def cells(encoded: Encoded, name: str) -> tuple[int, Callable[[Side], Ints]]:
    """How many cells a column has, and the cell of each row of a table; cell 0 is for what is
    missing."""
    if name in encoded.levels:
        return len(encoded.levels[name]) + 1, lambda side: side.rows.codes[name] + 1
    values = encoded.real.numbers[name]
    values = values[~np.isnan(values)]
    cuts = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = np.unique(np.quantile(values, cuts, method="lower")) if len(values) else values

    def place(side: Side) -> Ints:
        at = side.rows.numbers[name]
        return np.where(np.isnan(at), 0, 1 + np.searchsorted(edges, at, "left"))

    return len(edges) + 2, place


def _of_cells(
    spec: Spec, distance: Callable[[Floats, Floats], Floats], tables: Comparison, run: Run | None
) -> Result:
    run = run or Run()
    encoded = encode(tables)
    names = [column.name for column in encoded.columns]
    placed = {name: cells(encoded, name) for name in names}

    def explain(found: Distances, reference: float | None) -> str:
        worst = max(found.parts, key=lambda name: found.parts[name])
        return (
            f"Columns lie {percent(found.mean)} apart on average, by the {spec.title} "
            f"({beside(reference)}); the least alike is {worst!r} with {percent(found.parts[worst])}."
        )

    def measure(real: Side, other: Side) -> Distances:
        found = {}
        for name in run.track(names, spec.name):
            count, place = placed[name]
            both = [_counts(place(side), side, count) for side in (real, other)]
            found[name] = distance(*(shares(counts) for counts in both))
        return _distances(found)

    return distance_result(spec, encoded, measure, explain, run, nothing=_NOTHING)


def _counts(at: Ints, side: Side, count: int) -> Counts:
    grouped = np.bincount(side.groups * count + at, minlength=GROUPS * count)
    return with_and_without(grouped.reshape(GROUPS, count))


def _distances(found: dict[str, Floats]) -> Distances:
    parts = {name: float(values[0]) for name, values in found.items()}
    return Distances(parts, np.array([values[1:] for values in found.values()]), {})


def _divergence(a: Floats, b: Floats) -> Floats:
    """Kullback-Leibler, base 2, over the last axis; b is positive where a is."""
    safe = np.where(a > 0, a, 1.0)
    divergence: Floats = (safe * np.log2(safe / np.where(a > 0, b, 1.0))).sum(axis=-1)
    return divergence


def _moved(real: Side, other: Side, name: str) -> Floats | None:
    """(1 + GROUPS,) distances: of all rows, then with each group left out."""
    sides = [(side.rows.numbers[name], side.groups) for side in (real, other)]
    present = [(values[~np.isnan(values)], groups[~np.isnan(values)]) for values, groups in sides]
    if not all(len(values) for values, _ in present):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        middle, spread = float(present[0][0].mean()), float(present[0][0].std())
    if not (np.isfinite(spread) and spread > 0):
        return None
    scaled = [np.clip((values - middle) / spread, -1e6, 1e6) for values, _ in present]
    points, place = np.unique(np.concatenate(scaled), return_inverse=True)
    if len(points) < 2:
        return np.zeros(1 + GROUPS)
    split = len(scaled[0])
    below = []
    for where, (_, groups) in zip((place[:split], place[split:]), present, strict=True):
        size = len(points)
        grouped = np.bincount(groups * size + where, minlength=GROUPS * size)
        counts = with_and_without(grouped.reshape(GROUPS, size))
        below.append(np.cumsum(shares(counts), axis=-1)[:, :-1])
    return np.minimum(np.abs(below[0] - below[1]) @ np.diff(points), FURTHEST)
