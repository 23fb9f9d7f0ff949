"""Substitutes for codes and texts, in their form.

A code draws each character from those of enough rows at its position, or from its class. A text is a
chain of words: words and transitions with at least `MIN_COUNT` rows are those of the source, other
words are built of syllables. Nothing depends on which codes or texts the source has beyond that, so
that one of them is drawn only by chance.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeVar

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.surrogates.characters import DIGITS, LETTERS, alphabets, letters_for, shapes

T = TypeVar("T")

MIN_COVERED = 0.5
"""Minimum proportion of the rows in forms of `MIN_COUNT` rows; otherwise only lengths are forms."""

MIN_FREQUENT = 0.9
"""Minimum proportion of the rows with a frequent character for a position to have only these."""

MIN_FREE = 3
"""Minimum number of codes that are not taken, for each that is drawn; otherwise forms are wide."""

ROUNDS = 30
"""Maximum number of times as many codes are drawn as are missing."""

MAX_TOKENS = 20
"""Maximum number of words of a text."""

LENGTHS = (4, 5, 6, 7)
"""Lengths of words where none has enough rows."""

CONSONANTS, VOWELS = "bcdfghklmnprstvz", "aeiou"


def substitute_codes(
    codes: Mapping[str, int],
    taken: Set[str],
    rng: np.random.Generator,
    *,
    prefix: str = "",
    occupied: int = 0,
    number: int | None = None,
) -> tuple[str, ...]:
    """At most `number` distinct codes, by default as many as given, none of them in `taken`.

    Args:
        codes: Number of rows of each code.
        prefix: Beginning of all codes, which is kept.
        occupied: Number of codes in `taken` with this prefix.
    """
    number = len(codes) if number is None else number
    rests = pl.Series([code[len(prefix) :] for code in codes], dtype=pl.String)
    rows = np.array(list(codes.values()), np.int64)
    forms = _forms(rests, rows)
    if sum(form.size for form in forms) - occupied < MIN_FREE * number:
        forms = _forms(rests, rows, wide=True)
    total = sum(form.rows for form in forms)
    out: dict[str, None] = {}
    for _ in range(ROUNDS):
        missing = number - len(out)
        if not missing:
            break
        counts = rng.multinomial(missing, [form.rows / total for form in forms])
        for form, count in zip(forms, counts.tolist(), strict=True):
            for rest in form.draw(count, rng):
                if prefix + rest not in taken:
                    out[prefix + rest] = None
    return tuple(out)


@dataclass(frozen=True, slots=True)
class _Form:
    """Codes of one length: the characters to choose from at each position, and their weights."""

    rows: float
    letters: tuple[tuple[str, tuple[float, ...]], ...]

    @property
    def size(self) -> float:
        """Number of codes."""
        return float(np.prod([float(len(letters)) for letters, _ in self.letters]))

    def draw(self, number: int, rng: np.random.Generator) -> list[str]:
        columns = [
            rng.choice(list(letters), number, p=np.array(weights) / sum(weights))
            for letters, weights in self.letters
        ]
        return ["".join(code) for code in zip(*columns, strict=True)] if columns else [""] * number


def _forms(
    codes: pl.Series, rows: np.ndarray[tuple[int], np.dtype[np.int64]], *, wide: bool = False
) -> list[_Form]:
    """The forms of codes; `wide` ones have every digit or letter at a position that varies."""
    repeated = codes.gather(np.repeat(np.arange(len(codes)), rows))
    seen = alphabets(repeated.head(5_000).to_list(), MIN_COUNT)
    every = "".join(sorted(c for letters in seen.values() for c in letters)) or DIGITS
    name = shapes(repeated)
    counts = name.value_counts(sort=True, name="rows")
    frequent = counts.filter(pl.col("rows") >= MIN_COUNT)
    by_shape = frequent["rows"].sum() >= MIN_COVERED * len(repeated) or len(codes) == 1
    if not by_shape:  # 3f9a, a41c: nearly every code has a shape of its own
        name = repeated.str.len_chars().cast(pl.String)
        counts = name.value_counts(sort=True, name="rows")
        frequent = counts.filter(pl.col("rows") >= MIN_COUNT)
    forms = []
    for form, number in (frequent if len(frequent) else counts.head(1)).iter_rows():
        group = repeated.filter(name == form)
        letters: list[tuple[str, tuple[float, ...]]] = []
        for at in range(len(group[0])):
            kind = form[at] if by_shape else ""
            if by_shape and kind not in "9" + LETTERS:
                letters.append((kind, (1.0,)))  # a separator is part of the form
            else:
                others = letters_for(kind, seen) if by_shape else every
                letters.append(_characters(group.str.slice(at, 1), others, wide))
        forms.append(_Form(float(number), tuple(letters)))
    return forms


def _characters(here: pl.Series, others: str, wide: bool) -> tuple[str, tuple[float, ...]]:
    """The characters of a position with their rows, or `others` if too many rows have a rare one."""
    if wide and here.n_unique() > 1:
        return others, (1.0,) * len(others)
    counts = here.value_counts(name="rows").filter(pl.col("rows") >= MIN_COUNT).sort(here.name)
    if counts["rows"].sum() < MIN_FREQUENT * len(here):
        return others, (1.0,) * len(others)
    return "".join(counts.to_series(0)), tuple(counts["rows"].cast(pl.Float64))


def substitute_texts(
    texts: Mapping[str, int],
    others: Mapping[str, int],
    taken: Set[str],
    rng: np.random.Generator,
    number: int | None = None,
) -> tuple[str, ...]:
    """At most `number` distinct texts, by default as many as given, none of them in `taken`.

    Args:
        texts: Number of rows of each text.
        others: Number of rows of further texts of the column, whose words may be used too.
    """
    tokens: Counter[str] = Counter()
    for text, n in (*texts.items(), *others.items()):
        tokens.update(dict.fromkeys(text.split(), n))
    usual = {word for word, n in tokens.items() if n >= MIN_COUNT}
    lengths: Counter[int] = Counter()
    chain: dict[str, Counter[str]] = {}
    for text, n in texts.items():
        marks = ["", *(w if w in usual else _case(w) for w in text.split()), ""]
        lengths.update({len(w): n for w in text.split() if w not in usual})
        for left, right in pairwise(marks):
            chain.setdefault(left, Counter())[right] += n
    after = {left: _Choice.among(right) for left, right in chain.items()}
    usual_lengths = tuple(length for length, n in lengths.items() if n >= MIN_COUNT) or LENGTHS
    write = _Writer(_alphabets(texts), usual_lengths, _uniforms(rng))
    out: dict[str, None] = {}
    number = len(texts) if number is None else number
    for _ in range(ROUNDS * number):
        if len(out) == number:
            break
        text = " ".join(write.word(word) for word in _walk(after, write.uniforms))
        if text and text not in taken:
            out[text] = None
    return tuple(out)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Items to choose from, with cumulative weights."""

    items: list[str]
    ends: list[float]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> _Choice:
        return cls(list(weights), list(accumulate(weights.values())))

    @classmethod
    def among(cls, following: Counter[str]) -> _Choice:
        """The words that may follow: those of at least `MIN_COUNT` rows; where there are none, words of
        unusual form or the end."""
        usual = {word: float(n) for word, n in following.items() if n >= MIN_COUNT}
        return cls.of(usual or {w: 1.0 for w in following if not w or w[0] == "\0"} or {"": 1.0})

    def pick(self, uniform: float) -> str:
        return self.items[min(bisect(self.ends, uniform * self.ends[-1]), len(self.items) - 1)]


def _uniforms(rng: np.random.Generator) -> Iterator[float]:
    """Random numbers in [0, 1), many at a time."""
    while True:
        yield from rng.random(4096).tolist()


def _walk(after: Mapping[str, _Choice], uniforms: Iterator[float]) -> Iterator[str]:
    """Words from the start to the end of a text."""
    word = ""
    for _ in range(MAX_TOKENS):
        word = after[word].pick(next(uniforms))
        if not word:
            return
        yield word


def _case(word: str) -> str:
    """The mark of a word with too few rows: only how it is written is kept."""
    if any(c.isdigit() for c in word):
        return "\0digits"
    if word.isupper() and len(word) > 1:
        return "\0upper"
    return "\0title" if word[:1].isupper() else "\0lower"


def _alphabets(texts: Mapping[str, int]) -> tuple[str, str]:
    """The letters that alternate in words: those of syllables, or all of another script."""
    letters = [c for text in texts for c in text if c.isalpha()]
    if sum(c.isascii() for c in letters) >= len(letters) / 2:
        return CONSONANTS, VOWELS
    rows = [text.lower() for text, n in texts.items() for _ in range(n)]
    every = letters_for("a", alphabets(rows, MIN_COUNT))
    return every, every


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the words that are only marked.

    Attributes:
        letters: Letters at every other position of a word, and at those between.
        lengths: Numbers of characters.
    """

    letters: tuple[str, str]
    lengths: tuple[int, ...]
    uniforms: Iterator[float]

    def word(self, mark: str) -> str:
        """A word of alternating letters or of digits for a mark; any other word as it is."""
        if mark[0] != "\0":
            return mark
        length = self._pick(self.lengths)
        if mark == "\0digits":
            return "".join(self._pick(DIGITS) for _ in range(length))
        start = int(2 * next(self.uniforms))
        word = "".join(self._pick(self.letters[(start + at) % 2]) for at in range(length))
        return {"\0upper": word.upper(), "\0title": word.capitalize()}.get(mark, word)

    def _pick(self, items: Sequence[T]) -> T:
        return items[int(next(self.uniforms) * len(items))]
