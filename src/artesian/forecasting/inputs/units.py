"""Units of the forecast's inputs, and how a number in one becomes a number in another."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from artesian.core.errors import UsageError

_Conversion: TypeAlias = Callable[[float], float]

# What each unit is in the first of its group; growth is not a factor, so all are functions.
_BYTES = {"bytes": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15}
_GROWTH: dict[str, tuple[_Conversion, _Conversion]] = {
    "x/year": (lambda g: g, lambda g: g),
    "OOM/year": (lambda g: 10.0**g, math.log10),
    "%/year": (lambda g: 1 + g / 100, lambda g: (g - 1) * 100),
}
_ALIASES = {
    "token": "tokens",
    "word": "words",
    "page": "pages",
    "byte": "bytes",
    "epoch": "epochs",
    "image": "images",
    "month": "months",
    "oom/year": "OOM/year",
    "flop": "FLOP",
}


def convert(value: float, unit: str, to: str, *, words_per_token: float) -> float:
    """A number in `unit` as a number in `to`; without a unit it is taken to be in `to`.

    Converts tokens and words, bytes and their multiples, and three ways to tell a yearly growth:
    a factor (x/year), orders of magnitude (OOM/year), per cent (%/year).

    Args:
        value: The number.
        unit: Its unit, may be empty.
        to: The unit wanted.
        words_per_token: How many words make one token.

    Raises:
        UsageError: the units do not measure the same thing, or a growth makes less than nothing.
    """
    unit = _ALIASES.get(unit, unit)
    if unit in ("", to):
        return value
    if {unit, to} == {"tokens", "words"}:
        return value / words_per_token if to == "tokens" else value * words_per_token
    if unit in _BYTES and to in _BYTES:
        return value * _BYTES[unit] / _BYTES[to]
    if unit in _GROWTH and to in _GROWTH:
        factor = _GROWTH[unit][0](value)
        if factor <= 0:
            raise UsageError(f"a growth of {value:g} {unit} leaves nothing", hint="give more")
        return _GROWTH[to][1](factor)
    raise UsageError(f"the unit is {unit!r}, and {to!r} is wanted", hint=f"give it in {to}")
