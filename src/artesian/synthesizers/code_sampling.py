"""Block sampling of methods that draw integer codes, with conditions as weights of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from artesian.data.table import Table
from artesian.encoding.segments import Codes, Floats
from artesian.encoding.table_codec import ColumnCodec, TableCodec
from artesian.synthesizers.conditions import (
    RowFilter,
    code_conditions,
    refuse_contradictions,
    split_conditions,
)
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.rejection_sampling import Candidates, rejection_sample, select
from artesian.synthesizers.sampling import Block, BlockSampler

DrawCodes = Callable[[np.random.Generator, int, Mapping[int, Floats]], Codes]
"""(rng, rows, weights) -> codes of shape (p, rows). `weights[j]`, shape (levels of j,), is the fraction
of each code of column j that the conditions admit; a column without conditions has no entry."""


def code_sampler(codec: TableCodec, draw: DrawCodes, where: Where | None) -> BlockSampler:
    """Sampler of rows that satisfy `where`, decoded from the codes that `draw` gives.

    Conditions on columns that a transform restores, and constraints of the schema, are satisfied by
    rejection.

    Raises:
        SchemaError: `where` names an unknown column.
        ConditionError: `where` cannot be satisfied.
    """
    coded, restored = split_conditions(codec, where)
    refuse_contradictions(codec, where or {})
    conditions = code_conditions(codec, coded)
    weights = {codec.names.index(name): c.weights for name, c in conditions.items()}
    restricted: dict[str, ColumnCodec] = {name: c.codec for name, c in conditions.items()}
    needed = RowFilter.from_codec(codec, restored)

    def block(block: Block) -> Table:
        rng = block.rng()

        def candidates(count: int) -> tuple[Candidates, Floats]:
            codes = draw(rng, count, weights)
            uniforms = rng.random(codes.shape)
            if not needed:
                return (codes, uniforms), np.ones(count)
            rows = codec.decode(
                codes, uniforms, block.first_row, block.seed, restricted, arranged=False
            )
            return (codes, uniforms), needed.accepts(rows.frame)

        if needed:
            batches = rejection_sample(candidates, select, block.rows, rng)
            parts = zip(*batches, strict=True)
            codes, uniforms = (np.concatenate(part, axis=1) for part in parts)
        else:
            (codes, uniforms), _ = candidates(block.rows)
        return codec.decode(codes, uniforms, block.first_row, block.seed, restricted)

    return BlockSampler(block, codec.empty())
