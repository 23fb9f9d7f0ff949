"""Notations that are refused because they can be read in two ways, such as `5B-8B` or `5B +- 1B`."""

from __future__ import annotations

import re
from dataclasses import replace

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.quantities import DIGITS, NUMBER, Quantity, parse_quantity

HINT = "write a number, an interval such as 0.1..0.4@90 or 5B to 8B, or a call such as beta(2, 8)"
_HYPHEN_RANGE = re.compile(rf"(?P<low>{NUMBER}[^-+]*?)\s*-\s*(?P<high>{DIGITS}[^-+]*)")
_BRACKETS = re.compile(r"[\[(]\s*(?P<low>[^,\[(]+?)\s*,\s*(?P<high>[^\])]+?)\s*[\])]")
_PLUS_MINUS = re.compile(r"(?P<mean>.+?)\s*\+-\s*(?P<width>.+)")
_VAGUE = re.compile(
    r"(?:(?:~|<|>|<=|>=|about|around|approximately|approx\.?|circa|ca\.?|at least|at most|over|under"
    r"|up to|more than|less than)\s*)(?P<number>\S.*)|(?P<open>.*[^+\s])\s*\+"
)


def not_a_quantity(text: str, written: str) -> UsageError:
    """Build the error of a text that is no quantity; common notations get both readings.

    Args:
        text: Part of an input that is no quantity.
        written: The whole input, to quote.
    """
    plus_minus = _PLUS_MINUS.fullmatch(text)
    if plus_minus is not None:
        mean, width = (parse_quantity(part) for part in plus_minus.groups())
        if mean is not None and width is not None:
            return _plus_minus(mean, width, written)
    brackets = _BRACKETS.fullmatch(text)
    if brackets is not None:
        low, high = brackets.groups()
        return UsageError(
            f"{written!r} does not state a distribution: {low} to {high} with a probability of 90 %, "
            "or any value in between with the same probability",
            hint=f"write `{low} to {high}` or `uniform({low}, {high})`",
        )
    hyphen = _HYPHEN_RANGE.fullmatch(text)
    if hyphen is not None:
        return _hyphen(hyphen["low"], hyphen["high"], written)
    vague = _VAGUE.fullmatch(text)
    quantity = parse_quantity(vague["number"] or vague["open"]) if vague is not None else None
    if quantity is not None and quantity.number > 0:
        low, high = (
            replace(quantity, number=quantity.number * factor, written="", multiplier="")
            for factor in (0.8, 1.25)
        )
        return UsageError(
            f"{written!r} does not state how uncertain it is: exactly {quantity.text()}, or a "
            f"range, such as {low.text()} to {high.text()}",
            hint=f"write `{quantity.text()}` or `{low.text()} to {high.text()}`",
        )
    return UsageError(f"{written!r} is not a number or an interval", hint=HINT)


def is_vague(text: str) -> bool:
    """Whether a text states a bound or an approximate value, such as `up to 5B`."""
    return _VAGUE.fullmatch(text) is not None


def _hyphen(low: str, high: str, written: str) -> UsageError:
    """Build the error of `5B-8B`; the multiplier and the unit of the second end belong to both."""
    one, two = parse_quantity(low), parse_quantity(high)
    shared = low
    if one is not None and two is not None and not one.has_unit:
        unit = two.multiplier if one.multiplier == "" else ""
        space = " " if len(unit) > 2 else ""
        shared = f"{low}{space}{unit}{'%' if two.unit == '%' else ''}"
    extra = f", or {low} to {high}" if shared != low and two is not None and two.multiplier else ""
    return UsageError(
        f"{written!r} is not a number: the hyphen may be a range, {shared} to {high}{extra}, or a "
        "difference",
        hint=f"write `{shared} to {high}`",
    )


def _plus_minus(mean: Quantity, width: Quantity, written: str) -> UsageError:
    relative = width.unit == "%" and (mean.multiplier != "" or mean.unit not in ("", "%"))
    if width.has_unit and not mean.has_unit and not relative:
        mean = mean.with_unit_of(width)
    half = mean.number * width.number / 100 if relative else width.number
    low, high, deviation = (
        replace(mean, number=number, written="", multiplier="")
        for number in (mean.number - half, mean.number + half, half)
    )
    return UsageError(
        f"{written!r} is ambiguous: plus or minus one standard deviation, or the half-width "
        "of an interval",
        hint=f"write `normal(mean={mean.text()}, sd={deviation.text()})` or "
        f"`normal({low.text()} to {high.text()})`",
    )
