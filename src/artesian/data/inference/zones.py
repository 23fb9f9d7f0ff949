"""Offsets of times written as text: the zone that has them, so that local times are kept."""

from __future__ import annotations

import re

import polars as pl

from artesian.data.formatting.times import read_times, write_times
from artesian.data.offsets import zone_of_offset

SEASONAL = (
    *("Europe/Berlin", "Europe/London", "Europe/Helsinki", "Europe/Lisbon", "Europe/Moscow"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Anchorage", "America/Halifax", "America/St_Johns", "America/Sao_Paulo"),
    *("America/Santiago", "America/Mexico_City", "America/Toronto", "Africa/Cairo"),
    *("Asia/Jerusalem", "Asia/Tehran", "Australia/Sydney", "Australia/Adelaide"),
    *("Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Asia/Amman"),
)
"""Zones with summer time, one of each set of rules."""


def zoned(
    instants: pl.Series, text: pl.Series, pattern: str, zones: set[str]
) -> tuple[pl.Series, str] | None:
    """Times in the zone they were written in, and their pattern; None if no zone has all offsets.

    Args:
        instants: The times in UTC.
        text: The texts of the instants.
        pattern: The pattern with %#z for the offset.
        zones: The offsets that occur.
    """
    if zones == {"Z"}:
        return instants, pattern.replace("%#z", "Z")
    pattern = pattern.replace("%#z", "%:z" if any(":" in z for z in zones) else "%z")
    offsets = {zone.replace(":", "").replace("Z", "+0000") for zone in zones}
    names: tuple[str, ...] = SEASONAL
    if len(offsets) == 1:
        offset = next(iter(offsets))
        if offset[1:] == "0000":
            return instants, pattern
        names = tuple(filter(None, (zone_of_offset(offset),)))
    for name in names:
        local = instants.dt.convert_time_zone(name)
        for part in (_some(len(text)), slice(None)):
            if not _same(local[part], text[part], pattern):
                break
        else:
            return local, pattern
    if len(zones) > 1:
        return None
    # Nothing is known of the zone but its offset, so the local time is kept beside it.
    literal = re.sub("%:?z", next(iter(zones)), pattern)
    local_times = read_times(text, literal)
    return None if local_times is None else (local_times, literal)


def _some(rows: int) -> slice:
    return slice(None, None, max(1, rows // 1000))


def _same(local: pl.Series, text: pl.Series, pattern: str) -> bool:
    """Whether the offsets are those of the texts, as far as both are times."""
    ends = re.compile(r"%:?z$").search(pattern)
    if ends is None:
        return False
    frame = pl.DataFrame(
        {"text": text.str.replace(r"Z$", "+00:00"), "zone": write_times(local, ends[0])}
    )
    same = frame.select(pl.col("text").str.ends_with(pl.col("zone")))
    return bool(same.to_series().fill_null(True).all())
