"""Replay of rare combinations: two or three values that stand together in one training row alone, and
stand together again in a synthetic row. Of one person, that is a description.

Combinations that are as rare among unseen rows are the control: a table of few values meets those by
chance as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.formatting import percent
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

FEWEST = 20
"""Rows of either kind with a rare combination, at least."""

_CUTS = np.unique(np.concatenate([np.linspace(0, 1, 21)[1:-1], (0.001, 0.005, 0.995, 0.999)]))
"""Quantiles at which a number is cut: finer at its ends, where people stand alone."""

_SIZES = {2: "pairs", 3: "triples"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RareReplay(BaseMetric):
    """Each row that has rare combinations is attacked by one of them, the least likely if columns were
    independent: so the attacks are of as many rows, and an interval may be taken. Pairs and triples of
    columns are two attacks, and the result is that of the worse.

    A combination is rare if it stands in so many rows of the one real table, and in none of the other.
    Keys and free text are left out.

    Attributes:
        most: Rows in which a rare combination stands, at most.
        rows: Training rows, and as many unseen rows, that are looked at, at most.
        against: Synthetic rows that are looked at, at most.
        sets: Pairs, and triples, of columns that are looked at; of more, that many are drawn by the
            seed.
    """

    spec: ClassVar[Spec] = Spec(
        name="rare_replay",
        title="Replay of rare combinations",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0 is no more than of unseen rows, 1 is every rare combination of "
        "training rows and none "
        "of unseen ones",
        source="Carlini et al. 2019 (The Secret Sharer), for tables",
        needs_holdout=True,
    )
    most: int = 1
    rows: int = 20_000
    against: int = 50_000
    sets: int = 150

    def measure(self, tables: Comparison, run: Run) -> Result:
        ground = AttackSetup.of(tables, self.spec, self.rows, self.against, run)
        cells = _Cells.of(ground)
        found: dict[str, Advantage] = {}
        looked = 0
        for size, name in _SIZES.items():
            chosen = self._sets(len(cells.counts), size, ground)
            replayed = _replayed(cells, chosen, self.most, run, self.spec.name)
            if min(len(side) for side in replayed) >= FEWEST:
                looked += len(chosen)
                trained, unseen = replayed
                found[name] = Advantage.of(
                    int(trained.sum()),
                    len(trained),
                    int(unseen.sum()),
                    len(unseen),
                    tries=len(_SIZES),
                )
        if not found:
            raise NotMeasurable(f"fewer than {FEWEST} rows have a combination that is rare")
        which = max(found, key=lambda name: found[name].value)
        worst = found[which]
        return Result(
            value=worst.value,
            interval=worst.interval,
            reference=0.0,
            parts={
                "replayed of training rows": worst.trained,
                "replayed of unseen rows": worst.unseen,
                **{name: one.value for name, one in found.items()},
            },
            explanation=(
                f"Of {which} of values that stand in one training row alone, {percent(worst.trained)} "
                f"stand in a synthetic row as well; of those that stand in one unseen row alone, "
                f"{percent(worst.unseen)}."
            ),
            detail={
                "worst": which,
                "sets": looked,
                "most": self.most,
                "rows": ground.trained.height,
                "risk": worst.risk,
            },
        )

    def _sets(self, columns: int, size: int, ground: AttackSetup) -> list[tuple[int, ...]]:
        if columns < size:
            return []
        if math.comb(columns, size) <= self.sets:
            return list(combinations(range(columns), size))
        # Drawn one by one: of a wide table there are too many to list.
        rng = ground.seed.child("sets", size).rng()
        drawn: dict[tuple[int, ...], None] = {}
        while len(drawn) < self.sets:
            drawn[tuple(sorted(rng.permutation(columns)[:size].tolist()))] = None
        return list(drawn)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The three tables cut into cells: categories as they are, numbers between their quantiles in both
    real tables, so that neither is favoured; 0 is missing.

    Attributes:
        counts: Cells of each column.
        real: Training rows and then as many unseen ones, (columns, 2 n).
        made: Synthetic rows, (columns, m).
        likely: Logarithm of the share that each real row's cell has, (columns, 2 n).
    """

    counts: tuple[int, ...]
    real: Ints
    made: Ints
    likely: Floats

    @classmethod
    def of(cls, ground: AttackSetup) -> _Cells:
        counts, real, made, likely = [], [], [], []
        for column in ground.encoded.columns:
            name = column.name
            if name in ground.encoded.levels:
                count = len(ground.encoded.levels[name]) + 1
                placed = [_codes(r, name) for r in (ground.trained, ground.unseen, ground.made)]
            else:
                sides = [r.numbers[name] for r in (ground.trained, ground.unseen, ground.made)]
                known = np.concatenate(sides[:2])
                known = known[~np.isnan(known)]
                edges = (
                    np.unique(np.quantile(known, _CUTS, method="lower")) if len(known) else known
                )
                count = len(edges) + 2
                placed = [_cut(values, edges) for values in sides]
            both = np.concatenate(placed[:2])
            shares = np.bincount(both, minlength=count) / len(both)
            counts.append(count)
            real.append(both)
            made.append(placed[2])
            likely.append(np.log(shares[both]))
        return cls(tuple(counts), np.array(real), np.array(made), np.array(likely))

    def together(self, rows: Ints, columns: tuple[int, ...]) -> Ints:
        """One number for the cells of some columns. (rows,)"""
        total = np.zeros(rows.shape[1], np.int64)
        for column in columns:
            total = total * self.counts[column] + rows[column]
        return total


def _codes(rows: Rows, name: str) -> Ints:
    return rows.codes[name] + 1


def _cut(values: Floats, edges: Floats) -> Ints:
    at = 1 + np.searchsorted(edges, values, "left")
    return np.where(np.isnan(values), 0, at).astype(np.int64)


def _replayed(
    cells: _Cells, sets: list[tuple[int, ...]], most: int, run: Run, work: str
) -> list[npt.NDArray[np.bool_]]:
    """Of the training rows and of the unseen rows that have a rare combination, whether the least
    likely of them stands in a synthetic row."""
    height = cells.real.shape[1] // 2
    least = np.full(2 * height, np.inf)
    replayed = np.zeros(2 * height, np.bool_)
    for columns in run.track(sets, work):
        keys, at = np.unique(cells.together(cells.real, columns), return_inverse=True)
        times = [np.bincount(side, minlength=len(keys)) for side in (at[:height], at[height:])]
        # In none of the other table: what stands in both is known of people in general.
        rare = (np.minimum(*times) == 0) & (np.maximum(*times) <= most)
        known = np.isin(keys, cells.together(cells.made, columns), kind="sort")
        likely = cells.likely[list(columns)].sum(axis=0)
        better = rare[at] & (likely < least)
        least[better], replayed[better] = likely[better], known[at[better]]
    attacked = np.isfinite(least)
    return [
        replayed[side][attacked[side]] for side in (slice(0, height), slice(height, 2 * height))
    ]
