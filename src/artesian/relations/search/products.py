"""Search for products of three factors and for powers: weight / height^2, length * width * height.

In logarithms a product is a sum. Between two rows, the target has to change as the factors do, up to
rounding: pairs of factors are sorted by their change, so that for each third factor few remain. These
have to agree in further rows, then in all of them with a round constant. Besides columns, factors are
`1 - x` and `1 + x` of fractions and percentages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from artesian.relations.expressions import Binary, Expression, Floats, Number, Ref
from artesian.relations.formulas import Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import (
    COARSE,
    MIN_DISTINCT,
    MIN_ROWS,
    fits,
    is_whole,
    probe_rows,
    round_up,
    round_values,
)
from artesian.relations.search.rows import NumericColumns

PROBES = 17
"""Rows in which products are compared."""

MAX_COLUMNS = 40
"""Number of columns up to which all are tried together; beyond it, those near the target."""

MAX_ROUNDING = 0.05
"""Maximum rounding of a factor, relative to its value."""

MAX_CANDIDATES = 20_000
"""Maximum number of products of one target that are compared in further rows."""

POWERS = (1, -1, 2, -2, 3)

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Factor:
    """A column to a power, or 1 plus or minus a column in units of `unit`."""

    column: int
    power: int
    sign: int = 0
    unit: float = 1.0

    def values(self, v: Floats) -> Floats:
        """The factor without its power, shape (rows,)."""
        x = v[:, self.column]
        return 1.0 + self.sign * x / self.unit if self.sign else x

    def node(self, name: str) -> Expression:
        """The factor without its power."""
        if not self.sign:
            return Ref(name)
        part: Expression = Ref(name)
        if self.unit != 1:
            part = Binary("/", part, Number(self.unit))
        return Binary("+" if self.sign > 0 else "-", Number(1.0), part)


def products(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """Products of three of the columns `free`, and of powers of one or two, the later columns first."""
    probe = probe_rows(columns, PROBES)
    if len(probe) < PROBES:
        return
    usable = [j for j in free if not columns.temporal[j] and columns.distinct[j] >= 3]
    with np.errstate(invalid="ignore"):
        usable = [j for j in usable if (probe[:, j] > 0).all()]
    for target in reversed(usable):
        grid = float(columns.grid[target])
        if columns.distinct[target] < MIN_DISTINCT or columns.spread[target] < COARSE * grid:
            continue
        others = [j for j in usable if j != target]
        if len(others) > MAX_COLUMNS:
            others = [j for j in others if abs(j - target) <= MAX_COLUMNS // 2]
        # From the largest value of the target down, so that the differences are large.
        rows = probe[np.argsort(-probe[:, target])]
        for factors in _candidates(columns, rows, target, others):
            formula = _product(columns, target, factors)
            if formula is not None:
                yield formula
                break


def _candidates(
    columns: NumericColumns, rows: Floats, target: int, others: list[int]
) -> Iterator[tuple[_Factor, ...]]:
    """Factors whose product is that of the target in the probed rows, up to a constant."""
    y = _Logs.of([_Factor(target, 1)], columns, rows)
    powers = _Logs.of([_Factor(j, e) for j, e in product(others, POWERS)], columns, rows)
    high = np.array([abs(one.power) > 1 for one in powers.factors], bool)
    for at in np.flatnonzero(high & y.agree(powers.change, powers.rounding)):
        yield (powers.factors[at],)
    first, second = np.triu_indices(len(powers.factors), 1)
    column = powers.columns
    kept = (high[first] | high[second]) & (column[first] != column[second])
    first, second = first[kept], second[kept]
    change = powers.change[:, first] + powers.change[:, second]
    agree = y.agree(change, powers.rounding[:, first] + powers.rounding[:, second])
    for at in np.flatnonzero(agree):
        yield powers.factors[first[at]], powers.factors[second[at]]
    plain = [_Factor(j, e) for j, e in product(others, (1, -1))]
    affine = [one for j in others for one in _affine(j, columns, rows)]
    yield from _triples(y, _Logs.of(plain, columns, rows), _Logs.of(plain + affine, columns, rows))


def _affine(column: int, columns: NumericColumns, rows: Floats) -> list[_Factor]:
    """`1 - x` and `1 + x` of a fraction, or of a percentage."""
    x = rows[:, column]
    if columns.spread[column] >= 1 and x.max() < 100:
        return [_Factor(column, 1, sign, 100.0) for sign in (-1, 1)]
    return [_Factor(column, 1, sign) for sign in (-1, 1)] if x.max() < 1 else []


@dataclass(frozen=True, slots=True)
class _Logs:
    """Changes of the logarithms of factors from the first probed row to the others.

    Attributes:
        change: Shape (rows, k).
        rounding: What rounding may change of them, shape (rows, k).
    """

    factors: list[_Factor]
    change: Floats
    rounding: Floats

    @classmethod
    def of(cls, factors: list[_Factor], columns: NumericColumns, rows: Floats) -> _Logs:
        """Logarithms of factors; those that are too coarse are left out."""
        kept, logs, errors = [], [], []
        for one in factors:
            values = one.values(rows)
            grid = float(columns.grid[one.column])
            # Whole numbers are counts, and exact.
            error = np.zeros(len(rows)) if grid >= 1 else grid / 2 / one.unit / values
            if error.max() <= MAX_ROUNDING:
                kept.append(one)
                logs.append(one.power * np.log(values))
                errors.append(abs(one.power) * error)
        if not kept:
            empty = np.zeros((len(rows) - 1, 0))
            return cls([], empty, empty)
        log, error = np.stack(logs, axis=1), np.stack(errors, axis=1) + 1e-9
        return cls(kept, log[1:] - log[0], error[1:] + error[0])

    @property
    def columns(self) -> Indices:
        """The column of each factor."""
        return np.array([one.column for one in self.factors], np.int64)

    def agree(self, change: Floats, rounding: Floats) -> NDArray[np.bool_]:
        """Whether the only factor of these changes as `change` does, shape (k,)."""
        if not self.factors:
            return np.zeros(change.shape[1], bool)
        wrong = np.abs(change - self.change) > rounding + self.rounding
        return np.asarray(wrong.sum(axis=0) <= 1)


def _triples(y: _Logs, two: _Logs, third: _Logs) -> Iterator[tuple[_Factor, ...]]:
    if not (y.factors and two.factors):
        return
    first, second = np.triu_indices(len(two.factors), 1)
    power = np.array([one.power for one in two.factors])
    kept = (two.columns[first] != two.columns[second]) & (power[first] + power[second] >= 0)
    first, second = first[kept], second[kept]
    if not len(first):
        return
    change = two.change[:, first] + two.change[:, second]
    rounding = two.rounding[:, first] + two.rounding[:, second]
    order = np.argsort(change[0], kind="stable")
    first, second = first[order], second[order]
    change, rounding = change[:, order], rounding[:, order]
    wanted = y.change - third.change  # (rows, k)
    allowed = y.rounding + third.rounding
    reach = allowed[0] + float(rounding[0].max())
    low = np.searchsorted(change[0], wanted[0] - reach)
    count = np.searchsorted(change[0], wanted[0] + reach, side="right") - low
    if count.sum() > MAX_CANDIDATES * 10:
        return
    k = np.repeat(np.arange(len(third.factors)), count)
    pair = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count) + low[k]
    for row in range(change.shape[0]):
        near = np.abs(change[row, pair] - wanted[row, k]) <= rounding[row, pair] + allowed[row, k]
        if row == 0 or near.sum() < 0.9 * len(near):
            k, pair = k[near], pair[near]
    columns = two.columns
    own = third.columns[k]
    signs = np.array([one.sign for one in third.factors])[k]
    # Three plain factors are listed once, in their order.
    kept = (own != columns[first[pair]]) & (own != columns[second[pair]])
    kept &= (signs != 0) | (own > columns[second[pair]])
    for a, b, c in zip(first[pair[kept]], second[pair[kept]], k[kept], strict=True):
        yield two.factors[a], two.factors[b], third.factors[c]


def _product(columns: NumericColumns, target: int, factors: tuple[_Factor, ...]) -> Formula | None:
    """The product with a round constant, over all rows; None if it does not hold."""
    v, grid, spread = columns.values, float(columns.grid[target]), float(columns.spread[target])
    if all(one.power < 0 for one in factors):
        return None
    y, value = v[:, target], np.ones(len(v))
    for one in factors:
        x = one.values(v)
        value = value * np.where((x == 0) & (one.power < 0), np.nan, x) ** one.power
    present = ~np.isnan(y)
    rows = present & np.isfinite(value)
    if rows.sum() < max(MIN_ROWS, MIN_HOLDS * present.sum()):
        return None
    large = rows & (np.abs(y) >= np.median(np.abs(y[rows]))) & (value != 0) & (y != 0)
    if not large.any():
        return None
    tight = grid / 2
    # A factor that changes the target by less than its rounding explains nothing.
    relative = COARSE * tight / float(np.median(np.abs(y[large])))
    for one in factors:
        low, high = np.quantile(np.abs(one.values(v)[large]), [0.05, 0.95])
        if low <= 0 or abs(one.power) * np.log(high / low) < max(relative, 0.01):
            return None
    factor = float(np.median(y[large] / value[large]))
    if not factor:
        return None
    for c in round_values(factor)[:6]:
        if fits((y - c * value)[rows], tight, spread):
            return Formula(columns.names[target], _node(columns, factors, c), round_up(tight))
    return None


def _node(columns: NumericColumns, factors: tuple[_Factor, ...], c: float) -> Expression:
    """Numerators, then the constant, then denominators."""
    above = [one.node(columns.names[one.column]) for one in factors for _ in range(one.power)]
    below = [one.node(columns.names[one.column]) for one in factors for _ in range(-one.power)]
    inverse = 1 / c
    divided = abs(c) < 1 and is_whole(inverse) and abs(c) != 0.5
    if divided:
        below.append(Number(float(round(inverse))))
    elif c != 1:
        above.insert(0, Number(c))
    node = above[0]
    for one in above[1:]:
        node = Binary("*", node, one)
    if below:
        denominator = below[0]
        for one in below[1:]:
            denominator = Binary("*", denominator, one)
        node = Binary("/", node, denominator)
    return node
