"""What many rows of one owner have is no more frequent than what one row has."""

from __future__ import annotations

import numpy as np
import polars as pl

import artesian as ar
from artesian.encoding.owners import few_rows_per_owner, learn_transforms


def test_a_value_of_few_owners_is_in_few_rows() -> None:
    owners = np.repeat(np.arange(20), 10)
    frame = pl.DataFrame({"x": np.where(owners == 3, "only", "common"), "n": np.arange(200)})
    kept = frame.filter(few_rows_per_owner(frame, owners))
    assert kept.filter(pl.col("x") == "only")["n"].to_list() == [30, 31, 32, 33]
    assert kept.filter(pl.col("x") == "common").height == 190


def test_relations_hold_in_all_rows_and_tell_of_no_single_owner() -> None:
    """A group of each owner leaves four rows of it, in which `b` seems to follow from `a`."""
    owners = np.repeat(np.arange(40), 28)
    day = np.tile(np.arange(28), 40)
    frame = pl.DataFrame(
        {
            "group": [f"g{number}" for number in owners],
            "a": day % 7 + 1,
            "b": ((day < 14) & (day % 7 < 5)).astype(int),
            "kind": np.where(owners == 5, "secret", np.array(["u", "v", "w"])[day % 3]),
            "net": np.where(owners == 5, 4242, owners * 31 + day * 7),
        }
    )
    frame = frame.with_columns(gross=pl.col("net") * 1.25)
    table = ar.read(frame)
    relations = learn_transforms(table, owners).relations(table.schema.names)
    assert not [text for text in relations if "secret" in text or "-> b" in text]
    assert any("gross" in text and "net" in text for text in relations)
