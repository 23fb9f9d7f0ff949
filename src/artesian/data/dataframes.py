"""Convert pandas, Polars, Arrow and DuckDB objects to tables, and tables back to the same type.

Objects are never changed. Internally all data are polars frames. pandas has more than polars can
represent (an index, names that are no strings, object columns); it is restored from the object.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import polars as pl

from artesian.core.errors import ArtesianError, DataError, UsageError
from artesian.data.frames import frame_of
from artesian.data.inference.infer import infer
from artesian.data.pandas_columns import from_pandas, to_pandas
from artesian.data.readers.arrow import from_arrow, to_uuids
from artesian.data.readers.databases import quoted
from artesian.data.readers.duckdb import from_relation
from artesian.data.readers.location import one_line
from artesian.data.readers.raw import Raw
from artesian.data.schema import Kind
from artesian.data.table import Origin, Table
from artesian.data.writers.value_format import as_stored


def from_dataframe(obj: Any) -> Table:
    """The table of a pandas, Polars, Arrow or DuckDB object.

    Raises:
        UsageError: the object has none of these types.
        DataError: a column mixes types or is nested, or two columns have the same name.
    """
    return infer(raw_from_dataframe(obj)).table


def raw_from_dataframe(obj: Any) -> Raw:
    """The rows of an object in memory, in polars' types, before inference."""
    family = type(obj).__module__.partition(".")[0]
    try:
        if isinstance(obj, pl.LazyFrame):
            raw = _plain(obj.collect(), "polars.LazyFrame")
        elif isinstance(obj, pl.DataFrame):
            raw = _plain(obj.clone(), "polars.DataFrame")
        elif family == "pandas" and hasattr(obj, "columns"):
            raw = _of_pandas(obj)
        elif type(obj).__name__ == "DuckDBPyRelation":
            raw = _plain(from_relation(obj, "the relation"), "duckdb")
        elif hasattr(obj, "__arrow_c_stream__"):
            raw = _of_arrow(obj, "pyarrow" if family == "pyarrow" else "arrow")
        else:
            raise UsageError(
                f"a {type(obj).__module__}.{type(obj).__name__} is not a table",
                hint="give a path, or a pandas, Polars, Arrow or DuckDB table",
            )
    except ArtesianError:
        raise
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, TypeError) as bad:
        raise DataError(
            f"the table cannot be converted: {one_line(bad)}",
            hint="give columns of numbers, text, booleans or times",
        ) from bad
    if not raw.frame.width or not raw.frame.height:
        what = "rows" if raw.frame.width else "columns"
        raise DataError(f"the table has no {what}", hint="give a table with at least one row")
    return raw


def to_dataframe_like(table: Table, like: Any) -> Any:
    """`table` as an object of the type of `like`, with its column types.

    A column type that cannot represent a value (a missing value among plain integers) is widened,
    as the library of `like` itself would do.
    """
    frame = as_in_memory(table)
    family = type(like).__module__.partition(".")[0]
    if isinstance(like, Table):
        return table
    if isinstance(like, pl.LazyFrame):
        return _cast_as(frame, dict(like.collect_schema())).lazy()
    if isinstance(like, pl.DataFrame):
        return _cast_as(frame, dict(like.schema))
    if family == "pandas":
        return _to_pandas(frame, like, table)
    if type(like).__name__ == "DuckDBPyRelation":
        import duckdb

        kinds = dict(zip(like.columns, like.types, strict=True))
        asked = ", ".join(
            f"{quoted(n)}::{kinds[n]} AS {quoted(n)}" if n in kinds else quoted(n)
            for n in frame.columns
        )
        return duckdb.from_arrow(frame.to_arrow()).project(asked)
    if family == "pyarrow":
        return _to_arrow(frame, like)
    return frame


def _plain(frame: pl.DataFrame, source: str) -> Raw:
    return Raw(frame=frame, origin=Origin(options={"source": source}))


def _of_arrow(obj: Any, source: str) -> Raw:
    import pyarrow as pa

    _no_repeats(list(getattr(getattr(obj, "schema", None), "names", [])))
    frame, offsets = from_arrow(pa.table(obj), "the table")
    return Raw(frame=frame, origin=Origin(options={"source": source, "offsets": offsets}))


def _no_repeats(names: list[Any]) -> None:
    duplicates = [name for i, name in enumerate(names) if name in names[:i]]
    if duplicates:
        raise DataError(
            f"duplicate column name {duplicates[0]!r}",
            hint="give every column a distinct name",
        )


def _of_pandas(data: Any) -> Raw:
    notes: list[str] = []
    names = [str(name) for name in data.columns]
    _no_repeats(names)
    if any(not isinstance(name, str) for name in data.columns):
        notes.append("column names that are not strings are read as strings, and restored")
    index = [name for name in data.index.names if name is not None]
    columns: list[tuple[pl.Series, bool]] = []
    if index and len(index) == data.index.nlevels:
        index = [str(name) for name in index]
        _no_repeats([*index, *names])
        for level, name in enumerate(index):
            values = data.index.get_level_values(level).to_series().reset_index(drop=True)
            columns.append(from_pandas(values, name))
        notes.append(f"the index ({', '.join(index)}) is read as a column, and restored")
    else:
        index = []
        rows = data.index
        if type(rows).__name__ != "RangeIndex" or (rows.start, rows.step) != (0, 1):
            notes.append("the index has no name and is not kept")
    columns += [from_pandas(data.iloc[:, i], name) for i, name in enumerate(names)]
    origin = Origin(options={"source": "pandas", "index": index}, notes=tuple(notes))
    kinds = dict(zip(names, data.dtypes, strict=True))
    grouped = {name: kind for name, kind in kinds.items() if str(kind) == "category"}
    frame = frame_of(series for series, _ in columns)
    ordered = [n for n, k in grouped.items() if k.ordered and frame[n].dtype == pl.Categorical]
    return Raw(
        frame=frame.with_columns(
            frame[n].cast(pl.Enum([str(c) for c in grouped[n].categories])) for n in ordered
        ),
        origin=origin,
        declared=dict.fromkeys(grouped, Kind.CATEGORY),
        ordered=tuple(ordered),
        mixed=tuple(series.name for series, mixed in columns if mixed),
    )


def as_in_memory(table: Table) -> pl.DataFrame:
    """The frame, with what an object in memory holds as text or as packed dates."""
    if table.origin.format != "memory":
        return table.frame
    return as_stored(table.frame, table.schema, {**table.origin.options, "patterns": True})


def _cast_as(frame: pl.DataFrame, wanted: dict[str, pl.DataType]) -> pl.DataFrame:
    out = []
    for series in frame:
        dtype = wanted.get(series.name, series.dtype)
        cast = series if dtype == series.dtype else series.cast(dtype, strict=False)
        out.append(cast if cast.null_count() == series.null_count() else series)
    return frame_of(out)


def _to_arrow(frame: pl.DataFrame, like: Any) -> Any:
    import pyarrow as pa

    table = frame.to_arrow()
    wanted = {field.name: field.type for field in like.schema}
    columns = []
    for name in frame.columns:
        column = table.column(name)
        kind = wanted.get(name, column.type)
        if isinstance(kind, pa.UuidType):
            columns.append(to_uuids(column))
            continue
        try:
            columns.append(column.cast(kind))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            columns.append(_as_dictionary(pa, column, kind))
    return pa.table(columns, names=frame.columns)


def _as_dictionary(pa: Any, column: Any, kind: Any) -> Any:
    if not pa.types.is_dictionary(kind):
        return column
    return column.cast(kind.value_type).combine_chunks().dictionary_encode()


def _to_pandas(frame: pl.DataFrame, like: Any, table: Table) -> Any:
    import pandas as pd

    index = list(table.origin.options.get("index", []))
    generated = table.schema.of_kind(Kind.TEXT, Kind.KEY)
    columns = {}
    originals = {str(name): like.iloc[:, at] for at, name in enumerate(like.columns)}
    for level, name in enumerate(index):
        if level < like.index.nlevels:
            originals[name] = like.index.get_level_values(level)
    for series in frame:
        original = originals.get(series.name)
        original_type: Any = getattr(original, "dtype", None)
        if str(original_type) == "category" and series.name in generated:
            # The categories of the source are its values, which are not those of the rows.
            values = series.cast(pl.String)
            listed = sorted(values.drop_nulls().unique().to_list())
            kind = pd.CategoricalDtype(listed, ordered=original_type.ordered)
            plain = pd.Series(values.to_list(), dtype=kind)
            if any(isinstance(one, UUID) for one in original_type.categories):
                plain = plain.cat.rename_categories(list(map(UUID, listed)))
            columns[series.name] = plain
            continue
        columns[series.name] = to_pandas(series, original)
    out = pd.DataFrame(columns)
    if index:
        out = out.set_index(index)
        out.index.names = list(like.index.names)
    labels = {str(name): name for name in like.columns}
    # Not rename(): it does not treat a tuple or an integer as a label.
    kept = [labels.get(name, name) for name in out.columns]
    out.columns = like.columns if list(like.columns) == kept else pd.Index(kept)
    return out
