"""Chart payloads: the aggregates that a metric hands to the report to be drawn; never rows.

One type for each picture. The report decides by the type how to draw it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Curve = Sequence[Sequence[float]]
Matrix = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RocCurves:
    """ROC curves.

    Attributes:
        curves: Label -> pairs [false positive rate, true positive rate] from [0, 0] to [1, 1].
    """

    curves: Mapping[str, Curve]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceHistogram:
    """Histograms of distances over the same bins.

    Attributes:
        edges: The edges of the bins, one more than there are bins.
        series: Label -> proportion of the rows in each bin.
    """

    edges: Sequence[float]
    series: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationMatrices:
    """Square matrices over pairs of columns.

    Attributes:
        columns: Names of rows and columns.
        real, synthetic: Strength of association in either table.
        difference: Distance of the synthetic table from the real one.
        reference_difference: Distance of the holdout from the real table; None without a holdout.
    """

    columns: Sequence[str]
    real: Matrix
    synthetic: Matrix
    difference: Matrix
    reference_difference: Matrix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionScores:
    """Bars of the value and the reference of a predictive score, with their intervals.

    Attributes:
        measure: Name of the score, such as 'AUC'.
    """

    measure: str


Chart = RocCurves | DistanceHistogram | AssociationMatrices | PredictionScores
