"""A limit of the number of columns of one table, checked before they are examined.

Every column takes its time, and every pair of columns may have a relation. A damaged file may seem to
have thousands of columns. The environment variable ARTESIAN_MAX_COLUMNS sets another limit.
"""

from __future__ import annotations

import os

from artesian.core.errors import DataError, UsageError

VARIABLE = "ARTESIAN_MAX_COLUMNS"

MAX_COLUMNS = 2_000
"""Number of columns that a table may have unless the variable says otherwise: half a minute of work."""


def max_columns() -> int:
    """Number of columns that one table may have.

    Raises:
        UsageError: the environment variable is not a number of columns.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        return MAX_COLUMNS
    if not (given.isascii() and given.isdigit() and 0 < len(given) < 10 and int(given)):
        raise UsageError(
            f"{VARIABLE} is {given!r}, not a number of columns", hint="write it as 20000"
        )
    return int(given)


def require_columns(columns: int, name: str) -> None:
    """Refuse a table with more columns than the limit.

    Args:
        name: The table.

    Raises:
        DataError: it has more than `max_columns()`.
    """
    limit = max_columns()
    if columns > limit:
        raise DataError(
            f"{name!r} has {columns:,} columns, and the limit is {limit:,}",
            hint="keep the columns that are needed, or set "
            f"{VARIABLE}={columns} if it really has so many and the time does not matter",
        )
