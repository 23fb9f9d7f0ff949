"""Saving and loading of models.

A saved model is a folder: `model.json` (format, version, method, settings, schema, a digest of every
other file, and a digest of itself) and the method's own files. No file in it can run code when opened.
A model of related tables has the schemas of all tables, and folders with the files of each.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from artesian.core import fingerprint
from artesian.core.atomic import staged_folder
from artesian.core.errors import ArtesianError, ModelFileError
from artesian.core.panics import is_panic
from artesian.core.validated import InvalidValue, validate
from artesian.core.version import VERSION
from artesian.data.dataset import DatasetSchema
from artesian.encoding.codec_files import read_json
from artesian.synthesizers import CATALOG, RELATED
from artesian.synthesizers.protocol import Model
from artesian.synthesizers.saved_schema import read_schema, to_json

if TYPE_CHECKING:
    from artesian.synthesizers.relational.relational_trees import RelationalModel

FORMAT = 2
SAFE = (".parquet", ".npz", ".safetensors", ".json")
HEADER = "model.json"


def save(model: Model | RelationalModel, folder: str | Path, *, force: bool = False) -> None:
    """Write `model` to `folder`, completely or not at all.

    Raises:
        OutputError: `folder` exists and `force` is false, or it cannot be written.
    """
    with staged_folder(Path(folder), force=force) as stage:
        write_into(model, stage)


def write_into(model: Model | RelationalModel, folder: Path) -> None:
    """Write `model` into an existing, empty folder."""
    model.write_state(folder)
    files = {name: fingerprint.hash_file(folder / name) for name in _files_in(folder)}
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
    header = json.loads(json.dumps(header, default=to_json))
    header["digest"] = fingerprint.hash_json(header)
    (folder / HEADER).write_text(json.dumps(header, indent=1) + "\n", encoding="utf-8")


def load(folder: str | Path, *, methods: Mapping[str, Any] = CATALOG) -> Model:
    """Read a model of one table that `save` wrote; see `load_any`.

    Raises:
        ModelFileError: as `load_any`, or it is a model of related tables.
    """
    model = load_any(folder, methods=methods)
    if isinstance(model, Model):
        return model
    raise ModelFileError(
        f"{folder} is a model of related tables ({', '.join(model.empty)}), and this needs one table",
        hint="sample it with `artesian sample` or artesian.load",
    )


def load_any(
    folder: str | Path, *, methods: Mapping[str, Any] = CATALOG
) -> Model | RelationalModel:
    """Read a model that `save` wrote, of one table or of related ones, and check every value of it.

    The digests find accidents. They do not say who wrote the files, so nothing in them is trusted.

    Args:
        methods: Settings classes by name, for models of methods outside the catalog.

    Raises:
        ModelFileError: `folder` is not a model, is in another format, or was changed since.
    """
    folder = Path(folder)
    header = _header(folder)
    for name, digest in header.files.items():
        path = folder / name
        if not _inside(name) or not path.is_file():
            raise ModelFileError(
                f"{folder} lacks its file {name!r}", hint="copy the whole folder, or fit again"
            )
        if fingerprint.hash_file(path) != digest:
            raise ModelFileError(
                f"{path} was changed or cut short since it was saved",
                hint="restore the file from a copy, or fit again",
            )
    readable = {name for name in _files_in(folder) if Path(name).suffix in SAFE}
    extra = readable - {HEADER, *header.files}
    if extra:
        raise ModelFileError(
            f"{folder} has the file {min(extra)!r}, which its {HEADER} does not list",
            hint="remove the file if it is yours, or fit again",
        )
    with reading(folder):
        several = header.method in RELATED
        settings = (RELATED if several else methods)[header.method](**_tuples(header.settings))
        schema = _dataset_schema(header.schema) if several else read_schema(header.schema)
        model = settings.model.read_state(folder, settings, schema)
        validate(model, "model")
        if not several:
            model.empty()
    return cast("Model | RelationalModel", model)


def _files_in(folder: Path) -> list[str]:
    """The files of a folder and of folders in it, by their paths relative to it."""
    files = [path for path in folder.rglob("*") if not path.is_dir()]
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _inside(name: str) -> bool:
    """Whether the name of a file is that of one below the folder, as `_files_in` writes it."""
    parts = PurePosixPath(name).parts
    return "/".join(parts) == name and ".." not in parts and not PurePosixPath(name).is_absolute()


def _tuples(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as their classes have them: JSON has lists for tuples."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Convert what goes wrong with the values of a model folder to an error that names the folder.

    Raises:
        ModelFileError: in place of any exception that is neither our own nor the system's.
    """
    try:
        yield
    except (ArtesianError, OSError, MemoryError):
        raise
    except BaseException as problem:
        if not isinstance(problem, Exception) and not is_panic(problem):
            raise
        kind = "" if isinstance(problem, InvalidValue) else f"{type(problem).__name__}: "
        lines = f"{kind}{problem}".strip().splitlines()
        raise ModelFileError(
            f"the values in the model {folder} do not fit together: {lines[0]}",
            hint="fit again; if nobody edited the folder, report what --debug shows",
        ) from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What `model.json` says."""

    method: str
    settings: dict[str, Any]
    schema: dict[str, Any]
    files: dict[str, str]


def _header(folder: Path) -> _Header:
    path = folder / HEADER
    if not path.is_file():
        raise ModelFileError(
            f"{folder} is not a saved model: it has no {HEADER}",
            hint="give the folder that `artesian fit -o` or `artesian synth --keep-model` wrote",
        )
    try:
        header = read_json(path)
        digest = header.pop("digest")
        number = header["format"]
    except (ValueError, KeyError) as problem:
        if isinstance(problem, ArtesianError):
            raise
        raise ModelFileError(
            f"{path} cannot be read: {problem}",
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
    with reading(folder):
        header.pop("artesian", None)
        own = _Header(**{name: header[name] for name in header if name != "format"})
        validate(own, HEADER)
    return own


def _dataset_schema(header: dict[str, Any]) -> DatasetSchema:
    own = {name: entry for name, entry in header.items() if name != "tables"}
    read = DatasetSchema.from_dict({**own, "tables": {name: {} for name in header["tables"]}})
    tables = {name: read_schema(entry) for name, entry in header["tables"].items()}
    return replace(read, tables=tables)
