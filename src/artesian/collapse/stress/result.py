"""The result of a stress test: what is lost, when, why, and how much real data prevents it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from artesian.collapse.policies import Policy
from artesian.collapse.stress.bias import StratumBias
from artesian.collapse.stress.control import Control
from artesian.collapse.stress.measures import MEASURES
from artesian.collapse.stress.profile import Profile
from artesian.collapse.stress.proportion import MinProportion
from artesian.collapse.stress.survival import (
    Chains,
    FirstLoss,
    Level,
    alive,
    causes_of_loss,
    lost_categories,
    survival_rows,
)
from artesian.core.formatting import count, percent, percentage_points
from artesian.runs.safe_budget import SafeBudget

CHANGED = 0.1
"""Difference of a measure from the source at which it counts as changed."""

SHOWN = 5
"""Lost categories that the verdict names."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StressResult:
    """Result of a stress test.

    Attributes:
        plan_level: The proportion of rare categories and of tail mass to hold.
        label: What generated the rows.
        profile: The source.
        generations, replicates: Size of the test.
        bias: The first generation by stratum.
        chains: The chains of each policy.
        controls: The unbiased bootstrap of each policy.
        suppressing: The bootstrap under 'replace' that suppresses rare categories as the method does;
            None if the method does not.
        proportion: The smallest proportion of real data; None if it was not looked for.
    """

    plan_level: float
    label: str
    profile: Profile
    generations: int
    replicates: int
    bias: tuple[StratumBias, ...]
    chains: Mapping[Policy, Chains]
    controls: Mapping[Policy, Control]
    suppressing: Control | None
    proportion: MinProportion | None

    @property
    def main(self) -> Policy:
        """The policy that the verdict speaks of: 'replace' if it was tested, else the first."""
        return next((p for p in self.chains if p.name == "replace"), next(iter(self.chains)))

    @property
    def unit(self) -> str:
        """What a proportion of real data is one of: 'rows', or 'families' of related tables."""
        return "rows" if self.profile.families is None else "families"

    def first_loss(self, policy: Policy) -> FirstLoss | None:
        """When the first category is lost; None without categories."""
        return FirstLoss.from_counts(self.chains[policy].counts)

    def control_loss(self, policy: Policy) -> FirstLoss | None:
        """The same of the bootstrap."""
        return FirstLoss.from_counts(self.controls[policy].counts)

    def levels(self, policy: Policy) -> list[Level]:
        """What is left in each generation."""
        chains = self.chains[policy]
        return Level.from_counts(self.profile, chains.counts, chains.tails)

    @property
    def generations_without_real(self) -> int | None:
        """Generations under 'replace' up to which the level is held; None if it was not tested, or if
        there is neither a category nor a tail to hold.
        """
        levels = self.levels(self.main)
        if self.main.name != "replace" or not levels:
            return None
        holds = [one.value >= self.plan_level for one in levels]
        return holds.index(False) if False in holds else self.generations

    @property
    def safe_budget(self) -> SafeBudget:
        """Generations and proportion of real data that hold the level, on the safe side of the
        interval: 'at most k generations, at least x % real'.
        """
        without = self.generations_without_real
        generations, real = budget(without, self.proportion, self.generations)
        return SafeBudget(
            generations=generations,
            real_proportion=real,
            generations_without_real=without,
            level=float(self.plan_level),
            generator=self.label,
            rows=len(self.profile.coded),
            tested_generations=self.generations,
            replicates=self.replicates,
        )

    def lost_names(self, policy: Policy) -> list[dict[str, Any]]:
        """Categories lost in most replicates; each has at least five rows in the source."""
        return [
            {"category": self.profile.name(k), "rows": int(self.profile.rows[k])}
            for k in lost_categories(self.profile, self.chains[policy])
        ]

    def measures(self, policy: Policy) -> list[dict[str, Any]]:
        """The measures by generation, those that show collapse first, beside the bootstrap."""
        rows = []
        for one in MEASURES:
            values = self.chains[policy].measures.get(one.name)
            if values is None or np.isnan(values).all():
                continue
            reference, means = self.controls[policy].measures.get(one.name), _means(values)
            rows.append(
                {
                    "measure": one.name,
                    "title": one.title,
                    "shows_collapse": one.shows,
                    "note": one.note,
                    "values": means,
                    "changed_in_generation": changed_in(means),
                    "control": [] if reference is None else _means(reference),
                }
            )
        return rows

    @property
    def suppression(self) -> dict[str, Any]:
        """What is suppressed on purpose, apart from bias and chance."""
        chains = self.chains[self.main]
        summary: dict[str, Any] = {
            "categories": self.profile.suppressed,
            "rows": self.profile.suppressed_rows,
            "below": chains.suppressed_below,
            "losses": causes_of_loss(chains),
        }
        if self.suppressing is not None and self.profile.rare.any():
            kept, _ = alive(self.suppressing.counts, self.profile.rare)
            summary["control_alive"] = [float(x) for x in kept]
        return summary

    @property
    def skipped(self) -> dict[str, str]:
        """What could not be measured -> the reason."""
        skipped = {}
        if not len(self.profile.rows):
            skipped["survival of categories"] = "no column has a category of at least five rows"
        if not len(self.profile.tail_rows):
            skipped["tail mass"] = "no column of numbers or dates has five rows in a tail"
        if not self.profile.has_level:
            skipped["smallest proportion of real data"] = (
                "five rows have neither a category nor a number in the outer 1 % in common"
            )
        return skipped

    @property
    def sentences(self) -> list[str]:
        """The verdict, a sentence for each question: what, when, why, how much real data."""
        lines = [*self._what_is_lost(), self._why(), self._real_data()]
        return [line for line in lines if line]

    def to_dict(self) -> dict[str, Any]:
        """The content of `stress.json`."""
        survival = [
            row
            for policy, chains in self.chains.items()
            for row in survival_rows(self.profile, chains, self.controls[policy])
        ]
        losses = {}
        for policy in self.chains:
            own, control = self.first_loss(policy), self.control_loss(policy)
            if own is not None and control is not None:
                losses[policy.label] = {**own.to_dict(), "control": control.to_dict()}
        return {
            "verdict": " ".join(self.sentences),
            "bias": [one.to_dict() for one in self.bias],
            "survival": survival,
            "first_loss_generation": losses,
            "min_real_proportion": None if self.proportion is None else self.proportion.to_dict(),
            "safe_budget": self.safe_budget.to_dict(),
            "lost": {policy.label: self.lost_names(policy) for policy in self.chains},
            "causes": self.causes,
            "suppression": self.suppression,
            "measures": {policy.label: self.measures(policy) for policy in self.chains},
            "skipped": self.skipped,
            "generator": self.label,
            "generations": self.generations,
            "replicates": self.replicates,
            "level": self.plan_level,
            "rows": len(self.profile.coded),
        }

    def _what_is_lost(self) -> list[str]:
        policy, profile = self.main, self.profile
        chains, control = self.chains[policy], self.controls[policy]
        lines = []
        loss, reference = self.first_loss(policy), self.control_loss(policy)
        if loss is not None and reference is not None:
            lines.append(
                f"Fitted on its own rows again and again ({policy.label}), {self.label} loses the "
                f"first category {loss.text} (median of {count(self.replicates, 'replicate')}; "
                f"unbiased bootstrap: {reference.text})."
            )
            own, _ = alive(chains.counts, profile.rare)
            other, _ = alive(control.counts, profile.rare)
            lines.append(
                f"After {count(self.generations, 'generation')}, {percent(float(own[-1]))} of the "
                f"{profile.rare_name} are alive (bootstrap: {percent(float(other[-1]))})."
            )
            names = [one["category"] for one in self.lost_names(policy)]
            if names:
                more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
                lines.append(f"Lost in most replicates: {'; '.join(names[:SHOWN])}{more}.")
        elif self.levels(policy):
            left = self.levels(policy)[-1]
            lines.append(
                f"After {count(self.generations, 'generation')} fitted on its own rows "
                f"({policy.label}), {self.label} has {percent(left.value)} of the mass of the outer "
                "1 % of the numbers."
            )
        return lines

    @property
    def causes(self) -> dict[str, float]:
        """Proportion of the rare categories lost at the end under the main policy, by cause.

        'chance' is what the bootstrap loses, 'suppression' what it loses in addition if it suppresses
        as the method does, and 'bias' what the generator loses beyond both. Empty without categories.
        """
        rare = self.profile.rare
        if not rare.any():
            return {}
        lost = 1 - float(alive(self.chains[self.main].counts, rare)[0][-1])
        bootstrap = float(alive(self.controls[self.main].counts, rare)[0][-1])
        suppressing = bootstrap
        if self.suppressing is not None:
            suppressing = float(alive(self.suppressing.counts, rare)[0][-1])
        chance = min(lost, 1 - bootstrap)
        suppression = min(lost - chance, max(0.0, bootstrap - suppressing))
        return {
            "chance": chance,
            "suppression": suppression,
            "bias": lost - chance - suppression,
        }

    def _why(self) -> str:
        biased = [one for one in self.bias if one.biased]
        lines = []
        causes = {name: part for name, part in self.causes.items() if part > 0.005}
        if causes:
            parts = [f"{percentage_points(part)} by {name}" for name, part in causes.items()]
            lines.append(f"Of the rare categories, {', '.join(parts)} are lost.")
        if biased:
            worst = sorted(biased, key=lambda one: -abs(math.log(_ratio(one))))
            stated = ", ".join(
                f"{one.stratum} {percent(one.observed / one.expected)}" for one in worst[:3]
            )
            lines.append(
                f"One generation is biased (rows relative to the source: {stated}), and bias repeats."
            )
        elif self.bias:
            lines.append("No bias is detected in one generation.")
        return " ".join(lines)

    def _real_data(self) -> str:
        smallest, goal = self.proportion, self._goal()
        without = self.generations_without_real
        if without == self.generations:
            return f"No real data is needed to hold {goal} for {count(self.generations, 'generation')}."
        start = ""
        if without is not None:
            start = f"Without real data, {goal} are held for {count(without, 'generation')}. "
        if smallest is None:
            return start.strip()
        if smallest.censored == "more than":
            return (
                f"{start}No proportion of real data holds {goal}: one generation fitted on real rows "
                "alone loses more."
            )
        needed = smallest.text[0].upper() + smallest.text[1:]
        return (
            f"{start}{needed} real {self.unit} in every generation hold them "
            f"for {count(self.generations, 'generation')} (interval {smallest.interval_text})."
        )

    def _goal(self) -> str:
        parts = []
        if len(self.profile.rows):
            parts.append(f"the {self.profile.rare_name}")
        if len(self.profile.tail_rows):
            parts.append("tail mass")
        return f"{percent(self.plan_level)} of {' and of '.join(parts)}"


def budget(without: int | None, smallest: MinProportion | None, tested: int) -> tuple[int, float]:
    """Generations, and proportion of real data at the safe end of its interval, that hold the level.

    Args:
        without: Generations without real data that hold it; None if this was not tested.
        smallest: The smallest proportion of real data; None if it was not looked for.
        tested: Number of generations.
    """
    if without == tested or smallest is None:
        return (without, 0.0) if without else (0, 1.0)
    if smallest.censored == "more than":
        return 0, 1.0
    upper = smallest.interval[1]
    return tested, 1.0 if upper is None else float(upper)


def changed_in(values: Sequence[float | None]) -> int | None:
    """First generation in which a measure relative to the source differs from 1 by a tenth or more."""
    far = [g for g, x in enumerate(values, 1) if x is not None and abs(x - 1) >= CHANGED]
    return far[0] if far else None


def _ratio(one: StratumBias) -> float:
    return max(one.observed / one.expected, 1e-9)


def _means(values: Any) -> list[float | None]:
    means = [np.nanmean(column) if not np.isnan(column).all() else None for column in values.T]
    return [None if one is None else round(float(one), 5) for one in means]
