"""The two classifiers whose fairness is compared: one learned from synthetic rows, one from real ones.

Both are tested on unseen real rows. Tested on synthetic rows a model may look fair that is not: rows
made fair leave traces of the group in other columns, and on real people the model finds them again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.arrays import Floats, Ints
from artesian.metrics.encoded import encode
from artesian.metrics.features import Features
from artesian.metrics.parallel import side_by_side
from artesian.metrics.protocol import Comparison
from artesian.metrics.roc import Truth
from artesian.metrics.utility.target import find_target
from artesian.metrics.utility.tstr import answered, predict

MIN_TRAIN = 50
GROUP = 30
"""Fewest unseen rows of a group that is looked at."""

REFITS = 5
"""Fits with one group of the training rows left out, for the jackknife."""

ROWS, TEST_ROWS, MAX_COLUMNS = 30_000, 20_000, 300


@dataclass(frozen=True, slots=True)
class Groups:
    """Attributes:
    names: The groups with enough rows.
    of: (rows,) position in `names`, -1 for rows of smaller groups.
    """

    names: tuple[str, ...]
    of: Ints


@dataclass(frozen=True, slots=True)
class Predictions:
    """What both models say of unseen rows.

    Attributes:
        target, event: The column that is predicted, and the class that counts as the event.
        truth: (rows,) whether the event is so.
        synthetic, real: (1 + REFITS, rows) its probability by the model trained on such rows, then by
            models trained without one group of them each: how much the draw of the rows matters.
        groups: Sensitive column -> its groups; columns with fewer than two are left out.
    """

    target: str
    event: str
    truth: Truth
    synthetic: Floats
    real: Floats
    groups: dict[str, Groups]


def predictions(tables: Comparison, run: Run) -> Predictions | str:
    """Fitted once for a comparison; or the reason why there are none."""
    return tables.once(("fairness", run.seed.entropy, run.seed.path), lambda: _fitted(tables, run))


def _fitted(tables: Comparison, run: Run) -> Predictions | str:
    encoded = encode(tables)
    if encoded.holdout is None:
        return "it needs a holdout: real rows to predict"
    sensitive = [column.name for column in encoded.columns if column.sensitive]
    if not sensitive:
        return "no column is marked as sensitive"
    target = find_target(encoded, tables.real.schema)
    if isinstance(target, str):
        return target
    known = np.unique(encoded.real.codes.get(target.name, np.empty(0, np.int64)))
    if not target.classes or (known >= 0).sum() != 2:
        return f"the target {target.name!r} has not two classes"
    event = int(known[-1])
    seed = run.seed.child("fairness")
    features = Features.of(encoded, MAX_COLUMNS, seed.child("columns"), without=target.name)
    if not features.columns:
        return f"there is nothing to predict {target.name!r} from"
    real, synthetic, unseen = (
        answered(rows, target) for rows in (encoded.real, encoded.synthetic, encoded.holdout)
    )
    size = min(real.height, synthetic.height, ROWS)
    test = unseen.at_most(TEST_ROWS, seed.child("holdout"))
    if min(size, test.height) < MIN_TRAIN:
        return f"there are {min(size, test.height)} rows, and {MIN_TRAIN} are needed"
    sides = [
        rows.at_most(size, seed.child(name))
        for rows, name in ((synthetic, "synthetic"), (real, "real"))
    ]
    for rows, name in zip((*sides, test), ("synthetic", "real", "unseen"), strict=True):
        if len(np.unique(rows.codes[target.name])) < 2:
            return f"{target.name!r} has one class in the {name} rows"
    groups = {}
    for name in sensitive:
        if name in test.codes and name != target.name:
            found = _groups(test.codes[name], encoded.levels[name])
            if len(found.names) > 1:
                groups[name] = found
    if not groups:
        return f"no sensitive column has two groups of {GROUP} unseen rows"
    groups_of_rows = seed.child("refits").rng().permutation(size) % REFITS
    jobs = [
        rows if left is None else rows.take(np.flatnonzero(groups_of_rows != left))
        for rows in sides
        for left in (None, *range(REFITS))
    ]
    scores = np.array(
        side_by_side(
            lambda rows: predict(rows, real, test, target, features, seed)[:, event],
            jobs,
            run,
            "fairness",
        )
    ).reshape(2, 1 + REFITS, -1)
    truth = np.asarray(test.codes[target.name] == event)
    return Predictions(
        target.name, str(encoded.levels[target.name][event]), truth, scores[0], scores[1], groups
    )


def _groups(codes: Ints, levels: tuple[object, ...]) -> Groups:
    """Missing values are a group of their own."""
    counts = np.bincount(codes + 1, minlength=len(levels) + 1)
    kept = np.flatnonzero(counts >= GROUP)
    to: npt.NDArray[np.int64] = np.full(len(counts), -1)
    to[kept] = np.arange(len(kept))
    names = tuple("missing" if at == 0 else str(levels[at - 1]) for at in kept)
    return Groups(names, to[codes + 1])
