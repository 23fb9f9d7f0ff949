"""Numbers of documents that count up one by one, such as those of invoices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.composed_keys import ComposedKeys
from artesian.relations.parse import relations_of
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.texts import Template

MIN_KEYS = 20
"""Minimum number of documents of the source."""

_NUMBER = r"([0-9]{1,15})$"


def counted_up(keys: pl.Series, source: pl.Series) -> pl.Series:
    """Rising keys, numbered one by one if those of the source are, in all or for each year in them."""
    after, before = _parts(keys), _parts(source)
    if before.height < MIN_KEYS or before["number"].has_nulls() or after["number"].has_nulls():
        return keys
    throughout = pl.col("number").diff()
    within = throughout.over("stem", mapping_strategy="group_to_rows")
    omitted = before.select(all=(throughout != 1).mean(), stem=(within != 1).mean()).row(
        0, named=True
    )
    if min(omitted.values()) > 1 - MIN_HOLDS:
        return keys
    if omitted["all"] <= omitted["stem"]:
        numbers = after["number"].min() + pl.int_range(pl.len(), dtype=pl.Int64)
    else:
        first = pl.col("number").min().over("stem")
        numbers = first + pl.int_range(pl.len(), dtype=pl.Int64).over("stem")
    width = pl.col("key").str.len_chars() - pl.col("stem").str.len_chars()
    padded = before["number"].cast(pl.String).str.len_chars() < before.select(width).to_series()
    text = numbers.cast(pl.String)
    if padded.any():
        text = text.str.zfill(int(before.select(width.max()).item()))
    renamed = after.select("key", new=pl.col("stem") + text)
    new = keys.cast(pl.String).replace_strict(renamed["key"], renamed["new"])
    return new.cast(keys.dtype).alias(keys.name)


def with_composed_keys(synthetic: Table, source: Table) -> Table:
    """Keys of entities whose numbers start anew for each value of their other parts, as in the source.

    A model learns from a part of the documents, so that numbers are missing between them.
    """
    composed = ComposedKeys.learn(source, protect=True)
    if composed is None or not len(synthetic):
        return synthetic
    frame = synthetic.frame
    for key in composed.keys:
        frame = key.renumbered(frame)
    return replace(synthetic, frame=frame)


def with_restarted_numbers(synthetic: Table, source: Table) -> Table:
    """Keys whose numbers begin anew for each day, year or district in them, as in the source."""
    frame = synthetic.frame
    for column in source.schema:
        name = column.name
        if column.kind is Kind.KEY and not column.role and source.frame[name].dtype == pl.String:
            start = start_of(synthetic, name)
            form = _restarts(source.frame, name, start)
            if form is not None and not frame[name].has_nulls():
                by_row = not source.frame[name].is_duplicated().any()
                frame = frame.with_columns(_restarted(frame, name, start, *form, by_row=by_row))
    return replace(synthetic, frame=frame)


def start_of(table: Table, name: str) -> Template | None:
    """The text of other columns that a key begins with, if the relations of a table list one."""
    for one in relations_of(table.schema.relations, table.schema.names):
        if isinstance(one, Template) and one.open and one.target == name:
            return one
    return None


def _restarts(frame: pl.DataFrame, name: str, start: Template | None) -> tuple[int, int] | None:
    """The first number and the minimum number of digits, if every stem has the numbers from it on."""
    keys = _numbered(frame, name, start).unique("key")
    if keys.height < MIN_KEYS or any(keys[c].has_nulls() for c in keys.columns):
        return None
    digits = keys["key"].str.len_chars() - keys["stem"].str.len_chars()
    first, width = np.min(keys["number"].to_numpy()), np.min(digits.to_numpy())
    stems = keys.group_by("stem").agg(
        rows=pl.len().cast(pl.Int64),
        distinct=pl.col("number").n_unique().cast(pl.Int64),
        last=pl.col("number").max(),
    )
    dense = (stems["distinct"] == stems["rows"]) & (stems["last"] - first + 1 == stems["rows"])
    # Of few rows each, many stems would begin with the same number by chance.
    several = stems.height > 1 and 2 * stems.height <= keys.height
    if not several or float(np.mean(dense.to_numpy())) < MIN_HOLDS:
        return None
    padded = bool((digits == width).all()) or keys["key"].str.contains(r"[^0-9]0[0-9]+$").any()
    return int(first), int(width) if padded else 1


def _restarted(
    frame: pl.DataFrame,
    name: str,
    start: Template | None,
    first: int,
    width: int,
    *,
    by_row: bool,
) -> pl.Series:
    """The keys with the numbers from `first` on in the rows of each stem, or in the keys of each."""
    keys = _numbered(frame, name, start)
    number = first + pl.int_range(pl.len(), dtype=pl.Int64).over("stem")
    if by_row:
        text = pl.col("stem") + number.cast(pl.String).str.zfill(width)
        return keys.select(text.alias(name)).to_series()
    each = keys.unique("key", maintain_order=True)
    new = each.select("key", new=pl.col("stem") + number.cast(pl.String).str.zfill(width))
    return keys["key"].replace_strict(new["key"], new["new"]).alias(name)


def _numbered(frame: pl.DataFrame, name: str, start: Template | None) -> pl.DataFrame:
    """The keys of all rows, the number at the end of each, and what is before it."""
    key = frame[name]
    stem = key.str.replace(_NUMBER, "") if start is None else start.compute(frame)
    rows = pl.DataFrame({"key": key, "stem": stem})
    number = pl.col("key").str.slice(pl.col("stem").str.len_chars())
    return rows.with_columns(
        number=pl.when(number.str.contains(rf"^{_NUMBER}")).then(number).cast(pl.Int64)
    )


def _parts(keys: pl.Series) -> pl.DataFrame:
    """The distinct keys in their order, the number at the end of each, and what is before it."""
    distinct = keys.drop_nulls().unique(maintain_order=True).cast(pl.String)
    return pl.DataFrame({"key": distinct}).select(
        "key",
        stem=pl.col("key").str.replace(_NUMBER, ""),
        number=pl.col("key").str.extract(_NUMBER).cast(pl.Int64, strict=False),
    )
