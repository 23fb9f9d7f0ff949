"""Ordered child rows relative to the other rows of their parent."""

from __future__ import annotations

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.relational.aggregates import Grouped
from artesian.metrics.relational.encoding import EncodedDataset

Order = np.ndarray


def entity_of_rows(data: EncodedDataset, name: str, side: str) -> np.ndarray:
    """(rows,) the parent or entity of each row within which rows are ordered; -1 without one."""
    key = data.tables[name].sequence
    return data.groups[name][side] if key is None else data.links[key][side].parent


def sequence_sides(data: EncodedDataset, name: str) -> list[str]:
    """The sides that have sequences of their own."""
    key = data.tables[name].sequence
    names = (name,) if key is None else (name, key.parent)
    return ["real", "synthetic", *(["holdout"] if data.has_holdout(*names) else [])]


def in_order(data: EncodedDataset, name: str, side: str) -> tuple[Order, np.ndarray]:
    """Positions of the rows with a parent, by parent and then in order, and the parent of each."""
    order = data.tables[name].order
    assert order is not None, "the caller checks that rows have an order"
    entity = entity_of_rows(data, name, side)
    present = np.flatnonzero(entity >= 0)
    positions = present[np.lexsort([order[side][present], entity[present]])]
    return positions, entity[positions]


def within_entity(data: EncodedDataset, name: str) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Side -> (rows, features), and the names of the features.

    Numbers are their deviation from the mean of the parent in its standard deviations, and the step
    from the row before; categories are their codes, and whether they changed.
    """
    table = data.tables[name]
    out, names = {}, []
    for side in data.sides:
        positions, entity = in_order(data, name, side)
        rows = table.rows[side].take(positions)
        grouped = Grouped(entity, int(entity.max(initial=-1)) + 1)
        first = np.diff(entity, prepend=-1) != 0
        columns: dict[str, Floats] = {}
        for column, values in rows.numbers.items():
            spread = grouped.deviation(values)[entity]
            centred = values - grouped.mean(values)[entity]
            scaled = np.divide(centred, spread, out=np.zeros(len(values)), where=spread > 1e-9)
            scaled = np.where(np.isnan(values), np.nan, scaled)
            columns[f"{column} relative to its parent"] = scaled
            columns[f"step of {column}"] = _step(scaled, first)
            if column in table.features.dates:
                columns[f"days since the last {column}"] = _step(values, first) / 86_400e6
                columns[f"weekday of {column}"] = np.floor(values / 86_400e6) % 7
        for column, codes in rows.codes.items():
            columns[column] = np.where(codes < 0, np.nan, codes).astype(float)
            changed = np.append(False, codes[1:] != codes[:-1]).astype(float)
            columns[f"change of {column}"] = np.where(first, np.nan, changed)
        matrix = np.full((data.height(side, name), len(columns)), np.nan)
        if columns:
            matrix[positions] = np.column_stack(list(columns.values()))
        out[side], names = matrix, list(columns)
    return out, tuple(names)


def _step(values: Floats, first: np.ndarray) -> Floats:
    if not len(values):
        return values
    steps = np.append(np.nan, np.diff(values))
    return np.where(first, np.nan, steps)
