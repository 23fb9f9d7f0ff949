"""Who lies near whom: the distances between training, synthetic and unseen rows, walked through once.

Density, coverage, alpha-precision, authenticity and the kernel test all look at the same distances,
which are too many to keep. So one pass takes all that they need, and they share it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.intervals import GROUPS, groups_of
from artesian.metrics.common.metric_space import MetricSpace, Singles
from artesian.metrics.protocol import Comparison, NotMeasurable

Side = Literal["training", "synthetic", "unseen"]

ROWS = 5_000
"""Rows of each table, at most; the same number of each."""

MIN_ROWS = 50
NEIGHBOUR = 5
"""Which neighbour's distance is the radius of a row's ball (k of Naeem et al. 2020)."""

MAX_COLUMNS = 300

_BLOCK = 512
_MEDIAN_ROWS = 500


@dataclass(slots=True)
class Own:
    """One table's rows among themselves.

    Attributes:
        points: (n, width) coordinates, whole numbers.
        groups: (n,) the group of each row, for the jackknife.
        nearest: (n,) squared distance to the nearest other row of the table.
        radius: (n,) to the `NEIGHBOUR`-th.
        kernel: (GROUPS, GROUPS) sums of the kernel over pairs of different rows, by their groups.
        sizes: (GROUPS,) rows of each group.
    """

    points: Singles
    groups: Ints
    nearest: Floats
    radius: Floats
    kernel: Floats
    sizes: Floats


@dataclass(slots=True)
class Between:
    """Rows `a` of one table and `b` of another.

    Attributes:
        in_a: (n, GROUPS) for each a: rows b of each group inside its ball.
        near_b: (n, GROUPS) for each a: rows b of each group whose ball holds it.
        near_a: (n, GROUPS) for each b: rows a of each group whose ball holds it.
        nearest_b: (n,) for each a the position of its nearest b, and `to_b` its squared distance.
        nearest_a: (n,) the same for each b.
        kernel: (GROUPS, GROUPS) sums of the kernel, by the groups of a and b.
    """

    in_a: Floats
    near_b: Floats
    near_a: Floats
    nearest_b: Ints
    to_b: Floats
    nearest_a: Ints
    to_a: Floats
    kernel: Floats


@dataclass(slots=True)
class Neighbours:
    """All three tables, cut to as many rows.

    Attributes:
        between: (first, second) -> how they lie to each other; unseen rows stand first, training rows
            before synthetic ones.
        scale: The kernel's width: exp(-squared distance / scale).
    """

    rows: int
    own: dict[Side, Own] = field(default_factory=dict)
    between: dict[tuple[Side, Side], Between] = field(default_factory=dict)
    scale: float = 1.0
    columns: int = 0


def neighbours(tables: Comparison, run: Run) -> Neighbours:
    """The neighbours of a comparison, taken once; or the reason why there are none."""
    return tables.cached(
        ("neighbours", run.seed.entropy, run.seed.path), lambda: _taken(tables, run)
    )


def _taken(tables: Comparison, run: Run) -> Neighbours:
    encoded = encode(tables)
    if encoded.holdout is None:
        raise NotMeasurable("it needs a holdout: rows that no model was fitted on")
    if not encoded.columns:
        raise NotMeasurable("there are no columns but keys and free text")
    sides = {"training": encoded.real, "synthetic": encoded.synthetic, "unseen": encoded.holdout}
    rows = min(ROWS, *(side.height for side in sides.values()))
    if rows < MIN_ROWS:
        raise NotMeasurable(f"a table has {rows} rows, and {MIN_ROWS} are needed")
    seed = run.seed.child("neighbours")
    chosen = encoded.draw_columns(MAX_COLUMNS, seed.child("columns"))
    space = MetricSpace.of(encoded, tuple(column.name for column in chosen))
    cut = {name: side.at_most(rows, seed.child(name)) for name, side in sides.items()}
    space = space.scaled_to(cut["training"], cut["unseen"])
    placed = {name: space.place(side) for name, side in cut.items()}
    found = Neighbours(rows, columns=len(chosen))
    found.scale = _scale(placed["training"], placed["unseen"])
    for name in ("training", "synthetic", "unseen"):
        groups = groups_of(rows, seed.child("groups", name))
        found.own[name] = own(placed[name], groups, found.scale, run)
    pairs: tuple[tuple[Side, Side], ...] = (
        ("unseen", "synthetic"),
        ("unseen", "training"),
        ("training", "synthetic"),
    )
    for a, b in pairs:
        found.between[a, b] = between(found.own[a], found.own[b], found.scale, run)
    return found


def _scale(one: Singles, other: Singles) -> float:
    """Twice the median squared distance of real rows (the median heuristic); 1 if it is 0."""
    some, others = (points[:_MEDIAN_ROWS].astype(np.float64) for points in (one, other))
    middle = float(np.median(_squares(some, others)))
    return 2 * middle if middle > 0 else 1.0


def own(points: Singles, groups: Ints, scale: float, run: Run) -> Own:
    """How the rows of one table lie to each other."""
    rows, member = len(points), _member(groups)
    nearest, radius, kernel = np.empty(rows), np.empty(rows), np.zeros((GROUPS, GROUPS))
    for start in run.track(range(0, rows, _BLOCK), "neighbours"):
        squares = _squares(points[start : start + _BLOCK], points)
        at = np.arange(len(squares))
        squares[at, start + at] = np.inf
        last = min(NEIGHBOUR, rows - 1) - 1
        ranked = np.partition(squares, last, axis=1)[:, : last + 1]
        nearest[start : start + _BLOCK] = ranked.min(axis=1)
        radius[start : start + _BLOCK] = ranked[:, last]
        kernel += member[start : start + _BLOCK].T @ (_kernel(squares, scale) @ member)
    return Own(points, groups, nearest, radius, kernel, member.sum(axis=0, dtype=np.float64))


def between(a: Own, b: Own, scale: float, run: Run) -> Between:
    """How the rows of two tables lie to each other."""
    of_a, of_b, rows = _member(a.groups), _member(b.groups), (len(a.points), len(b.points))
    in_a, near_b = np.empty((rows[0], GROUPS)), np.empty((rows[0], GROUPS))
    near_a, kernel = np.zeros((rows[1], GROUPS)), np.zeros((GROUPS, GROUPS))
    nearest_b, to_b = np.empty(rows[0], np.int64), np.empty(rows[0])
    nearest_a, to_a = np.zeros(rows[1], np.int64), np.full(rows[1], np.inf)
    for start in run.track(range(0, rows[0], _BLOCK), "neighbours"):
        here = slice(start, start + _BLOCK)
        squares = _squares(a.points[here], b.points)
        inside = (squares < a.radius[here, None]).astype(np.float32)
        in_a[here] = inside @ of_b
        near_a += inside.T @ of_a[here]
        near_b[here] = (squares < b.radius).astype(np.float32) @ of_b
        nearest_b[here], to_b[here] = squares.argmin(axis=1), squares.min(axis=1)
        least, place = squares.min(axis=0), squares.argmin(axis=0)
        better = least < to_a
        to_a[better], nearest_a[better] = least[better], start + place[better]
        kernel += of_a[here].T @ (_kernel(squares, scale) @ of_b)
    return Between(in_a, near_b, near_a, nearest_b, to_b, nearest_a, to_a, kernel)


def _squares(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> Singles:
    """(len(a), len(b)) squared distances; exact, as coordinates are whole numbers."""
    lengths = [np.einsum("ij,ij->i", points, points) for points in (a, b)]
    squares: Singles = (-2 * a) @ b.T  # in place from here: passes over memory are what it costs
    squares += lengths[0][:, None]
    squares += lengths[1]
    return squares


def _kernel(squares: Singles, scale: float) -> Floats:
    """In single precision, whose errors (6e-8 of each) cancel in the sums, which are double."""
    found = np.multiply(squares, np.float32(-1 / scale), dtype=np.float32)
    return np.exp(found, out=found).astype(np.float64)


def _member(groups: Ints) -> Singles:
    """(n, GROUPS) 1 where a row belongs to a group."""
    return np.asarray(groups[:, None] == np.arange(GROUPS), np.float32)


def without_each(groups: Ints) -> list[npt.NDArray[np.bool_]]:
    """For each group, which rows are left without it."""
    return [groups != group for group in range(GROUPS)]
