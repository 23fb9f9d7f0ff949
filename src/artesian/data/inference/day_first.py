"""Decide between day and month of ambiguous dates by the other columns of the table."""

from __future__ import annotations

from collections.abc import Mapping

from artesian.data.inference.datetimes import is_day_first
from artesian.data.inference.parsed import ParsedColumn


def swapped_dates(parsed: Mapping[str, ParsedColumn], decimal: str) -> dict[str, str]:
    """The columns of ambiguous dates that are to be read the other way -> the reason.

    They follow the columns whose dates have one reading, if these agree. Without any, the day comes
    first where decimals are written with a comma: no country does that and puts the month first.

    Args:
        decimal: The decimal mark of the file.
    """
    patterns = {n: one.value_format.pattern or "" for n, one in parsed.items()}
    order = {n: is_day_first(pattern) for n, pattern in patterns.items()}
    clear = [n for n, one in parsed.items() if order[n] is not None and not one.swapped]
    wanted, why = None, ""
    if clear and len({order[n] for n in clear}) == 1:
        wanted, why = order[clear[0]], f"as in {clear[0]!r}"
    elif not clear:
        marks = {one.value_format.decimal_mark for one in parsed.values()}
        if "," in (decimal, *marks):
            wanted, why = True, "as decimals have a comma"
    return {
        name: f"the {'day' if wanted else 'month'} first, {why}"
        for name, one in parsed.items()
        if one.swapped and wanted is not None and order[name] != wanted
    }
