"""Score rows by a saved model: their log-likelihood, and how unusual they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.core.errors import DataError, SchemaError, Unsupported
from artesian.core.plain_paths import plain_path
from artesian.core.run import Run
from artesian.data.dataset import require_single_table
from artesian.data.read import read_dataset
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.data.write import writer
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import TableCodec
from artesian.runs.steps import Steps
from artesian.synthesizers import CATALOG
from artesian.synthesizers.impossible import impossible_values
from artesian.synthesizers.protocol import MIN_PROBABILITY, DensityModel, Model
from artesian.synthesizers.store import load, reading

LOG_LIKELIHOOD, PERCENTILE = "log_likelihood", "outlier_percentile"

REFERENCE_ROWS = 5_000
"""Rows sampled from the model, among which a row is placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """Configuration of scores.

    Attributes:
        source: A path, `file.db::table`, or a dataframe, with the columns of the model.
        model: Folder of a saved model, or a model.
        schema: Schema, or the path of a schema file, that overrides that of the model.
        out: File to write; None to return the rows.
        force: Replace an existing `out`.
    """

    source: Any
    model: Path | Model
    schema: Schema | str | Path | None = None
    out: Path | None = None
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """Scored rows.

    Attributes:
        table: The rows with two more columns: `log_likelihood`, in nats, of the codes of a row, and
            `outlier_percentile`, the percentage of rows of the model that are less likely, in [0, 100].
            What no row of the model has, such as a number beyond its fitted tails or a broken relation,
            counts as a probability of `MIN_PROBABILITY`.
        method: Name of the method of the model.
        median: Median of the percentile; 50 for rows of the distribution of the model.
        rare: Fraction of the rows with a percentile below 1; 0.01 for rows of that distribution.
        out: Where they were written; None if nowhere.
    """

    table: Table
    method: str
    median: float
    rare: float
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types, with the scores if they were not written."""
        out: dict[str, Any] = {
            "out": None if self.out is None else str(self.out),
            "rows": len(self.table),
            "method": self.method,
            "median_percentile": self.median,
            "below_1_percent": self.rare,
        }
        if self.out is None:
            out |= {name: self.table.frame[name].to_list() for name in (LOG_LIKELIHOOD, PERCENTILE)}
        return out


def score(config: ScoreConfig, run: Run) -> ScoreResult:
    """Compute the log-likelihood of each row, and place it among rows of the model.

    Raises:
        ModelFileError: `model` is not a saved model.
        Unsupported: The method states no densities; the hint names those that do.
        SchemaError: The rows lack a column of the model, or have one with the name of a score.
        OutputError: `out` exists and `force` is false, or it cannot be written.
    """
    steps = Steps(run)
    model = config.model
    if isinstance(model, Path):
        with plain_path(model) as folder:
            model = load(folder)
    if not isinstance(model, DensityModel):
        able = [n for n, each in CATALOG.items() if hasattr(each.model, "log_densities")]
        raise Unsupported(
            f"the method {model.settings.capabilities.name!r} states no densities of rows",
            hint=f"fit one that does: {', '.join(able)}",
        )
    schema = model.schema if config.schema is None else config.schema
    with steps.step("read"):
        table = require_single_table(read_dataset(config.source, schema=schema))
    rows = _columns_of(model, table)
    with steps.step("score"), reading(config.model if isinstance(config.model, Path) else Path()):
        own = _log_likelihoods(model, rows, run)
        own += np.log(MIN_PROBABILITY) * impossible_values(_table_codec(model), rows)
        reference = np.sort(
            _log_likelihoods(model, model.sample(REFERENCE_ROWS, run=run.child("reference")), run)
        )
    percentile = 100 * np.searchsorted(reference, own) / len(reference)
    scored = _with_scores(table, own, percentile)
    if config.out is not None:
        with (
            steps.step("write"),
            writer(
                config.out,
                table.origin,
                schema=scored.schema,
                force=config.force,
                sources=(config.source, config.model if isinstance(config.model, Path) else None),
            ) as out,
        ):
            out.write(scored)
    return ScoreResult(
        table=scored,
        method=model.settings.capabilities.name,
        median=float(np.median(percentile)),
        rare=float((percentile < 1).mean()),
        out=config.out,
    )


def _columns_of(model: Model, table: Table) -> Table:
    """The columns of the model, in its order."""
    if not len(table):
        raise DataError(f"{table.origin.name} has no rows", hint="give a table with rows")
    for name in (LOG_LIKELIHOOD, PERCENTILE):
        if name in table.schema.names:
            raise SchemaError(
                f"{table.origin.name} has a column {name!r} already", hint="rename or drop it"
            )
    missing = [name for name in model.schema.names if name not in table.schema.names]
    if missing:
        raise SchemaError(
            f"{table.origin.name} has no column {missing[0]!r}, which the model was fitted on",
            hint="give rows with all columns of the model",
        )
    return table.select(model.schema.names)


def _log_likelihoods(model: DensityModel, table: Table, run: Run) -> Floats:
    """(n,) the sum of the log-densities of all columns."""
    total: Floats = model.log_densities(table, run=run).sum(axis=0)
    return total


def _table_codec(model: Any) -> TableCodec:
    """Between the table and the codes of a model; methods over a matrix have it within their own."""
    codec: TableCodec | MatrixCodec = model.codec
    return codec.codec if isinstance(codec, MatrixCodec) else codec


def _with_scores(table: Table, own: Floats, percentile: Floats) -> Table:
    frame = table.frame.with_columns(
        pl.Series(LOG_LIKELIHOOD, own.round(4)), pl.Series(PERCENTILE, percentile.round(2))
    )
    added = [Column(name=name, kind=Kind.NUMBER) for name in (LOG_LIKELIHOOD, PERCENTILE)]
    schema = replace(table.schema, columns=(*table.schema.columns, *added))
    return replace(table, frame=frame, schema=schema)
