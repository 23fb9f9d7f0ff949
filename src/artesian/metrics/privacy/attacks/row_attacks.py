"""Membership attacks: each scores rows, higher for those that an attacker takes for training rows.

The attacker has the synthetic rows and some real rows that no model was fitted on, the reference rows.
All attacks compare how well a row fits the synthetic rows with how well it fits the reference ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.forest import forest_scores
from artesian.metrics.common.metric_space import MetricSpace, nearest_squares
from artesian.metrics.privacy.attacks.density_chain import Codes, DensityChain, RowCoder

ORDERS = 4
"""Number of column orders over which the log-density of a row is averaged."""

CLIP = 3.0
"""Bound of a column's log-ratio in the clipped attack, where no single column decides."""

TREES = 60
MIN_TREE_LEAF = 3
"""Settings of the forest that tells synthetic from reference rows."""

MAX_FOREST_ROWS = 6_000
MAX_COMPARED_ROWS = 4_000
MAX_DISTANCE_ROWS = 10_000
"""Maximum number of synthetic rows, and of reference rows, that the forest, the search for equal
values, and distances use."""

_BLOCK = 1_000_000  # comparisons of values at a time: fits the processor cache


@dataclass(frozen=True, slots=True)
class AttackRows:
    """What an attack is given.

    Attributes:
        targets: The rows that are attacked, m of them.
        synthetic: Synthetic rows.
        reference: Real rows that the attacker has, none of them a target or a training row.
        space: Embeds rows, for distances.
        coder: Codes of rows.
        chains: Densities of the synthetic rows, one for each order of the columns.
    """

    targets: Rows
    synthetic: Rows
    reference: Rows
    space: MetricSpace
    coder: RowCoder
    chains: tuple[DensityChain, ...]
    seed: Seed

    def codes(self) -> tuple[Codes, Codes, Codes]:
        """Codes of targets, synthetic and reference rows, each of shape (p, rows)."""
        return (
            self.coder.encode(self.targets),
            self.coder.encode(self.synthetic),
            self.coder.encode(self.reference),
        )


def fit_chains(rows: Rows, coder: RowCoder, seed: Seed, run: Run) -> tuple[DensityChain, ...]:
    """Densities of `rows` in `ORDERS` orders of the columns; the first is that of the table."""
    codes, columns = coder.encode(rows), len(coder.levels)
    orders = [np.arange(columns)]
    orders += [seed.child("order", k).rng().permutation(columns) for k in range(1, ORDERS)]
    return tuple(DensityChain.fit(codes, coder, order, run) for order in orders)


@dataclass(frozen=True, slots=True)
class RowScores:
    """The outcome of all attacks on the same rows.

    Attributes:
        scores: Name of the attack -> (m,) scores of the targets.
        isolation: (m,) mean rank in [0, 1] of the negative log-density among the reference rows and
            of the distance to the nearest one.
    """

    scores: Mapping[str, Floats]
    isolation: Floats


def attack_rows(rows: AttackRows, run: Run) -> RowScores:
    """Run every attack."""
    from scipy.stats import rankdata

    targets, synthetic, reference = rows.codes()
    ratios, isolation = _chain_ratios(rows, targets, run)
    scores = {
        "chain ratio": ratios.sum(axis=0),
        "clipped chain ratio": np.clip(ratios, -CLIP, CLIP).sum(axis=0),
        "classifier": _classifier(
            targets, synthetic, reference, rows.seed.child("classifier"), run
        ),
        "rare values": _rare_values(rows),
    }
    rarity = _rarity(targets, synthetic, reference)
    equal_synthetic, equal_reference = (
        _max_equal(targets, _some(part, MAX_COMPARED_ROWS, rows.seed.child("values")), rarity, run)
        for part in (synthetic, reference)
    )
    scores["equal values"] = equal_synthetic[0] - equal_reference[0]
    scores["rare equal values"] = equal_synthetic[1] - equal_reference[1]
    points = rows.space.embed(rows.targets)
    to_synthetic, to_reference = (
        nearest_squares(points, rows.space.embed(part), run, "distances")
        for part in (
            rows.synthetic.subsample(MAX_DISTANCE_ROWS, rows.seed.child("distance")),
            rows.reference.subsample(MAX_DISTANCE_ROWS, rows.seed.child("distance")),
        )
    )
    scores["distance ratio"] = np.log1p(to_reference) - np.log1p(to_synthetic)
    scores["distance"] = -np.log1p(to_synthetic)
    # A row may be improbable as a combination, or far from all others in a single number.
    isolation = (rankdata(isolation) + rankdata(to_reference)) / (2 * len(isolation))
    return RowScores(scores, isolation)


def _chain_ratios(rows: AttackRows, targets: Codes, run: Run) -> tuple[Floats, Floats]:
    """Log-ratio of the densities by column, (p, m), and the isolation of each target, (m,)."""
    ratios, isolation = np.zeros(targets.shape), np.zeros(targets.shape[1])
    fitted = fit_chains(rows.reference, rows.coder, rows.seed.child("chains"), run)
    for synthetic, reference in zip(rows.chains, fitted, strict=True):
        expected = reference.log_density(targets)
        ratios += (synthetic.log_density(targets) - expected) / len(fitted)
        isolation -= expected.sum(axis=0) / len(fitted)
    return ratios, isolation


def _classifier(targets: Codes, synthetic: Codes, reference: Codes, seed: Seed, run: Run) -> Floats:
    """Probability of a forest that a row is synthetic and not one of the reference rows, (m,)."""
    run.check("classifier")
    synthetic, reference = (
        _some(part, MAX_FOREST_ROWS, seed.child("rows")) for part in (synthetic, reference)
    )
    return forest_scores(
        np.concatenate([synthetic.T, reference.T]).astype(np.float32),
        np.repeat([True, False], [synthetic.shape[1], reference.shape[1]]),
        targets.T.astype(np.float32),
        seed,
        trees=TREES,
        min_leaf=MIN_TREE_LEAF,
    )


def _rare_values(rows: AttackRows) -> Floats:
    """Sum over the columns of the surprise that a value unknown to the attacker is synthetic, (m,).

    How often that happens by chance is estimated from values that one reference row has.
    """
    total = np.zeros(rows.targets.height)
    sides = (
        (rows.targets.numbers, rows.synthetic.numbers, rows.reference.numbers),
        (rows.targets.codes, rows.synthetic.codes, rows.reference.codes),
    )
    for targets, synthetic, reference in sides:
        for name, values in targets.items():
            generated = np.unique(synthetic[name])
            familiar, counts = np.unique(reference[name], return_counts=True)
            single = familiar[counts == 1]
            hits = int(np.isin(single, generated).sum())
            chance = (hits + 0.5) / (len(single) + 1)
            rare = ~np.isin(values, familiar) & ~np.isnan(values)
            total += np.where(rare & np.isin(values, generated), -np.log(chance), 0.0)
    return total


def _rarity(targets: Codes, synthetic: Codes, reference: Codes) -> npt.NDArray[np.float32]:
    """Negative log-frequency of each target's codes among the attacker's rows, (p, m)."""
    weights = np.empty(targets.shape, np.float32)
    for j, codes in enumerate(targets):
        levels = 1 + max(int(part[j].max(initial=0)) for part in (targets, synthetic, reference))
        frequency = sum(
            np.bincount(part[j], minlength=levels) / max(part.shape[1], 1)
            for part in (synthetic, reference)
        )
        weights[j] = -np.log((frequency / 2 + 1e-4) / (1 + 1e-4 * levels))[codes]
    return weights


def _some(codes: Codes, rows: int, seed: Seed) -> Codes:
    """At most `rows` of the rows of `codes`, (p, n)."""
    if codes.shape[1] <= rows:
        return codes
    return codes[:, np.sort(seed.rng().permutation(codes.shape[1])[:rows])]


def _max_equal(targets: Codes, others: Codes, weights: npt.NDArray[np.float32], run: Run) -> Floats:
    """Maximum over `others`, (p, n), of the number and of the weight of equal values, (2, m).

    Args:
        weights: Weight of each value of a target, shape (p, m).
    """
    largest = np.zeros((2, targets.shape[1]))
    step = max(1, _BLOCK // max(others.shape[1], 1))
    for start in range(0, targets.shape[1], step):
        run.check("equal values")
        at = slice(start, start + step)
        shape = targets[:, at].shape[1], others.shape[1]
        number, weight = np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
        for j in range(len(targets)):
            equal = targets[j, at, None] == others[j][None, :]
            number += equal
            weight += equal * weights[j, at, None]
        largest[0, at], largest[1, at] = number.max(axis=1), weight.max(axis=1)
    return largest
