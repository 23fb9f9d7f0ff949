"""Tables of DuckDB files, and DuckDB relations."""

from __future__ import annotations

from typing import Any

import polars as pl

from artesian.core.errors import DataError
from artesian.data.readers.databases import chosen_table, quoted
from artesian.data.readers.location import Location
from artesian.data.readers.raw import Raw
from artesian.data.table import Origin


def read_duckdb(place: Location) -> Raw:
    """Read one table or view of a DuckDB file.

    Raises:
        DataError: damaged, locked, no such table, several and none named, or nested columns.
    """
    import duckdb

    try:
        with duckdb.connect(str(place.path), read_only=True) as base:
            found = base.execute(
                "SELECT table_name FROM information_schema.tables ORDER BY table_name"
            ).fetchall()
            table = chosen_table(place, [name for (name,) in found])
            whole = f"SELECT * FROM {quoted(table)}"
            described = base.execute(f"DESCRIBE {whole}").fetchall()
            declared = {row[0]: row[1] for row in described}
            frame = from_relation(base.sql(whole), place.shown)
            keys = base.execute(
                "SELECT constraint_column_names FROM duckdb_constraints() "
                "WHERE table_name = ? AND constraint_type = 'PRIMARY KEY'",
                [table],
            ).fetchone()
    except duckdb.Error as reason:
        raise place.broken(reason) from reason
    key = list(keys[0]) if keys else []
    options = {
        "suffix": place.suffix,
        "file": place.name,
        "table": table,
        "declared": declared,
        "key": key,
    }
    origin = Origin(name=table, format="duckdb", options=options)
    return Raw(frame=frame, origin=origin, key=tuple(key))


def from_relation(relation: Any, shown: str) -> pl.DataFrame:
    """The rows of a DuckDB relation.

    Raises:
        DataError: a column nests, or holds bytes or intervals.
    """
    for name, kind in zip(relation.columns, relation.types, strict=True):
        if kind.id in ("list", "struct", "map", "union", "array", "blob", "bit", "interval"):
            raise DataError(
                f"{shown}: column {name!r} is of type {kind}, which has no place in a table here",
                hint="leave it out, or turn it into numbers or words in SQL first",
            )
    # The name changed with DuckDB 1.4.
    whole = getattr(relation, "to_arrow_table", None) or relation.fetch_arrow_table
    frame = pl.from_arrow(whole())
    assert isinstance(frame, pl.DataFrame)
    # HUGEINT, the type of every SUM, arrives as a decimal without decimals.
    huge = [n for n, k in zip(frame.columns, relation.types, strict=True) if "hugeint" in str(k.id)]
    return frame.with_columns(
        series.cast(pl.Int64, strict=False)
        for series in (frame[name] for name in huge)
        if series.cast(pl.Int64, strict=False).null_count() == series.null_count()
    )
