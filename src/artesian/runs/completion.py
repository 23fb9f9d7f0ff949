"""What follows from all rows of a sample: their order, and totals, ranks and references among them."""

from __future__ import annotations

from artesian.core.run import Seed
from artesian.data.table import Table
from artesian.runs.counters import with_composed_keys, with_restarted_numbers
from artesian.runs.group_totals import with_group_totals
from artesian.runs.row_order import in_source_order
from artesian.runs.self_references import with_self_references
from artesian.runs.series_totals import with_series_totals


def completed(sampled: Table, source: Table, train: Table, seed: Seed) -> Table:
    """The sampled rows in the order of the source, with what they say of one another.

    Args:
        source: All rows: in a part of them nothing adds up.
        train: The rows from which values may be learned.
    """
    synthetic = with_restarted_numbers(in_source_order(sampled, source), source)
    synthetic = with_composed_keys(synthetic, source)
    synthetic = with_series_totals(synthetic, source, train)
    synthetic = with_group_totals(synthetic, source)
    return with_self_references(synthetic, source, train, seed)
