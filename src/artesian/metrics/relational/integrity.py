"""Referential integrity: keys that refer to no row, and keys that several rows have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import count, percent
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.metrics.protocol import Better, Result, Spec
from artesian.metrics.relational.alignment import aligned
from artesian.metrics.relational.encoding import encode_dataset
from artesian.metrics.relational.protocol import DatasetComparison, RelationalMetric


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferentialIntegrity(RelationalMetric):
    """Fraction of rows with a key that refers to no row, is missing although the real one never
    is, or is that of another row: the largest over all foreign keys and keys.

    It is counted, not estimated, so its interval is the value itself. Orphans and duplicates of the
    real data are the reference.
    """

    spec: ClassVar[Spec] = Spec(
        name="referential_integrity",
        title="Referential integrity",
        family="validity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: every foreign key refers to a row, and no key has duplicates",
        source="SQL standard, ISO/IEC 9075-2, referential constraints",
        every_row=True,
    )

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        encoded, tables = encode_dataset(datasets), aligned(datasets).tables
        rates: dict[str, tuple[float, float]] = {}
        sentences: dict[str, str] = {}
        details = {}
        for key, links in encoded.links.items():
            rates[str(key)], details[str(key)] = _broken(
                {side: (links[side].parent, links[side].orphans) for side in ("real", "synthetic")}
            )
            one = details[str(key)]
            sentences[str(key)] = (
                f"{count(one['orphans'], 'row')} of {key.child!r} refer to no row of {key.parent!r}"
                if one["orphans"]
                else f"{count(one['missing'], 'key')} of {key} are missing"
            )
        for name, table in tables["synthetic"].items():
            columns = table.schema.key
            if columns and set(columns) <= set(tables["real"][name].schema.names):
                label = f"key of {name}"
                duplicates = {
                    side: _duplicates(tables[side][name]) for side in ("real", "synthetic")
                }
                rates[label] = tuple(  # type: ignore[assignment]
                    duplicates[side] / max(1, len(tables[side][name]))
                    for side in ("real", "synthetic")
                )
                details[label] = {
                    "duplicates": duplicates["synthetic"],
                    "real_duplicates": duplicates["real"],
                }
                sentences[label] = (
                    f"{count(duplicates['synthetic'], 'row')} of {name!r} have the key of another row"
                )
        if not rates:
            return Result(
                value=0.0,
                interval=(0.0, 0.0),
                reference=0.0,
                explanation="There are no keys that could be broken.",
            )
        worst = max(rates, key=lambda name: rates[name][1] - rates[name][0])
        reference, value = rates[worst]
        broken = [name for name, (real, synthetic) in rates.items() if synthetic > real]
        explanation = (
            f"All {count(len(encoded.links), 'foreign key')} refer to existing rows, and no key "
            "has duplicates."
        )
        if broken:
            listed = "; ".join(sentences[name] for name in broken[:5])
            explanation = f"{listed} (at most {percent(value)} of the rows of a table)."
        elif value > 0:
            explanation = f"No more keys are broken than in the real data ({percent(value)})."
        return Result(
            value=value,
            interval=(value, value),
            reference=reference,
            reference_interval=(reference, reference),
            p_value=0.0 if broken else 1.0,
            parts={name: synthetic for name, (_, synthetic) in rates.items()},
            reference_parts={name: real for name, (real, _) in rates.items()},
            explanation=explanation,
            detail={"parts": details},
        )


def _broken(
    sides: dict[str, tuple[np.ndarray, np.ndarray]],
) -> tuple[tuple[float, float], dict[str, int]]:
    """Rates of broken keys of the real and the synthetic side, and the counts of the latter."""
    optional = bool(((sides["real"][0] < 0) & ~sides["real"][1]).any())
    rates = []
    for parent, orphans in sides.values():
        missing = (parent < 0) & ~orphans
        bad = orphans if optional else orphans | missing
        rates.append(float(bad.mean()) if len(bad) else 0.0)
    parent, orphans = sides["synthetic"]
    counts = {
        "rows": len(parent),
        "orphans": int(orphans.sum()),
        "missing": int(((parent < 0) & ~orphans).sum()),
        "real_missing": int(((sides["real"][0] < 0) & ~sides["real"][1]).sum()),
    }
    return (rates[0], rates[1]), counts


def _duplicates(table: Table) -> int:
    """Number of rows whose key an earlier row has."""
    keys = table.frame.select(table.schema.key).drop_nulls()
    return int(keys.height - keys.n_unique()) if keys.height else 0
