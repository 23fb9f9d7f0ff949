"""Search for weighted sums with round coefficients: means, marks weighted by percentages.

A column that least squares explain up to its rounding is explained by fewer columns as long as the
rest stays within the rounding; the coefficients are then the roundest that reproduce the values. With
all columns, the coefficients of columns that depend on each other would be arbitrary.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from artesian.relations.expressions import Binary, Expression, Floats, Number, Ref
from artesian.relations.formulas import Formula
from artesian.relations.search.fitting import COARSE, fits, is_whole, plus, round_to, round_up
from artesian.relations.search.rows import NumericColumns

MAX_DIVISOR = 12
"""Maximum whole number by which a sum with whole coefficients is divided."""

MAX_DECIMALS = 4
"""Maximum number of decimals of coefficients."""

MAX_TERMS = 8
"""Maximum number of terms with coefficients."""

EXACT_ROUNDING, ROUNDING, COARSE_ROUNDING = 0.05, 0.37, 0.45
"""Maximum standard deviation of the residual in units of the spacing of the target, tried in turn: of
a sum without rounding, of one that is rounded (0.29; 0.35 of halves), and of one of rounded terms."""

MIN_TAX, MAX_TAX = 1.0, 30.0
"""Rates of a tax that prices contain, in per cent."""

SAME_WEIGHT = 0.01
"""Maximum relative difference of the coefficients of such prices."""

MAX_ROWS = 2000
"""Rows in which terms are chosen; the sum is judged by all rows."""

RIDGE = 1e-12

MIN_VARIANCE = 200.0
"""Minimum variance of the target in units of the residual's."""


def round_sum_of(
    columns: NumericColumns, target: int, rows: Floats, usable: list[int]
) -> Formula | None:
    """The target as a sum of few columns with round coefficients, if there is one.

    Of columns that depend on each other, the first choice may have no round coefficients, or less round
    ones than another: each of its terms is left out in turn.

    Args:
        rows: Complete rows, shape (n, p).
        usable: Columns that may be terms, the target too.
    """
    for rounding in (EXACT_ROUNDING, ROUNDING, COARSE_ROUNDING):
        terms = sparse_terms(columns, target, rows, usable, rounding)
        candidates = [_round_sum(columns, target, terms)]
        plain = candidates[0] is not None and candidates[0][0] <= len(terms)
        if rounding == ROUNDING and 2 <= len(terms) <= MAX_TERMS and not plain:
            for without, _ in terms:
                others = [j for j in usable if j != without]
                fewer = sparse_terms(columns, target, rows, others, rounding)
                candidates.append(_round_sum(columns, target, fewer))
        sums = [one for one in candidates if one is not None]
        if sums:
            return min(sums, key=lambda one: one[0])[1]
    return None


def sparse_terms(
    columns: NumericColumns, target: int, rows: Floats, usable: list[int], rounding: float
) -> list[tuple[int, float]]:
    """The columns that explain `target` with their coefficients, as few as possible; none if they
    do not explain it.

    Args:
        rows: Complete rows, shape (n, p).
        usable: Columns that may be terms, the target too.
    """
    rows = rows[:MAX_ROWS]
    y = rows[:, target] - rows[:, target].mean()
    others = [j for j in usable if j != target and rows[:, j].std() > 0]
    if not others:
        return []
    x = rows[:, others] - rows[:, others].mean(axis=0)
    size = x.std(axis=0)
    x = x / size
    variance = float(y @ y)
    limit = max(
        min((rounding * columns.grid[target]) ** 2 * len(y), variance / MIN_VARIANCE),
        1e-12 * variance,
    )
    gram, right = x.T @ x + RIDGE * len(y) * np.eye(len(others)), x.T @ y
    kept = list(range(len(others)))
    weights, rest = _solved(gram, right, x, y, kept)
    if rest > limit:
        return []
    # Of many columns that depend on each other, half can go at once.
    while len(kept) > MAX_TERMS:
        smallest = np.argsort(np.abs(weights))[: len(kept) // 2].tolist()
        fewer = [at for place, at in enumerate(kept) if place not in smallest]
        tried, rest = _solved(gram, right, x, y, fewer)
        if rest > limit:
            break
        kept, weights = fewer, tried
    failed: set[int] = set()
    while len(kept) > 1:
        left = [at for at in range(len(kept)) if kept[at] not in failed]
        if not left:
            break
        drop = kept[min(left, key=lambda at: abs(float(weights[at])))]
        fewer = [at for at in kept if at != drop]
        tried, rest = _solved(gram, right, x, y, fewer)
        if rest <= limit:
            kept, weights = fewer, tried
        else:
            failed.add(drop)
    return [(others[at], float(w / size[at])) for at, w in zip(kept, weights, strict=True)]


def _solved(
    gram: Floats, right: Floats, x: Floats, y: Floats, at: list[int]
) -> tuple[Floats, float]:
    """Coefficients of some columns, and the sum of squares that they leave."""
    weights = np.linalg.solve(gram[np.ix_(at, at)], right[at])
    # The difference of sums of squares would lose what is left of large values.
    rest = y - x[:, at] @ weights
    return np.asarray(weights, float), float(rest @ rest)


def _round_sum(
    columns: NumericColumns, target: int, terms: list[tuple[int, float]]
) -> tuple[int, Formula] | None:
    """The sum with the roundest coefficients that reproduce all values within their rounding.

    Returns:
        The number of digits of all coefficients, and the sum.
    """
    if not 2 <= len(terms) <= MAX_TERMS:
        return None
    v, grid = columns.values, float(columns.grid[target])
    spread = float(columns.spread[target])
    tight = grid / 2
    for divisor, weights in _round_weights([weight for _, weight in terms]):
        total = sum(w * v[:, j] for (j, _), w in zip(terms, weights, strict=True))
        rest = v[:, target] - np.asarray(total) / divisor
        rest = rest[~np.isnan(rest)]
        middle = float(np.median(rest)) if len(rest) else 0.0
        middle = round_to(middle, 4) if abs(middle) > 1.5 * tight else 0.0
        steps = [w / divisor * columns.grid[j] for (j, _), w in zip(terms, weights, strict=True)]
        on_grid = bool(grid) and all(is_whole(step / grid) for step in (*steps, middle))
        within = 0.0 if on_grid else tight
        smallest = min(
            abs(w) / divisor * columns.spread[j] for (j, _), w in zip(terms, weights, strict=True)
        )
        if smallest < COARSE / 4 * tight or not fits(rest - middle, within, spread):
            continue
        negative = middle > 0 and all(weight < 0 for weight in weights)
        node: Expression | None = Number(middle) if negative and divisor == 1 else None
        middle = 0.0 if node is not None else middle
        for (j, _), weight in sorted(
            zip(terms, weights, strict=True), key=lambda pair: (pair[1] < 0, pair[0][0])
        ):
            node = plus(node, Ref(columns.names[j]), weight)
        assert node is not None, "there are terms"
        if divisor != 1:
            node = Binary("/", node, Number(float(divisor)))
        if middle:
            node = plus(node, Number(abs(middle)), float(np.sign(middle)))
        digits = sum(len(f"{abs(w):g}".lstrip("0.").replace(".", "")) for w in weights)
        return digits, Formula(columns.names[target], node, round_up(within))
    return None


def _round_weights(weights: list[float]) -> Iterator[tuple[float, list[float]]]:
    """Divisors and coefficients near `weights`, the roundest first."""
    for decimals in (0, 1):
        yield 1, [round(weight, decimals) for weight in weights]
    for divisor in range(2, MAX_DIVISOR + 1):
        whole = [float(round(weight * divisor)) for weight in weights]
        if all(abs(w * divisor - n) < 0.1 for w, n in zip(weights, whole, strict=True)):
            yield divisor, whole
    yield from _contained(weights)
    for decimals in range(2, MAX_DECIMALS + 1):
        yield 1, [round(weight, decimals) for weight in weights]


def _contained(weights: list[float]) -> Iterator[tuple[float, list[float]]]:
    """A tax that prices contain, `7 / 107` of each, or the prices without it, `100 / 107`."""
    size = float(np.mean(np.abs(weights)))
    if not 0 < size < 1 or np.ptp(np.abs(weights)) > SAME_WEIGHT * size:
        return
    for above, rate in ((None, 100 * size / (1 - size)), (100.0, 100 / size - 100)):
        percent = round(rate, 1)
        if MIN_TAX <= percent <= MAX_TAX:
            numerator = percent if above is None else above
            yield 100 + percent, [float(np.sign(weight)) * numerator for weight in weights]
