"""Regularise every column so that the whole chain memorises no more than a budget.

What a conditional distribution memorises is the mean log-likelihood of the rows it was fitted on less
that of holdout rows, in nats per row. It is estimated by cross-fitting, for a grid of minimum gains
and strengths of shrinkage, and the candidates of all columns are chosen together: the sum over the
columns has to stay within the budget, so that a hundred columns do not leak a hundred times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from artesian.encoding.segments import Floats
from artesian.synthesizers.memorisation import Privacy

EXTRA_GAINS = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 18.0, 27.0, 40.0, 80.0, np.inf])
"""Additions to the minimum gain of a split, in units of the node's variance."""

STRENGTHS = np.array([[1.0, 1.0], [1.0, 2.0], [3.0, 1.0], [3.0, 2.0], [10.0, 2.0], [30.0, 2.0]])
"""Factors of the shrinkage, and its growth at every level of halving."""

WEIGHTS = np.concatenate([np.linspace(0.0, 1.0, 21), np.geomspace(1.0, 1000.0, 61)[1:]])
"""Weights of the likelihood of holdout rows, at the expense of that of the training rows."""

LIMIT_ROWS, LIMIT_WEIGHTS = (2_800.0, 5_000.0, 13_000.0), (2.0, 3.0, 0.7)
"""Limit of the weight of holdout rows at the default level, by the number of rows. With a weight of 1
the likelihood of holdout rows is highest, and beyond it regularisation costs fidelity. Detection
increases before that on tables of tightly related numbers, so large tables, whose rows are less
exposed, stay below. Tables of 5,000 rows have the highest limit: at 2, attacks on wide ones gain more
than 0.03, and with fewer rows a higher limit leaves little of the relations."""


def weight_limit(privacy: Privacy, rows: int) -> float:
    """Maximum weight of holdout rows; see `Candidates.best`."""
    if privacy == "high":
        return float(WEIGHTS[-1])
    return float(np.exp(np.interp(np.log(rows), np.log(LIMIT_ROWS), np.log(LIMIT_WEIGHTS))))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Mean log-likelihoods of one column for each candidate, in nats per row.

    Attributes:
        train, holdout: Those of rows that the candidate was fitted on and of others, shape
            (extra gains, strengths), cross-fitted.
    """

    train: Floats
    holdout: Floats

    def best(self, weight: float) -> tuple[int, int]:
        """The candidate with the highest mean of both likelihoods, that of holdout rows weighted by
        `weight` and that of training rows by the rest, which may be negative."""
        objective = (1.0 - weight) * self.train + weight * self.holdout
        extra, strength = np.unravel_index(int(objective.argmax()), objective.shape)
        return int(extra), int(strength)


@dataclass(frozen=True, slots=True)
class Choice:
    """Regularisation of one column.

    Attributes:
        extra_gain: Addition to the minimum gain.
        strength: Factor of the shrinkage.
        growth: Factor of the shrinkage at every level of halving below the first.
        nats: Estimate of what the column memorises, per row.
    """

    extra_gain: float
    strength: float
    growth: float
    nats: float


def choose(candidates: Sequence[Candidates], max_nats: float, max_weight: float) -> list[Choice]:
    """One candidate per column, so that they memorise at most `max_nats` together.

    Of all that stay within the budget, those with the lowest weight of holdout rows: a model that
    follows its training rows more closely is harder to tell from them. If none does, those that
    memorise least.
    """
    options = []
    for weight in WEIGHTS[max_weight + 1e-9 >= WEIGHTS]:
        chosen = []
        for each in candidates:
            at = each.best(float(weight))
            nats = float(each.train[at] - each.holdout[at])
            strength, growth = STRENGTHS[at[1]].tolist()
            chosen.append(Choice(float(EXTRA_GAINS[at[0]]), strength, growth, nats))
        options.append(chosen)
        if sum(choice.nats for choice in chosen) <= max_nats:
            return chosen
    return min(options, key=lambda chosen: sum(choice.nats for choice in chosen))
