"""Boosted scores: what a small ensemble expects of a target, offered to its tree as features.

A tree alone needs many leaves to follow a tight relation between numbers. A boosted estimate of the
target's location (for numbers) or of its classes' shares (for categories) puts the relation on one
axis. The estimates the tree is grown on are cross-fitted, each row's by a model that never saw the
row; at sampling a row takes one of these models at random, so that the law is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.additive import Additive
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.ensemble import BoostSettings, Ensemble
from artesian.synthesizers.sequential.target_embedding import SCALE, embed

Codes = NDArray[np.uint8]

EDGES = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings(BoostSettings):
    """Attributes:
    folds: Ensembles of each direction, each fitted without one fold of the rows.
    directions: Directions of a number's distribution that become features: location, spread, ...
    classes: Classes of a category that become features, the most frequent first.
    rows: Most rows an ensemble is fitted on.
    """

    folds: int = 3
    directions: int = 1
    classes: int = 1
    rows: int = 60_000


@dataclass(frozen=True, slots=True)
class Scores:
    """Fitted scores of one target.

    Attributes:
        start: The additive estimate that the ensembles correct.
        ensembles: For each direction, one per fold.
        edges: Cut points that turn each direction into a feature's codes.
    """

    start: Additive
    ensembles: tuple[tuple[Ensemble, ...], ...]
    edges: tuple[NDArray[np.float32], ...]

    @classmethod
    def fit(
        cls,
        coded: CodedTable,
        design: Design | None,
        all_before: NDArray[np.int64],
        before: NDArray[np.int64],
        target: int,
        *,
        settings: ScoreSettings,
        rng: np.random.Generator,
    ) -> tuple[Self, Codes] | None:
        """Fit on columns of `codes`, shape (p, n); None if nothing can be learnt.

        Args:
            design: Curves of all columns, if they were made.
            all_before: Columns the additive estimate looks at.
            before: Columns the ensembles look at.

        Returns:
            The scores, and their cross-fitted features of all rows, shape (directions, n).
        """
        n, codes = coded.rows, coded.codes
        if n < 20 * settings.folds:
            return None
        fold = rng.integers(0, settings.folds, n)
        aims = _aims(coded, target, settings)
        if not len(aims):
            return None
        parts = [np.flatnonzero(fold == number) for number in range(settings.folds)]
        samples = [
            rng.permutation(np.flatnonzero(fold != number))[: settings.rows]
            for number in range(settings.folds)
        ]
        wanted = aims[:, codes[target]]
        design = design or Design.of(coded, all_before)
        start, crossed = Additive.fit(codes, design, all_before, wanted)
        wanted = wanted - crossed
        ensembles = []
        for d in range(len(aims)):
            folds = tuple(
                Ensemble.fit(coded, before, rows, wanted[d, rows], settings) for rows in samples
            )
            for ensemble, rows in zip(folds, parts, strict=True):
                crossed[d, rows] += ensemble.values(codes, rows)
            ensembles.append(folds)
        at = np.linspace(0, 1, EDGES + 1)[1:-1]
        edges = tuple(np.unique(np.quantile(c, at)).astype(np.float32) for c in crossed)
        scores = cls(start, tuple(ensembles), edges)
        return scores, scores._coded(crossed)

    @property
    def levels(self) -> NDArray[np.int64]:
        """Codes of each feature, shape (directions,)."""
        return np.array([len(edges) + 1 for edges in self.edges], np.int64)

    def features(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Features of new rows, shape (directions, n); `codes`, shape (p, n), as in `fit`."""
        n = codes.shape[1]
        folds = len(self.ensembles[0])
        chosen = rng.integers(0, folds, n)
        parts = [np.flatnonzero(chosen == number) for number in range(folds)]
        out = self.start.values(codes, np.arange(n))
        for d, ensembles in enumerate(self.ensembles):
            for ensemble, rows in zip(ensembles, parts, strict=True):
                out[d, rows] += ensemble.values(codes, rows)
        return self._coded(out)

    def _coded(self, values: NDArray[np.float32]) -> Codes:
        return np.stack(
            [
                np.searchsorted(e, v).astype(np.uint8)
                for e, v in zip(self.edges, values, strict=True)
            ]
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `from_arrays`."""
        out: dict[str, NDArray[Any]] = {f"edges.{d}": e for d, e in enumerate(self.edges)}
        out |= {f"start.{name}": getattr(self.start, name) for name in Additive.__slots__}
        for d, folds in enumerate(self.ensembles):
            for number, ensemble in enumerate(folds):
                out |= {f"{d}.{number}.{name}": a for name, a in ensemble.to_arrays().items()}
        return out

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        count = sum(name.startswith("edges.") for name in arrays)
        folds = sum(name.startswith("0.") and name.endswith(".base") for name in arrays)
        ensembles = tuple(
            tuple(
                Ensemble.from_arrays({n: arrays[f"{d}.{number}.{n}"] for n in Ensemble.__slots__})
                for number in range(folds)
            )
            for d in range(count)
        )
        start = Additive(*(arrays[f"start.{name}"] for name in Additive.__slots__))
        return cls(start, ensembles, tuple(arrays[f"edges.{d}"] for d in range(count)))


def _aims(coded: CodedTable, target: int, settings: ScoreSettings) -> NDArray[np.float32]:
    """What is to be estimated, as a value for each code: shape (directions, K).

    A category of many classes gets the score of its most frequent ones: one more class costs as much
    as a number and was not seen to pay.
    """
    counts = coded.counts(target)
    if (counts > 0).sum() < 2:
        return np.zeros((0, len(counts)), np.float32)
    if coded.ordered[target] and (counts > 0).sum() > 2:
        vectors = embed(counts, ordered=True, missing=bool(coded.missing[target]))
        return (vectors[:, : settings.directions].T / SCALE).astype(np.float32)
    frequent = np.argsort(-counts, kind="stable")[: min(settings.classes, len(counts) - 1)]
    frequent = frequent[counts[frequent] >= 2 * settings.min_leaf]
    return np.eye(len(counts), dtype=np.float32)[frequent]
