"""Substitutes for codes and texts, in their form.

A code draws each character from those of enough rows at its position, or from its class. A text is a
chain of words: words and transitions with at least `MIN_COUNT` rows are those of the source, other
words are built of syllables. Nothing depends on which codes or texts the source has beyond that, so
that one of them is drawn only by chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.surrogates.characters import DIGITS, LETTERS, alphabets, letters_for, shapes

MIN_COVERED = 0.5
"""Minimum proportion of the rows in forms of `MIN_COUNT` rows; otherwise only lengths are forms."""

MIN_FREQUENT = 0.9
"""Minimum proportion of the rows with a frequent character for a position to have only these."""

MIN_FREE = 3
"""Minimum number of codes that are not taken, for each that is drawn; otherwise forms are wide."""

ROUNDS = 30
"""Maximum number of times as many codes are drawn as are missing."""

CONSONANTS, VOWELS = "bcdfghklmnprstvz", "aeiou"


def substitute_codes(
    codes: Mapping[str, int], taken: Set[str], rng: np.random.Generator, *, prefix: str = ""
) -> tuple[str, ...]:
    """At most as many distinct codes as given, none of them in `taken`.

    Args:
        codes: Number of rows of each code.
        prefix: Beginning of all codes, which is kept.
    """
    rests = pl.Series([code[len(prefix) :] for code in codes], dtype=pl.String)
    rows = np.array(list(codes.values()), np.int64)
    forms = _forms(rests, rows)
    used = sum(code.startswith(prefix) for code in taken)
    if sum(form.size for form in forms) - used < MIN_FREE * len(codes):
        forms = _forms(rests, rows, wide=True)
    total = sum(form.rows for form in forms)
    out: dict[str, None] = {}
    for _ in range(ROUNDS):
        missing = len(codes) - len(out)
        if not missing:
            break
        numbers = rng.multinomial(missing, [form.rows / total for form in forms])
        for form, number in zip(forms, numbers.tolist(), strict=True):
            for rest in form.draw(number, rng):
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
                letters.append(_choice(group.str.slice(at, 1), others, wide))
        forms.append(_Form(float(number), tuple(letters)))
    return forms


def _choice(here: pl.Series, others: str, wide: bool) -> tuple[str, tuple[float, ...]]:
    """The characters of a position with their rows, or `others` if too many rows have a rare one."""
    if wide and here.n_unique() > 1:
        return others, (1.0,) * len(others)
    counts = here.value_counts(name="rows").filter(pl.col("rows") >= MIN_COUNT).sort(here.name)
    if counts["rows"].sum() < MIN_FREQUENT * len(here):
        return others, (1.0,) * len(others)
    return "".join(counts.to_series(0)), tuple(counts["rows"].cast(pl.Float64))


def substitute_texts(
    texts: Mapping[str, int], others: Mapping[str, int], taken: Set[str], rng: np.random.Generator
) -> tuple[str, ...]:
    """At most as many distinct texts as given, none of them in `taken`.

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
    letters = _alphabets(texts)
    out: dict[str, None] = {}
    for _ in range(ROUNDS * len(texts)):
        if len(out) == len(texts):
            break
        text = " ".join(
            word if word[0] != "\0" else _word(word, lengths, letters, rng)
            for word in _walk(chain, rng)
        )
        if text and text not in taken:
            out[text] = None
    return tuple(out)


def _walk(chain: Mapping[str, Counter[str]], rng: np.random.Generator) -> list[str]:
    """Words from the start to the end of a text, by transitions of at least `MIN_COUNT` rows."""
    tokens: list[str] = []
    while len(tokens) < 20:
        after = chain[tokens[-1] if tokens else ""]
        usual = {word: n for word, n in after.items() if n >= MIN_COUNT} or {
            # No transition may be shown: another word of unusual form, or the end.
            word: 1
            for word in after
            if not word or word[0] == "\0"
        }
        if not usual:
            return tokens
        weights = np.array(list(usual.values()), float)
        word = list(usual)[int(rng.choice(len(weights), p=weights / weights.sum()))]
        if not word:
            return tokens
        tokens.append(word)
    return tokens


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


def _word(
    mark: str, lengths: Counter[int], letters: tuple[str, str], rng: np.random.Generator
) -> str:
    """A word of alternating letters, or of digits."""
    usual = [length for length, n in lengths.items() if n >= MIN_COUNT] or [4, 5, 6, 7]
    length = int(rng.choice(usual))
    if mark == "\0digits":
        return "".join(rng.choice(list(DIGITS), size=length))
    start = int(rng.integers(2))
    word = "".join(str(rng.choice(list(letters[(start + at) % 2]))) for at in range(length))
    return {"\0upper": word.upper(), "\0title": word.capitalize()}.get(mark, word)
