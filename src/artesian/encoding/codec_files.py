"""Table codecs as files: JSON, npz without pickle, and an empty Parquet file for the types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from artesian.data.schema import Schema
from artesian.data.table import Origin
from artesian.encoding.table_codec import TableCodec


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
    header: dict[str, Any] = json.loads((folder / "codec.json").read_text(encoding="utf-8"))
    with np.load(folder / "codec.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    empty = pl.read_parquet(folder / "columns.parquet")
    return TableCodec.from_state(header, arrays, empty, schema, Origin(**header["origin"]))
