"""Codes by pattern: 'AB-1234-X', '+46 70 123 45 67', 'SW1A 1AA', hexadecimal ids.

The codes of one shape are divided into parts. A constant part, or a choice of tokens that at least
`minimum` distinct codes share, is kept; all other characters are drawn from their class. The free
characters encode the number of the entity, so codes are unique; a shape that is exhausted is
extended by digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.data.inference import check_digits
from artesian.surrogates.characters import DIGITS, alphabets, letters_for, shapes
from artesian.surrogates.code_dates import calendar_of
from artesian.surrogates.code_parts import Part, Shape
from artesian.surrogates.keyed_random import (
    Integers,
    random_integers,
    subkey,
    uniform,
)
from artesian.surrogates.positions import Positions

_SAMPLE, _SHAPES, _OPTIONS, _COVERED = 20_000, 64, 20, 0.95
_ROOM = {"9": 10, "A": 4, "a": 4, "c": 4}
"""Minimum number of free codes for each row of the source when tokens of a class are kept."""


@dataclass(frozen=True, slots=True)
class Check:
    """Check digits: the codes without them, and a code completed by them."""

    body: Callable[[pl.Series], pl.Series]
    finish: Callable[[str], str]


def _social(text: str) -> str:
    """Replace the first digit by 9: no social security number of the United States begins with it."""
    return "9" + text[1:] if len(text) == 11 and text[3] == text[6] == "-" else text


_LUHN = Check(
    lambda texts: texts.str.replace(r".$", ""), lambda body: body + check_digits.luhn_digit(body)
)
CHECKS = {
    "luhn": _LUHN,
    "gtin": Check(_LUHN.body, lambda body: body + check_digits.gtin_digit(body)),
    "isbn10": Check(_LUHN.body, lambda body: body + check_digits.isbn10_digit(body)),
    "s10": Check(
        lambda texts: texts.str.slice(0, 10) + texts.str.slice(11), check_digits.s10_with_check
    ),
    "container": Check(_LUHN.body, lambda body: body + check_digits.container_digit(body)),
    "credit_card": _LUHN,
    "iban": Check(
        lambda texts: texts.str.slice(0, 2) + "00" + texts.str.slice(4),
        check_digits.iban_with_check,
    ),
    "ssn": Check(lambda texts: texts.str.replace(r"^\d(\d\d-\d\d-\d{4})$", "9${1}"), _social),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CodePattern:
    """Codes of several shapes.

    Attributes:
        closed: Codes of a public list, such as postcodes: they keep their length and may repeat.
        check: Key of `CHECKS`, for codes with check digits; '' for others.
    """

    shapes: tuple[Shape, ...]
    closed: bool = False
    check: str = ""

    @classmethod
    def learn(
        cls,
        texts: pl.Series,
        *,
        minimum: int = 5,
        check: str = "",
        head: int = 0,
        closed: bool = False,
        number: bool = False,
    ) -> Self:
        """Learn from texts without missing values.

        Args:
            texts: Repeats count once: what many rows of one code share is not shared by many codes.
            minimum: Minimum number of distinct codes with a token that is kept as it is.
            check: Key of `CHECKS`.
            head: Number of first characters that are a separate token (the brand of a card).
            closed: The codes keep their length and may repeat.
            number: The codes are whole numbers, so they do not begin with a zero.
        """
        codes = texts.unique(maintain_order=True)
        if check:
            codes = CHECKS[check].body(codes)
        sample = codes.gather_every(max(len(codes) // _SAMPLE, 1))
        shapes = _shapes(sample, minimum, len(codes), head, number)
        return cls(shapes=shapes, closed=closed, check=check)

    def make(self, numbers: Integers, key: int) -> list[str]:
        """One code for every entity number; distinct numbers have distinct codes."""
        ends = np.cumsum([shape.weight for shape in self.shapes])
        u = uniform(numbers, subkey(key, "shape")) * ends[-1]
        chosen = np.minimum(np.searchsorted(ends, u, side="right"), len(ends) - 1)
        out = np.empty(len(numbers), dtype=object)
        for which in np.unique(chosen).tolist():
            own, shape = subkey(key, "code", which), self.shapes[which]
            here = np.flatnonzero(chosen == which)
            if self.closed:
                level = np.zeros(len(here), dtype=np.int64)
                place = random_integers(numbers[here], subkey(own, "closed"))
            else:
                level, place = Positions(shape.sizes).at(numbers[here], own)
            for k in np.unique(level).tolist():
                at = here[level == k]
                out[at] = shape.render(k, place[level == k], numbers[at], own)
        codes: list[str] = out.tolist()
        return [CHECKS[self.check].finish(code) for code in codes] if self.check else codes

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {
            "shapes": [
                {
                    "weight": shape.weight,
                    "step": shape.step,
                    "parts": [part.to_state() for part in shape.parts],
                }
                for shape in self.shapes
            ],
            "closed": self.closed,
            "check": self.check,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            shapes=tuple(
                Shape(
                    s["weight"],
                    tuple(Part.from_state(part) for part in s["parts"]),
                    s["step"],
                )
                for s in state["shapes"]
            ),
            closed=state["closed"],
            check=state["check"],
        )


def _shapes(
    texts: pl.Series, minimum: int, rows: int, head: int, number: bool
) -> tuple[Shape, ...]:
    texts = texts.filter(texts.str.len_chars() > 0)
    if texts.is_empty():
        return (Shape(1.0, (Part(alphabets=(DIGITS,) * 8),)),)
    seen = alphabets(texts.head(5_000).to_list(), minimum)
    lengths, out = [], []
    for group, count, shape in _forms(texts, minimum):
        if not shape:
            parts = _positions(group, minimum)
        elif shape == str(shapes(group)[0]):
            parts = _runs(shape, group, seen, minimum, rows, head)
        else:  # an average of shapes: only what all of its codes begin with is known
            start = min(_same(group, minimum), len(shape) - 1)
            parts = (Part((str(group[0])[:start],), (1.0,)),) if start else ()
            parts += _runs(shape[start:], group.clear(), seen, minimum, rows, 0)
        if number and parts and parts[0].alphabets:
            first = Part(alphabets=(DIGITS[1:], *parts[0].alphabets[1:]))
            parts = (first, *parts[1:])
        lengths.append(sum(part.length for part in parts))
        out.append(Shape(float(count), parts))
    # Adding more digits than lengths differ keeps extended codes apart from those of other shapes.
    step = 1 + max(lengths) - min(lengths)
    return tuple(Shape(shape.weight, shape.parts, step) for shape in out)


def _forms(texts: pl.Series, minimum: int) -> list[tuple[pl.Series, int, str]]:
    """Groups of codes of one form: the codes, their number, and their shape; '' for a length only.

    A shape of fewer than `minimum` codes is left out, or averaged with those that differ from it in
    the lengths of their parts only. Where all are so rare, the most frequent one is kept.
    """
    shape = shapes(texts)
    counts = _counted(shape)
    if counts["count"].head(_SHAPES).sum() < 0.9 * len(texts):
        # 3f9a, a41c: nearly every code has another shape, so codes are grouped by length.
        length = texts.str.len_chars().cast(pl.String)
        counts = _frequent(_counted(length), minimum)
        return [(texts.filter(length == name), n, "") for name, n in counts.iter_rows()]
    frequent = _frequent(counts, minimum)
    if frequent["count"].sum() >= 0.5 * len(texts):
        return [(texts.filter(shape == name), n, name) for name, n in frequent.iter_rows()]
    form = shape.str.replace_all(r"9+", "9").str.replace_all(r"A+", "A").str.replace_all("a+", "a")
    common = _frequent(_counted(form), minimum)
    if common["count"][0] < minimum:
        return [(texts.filter(shape == counts["form"][0]), 1, counts["form"][0])]
    out = []
    for name, n in common.iter_rows():
        group, its_shapes = texts.filter(form == name), shape.filter(form == name)
        runs = [[len(list(run)) for _, run in groupby(each)] for each in its_shapes.to_list()]
        middle = [sorted(lengths)[len(lengths) // 2] for lengths in zip(*runs, strict=True)]
        classes = [key for key, _ in groupby(its_shapes[0])]
        average = "".join(c * length for c, length in zip(classes, middle, strict=True))
        out.append((group, n, average))
    return out


def _counted(forms: pl.Series) -> pl.DataFrame:
    counts = forms.alias("form").value_counts()
    return counts.sort(["count", "form"], descending=[True, False])


def _frequent(counts: pl.DataFrame, minimum: int) -> pl.DataFrame:
    """The forms of at least `minimum` codes, or else the most frequent one."""
    frequent = counts.filter(pl.col("count") >= minimum).head(_SHAPES)
    return counts.head(1) if frequent.is_empty() else frequent


def _runs(
    shape: str,
    group: pl.Series,
    seen: dict[str, dict[str, int]],
    minimum: int,
    rows: int,
    head: int,
) -> tuple[Part, ...]:
    """Parts of the codes of one shape: its runs of characters of one class."""
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
        calendar = calendar_of(tokens) if name == "9" and len(runs) > 1 else None
        if calendar is not None:
            choice = _choice(tokens, minimum)
            if choice is not None:
                choices.append((len(parts), name, choice))
            parts.append(Part.from_calendar(calendar))
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
    # Letters before digits: 'FR' is more informative than '07'.
    for at, name, choice in sorted(choices, key=lambda c: (c[1] == "9", parts[c[0]].free)):
        if room // parts[at].free >= max(_ROOM[name] * rows, 10_000):
            room //= parts[at].free
            parts[at] = choice
    return tuple(parts)


def _positions(group: pl.Series, minimum: int) -> tuple[Part, ...]:
    """Parts of codes of one length without a common shape: each character constant or free."""
    columns = [group.str.slice(place, 1) for place in range(len(str(group[0])))]
    constant = [_same(column, minimum) > 0 for column in columns]
    # Hexadecimal digits after 'acct_' do not have its letters.
    free = [c.to_list() for c, same in zip(columns, constant, strict=True) if not same]
    own = alphabets(("".join(row) for row in zip(*free, strict=True)), minimum)
    letters_of_all = "".join(sorted(c for letters in own.values() for c in letters)) or DIGITS
    return tuple(
        Part((str(column[0]),), (1.0,)) if same else Part(alphabets=(letters_of_all,))
        for column, same in zip(columns, constant, strict=True)
    )


def _same(tokens: pl.Series, minimum: int) -> int:
    """Length of the common prefix of all tokens; 0 with fewer than `minimum` rows."""
    if len(tokens) < minimum:
        return 0
    first, last = str(tokens.min()), str(tokens.max())  # all other tokens are between them in order
    differs = (k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return next(differs, min(len(first), len(last)))


def _choice(tokens: pl.Series, minimum: int) -> Part | None:
    """The tokens in at least `minimum` rows, if they are few and cover nearly all rows."""
    counts = tokens.alias("token").value_counts().filter(pl.col("count") >= minimum)
    counts = counts.sort(["count", "token"], descending=[True, False])
    if not 0 < len(counts) <= _OPTIONS or counts["count"].sum() < _COVERED * len(tokens):
        return None
    return Part(tuple(counts["token"]), tuple(float(n) for n in counts["count"]))
