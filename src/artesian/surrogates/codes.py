"""Codes by pattern: 'AB-1234-X', '+46 70 123 45 67', 'SW1A 1AA', hexadecimal ids.

Each shape of code becomes a row of parts: what is constant, or a choice of tokens that stand in at
least `minimum` rows each, is kept; everything else is drawn from the class of its characters. The
free characters count the entities, so codes are unique; a shape that is full grows digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.surrogates.characters import DIGITS, alphabets, letters_for, shapes
from artesian.surrogates.keyed_random import LARGEST, Words, below, subkey, uniform, words
from artesian.surrogates.originals import Originals
from artesian.surrogates.slots import Slots

_SAMPLE, _SHAPES, _OPTIONS, _COVERED = 20_000, 64, 20, 0.95
_ROOM = {"9": 10, "A": 4, "a": 4, "c": 4}
"""Free codes that a shape keeps for every row of the source, when tokens of a class are kept."""
_DRAWS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a code: one of `options` (all as long as each other), or a free stretch with an
    alphabet for each character."""

    options: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    alphabets: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        return len(self.options[0]) if self.options else len(self.alphabets)

    @property
    def free(self) -> int:
        return math.prod(len(letters) for letters in self.alphabets)


@dataclass(frozen=True)
class Shape:
    """Codes of one length: how common, made of what; `step` digits are added where it grows."""

    weight: float
    parts: tuple[Part, ...]
    step: int = 1

    def grown(self, level: int) -> tuple[Part, ...]:
        """The parts with `level * step` more digits, in the last stretch of free digits."""
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
        """Codes of each level, up to the largest range that can be permuted."""
        sizes = [math.prod(part.free for part in self.parts)]
        while sizes[-1] < LARGEST and len(sizes) < 12:
            sizes.append(sizes[-1] * 10**self.step)
        return tuple(sizes)

    def render(self, level: int, place: Words, numbers: Words, key: int) -> list[str]:
        """The codes at these places."""
        parts = self.grown(level)
        out = np.empty((len(place), sum(part.length for part in parts)), dtype=np.uint32)
        left, room, end = place.copy(), LARGEST, out.shape[1]
        for part in reversed(parts):
            if part.options:
                u = uniform(numbers, subkey(key, "option", end))
                pick = np.searchsorted(np.cumsum(part.weights) / sum(part.weights), u, side="right")
                tokens = np.array([_points(token) for token in part.options], dtype=np.uint32)
                out[:, end - part.length : end] = tokens[np.minimum(pick, len(tokens) - 1)]
                end -= part.length
                continue
            for letters in reversed(part.alphabets):
                end -= 1
                if room > 1:  # this character counts
                    pick = (left % np.uint64(len(letters))).astype(np.int64)
                    left, room = left // np.uint64(len(letters)), room // len(letters)
                else:  # enough is counted: more characters only decorate
                    pick = below(numbers, subkey(key, "letter", end), len(letters))
                out[:, end] = _points(letters)[pick]
        return _texts(out)


@dataclass(frozen=True, kw_only=True, eq=False)
class CodePattern:
    """Codes of several shapes, none of which stood in the source.

    Attributes:
        rows: Different codes in the source.
        closed: The codes of a public list, such as postcodes: they are drawn without growing, may
            repeat, and avoid the originals as long as others are left.
        finish: Makes a whole text of what the shapes give; belongs to the role, is not stored.
    """

    shapes: tuple[Shape, ...]
    originals: Originals
    rows: int
    closed: bool = False
    finish: Callable[[str], str] | None = None

    @classmethod
    def learn(
        cls,
        texts: pl.Series,
        *,
        minimum: int = 5,
        bodies: pl.Series | None = None,
        finish: Callable[[str], str] | None = None,
        head: int = 0,
        closed: bool = False,
    ) -> Self:
        """Learn from texts without missing values.

        Args:
            minimum: Rows that a token has to stand in to be kept as it is.
            bodies: What to learn the pattern of, where a part of each text is computed.
            finish: Makes a whole text of a body (adds a check digit, say).
            head: First characters that are a token of their own (the brand of a card).
            closed: Only avoid texts that stood in fewer than `minimum` rows, and never grow.
        """
        counts = texts.value_counts().sort(texts.name)
        kept = counts.filter(pl.col("count") < minimum) if closed else counts
        bodies = texts if bodies is None else bodies
        sample = bodies.gather_every(max(len(bodies) // _SAMPLE, 1))
        return cls(
            shapes=_shapes(sample, minimum, len(counts), head),
            originals=Originals.of(kept[texts.name].to_list()),
            rows=len(counts),
            closed=closed,
            finish=finish,
        )

    def make(self, numbers: Words, key: int) -> list[str]:
        """One code for every entity number; different numbers have different codes."""
        most = _DRAWS if self.closed else max(cells.attempts for cells in self._cells)
        return self.originals.avoid(numbers, lambda n, a: self._attempt(n, a, key), most)

    def _attempt(self, numbers: Words, attempt: int, key: int) -> list[str]:
        ends = np.cumsum([shape.weight for shape in self.shapes])
        u = uniform(numbers, subkey(key, "shape")) * ends[-1]
        chosen = np.minimum(np.searchsorted(ends, u, side="right"), len(ends) - 1)
        out = np.empty(len(numbers), dtype=object)
        for which in np.unique(chosen).tolist():
            own, cells = subkey(key, "code", which), self._cells[which]
            here = np.flatnonzero(chosen == which)
            if self.closed:
                level = np.zeros(len(here), dtype=np.int64)
                place = words(numbers[here], subkey(own, "closed", attempt))
            else:
                level, place = cells.at(numbers[here], min(attempt, cells.attempts - 1), own)
            for k in np.unique(level).tolist():
                at = here[level == k]
                out[at] = self.shapes[which].render(k, place[level == k], numbers[at], own)
        made: list[str] = out.tolist()
        return made if self.finish is None else [self.finish(code) for code in made]

    @cached_property
    def _cells(self) -> tuple[Slots, ...]:
        total = sum(shape.weight for shape in self.shapes)
        return tuple(
            Slots.over(shape.sizes, math.ceil(self.rows * shape.weight / total))
            for shape in self.shapes
        )

    def to_state(self) -> dict[str, Any]:
        return {
            "shapes": [
                {
                    "weight": shape.weight,
                    "step": shape.step,
                    "parts": [
                        {"options": p.options, "weights": p.weights}
                        if p.options
                        else {"alphabets": p.alphabets}
                        for p in shape.parts
                    ],
                }
                for shape in self.shapes
            ],
            "originals": self.originals.to_state(),
            "rows": self.rows,
            "closed": self.closed,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], finish: Callable[[str], str] | None = None) -> Self:
        return cls(
            finish=finish,
            shapes=tuple(
                Shape(
                    s["weight"],
                    tuple(Part(**{k: tuple(v) for k, v in p.items()}) for p in s["parts"]),
                    s["step"],
                )
                for s in state["shapes"]
            ),
            originals=Originals.from_state(state["originals"]),
            rows=state["rows"],
            closed=state["closed"],
        )


def _shapes(texts: pl.Series, minimum: int, rows: int, head: int) -> tuple[Shape, ...]:
    texts = texts.filter(texts.str.len_chars() > 0)
    if texts.is_empty():
        return (Shape(1.0, (Part(alphabets=(DIGITS,) * 8),)),)
    seen = alphabets(texts.head(5_000).to_list(), minimum)
    form = shapes(texts)
    counts = form.value_counts().sort(["count", form.name], descending=[True, False])
    by_shape = counts.get_column("count").head(_SHAPES).sum() >= 0.9 * len(texts)
    if not by_shape:  # 3f9a, a41c: every code has a shape of its own, so only lengths are told
        form = texts.str.len_chars().cast(pl.String)
        counts = form.value_counts().sort(["count", form.name], descending=[True, False])
    kept = counts.head(_SHAPES)
    lengths, out = [], []
    for name, count in kept.iter_rows():
        group = texts.filter(form == name)
        if by_shape:
            parts = _runs(name, group, seen, minimum, rows, head)
        else:
            parts = _positions(group, seen, minimum)
        lengths.append(sum(part.length for part in parts))
        out.append(Shape(float(count), parts))
    # Growing by more than the spread of lengths keeps grown codes of one shape clear of another's.
    step = 1 + max(lengths) - min(lengths)
    return tuple(Shape(shape.weight, shape.parts, step) for shape in out)


def _runs(
    shape: str,
    group: pl.Series,
    seen: dict[str, dict[str, int]],
    minimum: int,
    rows: int,
    head: int,
) -> tuple[Part, ...]:
    """Parts of the codes of one shape: its runs of one class."""
    parts: list[Part] = []
    choices: list[tuple[int, str, Part]] = []
    place = 0
    runs = [(name, len(list(run))) for name, run in groupby(shape)]
    if 0 < head < runs[0][1]:
        runs[:1] = [(runs[0][0], head), (runs[0][0], runs[0][1] - head)]
    for name, length in runs:
        tokens = group.str.slice(place, length)
        place += length
        if name not in "9Aac":
            parts.append(Part((name * length,), (1.0,)))
            continue
        same = _same(tokens, minimum)
        if same:
            parts.append(Part((str(tokens[0])[:same],), (1.0,)))
        if same == length:
            continue
        letters = [letters_for(name, seen)] * (length - same)
        bare = name == "9" and length > 1 and same == 0 and len(group) >= 4 * minimum
        if bare and not tokens.str.starts_with("0").any():
            letters[0] = DIGITS[1:]
        choice = _choice(tokens.str.slice(same), minimum)
        if choice is not None:
            choices.append((len(parts), name, choice))
        parts.append(Part(alphabets=tuple(letters)))
    room = math.prod(part.free for part in parts)
    # Words before numbers: 'FR' says more of a code than '07' does.
    for at, name, choice in sorted(choices, key=lambda c: (c[1] == "9", parts[c[0]].free)):
        if room // parts[at].free >= max(_ROOM[name] * rows, 10_000):
            room //= parts[at].free
            parts[at] = choice
    return tuple(parts)


def _positions(group: pl.Series, seen: dict[str, dict[str, int]], minimum: int) -> tuple[Part, ...]:
    """Parts of codes of one length without a common shape: each character constant or free."""
    known = "".join(sorted(c for letters in seen.values() for c in letters)) or DIGITS
    parts = []
    for place in range(len(str(group[0]))):
        column = group.str.slice(place, 1)
        if _same(column, minimum):
            parts.append(Part((str(column[0]),), (1.0,)))
        else:
            parts.append(Part(alphabets=(known,)))
    return tuple(parts)


def _same(tokens: pl.Series, minimum: int) -> int:
    """How many first characters all tokens share; none where the rows are too few to say."""
    if len(tokens) < minimum:
        return 0
    first, last = str(tokens.min()), str(tokens.max())  # in order, so all others lie between
    differs = (k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return next(differs, min(len(first), len(last)))


def _choice(tokens: pl.Series, minimum: int) -> Part | None:
    """The tokens that stand in enough rows, if there are few and they are nearly all."""
    counts = tokens.value_counts().filter(pl.col("count") >= minimum)
    counts = counts.sort(["count", tokens.name], descending=[True, False])
    if not 0 < len(counts) <= _OPTIONS or counts["count"].sum() < _COVERED * len(tokens):
        return None
    return Part(tuple(counts[tokens.name]), tuple(float(n) for n in counts["count"]))


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _texts(points: NDArray[np.uint32]) -> list[str]:
    if not points.shape[1]:
        return [""] * len(points)
    texts: list[str] = np.ascontiguousarray(points).view(f"<U{points.shape[1]}").ravel().tolist()
    return texts
