"""Nearest neighbours and kernel sums of training, synthetic and holdout rows, in one pass.

Precision, recall, density, coverage, alpha-precision, beta-recall, authenticity and MMD use the
same distances, which are too many to store. One pass over them computes all aggregates that these
metrics need, and is cached.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import Rows, encode
from artesian.metrics.common.intervals import GROUPS, groups_of
from artesian.metrics.common.metric_space import MetricSpace, Singles
from artesian.metrics.protocol import Comparison, NotMeasurable

Side = Literal["train", "synthetic", "holdout"]

ROWS = 5_000
"""Maximum number of rows of each table; all are subsampled to the same number."""

MIN_ROWS = 50
NEIGHBOUR = 5
"""k: the ball around a row reaches to its k-th nearest neighbour (Naeem et al. 2020)."""

MAX_COLUMNS = 300

_BLOCK = 512
_MEDIAN_ROWS = 500
_STREAMS: dict[Side, str] = {"train": "training", "synthetic": "synthetic", "holdout": "unseen"}
"""Table -> name of its random stream, which determines the figures for a seed."""


@dataclass(slots=True)
class WithinTable:
    """Distances between the rows of one table.

    Attributes:
        points: (n, width) integer coordinates.
        groups: (n,) jackknife group of each row.
        nearest: (n,) squared distance to the nearest other row.
        radius: (n,) squared distance to the `NEIGHBOUR`-th nearest other row.
        kernel: (GROUPS, GROUPS) sums of the kernel over pairs of different rows, by their groups.
        sizes: (GROUPS,) number of rows of each group.
    """

    points: Singles
    groups: Ints
    nearest: Floats
    radius: Floats
    kernel: Floats
    sizes: Floats


@dataclass(slots=True)
class BetweenTables:
    """Distances between the rows a of one table and the rows b of another.

    Attributes:
        in_ball_of_a: (n, GROUPS) for each a, number of rows b of each group in the ball around it.
        in_closed_ball_of_a: (n, GROUPS) the same with the boundary of the ball.
        in_balls_of_b: (n, GROUPS) for each a, number of rows b of each group whose ball contains
            it.
        in_balls_of_a: (n, GROUPS) for each b, number of rows a of each group whose ball contains
            it.
        in_clipped_balls_of_a: (n, GROUPS) the same with the boundary, and with balls of at most the
            median radius.
        nearest_b, squares_to_b: (n,) position of the nearest b of each a, and its squared distance.
        nearest_a, squares_to_a: (n,) position of the nearest a of each b, and its squared distance.
        kernel: (GROUPS, GROUPS) sums of the kernel, by the groups of a and b.
    """

    in_ball_of_a: Floats
    in_closed_ball_of_a: Floats
    in_balls_of_b: Floats
    in_balls_of_a: Floats
    in_clipped_balls_of_a: Floats
    nearest_b: Ints
    squares_to_b: Floats
    nearest_a: Ints
    squares_to_a: Floats
    kernel: Floats


@dataclass(slots=True)
class Neighbours:
    """Distances within and between the tables, subsampled to the same number of rows.

    Attributes:
        within_table: Table -> distances between its rows.
        between_tables: Pair of tables -> distances between their rows; the holdout comes first,
            training rows before synthetic rows.
        scale: Width of the Gaussian kernel exp(-squared distance / scale).
    """

    rows: int
    within_table: dict[Side, WithinTable] = field(default_factory=dict)
    between_tables: dict[tuple[Side, Side], BetweenTables] = field(default_factory=dict)
    scale: float = 1.0
    columns: int = 0


def find_neighbours(tables: Comparison, run: Run) -> Neighbours:
    """Compute the neighbours of a comparison; cached.

    Raises:
        NotMeasurable: there is no holdout, or there are too few rows or no columns.
    """
    return tables.cached(
        ("neighbours", run.seed.entropy, run.seed.path), lambda: _computed(tables, run)
    )


def _computed(tables: Comparison, run: Run) -> Neighbours:
    encoded = encode(tables)
    if encoded.holdout is None:
        raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
    if not encoded.columns:
        raise NotMeasurable("there are no columns but keys and free text")
    rows_of: dict[Side, Rows] = {
        "train": encoded.real,
        "synthetic": encoded.synthetic,
        "holdout": encoded.holdout,
    }
    rows = min(ROWS, *(side.height for side in rows_of.values()))
    if rows < MIN_ROWS:
        raise NotMeasurable(f"a table has {rows} rows, and {MIN_ROWS} are needed")
    seed = run.seed.child("neighbours")
    columns = encoded.draw_columns(MAX_COLUMNS, seed.child("columns"))
    space = MetricSpace.from_encoded(encoded, tuple(column.name for column in columns))
    sampled = {
        name: side.subsample(rows, seed.child(_STREAMS[name])) for name, side in rows_of.items()
    }
    space = space.scaled_to(sampled["train"], sampled["holdout"])
    points = {name: space.embed(side) for name, side in sampled.items()}
    neighbours = Neighbours(rows, columns=len(columns))
    neighbours.scale = _scale(points["train"], points["holdout"])
    for name in rows_of:
        groups = groups_of(rows, seed.child("groups", _STREAMS[name]))
        neighbours.within_table[name] = within_table(points[name], groups, neighbours.scale, run)
    pairs: tuple[tuple[Side, Side], ...] = (
        ("holdout", "synthetic"),
        ("holdout", "train"),
        ("train", "synthetic"),
    )
    for a, b in pairs:
        neighbours.between_tables[a, b] = between_tables(
            neighbours.within_table[a], neighbours.within_table[b], neighbours.scale, run
        )
    return neighbours


def _scale(one: Singles, other: Singles) -> float:
    """2 x the median squared distance between real rows (median heuristic); 1 if it is 0."""
    sample, other_sample = (points[:_MEDIAN_ROWS].astype(np.float64) for points in (one, other))
    median = float(np.median(_squares(sample, other_sample)))
    return 2 * median if median > 0 else 1.0


def within_table(points: Singles, groups: Ints, scale: float, run: Run) -> WithinTable:
    """Compute the distances between the rows of one table."""
    rows, indicators = len(points), _group_indicators(groups)
    nearest, radius, kernel = np.empty(rows), np.empty(rows), np.zeros((GROUPS, GROUPS))
    for start in run.track(range(0, rows, _BLOCK), "neighbours"):
        squares = _squares(points[start : start + _BLOCK], points)
        at = np.arange(len(squares))
        squares[at, start + at] = np.inf
        last = min(NEIGHBOUR, rows - 1) - 1
        ranked = np.partition(squares, last, axis=1)[:, : last + 1]
        nearest[start : start + _BLOCK] = ranked.min(axis=1)
        radius[start : start + _BLOCK] = ranked[:, last]
        kernel += indicators[start : start + _BLOCK].T @ (_kernel(squares, scale) @ indicators)
    return WithinTable(
        points, groups, nearest, radius, kernel, indicators.sum(axis=0, dtype=np.float64)
    )


def between_tables(a: WithinTable, b: WithinTable, scale: float, run: Run) -> BetweenTables:
    """Compute the distances between the rows of two tables."""
    groups_a, groups_b, rows = (
        _group_indicators(a.groups),
        _group_indicators(b.groups),
        (len(a.points), len(b.points)),
    )
    in_ball_of_a, in_closed_ball_of_a, in_balls_of_b = np.empty((3, rows[0], GROUPS))
    in_balls_of_a, in_clipped_balls_of_a = np.zeros((2, rows[1], GROUPS))
    kernel, clipped = np.zeros((GROUPS, GROUPS)), clipped_radius(a)
    nearest_b, squares_to_b = np.empty(rows[0], np.int64), np.empty(rows[0])
    nearest_a, squares_to_a = np.zeros(rows[1], np.int64), np.full(rows[1], np.inf)
    for start in run.track(range(0, rows[0], _BLOCK), "neighbours"):
        block = slice(start, start + _BLOCK)
        squares = _squares(a.points[block], b.points)
        inside = (squares < a.radius[block, None]).astype(np.float32)
        in_ball_of_a[block] = inside @ groups_b
        in_balls_of_a += inside.T @ groups_a[block]
        closed = (squares <= a.radius[block, None]).astype(np.float32)
        in_closed_ball_of_a[block] = closed @ groups_b
        closed *= squares <= clipped
        in_clipped_balls_of_a += closed.T @ groups_a[block]
        in_balls_of_b[block] = (squares < b.radius).astype(np.float32) @ groups_b
        nearest_b[block], squares_to_b[block] = squares.argmin(axis=1), squares.min(axis=1)
        smallest, position = squares.min(axis=0), squares.argmin(axis=0)
        closer = smallest < squares_to_a
        squares_to_a[closer], nearest_a[closer] = smallest[closer], start + position[closer]
        kernel += groups_a[block].T @ (_kernel(squares, scale) @ groups_b)
    return BetweenTables(
        in_ball_of_a,
        in_closed_ball_of_a,
        in_balls_of_b,
        in_balls_of_a,
        in_clipped_balls_of_a,
        nearest_b,
        squares_to_b,
        nearest_a,
        squares_to_a,
        kernel,
    )


def clipped_radius(table: WithinTable) -> float:
    """Median squared radius of the balls around the rows of a table."""
    return float(np.median(table.radius))


def clipped_balls_within(table: WithinTable) -> Floats:
    """(n, GROUPS) for each row, number of other rows of each group whose ball contains it, boundary
    included, with balls of at most the median radius."""
    indicators, clipped = _group_indicators(table.groups), clipped_radius(table)
    counts = np.zeros((len(table.points), GROUPS))
    for start in range(0, len(table.points), _BLOCK):
        block = slice(start, start + _BLOCK)
        squares = _squares(table.points[block], table.points)
        at = np.arange(len(squares))
        squares[at, start + at] = np.inf
        limit = np.minimum(table.radius[block, None], clipped)
        counts += (squares <= limit).astype(np.float32).T @ indicators[block]
    return counts


def _squares(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> Singles:
    """(len(a), len(b)) squared distances; exact, as coordinates are integers."""
    lengths = [np.einsum("ij,ij->i", points, points) for points in (a, b)]
    squares: Singles = (-2 * a) @ b.T  # in place from here on: memory bandwidth limits the speed
    squares += lengths[0][:, None]
    squares += lengths[1]
    return squares


def _kernel(squares: Singles, scale: float) -> Floats:
    """Gaussian kernel. Float32 errors (6e-8 of each value) average out in the float64 sums."""
    kernel = np.multiply(squares, np.float32(-1 / scale), dtype=np.float32)
    return np.exp(kernel, out=kernel).astype(np.float64)


def _group_indicators(groups: Ints) -> Singles:
    """(n, GROUPS) 1 where the row belongs to the group."""
    return np.asarray(groups[:, None] == np.arange(GROUPS), np.float32)


def leave_one_group_out(groups: Ints) -> list[npt.NDArray[np.bool_]]:
    """For each group, a mask of the rows that do not belong to it."""
    return [groups != group for group in range(GROUPS)]
