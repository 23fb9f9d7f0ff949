"""What `--force` may replace: our own outputs, and never a source."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from artesian.core.errors import OutputError

MANIFEST, MODEL_HEADER, BENCHMARK = "manifest.json", "model.json", "bench.json"
BENCHMARK_KIND = "artesian bench"


def is_own_folder(folder: Path) -> bool:
    """Whether Artesian wrote the folder: it has our manifest, model header or benchmark header."""
    return any(_written_by_us(folder / name) for name in (MANIFEST, MODEL_HEADER, BENCHMARK))


def refuse_sources(out: Path, sources: Iterable[Any]) -> None:
    """Refuse an output that is a source, holds one, or lies in one, by whatever name or link.

    Args:
        out: The output, which need not exist.
        sources: Paths or 'file.db::table'; other objects, '-' and None are in no place.

    Raises:
        OutputError: `out` and a source are in one place.
    """
    for source in sources:
        for path in _paths(source):
            relation = _relation(out, path)
            if relation:
                raise OutputError(
                    f"the output {out} {relation} {path}, which is read",
                    hint="choose another place for the output: a source is never replaced",
                )


def _written_by_us(path: Path) -> bool:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    if not isinstance(content, dict):
        return False
    versions = content.get("versions")
    written_with = versions.get("artesian") if isinstance(versions, dict) else None
    return (
        isinstance(written_with, str)
        or (path.name == MODEL_HEADER and isinstance(content.get("artesian"), str))
        or (path.name == BENCHMARK and content.get("kind") == BENCHMARK_KIND)
    )


def _paths(source: Any) -> list[Path]:
    """The file or folder that a source is, or the database before '::'."""
    if not isinstance(source, str | os.PathLike) or str(source) in ("", "-"):
        return []
    text = os.fspath(source)
    if not isinstance(text, str):
        text = os.fsdecode(text)
    path = Path(text)
    if "::" in text and not _exists(path):
        path = Path(text.rpartition("::")[0] or text)
    return [path] if _exists(path) else []


def _relation(out: Path, source: Path) -> str:
    """How `out` overlaps with `source`; '' if it does not."""
    if _same(out, source):
        return "is"
    if _exists(out) and any(_same(out, parent) for parent in _folders_above(source)):
        return "holds"
    if source.is_dir() and any(_same(parent, source) for parent in _folders_above(out)):
        return "lies in"
    return ""


def _folders_above(path: Path) -> list[Path]:
    """Every folder on the way to `path`, with those on the way through its links."""
    above: list[Path] = []
    here = Path(os.path.abspath(path))
    for _ in range(40):
        above += here.parents
        try:
            here = Path(os.path.abspath(here.parent / os.readlink(here)))
        except OSError:  # no link
            break
    above += Path(os.path.realpath(path)).parents
    return list(dict.fromkeys(above))


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one file: also by links, hard links, and in other letter case."""
    try:
        return os.path.samestat(one.stat(), other.stat())
    except (OSError, ValueError):
        return False


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True
