"""Search for constant payments of loans: from the amount, the rate and the number of payments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from artesian.relations.expressions import Call, Expression, Floats, Ref, annuity
from artesian.relations.formulas import Formula
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import MIN_ROWS, PROBES, fits, probe_rows, round_up, scaled
from artesian.relations.search.rows import NumericColumns, neighbours

PERIODS = (12, 1, 4)
"""Payments a year that are tried."""

MAX_PAYMENTS = 600.0
"""Maximum number of payments."""

MAX_CANDIDATES = 2_000
"""Maximum number of combinations of amount, rate and term of one target."""

MIN_DISTINCT = 20
"""Minimum number of different payments."""


def annuities(columns: NumericColumns, free: list[int]) -> Iterator[Formula]:
    """`payment = annuity(amount, rate / 1200, months)`; the rate may be a fraction, and the term in
    years."""
    probes = probe_rows(columns, PROBES)
    if not columns.names or len(probes) < MIN_ROWS:
        return
    low, high = np.nanmin(columns.values, axis=0), np.nanmax(columns.values, axis=0)
    plain = [j for j in range(len(columns.names)) if not columns.temporal[j]]
    terms = [j for j in plain if columns.grid[j] == 1 and low[j] >= 1 and high[j] <= MAX_PAYMENTS]
    rates = [j for j in plain if low[j] >= 0 and high[j] <= 100]
    amounts = [j for j in plain if low[j] > 0 and columns.distinct[j] > 1]
    for target in free:
        if target not in amounts or not columns.grid[target]:
            continue
        if columns.distinct[target] < MIN_DISTINCT:
            continue
        near = set(neighbours(target, plain)) - {target}
        candidates = (
            (amount, rate, term)
            for amount in amounts
            for term in terms
            if {amount, term} <= near
            and amount != term
            and _may_repay(probes, target, amount, term)
            for rate in rates
            if rate in near - {amount, term}
        )
        for sources in islice(candidates, MAX_CANDIDATES):
            formula = _formula(columns, probes, target, sources)
            if formula is not None:
                yield formula
                break


def _may_repay(probes: Floats, target: int, amount: int, term: int) -> bool:
    """Whether each payment is below the amount, and all together are not."""
    payment, owed, periods = (probes[:, j] for j in (target, amount, term))
    rows = ~np.isnan(payment + owed + periods)
    enough = payment * periods * max(PERIODS) >= owed
    return bool(rows.sum() >= MIN_ROWS and (enough & (payment < owed))[rows].mean() >= MIN_HOLDS)


def _formula(
    columns: NumericColumns, probes: Floats, target: int, sources: tuple[int, int, int]
) -> Formula | None:
    """The formula of a target; None if no unit of rate and term gives it."""
    half = float(columns.grid[target]) / 2
    amount, rate, term = (Ref(columns.names[j]) for j in sources)
    for per_year in PERIODS:
        for percent in (100, 1):
            for months in (1, per_year) if per_year > 1 else (1,):
                for values in (probes, columns.values):
                    rows = values[~np.isnan(values[:, [target, *sources]]).any(axis=1)]
                    p, r, n = (rows[:, j] for j in sources)
                    computed = annuity(p, r / (percent * per_year), n * months)
                    spread = float(np.abs(rows[:, target]).max(initial=0.0))
                    if len(rows) < MIN_ROWS or not fits(rows[:, target] - computed, half, spread):
                        break
                else:
                    each: Expression = scaled(rate, 1 / (percent * per_year))
                    payment = Call("annuity", (amount, each, scaled(term, float(months))))
                    return Formula(columns.names[target], payment, round_up(half))
    return None
