"""Scan a delimited file before it is parsed: widths of records, empty lines, open quotes.

The parser silently fills short records up, and reads fields of any length into memory; this scan
detects both first. It reads each byte once, with numpy, and stores only counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from artesian.data.readers.text import LONGEST

Positions = NDArray[np.int64]


class FieldTooLong(Exception):
    """A field beyond `LONGEST` bytes starts at this record (1 is the header)."""

    def __init__(self, record: int) -> None:
        self.record = record
        super().__init__(record)


@dataclass(slots=True)
class Prescan:
    """Takes the chunks of a file, and has the counts afterwards.

    Attributes:
        records: Number of records, including the header and empty ones.
        width: Number of fields of the first record.
        even: All records except empty ones have that many.
        empty: Numbers of the empty records, header = 0.
        parity: 1 inside quotes.
    """

    separator: int
    quote: int | None
    newline: int
    crlf: bool
    records: int = 0
    width: int = 0
    even: bool = True
    empty: list[int] = field(default_factory=list)
    parity: int = 0
    _offset: int = 0
    _last: int = -1
    _line_start: int = 0
    _open: int = 0

    def feed(self, chunk: bytes) -> None:
        """Count one more chunk.

        Raises:
            FieldTooLong: a field is longer than `LONGEST` bytes.
        """
        data = np.frombuffer(chunk, np.uint8)
        at = np.flatnonzero((data == self.separator) | (data == self.newline))
        if self.quote is not None and (self.parity or bytes((self.quote,)) in chunk):
            quotes = np.flatnonzero(data == self.quote)
            inside = (np.searchsorted(quotes, at) + self.parity) & 1
            at = at[inside == 0]
            self.parity ^= len(quotes) & 1
        ends = data[at] == self.newline
        place = at + self._offset
        self._offset += len(data)
        longest = int(np.diff(place, prepend=self._last).max(initial=0))
        if len(place):
            self._last = int(place[-1])
        if max(longest, self._offset - self._last) > LONGEST:
            raise FieldTooLong(self.records + 1)
        self._count(np.flatnonzero(ends), place)

    def finish(self) -> bool:
        """Count a last record without newline; whether all records have the same width."""
        if self._offset > self._line_start:
            self._count(np.array([self._open]), np.full(self._open + 1, self._offset), carry=False)
        return self.even and not self.parity

    def _count(self, last: Positions, place: Positions, carry: bool = True) -> None:
        if not len(last):
            self._open += len(place)
            return
        widths = np.diff(last, prepend=-1)
        if carry:
            widths[0] += self._open
        ends = place[last]
        lengths = np.diff(ends, prepend=self._line_start - 1) - 1
        empty = (widths == 1) & (lengths <= int(self.crlf))
        if not self.records:
            self.width = int(widths[0])
        self.even = self.even and bool(((widths == self.width) | empty).all())
        self.empty.extend((np.flatnonzero(empty) + self.records).tolist())
        self.records += len(last)
        self._open = len(place) - 1 - int(last[-1])
        self._line_start = int(ends[-1]) + 1
