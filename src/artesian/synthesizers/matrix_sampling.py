"""Block sampling of methods that draw matrices of floats, with conditions by rejection."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from artesian.data.table import Table
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.admitted_rows import AdmittedRows
from artesian.synthesizers.conditions import (
    code_conditions,
    refuse_contradictions,
    split_conditions,
)
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.rejection_sampling import Candidates
from artesian.synthesizers.sampling import Block, BlockSampler

DrawMatrix = Callable[[np.random.Generator, int], Floats]
"""(rng, rows) -> matrix of shape (rows, width) as `MatrixCodec.to_codes` reads it."""


DrawGiven = Callable[[int, Floats], DrawMatrix | None]
"""(column, weight of each of its codes) -> how rows are drawn whose code of this column is drawn in
proportion to its probability times its weight; None if the method cannot."""


def matrix_sampler(
    codec: MatrixCodec,
    draw: DrawMatrix,
    where: Where | None,
    *,
    threads: bool = True,
    draw_given: DrawGiven | None = None,
) -> BlockSampler:
    """Sampler of rows that satisfy `where`, decoded from the matrices that `draw` gives.

    A candidate is accepted in proportion to the fraction of its codes that `where` admits; its
    conditioned values are then placed within the admitted part of their code. A condition on one value
    of a continuous column therefore accepts the candidates of the bin around it.

    Args:
        threads: Whether `draw` may run in several threads at once.
        draw_given: Draws rows that satisfy one condition; it is asked for the rarest.

    Raises:
        SchemaError: `where` names an unknown column.
        ConditionError: `where` cannot be satisfied; raised while sampling if too few candidates do.
    """
    coded, restored = split_conditions(codec.codec, where)
    refuse_contradictions(codec.codec, where or {})
    conditions = code_conditions(codec.codec, coded)
    names = codec.codec.names
    # Only the ratios between codes matter: the best ones are always accepted.
    weights = {names.index(n): c.weights / c.weights.max() for n, c in conditions.items()}
    drawn = draw
    if draw_given is not None and weights:
        rarest = min(weights, key=lambda column: _admitted(codec, column, weights[column]))
        given = draw_given(rarest, weights[rarest])
        if given is not None:
            drawn = given
            weights[rarest] = (weights[rarest] > 0).astype(np.float64)
    admitted = AdmittedRows.from_codec(codec.codec, where, conditions, restored)

    def draw_block(block: Block) -> Table:
        rng = block.rng()

        def candidates(count: int) -> tuple[Candidates, Floats]:
            codes, positions = codec.to_codes(drawn(rng, count), rng)
            accepted = np.ones(count)
            for column, weight in weights.items():
                accepted *= weight[codes[column]]
            return (codes, positions), accepted

        return admitted.draw(candidates, block, rng)

    return BlockSampler(draw_block, codec.codec.empty(), threads)


def _admitted(codec: MatrixCodec, column: int, weights: Floats) -> float:
    """The fraction of training rows whose code of the column is accepted, as far as it has a value."""
    mass = list(codec.codec.coded.values())[column].mass()
    return float(mass @ weights[: len(mass)] / max(mass.sum(), 1.0))
