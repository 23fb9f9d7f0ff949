"""Arguments of a call such as `normal(mean=5%, sd=1%)`, and numbers without a unit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.quantities import Quantity, normalise, parse_quantity
from artesian.forecasting.inputs.refused_notations import HINT


def split_arguments(text: str) -> list[str]:
    """Split at commas outside brackets that do not separate thousands.

    >>> split_arguments("400,000 to 5M, uniform(1, 2)")
    ['400,000 to 5M', 'uniform(1, 2)']
    """
    parts, depth = [""], 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        groups = (
            re.match(r",\d{3}(?!\d)", text[position:]) and text[position - 1 : position].isdigit()
        )
        if letter == "," and depth == 0 and not groups:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def split_equals(text: str) -> tuple[str, str]:
    """Split 'mean=5%' into 'mean' and '5%'."""
    key, _, value = text.partition("=")
    return key.strip().lower(), value.strip()


def plain_number(text: str) -> float:
    """Parse a number without a unit; a percentage is a fraction."""
    quantity = parse_quantity(normalise(text))
    if quantity is None:
        raise UsageError(f"{text!r} is not a number", hint=HINT)
    return without_unit([quantity])[0]


def without_unit(quantities: Sequence[Quantity]) -> list[float]:
    """Return numbers without a unit; a percentage is a fraction.

    Raises:
        UsageError: A unit is given.
    """
    for one in quantities:
        if one.unit not in ("", "%") or one.period:
            raise UsageError(
                f"{one.text()!r} has the unit {one.unit or one.period!r}, but no unit is allowed here",
                hint="omit the unit",
            )
    return [one.number / 100 if one.unit == "%" else one.number for one in quantities]
