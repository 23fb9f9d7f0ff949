"""New values for keys that rows of several datasets have in common, in their type and form."""

from __future__ import annotations

import numpy as np
import polars as pl

from artesian.collapse.stress.profile import Ints
from artesian.core.errors import DataError

ENUMERATED = 2**22
"""Size of a range of integers up to which its unused ones are listed; larger ones are searched."""

ROUNDS = 5
"""Rounds in which the characters of new texts are those that others have at their place; then in which
any digit is admitted, and then in which any letter is. After these, texts become longer."""


def can_be_replaced(dtype: pl.DataType) -> bool:
    """Whether new values of a type can be generated: integers and texts."""
    whole = isinstance(dtype, pl.Decimal) and dtype.scale == 0
    return dtype.is_integer() or whole or dtype in (pl.String, pl.Categorical)


def largest(dtype: pl.DataType) -> int:
    """The largest integer that a column of numbers can hold exactly."""
    if isinstance(dtype, pl.Decimal):
        digits = dtype.precision or 18
        return 2**63 - 1 if digits > 18 else int(10**digits) - 1
    if dtype == pl.Float32:
        return 2**24
    if not dtype.is_integer():
        return 2**53
    return int(np.iinfo(f"{dtype}".lower() if dtype != pl.Int128 else "int64").max)


def distinct_between_parts(
    values: pl.Series, parts: Ints, high: int, rng: np.random.Generator
) -> pl.Series:
    """Values of which no two parts have one in common: those that an earlier part has are replaced,
    equal ones of a part by the same.

    Args:
        values: Keys of the rows of all parts, below each other, of a type that can be replaced.
        parts: The part of each row, ascending.
        high: The largest integer that may be used.

    Raises:
        DataError: The type has too few values.
    """
    texts = values.dtype in (pl.String, pl.Categorical)
    plain = values.cast(pl.String) if texts else values
    plain = plain.cast(pl.Int64) if isinstance(values.dtype, pl.Decimal) else plain
    rows = pl.DataFrame({"value": plain, "part": parts}).with_row_index("row")
    first = pl.col("part").min().over("value")
    clash = rows.filter(pl.col("value").is_not_null() & (pl.col("part") > first))
    if clash.is_empty():
        return values
    pairs = clash.unique(["part", "value"], keep="first", maintain_order=True)
    if texts:
        pairs = pairs.with_columns(fresh=_texts(plain, pairs["value"], rng))
    else:
        pairs = pairs.with_columns(fresh=_integers(plain, len(pairs), high, rng))
    pairs = pairs.select("part", "value", "fresh")
    clash = clash.join(pairs, on=["part", "value"], how="left", maintain_order="left")
    return plain.clone().scatter(clash["row"], clash["fresh"]).cast(values.dtype)


def _integers(values: pl.Series, count: int, high: int, rng: np.random.Generator) -> pl.Series:
    """Integers that are not among `values`: the next ones, or unused ones where the type ends."""
    used = set(values.drop_nulls().unique().to_list())
    top = max(used)
    if top + count <= high:
        return pl.Series(range(top + 1, top + 1 + count), dtype=values.dtype)
    low = min(min(used), 1)
    if high - low < ENUMERATED:
        free = np.setdiff1d(np.arange(low, high + 1), np.array(sorted(used)))
        if len(free) < count:
            raise DataError(
                f"{count:,} further keys are needed in {values.name or 'a column'!r}, and its type can "
                f"represent {len(free):,}",
                hint="store the key in a wider integer type",
            )
        return pl.Series(rng.permutation(free)[:count].tolist(), dtype=values.dtype)
    fresh: list[int] = []
    wide = np.uint64 if high >= 2**63 else np.int64
    while len(fresh) < count:
        for one in rng.integers(low, high, count, dtype=wide, endpoint=True).tolist():
            if one not in used and len(fresh) < count:
                used.add(one)
                fresh.append(one)
    return pl.Series(fresh, dtype=values.dtype)


def _texts(values: pl.Series, templates: pl.Series, rng: np.random.Generator) -> pl.Series:
    """A text of the form of each template that is not among `values`: digits and letters are replaced,
    if possible by others that occur at their place.
    """
    used = set(values.drop_nulls().unique().to_list())
    seen = _characters(pl.Series(sorted(used)))
    fresh: list[str | None] = [None] * len(templates)
    pending, trial = np.arange(len(templates)), 0
    while len(pending):
        texts = templates[pending].to_list()
        if trial >= 3 * ROUNDS:
            texts = [f"{text}{rng.integers(10)}" for text in texts]
            templates = templates.clone().scatter(pending, pl.Series(texts))
        candidates = _replaced(texts, seen, rng, trial // ROUNDS)
        left = []
        for at, candidate in zip(pending.tolist(), candidates, strict=True):
            if candidate in used:
                left.append(at)
            else:
                used.add(candidate)
                fresh[at] = candidate
        pending, trial = np.array(left, np.int64), trial + 1
    return pl.Series(fresh, dtype=pl.String)


def _characters(texts: pl.Series) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    """The characters of texts, (texts, longest), 0 after their end."""
    array = np.array(texts.to_list(), dtype=np.str_)
    width = array.dtype.itemsize // 4
    return (
        array.view(np.uint32).reshape(len(array), width) if width else np.zeros((0, 0), np.uint32)
    )


def _replaced(
    texts: list[str],
    seen: np.ndarray[tuple[int, ...], np.dtype[np.uint32]],
    rng: np.random.Generator,
    breadth: int,
) -> list[str]:
    """Texts with other digits and letters.

    Args:
        seen: Characters of the existing texts.
        breadth: 0 for characters that occur at their place, 1 for any digit, 2 for any letter as well.
    """
    chars = _characters(pl.Series(texts)).copy()
    letters = {chr(c).lower() for c in np.unique(seen) if c < 128 and chr(c).isalpha()}
    last = "f" if letters <= set("abcdef") else "z"  # hexadecimal digits stay such
    for first, end, free in (("0", "9", 1), ("a", last, 2), ("A", last.upper(), 2)):
        for place in range(chars.shape[1]):
            inside = (chars[:, place] >= ord(first)) & (chars[:, place] <= ord(end))
            if not inside.any():
                continue
            others = np.arange(ord(first), ord(end) + 1, dtype=np.uint32)
            if breadth < free and place < seen.shape[1]:
                others = np.intersect1d(seen[:, place], others)
            if len(others):
                chars[inside, place] = rng.choice(others, int(inside.sum()))
    return [str(text) for text in chars.view(f"<U{chars.shape[1]}").ravel()]
