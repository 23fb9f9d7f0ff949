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

from artesian.synthesizers.embedding import SCALE, embed, focus

Codes = NDArray[np.uint8]

BINS = 64
EDGES = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """Attributes:
    rounds, depth, rate: Trees of an ensemble, their depth, and the step size.
    folds: Ensembles, each fitted without one fold of the rows.
    share: Part of the rows each round looks at.
    penalty: Rows of shrinkage in a leaf.
    keep: Directions of a number's distribution that become features.
    patience: Stop when ten rounds explain less than this share of the variance.
    rows: Most rows an ensemble is fitted on.
    """

    rounds: int = 60
    depth: int = 6
    rate: float = 0.2
    folds: int = 4
    share: float = 0.5
    penalty: float = 5.0
    keep: int = 3
    patience: float = 0.002
    rows: int = 60_000


@dataclass(frozen=True, slots=True)
class Ensemble:
    """One fold's model; shapes as in `boost.predict`."""

    column_of: NDArray[np.int64]
    view: Codes
    base: NDArray[np.float32]
    split: NDArray[np.int32]
    cut: NDArray[np.int32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scores:
    """Fitted scores of one target.

    Attributes:
        ensembles: One per fold.
        edges: Cut points that turn each kept direction into a feature's codes.
    """

    ensembles: tuple[Ensemble, ...]
    edges: tuple[NDArray[np.float32], ...]

    @classmethod
    def fit(
        cls,
        codes: Codes,
        levels: NDArray[np.int64],
        ordered: NDArray[np.bool_],
        before: NDArray[np.int64],
        target: int,
        *,
        missing: bool,
        settings: ScoreSettings,
        rng: np.random.Generator,
    ) -> tuple[Self, Codes] | None:
        """Fit on columns `before` of `codes`, shape (p, n); None if nothing can be learnt.

        Returns:
            The scores, and their cross-fitted features of all rows, shape (kept, n).
        """
        from artesian.synthesizers import boost

        n = codes.shape[1]
        folds = settings.folds
        if n < 20 * folds or levels[target] < 2:
            return None
        fold = rng.integers(0, folds, n)
        counts = np.bincount(codes[target], minlength=levels[target]).astype(float)
        vectors = embed(counts, ordered=bool(ordered[target]), missing=missing)
        aim = (vectors / SCALE * focus(ordered=bool(ordered[target]))).astype(np.float32)
        kept = min(settings.keep, int(levels[target]) - 1)
        crossed = np.zeros((n, kept), np.float32)
        ensembles = []
        for number in range(folds):
            rows = rng.permutation(np.flatnonzero(fold != number))[: settings.rows]
            wanted = aim[codes[target, rows]]
            base = wanted.mean(axis=0)
            residual = np.ascontiguousarray(wanted - base)
            column_of, view = _views(codes, levels, ordered, before, rows, residual)
            seen = np.stack([view[v][codes[c, rows]] for v, c in enumerate(column_of)])
            split, cut, values = boost.boost(
                seen,
                view.max(axis=1).astype(np.int64) + 1,
                residual,
                settings.rounds,
                settings.depth,
                np.float32(settings.rate),
                np.float32(settings.penalty),
                settings.share,
                settings.patience,
            )
            # Views that no split asks about would only cost time when sampling.
            used, split = np.unique(split, return_inverse=True)
            ensemble = Ensemble(
                column_of[used],
                view[used],
                base[:kept],
                split.reshape(cut.shape).astype(np.int32),
                cut,
                np.ascontiguousarray(values[:, :, :kept]),
            )
            ensembles.append(ensemble)
            crossed[fold == number] = _value(ensemble, codes, np.flatnonzero(fold == number))
        edges = tuple(
            np.unique(np.quantile(crossed[:, d], np.linspace(0, 1, EDGES + 1)[1:-1])).astype(
                np.float32
            )
            for d in range(kept)
        )
        scores = cls(tuple(ensembles), edges)
        return scores, scores._coded(crossed)

    @property
    def levels(self) -> NDArray[np.int64]:
        """Codes of each feature, shape (kept,)."""
        return np.array([len(edges) + 1 for edges in self.edges], np.int64)

    def features(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Features of new rows, shape (kept, n); `codes`, shape (p, n), as in `fit`."""
        n = codes.shape[1]
        chosen = rng.integers(0, len(self.ensembles), n)
        out = np.zeros((n, len(self.edges)), np.float32)
        for number, ensemble in enumerate(self.ensembles):
            rows = np.flatnonzero(chosen == number)
            out[rows] = _value(ensemble, codes, rows)
        return self._coded(out)

    def _coded(self, values: NDArray[np.float32]) -> Codes:
        return np.stack(
            [np.searchsorted(e, values[:, d]).astype(np.uint8) for d, e in enumerate(self.edges)]
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, for `of_arrays`."""
        out: dict[str, NDArray[Any]] = {f"edges{d}": e for d, e in enumerate(self.edges)}
        for number, e in enumerate(self.ensembles):
            for name in Ensemble.__slots__:
                out[f"{number}.{name}"] = getattr(e, name)
        return out

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        edges = tuple(arrays[f"edges{d}"] for d in range(sum(k.startswith("edges") for k in arrays)))
        count = sum(k.endswith(".base") for k in arrays)
        ensembles = (
            Ensemble(*(arrays[f"{number}.{name}"] for name in Ensemble.__slots__))
            for number in range(count)
        )
        return cls(tuple(ensembles), edges)


def _value(ensemble: Ensemble, codes: Codes, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    from artesian.synthesizers import boost

    out = np.tile(ensemble.base, (len(rows), 1))
    boost.predict(
        codes,
        ensemble.column_of,
        ensemble.view,
        rows,
        ensemble.split,
        ensemble.cut,
        ensemble.values,
        out,
    )
    return out


def _views(
    codes: Codes,
    levels: NDArray[np.int64],
    ordered: NDArray[np.bool_],
    before: NDArray[np.int64],
    rows: NDArray[np.int64],
    residual: NDArray[np.float32],
) -> tuple[NDArray[np.int64], Codes]:
    """Every feature as ordered codes below BINS; a category is ordered by the target's response.

    Returns:
        The column each view reads, shape (v,), and its code for each code, shape (v, 256).
    """
    column_of: list[int] = []
    views: list[NDArray[np.int64]] = []
    for column in before:
        seen = codes[column, rows]
        size = np.bincount(seen, minlength=levels[column]).astype(float)
        orders = [np.arange(levels[column])]
        if not ordered[column] and levels[column] > 2:
            response = np.stack(
                [np.bincount(seen, residual[:, d], levels[column]) for d in range(2)], axis=1
            ) / (size[:, None] + 10.0)
            orders = [np.argsort(response[:, d], kind="stable") for d in range(2)]
        for order in orders:
            column_of.append(int(column))
            rank = np.empty(levels[column], np.int64)
            rank[order] = np.arange(levels[column])
            views.append(_squeezed(size[order])[rank])
    table = np.zeros((len(views), 256), np.uint8)
    for v, view in enumerate(views):
        table[v, : len(view)] = view
    return np.array(column_of, np.int64), table


def _squeezed(mass: NDArray[np.float64]) -> NDArray[np.int64]:
    """Neighbouring codes merged by mass until at most BINS are left."""
    if len(mass) <= BINS:
        return np.arange(len(mass))
    middle = (np.cumsum(mass) - mass / 2) / max(mass.sum(), 1.0)
    return np.unique((middle * (BINS - 1e-6)).astype(np.int64), return_inverse=True)[1]
