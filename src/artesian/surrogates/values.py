"""Facts about the values that generated columns replace: persons, missing values and types."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from artesian.surrogates.clusters import ColumnCluster, determines


def missing_fraction(frame: pl.DataFrame, cluster: ColumnCluster, name: str) -> float:
    """Fraction of entities that lack a value; 0 if an entity has it in some rows only."""
    if name == cluster.leader or name in cluster.nested or not frame[name].null_count():
        return 0.0
    pairs = frame.select(leader=cluster.leader, absent=pl.col(name).is_null())
    if not determines(pairs, "leader", "absent"):
        return 0.0
    absent = pairs.drop_nulls().group_by("leader").agg(pl.col("absent").mean() > 0.5)
    return float(absent["absent"].mean() or 0.0)  # type: ignore[arg-type]


def people_of(frame: pl.DataFrame, clusters: Iterable[ColumnCluster]) -> pl.Series | None:
    """The person of each row; None if the table shows none, or if every row is a person."""
    for cluster in clusters:
        values = frame[cluster.leader]
        if values.drop_nulls().n_unique() < values.count():
            rows = pl.Series(range(-len(values), 0), dtype=pl.Int64)
            return pl.DataFrame({"value": values.rank("dense").cast(pl.Int64), "row": rows}).select(
                pl.coalesce("value", "row").alias("person")
            )["person"]
    return None


def output_dtype(values: pl.Series) -> pl.DataType:
    """The type of generated values: the categories of an Enum are those of the source."""
    return pl.String() if isinstance(values.dtype, pl.Enum) else values.dtype


def whole_numbers(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The digits of codes as numbers that the type can represent."""
    digits = texts.str.replace_all(r"\D", "")
    if dtype.is_float():
        return digits.cast(pl.Float64)
    high = int(pl.select(dtype.max()).item())  # type: ignore[attr-defined]
    if len(str(high)) > digits.str.len_chars().max():  # type: ignore[operator]
        return digits
    return pl.Series([str(int(d) % (high + 1)) for d in digits.to_list()], dtype=pl.String)
