"""Exact copies: synthetic rows that equal a row of the real table in every column but its keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Hashes, row_hashes
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.common.intervals import newcombe, wilson
from artesian.metrics.protocol import Better, Comparison, Headline, NotMeasurable, Result, Spec

ONCE = "of rows that stand once"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactCopies(BaseMetric):
    """Where few columns have few values, unseen real rows equal training rows as well: the
    reference says how often.

    Part 'of rows that stand once': the share of synthetic rows that equal a real row of which there
    is only one, which is what a copying model gives away.
    """

    spec: ClassVar[Spec] = Spec(
        name="exact_copies",
        title="Exact copies",
        family="privacy",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0 is no synthetic row equal to a real one, 1 is all of them",
        source="Platzer and Reutterer 2021, identical match share",
        headline=Headline.COPIES,
        priority=3,
        every_row=True,
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        # A suppressed category in a synthetic row copies nothing, so nothing is merged here.
        hashes = row_hashes(tables)
        if not hashes:
            raise NotMeasurable("there are no columns but keys")
        real, made, *unseen = hashes
        if not len(real) or not len(made):
            raise NotMeasurable("a table has no rows")
        known, times = np.unique(real, return_counts=True)
        copies = int(np.isin(made, known, kind="sort").sum())
        reference = held_once = excess = None
        for held in unseen:
            if len(held):
                reference, held_once = (
                    exact_match_fraction(held, known),
                    exact_match_fraction(held, known[times == 1]),
                )
                excess = newcombe(copies, len(made), round(reference * len(held)), len(held))
        value = copies / len(made)
        once = exact_match_fraction(made, known[times == 1])
        return Result(
            value=value,
            interval=wilson(copies, len(made)),
            reference=reference,
            excess_interval=excess,
            parts={ONCE: once},
            reference_parts={} if held_once is None else {ONCE: held_once},
            explanation=(
                f"{percent(value)} of the synthetic rows equal a training row in every column "
                f"({beside(reference)}), {percent(once)} one that stands there only once."
            ),
            detail={"copies": copies, "rows": len(made)},
        )


def exact_match_fraction(rows: Hashes, others: Hashes) -> float:
    """Fraction of `rows` that equal one of `others`.

    Args:
        rows, others: (n,) and (m,) hashes or other identifiers of whole rows.

    >>> exact_match_fraction(np.array([1, 2, 2, 3]), np.array([2, 9]))
    0.5
    """
    return float(np.isin(rows, others, kind="sort").mean())
