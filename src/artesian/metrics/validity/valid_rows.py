"""The proportion of rows that satisfy all rules: types, ranges, categories, formats, keys, missing
values and constraints.

Validity is not fidelity: valid rows can have a wrong distribution, and rows of the right
distribution can be impossible. The rules follow the diagnostic report of SDMetrics (Patki et al.
2016: BoundaryAdherence, CategoryAdherence, KeyUniqueness) and add the constraints of the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.formatting import percent, reference_note
from artesian.core.run import Run
from artesian.data.frames import as_text
from artesian.data.table import Table
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.compatibility import check_same_columns
from artesian.metrics.common.intervals import wilson
from artesian.metrics.common.suppression import suppressed_values
from artesian.metrics.protocol import (
    Better,
    Comparison,
    Mask,
    Mismatches,
    NotMeasurable,
    Result,
    Spec,
)
from artesian.metrics.validity.rules import ParsedTable, Rule, rules_from
from artesian.metrics.validity.text_rules import text_rules

_MAX_PARTS = 200  # maximum number of rules in the parts, those violated most


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity(BaseMetric):
    """Rules are derived from the schema and the real table, never from the compared tables.

    A number or date lies within the domain of the schema, or else within the real range; a category
    occurs in the real column or its domain, or is the placeholder of suppressed categories; a text
    has a format of the real column, is no impossible date, and has numbers within the real range. Of
    keys, which are new by design, only the format is checked, and of texts with a role nothing.
    Holdout rows can violate such rules as well; the reference is how often. A part is the proportion
    of values that satisfy a rule, among those that it applies to.
    """

    spec: ClassVar[Spec] = Spec(
        name="validity",
        title="Valid rows",
        family="validity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: every row satisfies all rules; 0: every row violates one",
        source="Patki et al. 2016 (the diagnostic report of SDMetrics); ISO/IEC 9075 (constraints)",
        every_row=True,
        categories=False,
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        check_same_columns(tables)
        min_rows = min(len(tables.real), len(tables.synthetic))
        if not min_rows:
            raise NotMeasurable("a table has no rows")
        suppressed = suppressed_values(tables.synthetic)
        generalised = {c.name for c in tables.synthetic.schema if c.generalised}
        rules, unparsed = rules_from(tables.real, suppressed, generalised)
        rules += text_rules(tables.real)
        if not rules:
            raise NotMeasurable("there is no rule that a row could violate")
        mismatches = tables.mismatches
        parts, valid = _check(
            rules, tables.synthetic, tables.real, run, unreadable=mismatches.unreadable
        )
        columns = _column_parts(mismatches)
        if columns:
            parts |= columns
            valid = 0  # every row lacks a value, or has one too many
        detail: dict[str, Any] = {"rules": len(rules), "unreadable": unparsed}
        suppressed_proportions = _suppressed_proportions(tables.synthetic, suppressed)
        if suppressed_proportions:
            detail["suppressed"] = suppressed_proportions
        reference = reference_interval = None
        reference_parts: dict[str, float] = {}
        if tables.holdout is not None and len(tables.holdout):
            holdout_parts, valid_holdout = _check(rules, tables.holdout, tables.real, run)
            reference = valid_holdout / len(tables.holdout)
            reference_interval = wilson(valid_holdout, len(tables.holdout))
            reference_parts = {
                name: holdout_parts[name] for name in _worst(parts) if name in holdout_parts
            }
        value = valid / len(tables.synthetic)
        worst = _worst(parts)
        return Result(
            value=value,
            interval=wilson(valid, len(tables.synthetic)),
            reference=reference,
            reference_interval=reference_interval,
            parts={name: parts[name] for name in worst},
            reference_parts=reference_parts,
            explanation=_explain(value, reference, parts, worst, len(unparsed))
            + _suppression_sentence(suppressed_proportions),
            detail=detail,
        )


def _column_parts(mismatches: Mismatches) -> dict[str, float]:
    """A part for each column that the two tables do not share, or whose values are of another type."""
    return {
        **{f"{name} (missing column)": 0.0 for name in mismatches.missing},
        **{f"{name} (type)": 0.0 for name in mismatches.unscored},
        **{f"{name} (surplus column)": 0.0 for name in mismatches.surplus},
    }


def _check(
    rules: list[Rule],
    table: Table,
    real: Table,
    run: Run,
    *,
    unreadable: Mapping[str, Mask] | None = None,
) -> tuple[dict[str, float], int]:
    """Rule -> proportion of values that satisfy it, for rules that apply to any row; and the number
    of rows that satisfy all rules."""
    parsed = ParsedTable.from_table(table, real, unreadable)
    valid = np.ones(len(table), bool)
    parts = {}
    for rule in run.track(rules, "validity"):
        satisfied, applies = rule.check(parsed)
        if applies.any():
            parts[rule.name] = float(satisfied[applies].mean())
            valid &= satisfied | ~applies
    return parts, int(valid.sum())


def _worst(parts: dict[str, float]) -> list[str]:
    return sorted(parts, key=lambda name: (parts[name], name))[:_MAX_PARTS]


def _explain(
    value: float,
    reference: float | None,
    parts: dict[str, float],
    worst: list[str],
    unparsed: int,
) -> str:
    reference_broken = None if reference is None else 1 - reference
    sentence = (
        f"{percent(1 - value)} of the rows violate a rule ({reference_note(reference_broken)})"
    )
    if worst and parts[worst[0]] < 1:
        sentence += (
            f"; violated most is {worst[0]!r}, by {percent(1 - parts[worst[0]])} of the values"
        )
    if unparsed:
        noun = "constraints of the schema were" if unparsed > 1 else "constraint of the schema was"
        sentence += f"; {unparsed} {noun} not parsed and not checked"
    return f"{sentence}."


def _suppressed_proportions(synthetic: Table, suppressed: Mapping[str, str]) -> dict[str, float]:
    """Column -> proportion of the synthetic rows whose category was suppressed, where there are
    any."""
    proportions = {
        name: float((as_text(synthetic.frame[name]) == value).sum()) / len(synthetic)
        for name, value in suppressed.items()
    }
    return {name: proportion for name, proportion in proportions.items() if proportion}


def _suppression_sentence(suppressed_proportions: Mapping[str, float]) -> str:
    if not suppressed_proportions:
        return ""
    worst = max(suppressed_proportions, key=lambda name: (suppressed_proportions[name], name))
    count = len(suppressed_proportions)
    others = "" if count == 1 else f", one of {count} columns with any"
    return (
        f" Suppressed categories are valid: {percent(suppressed_proportions[worst])} of the rows "
        "have one in "
        f"{worst!r}{others}."
    )
