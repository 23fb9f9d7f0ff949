"""Replay of rare combinations: two or three values that occur together in one training row only,
and again in a synthetic row. Such a combination describes one person.

The control are combinations that are as rare in the holdout, which synthetic rows can have by
chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

MIN_TARGETS = 20
"""Minimum number of training rows, and of holdout rows, with a rare combination."""

_QUANTILES = np.unique(np.concatenate([np.linspace(0, 1, 21)[1:-1], (0.001, 0.005, 0.995, 0.999)]))
"""Quantiles that bin a number: finer at its ends, where rows are isolated."""

_SIZES = {2: "pairs", 3: "triples"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RareReplay(BaseMetric):
    """Advantage on training over holdout rows in the fraction of rows whose rare combination occurs
    in a synthetic row.

    Each row with rare combinations is attacked by one of them, the least likely one under
    independence of columns, so that attacks are independent and an interval is valid. Pairs and
    triples of columns are two attacks; the one with the larger advantage is reported. A combination
    is rare if it occurs in at most `max_count` rows of one real table and in no row of the other.
    Keys and free text are left out.

    Attributes:
        max_count: Maximum number of rows with a rare combination.
        rows: Maximum number of training rows, and of holdout rows.
        against: Maximum number of synthetic rows.
        sets: Maximum number of pairs, and of triples, of columns; of more, a random choice.
    """

    spec: ClassVar[Spec] = Spec(
        name="rare_replay",
        title="Replay of rare combinations",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0: as often as for the holdout; 1: every rare combination of training rows and "
        "none of the holdout",
        source="Carlini et al. 2019 (The Secret Sharer), for tables",
        needs_holdout=True,
    )
    max_count: int = 1
    rows: int = 20_000
    against: int = 50_000
    sets: int = 150

    def measure(self, tables: Comparison, run: Run) -> Result:
        setup = AttackSetup.from_comparison(tables, self.spec, self.rows, self.against, run)
        bins = _Bins.from_setup(setup)
        advantages: dict[str, Advantage] = {}
        set_count = 0
        for size, name in _SIZES.items():
            sets = self._sets(len(bins.counts), size, setup)
            replayed = _replayed(bins, sets, self.max_count, run, self.spec.name)
            if min(len(side) for side in replayed) >= MIN_TARGETS:
                set_count += len(sets)
                train, holdout = replayed
                advantages[name] = Advantage.from_counts(
                    int(train.sum()),
                    len(train),
                    int(holdout.sum()),
                    len(holdout),
                    tries=len(_SIZES),
                )
        if not advantages:
            raise NotMeasurable(f"fewer than {MIN_TARGETS} rows have a rare combination")
        worst_size = max(advantages, key=lambda name: advantages[name].value)
        worst = advantages[worst_size]
        return Result(
            value=worst.value,
            interval=worst.interval,
            p_value=worst.p_value,
            reference=0.0,
            parts={
                "replayed of training rows": worst.train,
                "replayed of holdout rows": worst.holdout,
                **{name: each.value for name, each in advantages.items()},
            },
            explanation=(
                f"{percent(worst.train)} of the {worst_size} of values that occur in one training "
                "row only occur in a synthetic row; of those that occur in one holdout row only, "
                f"{percent(worst.holdout)}."
            ),
            detail={
                "worst": worst_size,
                "sets": set_count,
                "most": self.max_count,
                "rows": setup.train.height,
                "risk": worst.risk,
            },
        )

    def _sets(self, columns: int, size: int, setup: AttackSetup) -> list[tuple[int, ...]]:
        if columns < size:
            return []
        if math.comb(columns, size) <= self.sets:
            return list(combinations(range(columns), size))
        # Drawn one by one: a wide table has too many to enumerate.
        rng = setup.seed.child("sets", size).rng()
        drawn: dict[tuple[int, ...], None] = {}
        while len(drawn) < self.sets:
            drawn[tuple(sorted(rng.permutation(columns)[:size].tolist()))] = None
        return list(drawn)


@dataclass(frozen=True, slots=True)
class _Bins:
    """The three tables as bins: categories, and numbers between quantiles of both real tables
    together, so that neither is favoured; 0 is missing.

    Attributes:
        counts: Number of bins of each column.
        real: (columns, 2 n) training rows, then the same number of holdout rows.
        synthetic: (columns, m) synthetic rows.
        log_likelihood: (columns, 2 n) log proportion of the bin of each real row.
    """

    counts: tuple[int, ...]
    real: Ints
    synthetic: Ints
    log_likelihood: Floats

    @classmethod
    def from_setup(cls, setup: AttackSetup) -> _Bins:
        counts, real, synthetic, log_likelihood = [], [], [], []
        for column in setup.encoded.columns:
            name = column.name
            if name in setup.encoded.levels:
                count = len(setup.encoded.levels[name]) + 1
                binned = [_codes(r, name) for r in (setup.train, setup.holdout, setup.synthetic)]
            else:
                sides = [r.numbers[name] for r in (setup.train, setup.holdout, setup.synthetic)]
                values = np.concatenate(sides[:2])
                values = values[~np.isnan(values)]
                edges = (
                    np.unique(np.quantile(values, _QUANTILES, method="lower"))
                    if len(values)
                    else values
                )
                count = len(edges) + 2
                binned = [_binned(side, edges) for side in sides]
            real_bins = np.concatenate(binned[:2])
            proportions = np.bincount(real_bins, minlength=count) / len(real_bins)
            counts.append(count)
            real.append(real_bins)
            synthetic.append(binned[2])
            log_likelihood.append(np.log(proportions[real_bins]))
        return cls(tuple(counts), np.array(real), np.array(synthetic), np.array(log_likelihood))

    def combined(self, rows: Ints, columns: tuple[int, ...]) -> Ints:
        """One number for the bins of several columns. (rows,)"""
        total = np.zeros(rows.shape[1], np.int64)
        for column in columns:
            total = total * self.counts[column] + rows[column]
        return total


def _codes(rows: Rows, name: str) -> Ints:
    return rows.codes[name] + 1


def _binned(values: Floats, edges: Floats) -> Ints:
    at = 1 + np.searchsorted(edges, values, "left")
    return np.where(np.isnan(values), 0, at).astype(np.int64)


def _replayed(
    bins: _Bins, sets: list[tuple[int, ...]], max_count: int, run: Run, task: str
) -> list[npt.NDArray[np.bool_]]:
    """For the training rows and for the holdout rows with a rare combination, whether the least
    likely one occurs in a synthetic row."""
    height = bins.real.shape[1] // 2
    lowest_likelihood = np.full(2 * height, np.inf)
    replayed = np.zeros(2 * height, np.bool_)
    for columns in run.track(sets, task):
        keys, at = np.unique(bins.combined(bins.real, columns), return_inverse=True)
        counts_in = [np.bincount(side, minlength=len(keys)) for side in (at[:height], at[height:])]
        # In no row of the other table: what occurs in both follows from the population.
        rare = (np.minimum(*counts_in) == 0) & (np.maximum(*counts_in) <= max_count)
        occurs = np.isin(keys, bins.combined(bins.synthetic, columns), kind="sort")
        log_likelihood = bins.log_likelihood[list(columns)].sum(axis=0)
        rarer = rare[at] & (log_likelihood < lowest_likelihood)
        lowest_likelihood[rarer], replayed[rarer] = log_likelihood[rarer], occurs[at[rarer]]
    has_rare = np.isfinite(lowest_likelihood)
    return [
        replayed[side][has_rare[side]] for side in (slice(0, height), slice(height, 2 * height))
    ]
