"""Boosted scores: predictions of a target by a small ensemble, as further features of its tree.

A tree alone needs many leaves to follow a tight relation between numbers. A boosted prediction of the
target's location (numbers) or class probabilities (categories) puts the relation on one axis. The
predictions that the tree is grown on are cross-fitted (stacking, Wolpert 1992): each row's comes from
an ensemble fitted without that row. When sampling, a row uses one of these ensembles at random, so that
its scores have the distribution the tree was grown on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.validated import require, require_range, require_shape
from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.additive import Additive
from artesian.synthesizers.sequential.design_matrix import Design
from artesian.synthesizers.sequential.ensemble import BoostSettings, Ensemble
from artesian.trees.target_embedding import SCALE, embed

Codes = NDArray[np.uint8]

MAX_CODES = 250
"""Maximum number of codes of a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings(BoostSettings):
    """Settings of the boosted scores.

    Attributes:
        folds: Ensembles of each direction, each fitted without one fold of the rows.
        directions: Directions of a number's distribution that become features: location, spread, ...
        classes: Classes of a category that become features, the most frequent first.
        rows: Maximum number of rows that an ensemble is fitted on.
    """

    folds: int = 3
    directions: int = 1
    classes: int = 1
    rows: int = 60_000


@dataclass(frozen=True, slots=True)
class Scores:
    """Fitted scores of one target.

    Attributes:
        start: The additive model whose residuals the ensembles fit.
        ensembles: For each direction, one ensemble per fold.
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
        regressors: NDArray[np.int64],
        predictors: NDArray[np.int64],
        target: int,
        *,
        settings: ScoreSettings,
        rng: np.random.Generator,
    ) -> tuple[Self, Codes] | None:
        """Fit the scores of column `target`; None if it has too few rows or is constant.

        Args:
            design: Basis functions of all columns, if they were computed.
            regressors: Columns of the additive model.
            predictors: Columns of the ensembles.

        Returns:
            The scores, and the cross-fitted features of all rows, shape (directions, n).
        """
        n, codes = coded.rows, coded.codes
        if n < 20 * settings.folds:
            return None
        fold = rng.integers(0, settings.folds, n)
        directions = _directions(coded, target, settings)  # (directions, levels)
        if not len(directions):
            return None
        parts = [np.flatnonzero(fold == number) for number in range(settings.folds)]
        samples = [
            rng.permutation(np.flatnonzero(fold != number))[: settings.rows]
            for number in range(settings.folds)
        ]
        values = directions[:, codes[target]]  # (directions, n)
        design = design or Design.from_codes(coded, regressors)
        start, crossed = Additive.fit(codes, design, regressors, values)
        residuals = values - crossed
        ensembles = []
        for d in range(len(directions)):
            folds = tuple(
                Ensemble.fit(coded, predictors, rows, residuals[d, rows], settings)
                for rows in samples
            )
            for ensemble, rows in zip(folds, parts, strict=True):
                crossed[d, rows] += ensemble.predict(codes, rows)
            ensembles.append(folds)
        at = np.linspace(0, 1, MAX_CODES + 1)[1:-1]
        edges = tuple(np.unique(np.quantile(c, at)).astype(np.float32) for c in crossed)
        scores = cls(start, tuple(ensembles), edges)
        return scores, scores._to_codes(crossed)

    def check_values(self) -> None:
        """Check that every direction has edges and as many ensembles as the others."""
        folds = len(self.ensembles[0]) if self.ensembles else 0
        require(folds and len(self.ensembles) == len(self.edges), "there are no ensembles")
        require(all(len(each) == folds for each in self.ensembles), "an ensemble is missing")
        require(len(self.start.base) == len(self.edges), "a direction has no start")
        for edges in self.edges:
            require_shape(edges, (None,), "edges")
            require(len(edges) < 256, "a score has more than 256 codes")

    def check_columns(self, levels: Sequence[int]) -> None:
        """Check that its features are columns with `levels`."""
        require_range(self.start.columns, 0, len(levels), "columns of a score")
        for ensemble in (each for folds in self.ensembles for each in folds):
            ensemble.check_columns(levels)

    @property
    def levels(self) -> NDArray[np.int64]:
        """Number of codes of each feature, shape (directions,)."""
        return np.array([len(edges) + 1 for edges in self.edges], np.int64)

    def features(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Features of new rows, shape (directions, n); `codes`, shape (p, n), as in `fit`."""
        n = codes.shape[1]
        folds = len(self.ensembles[0])
        chosen = rng.integers(0, folds, n)
        parts = [np.flatnonzero(chosen == number) for number in range(folds)]
        out = self.start.predict(codes, np.arange(n))
        for d, ensembles in enumerate(self.ensembles):
            for ensemble, rows in zip(ensembles, parts, strict=True):
                out[d, rows] += ensemble.predict(codes, rows)
        return self._to_codes(out)

    def _to_codes(self, values: NDArray[np.float32]) -> Codes:
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
        """Restore what `to_arrays` returned."""
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


def _directions(coded: CodedTable, target: int, settings: ScoreSettings) -> NDArray[np.float32]:
    """What is predicted, as a value for each code of the target, shape (directions, levels).

    Only the most frequent classes of a category are predicted: one more class costs as much as a number
    and did not improve fidelity in benchmarks.
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
