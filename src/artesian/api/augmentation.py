"""Augment a class of a table, and measure whether that helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.augmentation.measures import AUPRC
from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.estimators import like_source
from artesian.pipeline.augment import (
    FOLDS,
    REPEATS,
    AugmentConfig,
    AugmentResult,
)
from artesian.pipeline.augment import augment as run_augment
from artesian.runs.resolve import AUTO
from artesian.synthesizers.protocol import Synthesizer


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """An augmented table, and what its synthetic rows are worth.

    Attributes:
        data: The real rows, then the synthetic ones, in the type of the source.
        synthetic: The synthetic rows alone.
        result: The result of the pipeline.
    """

    data: Any
    synthetic: Any
    result: AugmentResult = field(repr=False)

    @property
    def verdict(self) -> str:
        """Whether to augment, with the figures that say so."""
        text: str = self.result.results["verdict"]
        return text

    @property
    def recommended(self) -> Mapping[str, str]:
        """Learner -> the simplest treatment that no other one improves on."""
        treatments: Mapping[str, str] = self.result.results["recommended"]
        return treatments

    @property
    def table(self) -> Table:
        """The augmented table with its schema."""
        return self.result.table

    @property
    def out(self) -> Path | None:
        """The output folder; None if nothing was written."""
        return self.result.out

    @cached_property
    def summary(self) -> str:
        """The verdict and the measures of all treatments, as Markdown."""
        from artesian.report.augmentation import to_markdown

        return to_markdown(self.result.results)

    def to_dict(self) -> dict[str, Any]:
        """Content of augmentation.json."""
        return self.result.to_dict()

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.verdict)}</p>"


def augment(
    source: Any,
    target: str,
    *,
    minority: Any = None,
    rows: int | None = None,
    method: str | Synthesizer = AUTO,
    filters: Sequence[str] | None = None,
    measure: str = AUPRC,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    marker: str | None = None,
    schema: Schema | str | Path | None = None,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    seed: int = 0,
    run: Run | None = None,
    **settings: Any,
) -> Augmentation:
    """Add synthetic rows of a class to a table, and measure whether they help a classifier.

    A repeated cross-validation with the method fitted inside each training fold compares them with
    doing nothing, class weights, random over-sampling and SMOTE.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object.
        target: Column of classes.
        minority: The class to augment; None for the rarest.
        rows: Number of rows to add; None for as many as make the class as large as the largest other.
        method: 'auto' to choose from the data, a name such as 'trees', or `Trees(min_leaf=50)`.
        filters: 'plausibility', 'duplicates', 'consistency'; None for all, ['none'] for none.
        measure: What decides: 'auprc', 'auroc', 'f1', 'f1_tuned', 'recall_at_precision' or 'brier'.
        folds, repeats: Number of folds, and of cross-validations.
        marker: Name of a column to add that is true for synthetic rows; None for none.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Folder for the table, the report and the results.
        force: Replace an existing `out`.
        seed: Seed of all random streams. Ignored if `run` is given.
        run: Seed, progress, cancellation and number of workers.
        settings: Settings of the method, such as temperature=0.8 or min_leaf=20.

    Raises:
        ArtesianError: An argument is invalid, the class has too few rows, or `out` cannot be written.
    """
    config = AugmentConfig(
        source=source,
        target=target,
        minority=minority,
        rows=rows,
        method=method,
        settings=settings,
        filters=filters,
        measure=measure,
        folds=folds,
        repeats=repeats,
        marker=marker,
        schema=schema,
        out=None if out is None else Path(out),
        force=force,
    )
    result = run_augment(config, run or Run.from_seed(seed))
    return Augmentation(
        data=like_source(result.table, source),
        synthetic=like_source(result.synthetic, source),
        result=result,
    )
