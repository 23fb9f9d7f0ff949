"""Sampling in blocks of rows, shared by every method that draws codes.

A block is a pure function of (model, seed, block number, conditions), so blocks may be drawn in any
order, by any number of threads, and streamed.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
import polars as pl

from artesian.core.errors import UsageError
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import Codec, Codes, ColumnCodec
from artesian.synthesizers.conditions import Condition, conditions_of
from artesian.synthesizers.protocol import BLOCK, Where

GROUP = 16
"""Blocks drawn per task: enough to hide the cost of a task, few enough to keep memory small."""


class Drawer(Protocol):
    """The part of a model that differs between methods."""

    @property
    def codec(self) -> Codec: ...

    def draw(self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
        """Codes of `rows` rows, shape (p, rows).

        `weights[j]`, shape (levels of j,), is the share of each code of column j that the
        conditions admit; a column without conditions has no entry.
        """
        ...


def sample(model: Drawer, rows: int, where: Where | None, run: Run) -> Table:
    """All rows of `batches` in one table."""
    tables = list(batches(model, rows, where, run))
    if not tables:
        one = _block(model, 0, conditions_of(model.codec, where), run.seed.child("sample"))
        return one.with_frame(one.frame.clear())
    return tables[0].with_frame(pl.concat([table.frame for table in tables], rechunk=True))


def batches(model: Drawer, rows: int, where: Where | None, run: Run) -> Iterator[Table]:
    """Tables of at most GROUP x BLOCK rows that add up to `rows`."""
    if rows < 0:
        raise UsageError(f"cannot sample {rows} rows", hint="ask for 0 or more")
    conditions = conditions_of(model.codec, where)
    seed = run.seed.child("sample")
    workers = run.workers or os.cpu_count() or 1
    step = GROUP * BLOCK

    def task(first: int) -> Table:
        wanted = min(step, rows - first)
        blocks = range(first // BLOCK, (first + wanted - 1) // BLOCK + 1)
        tables = [_block(model, number, conditions, seed) for number in blocks]
        frame = pl.concat([table.frame for table in tables]) if len(tables) > 1 else tables[0].frame
        return tables[0].with_frame(frame.head(wanted))

    starts = range(0, rows, step)
    waiting: deque[Future[Table]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        ahead = iter(starts)
        for _ in run.track(starts, "sample", len(starts)):
            while len(waiting) < workers + 1 and (first := next(ahead, None)) is not None:
                waiting.append(pool.submit(task, first))
            yield waiting.popleft().result()


def _block(model: Drawer, number: int, conditions: Mapping[str, Condition], seed: Seed) -> Table:
    rng = seed.child("block", number).rng()
    names = model.codec.names
    weights = {names.index(name): c.weights for name, c in conditions.items()}
    codes = model.draw(rng, BLOCK, weights)
    restricted: dict[str, ColumnCodec] = {name: c.codec for name, c in conditions.items()}
    uniforms = rng.random(codes.shape)
    return model.codec.decode(codes, uniforms, number * BLOCK, seed, restricted)
