"""Block sampling of methods that draw integer codes, with conditions as weights of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from artesian.data.table import Table
from artesian.encoding.segments import Codes, Floats
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.admitted_rows import AdmittedRows
from artesian.synthesizers.conditions import (
    code_conditions,
    refuse_contradictions,
    split_conditions,
)
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.rejection_sampling import Candidates
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
    admitted = AdmittedRows.from_codec(codec, where, conditions, restored)

    def block(block: Block) -> Table:
        rng = block.rng()

        def candidates(count: int) -> tuple[Candidates, Floats]:
            codes = draw(rng, count, weights)
            return (codes, rng.random(codes.shape)), np.ones(count)

        return admitted.draw(candidates, block, rng)

    return BlockSampler(block, codec.empty())
