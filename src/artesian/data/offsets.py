"""Time zones with a fixed offset from UTC, which polars knows by names only."""

from __future__ import annotations

import re

FIXED = {
    "+0330": "Asia/Tehran",
    "+0430": "Asia/Kabul",
    "+0530": "Asia/Kolkata",
    "+0545": "Asia/Kathmandu",
    "+0630": "Asia/Yangon",
    "+0845": "Australia/Eucla",
    "+0930": "Australia/Darwin",
    "-0930": "Pacific/Marquesas",
}
"""Zones with an offset that is no whole hour."""


def zone_of_offset(offset: str) -> str:
    """The name of a zone with an offset such as '+05:30' or '-0300'; '' if there is none.

    >>> zone_of_offset("+05:30"), zone_of_offset("-03:00"), zone_of_offset("+00:07")
    ('Asia/Kolkata', 'Etc/GMT+3', '')
    """
    digits = offset.replace(":", "")
    if not re.fullmatch(r"[+-]\d{4}", digits):
        return ""
    if digits[1:] == "0000":
        return "UTC"
    hours = int(digits[1:3])
    if digits[3:] != "00" or hours > 12:
        return FIXED.get(digits, "")
    # The names of fixed zones count westward, so their sign is reversed.
    return f"Etc/GMT{'-' if digits[0] == '+' else '+'}{hours}"
