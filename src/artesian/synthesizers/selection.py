"""Which method a table gets when none is asked for, and why."""

from __future__ import annotations

from artesian.data.table import Table

SECONDS_PER_ROW_AND_PAIR = 1.5e-6
"""What a fit of `boosted` costs a core for each row and pair of columns, measured on small tables."""

PATIENCE = 30.0
"""CPU-seconds up to which the closer method is taken."""


def choose(table: Table) -> tuple[str, str]:
    """Name of a method in the catalog, and the reason in one clause."""
    columns = len(table.schema)
    cost = SECONDS_PER_ROW_AND_PAIR * len(table) * columns * columns / 2
    if cost <= PATIENCE:
        return "boosted", f"about {max(cost, 1):.0f} CPU-seconds buy the closer of the two methods"
    return "trees", f"the closer method would take about {cost:.0f} CPU-seconds"
