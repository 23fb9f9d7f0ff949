"""The words of a column's name."""

from __future__ import annotations

import re


def split_name(name: str) -> list[str]:
    """The words of a column's name, lower case: the same for 'PassengerId' and 'passenger_id'."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return [part.lower() for part in parts]
