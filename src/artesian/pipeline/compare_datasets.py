"""Evaluate synthetic related tables from any tool against a real dataset."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.read import read_dataset_like
from artesian.metrics.relational.evaluate import DatasetScorecard
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.report.dataset import render_dataset_report
from artesian.report.markdown import to_markdown
from artesian.runs.manifest import FORMAT, versions
from artesian.runs.output import MANIFEST, REPORT, SCORECARD, SUMMARY, write_json, write_text

SHARED = 0.5
"""Fraction of the rows of a table of the holdout that are real rows, keys included, from which the
table counts as one that both have in common."""


def read_holdout(source: Any, real: Dataset) -> Dataset:
    """Related tables of the holdout, with the schemas of the real ones."""
    return read_dataset_like(source, real).dataset


def shared_tables(real: Dataset, holdout: Dataset) -> tuple[str, ...]:
    """The tables that real data and holdout have in common, such as reference tables."""
    out = []
    for name, table in real.items():
        if name not in holdout:
            continue
        names = [n for n in table.schema.names if n in holdout[name].schema.names]
        texts = [each.frame.select(_as_text(names)) for each in (table, holdout[name])]
        rows = texts[1].join(texts[0].unique(), on=names, how="semi", nulls_equal=True)
        if len(holdout[name]) and rows.height >= SHARED * len(holdout[name]):
            out.append(name)
    return tuple(out)


def compare_with(
    real: Dataset, source: Any, holdout: Dataset | None, target: str | None
) -> DatasetComparison:
    """The datasets to compare; what of the synthetic ones cannot be is left out."""
    inferred = read_dataset_like(source, real)
    return DatasetComparison(
        real,
        inferred.dataset,
        holdout,
        () if holdout is None else shared_tables(real, holdout),
        inferred.unreadable,
        target,
    )


def refuse_roles(**roles: Any) -> None:
    """Refuse options that only one table has.

    Raises:
        UsageError: one of them was given.
    """
    for name, value in roles.items():
        if value is not None:
            raise UsageError(
                f"{name} cannot be given for related tables",
                hint="leave it out, or compare one table, such as FOLDER/orders.csv",
            )


def write_dataset_comparison(
    comparison: DatasetComparison,
    scorecard: DatasetScorecard,
    sources: dict[str, Any],
    folder: Path,
    run: Run,
    seconds: dict[str, float],
) -> None:
    """Write report, scorecard, summary and manifest into `folder`."""
    sides = {
        "real": comparison.real,
        "synthetic": comparison.synthetic,
        "holdout": comparison.holdout,
    }
    manifest = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": run.seed.entropy,
        "sources": {
            name: {
                "name": Path(str(sources[name])).name
                if isinstance(sources[name], str | Path)
                else dataset.name,
                **dataset.summary(),
            }
            for name, dataset in sides.items()
            if dataset is not None
        },
        "shared": list(comparison.shared),
        "target": comparison.target,
        "seconds": seconds,
    }
    write_text(folder / REPORT, render_dataset_report(comparison, scorecard, manifest))
    write_json(folder / SCORECARD, scorecard.to_dict())
    write_text(folder / SUMMARY, to_markdown(scorecard))
    write_json(folder / MANIFEST, manifest)


def _as_text(names: list[str]) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.String) for name in names]
