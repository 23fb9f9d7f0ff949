"""Synthesize a table, and save and load the fitted model."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from artesian.core.run import Run
from artesian.data.dataset import require_single_table
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.estimators import FittedModel, RelatedModel, like_source
from artesian.metrics.evaluate import Scorecard
from artesian.pipeline.synth import SynthesisConfig, SynthesisResult, synthesize
from artesian.report.html import render_report
from artesian.report.notebook import scorecard_html
from artesian.runs.output import REPORT
from artesian.runs.resolve import AUTO
from artesian.synthesizers import store
from artesian.synthesizers.protocol import Synthesizer, Where
from artesian.synthesizers.relational.relational_trees import RelationalModel


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """Synthetic data, the fitted model and their evaluation.

    Attributes:
        data: The synthetic rows, in the type of the source.
        model: The fitted model; `model.sample(n, where=...)` samples more rows of the same type.
        result: The result of the pipeline, with the tables and their schemas.
    """

    data: Any
    model: FittedModel
    result: SynthesisResult = field(repr=False)

    @property
    def scorecard(self) -> Scorecard:
        """The verdict and the result of every metric."""
        return self.result.scorecard

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Versions, settings, seed, choices and times."""
        return self.result.manifest

    @property
    def out(self) -> Path | None:
        """The output folder; None if nothing was written."""
        return self.result.out

    @property
    def table(self) -> Table:
        """The synthetic rows with their schema."""
        return require_single_table(self.result.synthetic)

    @property
    def holdout(self) -> Table | None:
        """The real rows that were not used for fitting; None without a holdout."""
        holdout = self.result.holdout
        return None if holdout is None else require_single_table(holdout)

    @cached_property
    def report(self) -> Path | str:
        """The path of the report if a folder was written, else its HTML."""
        if self.out is not None:
            return self.out / REPORT
        return render_report(self.result.comparison, self.scorecard, self.manifest)

    def _repr_html_(self) -> str:
        method, rows = self.manifest["method"], self.manifest["rows"]["synthetic"]
        lead = f"{rows:,} synthetic rows by {method['name']}: {method['reason']}"
        where = "" if self.out is None else f"<p>Report: {html.escape(str(self.report))}</p>"
        return f"<p>{html.escape(lead)}</p>{scorecard_html(self.scorecard)}{where}"


def synth(
    source: Any,
    rows: int | None = None,
    *,
    method: str | Synthesizer = AUTO,
    seed: int = 0,
    where: Where | Iterable[str] | None = None,
    constraints: str | Iterable[str] = (),
    holdout: float = 0.2,
    split: Literal["random", "entity", "time"] | None = None,
    target: str | None = None,
    metrics: Sequence[str] = ("quick",),
    schema: Schema | str | Path | None = None,
    out: str | PathLike[str] | None = None,
    keep_model: bool = False,
    release_model: bool = False,
    force: bool = False,
    run: Run | None = None,
    **settings: Any,
) -> Synthesis:
    """Synthesize a table: hold out, fit, sample and evaluate.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object.
        rows: Number of synthetic rows; None for as many as the source has.
        method: 'auto' to choose from the data, a name such as 'trees', or `Trees(min_leaf=50)`.
        seed: Seed of all random streams; the same seed gives the same rows. Ignored if `run` is given.
        where: Conditions that every row satisfies: a mapping of column to a value, a list of values or
            a `Range`; or texts such as 'age=30..40'.
        constraints: What every row keeps, beside the constraints of the schema, such as
            'col("end") >= col("start")', 'low <= high' or 'exactly one of (a, b)'.
        holdout: Fraction of the rows that is not used for fitting, in [0, 1).
        split: How the holdout is chosen: 'random', 'entity' (all rows of an entity on one side) or
            'time' (the latest rows). By default by entity if an entity or identifier repeats.
        target: Target column for the metrics of utility; None for that of the schema.
        metrics: Names of metrics or families, 'quick' for all but the slow ones, or 'all'.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Folder for data, report, scorecard, schema and manifest.
        keep_model: Also save the model in `out`; it is as sensitive as the training rows.
        release_model: Also save a model to release in `out`, fitted on synthetic rows of the model;
            what its readers learn of the training rows is measured.
        force: Replace an existing `out`.
        run: Seed, progress, cancellation and number of workers.
        settings: Settings of the method, such as temperature=0.8 or min_leaf=20.

    Raises:
        ArtesianError: An argument is invalid, or `out` cannot be written; the hint says what to do.
    """
    config = SynthesisConfig(
        source=source,
        rows=rows,
        method=method,
        settings=settings,
        where=where,
        constraints=constraints,
        holdout=holdout,
        split=split,
        target=target,
        metrics=metrics,
        schema=schema,
        out=None if out is None else Path(out),
        keep_model=keep_model,
        release_model=release_model,
        force=force,
    )
    result = synthesize(config, run or Run.from_seed(seed))
    return Synthesis(
        data=like_source(require_single_table(result.synthetic), source),
        model=FittedModel.from_model(result.model, like=source),
        result=result,
    )


def save(
    model: FittedModel | RelatedModel, folder: str | PathLike[str], *, force: bool = False
) -> None:
    """Write a model to `folder`, atomically.

    It is as sensitive as the rows it was fitted on; `model.for_release(rows)` may be released.

    Args:
        model: The model.
        folder: Folder to write.
        force: Replace an existing folder.

    Raises:
        OutputError: `folder` exists and `force` is false, or it cannot be written.
    """
    store.save(model.model, Path(folder), force=force)


def load(folder: str | PathLike[str]) -> Any:
    """Read a model written by `save`, `artesian fit` or `artesian synth --keep-model`.

    Returns:
        A `FittedModel`, or a `RelatedModel` of related tables.

    Raises:
        ModelFileError: The folder is not a saved model, has another format, or was changed.
    """
    path = Path(folder)
    model = store.load_any(path)
    if isinstance(model, RelationalModel):
        return RelatedModel(model=model, _like=path, folder=path)
    return FittedModel(model=model, _like=path, folder=path)
