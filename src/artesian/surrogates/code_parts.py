"""Codes of one shape: their parts, and the code of each position in their enumeration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import Between
from artesian.surrogates.characters import DIGITS
from artesian.surrogates.code_dates import Calendar, calendar_tokens
from artesian.surrogates.keyed_random import LARGEST, Integers, below, subkey, uniform


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a code: one of `options` of equal length, or free characters with an alphabet each.

    Options without weights are equally frequent, and are free as characters are.
    """

    options: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    alphabets: tuple[str, ...] = ()
    calendar: Calendar | None = None

    @classmethod
    def from_calendar(cls, calendar: Calendar) -> Self:
        """The years or days of a calendar."""
        return cls(options=calendar_tokens(*calendar), calendar=calendar)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        if "calendar" in state:
            first, last, pattern = state["calendar"]
            return cls.from_calendar((first, last, pattern))
        return cls(**{name: tuple(values) for name, values in state.items()})

    def to_state(self) -> dict[str, Any]:
        """The part, as JSON types."""
        if self.calendar is not None:
            return {"calendar": self.calendar}
        if self.options:
            return {"options": self.options, "weights": self.weights}
        return {"alphabets": self.alphabets}

    @property
    def length(self) -> int:
        """Number of characters."""
        return len(self.options[0]) if self.options else len(self.alphabets)

    @property
    def free(self) -> int:
        """Number of distinct values of what is free."""
        if self.options:
            return 1 if self.weights else len(self.options)
        return math.prod(len(letters) for letters in self.alphabets)


@dataclass(frozen=True)
class Shape:
    """Codes of one shape: their weight and their parts; `step` digits are added at a time."""

    weight: float
    parts: tuple[Part, ...]
    step: Annotated[int, Between(1, 10_000)] = 1

    def grown(self, level: int) -> tuple[Part, ...]:
        """The parts with `level * step` more digits, in the last part of free digits."""
        more = (DIGITS,) * (level * self.step)
        if not more:
            return self.parts
        for place in reversed(range(len(self.parts))):
            letters = self.parts[place].alphabets
            if letters and all(a in (DIGITS, DIGITS[1:]) for a in letters):
                wider = Part(alphabets=letters + more)
                return (*self.parts[:place], wider, *self.parts[place + 1 :])
        return (*self.parts, Part(alphabets=more))

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of codes at each level, up to the largest range that can be permuted."""
        sizes = [math.prod(part.free for part in self.parts)]
        while sizes[-1] < LARGEST and len(sizes) < 12:
            sizes.append(sizes[-1] * 10**self.step)
        return tuple(sizes)

    def render(self, level: int, place: Integers, numbers: Integers, key: int) -> list[str]:
        """The codes at these positions of the enumeration."""
        parts = self.grown(level)
        out = np.empty((len(place), sum(part.length for part in parts)), dtype=np.uint32)
        left, room, end = place.copy(), LARGEST, out.shape[1]
        for part in reversed(parts):
            if part.options:
                if part.weights:
                    u = uniform(numbers, subkey(key, "option", end))
                    ends = np.cumsum(part.weights) / sum(part.weights)
                    pick = np.searchsorted(ends, u, side="right")
                elif room > 1:
                    pick = (left % np.uint64(part.free)).astype(np.int64)
                    left, room = left // np.uint64(part.free), room // part.free
                else:
                    pick = below(numbers, subkey(key, "option", end), part.free)
                tokens = np.array([_points(token) for token in part.options], dtype=np.uint32)
                out[:, end - part.length : end] = tokens[np.minimum(pick, len(tokens) - 1)]
                end -= part.length
                continue
            for letters in reversed(part.alphabets):
                end -= 1
                if room > 1:  # this character encodes the number
                    pick = (left % np.uint64(len(letters))).astype(np.int64)
                    left, room = left // np.uint64(len(letters)), room // len(letters)
                else:  # the number is encoded: further characters are random
                    pick = below(numbers, subkey(key, "letter", end), len(letters))
                out[:, end] = _points(letters)[pick]
        return _texts(out)


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _texts(points: NDArray[np.uint32]) -> list[str]:
    if not points.shape[1]:
        return [""] * len(points)
    texts: list[str] = np.ascontiguousarray(points).view(f"<U{points.shape[1]}").ravel().tolist()
    return texts
