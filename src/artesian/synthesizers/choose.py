"""Which method a table gets when none is asked for, and why."""

from __future__ import annotations

from artesian.data.table import Table

PATIENT_CELLS = 1_000_000
"""Below this many cells the patient method still answers within seconds."""


def choose(table: Table) -> tuple[str, str]:
    """Name of a method in the catalog, and the reason in one clause."""
    cells = len(table) * len(table.schema)
    if cells <= PATIENT_CELLS:
        return "boosted", f"{cells:,} cells are few enough for the more useful method"
    return "trees", f"{cells:,} cells call for the faster method"
