"""Features of relations between quantities: differences, ratios, sums, equality and order.

A quantity is a column of numbers or dates, a number within a text, or a part of a date. A relation
is fitted on half of a sample of the real rows and kept if it is tight on the other half; the feature
is how far a row is from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.derived.dates import DAY
from artesian.metrics.common.derived.view import Feature, View

MAX_QUANTITIES = 40
"""Maximum number of quantities that are examined."""

SAMPLE_ROWS = 1_000
"""Number of real rows that relations are fitted on."""

MAX_RELATIONS = 60
"""Maximum number of relations of each kind."""

_MIN_ROWS = 40  # minimum number of rows with all values of a relation
_MAX_MODE = 0.9  # a quantity that has one value more often than this takes part in no relation
_MIN_DISTINCT = 20  # quantities with fewer values are equal by chance
_MIN_EQUAL = 0.5  # minimum proportion of equal values
_TIGHT = 0.02  # maximum median distance from a relation, relative to the spread of the quantity
_MIN_CORRELATION = 0.9
_MAX_PREDICTORS = 20
LARGEST = 1e150
"""Absolute value beyond which squares exceed the range of floats."""

_RIDGE = 1e-9  # for predictors that are copies of each other
_MIN_VIOLATIONS = 0.05  # minimum proportion of rows that would break an order by chance


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """Numbers of a column.

    Attributes:
        feature: Their label, column and values; no label for those of the column itself.
        sample: (rows,) values of the sampled real rows.
        date: Whether the values are instants in microseconds.
        part: Whether they are a part of a date, such as its year, which can only equal others.
    """

    feature: Feature
    sample: Floats = field(repr=False)
    date: bool = False
    part: bool = False

    @property
    def column(self) -> str:
        """The column that it is derived from."""
        return self.feature.owners[0]

    @property
    def name(self) -> str:
        """Its name within a label."""
        return (
            f"{self.feature.label} of {self.column!r}" if self.feature.label else repr(self.column)
        )

    def values(self, view: View) -> Floats:
        """(rows,) the values of any rows."""
        return view.shared(
            ("quantity", self.feature.label, self.column), lambda: self.feature.values(view)
        )


def relation_features(quantities: list[Quantity]) -> list[Feature]:
    """The relations that the sampled real rows keep, as features."""
    varied = [q for q in quantities if _varies(q.sample)][:MAX_QUANTITIES]
    features = _date_differences(varied)
    equal, represented = _equalities(varied)
    features += equal
    measured = [q for q in varied if not q.part and q not in represented]
    linear, explained = _linear_relations(measured)
    features += linear
    features += _orders([q for q in measured if q not in explained])
    return features


def _varies(values: Floats) -> bool:
    present = values[~np.isnan(values)]
    if len(present) < _MIN_ROWS:
        return False
    counts = np.unique(present, return_counts=True)[1]
    return len(counts) > 2 and counts.max() <= _MAX_MODE * len(present)


def _both(a: Quantity, b: Quantity) -> tuple[Floats, Floats]:
    """The sampled values of two quantities where both are present."""
    present = ~np.isnan(a.sample) & ~np.isnan(b.sample)
    return a.sample[present], b.sample[present]


def _date_differences(quantities: list[Quantity]) -> list[Feature]:
    dates = [q for q in quantities if q.date]
    features = []
    for at, a in enumerate(dates):
        for b in dates[at + 1 :]:
            if a.column != b.column:
                features.append(_difference(a, b, DAY))
    return features[:MAX_RELATIONS]


def _difference(a: Quantity, b: Quantity, unit: float = 1.0) -> Feature:
    def values(view: View) -> Floats:
        return (b.values(view) - a.values(view)) / unit

    return Feature(f"difference from {a.name}", _owners(b, a), values)


def _equalities(quantities: list[Quantity]) -> tuple[list[Feature], set[Quantity]]:
    """Quantities that are often equal; each is compared with the first of those it equals. Also the
    copies, which are always equal."""
    features: list[Feature] = []
    copies: set[Quantity] = set()
    columns: set[tuple[str, str]] = set()  # of one pair, the values come before their parts
    varied = [
        q for q in quantities if len(np.unique(q.sample[~np.isnan(q.sample)])) >= _MIN_DISTINCT
    ]
    for at, b in enumerate(varied):
        for a in varied[:at]:
            if a.column == b.column or a in copies or (a.column, b.column) in columns:
                continue
            x, y = _both(a, b)
            if len(x) < _MIN_ROWS:
                continue
            rate = float((x == y).mean())
            if rate >= _MIN_EQUAL and rate > 2 * float((x == np.roll(y, 1)).mean()):
                features.append(_equality(a, b))
                columns.add((a.column, b.column))
                if rate > 1 - _TIGHT and len(y) >= (1 - _TIGHT) * int((~np.isnan(b.sample)).sum()):
                    copies.add(b)
                    break
    return features[:MAX_RELATIONS], copies


def _equality(a: Quantity, b: Quantity) -> Feature:
    def values(view: View) -> Floats:
        x, y = a.values(view), b.values(view)
        return np.where(np.isnan(x) | np.isnan(y), np.nan, (x == y).astype(np.float64))

    return Feature(f"equality with {a.name}", _owners(b, a), values)


def _linear_relations(quantities: list[Quantity]) -> tuple[list[Feature], set[Quantity]]:
    """Each quantity as a linear function of one other or of several, or their logarithms."""
    features, explained = [], set()
    related: set[frozenset[Quantity]] = set()  # the same relation solved for another quantity
    for at, y in enumerate(quantities):
        if y.date:  # two dates have their difference
            continue
        others = [q for q in quantities if q.column != y.column]
        earlier = [q for q in quantities[:at] if q.column != y.column and not q.date]
        relation = _best_pair(y, earlier)
        if relation is None and len(others) > 1:
            relation = _best_sum(y, others)
        if relation is not None:
            explained.add(y)
            if frozenset((y, *relation.x)) not in related:
                features.append(relation.feature())
            related.add(frozenset((y, *relation.x)))
    return features[:MAX_RELATIONS], explained


@dataclass(frozen=True, slots=True)
class _Linear:
    """y = intercept + sum of coefficient * x, or the same of logarithms, within a tolerance."""

    y: Quantity
    x: tuple[Quantity, ...]
    coefficients: Floats  # the intercept last
    spread: float
    logarithms: bool

    def feature(self) -> Feature:
        label = " and ".join(q.name for q in self.x[:3]) + (
            " and others" if len(self.x) > 3 else ""
        )
        kind = "ratio to" if self.logarithms else "relation to"
        return Feature(f"{kind} {label}", _owners(self.y, *self.x), self.distances)

    def distances(self, view: View) -> Floats:
        columns = [_transformed(q.values(view), self.logarithms) for q in (*self.x, self.y)]
        return _distances(columns, self.coefficients) / self.spread


def _best_pair(y: Quantity, others: list[Quantity]) -> _Linear | None:
    for x in others:
        for logarithms in (False, True):
            a, b = (_transformed(values, logarithms) for values in _both(x, y))
            kept = ~np.isnan(a) & ~np.isnan(b)
            a, b = a[kept], b[kept]
            if len(a) < _MIN_ROWS or not _correlated(a, b):
                continue
            fitted = _fit([a, b])
            if fitted is not None:
                return _Linear(y, (x,), *fitted, logarithms)
    return None


def _best_sum(y: Quantity, others: list[Quantity]) -> _Linear | None:
    complete = [x for x in others if np.isnan(x.sample).mean() < 0.05][:_MAX_PREDICTORS]
    for logarithms in (False, True):
        x = [q for q in complete if not logarithms or (not q.date and (q.sample > 0).mean() > 0.95)]
        if len(x) < 2 or (logarithms and (y.sample > 0).mean() <= 0.95):
            continue
        columns = [_transformed(q.sample, logarithms) for q in (*x, y)]
        kept = ~np.any([np.isnan(column) for column in columns], axis=0)
        if kept.sum() < max(_MIN_ROWS, 6 * len(columns)):
            continue
        present = [column[kept] for column in columns]
        used = _minimal_terms(present)
        fitted = _fit([present[at] for at in (*used, len(x))]) if used else None
        if fitted is not None:
            return _Linear(y, tuple(x[at] for at in used), *fitted, logarithms)
    return None


def _minimal_terms(columns: list[Floats]) -> list[int]:
    """Columns that the last one is a function of, without those that the others make superfluous;
    none if it is not a function of all."""
    used = list(range(len(columns) - 1))
    if _fit(columns) is None:
        return []
    for at in reversed(range(len(columns) - 1)):
        fewer = [each for each in used if each != at]
        if fewer and _fit([columns[each] for each in (*fewer, len(columns) - 1)]) is not None:
            used = fewer
    return used


def _fit(columns: list[Floats]) -> tuple[Floats, float] | None:
    """Coefficients of the last column by the others, and its spread; None if it is not tight."""
    if any(np.abs(column).max(initial=0.0) > LARGEST for column in columns):
        return None
    half = np.arange(len(columns[0])) % 2 == 0
    y = columns[-1]
    spread = float(np.median(np.abs(y - np.median(y)))) or float(np.std(y))
    centers = [float(np.mean(column[half])) for column in columns[:-1]]
    scales = [float(np.std(column[half])) or 1.0 for column in columns[:-1]]
    design = np.column_stack(
        [(c - m) / s for c, m, s in zip(columns, centers, scales, strict=False)] + [np.ones(len(y))]
    )
    if not (np.isfinite(design).all() and np.isfinite(y).all() and 0 < spread < np.inf):
        return None
    x, ridge = design[half], _RIDGE * half.sum() * np.eye(design.shape[1])
    beta = np.linalg.solve(x.T @ x + ridge, x.T @ y[half])
    if float(np.median(np.abs(y - design @ beta)[~half])) > _TIGHT * spread:
        return None
    slopes = beta[:-1] / scales
    return np.append(slopes, beta[-1] - float(slopes @ np.array(centers))), spread


def _distances(columns: list[Floats], coefficients: Floats) -> Floats:
    predicted = sum(
        (c * x for c, x in zip(coefficients, columns[:-1], strict=False)), coefficients[-1]
    )
    return np.asarray(np.abs(columns[-1] - predicted), np.float64)


def _transformed(values: Floats, logarithms: bool) -> Floats:
    if not logarithms:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log(values), np.nan)


def _correlated(a: Floats, b: Floats) -> bool:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ranks = [np.argsort(np.argsort(values)).astype(np.float64) for values in (a, b)]
        z, w = ((rank - rank.mean()) / rank.std() for rank in ranks)
        return bool(abs(float((z * w).mean())) >= _MIN_CORRELATION)


def _orders(quantities: list[Quantity]) -> list[Feature]:
    """Pairs of numbers of which one is never above the other, though their ranges overlap."""
    orders: list[tuple[float, int, Feature]] = []
    for at, a in enumerate(quantities):
        for b in quantities[at + 1 :]:
            if a.column == b.column or a.date or b.date:
                continue
            x, y = _both(a, b)
            if len(x) < 2 * _MIN_ROWS:
                continue
            for low, high, q_low, q_high in ((x, y, a, b), (y, x, b, a)):
                by_chance = float((low > np.roll(high, 1)).mean())
                if by_chance >= _MIN_VIOLATIONS and (low <= high).all():
                    orders.append((-by_chance, len(orders), _difference(q_low, q_high)))
    return [feature for _, _, feature in sorted(orders, key=lambda each: each[:2])[:MAX_RELATIONS]]


def _owners(*quantities: Quantity) -> tuple[str, ...]:
    return tuple(dict.fromkeys(q.column for q in quantities))
