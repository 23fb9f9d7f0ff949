"""Groups of categories whose rows are alike in the other columns.

In a column of more categories than codes, a group of categories has one code. Other columns depend on
the group, so that categories of one group should agree in them: a k-d tree (Bentley 1975) over the
mean row of each category divides them. The means of few rows are shrunk towards the overall mean by
their reliability (James & Stein 1961).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.encoding.segments import Floats

MAX_LEVELS = 8
"""Maximum number of frequent codes of an unordered column that are features."""

ALPHABET = 0.02
"""Weight of the alphabetical order, which decides where the rows do not."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Mean rows of categories.

    Attributes:
        values: The categories, shape (V,).
        means: Shrunk means of standardised features, shape (V, F).
    """

    values: pl.Series
    means: Floats

    @classmethod
    def from_rows(cls, series: pl.Series, features: Iterable[Floats]) -> Profiles:
        """Profiles of the categories of a column.

        Args:
            series: The column, as text.
            features: Values of the rows, each of shape (n,).
        """
        present = series.is_not_null().to_numpy()
        values = series.drop_nulls().unique().sort()
        index = pl.DataFrame({"value": values, "at": np.arange(len(values))})
        rows = series.drop_nulls().to_frame("value")
        at = rows.join(index, on="value", how="left", maintain_order="left")["at"].to_numpy()
        counts = np.bincount(at, minlength=len(values)).astype(float)
        columns = [_shrunk(feature[present], at, counts) for feature in features]
        means = np.column_stack(columns) if columns else np.zeros((len(values), 0))
        return cls(values, means)

    def groups(self, values: pl.Series, counts: Floats, number: int) -> NDArray[np.int64]:
        """Group 0..number - 1 of each of `values`, of similar numbers of rows, shape (len(values),)."""
        at = self.values.search_sorted(values).to_numpy()
        rank = np.argsort(np.argsort(values.to_numpy(), kind="stable"), kind="stable")
        means = np.column_stack([self.means[at], ALPHABET * rank / max(len(values), 1)])
        whole = np.arange(len(values))
        heap = [(-float(counts.sum()), 0, whole)]
        serial = 0
        leaves: list[NDArray[np.int64]] = []
        while heap and len(heap) + len(leaves) < number:
            _, _, members = heapq.heappop(heap)
            if len(members) < 2:
                leaves.append(members)
                continue
            for part in _halves(members, means[members], counts[members]):
                serial += 1
                heapq.heappush(heap, (-float(counts[part].sum()), serial, part))
        leaves += [members for _, _, members in heap]
        leaves.sort(key=lambda members: int(rank[members].min()))
        out = np.empty(len(values), np.int64)
        for number_, members in enumerate(leaves):
            out[members] = number_
        return out


def code_features(codes: NDArray[np.integer], levels: int, *, ordered: bool) -> Iterable[Floats]:
    """Features of a coded column: its rank if ordered, else indicators of its frequent codes."""
    counts = np.bincount(codes, minlength=levels).astype(float)
    if ordered:
        ranks = np.cumsum(counts) - counts / 2
        yield ranks[codes] / len(codes)
        return
    for code in np.argsort(-counts, kind="stable")[:MAX_LEVELS].tolist():
        if counts[code]:
            yield (codes == code).astype(float)


def _shrunk(feature: Floats, at: NDArray[np.int64], counts: Floats) -> Floats:
    """Means of a standardised feature by category, shrunk by their reliability, shape (V,)."""
    spread = float(feature.std())
    if spread == 0:
        return np.zeros(len(counts))
    feature = (feature - feature.mean()) / spread
    means = np.bincount(at, feature, len(counts)) / counts
    squares = np.bincount(at, feature**2, len(counts)) / counts
    within = float(np.average(squares - means**2, weights=counts))
    within *= counts.sum() / max(counts.sum() - len(counts), 1.0)
    noise = within / counts
    between = max(float(np.average(means**2 - noise, weights=counts)), 0.0)
    return np.asarray(means * (between / np.maximum(between + noise, 1e-12)))


def _halves(
    members: NDArray[np.int64], means: Floats, counts: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two parts of about equally many rows, divided in the feature that varies most."""
    weights = counts / counts.sum()
    centred = means - weights @ means
    feature = int(np.argmax(weights @ centred**2))
    order = np.argsort(means[:, feature], kind="stable")
    cum = np.cumsum(counts[order])
    cut = int(np.clip(np.searchsorted(cum, cum[-1] / 2) + 1, 1, len(members) - 1))
    return members[order[:cut]], members[order[cut:]]
