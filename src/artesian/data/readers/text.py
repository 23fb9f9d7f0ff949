"""Decode text of common encodings to a stream of UTF-8 bytes, in chunks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from artesian.core.errors import ArtesianError, DataError
from artesian.core.memory import require_memory
from artesian.data.formats import titles
from artesian.data.readers.location import DAMAGE, Location, unreadable

CHUNK = 1 << 20
"""Bytes per chunk: small enough for the processor's cache."""

LONGEST = 1 << 24
"""Maximum bytes of a field; beyond it the file is not a table (or a quote is not closed)."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})


class NotUtf8(Exception):
    """A byte that UTF-8 does not allow, at this offset of the decompressed file."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The encoding of a file, and the byte order mark at its start."""

    name: str = "utf-8"
    bom: bytes = b""
    note: str = ""


def head_of(
    place: Location, encoding: Encoding | None = None, size: int = 1 << 20
) -> tuple[str, Encoding]:
    """The first characters and their encoding, which is detected if it is not given.

    Raises:
        DataError: the file is not text.
    """
    try:
        with place.open() as file:
            head = file.read(size)
    except DAMAGE as problem:
        raise unreadable(place.shown, problem) from problem
    if encoding is not None:
        return head[len(encoding.bom) :].decode(encoding.name, "replace"), encoding
    bom, name = next(((b, n) for b, n in BOMS if head.startswith(b)), (b"", "utf-8"))
    odd, even = head[1:400:2], head[0:400:2]
    if not bom and odd.count(0) > len(odd) * 0.8 and even.count(0) < len(even) * 0.2:
        name = "utf-16-le"
    if name.startswith("utf-8"):
        controls = len(head) - len(head.translate(None, _CONTROL))
        if controls > len(head) / 100 or b"\0" in head:
            raise _binary(place, next(i for i, byte in enumerate(head) if byte in _CONTROL))
        return head[len(bom) :].decode("utf-8", "replace"), Encoding(name=name, bom=bom)
    return head[len(bom) :].decode(name, "replace"), Encoding(name=name, bom=bom)


def chunks(place: Location, encoding: Encoding) -> Iterator[bytes]:
    """The file as UTF-8, without byte order mark, in chunks.

    Raises:
        NotUtf8: a byte is not valid UTF-8; see `fallback`.
        DataError: the file is damaged, or no text.
    """
    plain = encoding.name.startswith("utf-8")
    decoder = codecs.getincrementaldecoder("utf-8" if plain else encoding.name)()
    offset = len(encoding.bom)
    try:
        with place.open() as file:
            file.read(len(encoding.bom))
            while piece := file.read(CHUNK):
                if plain and b"\0" in piece:
                    raise _binary(place, offset + piece.index(b"\0"))
                waiting = len(decoder.getstate()[0])
                try:
                    if plain and piece.isascii() and not waiting:
                        yield piece
                    else:
                        yield decoder.decode(piece).encode()
                except UnicodeDecodeError as problem:
                    raise _bad(place, encoding, offset - waiting + problem.start) from problem
                offset += len(piece)
                if place.compression:
                    require_memory(2 * offset, f"{place.shown}, unpacked,", so_far=True)
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as problem:
                raise _bad(place, encoding, offset - 1) from problem
    except ArtesianError:
        raise
    except DAMAGE as problem:
        raise unreadable(place.shown, problem) from problem


def fallback(place: Location, position: int) -> Encoding:
    """A one-byte encoding for a file that is not UTF-8.

    Raises:
        DataError: it is damaged UTF-8, whose valid characters a one-byte encoding would garble.
    """
    # Text of a one-byte encoding rarely has valid UTF-8 sequences, so their number decides.
    good = bad = 0
    undefined = False
    for piece in _pieces(place):
        if not piece.isascii():
            text = piece.decode("utf-8", "surrogateescape")
            odd = [c for c in text if ord(c) > 127]
            broken = sum("\udc80" <= c <= "\udcff" for c in odd)
            bad, good = bad + broken, good + len(odd) - broken
            undefined = undefined or any(byte in piece for byte in b"\x81\x8d\x8f\x90\x9d")
    if good > bad:
        raise bad_byte(place, "UTF-8", position)
    name = "latin-1" if undefined else "cp1252"
    return Encoding(name=name, note=f"the text is not UTF-8 and was read as {name}")


def _pieces(place: Location) -> Iterator[bytes]:
    try:
        with place.open() as file:
            while piece := file.read(CHUNK):
                yield piece
    except DAMAGE as problem:
        raise unreadable(place.shown, problem) from problem


def bad_byte(place: Location, name: str, position: int) -> DataError:
    """The error for a byte that the encoding does not allow."""
    line = 1
    with place.open() as file:
        line += file.read(position).count(b"\n")
    return DataError(
        f"{place.shown} is {name}, but byte {position} (line {line}) is not valid in it",
        hint="repair that line, or save the file again as UTF-8",
    )


def _bad(place: Location, encoding: Encoding, position: int) -> Exception:
    if encoding.name == "utf-8":
        return NotUtf8(position)
    return bad_byte(place, encoding.name.removesuffix("-sig").upper(), position)


def _binary(place: Location, position: int) -> DataError:
    return DataError(
        f"{place.shown} is not text: byte {position} is a control character",
        hint=f"give {titles()}",
    )
