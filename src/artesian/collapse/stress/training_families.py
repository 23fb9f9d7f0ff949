"""The families a generation is fitted on, and those of a source that is too large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from artesian.collapse.policies import POOLED, Policy
from artesian.collapse.stress.families import FamilyPlan, Part
from artesian.collapse.stress.joined_families import JoinedFamilies, join_families
from artesian.collapse.stress.profile import Ints
from artesian.collapse.stress.training import training_rows
from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.dataset import Dataset

ATTEMPTS = 20
"""How often families are drawn that leave a table without rows, on which no method can be fitted."""


def training_parts(policy: Policy, generation: int) -> list[int]:
    """The generations that a policy uses to fit one, 0 for the source, ascending."""
    if policy.name in POOLED:
        return list(range(generation))
    return [generation - 1] if policy.name == "replace" else [0, generation - 1]


def training_families(
    plan: FamilyPlan, policy: Policy, parts: Sequence[Part], seed: Seed
) -> JoinedFamilies:
    """Choose and join the families that a generation is fitted on.

    The families of each table are chosen apart, so that a policy's proportion of real families holds
    for all.

    Args:
        policy: 'mix', 'accumulate' or 'subsample'.
        parts: The source, and the generations of `training_parts`.

    Raises:
        DataError: A table remains without rows.
    """
    for attempt in range(ATTEMPTS):
        own = seed.child("families", attempt)
        chosen = choose_families(plan, policy, parts, own)
        joined = join_families(plan, parts, chosen, own.child("keys").rng())
        empty = [name for name, table in joined.dataset.items() if not len(table)]
        if not empty:
            return joined
    raise DataError(
        f"no row of the table {empty[0]!r} belongs to the families that {policy.label!r} chose",
        hint="leave the table out, or raise --rows",
    )


def choose_families(
    plan: FamilyPlan, policy: Policy, parts: Sequence[Part], seed: Seed
) -> dict[str, list[Ints]]:
    """The rows that begin the families which a generation is fitted on, of each generated table and
    part.
    """
    chosen = {}
    for one in plan:
        if one.kept:
            continue
        roots = [plan.roots(one, part) for part in parts]
        pieces = training_rows(policy, [len(rows) for rows in roots], seed.child(one.name).rng())
        own = {k: roots[k][rows] for k, rows in pieces}
        chosen[one.name] = [own.get(k, np.empty(0, np.int64)) for k in range(len(parts))]
    return chosen


def with_families(plan: FamilyPlan, source: Part, rows: int | None, run: Run) -> Dataset:
    """At most `rows` random families of each table, joined as those of a generation are; None for
    all.

    Raises:
        DataError: A table remains without rows.
    """
    roots = {one.name: plan.roots(one, source) for one in plan if not one.kept}
    if rows is None or all(len(own) <= rows for own in roots.values()):
        return source.dataset
    for attempt in range(ATTEMPTS):
        seed = run.seed.child("stress", "rows", attempt)
        chosen = {
            name: [own[np.sort(seed.child(name).rng().permutation(len(own))[:rows])]]
            for name, own in roots.items()
        }
        joined = join_families(plan, [source], chosen, seed.rng()).dataset
        empty = [name for name, table in joined.items() if not len(table)]
        if not empty:
            return joined
    raise DataError(
        f"no row of the table {empty[0]!r} belongs to the {rows:,} families that were chosen",
        hint="leave the table out, or raise --rows (0 for all)",
    )
