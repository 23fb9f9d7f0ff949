"""Membership attacks by whoever reads a model: how likely it makes a row, compared with a model of rows
that the attacker has.

The holdout plays two parts, as in `membership_strongest`: half of its rows are the attacker's, the
other half are controls, and then the halves change places, against other training rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from artesian.core.run import Run
from artesian.data.table import Table
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.subjects import find_subjects
from artesian.metrics.privacy.attacks.attack_outcomes import (
    SOME,
    Attack,
    AttackedHalf,
    effective_tries,
    strongest,
)
from artesian.metrics.privacy.attacks.membership_strongest import MIN_ISOLATED, MIN_ROWS
from artesian.metrics.privacy.attacks.row_attacks import CLIP, RowScores
from artesian.metrics.protocol import Comparison, NotMeasurable

Densities = Callable[[Table], Floats]
"""Log-density of each row of a table by column, shape (terms, n)."""


@dataclass(frozen=True, slots=True)
class WhiteBox:
    """The strongest attack of a reader of the model.

    Attributes:
        attack: Name of the attack.
        auc: ROC AUC of telling training rows from holdout rows.
        interval: 95 % interval, which allows for the choice of the strongest.
        train, holdout: Numbers of attacked rows or entities.
    """

    attack: str
    auc: float
    interval: tuple[float, float]
    train: int
    holdout: int

    def to_dict(self) -> dict[str, Any]:
        """The attributes as JSON types."""
        return {
            "attack": self.attack,
            "auc": round(self.auc, 4),
            "interval": [round(end, 4) for end in self.interval],
            "train": self.train,
            "holdout": self.holdout,
        }


def attack_densities(model: Floats, reference: Floats) -> RowScores:
    """Score rows by their log-densities in the model and in a model of the attacker, (terms, m)."""
    ratios = model - reference
    scores = {
        "likelihood": model.sum(axis=0),
        "likelihood ratio": ratios.sum(axis=0),
        "clipped likelihood ratio": np.clip(ratios, -CLIP, CLIP).sum(axis=0),
    }
    return RowScores(scores, -reference.sum(axis=0))


def white_box(
    tables: Comparison,
    densities: Densities,
    fit_reference: Callable[[Table], Densities],
    run: Run,
    *,
    targets: int = 4_000,
) -> WhiteBox:
    """Attack the training rows of `tables` by reading the model that was fitted on them.

    Args:
        densities: Those of the model.
        fit_reference: Fits the attacker's model, with the same terms.
        targets: Maximum number of attacked training rows, and of attacked holdout rows.

    Raises:
        NotMeasurable: There is no holdout, or there are too few rows.
    """
    if tables.holdout is None:
        raise NotMeasurable("there is no holdout")
    subjects = find_subjects(tables)
    units = [len(np.unique(numbers)) for numbers in (subjects.train, subjects.holdout)]
    if min(units) < 2 * MIN_ROWS:
        same = f" (those with the same {subjects.entity!r} count once)" if subjects.entity else ""
        raise NotMeasurable(
            f"there are {units[0]} training and {units[1]} holdout rows{same}; "
            f"{2 * MIN_ROWS} are needed"
        )
    seed = run.seed.child("white box")
    second = subjects.halved(seed.child("halves"))
    size = max(targets // 2, MIN_ROWS)

    def rows_of(half: int, numbers: Any, name: str, limit: int | None = size) -> Any:
        at = np.flatnonzero(second[numbers] == half)
        if limit is None or len(at) <= limit:
            return at
        return np.sort(seed.child(name, half).rng().permutation(at)[:limit])

    halves = []
    for half in (0, 1):
        run.check("white box")
        own = tables.holdout.frame[rows_of(1 - half, subjects.holdout, "own", None)]
        reference = fit_reference(tables.holdout.with_frame(own))
        parts = [
            (tables.real, subjects.train, "train"),
            (tables.holdout, subjects.holdout, "holdout"),
        ]
        chosen = [rows_of(half, numbers, name) for _, numbers, name in parts]
        attacked = [
            table.with_frame(table.frame[at]) for (table, *_), at in zip(parts, chosen, strict=True)
        ]
        outcome = attack_densities(
            *(
                np.concatenate([f(table) for table in attacked], axis=1)
                for f in (densities, reference)
            )
        )
        of = np.concatenate(
            [numbers[at] for (_, numbers, _), at in zip(parts, chosen, strict=True)]
        )
        is_train = np.repeat([True, False], [len(at) for at in chosen])
        halves.append(AttackedHalf.from_rows(is_train, of, outcome, subjects.entity))
    return _strongest(halves, run)


def _strongest(halves: list[AttackedHalf], run: Run) -> WhiteBox:
    attacks = {name: Attack.from_halves(halves, name) for name in halves[0].scores}
    isolated = [
        sum(int((h.isolated & (h.train == s)).sum()) for h in halves) for s in (True, False)
    ]
    if min(isolated) >= MIN_ISOLATED:
        attacks |= {name + SOME: Attack.from_halves(halves, name + SOME) for name in attacks}
    tries = effective_tries(halves, list(attacks), run)
    name = strongest(attacks, NormalDist().inv_cdf(1 - 0.025 / tries))
    attack = attacks[name]
    interval = normal(attack.area, attack.variance, 0.0, 1.0, tries=tries)
    sizes = attack.sizes()
    return WhiteBox(name, attack.area, interval, sizes["trained"], sizes["holdout"])
