"""Check of an imputation: mask known values of holdout rows, impute them, and compare.

The values are masked at random, independently of all others. Values that are missing for a reason of
their own may be harder to impute, which no check on known values can show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.common.arrays import Floats, floats
from artesian.metrics.common.intervals import wilson

MASKED = 0.1
"""Fraction of the known values of holdout rows that are masked."""

DRAWS = 19
"""Imputations of the check: the range of 19 contains a further draw with a probability of 18 / 20."""

NOMINAL = (DRAWS - 1) / (DRAWS + 1)

MIN_VALUES = 5
"""Minimum number of masked values of a column for a result."""

NUMERIC = (Kind.NUMBER, Kind.DATETIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCheck:
    """How well the masked values of one column are imputed.

    Attributes:
        name: The column.
        values: Number of masked values.
        measure: 'error', the root mean squared error of the mean imputation in standard deviations of
            the column, or 'wrong', the fraction of values that the most frequent imputation is not.
        imputed: The measure of the imputations; lower is better.
        baseline: That of the median, or of the most frequent value, of the training rows.
        coverage: Fraction of the values within the range of the imputations, which is `NOMINAL` for
            draws from the right distribution; of a category, the mean probability of the right value.
        interval: Its 95 % interval; None for a category.
    """

    name: str
    values: int
    measure: str
    imputed: float
    baseline: float
    coverage: float
    interval: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types."""
        return {
            "column": self.name,
            "values": self.values,
            "measure": self.measure,
            "imputed": self.imputed,
            "baseline": self.baseline,
            "coverage": self.coverage,
            "interval": None if self.interval is None else list(self.interval),
        }


def mask_values(
    table: Table, columns: Sequence[str], run: Run
) -> tuple[Table, Mapping[str, NDArray[np.int64]]]:
    """Mask a fraction `MASKED` of the known values, at random.

    Returns:
        The masked table, and for each column the positions of the masked values.
    """
    frame, masked = table.frame, {}
    for name in columns:
        present = np.flatnonzero(frame[name].is_not_null().to_numpy())
        rng = run.seed.child("mask", name).rng()
        at = np.sort(rng.permutation(present)[: round(MASKED * len(present))])
        masked[name] = at
        visible = np.ones(frame.height, bool)
        visible[at] = False
        values = frame[name].alias("values").to_frame()  # a name may be a pattern
        left = values.select(pl.when(pl.Series(visible)).then("values")).to_series()
        frame = frame.with_columns(left.alias(name))
    return table.with_frame(frame), masked


def check_columns(
    train: Table,
    holdout: Table,
    imputed: Iterable[Table],
    masked: Mapping[str, NDArray[np.int64]],
) -> tuple[ColumnCheck, ...]:
    """Compare imputed values with the masked ones.

    Args:
        train: The rows that the model was fitted on, for the baseline.
        holdout: The rows with all known values.
        imputed: Imputations of the masked holdout rows.
        masked: For each column the positions of the masked values.
    """
    frames = [table.frame for table in imputed]
    checks = []
    for name, at in masked.items():
        if len(at) < MIN_VALUES:
            continue
        truth, present = holdout.frame[name][at], train.frame[name].drop_nulls()
        draws = [frame[name][at] for frame in frames]
        if any(one.null_count() for one in draws) or not len(present):
            continue
        numeric = train.schema[name].kind in NUMERIC and truth.dtype != pl.String
        check = _number if numeric else _category
        checks.append(check(name, truth, draws, present))
    return tuple(checks)


def _number(name: str, truth: pl.Series, draws: list[pl.Series], present: pl.Series) -> ColumnCheck:
    real, values = floats(truth), np.stack([floats(one) for one in draws])
    train = floats(present)
    scale = float(train.std()) or 1.0
    inside = (values.min(axis=0) <= real) & (real <= values.max(axis=0))
    return ColumnCheck(
        name=name,
        values=len(real),
        measure="error",
        imputed=_error(values.mean(axis=0) - real, scale),
        baseline=_error(np.median(train) - real, scale),
        coverage=float(inside.mean()),
        interval=wilson(int(inside.sum()), len(real)),
    )


def _category(
    name: str, truth: pl.Series, draws: list[pl.Series], present: pl.Series
) -> ColumnCheck:
    texts = np.stack([one.cast(pl.String).to_numpy() for one in draws])
    real = truth.cast(pl.String).to_numpy()
    counts = (texts[:, None, :] == texts[None, :, :]).sum(axis=1)  # (draws, values)
    frequent = texts[counts.argmax(axis=0), np.arange(len(real))]
    mode = present.cast(pl.String).mode().sort()[0]
    return ColumnCheck(
        name=name,
        values=len(real),
        measure="wrong",
        imputed=float((frequent != real).mean()),
        baseline=float((real != mode).mean()),
        coverage=float((texts == real).mean()),
    )


def _error(differences: Floats, scale: float) -> float:
    return float(np.sqrt(((differences / scale) ** 2).mean()))
