"""Decide whether a point groups thousands, as in 5.545 kWh, by the other columns of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from artesian.data.inference.numbers import parse_formatted_number
from artesian.data.inference.parsed import ParsedColumn
from artesian.data.readers.raw import Raw

GROUP = 3
"""Number of digits behind a mark of thousands."""


def grouped_thousands(raw: Raw, parsed: Mapping[str, ParsedColumn]) -> dict[str, ParsedColumn]:
    """Formatted numbers whose points group thousands, where another column has decimal commas."""
    commas = [n for n, one in parsed.items() if one.value_format.decimal_mark == ","]
    if not commas:
        return {}
    out: dict[str, ParsedColumn] = {}
    for name, one in parsed.items():
        form = one.value_format
        point = not form.decimal_mark and not form.thousands and form.decimals == GROUP
        if not point or form.plain or not one.series.dtype.is_numeric():
            continue
        whole = replace(form, thousands=".", decimals=0)
        text = raw.frame[name]
        sample = text.drop_nulls().to_list()
        again = parse_formatted_number(text, sample, ".", form.missing or None, whole)
        if again is not None:
            out[name] = replace(
                again, ending=f"{again.ending}, as decimals of {commas[0]!r} have a comma"
            )
    return out
