"""The control: a bootstrap of the training rows, which is unbiased, under the same policies.

Whatever it loses is lost by chance. A second control suppresses categories of fewer than five rows
before each draw, as the methods do, so what it loses in addition is lost by suppression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.collapse.policies import Policy
from artesian.collapse.stress.measures import Landscape, relative_measures
from artesian.collapse.stress.profile import OTHER, Coded, Floats, Ints, Profile
from artesian.collapse.stress.training import joined, training_rows
from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Run

REPLICATES = 100
"""Number of simulated chains; they cost little."""

MEASURED = 5
"""Chains of these on which the measures of coverage are computed."""


@dataclass(frozen=True, slots=True)
class Control:
    """Simulated chains of one policy.

    Attributes:
        counts: (replicates, generations, categories).
        tails: (replicates, generations, tails).
        measures: Name -> (measured replicates, generations).
    """

    counts: Ints
    tails: Ints
    measures: dict[str, Floats]


def simulate(
    profile: Profile,
    scene: Landscape | None,
    policy: Policy,
    generations: int,
    run: Run,
    *,
    suppress: bool = False,
    replicates: int = REPLICATES,
) -> Control:
    """Simulate the control.

    Args:
        suppress: Suppress categories with fewer than five training rows.
    """
    counts = np.empty((replicates, generations, len(profile.rows)), np.int64)
    tails = np.empty((replicates, generations, len(profile.tail_rows)), np.int64)
    measured: dict[str, list[list[float]]] = {}
    for r in run.track(range(replicates), "control"):
        seed = run.seed.child("control", policy.text, int(suppress), r)
        rng = seed.rng()
        chain, rows = [profile.coded], [len(profile.coded)]
        values: list[dict[str, float]] = []
        train = profile.coded
        for t in range(generations):
            train = _suppressed(profile, train) if suppress else train
            drawn = train.take(rng.integers(len(train), size=rows[0]))
            chain.append(drawn)
            rows.append(len(drawn))
            counts[r, t] = profile.category_counts(drawn.codes)
            tails[r, t] = profile.tail_counts(drawn.numbers)
            if r < MEASURED and not suppress:
                values.append(relative_measures(profile, scene, drawn, counts[r, t], seed.child(t)))
            train = joined(chain, training_rows(policy, rows, rng))
        for name in values[0] if values else ():
            measured.setdefault(name, []).append([one.get(name, np.nan) for one in values])
    return Control(counts, tails, {name: np.array(rows) for name, rows in measured.items()})


def _suppressed(profile: Profile, train: Coded) -> Coded:
    """Training rows in which categories of fewer than five rows are replaced."""
    codes = train.codes.copy()
    for k, values in enumerate(profile.levels):
        tallies = np.bincount(np.maximum(codes[:, k], -1) + 1, minlength=len(values) + 1)[1:]
        rare = np.append((tallies < MIN_COUNT) & (tallies > 0), False)
        codes[(codes[:, k] >= 0) & rare[codes[:, k]], k] = OTHER
    return Coded(codes, train.numbers)
