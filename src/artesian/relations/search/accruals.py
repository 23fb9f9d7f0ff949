"""Search for products with the total of the row before: interest on a balance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Seed
from artesian.relations.expressions import Binary
from artesian.relations.formulas import Formula
from artesian.relations.running import FromPrevious, previous_name
from artesian.relations.search.fitting import MIN_DISTINCT
from artesian.relations.search.linear import linear
from artesian.relations.search.products import products
from artesian.relations.search.rows import MAX_ROWS, NumericColumns
from artesian.relations.search.triples import triples


def accruals(
    rows: pl.DataFrame,
    follows: NDArray[np.bool_],
    total: str,
    others: Sequence[str],
    entity: str,
    time: str,
) -> Iterator[FromPrevious]:
    """Columns that are a constant times the total before, also times or by other columns.

    Args:
        rows: Rows in order of entity and time.
        follows: Whether a row has one before it of the same entity.
        others: Columns that may be computed, and factors.
    """
    before = previous_name(total)
    if before in rows.columns or not others:
        return
    frame = rows.select(entity, *others, pl.col(total).shift(1).alias(before)).filter(follows)
    # Neighbours in this order are rows of one entity, which have the same rate.
    order = Seed(0).child("accruals").rng().permutation(frame.height)[:MAX_ROWS]
    frame = frame[order]
    entities = frame[entity].n_unique()
    constant = {n for n in others if frame.select(entity, n).n_unique() == entities}
    numeric = NumericColumns.from_frame(frame.select(*others, before), frame.height)
    if before not in numeric.names:
        return
    source = numeric.index(before)
    targets = [
        j
        for j, name in enumerate(numeric.names)
        if name not in {before, *constant} and numeric.distinct[j] >= MIN_DISTINCT
    ]

    def candidates() -> Iterator[Formula]:
        for target in targets:
            formula = linear(numeric, target, source)
            if formula is not None:
                yield formula
        free = list(range(len(numeric.names)))
        yield from triples(numeric, free)
        yield from products(numeric, free)

    names = {numeric.names[j] for j in targets}
    used: set[str] = set()
    for formula in candidates():
        node, sources = formula.expression, set(formula.sources) - {before}
        product = isinstance(node, Binary) and node.sign in "*/" and before in node.columns
        # One that is computed is no factor of another one, which may only be the same turned around.
        if product and formula.target in names - used and not sources & names & used:
            used |= {formula.target} | sources & names
            yield FromPrevious(formula.target, total, node, formula.within, entity, time)
