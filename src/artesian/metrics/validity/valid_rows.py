"""The share of rows that break no rule: types, ranges, categories, keys, gaps and constraints.

Valid is not alike: rows may be valid and dull, or alike and impossible. The rules follow the
diagnostic report of SDMetrics (Patki et al. 2016: BoundaryAdherence, CategoryAdherence,
KeyUniqueness) and add the constraints of the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from artesian.core.run import Run
from artesian.data.table import Table
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.compatibility import check_columns
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.common.intervals import wilson
from artesian.metrics.common.suppression import suppressed_values
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec
from artesian.metrics.validity.rules import Readable, Rule, rules_of

_SHOWN = 200  # rules, those broken most


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity(BaseMetric):
    """Rules are taken from the schema and the real table, never from the tables that are judged.

    A number or date lies within the schema's domain, else within the real range; a category
    occurs in the real column or its domain, or represents suppressed categories. Holdout rows break
    such rules now and then too, and the reference is how often. A part is the proportion of the
    values that a rule applies to and that satisfy it.
    """

    spec: ClassVar[Spec] = Spec(
        name="validity",
        title="Valid rows",
        family="validity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 is every row keeps all rules, 0 is every row breaks one",
        source="Patki et al. 2016 (the diagnostic report of SDMetrics); ISO/IEC 9075 (constraints)",
        every_row=True,
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        check_columns(tables)
        least = min(len(tables.real), len(tables.synthetic))
        if not least:
            raise NotMeasurable("a table has no rows")
        suppressed = suppressed_values(tables.synthetic)
        rules, unreadable = rules_of(tables.real, suppressed)
        if not rules:
            raise NotMeasurable("there is no rule that a row could break")
        parts, valid = _kept(rules, tables.synthetic, tables.real, run)
        detail: dict[str, Any] = {"rules": len(rules), "unreadable": unreadable}
        replaced = _replaced(tables.synthetic, suppressed)
        if replaced:
            detail["suppressed"] = replaced
        reference = reference_interval = None
        reference_parts: dict[str, float] = {}
        if tables.holdout is not None and len(tables.holdout):
            held, unseen = _kept(rules, tables.holdout, tables.real, run)
            reference = unseen / len(tables.holdout)
            reference_interval = wilson(unseen, len(tables.holdout))
            reference_parts = {name: held[name] for name in _worst(parts) if name in held}
        value = valid / len(tables.synthetic)
        worst = _worst(parts)
        return Result(
            value=value,
            interval=wilson(valid, len(tables.synthetic)),
            reference=reference,
            reference_interval=reference_interval,
            parts={name: parts[name] for name in worst},
            reference_parts=reference_parts,
            explanation=_explain(value, reference, parts, worst, len(unreadable))
            + _stated(replaced),
            detail=detail,
        )


def _kept(rules: list[Rule], table: Table, real: Table, run: Run) -> tuple[dict[str, float], int]:
    """The share kept of each rule that applies to any row, and the number of rows that keep all."""
    readable = Readable.of(table, real)
    valid = np.ones(len(table), bool)
    parts = {}
    for rule in run.track(rules, "validity"):
        kept, asked = rule.check(readable)
        if asked.any():
            parts[rule.name] = float(kept[asked].mean())
            valid &= kept | ~asked
    return parts, int(valid.sum())


def _worst(parts: dict[str, float]) -> list[str]:
    return sorted(parts, key=lambda name: (parts[name], name))[:_SHOWN]


def _explain(
    value: float,
    reference: float | None,
    parts: dict[str, float],
    worst: list[str],
    unreadable: int,
) -> str:
    broken = None if reference is None else 1 - reference
    told = f"{percent(1 - value)} of the rows break a rule ({beside(broken)})"
    if worst and parts[worst[0]] < 1:
        told += f"; broken most is {worst[0]!r}, by {percent(1 - parts[worst[0]])} of its values"
    if unreadable:
        many = (
            "constraints of the schema were" if unreadable > 1 else "constraint of the schema was"
        )
        told += f"; {unreadable} {many} not understood, and not checked"
    return f"{told}."


def _replaced(synthetic: Table, suppressed: Mapping[str, str]) -> dict[str, float]:
    """Column -> proportion of the synthetic rows whose category was suppressed, where there are any."""
    found = {
        name: float((synthetic.frame[name].cast(pl.String) == value).sum()) / len(synthetic)
        for name, value in suppressed.items()
    }
    return {name: proportion for name, proportion in found.items() if proportion}


def _stated(replaced: Mapping[str, float]) -> str:
    if not replaced:
        return ""
    worst = max(replaced, key=lambda name: (replaced[name], name))
    return (
        f" Suppressed categories are valid: {percent(replaced[worst])} of the rows hold one in "
        f"{worst!r}{'' if len(replaced) == 1 else f', of {len(replaced)} columns with any'}."
    )
