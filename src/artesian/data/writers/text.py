"""Write CSV and JSON lines in the dialect of the source: delimiter, quotes, encoding, line ends."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from artesian.data.frames import frame_of
from artesian.data.readers.location import endings
from artesian.data.schema import Column, Schema
from artesian.data.writers.sink import Destination
from artesian.data.writers.value_format import as_stored, as_text


def open_csv(destination: Destination) -> CsvSink:
    """Open a delimited text file."""
    options = dict(destination.options)
    if endings(destination.path)[0] in ("tsv", "tab"):
        options.setdefault("delimiter", "\t")
    return CsvSink(destination.path, destination.compression, options)


def open_jsonl(destination: Destination) -> JsonlSink:
    """Open a file of JSON lines, or of one JSON array if the source was one."""
    return JsonlSink(destination.path, destination.compression, destination.options)


class CsvSink:
    """Appends rows to a delimited text file, or to an open one such as standard output."""

    def __init__(
        self, path: Path | IO[bytes], compression: str, options: Mapping[str, Any]
    ) -> None:
        self._file = opened(path, compression) if isinstance(path, Path) else path
        self._options = options
        self._delimiter = str(options.get("delimiter", ","))
        self._newline = str(options.get("newline", "\n"))
        self._encoding = str(options.get("encoding", "utf-8")).removesuffix("-sig")
        self._quoted = set(options.get("quoted", ()))
        self._started = False
        self._width = 0

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        if not self._started:
            self._started = True
            if self._options.get("bom"):
                self._put("\ufeff")
            if self._options.get("sep_line"):
                self._put(f"sep={self._delimiter}{self._newline}")
            self._width = len(schema)
            self._put(self._header(list(schema.names)))
        text = as_text(frame, schema, self._options)
        formatted = [
            self._formatted(series, column.value_format.missing, plain=_plain(frame, column))
            for series, column in zip(text, schema, strict=True)
        ]
        buffer = io.BytesIO()
        frame_of(formatted).write_csv(
            buffer,
            include_header=False,
            separator=self._delimiter,
            line_terminator=self._newline,
            quote_style="never",
        )
        content = buffer.getvalue()
        self._file.write(content if self._encoding == "utf-8" else self._coded(content.decode()))

    def close(self) -> None:
        """Finish and close the file."""
        self._file.close()

    def _formatted(self, text: pl.Series, token: str, *, plain: bool) -> pl.Series:
        always = text.name in self._quoted
        if not token and self._delimiter == " ":
            token = "NA"  # an empty field is invisible between spaces
        if (always and self._options.get("quoted_missing")) or (not token and self._width == 1):
            token = f'"{token}"'
        return (text if plain and not always else self._quote(text, always)).fill_null(token)

    def _quote(self, text: pl.Series, always: bool) -> pl.Series:
        marked = '"' + text.str.replace_all('"', '""', literal=True) + '"'
        if always:
            return marked.alias(text.name)
        # An empty text would be read as missing; spaces alone would be an empty line.
        bare = (text.str.strip_chars() if self._width == 1 else text) == ""
        needs = text.str.contains(f'[{re.escape(self._delimiter)}"\r\n]') | bare
        return marked.zip_with(needs.fill_null(False), text).alias(text.name)

    def _header(self, names: list[str]) -> str:
        renamed = self._options.get("header", {})
        titles = pl.Series("title", [renamed.get(name, name) for name in names], dtype=pl.String)
        shown = self._quote(titles, bool(self._options.get("quoted_header")))
        fields = [
            t if title or len(names) == 1 else "" for t, title in zip(shown, titles, strict=True)
        ]
        return self._delimiter.join(fields) + self._newline

    def _put(self, text: str) -> None:
        self._file.write(self._coded(text))

    def _coded(self, text: str) -> bytes:
        # A synthetic name may have a letter that an old encoding lacks: '?' replaces it.
        return text.encode(self._encoding, "replace")


class JsonlSink:
    """Appends rows to a file of JSON lines, or to one JSON array."""

    def __init__(self, path: Path, compression: str, options: Mapping[str, Any]) -> None:
        self._file = opened(path, compression)
        self._array = bool(options.get("array"))
        self._options = options
        self._started = False

    def write(self, frame: pl.DataFrame, schema: Schema) -> None:
        """Append one batch of rows."""
        ready = as_stored(frame, schema, self._options)
        text = ready.with_columns(
            as_text(ready, [c for c in schema if _no_json(ready[c.name].dtype)], {}).get_columns()
        )
        buffer = io.BytesIO()
        text.write_ndjson(buffer)
        lines = buffer.getvalue()
        if self._array and lines:
            lead = b",\n" if self._started else b"[\n"
            lines = lead + lines.rstrip(b"\n").replace(b"\n", b",\n")
        self._file.write(lines)
        self._started = self._started or frame.height > 0

    def close(self) -> None:
        """Finish and close the file."""
        if self._array:
            self._file.write(b"\n]\n" if self._started else b"[]\n")
        self._file.close()


def _plain(frame: pl.DataFrame, column: Column) -> bool:
    """Whether no value can need quotes."""
    return frame[column.name].dtype.is_numeric() and column.value_format.plain


def _no_json(dtype: pl.DataType) -> bool:
    return dtype.is_temporal() or dtype.is_decimal()


def opened(path: Path, compression: str) -> IO[bytes]:
    """A binary file to write to, compressed; the same rows always give the same bytes."""
    if compression == "gzip":
        import gzip

        return cast("IO[bytes]", _Gzip(gzip, path))
    if compression == "bz2":
        import bz2

        return cast("IO[bytes]", bz2.open(path, "wb"))
    if compression == "xz":
        import lzma

        return cast("IO[bytes]", lzma.open(path, "wb"))
    if compression == "zstd":
        import pyarrow as pa

        return cast("IO[bytes]", pa.output_stream(str(path), compression="zstd"))
    return path.open("wb")


class _Gzip:
    """gzip without name and time in its header, closing the file below as well."""

    def __init__(self, gzip: Any, path: Path) -> None:
        self._below = path.open("wb")
        self._file = gzip.GzipFile("", "wb", compresslevel=6, fileobj=self._below, mtime=0)

    def write(self, content: bytes) -> int:
        return int(self._file.write(content))

    def close(self) -> None:
        self._file.close()
        self._below.close()
