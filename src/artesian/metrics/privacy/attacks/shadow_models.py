"""Audit of a method with shadow models: tell models that were fitted with a row from models that were
fitted without it (Shokri et al. 2017; Carlini et al. 2022; Steinke, Nasr and Jagielski 2023).

Models come in pairs. For each pair and each target, a fair coin decides which of the two has the target
among its training rows. Each attack scores every target against the synthetic rows of every model. The
scores of a target are standardized by those of models of other pairs, as in likelihood ratio attacks,
so that a row that is typical anyway is not taken for a training row. This uses no labels: if the method
memorises nothing, scores and coins are independent, and the attack is a guess.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.metrics.common.arrays import Floats, row_hashes
from artesian.metrics.common.encoding import Rows, encode
from artesian.metrics.common.intervals import GROUPS, groups_of
from artesian.metrics.common.metric_space import MetricSpace, nearest_squares
from artesian.metrics.common.roc import Truth, auc_delong
from artesian.metrics.privacy.attacks.density_chain import RowCoder
from artesian.metrics.privacy.attacks.row_attacks import fit_chains
from artesian.metrics.protocol import Comparison

RATES = (0.01, 0.1)
"""False positive rates at which the true positive rate is reported."""

MAX_ROWS = 20_000
"""Maximum number of synthetic rows of a model that the density attack uses."""

MAX_COLUMNS = 100

ATTACKS = ("distance", "density")
COPIES = "exact copies"

_TESTS = len(ATTACKS) + 1  # of a group of targets: each attack, and the copies
_PRIOR_MODELS = 4  # weight of the pooled variance of scores in that of a target


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How well an attack distinguishes targets of one kind in the training rows from others.

    Attributes:
        targets: Number of targets.
        attack: The strongest attack.
        auc: Area under its ROC curve; 0.5 is a guess.
        interval: Interval of `auc` by a jackknife of the targets; with the intervals of all other
            attacks and kinds of targets, it has a confidence of 95 %.
        rates: False positive rate -> true positive rate of that attack.
        epsilon: Lower 97.5 % bound of the epsilon of differential privacy over all attacks.
        copies_in: Pairs of a model and a target in its training rows that equals a synthetic row.
        copies_out: The same for targets that are not in the training rows.
        memorised: Whether any attack is better than a guess, beyond chance.
    """

    targets: int
    attack: str
    auc: float
    interval: tuple[float, float]
    rates: Mapping[float, float]
    epsilon: float
    copies_in: int
    copies_out: int
    memorised: bool


def assign(models: int, targets: int, seed: Seed) -> Truth:
    """Assign targets to models: in each pair of models, one has the target.

    Args:
        models: An even number.

    Returns:
        (models, targets) whether the model has the target among its training rows.
    """
    coins = seed.rng().random((models // 2, targets)) < 0.5
    return np.stack([coins, ~coins], axis=1).reshape(models, targets)


def score_targets(source: Table, targets: Table, synthetic: Table, run: Run) -> dict[str, Floats]:
    """Score targets by each attack, higher for what is taken for a training row.

    Args:
        source: Real rows, which scale distances and choose the codes of values.

    Returns:
        Attack -> (targets,): minus the log distance to the nearest synthetic row; the log density
        fitted to the synthetic rows; and 1 for targets that equal a synthetic row, else 0.

    Raises:
        DataError: The table has only keys and free text, in which distances are not defined.
    """
    tables = Comparison(source, synthetic, targets)
    encoded = encode(tables)
    assert encoded.holdout is not None
    if not encoded.columns:
        raise DataError(
            "all columns are keys or free text",
            hint="use a table with numbers, categories or dates",
        )
    seed = run.seed.child("shadow attack")
    names = tuple(c.name for c in encoded.draw_columns(MAX_COLUMNS, seed.child("columns")))
    real, drawn, attacked = (
        _select(rows, names) for rows in (encoded.real, encoded.synthetic, encoded.holdout)
    )
    space = MetricSpace.from_encoded(encoded, names).scaled_to(real, attacked)
    squares = nearest_squares(space.embed(attacked), space.embed(drawn), run, "distances")
    coder = RowCoder.fit(real.subsample(MAX_ROWS, seed.child("coder")))
    codes = coder.encode(attacked)
    chains = fit_chains(
        drawn.subsample(MAX_ROWS, seed.child("rows")), coder, seed.child("chains"), run
    )
    density = np.mean([chain.log_density(codes).sum(axis=0) for chain in chains], axis=0)
    hashes = row_hashes(tables)
    scores = {
        name: np.empty(len(targets)) for name in ATTACKS
    }  # encoded rows are sorted: back to the order of the table
    scores["distance"][attacked.positions] = -np.log1p(squares)
    scores["density"][attacked.positions] = density
    return scores | {COPIES: np.isin(hashes[2], hashes[1]).astype(np.float64)}


def measure_exposure(
    scores: Mapping[str, Floats], included: Truth, kinds: npt.NDArray[np.str_], seed: Seed
) -> dict[str, Exposure]:
    """Measure the exposure of each kind of targets.

    Args:
        scores: Attack -> (models, targets) scores.
        included: (models, targets) whether the model was fitted with the target.
        kinds: (targets,) the kind of each target.
    """
    names = list(dict.fromkeys(kinds.tolist()))
    return {
        name: _exposure(
            {attack: each[:, kinds == name] for attack, each in scores.items()},
            included[:, kinds == name],
            _TESTS * len(names),
            seed.child(name),
        )
        for name in names
    }


def _exposure(scores: Mapping[str, Floats], included: Truth, tries: int, seed: Seed) -> Exposure:
    copied = scores[COPIES] > 0
    copies = int(copied[included].sum()), int(copied[~included].sum())
    groups = groups_of(included.shape[1], seed.child("groups"))
    areas, bounds = {}, [_epsilon(*copies, included, tries)]
    standardized = {attack: standardize(scores[attack]) for attack in ATTACKS}
    for attack, z in standardized.items():
        area = auc_delong(included.ravel(), z.ravel())[0]
        left_out = np.array(
            [
                auc_delong(included[:, groups != g].ravel(), z[:, groups != g].ravel())[0]
                for g in range(GROUPS)
            ]
        )
        areas[attack] = area, _half_width(left_out, tries)
        bounds += [
            _epsilon(*_counts(z, included, rate), included, tries * len(RATES)) for rate in RATES
        ]
    attack = max(areas, key=lambda name: areas[name][0] - areas[name][1])
    area, half = areas[attack]
    sizes = int(included.sum())
    return Exposure(
        targets=included.shape[1],
        attack=attack,
        auc=area,
        interval=(max(0.0, area - half), min(1.0, area + half)),
        rates={rate: _counts(standardized[attack], included, rate)[0] / sizes for rate in RATES},
        epsilon=max(bounds),
        copies_in=copies[0],
        copies_out=copies[1],
        memorised=any(each - width > 0.5 for each, width in areas.values())
        or _more_copies(*copies, tries),
    )


def standardize(scores: Floats) -> Floats:
    """Standardize the scores of each target by those of the models of other pairs, then center each
    model.

    The other model of the pair is left out: it has the target if this one has not, so that an attack
    that uses both would prove up to 2 epsilon. The variance of a target is a mean of its own and of
    that of all targets, since models are few. The scores of a single pair are only centered.

    Args:
        scores: (models, targets)

    Returns:
        (models, targets)
    """
    models, targets = scores.shape
    others = models - 2
    standardized = scores
    if others:
        pairs = scores.reshape(-1, 2, targets)
        sums = scores.sum(axis=0) - pairs.sum(axis=1)
        squares = (scores**2).sum(axis=0) - (pairs**2).sum(axis=1)
        means = sums / others  # (pairs, targets), as are the variances
        variances = np.maximum(squares / others - means**2, 0.0)
        pooled = variances.mean(axis=1, keepdims=True)
        weight = others / (others + _PRIOR_MODELS)
        scale = np.sqrt(np.maximum(weight * variances + (1 - weight) * pooled, 1e-12))
        z = (pairs - means[:, None]) / scale[:, None]
        standardized = z.reshape(models, targets)
    centered: Floats = standardized - standardized.mean(axis=1, keepdims=True)
    return centered


def _half_width(left_out: Floats, tries: int) -> float:
    """Half the width of the jackknife interval, corrected for `tries` intervals (Bonferroni)."""
    from scipy.stats import t

    error = math.sqrt((GROUPS - 1) / GROUPS * float(((left_out - left_out.mean()) ** 2).sum()))
    return float(t.ppf(1 - 0.025 / tries, GROUPS - 1)) * error


def _counts(scores: Floats, included: Truth, rate: float) -> tuple[int, int]:
    """True and false positives at a threshold with a false positive rate of at most `rate`."""
    controls = np.sort(scores[~included])[::-1]
    threshold = controls[int(rate * len(controls))]
    return int((scores[included] > threshold).sum()), int((controls > threshold).sum())


def _epsilon(hits: int, alarms: int, included: Truth, tries: int) -> float:
    """Lower bound of epsilon from the bounds of Clopper and Pearson on both rates, or 0.

    A model with epsilon has a true positive rate of at most exp(epsilon) times the false positive rate
    (Kairouz et al. 2015). Targets of one model count as independent trials (Steinke et al. 2023).
    """
    from scipy.stats import beta

    level = 0.025 / (2 * tries)
    positives, negatives = int(included.sum()), int((~included).sum())
    low = float(beta.ppf(level, hits, positives - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - level, alarms + 1, max(negatives - alarms, 1)))
    return math.log(low / high) if low > high else 0.0


def _more_copies(inside: int, outside: int, tries: int) -> bool:
    """Whether targets in the training rows are copied more often than others, beyond chance."""
    from scipy.stats import binomtest

    if not inside + outside:
        return False
    test = binomtest(inside, inside + outside, 0.5, alternative="greater")
    return bool(test.pvalue < 0.025 / tries)


def _select(rows: Rows, names: tuple[str, ...]) -> Rows:
    """Only the columns `names`."""
    numbers = {name: rows.numbers[name] for name in names if name in rows.numbers}
    codes = {name: rows.codes[name] for name in names if name in rows.codes}
    return Rows(rows.height, numbers, codes, rows.positions)
