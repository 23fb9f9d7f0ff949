"""k-anonymity, l-diversity and t-closeness of the quasi-identifiers: rules for tables of real people,
told of the synthetic table because rules and forms ask for them.

Synthetic rows are not people: a class of one says nothing of anybody, and large classes do not protect
whom the rows were made from. Hence diagnostics without better or worse, and no findings. As in pyCANON
(Sainz-Pardo Díaz and López García 2022), values are taken as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

Measure = Callable[[Ints, Ints, bool], float]
"""Of the class of each row, its value in a sensitive column as a position in their order, and whether
they are numbers."""


def _spec(name: str, title: str, high: float, means: str, source: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="diagnostics",
        better=Better.NEITHER,
        low=0.0,
        high=high,
        description=means,
        source=source,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KAnonymity(BaseMetric):
    """The fewest rows that share all values of the quasi-identifiers."""

    spec: ClassVar[Spec] = _spec(
        "k_anonymity",
        "k of the quasi-identifiers",
        1e12,
        "1 is a row that stands alone, the number of rows is all of them alike",
        "Samarati and Sweeney 1998",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(
            self.spec,
            tables,
            run,
            lambda classes, *_: k_anonymity(classes),
            "at least {0:g} rows",
            sensitive=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LDiversity(BaseMetric):
    """The fewest different sensitive values in a class (distinct l-diversity), of the worst sensitive
    column."""

    spec: ClassVar[Spec] = _spec(
        "l_diversity",
        "l of the sensitive columns",
        1e12,
        "1 is a class in which all rows have the same sensitive value",
        "Machanavajjhala et al. 2007 (distinct l-diversity)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        words = "at least {0:g} values of a sensitive column"
        return _result(
            self.spec,
            tables,
            run,
            lambda c, values, _: l_diversity(c, values),
            words,
            sensitive=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TCloseness(BaseMetric):
    """The largest distance of a sensitive column's values in a class from those in the table, of the
    worst sensitive column: total variation for categories, the ordered earth mover's distance for
    numbers."""

    spec: ClassVar[Spec] = _spec(
        "t_closeness",
        "t of the sensitive columns",
        1.0,
        "0 is the same sensitive values in every class as in the whole table, 1 is all others",
        "Li, Li and Venkatasubramanian 2007",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        words = "sensitive values up to {0:.3f} apart from those of the whole table"
        return _result(self.spec, tables, run, t_closeness, words, sensitive=True)


def k_anonymity(classes: Ints) -> float:
    """Size of the smallest equivalence class (Samarati and Sweeney 1998).

    Args:
        classes: (n,) the equivalence class of each row, numbered from 0 without a number left out.

    >>> k_anonymity(np.array([0, 0, 1, 1, 1]))
    2.0
    """
    return float(np.bincount(classes).min())


def l_diversity(classes: Ints, values: Ints) -> float:
    """Smallest number of distinct sensitive values in an equivalence class (distinct l-diversity,
    Machanavajjhala et al. 2007).

    Args:
        classes: (n,) as for `k_anonymity`.
        values: (n,) codes of the sensitive values, from 0.

    >>> l_diversity(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    1.0
    """
    levels = int(values.max()) + 1
    pairs = np.unique(classes * levels + values)
    return float(np.bincount(pairs // levels).min())


def t_closeness(classes: Ints, values: Ints, ordered: bool = False) -> float:
    """Largest distance of the sensitive values' distribution in an equivalence class from that in the
    table (Li, Li and Venkatasubramanian 2007).

    Args:
        classes: (n,) as for `k_anonymity`.
        values: (n,) codes of the sensitive values, from 0.
        ordered: The codes are ranks of numbers: the ordered earth mover's distance is taken in place
            of total variation.

    >>> t_closeness(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    0.5
    """
    levels = int(values.max()) + 1
    whole = np.bincount(values, minlength=levels) / len(values)
    order = np.argsort(classes, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(classes[order])) + 1, len(order))
    return max(
        _distance(np.bincount(part, minlength=levels) / len(part), whole, ordered)
        for part in np.split(values[order], ends[:-1])
    )


def _distance(part: Floats, whole: Floats, numbers: bool) -> float:
    """Between shares of the values, (levels,)."""
    if numbers:
        return float(np.abs(np.cumsum(part - whole)).sum() / max(len(whole) - 1, 1))
    return float(np.abs(part - whole).sum() / 2)


def _result(
    spec: Spec,
    tables: Comparison,
    run: Run,
    measure: Measure,
    words: str,
    *,
    sensitive: bool,
) -> Result:
    encoded = encode(tables)
    known = [column.name for column in encoded.columns if column.quasi_identifier]
    if not known:
        raise NotMeasurable("no column is marked as a quasi-identifier")
    hidden = [c.name for c in encoded.columns if c.sensitive and c.name not in known]
    if sensitive and not hidden:
        raise NotMeasurable("no column but quasi-identifiers is marked as sensitive")
    if not encoded.synthetic.height:
        raise NotMeasurable("the synthetic table has no rows")
    columns = hidden if sensitive else known[:1]
    worst = max if spec.name == "t_closeness" else min
    found = _measured(encoded, encoded.synthetic, known, columns, measure)
    value, reference = worst(found.values()), None
    if encoded.holdout is not None and encoded.holdout.height:
        held = _measured(encoded, encoded.holdout, known, columns, measure)
        reference = worst(held.values())
    beside = (
        "no holdout to compare with"
        if reference is None
        else f"{_rows(encoded.holdout)} unseen real rows: {reference:.3g}"
    )
    names = ", ".join(repr(name) for name in known)
    return Result(
        value=value,
        interval=None,
        reference=reference,
        parts=found if sensitive else {},
        explanation=(
            f"Of {_rows(encoded.synthetic)} synthetic rows, those that share {names} have "
            f"{words.format(value)} ({beside}); the extreme of a table, so it has no interval, and a "
            f"diagnostic, not a proof of privacy."
        ),
        detail={"quasi_identifiers": known, "rows": encoded.synthetic.height},
    )


def _measured(
    encoded: Encoded, rows: Rows, known: list[str], columns: list[str], measure: Measure
) -> Mapping[str, float]:
    classes = np.zeros(rows.height, np.int64)
    for name in known:
        places = _places(rows, name)
        classes = np.unique(classes * (int(places.max()) + 1) + places, return_inverse=True)[1]
    return {
        name: measure(classes, _places(rows, name), name not in encoded.levels) for name in columns
    }


def _places(rows: Rows, name: str) -> Ints:
    """(rows,) positions among the column's own values in their order; a missing one comes last."""
    values = rows.codes[name] if name in rows.codes else rows.numbers[name]
    return np.unique(values, return_inverse=True, equal_nan=True)[1].astype(np.int64)


def _rows(rows: Rows | None) -> str:
    return f"{0 if rows is None else rows.height:,}"
