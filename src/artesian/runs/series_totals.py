"""Running totals of a whole table, such as the statement of one account, in the synthetic rows.

Rows are sampled independently, and such a total follows from all of them in order of time: it is
computed when they are complete. What is learned is about where it starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl

from artesian.data.plain_names import pattern_names
from artesian.data.table import Table
from artesian.encoding.transforms.meters import decimals_of
from artesian.relations.expressions import numbers
from artesian.relations.parse import parse_relation
from artesian.relations.protocol import Relation
from artesian.relations.running import CarriedForward, RunningTotal, order_of, sum_of_terms
from artesian.relations.search.running import running

DIGITS = 2
"""Number of digits of the start that are kept: more would show the total of one row."""


def with_series_totals(synthetic: Table, source: Table, train: Table) -> Table:
    """The synthetic rows with totals that add up over the table, where those of the source do.

    A total from which other columns are computed remains as it was sampled.

    Args:
        source: All rows: in a part of them nothing adds up.
        train: The rows from which may be learned where a total starts.
    """
    names = source.schema.names
    patterns = pattern_names(names)
    if patterns:  # which no relation can name
        source = source.select(tuple(name for name in names if name not in patterns))
    if source.schema.relations is None:
        relations: Iterable[Relation] = running(source, labels=True)
    else:
        relations = [parse_relation(text, names) for text in source.schema.relations]
    series = [
        one
        for one in relations
        if isinstance(one, RunningTotal | CarriedForward) and not one.entity
    ]
    for total in (one for one in series if isinstance(one, RunningTotal)):
        carried = [
            one for one in series if isinstance(one, CarriedForward) and one.total == total.target
        ]
        if len(synthetic) and not _is_needed(synthetic, [total, *carried]):
            synthetic = _added_up(synthetic, train, total, carried)
    return synthetic


def _is_needed(synthetic: Table, series: list[RunningTotal | CarriedForward]) -> bool:
    """Whether a column is tied to one of the totals by another relation."""
    targets, own = {one.target for one in series}, set(map(str, series))
    names = synthetic.schema.names
    listed = (parse_relation(text, names) for text in synthetic.schema.relations or ())
    return any(targets & set(one.columns) and str(one) not in own for one in listed)


def _added_up(
    synthetic: Table, train: Table, total: RunningTotal, carried: list[CarriedForward]
) -> Table:
    """The rows with one total and the columns that carry it to the next row."""
    frame, decimals = synthetic.frame, decimals_of(train.frame[total.target])
    order = order_of(frame, "", total.time)
    added = np.cumsum(frame.select(sum_of_terms(total.terms)).to_series().to_numpy()[order])
    values = _start(train, total) + added
    if numbers(train.frame[total.target]).min() >= 0:
        values += max(0.0, -float(values.min()))
    before = np.concatenate([[values[0] - added[0]], values[:-1]])
    columns = []
    for name, result in ((total.target, values), *((one.target, before) for one in carried)):
        restored = np.empty(len(frame))
        restored[order] = np.round(result, decimals)
        columns.append(pl.Series(name, restored).cast(frame.schema[name]))
    texts = tuple(map(str, (total, *carried)))
    relations = (*(synthetic.schema.relations or ()), *texts)
    return replace(
        synthetic,
        frame=frame.with_columns(columns),
        schema=replace(synthetic.schema, relations=tuple(dict.fromkeys(relations))),
    )


def _start(train: Table, total: RunningTotal) -> float:
    """The total before the first row, to two digits."""
    first = train.frame[order_of(train.frame, "", total.time)[:1]]
    change = float(first.select(sum_of_terms(total.terms)).item())
    start = float(numbers(first[total.target])[0]) - change
    return float(f"{start:.{DIGITS - 1}e}")
