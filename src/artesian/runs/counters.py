"""Numbers of documents that count up without gaps, such as those of invoices."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from artesian.data.table import Table
from artesian.encoding.transforms.composed_keys import ComposedKeys
from artesian.relations.protocol import MIN_HOLDS

MIN_KEYS = 20
"""Minimum number of documents of the source."""

_NUMBER = r"(\d{1,15})$"


def counted_up(keys: pl.Series, source: pl.Series) -> pl.Series:
    """Rising keys, without gaps if those of the source have none, in all or for each year in them."""
    after, before = _parts(keys), _parts(source)
    if before.height < MIN_KEYS or before["number"].has_nulls() or after["number"].has_nulls():
        return keys
    throughout = pl.col("number").diff()
    within = throughout.over("stem", mapping_strategy="group_to_rows")
    gaps = before.select(all=(throughout != 1).mean(), stem=(within != 1).mean()).row(0, named=True)
    if min(gaps.values()) > 1 - MIN_HOLDS:
        return keys
    if gaps["all"] <= gaps["stem"]:
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


def _parts(keys: pl.Series) -> pl.DataFrame:
    """The distinct keys in their order, the number at the end of each, and what is before it."""
    distinct = keys.drop_nulls().unique(maintain_order=True).cast(pl.String)
    return pl.DataFrame({"key": distinct}).select(
        "key",
        stem=pl.col("key").str.replace(_NUMBER, ""),
        number=pl.col("key").str.extract(_NUMBER).cast(pl.Int64, strict=False),
    )
