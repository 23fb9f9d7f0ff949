"""Keys that the rows of a source violate: repeated keys are refused, orphans become nulls or go."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.synthesizers.relational.plan import parent_rows

ORPHANS = ("null", "drop")
"""What becomes of a row that refers to no row: it gets no parent, or is left out."""


def count_orphans(data: Dataset) -> dict[ForeignKey, int]:
    """Number of rows of each foreign key whose value no parent has.

    Raises:
        DataError: no row of a foreign key refers to a row, or several rows have the same key.
    """
    for key in data.foreign_keys:
        _require_distinct(data, key.parent, key.parent_columns, f" that {key.child} refers to")
    for name, table in data.items():
        _require_distinct(data, name, table.schema.key, "")
    counts = {}
    for key in data.foreign_keys:
        orphans = _orphans(data, key)
        counts[key] = int(orphans.sum())
        present = len(data[key.child]) - _missing(data, key).sum()
        if present and counts[key] == present:
            raise DataError(
                f"no value of {key} occurs in the table it refers to",
                hint="correct the foreign key in dataset.toml and pass it with --schema, or remove it",
            )
    return counts


def _require_distinct(data: Dataset, name: str, columns: tuple[str, ...], role: str) -> None:
    rows = data[name].frame[list(columns)].drop_nulls()
    repeated = rows.height - rows.n_unique() if columns else 0
    if repeated:
        raise DataError(
            f"{name}({', '.join(columns)}) is a key{role}, and {repeated:,} "
            f"row{'s repeat' if repeated > 1 else ' repeats'} the key of another",
            hint="remove the duplicates, or correct the keys in dataset.toml and pass it with --schema",
        )


def without_orphans(data: Dataset) -> Dataset:
    """The rows that refer to rows, in all tables, with what belonged to the others left out, too."""
    while True:
        kept: dict[str, NDArray[np.bool_]] = {}
        for key in data.foreign_keys:
            whole = ~_orphans(data, key)
            kept[key.child] = kept.get(key.child, np.ones(len(whole), bool)) & whole
        if all(rows.all() for rows in kept.values()):
            return data
        data = data.select_rows(kept)


def _missing(data: Dataset, key: ForeignKey) -> NDArray[np.bool_]:
    frame = data[key.child].frame
    return np.asarray(np.any([frame[c].is_null().to_numpy() for c in key.columns], axis=0))


def _orphans(data: Dataset, key: ForeignKey) -> NDArray[np.bool_]:
    return ~_missing(data, key) & (parent_rows(data, key) < 0)


def describe_orphans(counts: Mapping[ForeignKey, int], orphans: str) -> list[str]:
    """One sentence for each foreign key with orphans."""
    fate = {
        "null": "they get none",
        "drop": "they were left out, with all that refers to them",
    }[orphans]
    return [
        f"{count:,} row{'s have' if count > 1 else ' has'} a value of {key} that no parent row has; "
        f"{fate if count > 1 else fate.replace('they get', 'it gets').replace('they were', 'it was')}"
        for key, count in counts.items()
        if count
    ]
