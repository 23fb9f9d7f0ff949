"""Relations between the rows of two tables: the price of a product, the sum of an order's lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from artesian.core.formatting import count, percent
from artesian.core.run import Run
from artesian.data.schema import ForeignKey
from artesian.data.table import Table
from artesian.metrics.common.alignment import parse_values
from artesian.metrics.protocol import Better, NotMeasurable, Result, Spec
from artesian.metrics.relational.alignment import aligned
from artesian.metrics.relational.encoding import EncodedDataset, encode_dataset
from artesian.metrics.relational.protocol import DatasetComparison, RelationalMetric
from artesian.relations.across import Across
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.across import between_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationsBetweenTables(RelationalMetric):
    """Fraction of rows that break a relation with the rows of another table: the largest over all
    relations that hold in the real data across a foreign key.

    It is counted, so its interval is the value itself; the reference is how often holdout rows break
    the relation, or else the real ones.
    """

    spec: ClassVar[Spec] = Spec(
        name="relations_between_tables",
        title="Relations between tables",
        family="validity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: copies, totals and orders in time between tables hold as in the real data",
        source="SQL standard, ISO/IEC 9075-2, assertions",
        every_row=True,
    )

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        data, tables = encode_dataset(datasets), aligned(datasets).tables
        relations = _relations(data, tables["real"])
        if not relations:
            raise NotMeasurable("no relation between two tables holds in the real data")
        against = "holdout" if "holdout" in tables else "real"
        rates = {
            side: {str(one): _broken(one, data, tables, side) for one in relations}
            for side in ("synthetic", against)
        }
        value, reference = (rates[side] for side in ("synthetic", against))
        worst = max(value, key=lambda name: (value[name] - reference[name], name))
        # Real rows of other parents may break a relation as often as it was found to be broken.
        allowed = max(1 - MIN_HOLDS, 2 * reference[worst])
        broken = [n for n in value if value[n] > max(1 - MIN_HOLDS, 2 * reference[n])]
        return Result(
            value=value[worst],
            interval=(value[worst], value[worst]),
            reference=reference[worst],
            reference_interval=(reference[worst], reference[worst]),
            p_value=0.0 if value[worst] > allowed else 1.0,
            parts=value,
            reference_parts=reference,
            explanation=f"{len(broken)} of {count(len(relations), 'relation')} are broken, most "
            f"often {worst!r}, in {percent(value[worst])} of the rows, in real ones in "
            f"{percent(reference[worst])}."
            if broken
            else f"{count(len(relations), 'relation')} between tables hold as in the real data.",
            detail={"worst": worst},
        )


def _relations(data: EncodedDataset, real: Mapping[str, Table]) -> list[Across]:
    linked = {
        name: frozenset(column for key in data.parents_of(name) for column in key.columns)
        for name in real
    }
    relations: list[Across] = []
    for key, links in data.links.items():
        if key.parent == key.child or "real" not in links:
            continue
        both = linked[key.child], linked[key.parent]
        child, parent = real[key.child], real[key.parent]
        relations += between_tables(key, child, parent, links["real"].parent.astype(np.int64), both)
    return relations


def _broken(
    one: Across, data: EncodedDataset, tables: Mapping[str, Mapping[str, Table]], side: str
) -> float:
    """The fraction of the rows that a relation applies to in which it does not hold."""
    child, parent = (_parsed(tables, side, name) for name in (one.key.child, one.key.parent))
    holds = one.holds(child, parent, _parents(data, one.key, side)).drop_nulls()
    return float((~holds).mean() or 0.0) if len(holds) else 0.0  # type: ignore[arg-type]


def _parsed(tables: Mapping[str, Mapping[str, Table]], side: str, name: str) -> pl.DataFrame:
    """The rows of a table in the types of the real ones; of tables that a side lacks, those."""
    real = tables["real"][name].frame
    frame = tables[side][name].frame if name in tables[side] else real
    return frame.select(
        parse_values(frame[column], real[column].dtype)
        for column in real.columns
        if column in frame.columns
    )


def _parents(data: EncodedDataset, key: ForeignKey, side: str) -> np.ndarray:
    return data.links[key][side].parent.astype(np.int64)
