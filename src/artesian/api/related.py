"""Synthesize related tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.dataset import DatasetSchema
from artesian.estimators import RelatedModel, tables_like
from artesian.metrics.relational.evaluate import DatasetScorecard
from artesian.pipeline.synth import SynthesisConfig, synthesize_any
from artesian.pipeline.synth_related import RelatedSynthesisResult
from artesian.runs.resolve import AUTO
from artesian.synthesizers.protocol import Synthesizer, Where


@dataclass(frozen=True, kw_only=True)
class RelatedSynthesis:
    """Synthetic related tables, the fitted model and their evaluation.

    Attributes:
        data: The synthetic tables by name, in the types of the source.
        model: The fitted model; `model.sample(scale)` samples more tables of the same types.
        result: The result of the pipeline, with the tables and their schemas.
    """

    data: dict[str, Any]
    model: RelatedModel
    result: RelatedSynthesisResult = field(repr=False)

    @property
    def scorecard(self) -> DatasetScorecard:
        """The verdict and the result of every metric."""
        return self.result.scorecard

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Versions, settings, seed, choices and times; empty if nothing was written."""
        return self.result.manifest

    @property
    def out(self) -> Path | None:
        """The output folder; None if nothing was written."""
        return self.result.out

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results should know, one sentence each."""
        return self.result.notes


def synth_related(
    source: Any,
    *,
    scale: float = 1.0,
    method: str | Mapping[str, str | Synthesizer] = AUTO,
    seed: int = 0,
    where: Where | Iterable[str] | None = None,
    holdout: float = 0.2,
    split: str | None = None,
    target: str | None = None,
    metrics: Sequence[str] = ("all",),
    constraints: Mapping[str, str | Iterable[str]] | Iterable[str] = (),
    schema: DatasetSchema | str | Path | None = None,
    out: str | PathLike[str] | None = None,
    keep_model: bool = False,
    release_model: bool = False,
    force: bool = False,
    run: Run | None = None,
    **settings: Any,
) -> RelatedSynthesis:
    """Synthesize related tables: hold out, fit, sample and evaluate.

    Args:
        source: A folder, a database, a `Dataset`, or dataframes by the names of their tables.
        scale: Number of rows relative to the source.
        method: 'auto', or methods of single tables by the name of the table that they serve, such as
            {'customer': 'gaussian_copula'}; tables whose rows belong to no other one can have one.
        seed: Seed of all random streams. Ignored if `run` is given.
        where: Conditions on columns of tables: texts such as 'customer.country=FR', or a mapping of
            'customer.country' to a value, a list of values or a `Range`.
        holdout: Fraction of the rows that is not used for fitting, in [0, 1).
        split: Table whose rows are divided with all that belongs to them, or 'time'.
        target: 'table.column' for the metric of utility.
        metrics: Names of metrics or families of metrics of related tables; 'all' for all of them.
        constraints: What every row of a table keeps, beside the constraints of the schema: a mapping of
            tables, such as {'customer': ['age >= 18']}, or texts such as 'customer: age >= 18'.
        schema: Schema of the tables and their foreign keys, or the path of a schema file.
        out: Folder for data, scorecard, schema and manifest.
        keep_model: Also save the model in `out`; it is as sensitive as the training rows.
        release_model: Also save a model to release in `out`, fitted on synthetic tables of the model.
        force: Replace an existing `out`.
        run: Seed, progress and cancellation.
        **settings: Settings of the method, such as `min_leaf=20`.

    Returns:
        `data` has the synthetic tables by name, `scorecard` their evaluation, and `model` samples more.

    Raises:
        UsageError: an option does not exist, or the source is one table.
        DataError: a table has no rows, or the source cannot be read.
    """
    config = SynthesisConfig(
        source=source,
        scale=scale,
        method=method,
        where=where,
        holdout=holdout,
        split=split,
        target=target,
        metrics=metrics,
        constraints=_behind_tables(constraints),
        schema=schema,
        out=None if out is None else Path(out),
        keep_model=keep_model,
        release_model=release_model,
        force=force,
        settings=settings,
    )
    result = synthesize_any(config, run or Run.from_seed(seed), related=True)
    assert isinstance(result, RelatedSynthesisResult)
    return RelatedSynthesis(
        data=tables_like(result.synthetic, source),
        model=RelatedModel(model=result.model, _like=source),
        result=result,
    )


def _behind_tables(
    constraints: Mapping[str, str | Iterable[str]] | Iterable[str],
) -> list[str]:
    """Constraints as texts behind their tables: 'customer: age >= 18'."""
    if isinstance(constraints, str):
        return [constraints]
    if not isinstance(constraints, Mapping):
        return list(constraints)
    listed = {n: [one] if isinstance(one, str) else one for n, one in constraints.items()}
    return [f"{name}: {text}" for name, texts in listed.items() for text in texts]
