"""Membership attacks: each scores rows, higher for those that an attacker takes for training rows.

The attacker has the synthetic rows and some real rows that no model was fitted on, the known rows.
All attacks compare how well a row fits the synthetic rows with how well it fits the known ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.metric_space import MetricSpace, nearest_squares
from artesian.metrics.privacy.attacks.density_chain import Codes, DensityChain, RowCoder

ORDERS = 4
"""Number of column orders over which the log-density of a row is averaged."""

CLIP = 3.0
"""Bound of a column's log-ratio in the clipped attack, where no single column decides."""

TREES = 60
MIN_TREE_LEAF = 3
"""Settings of the forest that tells synthetic from known rows."""

MAX_FOREST_ROWS = 6_000
MAX_CELL_ROWS = 4_000
MAX_DISTANCE_ROWS = 10_000
"""Maximum number of synthetic rows, and of known rows, that the forest, the search for equal cells,
and distances use."""

_BLOCK = 1_000_000  # comparisons of cells at a time: fits the processor cache


@dataclass(frozen=True, slots=True)
class AttackRows:
    """What an attack is given.

    Attributes:
        targets: The rows that are attacked, m of them.
        synthetic: Synthetic rows.
        known: Real rows that the attacker has, none of them a target or a training row.
        space: Embeds rows, for distances.
        coder: Codes of rows.
        chains: Densities of the synthetic rows, one for each order of the columns.
    """

    targets: Rows
    synthetic: Rows
    known: Rows
    space: MetricSpace
    coder: RowCoder
    chains: tuple[DensityChain, ...]
    seed: Seed

    def codes(self) -> tuple[Codes, Codes, Codes]:
        """Codes of targets, synthetic and known rows, each of shape (p, rows)."""
        return (
            self.coder.encode(self.targets),
            self.coder.encode(self.synthetic),
            self.coder.encode(self.known),
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
        isolation: (m,) mean rank in [0, 1] of the negative log-density among the known rows and of the
            distance to the nearest one.
    """

    scores: Mapping[str, Floats]
    isolation: Floats


def attack_rows(rows: AttackRows, run: Run) -> RowScores:
    """Run every attack."""
    from scipy.stats import rankdata

    targets, synthetic, known = rows.codes()
    ratios, isolation = _chain_ratios(rows, targets, run)
    scores = {
        "chain ratio": ratios.sum(axis=0),
        "clipped chain ratio": np.clip(ratios, -CLIP, CLIP).sum(axis=0),
        "classifier": _classifier(targets, synthetic, known, rows.seed.child("classifier"), run),
        "rare values": _rare_values(rows),
    }
    rarity = _rarity(targets, synthetic, known)
    made_cells, known_cells = (
        _most_equal(targets, _some(part, MAX_CELL_ROWS, rows.seed.child("cells")), rarity, run)
        for part in (synthetic, known)
    )
    scores["equal cells"] = made_cells[0] - known_cells[0]
    scores["rare equal cells"] = made_cells[1] - known_cells[1]
    points = rows.space.embed(rows.targets)
    to_synthetic, to_known = (
        nearest_squares(points, rows.space.embed(part), run, "distances")
        for part in (
            rows.synthetic.subsample(MAX_DISTANCE_ROWS, rows.seed.child("distance")),
            rows.known.subsample(MAX_DISTANCE_ROWS, rows.seed.child("distance")),
        )
    )
    scores["distance ratio"] = np.log1p(to_known) - np.log1p(to_synthetic)
    scores["distance"] = -np.log1p(to_synthetic)
    # A row may be improbable as a combination, or far from all others in a single number.
    isolation = (rankdata(isolation) + rankdata(to_known)) / (2 * len(isolation))
    return RowScores(scores, isolation)


def _chain_ratios(rows: AttackRows, targets: Codes, run: Run) -> tuple[Floats, Floats]:
    """Log-ratio of the densities by column, (p, m), and the isolation of each target, (m,)."""
    ratios, isolation = np.zeros(targets.shape), np.zeros(targets.shape[1])
    reference = fit_chains(rows.known, rows.coder, rows.seed.child("chains"), run)
    for synthetic, known in zip(rows.chains, reference, strict=True):
        expected = known.log_density(targets)
        ratios += (synthetic.log_density(targets) - expected) / len(reference)
        isolation -= expected.sum(axis=0) / len(reference)
    return ratios, isolation


def _classifier(targets: Codes, synthetic: Codes, known: Codes, seed: Seed, run: Run) -> Floats:
    """Probability of a forest that a row is synthetic and not one of the known rows, (m,)."""
    from sklearn.ensemble import RandomForestClassifier

    run.check("classifier")
    synthetic, known = (
        _some(part, MAX_FOREST_ROWS, seed.child("rows")) for part in (synthetic, known)
    )
    x = np.concatenate([synthetic.T, known.T]).astype(np.float32)
    forest = RandomForestClassifier(
        TREES,
        min_samples_leaf=MIN_TREE_LEAF,
        class_weight="balanced",
        random_state=int(seed.rng().integers(2**31)),
        n_jobs=1,
    )
    forest.fit(x, np.repeat([1, 0], [synthetic.shape[1], known.shape[1]]))
    return np.asarray(forest.predict_proba(targets.T.astype(np.float32))[:, 1])


def _rare_values(rows: AttackRows) -> Floats:
    """Sum over the columns of the surprise that a value unknown to the attacker is synthetic, (m,).

    How often that happens by chance is estimated from values that one known row has.
    """
    total = np.zeros(rows.targets.height)
    sides = (
        (rows.targets.numbers, rows.synthetic.numbers, rows.known.numbers),
        (rows.targets.codes, rows.synthetic.codes, rows.known.codes),
    )
    for targets, synthetic, known in sides:
        for name, values in targets.items():
            generated = np.unique(synthetic[name])
            familiar, counts = np.unique(known[name], return_counts=True)
            single = familiar[counts == 1]
            hits = int(np.isin(single, generated).sum())
            chance = (hits + 0.5) / (len(single) + 1)
            rare = ~np.isin(values, familiar) & ~np.isnan(values)
            total += np.where(rare & np.isin(values, generated), -np.log(chance), 0.0)
    return total


def _rarity(targets: Codes, synthetic: Codes, known: Codes) -> npt.NDArray[np.float32]:
    """Negative log-frequency of each target's codes among the attacker's rows, (p, m)."""
    weights = np.empty(targets.shape, np.float32)
    for j, codes in enumerate(targets):
        levels = 1 + max(int(part[j].max(initial=0)) for part in (targets, synthetic, known))
        frequency = sum(
            np.bincount(part[j], minlength=levels) / max(part.shape[1], 1)
            for part in (synthetic, known)
        )
        weights[j] = -np.log((frequency / 2 + 1e-4) / (1 + 1e-4 * levels))[codes]
    return weights


def _some(codes: Codes, rows: int, seed: Seed) -> Codes:
    """At most `rows` of the rows of `codes`, (p, n)."""
    if codes.shape[1] <= rows:
        return codes
    return codes[:, np.sort(seed.rng().permutation(codes.shape[1])[:rows])]


def _most_equal(
    targets: Codes, others: Codes, weights: npt.NDArray[np.float32], run: Run
) -> Floats:
    """Maximum over `others`, (p, n), of the number and of the weight of equal cells, (2, m).

    Args:
        weights: Weight of each cell of a target, shape (p, m).
    """
    most = np.zeros((2, targets.shape[1]))
    step = max(1, _BLOCK // max(others.shape[1], 1))
    for start in range(0, targets.shape[1], step):
        run.check("equal cells")
        at = slice(start, start + step)
        shape = targets[:, at].shape[1], others.shape[1]
        number, weight = np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
        for j in range(len(targets)):
            equal = targets[j, at, None] == others[j][None, :]
            number += equal
            weight += equal * weights[j, at, None]
        most[0, at], most[1, at] = number.max(axis=1), weight.max(axis=1)
    return most
