"""The result of a stress test of related tables: that of each table, and that of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from artesian.collapse.policies import Policy
from artesian.collapse.stress.proportion import MinProportion
from artesian.collapse.stress.result import StressResult, budget
from artesian.collapse.stress.survival import Level
from artesian.core.formatting import count, percent
from artesian.runs.safe_budget import SafeBudget


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelatedStressResult:
    """Result of a stress test of related tables.

    Attributes:
        tables: Result of each table, with the number of children of its rows as columns.
        left_out: Tables that were not followed -> the reason.
        rows: Number of rows of each table of the source that was used.
        proportion: The smallest proportion of real families that holds the level in all tables; None if
            it was not looked for.
        joining: What joining families of several generations changed, by table and policy:
            `reassigned`, the proportion of references that go to another row, and `rows_left_out`, the
            mean number of rows that no key or reference was possible for.
    """

    tables: Mapping[str, StressResult]
    left_out: Mapping[str, str]
    rows: Mapping[str, int]
    proportion: MinProportion | None
    joining: Mapping[str, Mapping[Policy, Mapping[str, float]]]

    @property
    def worst(self) -> str:
        """The table that holds its level for the smallest number of generations, and loses most."""

        def left(name: str) -> tuple[bool, int, float]:
            one = self.tables[name]
            levels = one.levels(one.main)
            return (
                not levels,
                one.generations_without_real or 0,
                levels[-1].value if levels else 1.0,
            )

        return min(self.tables, key=left)

    @property
    def worst_result(self) -> StressResult:
        """The result of the worst table, with the proportion of real families that all tables need."""
        return replace(self.tables[self.worst], proportion=self.proportion)

    @property
    def generations_without_real(self) -> int | None:
        """Generations under 'replace' up to which all tables hold the level; None if not tested."""
        return self.tables[self.worst].generations_without_real

    @property
    def safe_budget(self) -> SafeBudget:
        """The budget that is safe for all tables."""
        first = self.tables[self.worst].safe_budget
        generations, real = budget(
            self.generations_without_real, self.proportion, first.tested_generations
        )
        rows = sum(self.rows[name] for name in self.tables)
        return replace(first, generations=generations, real_proportion=real, rows=rows)

    @property
    def skipped(self) -> dict[str, str]:
        """What was not measured -> the reason."""
        reasons = dict(self.left_out)
        for name, one in self.tables.items():
            reasons |= {f"{name}: {what}": reason for what, reason in one.skipped.items()}
        return reasons

    @property
    def sentences(self) -> list[str]:
        """The verdict: the sentences of each table, the worst first, and that of all tables."""
        names = sorted(self.tables, key=lambda name: name != self.worst)
        lines = [f"{name}: {' '.join(self.tables[name].sentences)}" for name in names]
        return [*lines, *self._all_tables()]

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
        smallest = None
        if self.proportion is not None:
            own = {name: part["min_real_proportion"] for name, part in parts.items()}
            smallest = {**self.proportion.to_dict(), "tables": own}
        return {
            "verdict": " ".join(self.sentences),
            **lists,
            **mappings,
            "min_real_proportion": smallest,
            "safe_budget": self.safe_budget.to_dict(),
            "joining": {
                name: {policy.label: dict(facts) for policy, facts in own.items()}
                for name, own in self.joining.items()
            },
            "skipped": self.skipped,
            "generator": first.label,
            "generations": first.generations,
            "replicates": first.replicates,
            "level": first.plan_level,
            "rows": {name: part["rows"] for name, part in parts.items()},
        }

    def _all_tables(self) -> list[str]:
        """The verdict on all tables together, if real data is needed."""
        one, smallest = self.tables[self.worst], self.proportion
        if smallest is None or self.generations_without_real == one.generations:
            return []
        goal = (
            f"{percent(one.plan_level)} of the rare categories and of the tail mass of every table"
        )
        if smallest.censored == "more than":
            names = [name for name, own in self.tables.items() if _lost_at_once(own)]
            return [
                f"All tables: no proportion of real families holds {goal}: one generation fitted on "
                f"real rows alone loses more ({', '.join(names)})."
            ]
        needed = smallest.text[0].upper() + smallest.text[1:]
        return [
            f"All tables: {needed} real families in every generation hold {goal} for "
            f"{count(one.generations, 'generation')} (interval {smallest.interval_text})."
        ]


def _lost_at_once(one: StressResult) -> bool:
    return one.proportion is not None and one.proportion.censored == "more than"


def joint_level(levels: Mapping[str, Level]) -> Level:
    """The level that several tables hold together: that of the worst."""
    return Level(
        value=min(one.value for one in levels.values()),
        low=min(one.low for one in levels.values()),
        high=min(one.high for one in levels.values()),
    )
