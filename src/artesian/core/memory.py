"""A limit of the memory that one input may take, checked before it is taken.

A file of a few megabytes may unpack to many gigabytes. The limit is half of the memory of this machine
or container; the environment variable ARTESIAN_MAX_MEMORY sets another one.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from artesian.core.errors import DataError, UsageError

VARIABLE = "ARTESIAN_MAX_MEMORY"

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux says how much memory a container may use."""


def max_memory() -> int:
    """Number of bytes that one input may take in memory.

    Raises:
        UsageError: the environment variable is not a size.
    """
    given = os.environ.get(VARIABLE, "")
    return _parsed(given) if given else _total() // 2


def require_memory(size: float, what: str, *, so_far: bool = False) -> None:
    """Refuse an input that would take more than the limit.

    Args:
        size: Number of bytes.
        what: What takes them, such as 'data.xlsx, unpacked,'.
        so_far: Whether `size` is that of the part which has been read, and the whole is larger.

    Raises:
        DataError: `size` is above `max_memory()`.
    """
    limit = max_memory()
    if size > limit:
        hint = f"if you trust the file, set {VARIABLE}={_next(size * (1 + so_far))} and try again"
        if size > _total():  # to raise the limit would exhaust the memory
            hint = (
                f"this machine has {shown_size(_total())}: remove what makes it so large, such as a "
                f"cell far from all others, or read it where {VARIABLE} can be set higher"
            )
        raise DataError(
            f"{what} takes {shown_size(size)} {'or more ' if so_far else ''}of memory, "
            f"and the limit is {shown_size(limit)}",
            hint=hint,
        )


def exceeded(what: str) -> DataError:
    """The error for an input that took more than the limit when it was read.

    Args:
        what: The input, such as 'data.xls'.
    """
    limit = max_memory()
    return DataError(
        f"{what} takes more memory than the limit of {shown_size(limit)}",
        hint=f"if you trust the file, set {VARIABLE}={_next(2 * limit)} and try again",
    )


def shown_size(size: float) -> str:
    """A number of bytes for people.

    >>> shown_size(5 * 2**30), shown_size(300)
    ('5 GB', '300 bytes')
    """
    for unit in ("T", "G", "M", "K"):
        if size >= UNITS[unit]:
            return f"{size / UNITS[unit]:.3g} {unit}B"
    return f"{size:.0f} bytes"


def _next(size: float) -> str:
    """A limit above `size`, as the variable is written."""
    unit = next((u for u in ("T", "G", "M") if size >= UNITS[u]), "M")
    return f"{int(size / UNITS[unit] * 1.1) + 1}{unit}B"


def _parsed(text: str) -> int:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", text, re.IGNORECASE)
    if match is None:
        raise UsageError(f"{VARIABLE} is {text!r}, not a size", hint="write it as 8GB or 500MB")
    return int(float(match[1]) * UNITS[match[2].upper()])


@cache  # it is asked for every batch of a file
def _total() -> int:
    """Memory of this machine or, if it is less, of the container."""
    try:
        sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (AttributeError, ValueError, OSError):  # on Windows
        sizes = [16 * UNITS["G"]]
    for name in CONTAINER:
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text.isdigit():
            sizes.append(int(text))
    return min(sizes)
