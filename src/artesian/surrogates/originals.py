"""Reject the values of the source, with a filter of short hashes.

Each value is stored as 32 bits of a salted BLAKE2b hash. That is short on purpose: long enough to
reject every original (and one new value in four billion for each stored value, which is then drawn
again), too short to prove that a rejected value was in the source. Whoever has the model can still
test guesses, as with any filter; where so few values are possible that all can be guessed, the
filter does not protect them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.surrogates.keyed_random import Integers

Make = Callable[[Integers, int], list[str]]
"""Generates values for entity numbers, at the given attempt (0, 1, ...)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Originals:
    """Salted short hashes of values that must not be generated."""

    salt: bytes
    hashes: NDArray[np.uint32]  # sorted, distinct

    @classmethod
    def from_values(cls, values: Sequence[str]) -> Self:
        """The filter of these values."""
        # The salt is derived from the values, so that fitting again writes the same file.
        digest = hashlib.blake2b(digest_size=16)
        for value in values:
            digest.update(value.encode("utf-8", "surrogatepass") + b"\0")
        salt = digest.digest()
        return cls(salt=salt, hashes=np.unique(_hash(values, salt)))

    def __len__(self) -> int:
        return len(self.hashes)

    def hit(self, values: Sequence[str]) -> NDArray[np.bool_]:
        """Mask of the values whose hash is that of a value of the source."""
        if not len(self.hashes):
            return np.zeros(len(values), dtype=bool)
        hashed = _hash(values, self.salt)
        # Searching sorted values walks the array in order, which is several times faster.
        order = np.argsort(hashed)
        ordered = hashed[order]
        place = np.minimum(np.searchsorted(self.hashes, ordered), len(self.hashes) - 1)
        hit = np.empty(len(values), dtype=bool)
        hit[order] = self.hashes[place] == ordered
        return hit

    def avoid(self, numbers: Integers, make: Make, attempts: int) -> list[str]:
        """`make(numbers, 0)`, with originals replaced by those of attempt 1, 2, ..."""
        values = make(numbers, 0)
        open_rows = np.flatnonzero(self.hit(values))
        for attempt in range(1, attempts):
            if not open_rows.size:
                break
            again = make(numbers[open_rows], attempt)
            for row, value in zip(open_rows.tolist(), again, strict=True):
                values[row] = value
            open_rows = open_rows[self.hit(again)]
        return values

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        raw = self.hashes.astype("<u4").tobytes()
        return {"salt": self.salt.hex(), "hashes": base64.b64encode(raw).decode()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        raw = base64.b64decode(state["hashes"])
        hashes = np.frombuffer(raw, dtype="<u4").astype(np.uint32)
        return cls(salt=bytes.fromhex(state["salt"]), hashes=hashes)


def _hash(values: Sequence[str], salt: bytes) -> NDArray[np.uint32]:
    blake = hashlib.blake2b
    raw = b"".join(
        blake(salt + value.encode("utf-8", "surrogatepass"), digest_size=4).digest()
        for value in values
    )
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32)
