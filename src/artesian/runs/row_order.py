"""Put synthetic rows in the order of the source: by time, if the source is sorted by time.

Rows are sampled independently, so that a short sample is the head of a long one. Whoever reads a file
whose order numbers rise expects that the times of the orders do, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import lgamma, log

import polars as pl

from artesian.data.plain_names import pattern_names
from artesian.data.row_groups import repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.key_parts import KeyParts
from artesian.relations.formulas import Copy, Formula
from artesian.relations.parse import relations_of
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.texts import Template
from artesian.runs.counters import counted_up, start_of

MAX_CHANCE = 1e-6
"""Maximum probability that a column is sorted if rows are in random order."""

PROBE = 1_000
"""Number of rows that show of most columns that they are not sorted."""


def in_source_order(synthetic: Table, source: Table) -> Table:
    """The synthetic rows sorted by the columns by which the source is.

    Unique keys that rise in the source keep their places, with what is computed from them, so that they
    rise, too. If they decide on other columns, rows keep their order. Identifiers that repeat and rise
    in the source change their names, so that they rise.
    """
    columns = sort_columns(source)
    if not columns or not len(synthetic):
        return synthetic
    frame = synthetic.frame
    parts = KeyParts.learn(source, protect=True)
    of_parts = set() if parts is None else set(parts.columns)
    of_parts |= {
        name  # a number that follows a date stays with the date, too
        for name in source.schema.of_kind(Kind.KEY)
        if start_of(synthetic, name) is not None and _is_unique(source.frame[name])
    }
    fixed = _with_keys(synthetic, source, of_parts)
    if fixed is None or fixed & set(columns):
        return synthetic
    rising = [name for name in _rising_ids(synthetic, source) if name not in fixed | of_parts]
    (first, falls), *further = columns.items()
    # The rows of one invoice stay together among those of its day.
    by = dict([(first, falls), *((name, False) for name in rising), *further])
    keys: list[pl.Expr] = [pl.col(name) for name in by]
    falling = list(by.values())
    owner = _contiguous(source, first)
    if owner is not None:
        keys = [pl.col(first).min().over(owner), pl.col(owner), *keys]
        falling = [falls, False, *falling]
    order = frame.select(
        pl.arg_sort_by(keys, descending=falling, nulls_last=True, maintain_order=True)
    ).to_series()
    kept = [frame[name] for name in frame.columns if name in fixed]
    frame = frame[order].with_columns(kept)
    numbered = [_numbered(frame[name]) for name in of_parts if _rises(source.frame[name])]
    named = [_renamed(frame[name]) for name in rising]
    fits = [_keeps_texts(synthetic, frame.with_columns(each), each.name) for each in named]
    named = [each for each, fit in zip(named, fits, strict=True) if fit]
    changed = (counted_up(each, source.frame[each.name]) for each in (*numbered, *named))
    return replace(synthetic, frame=frame.with_columns(changed))


def _contiguous(source: Table, name: str) -> str | None:
    """The entity whose rows follow each other though a column by which rows are sorted differs in
    them: the bids for a lot, sorted by time."""
    for entity in repeating_ids(source):
        key = source.frame[entity]
        if entity == name or key.has_nulls() or not len(key):
            continue
        several = source.frame.select(entity, name).n_unique() > key.n_unique()
        if several and key.rle_id().n_unique() <= (2 - MIN_HOLDS) * key.n_unique():
            return entity
    return None


def _keeps_texts(table: Table, frame: pl.DataFrame, name: str) -> bool:
    """Whether a renamed identifier still begins with what its rows have."""
    texts = (
        one
        for one in relations_of(table.schema.relations, table.schema.names)
        if isinstance(one, Template) and one.target == name
    )
    return all(bool(one.holds(frame).fill_null(True).all()) for one in texts)


def sort_columns(table: Table) -> dict[str, bool]:
    """The columns by which the rows are sorted, and whether they fall; none if that may be chance.

    Further columns are those that are sorted within equal values of the ones before.
    """
    frame = table.frame
    chosen: dict[str, bool] = {}
    groups = pl.Series("group", [0] * len(table), dtype=pl.Int64)
    names = [c.name for c in table.schema if not (c.kind is Kind.KEY and _is_unique(frame[c.name]))]
    patterns = pattern_names(tuple(frame.columns))
    names = [
        name
        for name in names
        if name not in patterns and not frame[name].has_nulls() and _is_plain(frame[name])
    ]
    while len(chosen) < 3:
        sorted_by = {
            name: falls
            for name in names
            if name not in chosen
            for falls in (False, True)
            if _is_sorted(frame[name], groups, falls=falls)
        }
        if not sorted_by:
            break
        # Identifiers rise with the times of their rows, and of a year and a day, the year says less.
        name = max(
            sorted_by, key=lambda n: (table.schema[n].kind is not Kind.KEY, frame[n].n_unique())
        )
        chosen[name] = sorted_by[name]
        both = pl.DataFrame({"group": groups, "value": frame[name]})
        groups = both.select(pl.struct("group", "value").rle_id().cast(pl.Int64)).to_series()
    return chosen


def _is_plain(series: pl.Series) -> bool:
    return series.dtype.is_numeric() or series.dtype.is_temporal() or series.dtype == pl.String


def _rises(keys: pl.Series) -> bool:
    """Whether keys rise; those of text as the number in them does: 'T9' is before 'T10'."""
    if keys.is_sorted():
        return True
    if keys.dtype != pl.String or keys.has_nulls():
        return False
    length = keys.str.len_chars()
    return length.is_sorted() and _is_sorted(keys, length.cast(pl.Int64), falls=False)


def _is_unique(series: pl.Series) -> bool:
    return series.n_unique() == len(series)


def _is_sorted(series: pl.Series, groups: pl.Series, *, falls: bool) -> bool:
    """Whether values are sorted within each group, which random orders hardly ever are."""
    head = series.head(PROBE), groups.head(PROBE)
    if not all(_is_in_order(*part, falls=falls) for part in (head, (series, groups))):
        return False
    frame = pl.DataFrame({"group": groups, "value": series})
    sizes = frame.group_by("group").len()["len"]
    equal = frame.group_by("group", "value").len()["len"]
    arrangements = sum(lgamma(n + 1) for n in sizes) - sum(lgamma(n + 1) for n in equal)
    return arrangements >= -log(MAX_CHANCE)


def _is_in_order(series: pl.Series, groups: pl.Series, *, falls: bool) -> bool:
    """Whether no value is before the one in the row before, of the same group."""
    last = series.shift(1)
    fine = (series <= last) if falls else (series >= last)
    return bool((fine | (groups != groups.shift(1))).fill_null(True).all())


def _rising_ids(synthetic: Table, source: Table) -> list[str]:
    """Identifiers of several rows that are sorted in the source, and from which nothing is computed."""
    names = synthetic.schema.names
    listed = relations_of(synthetic.schema.relations, names)
    by_value = {
        name
        for one in listed
        if isinstance(one, Copy | Formula | Template)
        for name in one.columns
        # The year in the number of an invoice rises with its date.
        if not (isinstance(one, Template) and one.open and name == one.target)
    }
    return [
        column.name
        for column in source.schema
        if column.kind is Kind.KEY
        and column.name not in by_value
        and column.name not in pattern_names(names)
        and not source.frame[column.name].has_nulls()
        and _rises(source.frame[column.name])
    ]


def _renamed(labels: pl.Series) -> pl.Series:
    """The labels in the order of their first rows."""
    first = labels.unique(maintain_order=True)
    lengths = (
        first.str.len_chars() if first.dtype == pl.String else pl.repeat(0, len(first), eager=True)
    )
    risen = pl.DataFrame({"label": first, "length": lengths}).sort("length", "label")["label"]
    return labels.replace_strict(first, risen, return_dtype=labels.dtype)


def _numbered(keys: pl.Series) -> pl.Series:
    """Keys of several parts, whose last numbers rise in the rows with the same other parts."""
    stem = keys.cast(pl.String).str.replace(r"\d+$", "").alias("stem")
    frame = pl.DataFrame({"stem": stem, "key": keys})
    return frame.select(pl.col("key").sort().over("stem")).to_series().alias(keys.name)


def _with_keys(synthetic: Table, source: Table, of_parts: set[str]) -> set[str] | None:
    """Unique keys that are sorted in the source, and the columns that follow from them alone; None if
    other columns do.

    Args:
        of_parts: Keys that contain other columns, and stay with them.
    """
    keys = {
        column.name
        for column in source.schema
        if column.kind is Kind.KEY
        and column.name not in of_parts
        and _is_unique(source.frame[column.name])
        and _rises(source.frame[column.name])
    }
    names = synthetic.schema.names
    groups = [set(one.columns) for one in relations_of(synthetic.schema.relations, names)]
    fixed = keys | _of(groups, keys)
    return None if _of(groups, fixed) - fixed else fixed


def _of(groups: Iterable[set[str]], names: set[str]) -> set[str]:
    """The columns that have a relation with any of `names`."""
    return {name for group in groups if group & names for name in group}
