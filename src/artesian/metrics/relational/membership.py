"""Whole-entity membership attack: whether a parent with all its children was used for fitting.

Attacks on single rows understate what several rows of one person reveal together. The attacker has
the synthetic data and all rows of some entities, and ranks these by how close they are to synthetic
ones. Entities of the holdout, which no model was fitted on, are the control.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import decimal
from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.roc import auc_delong
from artesian.metrics.protocol import Better, Headline, NotMeasurable, Result, Spec
from artesian.metrics.relational.aggregates import aggregates
from artesian.metrics.relational.encoding import EncodedDataset, EncodedTable, encode_dataset
from artesian.metrics.relational.estimates import Estimate, combine, worst
from artesian.metrics.relational.protocol import DatasetComparison, RelationalMetric

MIN_ENTITIES = 20
POINTS, TARGETS = 4_096, 256
"""Numbers of rows of a block of products."""

MAX_TREE_NUMBERS = 15
"""Maximum number of columns of more than two values for a search by a tree."""

_ATTACKS = ("nearest entity", "nearest child rows", "copied siblings")


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEntity(RelationalMetric):
    """ROC AUC of the strongest of three attacks on whole entities, over all parent tables.

    One ranks entities by the distance of the parent's columns and aggregates to the nearest synthetic
    ones, one by the mean distance of its children to their nearest synthetic rows, and one by the
    fraction of its children whose nearest synthetic rows have the same parent.

    Attributes:
        entities: Maximum number of entities of training data and of the holdout.
        rows: Maximum number of child rows of either.
        searched: Maximum number of synthetic rows of a child table, of whole parents, among which the
            nearest ones are looked for.
    """

    spec: ClassVar[Spec] = Spec(
        name="membership_entity",
        title="Membership of whole entities",
        family="privacy",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0.5: no better than a guess; 1: every training parent is identified",
        source="Golob et al. 2025, MIDST challenge (membership inference on multi-relational data)",
        needs_holdout=True,
        headline=Headline.MEMBERSHIP,
        subject="parents with all their rows",
        slow=True,
    )
    entities: int = 1_500
    rows: int = 6_000
    searched: int = 1_000_000

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        data = encode_dataset(datasets)
        if "holdout" not in data.sides:
            raise NotMeasurable("it needs a holdout: real parents that no model was fitted on")
        parents = [name for name in data.tables if data.children_of(name)]
        estimates, refusals = [], {}
        for name in parents:
            run.check(self.spec.name)
            if not data.has_holdout(name):
                refusals[name] = "training data and holdout have it in common"
                continue
            if name in data.owners and data.has_holdout(data.owners[name].parent):
                refusals[name] = f"its rows belong to those of {data.owners[name].parent!r}"
                continue
            size = min(data.height(side, name) for side in data.sides)
            if size < MIN_ENTITIES:
                refusals[name] = f"{size} entities, and {MIN_ENTITIES} are needed"
                continue
            estimates += self._attacks(data, name, run.seed.child(self.spec.name, name))
        one = worst(estimates, refusals)
        explanation = (
            f"The strongest of {len(estimates)} attacks ({one.name}) tells parents that were used for "
            f"fitting from fresh ones with a ROC AUC of {decimal(one.value)} (a guess: 0.50)."
        )
        return combine(estimates, refusals, explanation, low=0.0, high=1.0, baseline=0.5)

    def _attacks(self, data: EncodedDataset, name: str, seed: Seed) -> list[Estimate]:
        chosen = {
            side: _sample(data.height(side, name), self.entities, seed.child(side))
            for side in ("real", "holdout")
        }
        truth = np.repeat([True, False], [len(chosen["real"]), len(chosen["holdout"])])
        scores = {"nearest entity": self._nearest_entity(data, name, chosen)}
        means, copies = [], []
        for key in data.children_of(name):
            if not data.tables[key.child].features.columns:
                continue
            distances, votes = self._children(data, key.child, name, chosen, seed)
            means.append(distances)
            copies.append(votes)
        if means:
            # Each entity is ranked per child table, so that tables of any scale have the same weight.
            scores["nearest child rows"] = -_mean_rank(means)
            scores["copied siblings"] = _mean_rank(copies)
        out = []
        for attack, values in scores.items():
            auc, variance = auc_delong(truth, values)
            out.append(
                Estimate(
                    name=f"{name}, {attack}",
                    value=auc,
                    error=float(np.sqrt(variance)),
                    expected=0.5,
                    detail={"entities": [int(truth.sum()), int((~truth).sum())]},
                )
            )
        return out

    def _nearest_entity(self, data: EncodedDataset, name: str, chosen: dict[str, Ints]) -> Floats:
        """(entities,) negative distance to the nearest synthetic entity."""
        space = _Space.from_matrix(_entity_matrix(data, "real", name))
        synthetic = space.points(_entity_matrix(data, "synthetic", name))
        targets = np.vstack(
            [space.points(_entity_matrix(data, side, name)[at]) for side, at in chosen.items()]
        )
        return -_nearest(synthetic, targets)[0]

    def _children(
        self, data: EncodedDataset, child: str, name: str, chosen: dict[str, Ints], seed: Seed
    ) -> tuple[Floats, Floats]:
        """(entities,) mean distance of the child rows, and the largest fraction of them whose nearest
        synthetic rows have one parent; NaN without children."""
        key = next(key for key in data.children_of(name) if key.child == child)
        table = data.tables[child]
        space = _Space.from_table(table)
        synthetic_parent = data.links[key]["synthetic"].parent
        synthetic_rows = np.flatnonzero(synthetic_parent >= 0)
        if len(synthetic_rows) > self.searched:
            fraction = self.searched / len(synthetic_rows)
            drawn = seed.child(child, "searched").rng().random(data.height("synthetic", name))
            synthetic_rows = synthetic_rows[drawn[synthetic_parent[synthetic_rows]] < fraction]
        points = space.points(_row_matrix(table, "synthetic")[synthetic_rows])
        if not len(points):
            size = sum(map(len, chosen.values()))
            return np.full(size, np.nan), np.full(size, np.nan)
        parents = synthetic_parent[synthetic_rows]
        means, votes = [], []
        for side, entities in chosen.items():
            parent = data.links[key][side].parent
            place = np.full(data.height(side, name), -1, np.int64)
            place[entities] = np.arange(len(entities))
            rows = np.flatnonzero((parent >= 0) & (place[np.maximum(parent, 0)] >= 0))
            per_entity = max(2, self.rows // max(1, len(entities)))
            rows = _few_of_each(rows, parent, per_entity, seed.child(child, side))
            distance, nearest = _nearest(points, space.points(_row_matrix(table, side)[rows]))
            owner = place[parent[rows]]
            count = np.bincount(owner, minlength=len(entities)).astype(float)
            total = np.bincount(owner, distance, minlength=len(entities))
            means.append(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))
            votes.append(_largest_vote(owner, parents[nearest], len(entities), count))
        return np.concatenate(means), np.concatenate(votes)


@dataclass(frozen=True, slots=True)
class _Space:
    """Numbers as ranks among the real ones, categories as indicators, missing values as an extra."""

    quantiles: Floats  # (101, features)

    @classmethod
    def from_matrix(cls, matrix: Floats) -> _Space:
        filled = np.where(np.isnan(matrix).all(axis=0), 0.0, matrix)
        return cls(np.nanquantile(filled, np.linspace(0, 1, 101), axis=0))

    @classmethod
    def from_table(cls, table: EncodedTable) -> _Space:
        return cls.from_matrix(_row_matrix(table, "real"))

    def points(self, matrix: Floats) -> Floats:
        out = np.empty((len(matrix), 2 * matrix.shape[1]))
        for at in range(matrix.shape[1]):
            values, grid = matrix[:, at], self.quantiles[:, at]
            low = np.searchsorted(grid, values, side="left")
            high = np.searchsorted(grid, values, side="right")
            missing = np.isnan(values)
            out[:, 2 * at] = np.where(missing, 0.5, (low + high) / 202)
            # Of values between two quantiles, the fine position: copies are closer than neighbours.
            spread = float(grid[-1] - grid[0]) or 1.0
            out[:, 2 * at] += np.where(missing, 0.0, np.clip((values - grid[0]) / spread, -1, 2))
            out[:, 2 * at + 1] = missing
        return out


def _entity_matrix(data: EncodedDataset, side: str, name: str) -> Floats:
    own = _row_matrix(data.tables[name], side)
    return np.column_stack([own, *aggregates(data, side, name, rich=True).values()])


def _row_matrix(table: EncodedTable, side: str) -> Floats:
    """(rows, features) numbers, and an indicator of each of the most frequent categories."""
    rows = table.rows[side]
    parts: list[Floats] = list(rows.numbers.values())
    for name, codes in rows.codes.items():
        real = table.rows["real"].codes[name]
        counts = np.bincount(real[real >= 0], minlength=1)
        parts += [(codes == level).astype(float) for level in np.argsort(-counts)[:12]]
    return np.column_stack(parts) if parts else np.empty((rows.height, 0))


def _nearest(points: Floats, targets: Floats) -> tuple[Floats, Ints]:
    """Distance of each target to the nearest point, and the position of that. (targets,) each"""
    from scipy.spatial import cKDTree
    from threadpoolctl import threadpool_limits

    # A tree searches few numbers fast, whatever indicators there are beside them.
    numbers = sum(len(np.unique(column[:1_000])) > 2 for column in points.T)
    if not points.shape[1] or numbers > MAX_TREE_NUMBERS:
        with threadpool_limits(1, user_api="blas"):
            return _nearest_by_product(points, targets)
    distance, at = cKDTree(points).query(targets)
    return np.asarray(distance, float), np.asarray(at, np.int64)


def _nearest_by_product(points: Floats, targets: Floats) -> tuple[Floats, Ints]:
    """The same by matrix products, which are faster in many dimensions."""
    best = np.full(len(targets), np.inf, np.float32)
    position = np.zeros(len(targets), np.int64)
    # Single precision, and blocks that fit into the cache: the products are most of the time.
    doubled = (-2 * targets).astype(np.float32)
    for first in range(0, len(points), POINTS):
        block = points[first : first + POINTS].astype(np.float32)
        squares = (block**2).sum(axis=1)
        for start in range(0, len(targets), TARGETS):
            products = doubled[start : start + TARGETS] @ block.T
            products += squares
            at = products.argmin(axis=1)
            smallest = products[np.arange(len(at)), at]
            here = slice(start, start + TARGETS)
            nearer = smallest < best[here]
            best[here][nearer] = smallest[nearer]
            position[here][nearer] = at[nearer] + first
    # Exact for the nearest pairs: products of floats cancel for equal rows.
    return np.sqrt(((targets - points[position]) ** 2).sum(axis=1)), position


def _sample(rows: int, size: int, seed: Seed) -> Ints:
    return np.sort(seed.rng().permutation(rows)[:size]).astype(np.int64)


def _few_of_each(rows: Ints, parent: Ints, size: int, seed: Seed) -> Ints:
    """At most `size` random rows of each parent."""
    order = seed.rng().permutation(len(rows))
    order = order[np.argsort(parent[rows[order]], kind="stable")]
    sorted_parent = parent[rows[order]]
    starts = np.flatnonzero(np.diff(sorted_parent, prepend=-1))
    begins = np.repeat(starts, np.diff(np.append(starts, len(order))))
    return np.asarray(rows[order[np.arange(len(order)) - begins < size]])


def _largest_vote(owner: Ints, voted: Ints, entities: int, count: Floats) -> Floats:
    """(entities,) largest fraction of the rows of an entity with the same `voted`; with one row or
    none, nothing can be said of siblings."""
    pairs, votes = np.unique(np.stack([owner, voted]), axis=1, return_counts=True)
    largest = np.zeros(entities)
    np.maximum.at(largest, pairs[0], votes)
    out: Floats = np.divide(largest, count, out=np.full(entities, np.nan), where=count > 1)
    return out


def _mean_rank(scores: list[Floats]) -> Floats:
    """Mean over child tables of the ranks of the entities; one without children is in the middle."""
    from scipy.stats import rankdata

    total = np.zeros(len(scores[0]))
    for values in scores:
        present = ~np.isnan(values)
        ranks = np.full(len(values), 0.5)
        if present.any():
            ranks[present] = rankdata(values[present]) / present.sum()
        total += ranks
    return total / len(scores)
