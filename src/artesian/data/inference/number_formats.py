"""Infer how numbers are written: currency, unit, thousands, decimal mark, sign, exponent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from artesian.data.formatting.numbers import read_numbers, write_numbers
from artesian.data.inference.parsed import MISFITS
from artesian.data.inference.units import is_counted_thing, is_prefix, is_suffix
from artesian.data.value_format import MAX_DECIMALS, SLOT, ValueFormat

SAME_FORM = 0.9
"""Fraction of the distinct values of a sample that fit the format of a column of numbers."""

SPACES = " \u00a0\u202f\u2009"
_CORE = re.compile(rf"\d+(?:[.,'’{SPACES}]\d+)*(?:[eE][+-]?\d+)?")
_EXPONENT = re.compile(r"[+-]?\d(?:[.,]\d+)?([eE])([+-]?)(\d+)")
_MINUS = "-−–"
MAX_DIGITS = 8
"""Maximum number of significant digits; shortest texts of floats have about 16."""

_THINGS = 10
"""Minimum number of distinct counts of a thing that is no known unit."""


def infer_number_format(sample: Sequence[str], decimal_mark: str = ".") -> ValueFormat | None:
    """The format of numbers that nearly all of the distinct values of `sample` have, else None."""
    split = [parts for value in sample if (parts := _split(value)) is not None]
    if not split or len(split) < SAME_FORM * len(sample):
        return None
    around = _around(Counter(template for template, _ in split), len(sample), len(split))
    if around is None:
        return None
    positive, negative = around
    cores = [core for template, core in split if template in around or template == positive[1:]]
    marked = _exponent(cores) or _marks(cores, decimal_mark)
    if marked is None:
        return None
    if _may_be_code(positive) and len(cores) <= _THINGS and marked == ValueFormat(decimals=0):
        return None
    signed = all(template != positive for template, _ in split)
    if signed and _is_numbered(negative) and marked == ValueFormat(decimals=0):
        return None
    value_format = replace(marked, positive=positive, negative=negative)
    return _digits(value_format, pl.Series(list(sample)), cores, decimal_mark)


def _split(value: str) -> tuple[str, str] | None:
    """The text around the first number of `value`, and the number."""
    match = _CORE.search(value)
    if match is None or SLOT in value:
        return None
    before, after = value[: match.start()], value[match.end() :]
    if re.search(r"\d", after) and not is_suffix(after):
        return None
    return f"{before}{SLOT}{after}", match.group()


def _around(counts: Counter[str], distinct: int, numbers: int) -> tuple[str, str] | None:
    """The text around positive and around negative numbers."""
    best: tuple[int, str, str] | None = None
    for template, count in counts.items():
        unsigned = _unsigned(template)
        if unsigned == template:
            others = [(counts[t], t) for t in counts if t != template and _unsigned(t) == template]
            more, negative = max(others, default=(0, "-" + template))
            if template.startswith("+"):  # zero has no sign
                more += counts[template[1:]]
                signed = "-" + template[1:]
                more, negative = more + counts[signed], signed
            counted = (count + more, template, negative)
        else:
            counted = (count + counts[unsigned], unsigned, template)
        if best is None or counted > best:
            best = counted
    if best is None or best[0] < SAME_FORM * distinct:
        return None
    _, positive, negative = best
    before, _, after = positive.partition(SLOT)
    thing = is_counted_thing(after) and numbers > _THINGS
    if not is_prefix(before) or not (is_suffix(after) or thing):
        return None
    return positive, negative


def _unsigned(template: str) -> str:
    """The template without the sign of a negative number."""
    before, _, after = template.partition(SLOT)
    if "(" in before and ")" in after:
        before, after = before.replace("(", "", 1), after.replace(")", "", 1)
    elif any(minus in before for minus in _MINUS):
        before = re.sub(rf"[{_MINUS}] ?", "", before, count=1)
    elif after.rstrip()[-1:] in _MINUS and after.strip():
        after = re.sub(rf" ?[{_MINUS}]", "", after, count=1)
    return f"{before}{SLOT}{after}"


def _may_be_code(template: str) -> bool:
    """Whether a letter is joined to the digits, as in '12A': a unit, or a code."""
    return re.search(r"[A-Za-z]\{|\}[A-Za-z](?![A-Za-z])", template) is not None


def _is_numbered(template: str) -> bool:
    """Whether letters and a hyphen are joined to the digits, as in 'L-20011'."""
    return re.match(rf"[^\W\d_]+[{_MINUS}]{re.escape(SLOT)}", template) is not None


def _exponent(cores: list[str]) -> ValueFormat | None:
    """The format of scientific notation, if nearly all numbers have it."""
    matches = [match for core in cores if (match := _EXPONENT.fullmatch(core)) is not None]
    # '1E5' is a code: programs write a point or the sign of the exponent.
    if len(matches) < SAME_FORM * len(cores) or not any("." in c or "+" in c for c in cores):
        return None
    sign = "+" if any(match[2] == "+" for match in matches) else ""
    width = min(len(match[3]) for match in matches)
    return ValueFormat(exponent=matches[0][1] + sign + "0" * width)


def _marks(cores: list[str], decimal_mark: str) -> ValueFormat | None:
    """The marks of thousands and decimals with which nearly all numbers can be read."""
    used = {c for core in cores for c in core if not c.isdigit()}
    if used & {"e", "E"} or len(used) > 2:
        return None
    options = [
        ("", ""),
        *((mark, "") for mark in used),
        *(("", mark) for mark in used & {".", ","}),
    ]
    options += [(a, b) for a in used for b in used & {".", ","} if a != b]
    best: tuple[float, ValueFormat] | None = None
    for thousands, mark in options:
        if {thousands, mark} - {""} != used or any(
            c.startswith("0" + thousands) for c in cores if thousands
        ):
            continue
        for group in (3, 2) if thousands == "," else (3,):
            form = ValueFormat(thousands=thousands, decimal_mark=mark or ".", group=group)
            form = form if mark else replace(form, decimals=0)
            fit = read_numbers(pl.Series(cores), form).count() / len(cores)
            # A mark with three digits behind it means thousands, unless it is the decimal mark
            # of the file or a zero is before it.
            usual = 0.001 * (mark == decimal_mark) - 0.0005 * (group == 2)
            if mark and thousands == "" and mark != decimal_mark:
                usual -= 0.0005
            if best is None or fit + usual > best[0]:
                best = (fit + usual, form)
    if best is None or best[0] < SAME_FORM or any(re.match(r"0\d", core) for core in cores):
        return None
    form = best[1]
    return replace(form, decimal_mark="") if form.decimal_mark == decimal_mark else form


def _digits(
    form: ValueFormat, sample: pl.Series, cores: list[str], decimal_mark: str
) -> ValueFormat:
    """The format with the number of decimals or of significant digits that reproduces the sample."""
    if form.decimals == 0:
        return form
    mark = form.decimal_mark or decimal_mark
    tails = [re.split("[eE]", core)[0].partition(mark)[2] for core in cores]
    usual = constant_decimals(tails)
    if usual is not None and usual <= MAX_DECIMALS:
        return replace(form, decimals=usual)
    digits = significant_digits(cores)
    if form.exponent or not digits:
        return form
    exact = replace(form, significant=digits)
    return exact if _reproduced(sample, exact, mark) >= _reproduced(sample, form, mark) else form


def constant_decimals(tails: Sequence[str]) -> int | None:
    """The number of decimals of nearly all numbers; of whole numbers without any if zeros end others.

    >>> constant_decimals(["17", "40", "", ""]), constant_decimals(["17", "4", "", ""])
    (2, None)

    Args:
        tails: The digits behind the decimal mark of each.
    """
    usual, count = Counter(map(len, tails)).most_common(1)[0]
    some = [tail for tail in tails if tail]
    if count >= (SAME_FORM if usual else 1 - MISFITS) * len(tails):
        return usual
    usual, count = Counter(map(len, some)).most_common(1)[0]
    zeros = sum(tail.endswith("0") and bool(tail.strip("0")) for tail in some)
    return usual if count >= SAME_FORM * len(some) and zeros else None


def significant_digits(numbers: Sequence[str]) -> int:
    """The number of digits, from the first one that is not zero, of nearly all; 0 if it varies."""
    figures = Counter(len(re.sub(r"\D", "", number).lstrip("0")) for number in numbers)
    digits, count = figures.most_common(1)[0]
    return digits if count >= SAME_FORM * len(numbers) and 2 <= digits <= MAX_DIGITS else 0


def _reproduced(sample: pl.Series, form: ValueFormat, mark: str) -> int:
    read = read_numbers(sample, form, decimal_mark=mark)
    return int((write_numbers(read, form, bare=True, decimal_mark=mark) == sample).sum())
