"""Saving and loading of models.

A saved model is a folder: `model.json` (format, version, method, settings, schema, a digest of every
other file, and a digest of itself) and the method's own files. No file in it can run code when opened.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, cast

import polars as pl

from artesian.core import fingerprint
from artesian.core.atomic import staged_folder
from artesian.core.errors import ArtesianError, ModelFileError
from artesian.core.version import VERSION
from artesian.data.schema import Schema
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Model

FORMAT = 2
SAFE = (".parquet", ".npz", ".safetensors", ".json")
HEADER = "model.json"


def save(model: Model, folder: str | Path, *, force: bool = False) -> None:
    """Write `model` to `folder`, completely or not at all.

    Raises:
        OutputError: `folder` exists and `force` is false, or it cannot be written.
    """
    with staged_folder(Path(folder), force=force) as stage:
        write_into(model, stage)


def write_into(model: Model, folder: Path) -> None:
    """Write `model` into an existing, empty folder."""
    model.write_state(folder)
    files = {path.name: fingerprint.hash_file(path) for path in sorted(folder.iterdir())}
    unsafe = [name for name in files if Path(name).suffix not in SAFE]
    if unsafe:
        raise ModelFileError(
            f"the method wrote {unsafe[0]!r}, which is not in a safe format",
            hint=f"write one of {', '.join(SAFE)}",
        )
    header: dict[str, Any] = {
        "format": FORMAT,
        "artesian": VERSION,
        "method": model.settings.capabilities.name,
        "settings": dataclasses.asdict(cast(Any, model.settings)),
        "schema": model.schema.to_dict(),
        "files": files,
    }
    header = json.loads(json.dumps(header, default=_to_json))
    header["digest"] = fingerprint.hash_json(header)
    (folder / HEADER).write_text(json.dumps(header, indent=1) + "\n", encoding="utf-8")


def load(folder: str | Path, *, methods: Mapping[str, Any] = CATALOG) -> Model:
    """Read a model that `save` wrote.

    Args:
        methods: Settings classes by name, for models of methods outside the catalog.

    Raises:
        ModelFileError: `folder` is not a model, is in another format, or was changed since.
    """
    folder = Path(folder)
    header = _header(folder)
    for name, digest in header["files"].items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ModelFileError(
                f"{folder} lacks its file {name!r}", hint="copy the whole folder, or fit again"
            )
        if fingerprint.hash_file(path) != digest:
            raise ModelFileError(
                f"{path} was changed or cut short since it was saved",
                hint="restore the file from a copy, or fit again",
            )
    try:
        settings = methods[header["method"]](**header["settings"])
        return cast(Model, settings.model.read_state(folder, settings, _schema(header["schema"])))
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as problem:
        if isinstance(problem, ArtesianError) and not isinstance(problem, KeyError):
            raise
        raise ModelFileError(
            f"{folder} lacks what its method expects: {problem}",
            hint=f"it was written by artesian {header.get('artesian', '?')}; fit again",
        ) from problem


def _header(folder: Path) -> dict[str, Any]:
    path = folder / HEADER
    if not path.is_file():
        raise ModelFileError(
            f"{folder} is not a saved model: it has no {HEADER}",
            hint="give the folder that `artesian fit -o` or `artesian synth --keep-model` wrote",
        )
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
        digest = header.pop("digest")
        number = header["format"]
    except (ValueError, KeyError, AttributeError, TypeError) as problem:
        raise ModelFileError(
            f"{path} cannot be read: {problem or type(problem).__name__}",
            hint="restore the file from a copy, or fit again",
        ) from problem
    if number != FORMAT:
        raise ModelFileError(
            f"{folder} is in format {number}; this artesian reads format {FORMAT}",
            hint=f"use artesian {header.get('artesian', 'of the version that wrote it')}, or fit again",
        )
    if fingerprint.hash_json(header) != digest:
        raise ModelFileError(
            f"{path} was changed since it was saved",
            hint="restore the file from a copy, or fit again",
        )
    return cast(dict[str, Any], header)


def _schema(header: dict[str, Any]) -> Schema:
    for column in header["columns"].values():
        if "domain" in column:
            column["domain"] = [
                _temporal(v) if isinstance(v, dict) else v for v in column["domain"]
            ]
    return replace(Schema.from_dict(header), partial=False)


TEMPORAL: dict[str, Any] = {"date": date, "datetime": datetime, "time": time}


def _to_json(value: Any) -> Any:
    """A value that JSON cannot represent: the times of a domain, as `_temporal` reads them."""
    if type(value).__name__ in TEMPORAL:
        return {type(value).__name__: value.isoformat()}
    return str(value)


def _temporal(entry: dict[str, str]) -> Any:
    ((form, text),) = entry.items()
    return TEMPORAL[form].fromisoformat(text)
