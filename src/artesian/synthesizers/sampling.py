"""Sampling in blocks of rows, shared by every method whatever it draws: codes, floats or tensors.

A block is a pure function of (model, seed, block number, conditions), so blocks may be drawn in any
order, by any number of threads, and streamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.errors import UsageError
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.engine.threads import thread_map, worker_count
from artesian.synthesizers.protocol import BLOCK

GROUP = 16
"""Blocks drawn per task: enough to hide the cost of a task, few enough to keep memory small."""


@dataclass(frozen=True, slots=True)
class Block:
    """Which rows to draw, and all the randomness there is for them.

    Attributes:
        number: Position among the blocks of the sample, from 0.
        seed: Seed of the whole sample, for what must not repeat between blocks, such as keys.
    """

    number: int
    seed: Seed

    @property
    def rows(self) -> int:
        """Number of rows, the same for every block."""
        return BLOCK

    @property
    def first_row(self) -> int:
        """Position in the sample of the block's first row."""
        return self.number * BLOCK

    def rng(self) -> np.random.Generator:
        """A new generator at the start of the block's own stream."""
        return self.seed.child("block", self.number).rng()


@dataclass(frozen=True, slots=True)
class BlockSampler:
    """Samples of any length from a function that draws one block.

    A method reads the conditions once, and binds them into `draw`.

    Attributes:
        draw: Draws `block.rows` rows from the randomness of `block` alone.
        empty: A table of no rows with the schema and types of what `draw` returns.
        threads: Whether `draw` may run in several threads at once; a method on a GPU says no.
    """

    draw: Callable[[Block], Table]
    empty: Table
    threads: bool = True

    def sample(self, rows: int, run: Run | None = None) -> Table:
        """The first `rows` rows, as one table.

        Raises:
            UsageError: fewer than 0 rows.
        """
        frames = [table.frame for table in self.batches(rows, run)]
        return self.empty.with_frame(pl.concat([self.empty.frame, *frames], rechunk=True))

    def batches(self, rows: int, run: Run | None = None) -> Iterator[Table]:
        """The rows of `sample` in tables of at most GROUP x BLOCK rows.

        Raises:
            UsageError: fewer than 0 rows.
        """
        run = run or Run()
        if rows < 0:
            raise UsageError(f"cannot sample {rows} rows", hint="ask for 0 or more")
        seed = run.seed.child("sample")
        workers = worker_count(run) if self.threads else 1
        step = GROUP * BLOCK

        def task(first: int) -> Table:
            wanted = min(step, rows - first)
            numbers = range(first // BLOCK, (first + wanted - 1) // BLOCK + 1)
            frames = [self.draw(Block(number, seed)).frame for number in numbers]
            frame = pl.concat(frames) if len(frames) > 1 else frames[0]
            return self.empty.with_frame(frame.head(wanted))

        starts = range(0, rows, step)
        yield from thread_map(task, starts, run=run, name="sample", ahead=1, workers=workers)
