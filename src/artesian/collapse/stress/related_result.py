"""The result of a stress test of related tables: that of each table, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from artesian.collapse.stress.result import StressResult
from artesian.runs.safe_budget import SafeBudget


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelatedStressResult:
    """Result of a stress test of related tables.

    Attributes:
        tables: Result of each table, with the number of children of its rows as columns.
        left_out: Tables that were not followed -> the reason.
    """

    tables: Mapping[str, StressResult]
    left_out: Mapping[str, str]

    @property
    def worst(self) -> str:
        """The table that holds its level for the smallest number of generations, and loses most."""

        def left(name: str) -> tuple[int, float]:
            one = self.tables[name]
            levels = one.levels(one.main)
            return one.generations_without_real or 0, levels[-1].value if levels else 1.0

        return min(self.tables, key=left)

    @property
    def safe_budget(self) -> SafeBudget:
        """The budget of the worst table."""
        rows = sum(len(one.profile.coded) for one in self.tables.values())
        return replace(self.tables[self.worst].safe_budget, rows=rows)

    @property
    def skipped(self) -> dict[str, str]:
        """What was not measured -> the reason."""
        reasons = dict(self.left_out)
        reasons["smallest proportion of real data"] = (
            "related tables are tested with the policy 'replace' only"
        )
        return reasons

    @property
    def sentences(self) -> list[str]:
        """The verdict: the sentences of each table, the worst first."""
        names = sorted(self.tables, key=lambda name: name != self.worst)
        return [f"{name}: {' '.join(self.tables[name].sentences)}" for name in names]

    def to_dict(self) -> dict[str, Any]:
        """The content of `stress.json`; entries of lists name their table."""
        parts = {name: one.to_dict() for name, one in self.tables.items()}
        first = self.tables[self.worst]
        lists = {
            key: [{"table": name, **row} for name, part in parts.items() for row in part[key]]
            for key in ("bias", "survival")
        }
        mappings = {
            key: {name: part[key] for name, part in parts.items()}
            for key in ("first_loss_generation", "lost", "causes", "suppression", "measures")
        }
        return {
            "verdict": " ".join(self.sentences),
            **lists,
            **mappings,
            "min_real_proportion": None,
            "safe_budget": self.safe_budget.to_dict(),
            "skipped": self.skipped,
            "generator": first.label,
            "generations": first.generations,
            "replicates": first.replicates,
            "level": first.plan_level,
            "rows": {name: part["rows"] for name, part in parts.items()},
        }
