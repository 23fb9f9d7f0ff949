"""Aggregates of child rows per parent, in two strengths.

The basic ones are those of SyntheRela (Hudovernik, Jurkovic and Strumbelj 2024): the number of
children, means, and numbers of distinct categories. They do not see how columns of a child depend on
each other, nor the order of its rows; the rich ones do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from artesian.data.schema import ForeignKey
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.relational.encoding import EncodedDataset, EncodedTable

MAX_PAIRS = 66
"""Maximum number of pairs of columns of a child whose correlation within the parent is computed."""

_DAY = 86_400e6  # microseconds


@dataclass(frozen=True, slots=True)
class Grouped:
    """Child rows by parent: moments of a column per parent, NaN for parents without a value."""

    parent: Ints  # (rows,) position of the parent, never -1
    parents: int

    def sums(self, values: Floats) -> Floats:
        """(parents,) sums of (rows,) values."""
        return np.bincount(self.parent, values, minlength=self.parents).astype(np.float64)

    def mean(self, values: Floats) -> Floats:
        """(parents,) means without missing values."""
        return self._ratio(self.sums(np.nan_to_num(values)), self.sums(1.0 - np.isnan(values)))

    def centred(self, values: Floats) -> Floats:
        """(rows,) deviation from the mean of the parent; 0 where missing."""
        return np.nan_to_num(values - self.mean(values)[self.parent])

    def deviation(self, values: Floats) -> Floats:
        """(parents,) standard deviations."""
        squares = self.sums(self.centred(values) ** 2)
        return np.sqrt(self._ratio(squares, self.sums(1.0 - np.isnan(values))))

    def extreme(self, values: Floats, *, largest: bool) -> Floats:
        """(parents,) minimum or maximum."""
        missing = -np.inf if largest else np.inf
        out = np.full(self.parents, missing)
        filled = np.where(np.isnan(values), missing, values)
        (np.maximum if largest else np.minimum).at(out, self.parent, filled)
        return np.where(np.isfinite(out), out, np.nan)

    def distinct(self, codes: Ints) -> Floats:
        """(parents,) number of distinct categories, without missing values."""
        present = codes >= 0
        levels = int(codes.max(initial=0)) + 1
        pairs = np.unique(self.parent[present] * levels + codes[present])
        return np.bincount(pairs // levels, minlength=self.parents).astype(float)

    def correlation(self, first: Floats, second: Floats) -> Floats:
        """(parents,) correlations of two columns, already centred; NaN where one is constant."""
        squares = self.sums(first**2) * self.sums(second**2)
        # A relative threshold: centring leaves rounding errors of constants.
        return self._ratio(
            self.sums(first * second), np.sqrt(np.where(squares > 1e-20, squares, 0))
        )

    @staticmethod
    def _ratio(numerator: Floats, denominator: Floats) -> Floats:
        out = np.full(len(numerator), np.nan)
        np.divide(numerator, denominator, out=out, where=denominator > 0)
        return out


def aggregates(data: EncodedDataset, side: str, parent: str, *, rich: bool) -> Mapping[str, Floats]:
    """Name -> (parent rows,) aggregates of the children of all foreign keys to the table `parent`.

    Args:
        side: 'real', 'synthetic' or 'holdout'.
        rich: With deviations, extremes, first and last values, correlations within the parent,
            and dependence of successive rows.
    """
    out: dict[str, Floats] = {}
    for key in data.children_of(parent):
        for name, values in aggregates_of_key(data, side, key, rich=rich):
            out[name] = values
    return out


def aggregates_of_key(
    data: EncodedDataset, side: str, key: ForeignKey, *, rich: bool
) -> Iterator[tuple[str, Floats]]:
    """The aggregates of the children of one foreign key, in a fixed order on every side."""
    table, link = data.tables[key.child], data.links[key][side]
    label = key.child
    if sum(other.child == key.child for other in data.children_of(key.parent)) > 1:
        label = f"{key.child} by {', '.join(key.columns)}"
    yield f"number of {label}", link.children.astype(float)
    positions = np.flatnonzero(link.parent >= 0)
    if table.order is not None:
        times = table.order[side][positions]
        positions = positions[np.lexsort([times, link.parent[positions]])]
    else:
        positions = positions[np.argsort(link.parent[positions], kind="stable")]
    grouped = Grouped(link.parent[positions], len(link.children))
    rows = table.rows[side].take(positions)
    for name, values in rows.numbers.items():
        yield f"mean {label}.{name}", grouped.mean(values)
    for name, codes in rows.codes.items():
        yield f"distinct {label}.{name}", grouped.distinct(codes)
    if rich:
        columns = _number_columns(table, rows.numbers, rows.codes)
        for part in (_spreads, _ordered, _correlations):
            for name, values in part(grouped, columns, rows.codes, table.order is not None):
                yield f"{name} of {label}", values


def _number_columns(
    table: EncodedTable, numbers: Mapping[str, Floats], codes: Mapping[str, Ints]
) -> dict[str, Floats]:
    """Columns as numbers: weekdays of dates too, and whether the most frequent category occurs.

    Of a category, the levels are those of all sides together, so that the column is the same.
    """
    out = dict(numbers)
    for name in numbers:
        if name in table.features.dates:
            out[f"weekday of {name}"] = np.floor(numbers[name] / _DAY) % 7
    real = table.rows["real"].codes
    for name, values in codes.items():
        counts = np.bincount(real[name][real[name] >= 0], minlength=1)
        if len(counts) > 1 or len(table.encoded.levels[name]) > 1:
            out[f"{name} = most frequent"] = (values == int(counts.argmax())).astype(float)
    return out


Columns = Mapping[str, Floats]
Codes = Mapping[str, Ints]


def _spreads(
    grouped: Grouped, columns: Columns, codes: Codes, ordered: bool
) -> Iterator[tuple[str, Floats]]:
    for name, values in columns.items():
        if not name.endswith("= most frequent"):
            yield f"deviation of {name}", grouped.deviation(values)
            yield f"minimum of {name}", grouped.extreme(values, largest=False)
            yield f"maximum of {name}", grouped.extreme(values, largest=True)
        else:
            yield f"fraction with {name}", grouped.mean(values)


def _ordered(
    grouped: Grouped, columns: Columns, codes: Codes, ordered: bool
) -> Iterator[tuple[str, Floats]]:
    """First and last values, and how successive rows depend on each other."""
    if not ordered or not len(grouped.parent):
        return
    starts = np.flatnonzero(np.diff(grouped.parent, prepend=-1))
    ends = np.append(starts[1:], len(grouped.parent)) - 1
    follows = np.ones(len(grouped.parent), bool)
    follows[starts] = False
    later = np.flatnonzero(follows)
    pairs = Grouped(grouped.parent[later], grouped.parents)
    for name, values in columns.items():
        for label, at in (("first", starts), ("last", ends)):
            picked = np.full(grouped.parents, np.nan)
            picked[grouped.parent[at]] = values[at]
            yield f"{label} {name}", picked
        deviations = grouped.centred(values)
        products = pairs.sums(deviations[later] * deviations[later - 1])
        squares = grouped.sums(deviations**2)
        yield (
            f"dependence of successive {name}",
            Grouped._ratio(products, np.where(squares > 1e-9, squares, 0.0)),
        )
        steps = np.abs(values[later] - values[later - 1])
        yield f"mean step of {name}", pairs.mean(steps)
        yield f"deviation of steps of {name}", pairs.deviation(values[later] - values[later - 1])
    for name, each in codes.items():
        changes = (each[later] != each[later - 1]).astype(float)
        yield f"changes of {name}", pairs.mean(changes)


def _correlations(
    grouped: Grouped, columns: Columns, codes: Codes, ordered: bool
) -> Iterator[tuple[str, Floats]]:
    centred = {name: grouped.centred(values) for name, values in columns.items()}
    scaled = {}
    for name, values in centred.items():
        scale = float(np.abs(values).max(initial=0.0))
        scaled[name] = values / scale if scale > 0 else values
    for first, second in islice(combinations(scaled, 2), MAX_PAIRS):
        yield (
            f"correlation of {first} with {second}",
            grouped.correlation(scaled[first], scaled[second]),
        )
