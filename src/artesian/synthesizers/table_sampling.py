"""Block sampling of methods that draw whole tables, with conditions by rejection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import ConditionError
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.scale import typed
from artesian.encoding.segments import Floats
from artesian.synthesizers.admitted_rows import RowFilter, Tally, rules_of_rows
from artesian.synthesizers.protocol import Range, Where
from artesian.synthesizers.rejection_sampling import rejection_sample
from artesian.synthesizers.sampling import Block, BlockSampler

DrawTable = Callable[[np.random.Generator, int], Table]
"""(rng, rows) -> a table of `rows` rows."""


def table_sampler(
    draw: DrawTable, empty: Table, where: Where | None, *, threads: bool = True
) -> BlockSampler:
    """Sampler of the rows of `draw` that satisfy `where` exactly; the others are rejected.

    Args:
        empty: A table of no rows with the schema and types of those of `draw`.
        threads: Whether `draw` may run in several threads at once.

    Raises:
        SchemaError: `where` names an unknown column.
        ConditionError: `where` has a value of another type; raised while sampling if too few rows
            satisfy it.
    """
    conditions = {name: _typed(wanted, empty, name) for name, wanted in (where or {}).items()}
    needed = RowFilter(conditions, rules_of_rows(empty.schema))

    def draw_block(block: Block) -> Table:
        rng = block.rng()

        def candidates(count: int) -> tuple[pl.DataFrame, Floats]:
            frame = draw(rng, count).frame
            return frame, needed.accepts(frame, tally)

        if not needed:
            return draw(rng, block.rows)
        tally = Tally(needed.rules, where)
        with tally.named():
            frames = rejection_sample(candidates, _select, block.rows, rng)
        return empty.with_frame(pl.concat(frames))

    return BlockSampler(draw_block, empty, threads)


def _select(frame: pl.DataFrame, rows: NDArray[np.int64]) -> pl.DataFrame:
    return frame[rows]


def _typed(wanted: Any, empty: Table, name: str) -> Any:
    """The condition on a column with every value in the column's type."""
    column, dtype = empty.schema[name], empty.frame.schema[name]

    def one(value: Any) -> Any:
        return None if value is None else typed(value, dtype)[0]

    if not isinstance(wanted, Range):
        listed = wanted if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
        return [one(value) for value in listed]
    if column.kind not in (Kind.NUMBER, Kind.DATETIME):
        raise ConditionError(
            f"{name}: a range needs a number or a time", hint="list the categories instead"
        )
    return Range(one(wanted.low), one(wanted.high))
