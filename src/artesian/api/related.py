"""Synthesize related tables."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.dataset import DatasetSchema
from artesian.pipeline.synth import SynthesisConfig, synthesize_any
from artesian.pipeline.synth_related import RelatedSynthesis


def synth_related(
    source: Any,
    *,
    scale: float = 1.0,
    seed: int = 0,
    holdout: float = 0.2,
    split: str | None = None,
    target: str | None = None,
    schema: DatasetSchema | str | Path | None = None,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    run: Run | None = None,
    **settings: Any,
) -> RelatedSynthesis:
    """Synthesize related tables: hold out, fit, sample and evaluate.

    Args:
        source: A folder, a database, a `Dataset`, or dataframes by the names of their tables.
        scale: Number of rows relative to the source.
        seed: Seed of all random streams. Ignored if `run` is given.
        holdout: Fraction of the rows that is not used for fitting, in [0, 1).
        split: Table whose rows are divided with all that belongs to them, or 'time'.
        target: 'table.column' for the metric of utility.
        schema: Schema of the tables and their foreign keys, or the path of a schema file.
        out: Folder for data, scorecard, schema and manifest.
        force: Replace an existing `out`.
        run: Seed, progress and cancellation.
        **settings: Settings of the method, such as `min_leaf=20`.

    Returns:
        `data` has the synthetic tables as Polars frames by name; `scorecard` their evaluation.

    Raises:
        UsageError: an option does not exist, or the source is one table.
        DataError: a table has no rows, or the source cannot be read.
    """
    config = SynthesisConfig(
        source=source,
        scale=scale,
        holdout=holdout,
        split=split,
        target=target,
        schema=schema,
        out=None if out is None else Path(out),
        force=force,
        settings=settings,
    )
    result = synthesize_any(config, run or Run.from_seed(seed), related=True)
    assert isinstance(result, RelatedSynthesis)
    return result
