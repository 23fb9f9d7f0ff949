"""Overlap of the confidence intervals of regression coefficients from synthetic and from real rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.cox import cox
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.features import Features
from artesian.metrics.common.intervals import GROUPS, groups_of, jackknife, jackknife_spread
from artesian.metrics.common.linear import Design, least_squares, logistic, with_intercept
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.utility.prediction_task import rows_with_target
from artesian.metrics.utility.target import find_target
from artesian.metrics.utility.time_to_event import TimeToEvent

_Z = 1.959964
_MIN_LEVEL_ROWS = 30  # minimum real rows of a category with a coefficient
_MIN_LEVEL_PROPORTION = 0.01  # minimum proportion of the real rows
_ROWS_PER_COEFFICIENT = 10
_COLLINEAR = 1e-6  # relative norm of the residual of a column that the columns before it determine

_STREAMS = {"real": "real", "synthetic": "synthetic", "holdout": "unseen"}
"""Table -> name of its random stream, which determines the figures for a seed."""

Fit = Callable[[Floats, Rows, Floats | None], tuple[Floats, Floats]]
"""(design columns, rows, initial coefficients) -> coefficients and their covariance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients(BaseMetric):
    """Mean over coefficients of the overlap of the 95 % intervals from synthetic and from real
    rows.

    Regression of the target on the main effects of all other columns: logistic for two classes (for
    more, the most frequent against the rest), least squares for a number, Cox regression for a
    time-to-event target. Categories below 1 % or 30 rows belong to the base level, numbers are
    standardized, and collinear columns are left out. All samples have the same number of rows. The
    interval is a jackknife.

    Attributes:
        rows: Maximum number of rows per table.
        max_columns: Of more predictors, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="coefficients",
        title="Overlap of confidence intervals",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: the same interval for every coefficient; 0: no overlap",
        source="Karr et al. 2006",
        slow=True,
    )
    rows: int = 10_000
    max_columns: int = 30

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        regression = _choose_regression(encoded, tables)
        seed = run.seed.child(self.spec.name)
        features = Features.from_encoded(
            encoded, self.max_columns, seed.child("columns"), without=regression.names
        )
        if not features.columns:
            raise NotMeasurable(f"there is nothing to predict {regression.names[0]!r} from")
        all_rows = {
            "real": encoded.real,
            "synthetic": encoded.synthetic,
            "holdout": encoded.holdout,
        }
        samples = {
            name: regression.select_rows(rows)
            for name, rows in all_rows.items()
            if rows is not None
        }
        size = min(self.rows, *(rows.height for rows in samples.values()))
        samples = {
            name: rows.subsample(size, seed.child(_STREAMS[name])) for name, rows in samples.items()
        }
        for name, rows in samples.items():
            if (reason := regression.refusal(rows, name)) is not None:
                raise NotMeasurable(reason)
        design, columns = _design(features, samples["real"], regression.intercept)
        if not len(columns):
            raise NotMeasurable("no predictor varies independently in the real rows")
        if size < _ROWS_PER_COEFFICIENT * len(columns):
            raise NotMeasurable(
                f"there are {size} rows for {len(columns)} coefficients, and "
                f"{_ROWS_PER_COEFFICIENT} for each are needed",
            )
        estimates = {}
        for name, rows in run.track(samples.items(), self.spec.name):
            x = design.columns(features.matrix(rows))[:, columns]
            estimates[name] = _estimates(
                x, rows, regression, groups_of(size, seed.child("groups", _STREAMS[name]))
            )
        overlaps = interval_overlap(estimates["real"], estimates["synthetic"])
        mean_overlap = overlaps.mean(axis=1)
        value = float(mean_overlap[0])
        names = [_coefficient_names(features, encoded, design)[i] for i in columns]
        detail: dict[str, Any] = {
            "model": regression.model,
            "rows": size,
            "coefficients": {
                name: {
                    side: [float(b[0, at]), float(se[0, at])] for side, (b, se) in estimates.items()
                }
                for at, name in enumerate(names)
            },
        }
        reference = reference_interval = excess_interval = None
        reference_parts: dict[str, float] = {}
        if "holdout" in estimates:
            holdout_overlaps = interval_overlap(estimates["real"], estimates["holdout"])
            reference_means = holdout_overlaps.mean(axis=1)
            reference = float(reference_means[0])
            half = jackknife_spread((mean_overlap - reference_means)[1:])
            excess = value - reference
            excess_interval = max(-1.0, excess - half), min(1.0, excess + half)
            reference_interval = jackknife(reference, reference_means[1:], 0.0, 1.0)
            reference_parts = dict(zip(names, holdout_overlaps[0].tolist(), strict=True))
        reference_clause = (
            "no holdout to compare with"
            if reference is None
            else f"holdout and training rows: {reference:.2f}"
        )
        worst = int(overlaps[0].argmin())
        return Result(
            value=value,
            interval=jackknife(value, mean_overlap[1:], 0.0, 1.0),
            reference=reference,
            reference_interval=reference_interval,
            excess_interval=excess_interval,
            parts=dict(zip(names, overlaps[0].tolist(), strict=True)),
            reference_parts=reference_parts,
            target=regression.names[0],
            explanation=(
                f"In {regression.model} of {regression.label}, the 95 % intervals of {len(names)} "
                f"coefficients from synthetic and from real rows overlap by {value:.2f} on average "
                f"({reference_clause}); least for {names[worst]!r}, by {overlaps[0, worst]:.2f}"
                f"{features.drawn_note}."
            ),
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class _Regression:
    """A regression.

    Attributes:
        names: The target, and further columns that are not predictors.
        model, label: Names of the model and of the target for the explanation.
        select_rows: Selects the rows with a target value.
        refusal: Why the model cannot be fitted to the given rows; None if it can.
    """

    names: tuple[str, ...]
    model: str
    label: str
    intercept: bool
    select_rows: Callable[[Rows], Rows]
    refusal: Callable[[Rows, str], str | None]
    fit: Fit


def _choose_regression(encoded: Encoded, tables: Comparison) -> _Regression:
    schema = tables.real.schema
    if schema.event is not None:
        return _cox_regression(encoded, tables)
    target = find_target(encoded, schema)
    name = target.name
    if not target.classes:
        values = encoded.real.numbers[name]
        values = values[~np.isnan(values)]
        with np.errstate(over="ignore", invalid="ignore"):
            deviation = float(values.std()) if len(values) else 0.0

        def constant(rows: Rows, label_of_rows: str) -> str | None:
            values = rows.numbers[name]
            if not np.isfinite(deviation) or values.size == 0 or values.min() == values.max():
                return f"{name!r} is the same in all {label_of_rows} rows"
            return None

        return _Regression(
            (name,),
            "a linear regression",
            repr(name),
            True,
            lambda rows: rows_with_target(rows, target),
            constant,
            lambda x, rows, start: least_squares(
                x, np.clip(rows.numbers[name] / deviation, -1e9, 1e9)
            ),
        )
    codes, counts = np.unique(encoded.real.codes[name], return_counts=True)
    codes, counts = codes[codes >= 0], counts[codes >= 0]
    event = int(codes[-1] if len(codes) == 2 else codes[counts.argmax()])

    def rare_class(rows: Rows, label_of_rows: str) -> str | None:
        events = int((rows.codes[name] == event).sum())
        rare = min(events, rows.height - events)
        min_rows = 2 * _ROWS_PER_COEFFICIENT
        if rare < min_rows:
            return (
                f"one class of {name!r} has {rare} of the {label_of_rows} rows, and {min_rows} are "
                f"needed"
            )
        return None

    return _Regression(
        (name,),
        "a logistic regression",
        f"{name!r} = {encoded.levels[name][event]}",
        True,
        lambda rows: rows_with_target(rows, target),
        rare_class,
        lambda x, rows, start: logistic(x, np.asarray(rows.codes[name] == event), 0.0, start),
    )


def _cox_regression(encoded: Encoded, tables: Comparison) -> _Regression:
    target = TimeToEvent.from_schema(encoded, tables.real.schema)

    def few_events(rows: Rows, label_of_rows: str) -> str | None:
        events = int(target.times_and_events(rows)[1].sum())
        min_rows = 2 * _ROWS_PER_COEFFICIENT
        return (
            f"{label_of_rows} rows have {events} observed events, and {min_rows} are needed"
            if events < min_rows
            else None
        )

    return _Regression(
        (target.time, target.event),
        "a Cox regression",
        repr(target.time),
        False,
        target.rows_with_target,
        few_events,
        lambda x, rows, start: cox(x, *target.times_and_events(rows), 0.0, start),
    )


def _design(features: Features, real: Rows, intercept: bool) -> tuple[Design, Ints]:
    """The design matrix of the real rows, and the columns of it that are not collinear."""
    matrix = features.matrix(real)
    design = Design.from_matrix(matrix, features.discrete)
    min_rows = max(_MIN_LEVEL_ROWS, _MIN_LEVEL_PROPORTION * len(matrix))
    levels = tuple(
        None
        if codes is None
        else codes[[int((matrix[:, at] == code).sum()) >= min_rows for code in codes]]
        if len(codes)
        else codes
        for at, codes in enumerate(design.levels)
    )
    missing = tuple(at for at in design.missing if np.isnan(matrix[:, at]).sum() >= min_rows)
    design = replace(design, levels=levels, missing=missing)
    x = design.columns(matrix)
    x = x - x.mean(axis=0) if intercept else x
    selected: list[int] = []
    basis: list[Floats] = []
    for at, column in enumerate(x.T):
        residual = column.astype(np.float64)
        for _ in range(2):  # the second pass removes rounding errors
            for one in basis:
                residual = residual - (one @ residual) * one
        size = float(np.linalg.norm(residual))
        if size > _COLLINEAR * max(1.0, float(np.linalg.norm(column))):
            selected.append(at)
            basis.append(residual / size)
    return design, np.array(selected, np.int64)


def _coefficient_names(features: Features, encoded: Encoded, design: Design) -> list[str]:
    """Name of each column of the design."""
    estimates = []
    owners = features.owners
    for at, codes in enumerate(design.levels):
        if codes is None:
            part = ("", " (day of week)", " (time of day)")[
                at - owners.index(owners[at]) if owners[at] in features.dates else 0
            ]
            estimates.append(f"{owners[at]}{part}")
        else:
            estimates += [
                f"{owners[at]} = {encoded.levels[owners[at]][int(code)]}" for code in codes
            ]
    return estimates + [f"{owners[at]} (missing)" for at in design.missing]


def _estimates(
    x: Floats, rows: Rows, regression: _Regression, groups: Ints
) -> tuple[Floats, Floats]:
    """(1 + GROUPS, coefficients) estimates and standard errors: of all rows, then without each
    group, by refitting."""
    start = 1 if regression.intercept else 0
    x = with_intercept(x) if regression.intercept else x
    all_rows = None
    estimates, standard_errors = [], []
    for group in (None, *range(GROUPS)):
        selected = np.flatnonzero(groups != group) if group is not None else np.arange(len(x))
        beta, covariance = regression.fit(x[selected], rows.take(selected), all_rows)
        all_rows = beta if group is None else all_rows
        estimates.append(beta[start:])
        standard_errors.append(np.sqrt(np.maximum(np.diag(covariance), 0))[start:])
    return np.array(estimates), np.array(standard_errors)


def interval_overlap(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
    """Overlap of 95 % confidence intervals (Karr et al. 2006): the mean of the overlap's
    proportions of either interval.

    Args:
        one, other: Estimates and their standard errors, (...,) each.

    Returns:
        (...,) values in [0, 1]; 1 for equal intervals, 0 for disjoint ones.

    >>> estimate, error = np.array([0.0, 0.0]), np.array([1.0, 1.0])
    >>> interval_overlap((estimate, error), (np.array([0.0, 9.0]), error)).tolist()
    [1.0, 0.0]
    """
    (a, da), (b, db) = one, other
    da, db = _Z * np.maximum(da, 1e-300), _Z * np.maximum(db, 1e-300)
    intersection = np.minimum(a + da, b + db) - np.maximum(a - da, b - db)
    overlap: Floats = np.clip((intersection / (2 * da) + intersection / (2 * db)) / 2, 0.0, 1.0)
    return overlap
