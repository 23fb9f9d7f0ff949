"""Exact copies: synthetic rows that equal a training row in all columns but keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.disclosure import MIN_COUNT
from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run
from artesian.metrics.common.arrays import Hashes, row_hashes
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.holdout_difference import holdout_difference
from artesian.metrics.common.intervals import newcombe, wilson
from artesian.metrics.protocol import Better, Comparison, Headline, NotMeasurable, Result, Spec

UNIQUE = "of unique rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactCopies(BaseMetric):
    """Fraction of the synthetic rows that equal a training row in all columns but keys.

    In tables with few columns and few values, holdout rows equal training rows as well; the
    reference is how often. The part 'of unique rows' is the fraction of synthetic rows that equal a
    training row that occurs once, which is what a copying model discloses. The excess is that of rows
    that equal a training row of fewer than `MIN_COUNT` occurrences.
    """

    spec: ClassVar[Spec] = Spec(
        name="exact_copies",
        title="Exact copies",
        family="privacy",
        counts_entities=True,
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: no synthetic row equals a training row; 1: all do",
        source="Platzer and Reutterer 2021, identical match share",
        headline=Headline.COPIES,
        priority=3,
        every_row=True,
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        # Suppressed categories are not merged: a row with the placeholder copies no training row.
        hashes = row_hashes(tables)
        if not hashes:
            raise NotMeasurable("there are no columns but keys")
        real, synthetic, *holdouts = hashes
        if not len(real) or not len(synthetic):
            raise NotMeasurable("a table has no rows")
        distinct, counts = np.unique(real, return_counts=True)
        copies = int(np.isin(synthetic, distinct, kind="sort").sum())
        rare = distinct[counts < MIN_COUNT]
        reference = holdout_unique = excess = excess_interval = None
        for holdout in holdouts:
            # Rows of another kind equal training rows more rarely, which is no reference.
            if len(holdout) and not holdout_difference(tables, run).matters:
                reference, holdout_unique = (
                    exact_match_fraction(holdout, distinct),
                    exact_match_fraction(holdout, distinct[counts == 1]),
                )
                # Rows that many people share are no copies: where suppression makes them more
                # frequent, more synthetic rows than holdout rows equal one of them.
                own, theirs = (int(np.isin(rows, rare).sum()) for rows in (synthetic, holdout))
                excess = own / len(synthetic) - theirs / len(holdout)
                excess_interval = newcombe(own, len(synthetic), theirs, len(holdout))
        value = copies / len(synthetic)
        unique = exact_match_fraction(synthetic, distinct[counts == 1])
        return Result(
            value=value,
            interval=wilson(copies, len(synthetic)),
            reference=reference,
            excess=excess,
            excess_interval=excess_interval,
            parts={UNIQUE: unique},
            reference_parts={} if holdout_unique is None else {UNIQUE: holdout_unique},
            explanation=(
                f"{percent(value)} of the synthetic rows equal a training row in every column "
                f"({reference_note(reference)}), {percent(unique)} one that occurs only once."
            ),
            detail={"copies": copies, "rows": len(synthetic)},
        )


def exact_match_fraction(rows: Hashes, others: Hashes) -> float:
    """Fraction of `rows` that equal one of `others`.

    Args:
        rows, others: (n,) and (m,) hashes or other identifiers of whole rows.

    >>> exact_match_fraction(np.array([1, 2, 2, 3]), np.array([2, 9]))
    0.5
    """
    return float(np.isin(rows, others, kind="sort").mean())
