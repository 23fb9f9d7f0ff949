"""Running totals of a whole table, such as the statement of one account, or of groups of its rows, such
as the stock of an article in a warehouse, in the synthetic rows.

Rows are sampled independently, and such a total follows from all of them in order of time: it is
computed when they are complete. What is learned is about where it starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl

from artesian.data.plain_names import pattern_names
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.joint_time import JointTime
from artesian.encoding.transforms.meters import decimals_of
from artesian.relations.expressions import numbers
from artesian.relations.parse import is_relation, relations_of
from artesian.relations.protocol import Relation
from artesian.relations.running import (
    GROUP,
    CarriedForward,
    RunningTotal,
    grouped,
    order_of,
    period_of,
    sum_of_terms,
)
from artesian.relations.search.running import running

DIGITS = 2
"""Number of digits of the start that are kept: more would show the total of one row."""


_PERIOD = "\0period"


def with_series_totals(synthetic: Table, source: Table, train: Table) -> Table:
    """The synthetic rows with totals that add up over the table, where those of the source do.

    A total from which other columns are computed remains as it was sampled.

    Args:
        source: All rows: in a part of them nothing adds up.
        train: The rows from which may be learned where a total starts.
    """
    joint = JointTime.learn(source, protect=True)
    if joint is None or pattern_names((joint.date, joint.clock)):
        return _with_totals(synthetic, source, train)
    added = _with_totals(*(joint.forward(table) for table in (synthetic, source, train)))
    listed = relations_of(added.schema.relations, added.schema.names)
    texts = (str(one) for one in joint.listed(listed))
    names = synthetic.schema.names
    relations = tuple(text for text in texts if is_relation(text, names))
    schema = replace(synthetic.schema, relations=tuple(dict.fromkeys(relations)))
    return replace(synthetic, frame=added.frame.select(names), schema=schema)


def _with_totals(synthetic: Table, source: Table, train: Table) -> Table:
    names = source.schema.names
    patterns = pattern_names(names)
    if patterns:  # which no relation can name
        source = source.select(tuple(name for name in names if name not in patterns))
    if source.schema.relations is None:
        relations: Iterable[Relation] = running(source, labels=True)
    else:
        relations = relations_of(source.schema.relations, names)
    series = [
        one
        for one in relations
        if isinstance(one, RunningTotal | CarriedForward) and _is_of_categories(one, source)
    ]
    for total in (one for one in series if isinstance(one, RunningTotal)):
        carried = [
            one for one in series if isinstance(one, CarriedForward) and one.total == total.target
        ]
        if len(synthetic) and not _holds((total, *carried), synthetic):
            added = _added_up(synthetic, train, total, carried)
            changed = {total.target, *(one.target for one in carried)}
            synthetic = added if keeps_relations(synthetic, added, changed) else synthetic
        elif len(synthetic):
            synthetic = with_relations(synthetic, (total, *carried))
    return synthetic


def _is_of_categories(one: RunningTotal | CarriedForward, table: Table) -> bool:
    """Whether the rows of a total are all rows, or those with the same categories; an identifier's rows
    are sampled together."""
    return not one.entity or table.schema[one.entity].kind is Kind.CATEGORY


def _holds(relations: Iterable[Relation], table: Table) -> bool:
    """Whether rows that were sampled as one entity add up already."""
    return not any(_broken(one, table) for one in relations)


def with_relations(table: Table, relations: Iterable[Relation]) -> Table:
    """The table, whose schema lists further relations."""
    texts = dict.fromkeys((*(table.schema.relations or ()), *map(str, relations)))
    return replace(table, schema=replace(table.schema, relations=tuple(texts)))


def keeps_relations(before: Table, after: Table, changed: set[str]) -> bool:
    """Whether the relations of other columns with the changed ones hold as they did."""
    names = before.schema.names
    for one in relations_of(before.schema.relations, names):
        if changed & set(one.columns) and _broken(one, after) > _broken(one, before):
            return False
    return True


def _broken(relation: Relation, table: Table) -> int:
    return int((~relation.holds(table.frame).drop_nulls()).sum())


def _added_up(
    synthetic: Table, train: Table, total: RunningTotal, carried: list[CarriedForward]
) -> Table:
    """The rows with one total and the columns that carry it to the next row."""
    decimals = decimals_of(train.frame[total.target])
    frame = _numbered(synthetic.frame, total)
    order = order_of(frame, GROUP, total.time)
    change = pl.DataFrame(
        {
            "group": frame[GROUP][order],
            "change": frame.select(sum_of_terms(total.terms)).to_series()[order],
        }
    )
    rows = change.with_columns(
        value=_start(train, total) + pl.col("change").cum_sum().over("group")
    )
    if numbers(train.frame[total.target]).min() >= 0:
        lowest = pl.col("value").min().over("group").clip(upper_bound=0)
        rows = rows.with_columns(value=pl.col("value") - lowest)
    values = rows["value"].to_numpy()
    before = values - rows["change"].to_numpy()
    frame, columns = synthetic.frame, []
    for name, result in ((total.target, values), *((one.target, before) for one in carried)):
        restored = np.empty(len(frame))
        restored[order] = np.round(result, decimals) + 0.0  # no -0.0
        columns.append(pl.Series(name, restored).cast(frame.schema[name]))
    return with_relations(replace(synthetic, frame=frame.with_columns(columns)), (total, *carried))


def _numbered(frame: pl.DataFrame, total: RunningTotal) -> pl.DataFrame:
    """The rows with a number for each total of its own."""
    groups = total.groups or ((total.entity,) if total.entity else ())
    if total.period:
        frame = frame.with_columns(period_of(frame[total.time], total.period).alias(_PERIOD))
        groups = (*groups, _PERIOD)
    if groups:
        return grouped(frame, groups)
    return frame.with_columns(pl.lit(0).alias(GROUP))


def _start(train: Table, total: RunningTotal) -> float:
    """The total before the first row, of several groups the median, to two digits."""
    if total.period:
        return 0.0
    frame = _numbered(train.frame, total)
    rows = frame[order_of(frame, GROUP, total.time)]
    first = rows.filter(pl.col(GROUP).is_first_distinct())
    change = first.select(sum_of_terms(total.terms)).to_series().to_numpy()
    start = float(np.median(numbers(first[total.target]) - change))
    return float(f"{start:.{DIGITS - 1}e}")
