"""Search for sums of signed columns that are the change of another one from row to row."""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import numpy as np

from artesian.relations.expressions import Floats
from artesian.relations.protocol import MIN_HOLDS

MAX_TERMS = 3
"""Maximum number of columns that a total adds or subtracts."""

MAX_TERMS_TRIED = 12
"""Maximum number of columns that are tried as terms: those that the change depends on most."""

FIRST = 4
PROBES = 16
MAX_TRIED = 200
"""Numbers of rows that a sum is tried on first; one of the former two may be an exception."""


def nearest_terms(
    changes: dict[str, Floats], terms: dict[str, Floats], targets: list[str]
) -> dict[str, list[str]]:
    """For each target, the terms with which its change is most correlated in the first rows."""
    varying = [name for name, values in terms.items() if values[:MAX_TRIED].any()]
    if not (targets and varying):
        return {}
    change, term = (
        _standardized(np.stack([columns[name][:MAX_TRIED] for name in names]))
        for columns, names in ((changes, targets), (terms, varying))
    )
    near = np.abs(change @ term.T)  # (targets, terms)
    near[np.array(targets)[:, None] == np.array(varying)] = -1.0
    order = np.argsort(-near, axis=1, kind="stable")[:, :MAX_TERMS_TRIED]
    return {
        target: [varying[j] for j in row if varying[j] != target]
        for target, row in zip(targets, order.tolist(), strict=True)
    }


def _standardized(rows: Floats) -> Floats:
    """Rows of mean 0 and length 1; those without variation are 0."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    size = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.where(size > 0, size, 1.0))


def sum_of(change: Floats, terms: dict[str, Floats]) -> tuple[tuple[int, str], ...]:
    """The smallest set of columns whose signed sum is the change in nearly all rows, or nothing."""
    first = {name: values[:MAX_TRIED] for name, values in terms.items()}
    names = list(first)
    if not names:
        return ()
    signs = _signs(len(names))
    probes = np.stack([first[name][:PROBES] for name in names])
    unit = 1e-6 * max(float(np.abs(probes).max()), 1.0)
    for rows in (slice(0, FIRST), slice(None)):  # few rows rule out nearly all of the choices
        wrong = np.abs(signs @ probes[:, rows] - change[:PROBES][rows]) > unit
        signs = signs[wrong.sum(axis=1) <= 1]
    for row in signs:
        chosen = tuple((int(sign), name) for sign, name in zip(row, names, strict=True) if sign)
        if adds_up(change[:MAX_TRIED], _total(first, chosen)) and adds_up(
            change, _total(terms, chosen)
        ):
            return tuple(sorted(chosen, key=lambda term: -term[0]))
    return ()


@cache
def _signs(columns: int) -> Floats:
    """Every choice of at most `MAX_TERMS` signed columns, (choices, columns); few terms first."""
    rows = []
    for number in range(1, min(MAX_TERMS, columns) + 1):
        for chosen in combinations(range(columns), number):
            for each in product((1.0, -1.0), repeat=number):
                row = np.zeros(columns)
                row[list(chosen)] = each
                rows.append(row)
    return np.array(rows)


def size_of(values: Floats) -> float:
    """The largest absolute value."""
    return max(float(np.abs(values).max(initial=0.0)), 1e-300)


def _total(terms: dict[str, Floats], signed: tuple[tuple[int, str], ...]) -> Floats:
    return np.asarray(sum(sign * terms[name] for sign, name in signed))


def adds_up(change: Floats, amount: Floats) -> bool:
    """Whether the amounts are the changes, which vary by more than rounding."""
    unit = 1e-6 * max(float(np.abs(amount).max(initial=0.0)), 1.0)
    return equal(change, amount) and len(np.unique(np.round(change / unit))) > 2


def equal(change: Floats, amount: Floats) -> bool:
    """Whether nearly all changes are the amounts, but for rounding errors."""
    tolerance = 1e-6 * max(float(np.abs(amount).max(initial=0.0)), 1.0)
    return bool((np.abs(change - amount) <= tolerance).mean() >= MIN_HOLDS)
