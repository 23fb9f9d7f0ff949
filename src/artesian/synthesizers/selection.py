"""The choice of a method for a table when the user names none; never a control."""

from __future__ import annotations

from artesian.data.table import Table

SECONDS_PER_ROW_AND_PAIR = 1.5e-6
"""Cost of fitting `boosted`, in CPU-seconds per row and pair of columns, measured on small tables."""

MAX_CPU_SECONDS = 30.0
"""Estimated cost up to which the method of higher fidelity is chosen."""


def choose(table: Table) -> tuple[str, str]:
    """Name of a method in the catalog, and the reason for its choice."""
    columns = len(table.schema)
    cost = SECONDS_PER_ROW_AND_PAIR * len(table) * columns * columns / 2
    if cost <= MAX_CPU_SECONDS:
        return "boosted", f"higher fidelity at an estimated {max(cost, 1):.0f} CPU-seconds"
    return "trees", f"the method of higher fidelity would take an estimated {cost:.0f} CPU-seconds"
