"""Align synthetic datasets with the real one: tables, columns, types; what differs is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.data.table import Table
from artesian.metrics.common.alignment import align
from artesian.metrics.protocol import Mismatches
from artesian.metrics.relational.protocol import DatasetComparison

MIN_TABLES = 0.5
"""Minimum fraction of the real tables that the synthetic data have; others are another dataset."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """The tables that both datasets have, with the columns that can be compared.

    Attributes:
        tables: Side ('real', 'synthetic', 'holdout' if there is one) -> table -> rows.
        foreign_keys: The real foreign keys whose tables and columns the synthetic data have.
        lost_keys: The other real foreign keys.
        missing_tables: Tables that the synthetic data lack.
        surplus_tables: Tables that the real data lack.
        mismatches: Table -> what differs, of tables in which something does.
    """

    tables: Mapping[str, Mapping[str, Table]]
    foreign_keys: tuple[ForeignKey, ...]
    lost_keys: tuple[ForeignKey, ...]
    missing_tables: tuple[str, ...]
    surplus_tables: tuple[str, ...]
    mismatches: Mapping[str, Mismatches]


def aligned(datasets: DatasetComparison) -> Aligned:
    """Align the datasets; cached per comparison.

    Raises:
        SchemaError: the synthetic data lack most tables, or most columns of a table, or the holdout
            lacks a table or a column.
    """
    return datasets.cached(("aligned",), lambda: _aligned(datasets))


def _aligned(datasets: DatasetComparison) -> Aligned:
    real, synthetic, holdout = datasets.real, datasets.synthetic, datasets.holdout
    if len(real) == 1 and len(synthetic) == 1 and list(real) != list(synthetic):
        only = next(iter(synthetic.tables.values()))
        synthetic = Dataset({next(iter(real)): only}, (), synthetic.origin)
    missing = tuple(name for name in real if name not in synthetic)
    surplus = tuple(name for name in synthetic if name not in real)
    if len(missing) > MIN_TABLES * len(real):
        raise SchemaError(
            f"the synthetic data have {len(real) - len(missing)} of the {len(real)} tables of the "
            f"real data; they lack {_listed(missing)}",
            hint=did_you_mean(missing[0], synthetic),
        )
    tables: dict[str, dict[str, Table]] = {"real": {}, "synthetic": {}}
    mismatches: dict[str, Mismatches] = {}
    for name, table in real.items():
        if name in missing:
            continue
        other, differs = align(
            table,
            synthetic[name],
            f"the table {name!r} of the synthetic data",
            datasets.unreadable.get(name),
        )
        names = other.schema.names
        tables["real"][name] = table if names == table.schema.names else table.select(names)
        tables["synthetic"][name] = other
        if holdout is not None:
            tables.setdefault("holdout", {})[name] = _of_holdout(holdout, name, table).select(names)
        if differs.missing or differs.surplus or differs.unreadable or differs.unscored:
            mismatches[name] = differs
    kept = tuple(key for key in real.foreign_keys if _has_columns(key, tables["synthetic"]))
    return Aligned(
        tables,
        kept,
        tuple(key for key in real.foreign_keys if key not in kept),
        missing,
        surplus,
        mismatches,
    )


def _of_holdout(holdout: Dataset, name: str, real: Table) -> Table:
    if name not in holdout:
        raise SchemaError(
            f"the holdout lacks the table {name!r}",
            hint="give real data with the same tables as the holdout",
        )
    table, differs = align(real, holdout[name], f"the table {name!r} of the holdout")
    if differs.missing or differs.unscored:
        lost = [*differs.missing, *differs.unscored]
        raise SchemaError(
            f"the table {name!r} of the holdout lacks values of {_listed(lost)}",
            hint="give real data with the same columns as the holdout",
        )
    return table


def _has_columns(key: ForeignKey, tables: Mapping[str, Table]) -> bool:
    return all(
        name in tables and set(columns) <= set(tables[name].schema.names)
        for name, columns in ((key.child, key.columns), (key.parent, key.parent_columns))
    )


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")
