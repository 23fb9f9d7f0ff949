"""Classes of characters, and which letters a column writes with.

Classes: '9' digits, 'A' capitals, 'a' small letters, 'c' letters without case (日, א) and the marks
that belong to them; everything else stands for itself. The *shape* of a text has the class of each
of its characters: 'AB-12 Ärger' has the shape 'AA-99 Aaaaa'.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

import polars as pl

LETTERS = "Aac"
DIGITS = "0123456789"
BASIC = {"9": DIGITS, "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}
_FEW, _COVERED, _BLOCK = 8, 0.8, 128


def shapes(texts: pl.Series) -> pl.Series:
    """The shape of every text; as many characters as the text has."""
    out = texts.str.replace_all(r"\p{Nd}", "9").str.replace_all(r"\p{Lu}", "A")
    out = out.str.replace_all(r"\p{Ll}", "a")
    return out.str.replace_all(r"[\p{Lo}\p{Lt}\p{Lm}\p{M}]", "c")


def class_of(character: str) -> str:
    """The class of one character; '' if it stands for itself."""
    category = unicodedata.category(character)
    named = {"Nd": "9", "Lu": "A", "Ll": "a"}.get(category)
    if named is not None:
        return named
    return "c" if category[0] in "LM" else ""


def alphabets(texts: Iterable[str], minimum: int) -> dict[str, dict[str, int]]:
    """Class -> letter -> rows that hold it, for every class that occurs.

    Letters in fewer than `minimum` rows are left out. Where that leaves too little, others step in
    for them: the basic Latin ones for those, and letters of the same class and Unicode
    neighbourhood for the rest (in Chinese most characters are rare).
    """
    rows: Counter[str] = Counter()
    for text in texts:
        rows.update(set(text))
    found: dict[str, dict[str, int]] = {}
    for name in ("9", *LETTERS):
        seen = {c: n for c, n in rows.items() if class_of(c) == name}
        if seen:
            kept = {c: n for c, n in seen.items() if n >= minimum}
            lost = {c: n for c, n in seen.items() if c not in kept}
            allowed = (1 - _COVERED) * sum(seen.values())
            if sum(lost.values()) > allowed:
                foreign = {c: n for c, n in lost.items() if not c.isascii()}
                if len(foreign) < len(lost):
                    kept = dict.fromkeys(BASIC[name], 1) | kept
                if sum(foreign.values()) > allowed:
                    kept = dict.fromkeys(_neighbours(list(foreign)), 1) | kept
            found[name] = dict(sorted(kept.items()))
    return found


def letters_for(name: str, seen: dict[str, dict[str, int]]) -> str:
    """The letters a code draws from at a place of class `name`."""
    if name == "9":
        return DIGITS
    known = "".join(seen.get(name, {}))
    if name in BASIC:
        return known if len(known) >= _FEW else BASIC[name]
    return known or BASIC["a"]  # a letter newer than Python's tables


def _neighbours(letters: list[str]) -> list[str]:
    blocks = {(ord(letter) // _BLOCK, unicodedata.category(letter)) for letter in letters}
    near = [
        chr(code)
        for block, category in blocks
        for code in range(block * _BLOCK, (block + 1) * _BLOCK)
        if unicodedata.category(chr(code)) == category
    ]
    return sorted(near)
