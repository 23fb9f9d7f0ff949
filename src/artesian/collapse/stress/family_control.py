"""The control of related tables: a bootstrap of whole families, under the same policies.

A generated family is a copy of one of the source, so a generation is a number of copies of each family,
which is drawn without rows. All families of a table are resampled together.
"""

from __future__ import annotations

import numpy as np

from artesian.collapse.policies import Policy
from artesian.collapse.stress.control import REPLICATES, Control
from artesian.collapse.stress.profile import Floats, Ints, Profile
from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Run


def simulate_families(
    profile: Profile,
    policy: Policy,
    generations: int,
    run: Run,
    *,
    suppress: bool = False,
    replicates: int = REPLICATES,
) -> Control:
    """Simulate the control of one of several related tables.

    Args:
        policy: 'replace', 'mix', 'accumulate' or 'subsample'.
        suppress: Suppress categories with fewer than five training rows; only under 'replace', where
            they do not come back.
    """
    by_family, categories = _by_family(profile), len(profile.rows)
    families = len(by_family)
    drawn = np.empty((replicates, generations, by_family.shape[1]), np.int64)
    for r in range(replicates):
        rng = run.seed.child("families", policy.text, int(suppress), r).rng()
        copies = np.empty((generations, families), np.int64)
        training = np.ones(families, np.int64)
        for t in range(generations):
            copies[t] = rng.multinomial(families, training / training.sum())
            training = training_copies(policy, copies[: t + 1], rng)
        drawn[r] = copies.astype(np.float64) @ by_family
        if suppress:  # tails are not categories
            few = drawn[r, :, :categories] < MIN_COUNT
            gone = np.zeros_like(few)
            gone[1:] = np.logical_or.accumulate(few, axis=0)[:-1]
            drawn[r, :, :categories][gone] = 0
    return Control(drawn[..., :categories], drawn[..., categories:], {})


def training_copies(policy: Policy, copies: Ints, rng: np.random.Generator) -> Ints:
    """Number of copies of each family in the training rows of the next generation.

    Args:
        copies: (generations so far, families) copies in each generation; the source has one of each.
    """
    families = copies.shape[1]
    if policy.name == "replace":
        latest: Ints = copies[-1]
        return latest
    source = np.ones(families, np.int64)
    pool: Ints = source + copies.sum(axis=0)
    if policy.name == "accumulate":
        return pool
    if policy.name == "subsample":
        return _chosen(pool, families, rng)
    real = policy.real_rows(families)
    return _chosen(source, real, rng) + _chosen(copies[-1], families - real, rng)


def _chosen(copies: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Copies of each family among `count` of all, drawn without replacement."""
    chosen: Ints = rng.multivariate_hypergeometric(copies, count)
    return chosen


def _by_family(profile: Profile) -> Floats:
    """(families, categories + tails) rows of each followed category and tail in each family."""
    coded = profile.coded
    categories = np.zeros((len(coded), len(profile.rows)))
    for k, (column, code) in enumerate(zip(profile.column, profile.code, strict=True)):
        categories[:, k] = coded.codes[:, column] == code
    sums: Floats = profile.by_family(np.hstack([categories, profile.beyond(coded.numbers)]))
    return sums
