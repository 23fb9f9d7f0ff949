"""k-anonymity, l-diversity and t-closeness of the quasi-identifiers, reported for the synthetic
table because regulations and forms ask for them.

They are defined for tables of real people. Synthetic rows are not people: an equivalence class of
one row identifies nobody, and large classes do not protect the people in the training data. Hence
these are diagnostics without a better direction and without findings. As in pyCANON (Sainz-Pardo
Díaz and López García 2022), values are compared without generalization.
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
"""Arguments: the equivalence class of each row, the rank of its value in a sensitive column, and
whether that column is ordered."""


def _spec(name: str, title: str, high: float, description: str, source: str) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="diagnostics",
        better=Better.NEITHER,
        low=0.0,
        high=high,
        description=description,
        source=source,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KAnonymity(BaseMetric):
    """Size of the smallest equivalence class: rows with the same values of all quasi-identifiers."""

    spec: ClassVar[Spec] = _spec(
        "k_anonymity",
        "k-anonymity",
        1e12,
        "1: a row with unique quasi-identifiers; the number of rows: all have the same ones",
        "Samarati and Sweeney 1998",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        return _result(
            self.spec,
            tables,
            run,
            lambda classes, *_: k_anonymity(classes),
            "equivalence classes of at least {0:g} rows",
            sensitive=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LDiversity(BaseMetric):
    """Smallest number of distinct sensitive values in an equivalence class (distinct l-diversity),
    for the worst sensitive column."""

    spec: ClassVar[Spec] = _spec(
        "l_diversity",
        "l-diversity",
        1e12,
        "1: a class in which all rows have the same sensitive value",
        "Machanavajjhala et al. 2007 (distinct l-diversity)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        clause = "at least {0:g} distinct values of each sensitive column in a class"
        return _result(
            self.spec,
            tables,
            run,
            lambda c, values, _: l_diversity(c, values),
            clause,
            sensitive=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TCloseness(BaseMetric):
    """Largest distance of the distribution of a sensitive column in an equivalence class from that
    in the table, for the worst sensitive column: total variation for categories, ordered earth
    mover's distance for numbers."""

    spec: ClassVar[Spec] = _spec(
        "t_closeness",
        "t-closeness",
        1.0,
        "0: every class has the sensitive values of the whole table; 1: a class has all others",
        "Li, Li and Venkatasubramanian 2007",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        clause = (
            "sensitive values in a class at a distance of up to {0:.3f} from those of the table"
        )
        return _result(self.spec, tables, run, t_closeness, clause, sensitive=True)


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
    """Largest distance of the sensitive values' distribution in an equivalence class from that in
    the table (Li, Li and Venkatasubramanian 2007).

    Args:
        classes: (n,) as for `k_anonymity`.
        values: (n,) codes of the sensitive values, from 0.
        ordered: The codes are ranks of numbers: the ordered earth mover's distance is taken in
            place of total variation.

    >>> t_closeness(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    0.5
    """
    levels = int(values.max()) + 1
    overall = np.bincount(values, minlength=levels) / len(values)
    order = np.argsort(classes, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(classes[order])) + 1, len(order))
    return max(
        _distance(np.bincount(part, minlength=levels) / len(part), overall, ordered)
        for part in np.split(values[order], ends[:-1])
    )


def _distance(part: Floats, overall: Floats, ordered: bool) -> float:
    """Distance of two distributions, (levels,)."""
    if ordered:
        return float(np.abs(np.cumsum(part - overall)).sum() / max(len(overall) - 1, 1))
    return float(np.abs(part - overall).sum() / 2)


def _result(
    spec: Spec,
    tables: Comparison,
    run: Run,
    measure: Measure,
    clause: str,
    *,
    sensitive: bool,
) -> Result:
    encoded = encode(tables)
    quasi_identifiers = [column.name for column in encoded.columns if column.quasi_identifier]
    if not quasi_identifiers:
        raise NotMeasurable("no column is marked as a quasi-identifier")
    sensitive_columns = [
        c.name for c in encoded.columns if c.sensitive and c.name not in quasi_identifiers
    ]
    if sensitive and not sensitive_columns:
        raise NotMeasurable("no column other than the quasi-identifiers is marked as sensitive")
    if not encoded.synthetic.height:
        raise NotMeasurable("the synthetic table has no rows")
    columns = sensitive_columns if sensitive else quasi_identifiers[:1]
    worst = max if spec.name == "t_closeness" else min
    values_by_column = _measured(encoded, encoded.synthetic, quasi_identifiers, columns, measure)
    value, reference = worst(values_by_column.values()), None
    if encoded.holdout is not None and encoded.holdout.height:
        holdout_values = _measured(encoded, encoded.holdout, quasi_identifiers, columns, measure)
        reference = worst(holdout_values.values())
    reference_clause = (
        "no holdout to compare with"
        if reference is None
        else f"{_row_count(encoded.holdout)} holdout rows: {reference:.3g}"
    )
    names = ", ".join(repr(name) for name in quasi_identifiers)
    return Result(
        value=value,
        interval=None,
        reference=reference,
        parts=values_by_column if sensitive else {},
        explanation=(
            f"With the quasi-identifiers {names}, {_row_count(encoded.synthetic)} synthetic rows "
            f"have {clause.format(value)} ({reference_clause}); an extreme value, so it has no "
            "interval, and a diagnostic, not a proof of privacy."
        ),
        detail={"quasi_identifiers": quasi_identifiers, "rows": encoded.synthetic.height},
    )


def _measured(
    encoded: Encoded, rows: Rows, quasi_identifiers: list[str], columns: list[str], measure: Measure
) -> Mapping[str, float]:
    classes = np.zeros(rows.height, np.int64)
    for name in quasi_identifiers:
        ranks = _ranks(rows, name)
        classes = np.unique(classes * (int(ranks.max()) + 1) + ranks, return_inverse=True)[1]
    return {
        name: measure(classes, _ranks(rows, name), name not in encoded.levels) for name in columns
    }


def _ranks(rows: Rows, name: str) -> Ints:
    """(rows,) ranks among the distinct values of the column; missing values come last."""
    values = rows.codes[name] if name in rows.codes else rows.numbers[name]
    return np.unique(values, return_inverse=True, equal_nan=True)[1].astype(np.int64)


def _row_count(rows: Rows | None) -> str:
    return f"{0 if rows is None else rows.height:,}"
