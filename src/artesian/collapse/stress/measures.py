"""Measures of one generation: those that show collapse, and those that look healthy meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from artesian.collapse.stress.profile import Coded, Floats, Ints, Profile
from artesian.core.run import Seed
from artesian.metrics.common.metric_space import squared_distances
from artesian.metrics.fidelity.alpha_precision import beta_recall

MAX_LEVELS = 30
"""Categories of a column with a coordinate of their own; the others share one."""

RECALL_ROWS, VENDI_ROWS = 500, 300
CLUSTERS, RARE_CLUSTER = 50, 0.01
"""Clusters of the source, and the proportion of its rows below which a cluster is rare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure by generation.

    Attributes:
        name: Its key.
        title: What it is.
        shows: Whether it shows collapse; False for those that look healthy meanwhile.
        note: Why, for the report.
    """

    name: str
    title: str
    shows: bool
    note: str


MEASURES = (
    Measure(
        name="rare_perplexity",
        title="Perplexity of rare categories",
        shows=True,
        note="Of the source's rare categories under the frequencies of the generated rows, relative to "
        "those of the source; it rises.",
    ),
    Measure(
        name="rare_clusters",
        title="Rare-cluster recall",
        shows=True,
        note="Rare clusters of the source that have a generated row.",
    ),
    Measure(
        name="beta_recall",
        title="Beta-recall",
        shows=True,
        note="Source rows covered by generated ones (Alaa et al. 2022), relative to the source.",
    ),
    Measure(
        name="vendi",
        title="Vendi score",
        shows=True,
        note="Effective number of different rows (Friedman and Dieng 2023), relative to the source: "
        "it falls late.",
    ),
    Measure(
        name="variance",
        title="Variance of numbers",
        shows=False,
        note="Dominated by the bulk of the rows: the tails may be empty while it stays near 1.",
    ),
    Measure(
        name="rare_proportion",
        title="Mean proportion of rare categories",
        shows=False,
        note="A martingale without bias: surviving categories grow as others die, so the mean stays "
        "near 1.",
    ),
    Measure(
        name="distinct_2",
        title="Distinct pairs of values (distinct-2)",
        shows=False,
        note="Combinations of frequent values dominate it.",
    ),
)


@dataclass(frozen=True, slots=True)
class Landscape:
    """The source as points, with its clusters, for measures of coverage.

    Attributes:
        sorted_numbers: Sorted values of each numeric column, for ranks.
        top: Of each discrete column, the codes with a coordinate of their own.
        centres: (clusters, d) centres of the clusters of the source.
        rare: (clusters,) whether a cluster is rare.
        sample: (rows, d) points of the source that beta-recall is measured on.
        base: The measures of the source itself.
    """

    sorted_numbers: tuple[Floats, ...]
    top: tuple[Ints, ...]
    centres: Floats
    rare: Any
    sample: Floats
    base: Mapping[str, float]

    @classmethod
    def from_profile(cls, profile: Profile, seed: Seed) -> Landscape | None:
        """Cluster the source; None for a source without numbers and categories."""
        from sklearn.cluster import KMeans

        coded = profile.coded
        numbers = tuple(np.sort(v[~np.isnan(v)]) for v in coded.numbers.T)
        top = tuple(
            np.argsort(-np.bincount(c[c >= 0], minlength=1), kind="stable")[:MAX_LEVELS]
            for c in coded.codes.T
        )
        if not numbers and not top:
            return None
        bare = cls(numbers, top, np.empty((0, 0)), np.empty(0, bool), np.empty((0, 0)), {})
        points = bare.embed(coded)
        clusters = min(CLUSTERS, len(np.unique(points, axis=0)))
        model = KMeans(clusters, n_init=1, random_state=seed.integer() % 2**32).fit(points)
        sizes = np.bincount(model.labels_, minlength=clusters)
        rare = sizes < max(
            RARE_CLUSTER * len(points), np.sort(sizes)[: clusters // 5 + 1].max() + 1
        )
        order = seed.child("sample").rng().permutation(len(points))
        half = min(RECALL_ROWS, len(points) // 2)
        sample = points[order[:half]]
        scene = cls(numbers, top, model.cluster_centers_, rare, sample, {})
        base = scene.raw(coded, points[order[half : 2 * half]], seed)
        return cls(numbers, top, model.cluster_centers_, rare, sample, base)

    def embed(self, coded: Coded) -> Floats:
        """(rows, d) points: ranks of numbers, and indicators of frequent categories."""
        parts = []
        for values, ordered in zip(coded.numbers.T, self.sorted_numbers, strict=True):
            rank = np.searchsorted(ordered, values, "left") + np.searchsorted(
                ordered, values, "right"
            )
            rank = rank / (2 * max(len(ordered), 1)) - 0.5
            parts.append(np.where(np.isnan(values), 0.0, rank)[:, None])
            parts.append(np.isnan(values)[:, None] * 0.7)
        for codes, top in zip(coded.codes.T, self.top, strict=True):
            own = codes[:, None] == top
            parts.append(np.hstack([own, ~own.any(axis=1, keepdims=True)]) * 0.7)
        return np.hstack(parts).astype(np.float64)

    def raw(self, coded: Coded, points: Floats, seed: Seed) -> dict[str, float]:
        """Measures that are not yet relative to the source; `points` may be a part of the rows."""
        rng = seed.child("measures").rng()
        whole = self.embed(coded)
        labels = squared_distances(whole, self.centres).argmin(axis=1)
        some = points[rng.permutation(len(points))[: len(self.sample)]]
        with np.errstate(invalid="ignore"):
            variance = [float(np.nanvar(v)) for v in coded.numbers.T if not np.isnan(v).all()]
        values = {
            "rare_clusters": float(np.isin(np.flatnonzero(self.rare), labels).mean()),
            "vendi": vendi_score(whole[rng.permutation(len(whole))[:VENDI_ROWS]]),
            "distinct_2": _distinct_pairs(coded),
        }
        values |= {f"variance {k}": v for k, v in enumerate(variance)}
        if len(self.sample) > 1 and len(some) > 1:
            values["beta_recall"] = beta_recall(self.sample, some)
        return values


def vendi_score(points: Floats) -> float:
    """Effective number of different rows (Friedman and Dieng 2023): the exponential of the entropy of
    the eigenvalues of their similarity matrix, here with a Gaussian kernel of width 1.

    Args:
        points: (n, d) points.

    Returns:
        A value from 1 (all equal) to n (all far apart).
    """
    squares = squared_distances(points, points)
    eigenvalues = np.linalg.eigvalsh(np.exp(-squares / 2) / len(points))
    positive = eigenvalues[eigenvalues > 1e-12]
    return float(np.exp(-(positive * np.log(positive)).sum()))


def measure(
    profile: Profile, scene: Landscape | None, coded: Coded, train: Coded, seed: Seed
) -> dict[str, Any]:
    """Everything that is kept of one generation, as JSON types: counts and ratios, no values.

    Args:
        coded: The generated rows.
        train: The rows that the generation was fitted on.
    """
    counts = profile.category_counts(coded.codes)
    kept: dict[str, Any] = {
        "rows": len(coded),
        "counts": counts.tolist(),
        "train": profile.category_counts(train.codes).tolist(),
        "tails": profile.tail_counts(coded.numbers).tolist(),
        "other": float((coded.codes == -2).any(axis=1).mean()) if len(coded) else 0.0,
    }
    kept["measures"] = relative_measures(profile, scene, coded, counts, seed)
    return kept


def relative_measures(
    profile: Profile, scene: Landscape | None, coded: Coded, counts: Ints, seed: Seed
) -> dict[str, float]:
    """The values of `MEASURES`, each relative to the source (1 for the source itself)."""
    values: dict[str, float] = {}
    if profile.rare.any():
        expected = profile.rows[profile.rare] / len(profile.coded)
        values["rare_proportion"] = float((counts[profile.rare] / len(coded) / expected).mean())
        values["rare_perplexity"] = rare_perplexity(profile, counts, len(coded)) / rare_perplexity(
            profile, profile.rows, len(profile.coded)
        )
    if scene is None:
        return values
    raw = scene.raw(coded, scene.embed(coded), seed)
    for name in ("rare_clusters", "beta_recall", "vendi", "distinct_2"):
        if name in raw and scene.base.get(name, 0.0) > 0:
            values[name] = raw[name] / scene.base[name]
    ratios = [
        raw[name] / base
        for name, base in scene.base.items()
        if name.startswith("variance") and base > 0 and name in raw
    ]
    if ratios:
        values["variance"] = float(np.mean(ratios))
    return values


def rare_perplexity(profile: Profile, counts: Ints, rows: int) -> float:
    """Perplexity of the source's rows of rare categories under the frequencies of generated ones:
    exp of the mean negative log probability, each category with half a row more, so that a lost one has
    a probability.

    Args:
        counts: (categories,) rows of each followed category.
        rows: Number of generated rows.
    """
    rare, levels = profile.rare, np.array([len(values) for values in profile.levels])
    probability = (counts[rare] + 0.5) / (rows + levels[profile.column[rare]] / 2)
    return float(np.exp(-np.average(np.log(probability), weights=profile.rows[rare])))


def _distinct_pairs(coded: Coded) -> float:
    """Distinct values of neighbouring discrete columns, over the number of rows."""
    codes = coded.codes
    if codes.shape[1] < 2:
        return 0.0
    width = int(codes.max()) + 3
    joint = (codes[:, :-1] + 2) * width + codes[:, 1:] + 2
    pairs = [len(np.unique(column)) for column in joint.T]
    return sum(pairs) / (len(pairs) * len(codes))
