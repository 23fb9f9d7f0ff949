"""Search for categories that decide whether an amount is added or subtracted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.relations.expressions import Floats
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.running import Term
from artesian.relations.search.rows import Rows
from artesian.relations.signed import SignedSum

MAX_LABELS = 12
"""Maximum number of labels that decide whether an amount is added or subtracted."""

MIN_FIRST = 0.9
"""Minimum fraction of the first rows that a choice has to explain."""

MIN_LABEL = 0.02
"""Minimum fraction of the rows in which an amount is added, and in which it is subtracted."""

MAX_COLUMNS = 40
"""Maximum number of numbers among which sums within a row are searched."""

MIN_ROWS = 30
"""Minimum number of rows of such a sum."""

PROBES = 64
MAX_TRIED = 200
"""Numbers of rows that an amount is tried on first."""

Labels = Callable[[], Mapping[str, pl.Series]]
"""Gives the values of categories as texts, in the rows of the change."""


def labels_of(frame: pl.DataFrame, names: Iterable[str]) -> dict[str, pl.Series]:
    """The values of those categories that have a few frequent ones."""
    out = {}
    for name in names:
        series = frame[name].cast(pl.String)
        sizes = series.drop_nulls().alias("value").value_counts(name="rows")["rows"]
        if 2 <= len(sizes) <= MAX_LABELS and sizes.min() >= MIN_COUNT:  # type: ignore[operator]
            out[name] = series
    return out


def by_label(change: Floats, terms: dict[str, Floats], labels: Labels) -> tuple[Term, ...]:
    """A column that some labels add and others subtract, or nothing.

    The change is the amount in some rows and its opposite in others, and all rows with the same label
    agree. Of labels by which nothing changes, nothing is said.
    """
    names, first = list(terms), np.abs(change[:MAX_TRIED])
    if not names or not len(first):
        return ()
    sizes = np.abs(np.stack([terms[name][:MAX_TRIED] for name in names]))
    units = 1e-6 * np.maximum(sizes.max(axis=1, keepdims=True), 1.0)
    fits = ((np.abs(first - sizes) <= units) | (first <= units)).mean(axis=1) >= MIN_FIRST
    for name in (name for name, fit in zip(names, fits, strict=True) if fit):
        amount = terms[name]
        unit = 1e-6 * max(float(np.abs(amount).max(initial=0.0)), 1.0)
        plus, minus = (np.abs(change - sign * amount) <= unit for sign in (1.0, -1.0))
        none = np.abs(change) <= unit
        rarer = min((plus & ~none).mean(), (minus & ~none).mean())  # 0 has no sign
        if (plus | minus | none).mean() < MIN_HOLDS or rarer < MIN_LABEL:
            continue
        for label, series in labels().items():
            signs: dict[int, list[str]] = {1: [], -1: [], 0: []}
            right = 0
            for value in series.drop_nulls().unique().sort().to_list():
                at = (series == value).fill_null(False).to_numpy()
                fits = {0: none[at].sum(), 1: plus[at].sum(), -1: minus[at].sum()}
                best = max(fits, key=lambda sign: fits[sign])
                signs[best].append(value)
                right += int(fits[best])
            right += int(none[series.is_null().to_numpy()].sum())
            if right >= MIN_HOLDS * len(change) and signs[1] and signs[-1]:
                return tuple(Term(sign, name, label, tuple(signs[sign])) for sign in (1, -1))
    return ()


def signed_sums(rows: Rows, categories: Iterable[str]) -> Iterator[SignedSum]:
    """`after = before + amount` in the rows of some labels, and less the amount in those of others."""
    numeric = rows.numeric
    free = [
        j
        for j in range(len(numeric.names))
        if not numeric.temporal[j] and numeric.distinct[j] > MAX_LABELS
    ][:MAX_COLUMNS]
    names = [numeric.names[j] for j in free]
    values = numeric.values[:, free]
    if len(free) < 3 or not (labels := labels_of(rows.both, categories)):
        return
    taken: set[str] = set()
    probes = values[:PROBES]
    for at, base in enumerate(names):
        fits = _fitting(probes, at)
        for target in range(at + 1, len(names)):
            near = np.flatnonzero(fits[target]).tolist()
            if not near or {names[target], base} & taken:
                continue
            whole = values[:, target] - values[:, at]
            present = ~np.isnan(values[:, [at, target, *near]]).any(axis=1)
            if present.sum() < MIN_ROWS:
                continue
            amounts = {names[j]: values[present, j] for j in near}
            if terms := by_label(
                whole[present], amounts, partial(_in_rows, labels, pl.Series(present))
            ):
                taken |= {names[target], base}
                yield SignedSum(names[target], base, terms)


def _in_rows(labels: Mapping[str, pl.Series], rows: pl.Series) -> dict[str, pl.Series]:
    return {name: values.filter(rows) for name, values in labels.items()}


def _fitting(probes: Floats, base: int) -> NDArray[np.bool_]:
    """Whether the change from a column to another may be a third one with either sign, or nothing.

    Args:
        probes: Values, shape (rows, p).

    Returns:
        Shape (p, p): target, amount.
    """
    size = np.abs(probes - probes[:, base, None])[:, :, None]  # (rows, targets, 1)
    amount = np.abs(probes)[:, None, :]  # (rows, 1, amounts)
    unit = 1e-6 * np.maximum(np.nan_to_num(np.abs(probes)).max(axis=0, initial=0.0), 1.0)
    with np.errstate(invalid="ignore"):
        equal = np.abs(size - amount) <= unit
        either = equal | (size <= unit)
    present = ~(np.isnan(size) | np.isnan(amount))
    count = np.maximum(present.sum(axis=0), 1)
    fits = (present.sum(axis=0) >= PROBES // 4) & (
        (either & present).sum(axis=0) >= MIN_FIRST * count
    )
    fits &= (equal & present).sum(axis=0) >= MIN_LABEL * count
    fits[:, base] = fits[base] = False
    np.fill_diagonal(fits, val=False)
    return np.asarray(fits)
