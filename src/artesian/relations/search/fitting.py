"""Median slopes, and whether computed values equal those of a column within their rounding."""

from __future__ import annotations

import numpy as np

from artesian.relations.expressions import Binary, Expression, Floats, Number
from artesian.relations.formulas import EXACT
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import NumericColumns

MIN_ROWS = 8
"""Minimum number of rows in which a formula has to hold."""

MIN_DISTINCT = 5
"""Minimum number of different values of a computed column."""

PROBES = 48
"""Rows on which most combinations are rejected."""

COARSE = 12.0
"""Minimum spread of a term in units of the tolerance; a smaller term explains nothing."""

SHARP = 40.0
"""Minimum spread of a column in units of the tolerance of its conversion."""


MAX_DIVISOR = 100_000
"""Maximum whole number by which a column is divided: a day has 86,400 seconds."""


def round_to(value: float, digits: int) -> float:
    """`value` with so many significant digits."""
    return float(f"{value:.{max(digits, 1) - 1}e}")


def round_up(within: float) -> float:
    """Rounded up to the digits in which it is written."""
    return float(f"{within * 1.000001:.6g}") if within else 0.0


def is_whole(value: float) -> bool:
    """Whether `value` is an integer, up to floating-point error."""
    return abs(value - round(value)) < 1e-9


def fits(error: Floats, within: Floats | float, spread: float) -> bool:
    """Whether errors, shape (n,), are within the tolerance in `MIN_HOLDS` of the rows."""
    return bool((np.abs(error) <= within * (1 + 1e-6) + EXACT * spread).mean() >= MIN_HOLDS)


def tolerance(error: Floats) -> float:
    """A bound of errors, shape (n,), that fresh rows keep too, of two digits.

    The rounding of the sources moves the value of each row by another amount.
    """
    high = 1.25 * float(np.quantile(error, 1 - (1 - MIN_HOLDS) / 5))
    unit = 10.0 ** (np.floor(np.log10(high)) - 1) if high else 1.0
    return float(np.ceil(high / unit) * unit)


def mode(values: Floats) -> float:
    """The most frequent of values without NaN, shape (n,), n > 0."""
    distinct, counts = np.unique(values, return_counts=True)
    return float(distinct[counts.argmax()])


def round_values(value: float) -> list[float]:
    """Round numbers near `value` other than 0, the roundest first: 0.2, 0.17, 1/60, 0.0167, ..."""
    few = [round_to(value, digits) for digits in (1, 2)]
    inverse = 1 / round(1 / value) if 2 < abs(1 / value) < MAX_DIVISOR else few[0]
    near = [inverse] if abs(inverse - value) < 0.01 * abs(value) else []
    return list(dict.fromkeys([*few, *near, *(round_to(value, d) for d in (3, 4, 5, 6, 9, 12))]))


def scaled(node: Expression, weight: float) -> Expression:
    """`weight * node`, or `node / 60` for a weight of 1/60."""
    if weight == 1:
        return node
    inverse = 1 / weight
    if len(f"{abs(weight):.12g}") > 6 and is_whole(inverse) and inverse > 1:
        return Binary("/", node, Number(round(inverse)))
    return Binary("*", Number(weight), node)


def plus(node: Expression | None, term: Expression, weight: float) -> Expression:
    """`node + weight * term`, written without needless signs and factors."""
    if node is None:
        return scaled(term, weight)
    return Binary("+" if weight > 0 else "-", node, scaled(term, abs(weight)))


def probe_rows(columns: NumericColumns, rows: int, target: int | None = None) -> Floats:
    """The rows to search with a minimum of missing values and zeros, shape (rows, p).

    Args:
        target: A column that has to be neither missing nor 0.
    """
    v = columns.values[: columns.searched][:20_000]
    if target is not None:
        v = v[~np.isnan(v[:, target]) & (v[:, target] != 0)]
    # Zeros are equal whatever the formula.
    empty = np.isnan(v).sum(axis=1) + 0.1 * (v == 0).sum(axis=1)
    order = np.argsort(empty, kind="stable")[:rows]
    return v[np.sort(order)]


def median_slopes(y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Median slope and intercept of each column of `y` against each of `x`, shapes (a, b)."""
    half = len(y) // 2
    with np.errstate(divide="ignore", invalid="ignore"):
        dy = (y[half : 2 * half] - y[:half])[:, :, None]  # (half, a, 1)
        dx = (x[half : 2 * half] - x[:half])[:, None, :]  # (half, 1, b)
        slope = lower_median(np.where(dx == 0, np.nan, dy / dx))
        intercept = lower_median(y[:, :, None] - slope * x[:, None, :])
    return slope, intercept


def lower_median(values: Floats) -> Floats:
    """Lower median over the first axis of the values that are not NaN; NaN if there are none."""
    count = (~np.isnan(values)).sum(axis=0)
    ordered = np.sort(values, axis=0)
    middle: Floats = np.take_along_axis(ordered, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    return middle
