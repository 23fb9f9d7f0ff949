"""Table codecs as files: JSON, npz without pickle, and an empty Parquet file for the types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.core.archives import read_arrays
from artesian.core.memory import require_memory
from artesian.data.schema import Schema
from artesian.data.table import Origin
from artesian.encoding.table_codec import TableCodec

JSON_FACTOR = 20
"""Bytes of memory that a byte of JSON takes at most, about."""


def write_codec(codec: TableCodec, folder: Path) -> None:
    """Write a codec as `codec.json`, `codec.npz` and `columns.parquet`."""
    header, arrays = codec.to_state()
    origin = {
        "name": codec.origin.name,
        "format": codec.origin.format,
        "options": dict(codec.origin.options),
    }
    text = json.dumps({**header, "origin": origin}, ensure_ascii=False)
    (folder / "codec.json").write_text(text, encoding="utf-8")
    plain: dict[str, Any] = {name: np.asarray(value) for name, value in arrays.items()}
    np.savez_compressed(folder / "codec.npz", **plain)
    codec.empty().frame.write_parquet(folder / "columns.parquet")


def read_codec(folder: Path, schema: Schema) -> TableCodec:
    """Read what `write_codec` wrote."""
    header = read_json(folder / "codec.json")
    arrays = read_arrays(folder / "codec.npz")
    empty = pl.read_parquet(folder / "columns.parquet", n_rows=0)
    return TableCodec.from_state(header, arrays, empty, schema, Origin(**header["origin"]))


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        ValueError: it is no JSON, or no object.
        DataError: it would take more memory than the limit.
    """
    require_memory(JSON_FACTOR * path.stat().st_size, f"{path}, as objects,")
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as problem:
        raise ValueError(f"{path.name} is nested too deeply") from problem
    if not isinstance(state, dict):
        raise ValueError(f"{path.name} holds a {type(state).__name__}, not an object")
    return state
