"""Do regressions on synthetic rows find the same coefficients? Overlap of their intervals."""

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
from artesian.metrics.utility.prediction_task import answered
from artesian.metrics.utility.target import find_target
from artesian.metrics.utility.time_to_event import Duration

_Z = 1.959964
_LEAST = 30  # real rows of a category with a coefficient of its own
_SHARE = 0.01  # and the share of the real rows
_ROWS_A_COEFFICIENT = 10
_ALIKE = 1e-6  # of the largest: what is left of a column that the ones before it give away

Fit = Callable[[Floats, Rows, Floats | None], tuple[Floats, Floats]]
"""Design columns and rows -> coefficients and the covariance of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients(BaseMetric):
    """The mean over coefficients of how far the 95 % intervals from synthetic and from real rows
    overlap: half the overlap as a share of the one, half as a share of the other.

    Regression of the target on all other columns, by main effects: logistic for two classes (of more,
    the most frequent against the rest), least squares for a number, Cox regression for a time with an
    event. Categories rarer than 1 % or 30 rows belong to the base, numbers are in real standard
    deviations, and columns that others give away are left out. All three samples have as many rows.
    The interval is a jackknife.

    Attributes:
        rows: At most; the same number of each table.
        max_columns: Of more predictors, that many are drawn by the seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="coefficients",
        title="Overlap of regression intervals",
        family="utility",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 is the same interval for every coefficient, 0 is no overlap",
        source="Karr et al. 2006",
        slow=True,
    )
    rows: int = 10_000
    max_columns: int = 30

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        question = _question(encoded, tables)
        seed = run.seed.child(self.spec.name)
        features = Features.of(
            encoded, self.max_columns, seed.child("columns"), without=question.names
        )
        if not features.columns:
            raise NotMeasurable(f"there is nothing to predict {question.names[0]!r} from")
        whole = {"real": encoded.real, "synthetic": encoded.synthetic, "unseen": encoded.holdout}
        sides = {name: question.answered(rows) for name, rows in whole.items() if rows is not None}
        size = min(self.rows, *(rows.height for rows in sides.values()))
        sides = {name: rows.at_most(size, seed.child(name)) for name, rows in sides.items()}
        for name, rows in sides.items():
            if (reason := question.refused(rows, name)) is not None:
                raise NotMeasurable(reason)
        design, columns = _design(features, sides["real"], question.intercept)
        if not len(columns):
            raise NotMeasurable("no column of the real rows varies on its own")
        if size < _ROWS_A_COEFFICIENT * len(columns):
            raise NotMeasurable(
                f"there are {size} rows for {len(columns)} coefficients, and "
                f"{_ROWS_A_COEFFICIENT} for each are needed",
            )
        found = {}
        for name, rows in run.track(sides.items(), self.spec.name):
            x = design.columns(features.matrix(rows))[:, columns]
            found[name] = _estimates(x, rows, question, groups_of(size, seed.child("groups", name)))
        overlaps = interval_overlap(found["real"], found["synthetic"])
        means = overlaps.mean(axis=1)
        value = float(means[0])
        names = [_names(features, encoded, design)[i] for i in columns]
        detail: dict[str, Any] = {
            "model": question.model,
            "rows": size,
            "coefficients": {
                name: {side: [float(b[0, at]), float(se[0, at])] for side, (b, se) in found.items()}
                for at, name in enumerate(names)
            },
        }
        reference = reference_interval = excess_interval = None
        reference_parts: dict[str, float] = {}
        if "unseen" in found:
            held = interval_overlap(found["real"], found["unseen"])
            against = held.mean(axis=1)
            reference = float(against[0])
            half = jackknife_spread((means - against)[1:])
            gap = value - reference
            excess_interval = max(-1.0, gap - half), min(1.0, gap + half)
            reference_interval = jackknife(reference, against[1:], 0.0, 1.0)
            reference_parts = dict(zip(names, held[0].tolist(), strict=True))
        beside = (
            "no holdout to compare with"
            if reference is None
            else f"two samples of real rows: {reference:.2f}"
        )
        worst = int(overlaps[0].argmin())
        return Result(
            value=value,
            interval=jackknife(value, means[1:], 0.0, 1.0),
            reference=reference,
            reference_interval=reference_interval,
            excess_interval=excess_interval,
            parts=dict(zip(names, overlaps[0].tolist(), strict=True)),
            reference_parts=reference_parts,
            target=question.names[0],
            explanation=(
                f"In {question.model} of {question.said}, the 95 % intervals of {len(names)} "
                f"coefficients from synthetic and from real rows overlap by {value:.2f} on average "
                f"({beside}); least for {names[worst]!r} with {overlaps[0, worst]:.2f}"
                f"{features.said}."
            ),
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class _Question:
    """What is regressed.

    Attributes:
        names: The target, and the columns that may not be predictors either.
        answered: Keeps the rows that have an answer.
        refused: Why rows of a name have no answer to learn; None if they have.
    """

    names: tuple[str, ...]
    model: str
    said: str
    intercept: bool
    answered: Callable[[Rows], Rows]
    refused: Callable[[Rows, str], str | None]
    fit: Fit


def _question(encoded: Encoded, tables: Comparison) -> _Question:
    schema = tables.real.schema
    if schema.event is not None:
        return _of_duration(encoded, tables)
    target = find_target(encoded, schema)
    name = target.name
    if not target.classes:
        known = encoded.real.numbers[name]
        known = known[~np.isnan(known)]
        with np.errstate(over="ignore", invalid="ignore"):
            spread = float(known.std()) if len(known) else 0.0

        def flat(rows: Rows, called: str) -> str | None:
            values = rows.numbers[name]
            if not np.isfinite(spread) or values.size == 0 or values.min() == values.max():
                return f"{name!r} is the same in all {called} rows"
            return None

        return _Question(
            (name,),
            "a linear regression",
            repr(name),
            True,
            lambda rows: answered(rows, target),
            flat,
            lambda x, rows, start: least_squares(
                x, np.clip(rows.numbers[name] / spread, -1e9, 1e9)
            ),
        )
    codes, counts = np.unique(encoded.real.codes[name], return_counts=True)
    codes, counts = codes[codes >= 0], counts[codes >= 0]
    event = int(codes[-1] if len(codes) == 2 else codes[counts.argmax()])

    def one_class(rows: Rows, called: str) -> str | None:
        events = int((rows.codes[name] == event).sum())
        rare = min(events, rows.height - events)
        least = 2 * _ROWS_A_COEFFICIENT
        if rare < least:
            return f"one class of {name!r} has {rare} of the {called} rows, and {least} are needed"
        return None

    return _Question(
        (name,),
        "a logistic regression",
        f"{name!r} = {encoded.levels[name][event]}",
        True,
        lambda rows: answered(rows, target),
        one_class,
        lambda x, rows, start: logistic(x, np.asarray(rows.codes[name] == event), 0.0, start),
    )


def _of_duration(encoded: Encoded, tables: Comparison) -> _Question:
    target = Duration.find(encoded, tables.real.schema)

    def few(rows: Rows, called: str) -> str | None:
        events = int(target.of(rows)[1].sum())
        least = 2 * _ROWS_A_COEFFICIENT
        return (
            f"{events} events were seen in the {called} rows, not {least}"
            if events < least
            else None
        )

    return _Question(
        (target.time, target.event),
        "a Cox regression",
        repr(target.time),
        False,
        target.answered,
        few,
        lambda x, rows, start: cox(x, *target.of(rows), 0.0, start),
    )


def _design(features: Features, real: Rows, intercept: bool) -> tuple[Design, Ints]:
    """The design of the real rows, and which of its columns have something of their own to say."""
    matrix = features.matrix(real)
    design = Design.of(matrix, features.discrete)
    least = max(_LEAST, _SHARE * len(matrix))
    levels = tuple(
        None
        if codes is None
        else codes[[int((matrix[:, at] == code).sum()) >= least for code in codes]]
        if len(codes)
        else codes
        for at, codes in enumerate(design.levels)
    )
    gaps = tuple(at for at in design.gaps if np.isnan(matrix[:, at]).sum() >= least)
    design = replace(design, levels=levels, gaps=gaps)
    x = design.columns(matrix)
    x = x - x.mean(axis=0) if intercept else x
    kept: list[int] = []
    basis: list[Floats] = []
    for at, column in enumerate(x.T):
        rest = column.astype(np.float64)
        for _ in range(2):  # the second time takes what rounding left
            for one in basis:
                rest = rest - (one @ rest) * one
        size = float(np.linalg.norm(rest))
        if size > _ALIKE * max(1.0, float(np.linalg.norm(column))):
            kept.append(at)
            basis.append(rest / size)
    return design, np.array(kept, np.int64)


def _names(features: Features, encoded: Encoded, design: Design) -> list[str]:
    """What each column of the design is called."""
    found = []
    owners = features.owners
    for at, codes in enumerate(design.levels):
        if codes is None:
            part = ("", " (day of week)", " (time of day)")[
                at - owners.index(owners[at]) if owners[at] in features.dates else 0
            ]
            found.append(f"{owners[at]}{part}")
        else:
            found += [f"{owners[at]} = {encoded.levels[owners[at]][int(code)]}" for code in codes]
    return found + [f"{owners[at]} (missing)" for at in design.gaps]


def _estimates(x: Floats, rows: Rows, question: _Question, groups: Ints) -> tuple[Floats, Floats]:
    """(1 + GROUPS, coefficients) estimates and standard errors: of all rows, then without each group.

    Without a group everything is fitted anew: GROUPS small fits, and no approximation.
    """
    start = 1 if question.intercept else 0
    x = with_intercept(x) if question.intercept else x
    whole = None
    found, errors = [], []
    for left in (None, *range(GROUPS)):
        kept = np.flatnonzero(groups != left) if left is not None else np.arange(len(x))
        beta, covariance = question.fit(x[kept], rows.take(kept), whole)
        whole = beta if left is None else whole
        found.append(beta[start:])
        errors.append(np.sqrt(np.maximum(np.diag(covariance), 0))[start:])
    return np.array(found), np.array(errors)


def interval_overlap(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
    """Overlap of 95 % confidence intervals (Karr et al. 2006): the mean of the overlap's proportions of
    either interval.

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
    common = np.minimum(a + da, b + db) - np.maximum(a - da, b - db)
    shared: Floats = np.clip((common / (2 * da) + common / (2 * db)) / 2, 0.0, 1.0)
    return shared
