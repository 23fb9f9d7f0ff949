"""Words of a source for the values of boolean columns: 'yes' for true."""

from __future__ import annotations

from typing import Any

import polars as pl

from artesian.data.inference.parsing import PAIRS

_TRUTH = {word: value for pair in PAIRS for word, value in zip(pair, (True, False), strict=True)}


def truth(word: str) -> bool | None:
    """What a word means in a column of booleans; None if it is no such word.

    >>> truth("Yes"), truth("nein"), truth("maybe")
    (True, False, None)
    """
    return _TRUTH.get(word.lower())


def stored(value: Any, dtype: pl.DataType) -> Any:
    """A literal as it is compared with a column of this type: truth for a word of booleans."""
    if isinstance(value, str) and dtype == pl.Boolean:
        return truth(value)
    return value
