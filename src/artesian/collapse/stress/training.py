"""The rows a generation is fitted on: positions in the source and in the generations before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from artesian.collapse.policies import Policy
from artesian.collapse.stress.profile import Coded, Ints

SOURCE = 0
"""The index of the source; generation 1 is 1."""

Pieces = list[tuple[int, Ints]]
"""Pairs of a generation and positions of its rows."""


def training_rows(policy: Policy, rows: list[int], rng: np.random.Generator) -> Pieces:
    """Choose the training rows of the next generation.

    Args:
        policy: The policy.
        rows: Number of rows of the source and of every generation so far, at least one.
        rng: Random stream of this choice.
    """
    latest, n = len(rows) - 1, rows[SOURCE]
    if policy.name == "mix":
        real = policy.real_rows(n)
        return [
            (SOURCE, _chosen(rng, n, real)),
            (latest, _chosen(rng, rows[latest], n - real)),
        ]
    if policy.name == "accumulate":
        return [(k, np.arange(size)) for k, size in enumerate(rows)]
    if policy.name == "subsample":
        chosen = _chosen(rng, sum(rows), n)
        starts = np.concatenate([[0], np.cumsum(rows)])
        return [
            (k, chosen[(chosen >= starts[k]) & (chosen < starts[k + 1])] - starts[k])
            for k in range(len(rows))
        ]
    return [(latest, np.arange(rows[latest]))]


def _chosen(rng: np.random.Generator, rows: int, count: int) -> Ints:
    """Positions of `count` of `rows` rows without replacement, sorted."""
    chosen: Ints = np.sort(rng.permutation(rows)[:count])
    return chosen


def joined(generations: Sequence[Coded] | Mapping[int, Coded], pieces: Pieces) -> Coded:
    """The chosen rows of the source and of generations, below each other."""
    parts = [generations[k].take(rows) for k, rows in pieces if len(rows)]
    if len(parts) == 1:
        return parts[0]
    return Coded(
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.numbers for part in parts]),
    )
