"""Generate texts of a `TextPattern`, whole columns at once; a text depends on its entity number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.surrogates.characters import BASIC, DIGITS
from artesian.surrogates.keyed_random import Integers, random_integers, subkey, uniform
from artesian.surrogates.text_patterns import TextPattern, Token

Ints = NDArray[np.int64]

_TABLE = 1024
_PIECE = 2_000_000
_CLASSES = "9AacM"


@dataclass(frozen=True, eq=False)
class TextGenerator:
    """A text pattern, compiled into flat arrays when first used."""

    pattern: TextPattern

    def make(self, numbers: Integers, key: int) -> list[str]:
        """One text for every entity number; the first entities are the repeated texts."""
        wholes = self.pattern.wholes
        new = np.flatnonzero(numbers >= len(wholes))
        generated: list[str] = []
        for start in range(0, len(new), self._rows):  # in pieces, to bound the memory
            generated += self._generated(numbers[new[start : start + self._rows]], key)
        if len(new) == len(numbers):
            return generated
        texts = [wholes[n] if n < len(wholes) else "" for n in numbers.tolist()]
        for row, text in zip(new.tolist(), generated, strict=True):
            texts[row] = text
        return texts

    def _generated(self, numbers: Integers, key: int) -> list[str]:
        own = random_integers(numbers, subkey(key, "text"))
        u = uniform(own, 1) * (self._weights[-1] + self.pattern.chained)
        template = np.searchsorted(self._weights, u, side="right")
        chained = template >= len(self.pattern.templates)
        # of each token: its row, its position in the row, its number, and its maximum length
        row_a, place_a, token_a = self._templated(np.flatnonzero(~chained), template)
        row_b, place_b, token_b, max_length_b = self._chained(np.flatnonzero(chained), own)
        row, place = np.concatenate([row_a, row_b]), np.concatenate([place_a, place_b])
        token = np.concatenate([token_a, token_b])
        max_length = np.concatenate([np.full(len(row_a), 2**31), max_length_b])
        order = np.lexsort((place, row))
        row, place, token, max_length = row[order], place[order], token[order], max_length[order]
        texts = self._written(row, place, token, max_length, own)
        if chained.any():
            texts = self._ended(texts, np.flatnonzero(chained), own)
        return texts

    def _templated(self, rows: Ints, template: Ints) -> tuple[Ints, Ints, Ints]:
        places = [places for _, places in self.pattern.templates]
        count = np.array([len(p) for p in places], dtype=np.int64)
        flat = np.array([t for p in places for t in p], dtype=np.int64)
        first = np.cumsum(count) - count
        chosen_template = template[rows]
        many = count[chosen_template] if len(chosen_template) else np.empty(0, dtype=np.int64)
        row = np.repeat(rows, many)
        place = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
        token = flat[np.repeat(first[chosen_template], many) + place] if len(row) else row
        return row, place, token

    def _chained(self, rows: Ints, own: Integers) -> tuple[Ints, Ints, Ints, Ints]:
        """Walk the chain in all rows at once, until each has its length."""
        empty = np.empty(0, dtype=np.int64)
        out: list[tuple[Ints, Ints, Ints, Ints]] = [(empty, empty, empty, empty)]
        ends, to = self._steps
        left = _draw(self._lengths, uniform(own[rows], 2))
        state = np.full(len(rows), len(self.tokens), dtype=np.int64)
        step = 0
        while True:
            alive = left > 0
            rows, left, state = rows[alive], left[alive], state[alive]
            if not rows.size:
                break
            u = uniform(own[rows], 1000 + step)
            state = to[np.searchsorted(ends, state + u, side="right")]
            out.append((rows, np.full(len(rows), step), state, left))
            left = left - self._lengths_of[state]
            step += 1
        row, place, token, max_length = (np.concatenate(part) for part in zip(*out, strict=True))
        return row, place, token, max_length

    def _written(
        self, row: Ints, place: Ints, token: Ints, max_length: Ints, own: Integers
    ) -> list[str]:
        """Choose or generate the word of each token, and split the text into rows."""
        rows = len(own)
        spot = random_integers(own[row] + place.astype(np.uint64), 3)
        ends, first, size = self._choices
        item = np.searchsorted(ends, token + uniform(spot, 4), side="right")
        length = np.minimum(
            np.where(first[item] < 0, self._lengths_of[token], size[item]), max_length
        )
        total = np.cumsum(length)
        of = np.repeat(np.arange(len(token)), length)  # token of each character
        at = np.arange(len(of)) - np.repeat(total - length, length)  # its position in the token
        start = first[item][of]
        copied = start >= 0
        points = np.empty(len(of), dtype=np.uint32)
        points[copied] = self._vocabulary[(start + at)[copied]]
        new = np.flatnonzero(~copied)
        kind = self._kinds[token][of[new]]
        kind = np.where(kind == 5, np.where(at[new] == 0, 1, 2), kind)  # Title: one capital
        draw = random_integers(spot[of[new]] + at[new].astype(np.uint64), 6) >> np.uint64(54)
        points[new] = self._tables[kind, draw.astype(np.int64)]
        text = points.tobytes().decode("utf-32-le", "surrogatepass")
        sizes = np.bincount(row, weights=length, minlength=rows).astype(np.int64)
        stops = np.cumsum(sizes)
        pairs = zip((stops - sizes).tolist(), stops.tolist(), strict=True)
        return [text[a:b] for a, b in pairs]

    def _ended(self, texts: list[str], rows: Ints, own: Integers) -> list[str]:
        """Give texts of the chain a final punctuation mark as in the source, and never a space."""
        marks = list(self.pattern.finals)
        weights = np.cumsum([float(n) for n in self.pattern.finals.values()])
        chosen = np.searchsorted(weights / max(weights[-1], 1.0), uniform(own[rows], 7), "right")
        letter = self._tables[2, (random_integers(own[rows], 8) >> np.uint64(54)).astype(np.int64)]
        picks = np.minimum(chosen, len(marks) - 1).tolist()
        for row, pick, spare in zip(rows.tolist(), picks, letter.tolist(), strict=True):
            text = texts[row]
            if marks[pick] and len(text) > 1:
                texts[row] = text[:-1] + marks[pick]
            elif text and not text[-1].isalnum():
                texts[row] = text[:-1] + chr(spare)
        return texts

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return self.pattern.to_state()

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(TextPattern.from_state(state))

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of the pattern."""
        # Without any token: a word of six lower-case letters.
        return self.pattern.tokens or (Token("a6", {}, 1),)

    @cached_property
    def _rows(self) -> int:
        """Rows of a piece, about `_PIECE` characters."""
        chained = sum(size * n for size, n in self._lengths.items()) / sum(self._lengths.values())
        sizes = [sum(int(self._lengths_of[t]) for t in p) for _, p in self.pattern.templates]
        return max(int(_PIECE / max([chained, *sizes, 1.0])), 64)

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        return np.cumsum([float(w) for w, _ in self.pattern.templates] or [0.0])

    @cached_property
    def _lengths(self) -> dict[int, int]:
        return self.pattern.lengths or {6: 1}

    @cached_property
    def _lengths_of(self) -> Ints:
        """Length of a generated word of each token; a punctuation mark is one character."""
        return np.array([int(t.form[1:]) if t.form else 1 for t in self.tokens], dtype=np.int64)

    @cached_property
    def _kinds(self) -> Ints:
        order = _CLASSES + "T"
        return np.array([order.index(t.form[0]) if t.form else 0 for t in self.tokens])

    @cached_property
    def _steps(self) -> tuple[NDArray[np.float64], Ints]:
        """The chain as flat arrays: state s draws in s .. s + 1; the last state is the start."""
        starts = self.pattern.starts or dict.fromkeys(range(len(self.tokens)), 1)
        rows = [self.pattern.follows.get(s) or starts for s in range(len(self.tokens))]
        return _flat([*rows, starts])

    @cached_property
    def _choices(self) -> tuple[NDArray[np.float64], Ints, Ints]:
        """The words of all tokens as flat arrays: token t draws a number in t .. t + 1.

        Returns:
            The cumulated probabilities of the words; the offset of each in `_vocabulary` (-1 for
            a generated word); and its length.
        """
        ends, _ = _flat(
            [dict(enumerate([*t.vocabulary.values(), t.generated])) for t in self.tokens]
        )
        sizes = [len(word) for t in self.tokens for word in (*t.vocabulary, "")]
        first = np.cumsum([0, *sizes[:-1]])
        last = np.cumsum([len(t.vocabulary) + 1 for t in self.tokens]) - 1
        first[last] = -1
        return ends, first, np.array(sizes)

    @cached_property
    def _vocabulary(self) -> NDArray[np.uint32]:
        text = "".join(word for t in self.tokens for word in t.vocabulary)
        return np.frombuffer(text.encode("utf-32-le", "surrogatepass") or b"\0" * 4, dtype="<u4")

    @cached_property
    def _tables(self) -> NDArray[np.uint32]:
        """Class -> 1,024 letters in the proportions of the source, for drawing by look-up."""
        letters = self.pattern.letters
        caseless = letters.get("c") or letters.get("a") or dict.fromkeys(BASIC["a"], 1)
        small = letters.get("a") or letters.get("c") or dict.fromkeys(BASIC["a"], 1)
        capitals = letters.get("A") or dict.fromkeys(BASIC["A"], 1)
        digits = letters.get("9") or dict.fromkeys(DIGITS, 1)
        return np.stack(
            [_table(weights) for weights in (digits, capitals, small, caseless, capitals | small)]
        )


def _flat(rows: Iterable[dict[int, int] | dict[int, float]]) -> tuple[NDArray[np.float64], Ints]:
    ends, items = [], []
    for number, row in enumerate(rows):
        weights = np.array(list(row.values()), dtype=np.float64)
        cumulated = np.cumsum(weights) / weights.sum()
        cumulated[-1] = 1.0
        ends.append(number + cumulated)
        items.append(np.array(list(row), dtype=np.int64))
    return np.concatenate(ends), np.concatenate(items)


def _draw(weights: dict[int, int], u: NDArray[np.float64]) -> Ints:
    ends = np.cumsum([float(w) for w in weights.values()])
    pick = np.searchsorted(ends / ends[-1], u, side="right")
    return np.array(list(weights), dtype=np.int64)[np.minimum(pick, len(weights) - 1)]


def _table(letters: dict[str, int]) -> NDArray[np.uint32]:
    ends = np.cumsum([float(n) for n in letters.values()])
    pick = np.searchsorted(ends / ends[-1], (np.arange(_TABLE) + 0.5) / _TABLE, side="right")
    points = np.array([ord(c) for c in letters], dtype=np.uint32)
    return np.asarray(points[pick], dtype=np.uint32)
