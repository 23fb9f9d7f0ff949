"""Locate a source (a path, `file.db::table`, or `-`), detect its format, and open it."""

from __future__ import annotations

import lzma
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from artesian.core.errors import DataError, UsageError, did_you_mean
from artesian.core.plain_paths import plain_path
from artesian.data.formats import Format, by_first_character, by_magic, by_suffix
from artesian.data.readers.streams import copied

COMPRESSION = {"gz": "gzip", "zst": "zstd", "bz2": "bz2", "xz": "xz"}
DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)
"""Exceptions of reading and decompressing a damaged file."""

COMPRESSION_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One readable file, and the part of it to read.

    Attributes:
        path: The file to read; for standard input a copy on disk.
        shown: Its name in messages.
        name: The table's name if the file is one table.
        format: A key of `artesian.data.formats.FORMATS`.
        suffix: The file's suffixes ('.csv.gz'), for a file written in the same way.
        compression: 'gzip', 'zstd', 'bz2', 'xz', or ''.
        part: The table or sheet after '::'; None if none was given.
    """

    path: Path
    shown: str
    name: str
    format: str
    suffix: str
    compression: str = ""
    part: str | None = None

    def open(self) -> IO[bytes]:
        """The file's bytes, decompressed."""
        return _decompressed(self.path, self.compression)

    def broken(self, reason: object) -> DataError:
        """The error for a file whose content is not valid in its format."""
        text = one_line(reason)
        return DataError(
            f"{self.shown} cannot be read as {self.format}: {text}",
            hint=_hint_for(reason, text.lower(), self.format),
        )


def _hint_for(reason: object, text: str, form: str) -> str:
    """What to do about an error of a library; only some of them mean that the file is damaged."""
    if "lock" in text or "busy" in text:
        return "close the program that uses it, or give a copy"
    if isinstance(reason, NotImplementedError) or "support" in text or "version" in text:
        return f"it uses a feature that cannot be read here: write it again, as plain {form} or CSV"
    if isinstance(reason, UnicodeDecodeError) or "utf" in text:
        return "some text in it is not UTF-8: write that text again"
    return f"check that it is a complete {form} file, and that its ending is right"


@contextmanager
def located(source: str) -> Iterator[Location]:
    """Find `source`, detect its format, and yield its `Location`.

    Raises:
        DataError: there is no such file, or it is a folder, empty, or unreadable.
    """
    if source == "-":
        with copied(None, "standard input") as copy:
            yield _detect(copy, "standard input", Path("stdin"), None)
        return
    path, part = _split(source)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise _missing(path, source) from None
    except (OSError, ValueError) as problem:
        raise unreadable(str(path), problem) from problem
    if stat.S_ISDIR(mode):
        raise DataError(f"{path} is a folder, not a file", hint="name a file in it")
    if stat.S_ISREG(mode):
        with plain_path(path) as alias:
            yield _detect(alias, str(path), path, part)
    elif stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):  # can be read only once
        with copied(path, str(path)) as copy:
            yield _detect(copy, str(path), path, part)
    else:
        raise DataError(
            f"{path} is a device or a socket, not a file", hint="give a file, a pipe, or -"
        )


def one_line(reason: object) -> str:
    """The first line of another library's message, at most 160 characters."""
    lines = [line.strip() for line in str(reason).splitlines() if line.strip()]
    text = lines[0] if lines else type(reason).__name__
    return text if len(text) <= 160 else text[:157] + "..."


def _split(source: str) -> tuple[Path, str | None]:
    if not source.strip():
        raise UsageError("the source is an empty name", hint="give a file, or - for standard input")
    if "::" in source and not Path(source).exists():
        left, _, right = source.rpartition("::")
        if left and right:
            return Path(left), right
    return Path(source), None


def _missing(path: Path, source: str) -> DataError:
    if "://" in source:
        return DataError(f"{source} is not a file", hint="download it first, then give its path")
    try:
        beside = [p.name for p in path.parent.iterdir() if not p.name.startswith(".")]
    except OSError:
        return DataError(
            f"there is no file {path}", hint=f"there is no readable folder {path.parent} either"
        )
    hint = did_you_mean(path.name, sorted(beside), shown=6)
    return DataError(f"there is no file {path}", hint=f"in {path.parent.absolute()}: {hint}")


def endings(path: Path) -> tuple[str, str]:
    """The suffixes of format and compression, lower case, without dots."""
    suffixes = [s[1:].lower() for s in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in COMPRESSION:
        return (suffixes[-2] if len(suffixes) > 1 else "", suffixes[-1])
    return (suffixes[-1] if suffixes else "", "")


def _detect(path: Path, shown: str, named: Path, part: str | None) -> Location:
    ending, compression_suffix = endings(named)
    suffix_of_format = "" if by_suffix(ending) is None else ending
    suffix = "".join(f".{s}" for s in (suffix_of_format, compression_suffix) if s)
    name = named.name[: -len(suffix)] if suffix else named.stem or named.name
    name = os.fsencode(name).decode("utf-8", "replace")  # a file's name may be any bytes
    try:
        with path.open("rb") as file:
            head = file.read(16)
        compression = next((c for magic, c in COMPRESSION_MAGIC if head.startswith(magic)), "")
        if compression:
            with _decompressed(path, compression) as file:
                head = file.read(16)
    except DAMAGE as problem:
        raise unreadable(shown, problem) from problem
    if not head:
        raise DataError(f"{shown} is empty", hint="give a file with a header and rows")
    form = _format(shown, ending, head, compression)
    if part is not None and not form.part:
        raise DataError(
            f"{shown} contains one table, so there is no part '::{part}'",
            hint=f"leave it out: {shown}",
        )
    suffix = suffix or form.suffix
    return Location(
        path=path,
        shown=shown,
        name=name,
        format=form.name,
        suffix=suffix,
        compression=compression,
        part=part,
    )


def _format(shown: str, ending: str, head: bytes, compression: str) -> Format:
    by_content, by_name = by_magic(head), by_suffix(ending)
    if by_content is not None:
        if compression:
            raise DataError(
                f"{shown} is a compressed {by_content.name} file",
                hint=f"unpack it first; {by_content.name} files are compact already",
            )
        return by_content
    if by_name is not None and not by_name.text:
        raise DataError(
            f"{shown} is not a {by_name.name} file: it does not begin like one",
            hint="check that it was copied whole, and that its ending fits its content",
        )
    return by_first_character(head) if by_name is None else by_name


def unreadable(shown: str, problem: Exception) -> DataError:
    """The error for a file that cannot be read or decompressed."""
    if isinstance(problem, PermissionError):
        return DataError(f"{shown} may not be read", hint="change its permissions")
    if isinstance(problem, OSError) and problem.strerror:  # of the system, not of the content
        return DataError(
            f"{shown} cannot be read: {problem.strerror}",
            hint="check that its disk or network can be reached",
        )
    return DataError(
        f"{shown} cannot be decompressed or decoded: {one_line(problem)}",
        hint="copy or download it again, or unpack it with another program",
    )


def _decompressed(path: Path, compression: str) -> IO[bytes]:
    # Imported here: most sources need none of them.
    if compression == "gzip":
        import gzip

        return cast("IO[bytes]", gzip.open(path, "rb"))
    if compression == "bz2":
        import bz2

        return cast("IO[bytes]", bz2.open(path, "rb"))
    if compression == "xz":
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if compression == "zstd":
        import pyarrow as pa

        return cast("IO[bytes]", pa.input_stream(str(path), compression="zstd"))
    return path.open("rb")
