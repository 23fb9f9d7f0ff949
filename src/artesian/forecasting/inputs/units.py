"""Units of the forecast inputs: the value of a quantity in the unit of an input.

A quantity that can be read in two ways is refused, and the error spells out both readings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.quantities import PERIODS_PER_YEAR, Quantity

GROWTH_UNITS = ("x/year", "OOM/year")
AMOUNTS_OF_TEXT = ("tokens", "words")
MIN_TOKENS = 1000.0
"""A bare number below this is more likely a missing multiplier than a number of tokens."""

BYTES = {"bytes": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15}
BYTES |= {"KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40, "PiB": 2.0**50}
_SPELLINGS = {
    "percent": "%", "per cent": "%", "pct": "%",
    "X": "x", "times": "x", "fold": "x", "-fold": "x", "xx": "x", "bp": "bps", "basis points": "bps",
    "oom": "OOM", "ooms": "OOM", "order of magnitude": "OOM", "orders of magnitude": "OOM",
    "token": "tokens", "tok": "tokens", "toks": "tokens", "word": "words", "pass": "epochs",
    "passes": "epochs", "flops": "FLOP", "page": "pages", "byte": "bytes", "epoch": "epochs",
    "image": "images", "flop": "FLOP", "document": "documents", "doc": "documents",
    "docs": "documents", "web page": "web pages", "printed page": "printed pages",
    "month": "months", "mo": "months", "yr": "years", "yrs": "years", "day": "days",
    "kilobyte": "kB", "megabyte": "MB", "gigabyte": "GB", "terabyte": "TB", "petabyte": "PB",
}  # fmt: skip
_SPELLINGS |= {unit.lower(): unit for unit in BYTES}
_SPELLINGS |= {f"{unit.lower()}yte": unit for unit in BYTES if len(unit) == 2}
_SPELLINGS |= {f"{name}s": unit for name, unit in _SPELLINGS.items() if name.endswith("yte")}
_BITS = re.compile(r"[KMGTP]b")
_MULTIPLIER_OR_BYTES = re.compile(r"([KkMGTP]B) (tokens?|words?)")
_NAMES = {"k": "thousand", "K": "thousand", "M": "million", "G": "billion", "T": "trillion"}
_BYTE_NAMES = {"k": "kilo", "K": "kilo", "M": "mega", "G": "giga", "T": "tera", "P": "peta"}

Ratio = Callable[[str], float]
"""Returns the value of an input of group `text`, such as the words per token."""


def spelling(unit: str) -> str:
    """Return the canonical spelling of a unit; unknown units are returned unchanged."""
    unit = re.sub(r"\s+of (?:text|data)$", "", unit).strip()
    unit = re.sub(r"\s+per\s+", "/", unit)
    return unit if unit in BYTES else _SPELLINGS.get(unit.lower(), _SPELLINGS.get(unit, unit))


def convert(quantities: Sequence[Quantity], to: str, ratio: Ratio) -> list[float]:
    """Convert quantities that belong together, such as the ends of an interval.

    Args:
        quantities: One or more quantities.
        to: Target unit.
        ratio: Conversion between amounts of text.

    Raises:
        UsageError: The unit measures something else, or the text can be read in two ways.
    """
    for one in quantities:
        _check_spelling(one)
    quantities = [_in_percent(one) for one in quantities]
    if to in GROWTH_UNITS:
        if not any(one.unit for one in quantities):
            _check_bare_growth(quantities, to)
        return [_growth(one, to) for one in quantities]
    return [_value(one, to, ratio) for one in quantities]


def _in_percent(one: Quantity) -> Quantity:
    """Return basis points as a percentage, other quantities unchanged."""
    if spelling(one.unit) != "bps":
        return one
    return replace(one, number=one.number / 100, unit="%", written="", multiplier="")


def _growth(one: Quantity, to: str) -> float:
    unit = spelling(one.unit)
    if unit == "":
        if not one.period:
            return one.number  # checked to be a factor
        unit = "x"
    if unit not in ("%", "x", "OOM") or one.period not in ("", *PERIODS_PER_YEAR):
        raise UsageError(
            f"the unit is {f'{one.unit}/{one.period}'.rstrip('/')!r}, but must be that of a growth",
            hint="write `5%/year`, `1.05x/year` or `doubling every 9 months`",
        )
    periods = PERIODS_PER_YEAR[one.period or "year"] / one.periods
    if unit == "OOM":
        orders = one.number * periods
        if to == "OOM/year":
            return orders
        factor = 10.0**orders if orders < 300 else math.inf
    else:
        base = 1 + one.number / 100 if unit == "%" else one.number
        if base <= 0:
            raise UsageError(
                f"a growth of {one.text()} is a factor of 0 or less",
                hint="give a larger growth; shrinking to half is `0.5x/year` or `-50%/year`",
            )
        factor = base if periods == 1 else math.exp(min(math.log(base) * periods, 700.0))
    if not 0 < factor < math.inf:
        raise UsageError(
            f"a growth of {one.text()} is too fast or too slow to compute",
            hint="write for example `5%/year`",
        )
    return math.log10(factor) if to == "OOM/year" else factor


def _check_bare_growth(quantities: Sequence[Quantity], to: str) -> None:
    """Raise unless numbers without a unit can only be factors, such as 1.05.

    People write percentages with at most one decimal, so 1.05 is a factor; 1.5 may be either.
    """
    if to == "x/year":
        near_one = all(0.9 < one.number < 1.2 for one in quantities)
        if near_one and any(abs(10 * x.number - round(10 * x.number)) > 1e-9 for x in quantities):
            return
        other = "x"
    else:
        other = "OOM"
    rated = [replace(one, period="") for one in quantities]
    readings = [" to ".join(one.text(unit) for one in rated) for unit in ("%", other)]
    period = quantities[-1].period or "year"
    every = period if quantities[-1].periods == 1 else f"{quantities[-1].periods:g} {period}s"
    rates = [
        "`" + " to ".join(f"{one.text(unit).replace(' ', '')}/{every}" for one in rated) + "`"
        for unit in ("%", other)
    ]
    bare = " to ".join(one.text() for one in quantities)
    extra = ""
    if to == "x/year" and len(quantities) == 1 and quantities[0].number > 0 and every == "year":
        extra = f" ({(quantities[0].number - 1) * 100:+.4g} %)"
    proposals = rates if quantities[0].number > 0 or other == "OOM" else rates[:1]
    raise UsageError(
        f"{bare!r} is ambiguous as a growth: {readings[0]} a {every}, or {readings[1]} a "
        f"{every}{extra}",
        hint=f"write {' or '.join(proposals)}",
    )


def _value(one: Quantity, to: str, ratio: Ratio) -> float:
    unit = spelling(one.unit)
    if one.period:
        unit = (
            f"{unit}/{one.period}" if one.periods == 1 else f"{unit}/{one.periods:g} {one.period}"
        )
    if unit == "":
        _check_bare(one, to)
        return one.number
    if unit == to or (to == "epochs" and unit == "x"):
        return one.number
    if to == "fraction" and one.period and spelling(one.unit) == "%":
        raise UsageError(
            f"{one.text()!r} is ambiguous: a fraction of {one.number:g} %, or a growth of "
            f"{one.number:g} % a {one.period}, which is an input of its own",
            hint=f"write `{one.number:g}%`, and the growth with an input such as "
            "levers.opt_out_growth",
        )
    if unit == "%" and to in ("fraction", "weight"):
        # Division by 100 is correctly rounded, multiplication by 0.01 is not.
        return one.number / 100
    if unit == "%" and to == "x":
        part, more = one.number / 100, 1 + one.number / 100
        raise UsageError(
            f"{one.text()!r} is ambiguous: {part:g}x the value, or {more:g}x ({one.text()} more)",
            hint=f"write `{part:g}x` or `{more:g}x`",
        )
    if unit == "%":
        example = "5B tokens" if to == "tokens" else f"5 {to}"
        raise UsageError(
            f"{one.text()} is a percentage, but the value must be in {to}",
            hint=f"write an amount, such as `{example}`",
        )
    if to in AMOUNTS_OF_TEXT:
        tokens = _tokens(one, unit, ratio)
        if tokens is not None:
            return tokens if to == "tokens" else tokens * ratio("words_per_token")
    if unit in BYTES and to in BYTES:
        return one.number * BYTES[unit] / BYTES[to]
    if (unit, to) == ("web pages", "pages"):
        return one.number
    if (unit, to) in (("years", "months"), ("year", "months")):
        return one.number * 12
    if (unit, to) == ("months", "years"):
        return one.number / 12
    hint = f"give the value in {to}"
    if to == "tokens":
        hint += ", words, bytes (GB, TB), web pages or documents, such as `5B tokens`"
    raise UsageError(f"the unit is {unit!r}, but must be {to!r}", hint=hint)


def _tokens(one: Quantity, unit: str, ratio: Ratio) -> float | None:
    """Convert an amount of text to tokens; None if `unit` does not measure text."""
    if unit == "tokens":
        return one.number
    if unit == "words":
        return one.number / ratio("words_per_token")
    if unit in BYTES:
        return one.number * BYTES[unit] / ratio("bytes_per_token")
    if unit == "documents":
        return one.number * ratio("tokens_per_document")
    if unit == "web pages":
        return one.number * ratio("bytes_per_web_page") / ratio("bytes_per_token")
    if unit == "printed pages":
        return one.number * ratio("words_per_printed_page") / ratio("words_per_token")
    if unit == "pages":
        web = ratio("bytes_per_web_page") / ratio("bytes_per_token")
        printed = ratio("words_per_printed_page") / ratio("words_per_token")
        number = one.text("")
        raise UsageError(
            f"'{number} pages' is ambiguous: web pages of {web:,.0f} tokens, or printed pages of "
            f"{printed:,.0f} tokens",
            hint=f"write `{number} web pages` or `{number} printed pages`",
        )
    return None


def _check_bare(one: Quantity, to: str) -> None:
    """Raise if a number without a unit is implausible for the target unit."""
    if to == "tokens" and 0 < one.number < MIN_TOKENS:
        number = one.written or f"{one.number:g}"
        raise UsageError(
            f"{number!r} is ambiguous: {number} tokens, or a multiplier is missing, as in "
            f"{number} billion tokens",
            hint=f"write `{number} tokens` or `{number} billion tokens`",
        )


def _check_spelling(one: Quantity) -> None:
    """Raise if the unit as written has two readings."""
    number, unit = one.text(""), one.unit
    both = _MULTIPLIER_OR_BYTES.fullmatch(unit)
    if both is not None and both[1][0] in _NAMES:
        letter, noun = both[1][0], both[2]
        raise UsageError(
            f"'{number} {unit}' is ambiguous: {number} {_NAMES[letter]} {noun}, or {number} "
            f"{_BYTE_NAMES[letter]}bytes",
            hint=f"write `{number} {_NAMES[letter]} {noun}` or `{number} {both[1]}`",
        )
    if _BITS.fullmatch(unit):
        size = _BYTE_NAMES[unit[0]]
        raise UsageError(
            f"'{number} {unit}' is ambiguous: {number} {size}bytes, or {number} {size}bits",
            hint=f"write `{number} {unit[0]}B` for bytes",
        )
    if unit == "m" or unit.startswith("m "):
        rest = unit[1:]
        raise UsageError(
            f"'{number}{unit}' is ambiguous: {number} million{rest}, or {number} thousand{rest} "
            "(m as in mille)",
            hint=f"write `{number} million{rest}` or `{number} thousand{rest}`",
        )
    if unit == "FLOPS":
        raise UsageError(
            f"'{number} FLOPS' is ambiguous: {number} FLOP, or {number} FLOP per second",
            hint=f"write `{number} FLOP` for an amount of compute",
        )
