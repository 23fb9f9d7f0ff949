"""Columns that are near to another one: in a wide table those that belong together are.

What compares every column with every other one takes hours in a table of thousands of columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

MAX_NEAR = 128
"""Number of columns with which one is compared; all of a table that has no more."""


def nearest(columns: Sequence[Item], at: int, limit: int = MAX_NEAR) -> Sequence[Item]:
    """At most `limit` of the columns, around position `at`, in their order.

    >>> nearest("abcdefgh", 6, 4)
    'efgh'
    """
    start = max(min(at - limit // 2, len(columns) - limit), 0)
    return columns[start : start + limit]
