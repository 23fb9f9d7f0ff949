"""Character classes of texts, and the alphabet of a column.

Classes: '9' digits, 'A' capitals, 'a' small letters, 'c' letters without case (日, א) and the marks
that belong to them; every other character is a class by itself. The *shape* of a text has the class
of each of its characters: 'AB-12 Ärger' has the shape 'AA-99 Aaaaa'.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

import polars as pl

LETTERS = "Aac"
DIGITS = "0123456789"
BASIC = {"9": DIGITS, "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}
TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae"})
"""How addresses write letters with marks in German and the Nordic languages."""

_FEW, _COVERED, _BLOCK = 8, 0.8, 128


def shapes(texts: pl.Series) -> pl.Series:
    """The shape of every text, of the same length as the text."""
    out = texts.str.replace_all(r"\p{Nd}", "9").str.replace_all(r"\p{Lu}", "A")
    out = out.str.replace_all(r"\p{Ll}", "a")
    return out.str.replace_all(r"[\p{Lo}\p{Lt}\p{Lm}\p{M}]", "c")


def class_of(character: str) -> str:
    """The class of one character; '' if it is a class by itself."""
    category = unicodedata.category(character)
    named = {"Nd": "9", "Lu": "A", "Ll": "a"}.get(category)
    if named is not None:
        return named
    return "c" if category[0] in "LM" else ""


def alphabets(texts: Iterable[str], minimum: int) -> dict[str, dict[str, int]]:
    """Class -> letter -> number of rows with it, for every class that occurs.

    Letters in fewer than `minimum` rows are left out. Where that removes too many, others replace
    them: the basic Latin ones for Latin letters, and letters of the same class and Unicode block
    for others (in Chinese most characters are rare).
    """
    rows: Counter[str] = Counter()
    for text in texts:
        rows.update(set(text))
    classes: dict[str, dict[str, int]] = {}
    for name in ("9", *LETTERS):
        seen = {c: n for c, n in rows.items() if class_of(c) == name}
        if seen:
            kept = {c: n for c, n in seen.items() if n >= minimum}
            lost = {c: n for c, n in seen.items() if c not in kept}
            allowed = (1 - _COVERED) * sum(seen.values())
            if sum(lost.values()) > allowed:
                non_ascii = {c: n for c, n in lost.items() if not c.isascii()}
                if len(non_ascii) < len(lost):
                    kept = dict.fromkeys(BASIC[name], 1) | kept
                if sum(non_ascii.values()) > allowed:
                    kept = dict.fromkeys(_neighbours(list(non_ascii)), 1) | kept
            classes[name] = dict(sorted(kept.items()))
    return classes


def letters_for(name: str, seen: dict[str, dict[str, int]]) -> str:
    """The letters that a code uses at a position of class `name`."""
    if name == "9":
        return DIGITS
    available = "".join(seen.get(name, {}))
    if name in BASIC:
        return available if len(available) >= _FEW else BASIC[name]
    return available or BASIC["a"]  # a letter that Python's Unicode tables do not have


def _neighbours(letters: list[str]) -> list[str]:
    blocks = {(ord(letter) // _BLOCK, unicodedata.category(letter)) for letter in letters}
    near = [
        chr(code)
        for block, category in blocks
        for code in range(block * _BLOCK, (block + 1) * _BLOCK)
        if unicodedata.category(chr(code)) == category
    ]
    return sorted(near)
