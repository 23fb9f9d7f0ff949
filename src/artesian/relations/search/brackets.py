"""Search for numbers that follow from another one piece by piece: a tax with brackets, a price by
volume, a contribution up to a ceiling."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.relations.expressions import Binary, Call, Expression, Floats, Number, Ref
from artesian.relations.formulas import EXACT, Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import plus, round_to, round_up
from artesian.relations.search.rows import NumericColumns, neighbours

MAX_ROWS = 3_000
"""Rows to which pieces are fitted."""

MIN_ROWS = 100
"""Minimum number of rows, and of different values of the source."""

MIN_PIECE = 8
"""Minimum number of rows of a piece."""

MAX_PIECES = 7
"""Maximum number of pieces: more would follow any smooth curve."""

DIGITS = (1, 2, 3, 4, 5)
"""Numbers of significant digits of limits and rates that are tried, few first."""

MAX_FALLS = 0.01
"""Maximum fraction of rows in which the target falls where the source rises."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line, from one row to another in order of the source."""

    start: int
    end: int
    level: float
    slope: float


def brackets(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """`tax = 0.11 * max(0, income - 900) + 0.19 * max(0, income - 2200)`, `base = min(wage, 3666)`."""
    plain = [
        j
        for j in range(len(columns.names))
        if not columns.temporal[j] and columns.distinct[j] >= MIN_ROWS
    ]
    # What is not rounded has no pieces that are exact.
    targets = [
        j
        for j in free
        if not columns.temporal[j] and columns.grid[j] and columns.distinct[j] >= MIN_ROWS // 5
    ]
    done: set[int] = set()
    # Of two columns that follow from each other, the later one is computed.
    for earlier in (True, False):
        for target in (j for j in targets if j not in done):
            # A bill in cents follows from a volume in tenths, whose rounding would hide the reverse.
            fit = [j for j in plain if columns.grid[j] >= columns.grid[target] * 0.999]
            sources = [j for j in fit if (j < target) == earlier and j != target]
            formulas = (_formula(columns, target, j) for j in neighbours(target, sources))
            formula = next((one for one in formulas if one is not None), None)
            if formula is not None:
                done.add(target)
                yield formula


def _formula(columns: NumericColumns, target: int, source: int) -> Formula | None:
    every_x, every_y = columns.values[:, source], columns.values[:, target]
    present = np.flatnonzero(~np.isnan(every_x + every_y))
    if len(present) < max(MIN_ROWS, MIN_HOLDS * (~np.isnan(every_y)).sum()):
        return None
    some = present[:MAX_ROWS]
    order = some[np.argsort(every_x[some], kind="stable")]
    x, y = every_x[order], every_y[order]
    rising = np.diff(y) >= -columns.grid[target]
    if rising.mean() < 1 - MAX_FALLS:
        return None
    within = float(columns.grid[target]) / 2
    pieces = _pieces(x, y, within)
    if not 2 <= len(pieces) <= MAX_PIECES:
        return None
    node = _rounded(pieces, x, y, within, Ref(columns.names[source]))
    if node is None:
        return None
    name = columns.names[source]
    computed = _values(node, name, every_x[present])
    error = np.abs(computed - every_y[present])
    if (error <= _tolerance(within, every_y[present])).mean() < MIN_HOLDS:
        return None
    return Formula(columns.names[target], node, round_up(within))


def _pieces(x: Floats, y: Floats, within: float) -> list[_Piece]:
    """Lines from left to right that reproduce the values; empty if there are too many."""
    pieces: list[_Piece] = []
    start = 0
    while start < len(x) and len(pieces) <= MAX_PIECES:
        end = min(start + MIN_PIECE, len(x))
        if end - start < MIN_PIECE or x[end - 1] == x[start]:
            break
        level, slope = _line(x[start:end], y[start:end])
        if not _fits(x[start:end], y[start:end], level, slope, within):
            start += 1  # a limit is between these rows
            if pieces and start > pieces[-1].end + MIN_PIECE:
                return []
            continue
        while end < len(x):
            further = min(end + max((end - start) // 2, 1), len(x))
            level, slope = _line(x[start:further], y[start:further])
            if _fits(x[start:further], y[start:further], level, slope, within):
                end = further
                continue
            level, slope = _line(x[start:end], y[start:end])
            off = np.abs(level + slope * x[end:further] - y[end:further])
            beyond = off > 3 * _tolerance(within, y[end:further])
            grown = int(np.argmax(beyond)) if beyond.any() else further - end
            if not grown:
                break
            end += grown
        level, slope = _line(x[start:end], y[start:end])
        pieces.append(_Piece(start, end, level, slope))
        start = end
    return pieces if len(pieces) <= MAX_PIECES else []


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    middle = x.mean()
    spread = float(((x - middle) ** 2).sum())
    slope = float(((x - middle) * (y - y.mean())).sum()) / spread if spread else 0.0
    return float(y.mean() - slope * middle), slope


def _fits(x: Floats, y: Floats, level: float, slope: float, within: float) -> bool:
    return bool((np.abs(level + slope * x - y) <= 1.5 * _tolerance(within, y)).all())


def _tolerance(within: float, y: Floats) -> Floats:
    return np.asarray(within * (1 + 1e-6) + EXACT * (1 + np.abs(y)))


def _rounded(
    pieces: list[_Piece], x: Floats, y: Floats, within: float, source: Ref
) -> Expression | None:
    """The pieces with round rates and limits that reproduce the values; None if they do not meet."""
    limits = []
    for one, other in itertools.pairwise(pieces):
        if np.isclose(one.slope, other.slope):
            return None
        limit = (one.level - other.level) / (other.slope - one.slope)
        width = (x[-1] - x[0]) / 20
        if not x[max(one.end - 1, 0)] - width <= limit <= x[min(other.start, len(x) - 1)] + width:
            return None
        limits.append(limit)
    for digits in DIGITS:
        slopes = [
            # A slope that changes the target by less than its rounding is none.
            round_to(p.slope, digits)
            if abs(p.slope) * (x[p.end - 1] - x[p.start]) > within
            else 0.0
            for p in pieces
        ]
        for places in DIGITS:
            at = [round_to(limit, places) for limit in limits]
            levels = y - _sum(x, slopes, at)
            level = float(np.median(levels))
            for few in (0, 2, 4):
                start = round_to(level, few) if few else 0.0
                error = np.abs(start + _sum(x, slopes, at) - y)
                if (error <= _tolerance(within, y)).mean() >= MIN_HOLDS:
                    return _expression(slopes, at, start, source)
    return None


def _sum(x: Floats, slopes: list[float], limits: list[float]) -> Floats:
    out = slopes[0] * x
    for before, after, limit in zip(slopes, slopes[1:], limits, strict=False):
        out = out + (after - before) * np.maximum(0.0, x - limit)
    return np.asarray(out)


def _expression(
    slopes: list[float], limits: list[float], start: float, source: Ref
) -> Expression | None:
    if slopes == [1.0, 0.0] and not start:
        return Call("min", (source, Number(limits[0])))
    if slopes == [0.0, 1.0] and start == limits[0]:
        return Call("max", (source, Number(limits[0])))
    node: Expression | None = plus(None, source, slopes[0]) if slopes[0] else None
    for before, after, limit in zip(slopes, slopes[1:], limits, strict=False):
        excess = Call("max", (Number(0.0), Binary("-", source, Number(limit))))
        node = plus(node, excess, float(f"{after - before:.12g}"))
    if start and node is not None:
        node = plus(node, Number(abs(start)), float(np.sign(start)))
    return node


def _values(node: Expression, name: str, x: Floats) -> Floats:
    return node.evaluate(pl.DataFrame({name: x}))
