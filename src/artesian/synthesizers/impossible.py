"""What of given rows no sampled row can have, and what densities of codes therefore do not see.

A number beyond the fitted tails has the code of the outermost bin, and of columns that a relation ties
together only some have codes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artesian.data.table import Table
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.table_codec import TableCodec
from artesian.relations.parse import relations_of
from artesian.relations.rules import is_of_rows, parse_rules

MARGIN = 0.1
"""Fraction of the range of a number by which a value may lie beyond it: the extremes of a few hundred
rows are not those of the next few hundred."""


def impossible_values(codec: TableCodec, table: Table) -> NDArray[np.int64]:
    """How many values of each row lie far beyond those of the model, and how many relations and
    constraints it breaks, shape (n,)."""
    count = np.zeros(len(table), np.int64)
    modelled = codec.transforms.forward(table).frame
    for name, column in codec.coded.items():
        if not isinstance(column, NumberCodec) or not len(column.low):
            continue
        values = column.scale.to_floats(modelled[name])
        low, high = float(column.low.min()), float(column.high.max())
        slack = column.grid + MARGIN * (high - low) + 1e-9 * max(abs(low), abs(high))
        count += (values < low - slack) | (values > high + slack)
    names = table.schema.names
    relations = relations_of(codec.schema.relations, names)
    rules = (*relations, *parse_rules(codec.schema.constraints, names))
    for rule in rules:
        if is_of_rows(rule):
            count += ~rule.holds(table.frame).fill_null(True).to_numpy()
    return count
