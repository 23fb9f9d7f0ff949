"""Score rows by a fitted model."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.estimators import FittedModel, like_source
from artesian.pipeline.score import ScoreConfig
from artesian.pipeline.score import score as run_score


def score(
    source: Any,
    model: FittedModel | str | PathLike[str],
    *,
    schema: Schema | str | Path | None = None,
    seed: int = 0,
    run: Run | None = None,
) -> Any:
    """Compute the log-likelihood of each row under a model, and how unusual it is.

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object, with the columns
            of the model.
        model: A fitted model, or the folder of a saved one, of a method that states densities (trees,
            boosted, marginals, copulas, mixtures and adversarial forests).
        schema: Schema, or the path of a schema file, that overrides that of the model.
        seed: Seed of the rows of the model. Ignored if `run` is given.
        run: Seed, progress, cancellation and number of workers.

    Returns:
        The rows in the type of the source, with the columns `log_likelihood`, in nats, and
        `outlier_percentile`, the percentage of 5,000 rows of the model that are less likely, in
        [0, 100].

    Raises:
        ArtesianError: The model states no densities, or the rows lack one of its columns.
    """
    inner = model.model if isinstance(model, FittedModel) else Path(model)
    config = ScoreConfig(source=source, model=inner, schema=schema)
    return like_source(run_score(config, run or Run.from_seed(seed)).table, source)
