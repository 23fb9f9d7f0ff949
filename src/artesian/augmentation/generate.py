"""Rows of a class from a fitted model, without those that filters drop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from artesian.augmentation.filters import KEYS, Filters
from artesian.augmentation.task import ClassTask
from artesian.core.errors import ConditionError, DataError, Unsupported
from artesian.core.formatting import count
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Model, Synthesizer

MAX_CANDIDATES = 20
"""Sampled rows per requested row after which the filters count as too strict."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Generated rows.

    Attributes:
        table: The rows that no filter drops.
        candidates: The sampled rows without any filter but that of keys, as many as were asked for.
        sampled: Number of sampled rows that the filters saw.
        dropped: Filter -> number of these that it drops; a row may be dropped by several.
    """

    table: Table
    candidates: Table
    sampled: int
    dropped: Mapping[str, int]


def require_conditions(method: Synthesizer) -> None:
    """Check that a method can sample rows of one class.

    Raises:
        Unsupported: It cannot; the hint names those that can.
    """
    if method.capabilities.conditions:
        return
    able = [
        name
        for name, each in CATALOG.items()
        if each.capabilities.conditions and not each.capabilities.control
    ]
    raise Unsupported(
        f"the method {method.capabilities.name!r} cannot sample rows of one class",
        hint=f"use one that can: {', '.join(able)}",
    )


def generate(model: Model, task: ClassTask, rows: int, filters: Filters, run: Run) -> Generated:
    """Sample rows of the class until `rows` of them pass the filters.

    Fewer rows are returned if they do not after `MAX_CANDIDATES` samples for each.

    Raises:
        ConditionError: The model cannot sample rows of the class.
    """
    kept: list[pl.DataFrame] = []
    unfiltered: list[pl.DataFrame] = []
    dropped = dict.fromkeys(filters.used, 0)
    sampled, accepted, wanted = 0, 0, rows
    while accepted < rows and sampled < MAX_CANDIDATES * rows:
        batch = _sampled(model, task, wanted, run.child("batch", len(kept)))
        masks = filters.dropped(batch, unfiltered)
        for name, mask in masks.items():
            dropped[name] += int(mask.sum())
        passed = ~np.any([np.zeros(batch.height, bool), *masks.values()], axis=0)
        unique = ~masks.get(KEYS, np.zeros(batch.height, bool))
        kept.append(batch.filter(pl.Series(passed)))
        unfiltered.append(batch.filter(pl.Series(unique)))
        sampled, accepted = sampled + batch.height, accepted + int(passed.sum())
        rate = max(accepted, 1) / sampled
        wanted = int(min(np.ceil(1.2 * (rows - accepted) / rate), 4 * rows)) + 1
    table, empty = task.table, task.table.frame.head(0)
    frames = [pl.concat([empty, *parts]).head(rows) for parts in (kept, unfiltered)]
    return Generated(table.with_frame(frames[0]), table.with_frame(frames[1]), sampled, dropped)


def require_all(generated: Generated, rows: int, task: ClassTask) -> None:
    """Check that as many rows passed the filters as were asked for.

    Raises:
        DataError: They did not.
    """
    passed = len(generated.table)
    if passed < rows:
        reasons = ", ".join(f"{name} {n:,}" for name, n in generated.dropped.items() if n)
        raise DataError(
            f"only {passed:,} of {count(generated.sampled, 'sampled row')} with {task.name} pass the "
            f"filters (dropped by {reasons})",
            hint="use another method, fewer rows, or fewer filters",
        )


def _sampled(model: Model, task: ClassTask, rows: int, run: Run) -> pl.DataFrame:
    """Rows of the class in the types of the real rows."""
    where: dict[str, Any] = {task.target: task.value}
    try:
        frame = model.sample(rows, where, run=run).frame
    except ConditionError as problem:
        raise ConditionError(
            f"the model cannot sample rows with {task.name}: {problem.problem}",
            hint="use --no-protect if the class has few rows, or a method that samples conditionally "
            "(trees, boosted)",
        ) from problem
    return frame.cast(dict(task.table.frame.schema))  # type: ignore[arg-type]
