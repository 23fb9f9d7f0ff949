"""Draw missing values conditionally on the known values of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.estimators import like_source
from artesian.pipeline.imputation_check import ColumnCheck
from artesian.pipeline.impute import IMPUTATIONS, ImputeConfig, ImputeResult
from artesian.pipeline.impute import impute as run_impute
from artesian.runs.resolve import AUTO
from artesian.synthesizers.protocol import Synthesizer


@dataclass(frozen=True, kw_only=True)
class Imputation:
    """Imputed tables, and how well the method imputes values that were masked.

    Attributes:
        data: The imputations, in the type of the source.
        result: The result of the pipeline.
    """

    data: tuple[Any, ...]
    result: ImputeResult = field(repr=False)

    @property
    def checks(self) -> tuple[ColumnCheck, ...]:
        """Error and coverage on masked values of holdout rows, for each column."""
        return self.result.checks

    @property
    def out(self) -> Path | None:
        """The output folder; None if nothing was written."""
        return self.result.out

    def to_dict(self) -> dict[str, Any]:
        """Content of imputation.json."""
        return self.result.to_dict()


def impute(
    source: Any,
    *,
    imputations: int = IMPUTATIONS,
    columns: Sequence[str] | None = None,
    method: str | Synthesizer = AUTO,
    schema: Schema | str | Path | None = None,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    seed: int = 0,
    run: Run | None = None,
    **settings: Any,
) -> Imputation:
    """Draw the missing values of a table, several times, and check the method on masked values.

    Known values are unchanged. Use every imputation for an analysis, and pool the results (Rubin 1987).

    Args:
        source: A path, `file.db::table`, or a pandas, Polars, Arrow or DuckDB object.
        imputations: Number of imputations.
        columns: Columns to impute; None for all with missing values.
        method: 'auto', 'trees', 'boosted', 'gaussian_copula', 'gaussian_mixture', or a synthesizer.
        schema: Schema, or the path of a schema file, that overrides inference.
        out: Folder for the tables and the check.
        force: Replace an existing `out`.
        seed: Seed of all random streams. Ignored if `run` is given.
        run: Seed, progress, cancellation and number of workers.
        settings: Settings of the method, such as min_leaf=20.

    Raises:
        ArtesianError: There is nothing to impute, an argument is invalid, or `out` cannot be written.
    """
    config = ImputeConfig(
        source=source,
        imputations=imputations,
        columns=columns,
        method=method,
        settings=settings,
        schema=schema,
        out=None if out is None else Path(out),
        force=force,
    )
    result = run_impute(config, run or Run.from_seed(seed))
    return Imputation(
        data=tuple(like_source(table, source) for table in result.tables), result=result
    )
