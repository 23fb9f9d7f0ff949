"""The main job on one table: hold out, fit, sample, judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from artesian.core.errors import DataError, UsageError
from artesian.data.table import Table
from artesian.metrics.evaluate import Scorecard, judge
from artesian.metrics.protocol import Comparison
from artesian.runs.resolve import AUTO, resolve_method
from artesian.runs.split import FEWEST, hold_out
from artesian.runs.steps import Steps
from artesian.synthesizers.condition_parsing import matching, parse_conditions
from artesian.synthesizers.protocol import Model, Synthesizer, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisConfig:
    """What is wanted.

    Attributes:
        rows: Rows to make; None for as many as the source has.
        method: A name of the catalog, 'auto', or a synthesizer with its settings.
        where: Conditions every row shall meet, as texts or as a mapping.
        holdout: Share of the rows that the model never sees, in [0, 1).
        target: The column that usefulness is judged by; None for the schema's own.
        metrics: Names of metrics or families to judge by; 'quick' for all but the slow ones.
        settings: Settings of the method; None stands for the method's default.
    """

    rows: int | None = None
    method: str | Synthesizer = AUTO
    where: Where | Iterable[str] | None = None
    holdout: float = 0.2
    target: str | None = None
    metrics: Sequence[str] = ("quick",)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisResult:
    """What came of it.

    Attributes:
        source: All rows that were read.
        compared: The rows judged: of train and holdout those that meet the conditions.
        reason: Why this method was taken.
        notes: What a person should know, one sentence each.
    """

    source: Table
    train: Table
    holdout: Table | None
    synthetic: Table
    compared: Comparison
    model: Model
    scorecard: Scorecard
    reason: str
    where: Where
    notes: tuple[str, ...]


def synthesize(source: Table, order: SynthesisConfig, steps: Steps) -> SynthesisResult:
    """Fit on a part of `source`, sample, and judge the rows made against the other part.

    Raises:
        DataError: the source holds no row.
        ConditionError: a condition that the model cannot meet.
        Cancelled: the run was stopped.
    """
    run = steps.run
    source = with_target(source, order.target)
    if not len(source):
        raise DataError(
            f"{source.origin.name} holds no row", hint="give at least one row below the header"
        )
    if order.rows is not None and order.rows < 0:
        raise UsageError(f"cannot make {order.rows} rows", hint="ask for 0 or more")
    where = parse_conditions(order.where, source.schema, source.frame)
    split = hold_out(source, order.holdout, run)
    notes = [*source.origin.notes, split.note]
    model, reason = fit_model(split.train, order, steps)
    with steps.step("sample"):
        rows = len(source) if order.rows is None else order.rows
        synthetic = model.sample(rows, where or None, run=run)
    with steps.step("judge"):
        compared, note = _comparison(split.train, synthetic, split.holdout, where)
        scorecard = judge(compared, metrics=order.metrics, run=run)
    return SynthesisResult(
        source=source,
        train=split.train,
        holdout=split.holdout,
        synthetic=synthetic,
        compared=compared,
        model=model,
        scorecard=scorecard,
        reason=reason,
        where=where,
        notes=tuple(one for one in (*notes, note) if one),
    )


def fit_model(table: Table, order: SynthesisConfig, steps: Steps) -> tuple[Model, str]:
    """Fit the method that `order` names, and say why it was taken."""
    with steps.step("fit"):
        synthesizer, reason = resolve_method(order.method, order.settings, table)
        return synthesizer.fit(table, run=steps.run), reason


def with_target(table: Table, target: str | None) -> Table:
    """The table with the column that usefulness is judged by.

    Raises:
        SchemaError: there is no such column.
    """
    if target is None:
        return table
    return replace(table, schema=replace(table.schema, target=table.schema[target].name))


def _comparison(
    train: Table, synthetic: Table, holdout: Table | None, where: Where
) -> tuple[Comparison, str]:
    """Conditioned rows are alike to real rows under the same condition, so those are compared."""
    if not where:
        return Comparison(train, synthetic, holdout), ""
    real = matching(train, where)
    if len(real) < FEWEST:
        return Comparison(train, synthetic, holdout), (
            f"only {len(real)} of the fitted rows meet the conditions: the rows made were "
            f"compared with all real rows, which they need not resemble"
        )
    unseen = None if holdout is None else matching(holdout, where)
    if unseen is not None and len(unseen) < FEWEST:
        return Comparison(real, synthetic, None), (
            f"only {len(unseen)} of the held-out rows meet the conditions: nothing could be "
            f"judged on unseen rows"
        )
    return Comparison(real, synthetic, unseen), ""
