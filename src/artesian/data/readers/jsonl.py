"""Read JSON lines, or a JSON array of objects: one object per row, in the types of JSON."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl

from artesian.core.errors import DataError
from artesian.data.frames import frame_of
from artesian.data.readers.location import Location, one_line
from artesian.data.readers.raw import NoRows, Raw
from artesian.data.readers.text import (
    LONGEST,
    Encoding,
    NotUtf8,
    bad_byte,
    chunks,
    head_of,
)
from artesian.data.table import Origin

TYPE_NAMES = {str: "text", bool: "booleans", int: "numbers", float: "numbers"}
MIXED = "numbers and text"


def read_jsonl(place: Location) -> Raw:
    """Read JSON lines or a JSON array of objects.

    Raises:
        DataError: a line is not a JSON object, values nest, or one column mixes types.
    """
    head, encoding = head_of(place)
    text = _whole(place, encoding)
    array = head.lstrip()[:1] == "["
    lines = _of_array(place, text) if array else text.splitlines()
    frame, mixed = _read_fast(b"\n".join(lines) if array else text), tuple[str, ...]()
    if frame is None or _suspicious(frame):
        frame, mixed = _read_slowly(place, lines)
    if not frame.width:
        raise DataError(f"{place.shown} has no fields", hint="give one JSON object a row")
    options = {"suffix": place.suffix, "compression": place.compression, "array": array}
    origin = Origin(name=place.name, format="jsonl", options=options)
    return Raw(frame=frame, origin=origin, mixed=mixed)


def _whole(place: Location, encoding: Encoding) -> bytes:
    kept: list[bytes] = []
    width = 0
    try:
        for chunk in chunks(place, encoding):
            line_end = chunk.rfind(b"\n")
            width = len(chunk) - line_end - 1 if line_end >= 0 else width + len(chunk)
            # An array may be one line, so only a line beyond any document is refused.
            if width > 16 * LONGEST:
                raise DataError(
                    f"{place.shown}: a line is longer than {16 * LONGEST >> 20} MB",
                    hint="give one JSON object a line",
                )
            kept.append(chunk)
    except NotUtf8 as problem:
        raise bad_byte(place, "JSON", problem.position) from problem
    return b"".join(kept)


def _read_fast(text: bytes) -> pl.DataFrame | None:
    try:
        return pl.read_ndjson(io.BytesIO(text), infer_schema_length=None)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        return None  # the slow reader names the line


def _suspicious(frame: pl.DataFrame) -> bool:
    """Whether polars may have converted numbers or booleans to text, or values are nested."""
    for series in frame:
        if series.dtype == pl.String:
            if series.str.contains(r"^(true|false|-?[0-9].*|[\[{].*)$").any():
                return True
        elif series.dtype.is_nested() or series.dtype in (pl.Null, pl.Object, pl.Int128):
            return series.dtype != pl.Null
    return False


def _of_array(place: Location, text: bytes) -> list[bytes]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise DataError(
            f"{place.shown}: invalid JSON ({one_line(problem)})",
            hint="it must be one array of objects, or one object a line",
        ) from problem
    return [json.dumps(row).encode() for row in rows]


def _read_slowly(place: Location, lines: list[bytes]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Parse line by line, with the line number in errors; and which columns mix numbers and text."""
    columns: dict[str, list[Any]] = {}
    kinds: dict[str, str] = {}
    rows = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = _object(place, number, line)
        for name, value in row.items():
            if name not in columns:
                columns[name] = [None] * rows
            if value is not None:
                _one_kind(place, number, name, value, kinds)
        for name, values in columns.items():
            values.append(row.get(name))
        rows += 1
    if not rows:
        raise NoRows(f"{place.shown} has no rows", hint="give one JSON object a line")
    frame = frame_of(
        _series(place, name, values, kinds.get(name)) for name, values in columns.items()
    )
    return frame, tuple(name for name, kind in kinds.items() if kind == MIXED)


def _object(place: Location, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if b"\\ud" in line.lower():  # one half of a pair is no character, and no text has it
            json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise DataError(
            f"{place.shown}, line {number}: invalid JSON ({one_line(problem)})",
            hint="every line must be one JSON object",
        ) from problem
    if not isinstance(row, dict):
        raise DataError(
            f"{place.shown}, line {number}: a {type(row).__name__} instead of an object",
            hint='write rows as {"column": value, ...}',
        )
    return row


def _one_kind(place: Location, number: int, name: str, value: Any, kinds: dict[str, str]) -> None:
    kind = TYPE_NAMES.get(type(value))
    if kind is None:
        raise DataError(
            f"{place.shown}, line {number}: column {name!r} has a {type(value).__name__}",
            hint="flatten nested values into separate columns first",
        )
    before = kinds.setdefault(name, kind)
    if {before, kind} in ({"numbers", "text"}, {MIXED, "numbers"}, {MIXED, "text"}):
        kinds[name] = MIXED
    elif before != kind:
        raise DataError(
            f"{place.shown}: column {name!r} mixes {before} and {kind} "
            f"(line {number}: {_short(value)})",
            hint="write the values of one type in a column of their own",
        )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _series(place: Location, name: str, values: list[Any], kind: str | None) -> pl.Series:
    try:
        if kind == MIXED:
            texts = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
            return pl.Series(name, texts, pl.String)
        if kind == "numbers" and any(isinstance(v, float) for v in values):
            return pl.Series(name, [None if v is None else float(v) for v in values], pl.Float64)
        series = pl.Series(name, values, dtype=None if kind else pl.Null)
        reason: Exception | None = None
    except (OverflowError, pl.exceptions.PolarsError, TypeError) as problem:
        series, reason = pl.Series(name, dtype=pl.Int128), problem
    if series.dtype in (pl.Int128, pl.UInt64):
        raise DataError(
            f"{place.shown}: column {name!r} has whole numbers beyond 64 bits",
            hint="write them as text, in quotes",
        ) from reason
    return series
