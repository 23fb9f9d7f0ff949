"""Units of the forecast inputs and conversion between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from artesian.core.errors import UsageError

_Conversion: TypeAlias = Callable[[float], float]

# Each unit in the first unit of its group. OOM and per cent growth are not proportional to a
# factor, so growth units convert by functions.
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
    """Convert `value` from `unit` to `to`. An empty unit means the value is already in `to`.

    Supported are tokens and words, bytes and their multiples, and three notations of yearly growth: a
    factor (x/year), orders of magnitude (OOM/year) and per cent (%/year).

    Args:
        value: Number to convert.
        unit: Unit of `value`, may be empty.
        to: Target unit.
        words_per_token: Ratio of words to tokens.

    Raises:
        UsageError: The units measure different quantities, or the growth factor is not positive.
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
            raise UsageError(
                f"a growth of {value:g} {unit} is a factor of 0 or less",
                hint="give a larger growth; shrinking to half is 0.5 x/year",
            )
        return _GROWTH[to][1](factor)
    raise UsageError(f"the unit is {unit!r}, but must be {to!r}", hint=f"give the value in {to}")
