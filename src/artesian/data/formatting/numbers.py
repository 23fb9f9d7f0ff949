"""Numbers to the text that a value format describes, and back.

>>> dollars = ValueFormat(positive="${}", negative="(${})", thousands=",", decimals=2)
>>> write_numbers(pl.Series([1234.5, -350.0]), dollars).to_list()
['$1,234.50', '($350.00)']
>>> read_numbers(pl.Series(["$1,234.50", "($350.00)", "soon"]), dollars).to_list()
[1234.5, -350.0, None]
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl

from artesian.data.value_format import SLOT, ValueFormat


def write_numbers(
    values: pl.Series, value_format: ValueFormat, *, bare: bool = False, decimal_mark: str = "."
) -> pl.Series:
    """Numbers as text; missing values stay null.

    Args:
        bare: Whole numbers among decimals are written without a point.
        decimal_mark: The decimal mark where the value format names none.
    """
    mark = value_format.decimal_mark or decimal_mark
    if value_format.plain:
        return _marked(_digits(values, value_format, bare), value_format, mark)
    digits = _digits(values.abs(), value_format, bare)
    # A negative number that rounds to zero has no sign.
    zero = ~digits.str.contains("[1-9]")
    below = ((values < 0) & ~zero).fill_null(False)
    text = _marked(digits, value_format, mark)
    before, after = _around(value_format.positive)
    negative = _around(value_format.negative)
    out = (before + text + after).zip_with(~below, negative[0] + text + negative[1])
    if before.startswith("+"):
        out = (before[1:] + text + after).zip_with(zero.fill_null(False), out)
    return out.alias(values.name)


def read_numbers(
    text: pl.Series, value_format: ValueFormat, *, decimal_mark: str = "."
) -> pl.Series:
    """Texts in this format as numbers: integers if the format has no decimals; others are null."""
    mark = value_format.decimal_mark or decimal_mark
    integer = value_format.decimals == 0 and not value_format.exponent
    body = _whole_part(value_format)
    if not integer:
        body += rf"(?:{re.escape(mark)}\d+)?"
    if value_format.exponent:
        body += rf"{value_format.exponent[0]}[+-]?\d+"
    digits = text.str.extract(_capture(value_format.positive, body))
    if value_format.positive.startswith("+"):
        zero = text.str.extract(_capture(value_format.positive[1:], body))
        digits = digits.fill_null(zero.set(zero.str.contains("[1-9]"), None))
    below = text.str.extract(_capture(value_format.negative, body))
    negative = below.is_not_null()
    digits = digits.zip_with(~negative, below)
    if value_format.thousands:
        digits = digits.str.replace_all(value_format.thousands, "", literal=True)
    if mark != ".":
        digits = digits.str.replace(mark, ".", literal=True)
    numbers = digits.cast(pl.Int64 if integer else pl.Float64, strict=False)
    return numbers.zip_with(~negative, -numbers).alias(text.name)


def _whole_part(value_format: ValueFormat) -> str:
    """A regular expression of the digits before the decimal mark."""
    if not value_format.thousands:
        return r"\d+"
    between, size = re.escape(value_format.thousands), value_format.group
    return rf"(?:\d{{1,{size}}}(?:{between}\d{{{size}}})*{between}\d{{3}}|\d{{1,3}})"


def _capture(around: str, body: str) -> str:
    before, after = _around(around)
    return rf"^{re.escape(before)}({body}){re.escape(after)}$"


def _around(template: str) -> tuple[str, str]:
    before, _, after = template.partition(SLOT)
    return before, after


def _digits(values: pl.Series, value_format: ValueFormat, bare: bool) -> pl.Series:
    """The digits, ungrouped, with a point."""
    if value_format.exponent:
        return _each(values, lambda v: _scientific(v, value_format))
    if value_format.significant:
        return _each(values, lambda v: _rounded(v, value_format.significant))
    text = values.cast(pl.String)
    if values.dtype.is_float():
        if value_format.decimals is not None:
            # Decimal prints all digits; numbers that it cannot represent keep their shortest form.
            places = pl.Decimal(38, value_format.decimals)
            text = values.cast(places, strict=False).cast(pl.String).fill_null(text)
        if bare:
            text = text.str.replace(r"\.0+$", "")
    if values.dtype.is_integer() and value_format.decimals and not bare:
        text += "." + "0" * value_format.decimals
    if values.dtype.is_integer() and value_format.width:
        text = text.str.zfill(value_format.width)
    return text


def _each(values: pl.Series, write: Callable[[float], str]) -> pl.Series:
    texts = [None if v is None else write(v) for v in values.to_list()]
    return pl.Series(values.name, texts, dtype=pl.String)


def _scientific(value: float, value_format: ValueFormat) -> str:
    form = value_format.exponent
    if value_format.decimals is None:
        text = np.format_float_scientific(value, trim="-")
    else:
        text = f"{value:.{value_format.decimals}e}"
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    sign = "-" if power < 0 else "+" if "+" in form else ""
    return f"{mantissa}{form[0]}{sign}{abs(power):0{form.count('0')}d}"


def _rounded(value: float, significant: int) -> str:
    if not value:
        return f"{value:.{significant - 1}f}"
    exponent = int(f"{value:.{significant - 1}e}".partition("e")[2])
    places = significant - 1 - exponent
    return f"{round(value, places):.{max(places, 0)}f}"


def _marked(digits: pl.Series, value_format: ValueFormat, mark: str) -> pl.Series:
    """The digits with the marks of thousands and decimals."""
    if not value_format.thousands:
        return digits if mark == "." else digits.str.replace(".", mark, literal=True)
    whole, rest = digits.str.extract(r"^(\d*)"), digits.str.replace(r"^\d*", "")
    # Groups are counted from the right, so the marks are put into the reversed digits.
    between, size = value_format.thousands, value_format.group
    head = whole.str.head(-3).str.reverse()
    head = head.str.replace_all(rf"(\d{{{size}}})", f"${{1}}{between[::-1]}").str.reverse()
    head = head.str.strip_prefix(between) + between
    whole = (head + whole.str.tail(3)).zip_with(whole.str.len_bytes() > 3, whole)
    return whole + rest.str.replace(".", mark, literal=True)
