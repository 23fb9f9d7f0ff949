"""Rows of one parent in time: autocorrelation, inter-event and duplicate times, static columns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from artesian.core.formatting import count, decimal, percent
from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats
from artesian.metrics.protocol import Better, NotMeasurable, Result, Spec
from artesian.metrics.relational.aggregates import Grouped
from artesian.metrics.relational.chance import Statistic, p_value, resampled
from artesian.metrics.relational.encoding import EncodedDataset, encode_dataset
from artesian.metrics.relational.estimates import Estimate, combine, worst
from artesian.metrics.relational.protocol import MIN_PARENTS, DatasetComparison, RelationalMetric
from artesian.metrics.relational.within import entity_of_rows, in_order

LAGS = 7
MAX_STEPS = 400
_DAY = 86_400e6  # microseconds


def autocorrelations(values: Floats, entity: np.ndarray, lags: int = LAGS) -> Floats:
    """(entities, 2 * lags) for each entity and lag the sum of products of deviations from its mean,
    and the sum of squares, per pair of rows and per row.

    The first `lags` columns over the last ones are autocorrelations, of one entity or, after sums, of
    several.

    Args:
        values: (rows,) by entity and in order of time; NaN where missing.
        entity: (rows,) increasing numbers from 0.
    """
    number = int(entity.max(initial=-1)) + 1
    grouped = Grouped(entity, number)
    deviations = grouped.centred(values)
    present = (~np.isnan(values)).astype(float)
    squares, sizes = grouped.sums(deviations**2), grouped.sums(present)
    variance = np.divide(squares, sizes, out=np.zeros(number), where=sizes > 0)
    out = np.zeros((number, 2 * lags))
    for lag in range(1, lags + 1):
        if len(values) <= lag:
            continue
        same = (entity[lag:] == entity[:-lag]) * present[lag:] * present[:-lag]
        out[:, lag - 1] = np.bincount(
            entity[lag:], same * deviations[lag:] * deviations[:-lag], minlength=number
        )
        pairs = np.bincount(entity[lag:], same, minlength=number)
        out[:, lags + lag - 1] = pairs * variance
    return out


def autocorrelation_distance(first: Floats, second: Floats) -> float:
    """Mean absolute difference of the autocorrelations of two sums of `autocorrelations`, over the
    lags that both have."""
    lags = len(first) // 2
    valid = (first[lags:] > 0) & (second[lags:] > 0)
    if not valid.any():
        return 0.0
    a, b = (each[:lags][valid] / each[lags:][valid] for each in (first, second))
    return float(np.abs(np.clip(a, -1, 1) - np.clip(b, -1, 1)).mean())


def counts_distance(first: Floats, second: Floats) -> float:
    """Kolmogorov-Smirnov distance of two histograms with the same bins."""
    if not first.sum() or not second.sum():
        return float(bool(first.sum()) != bool(second.sum()))
    return float(np.abs(np.cumsum(first / first.sum() - second / second.sum())).max())


def rate_excess(first: Floats, second: Floats) -> float:
    """How much larger the rate of the second sample is; each has a count and a number of trials."""
    return float(max(0.0, second[0] / max(second[1], 1) - first[0] / max(first[1], 1)))


@dataclass(frozen=True, slots=True)
class Statistics:
    """Contributions of every entity of each side to one statistic. (entities, statistics)"""

    name: str
    table: str
    real: Floats
    synthetic: Floats
    holdout: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceMetric(RelationalMetric):
    """A statistic of the rows of each parent in time, compared with what is expected by chance: that
    of two samples of as many real parents."""

    @abstractmethod
    def parts(self, data: EncodedDataset, table: str) -> Iterator[Statistics]:
        """The statistics of one table with a time."""

    @property
    @abstractmethod
    def statistic(self) -> Statistic:
        """The distance of two sums of statistics."""

    @abstractmethod
    def explain(self, one: Estimate, number: int) -> str:
        """One sentence on the worst of `number` parts."""

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        data = encode_dataset(datasets)
        tables = sequence_tables(data)
        estimates: list[Estimate] = []
        refusals: dict[str, str] = {}
        for table in tables:
            for one in self.parts(data, table):
                seed = run.seed.child(self.spec.name, one.name)
                if min(len(one.real), len(one.synthetic)) < MIN_PARENTS:
                    size = min(len(one.real), len(one.synthetic))
                    refusals[one.name] = f"{size} parents, and {MIN_PARENTS} are needed"
                    continue
                estimates.append(self._estimate(one, seed))
        if not estimates and not refusals:
            raise NotMeasurable("no table with a time has a column that it could be measured on")
        result = combine(
            estimates,
            refusals,
            self.explain(worst(estimates, refusals), len(estimates)),
            low=0.0,
            high=1.0,
        )
        holdout = {e.name: v for e in estimates if (v := e.detail["holdout"]) is not None}
        reference = holdout.get(worst(estimates, refusals).name)
        return replace(result, reference=reference, reference_parts=holdout)

    def _estimate(self, one: Statistics, seed: Seed) -> Estimate:
        value = self.statistic(one.real.sum(axis=0), one.synthetic.sum(axis=0))
        chance = resampled(one.real, len(one.real), len(one.synthetic), self.statistic, seed)
        holdout = None
        if one.holdout is not None and len(one.holdout) >= MIN_PARENTS:
            holdout = self.statistic(one.real.sum(axis=0), one.holdout.sum(axis=0))
        return Estimate(
            name=one.name,
            value=value,
            error=float(chance.std()),
            expected=float(chance.mean()),
            p_value=p_value(value, chance),
            detail={
                "expected": float(chance.mean()),
                "band": float(np.quantile(chance, 0.95)),
                "holdout": holdout,
                **self.describe(one),
            },
        )

    def describe(self, one: Statistics) -> dict[str, list[float]]:
        """Aggregates for a chart."""
        return {}


def sequence_tables(data: EncodedDataset) -> list[str]:
    """The tables whose rows have a time within a parent or an entity.

    Raises:
        NotMeasurable: there is none.
    """
    names = [name for name in data.tables if data.tables[name].time is not None]
    if not names:
        raise NotMeasurable("no table has a time that differs between rows of the same parent")
    return names


def _sides(data: EncodedDataset, table: str) -> list[str]:
    owner = data.owners.get(table)
    valid = data.has_holdout(table, *([owner.parent] if owner is not None else []))
    return ["real", "synthetic", *(["holdout"] if valid else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Autocorrelation(SequenceMetric):
    """Mean absolute difference of the autocorrelations of lag 1 to 7 within a parent: the largest
    over all numbers of tables with a time."""

    spec: ClassVar[Spec] = Spec(
        name="autocorrelation",
        title="Autocorrelation within the parent",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: numbers depend on earlier ones of the same parent as in the real data",
        source="Box and Jenkins 1970",
        every_row=True,
    )

    @property
    def statistic(self) -> Statistic:
        return autocorrelation_distance

    def parts(self, data: EncodedDataset, table: str) -> Iterator[Statistics]:
        encoded = data.tables[table]
        sides = _sides(data, table)
        placed = {side: _ordered(data, table, side) for side in sides}
        for column in encoded.features.columns:
            if column not in encoded.rows["real"].numbers or column in encoded.features.dates:
                continue
            sums = {}
            for side, (positions, entity) in placed.items():
                values = encoded.rows[side].numbers[column][positions]
                sums[side] = autocorrelations(_scaled(values), entity)
            if (sums["real"][:, LAGS] > 0).any():
                yield Statistics(
                    f"{table}.{column}",
                    table,
                    sums["real"],
                    sums["synthetic"],
                    sums.get("holdout"),
                )

    def explain(self, one: Estimate, number: int) -> str:
        return (
            f"Within a parent, the autocorrelations of {one.name!r} at lags 1 to {LAGS} differ from "
            f"the real ones by {decimal(one.value)} on average (two real samples of as many parents: "
            f"{decimal(one.expected)}), the largest of {count(number, 'column')}."
        )

    def describe(self, one: Statistics) -> dict[str, list[float]]:
        out = {}
        for side in ("real", "synthetic", "holdout"):
            values = getattr(one, side)
            if values is not None:
                total = values.sum(axis=0)
                valid = total[LAGS:] > 0
                ratio = np.divide(total[:LAGS], total[LAGS:], out=np.zeros(LAGS), where=valid)
                out[f"lags_{side}"] = [float(value) for value in np.clip(ratio, -1, 1)]
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class InterEventTimes(SequenceMetric):
    """Kolmogorov-Smirnov distance of the times between successive rows of a parent: the largest over
    all tables with a time."""

    spec: ClassVar[Spec] = Spec(
        name="inter_event_times",
        title="Times between events",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: the times between rows of a parent are distributed as in the real data",
        source="Kolmogorov 1933",
        every_row=True,
    )

    @property
    def statistic(self) -> Statistic:
        return counts_distance

    def parts(self, data: EncodedDataset, table: str) -> Iterator[Statistics]:
        steps = {side: _steps(data, table, side) for side in _sides(data, table)}
        real = steps["real"][0]
        if not len(real):
            return
        values = np.unique(real)
        if len(values) > MAX_STEPS:
            values = np.unique(np.quantile(real, np.linspace(0, 1, MAX_STEPS)))
        counted = {side: _histogram(*each, values) for side, each in steps.items()}
        yield Statistics(
            table, table, counted["real"], counted["synthetic"], counted.get("holdout")
        )

    def explain(self, one: Estimate, number: int) -> str:
        return (
            f"Times between successive rows of a parent in {one.name!r} have a Kolmogorov-Smirnov "
            f"distance of {decimal(one.value)} from the real ones (two real samples of as many "
            f"parents: {decimal(one.expected)})."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateTimes(SequenceMetric):
    """How much more often rows have the parent and the time of another row than in the real data."""

    spec: ClassVar[Spec] = Spec(
        name="duplicate_times",
        title="Duplicate times of a parent",
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: rows of a parent do not share a time more often than real ones",
        source="Patki, Wedge and Veeramachaneni 2016 (uniqueness of composite keys)",
        every_row=True,
    )

    @property
    def statistic(self) -> Statistic:
        return rate_excess

    def parts(self, data: EncodedDataset, table: str) -> Iterator[Statistics]:
        sums = {}
        for side in _sides(data, table):
            steps, entity, number = _steps(data, table, side)
            _, all_rows = _ordered(data, table, side)
            rows = np.bincount(all_rows, minlength=number).astype(float)
            same = np.bincount(entity, steps == 0, minlength=number)
            sums[side] = np.column_stack([same, rows])
        yield Statistics(table, table, sums["real"], sums["synthetic"], sums.get("holdout"))

    def explain(self, one: Estimate, number: int) -> str:
        rates = one.detail["rates"]
        return (
            f"{percent(rates[1])} of the rows of {one.name!r} have the parent and the time of another "
            f"row, in the real data {percent(rates[0])}."
        )

    def describe(self, one: Statistics) -> dict[str, list[float]]:
        totals = [each.sum(axis=0) for each in (one.real, one.synthetic)]
        return {"rates": [float(total[0] / max(total[1], 1)) for total in totals]}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticColumns(RelationalMetric):
    """Fraction of parents or entities in whose rows a column varies that never does in real ones: the
    largest over all such columns. It is counted, so its interval is the value itself."""

    spec: ClassVar[Spec] = Spec(
        name="static_columns",
        title="Static columns",
        family="validity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description="0: columns that never vary within a real parent do not vary in a synthetic one",
        source="SDV context columns (Zhang et al. 2022, Sequential Models in the SDV)",
        every_row=True,
    )

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        data = encode_dataset(datasets)
        rates: dict[str, float] = {}
        for name, table in data.tables.items():
            if name not in data.owners and table.time is None:
                continue
            for column in table.features.columns:
                varies = [_varying(data, name, side, column) for side in ("real", "synthetic")]
                if varies[0][1] >= MIN_PARENTS and varies[0][0] == 0 and varies[1][1]:
                    if _constant(data, name, column):
                        continue
                    rates[f"{name}.{column}"] = varies[1][0] / varies[1][1]
        if not rates:
            raise NotMeasurable("no column is constant within every real parent")
        worst_name = max(rates, key=lambda name: (rates[name], name))
        value = rates[worst_name]
        return Result(
            value=value,
            interval=(value, value),
            reference=0.0,
            reference_interval=(0.0, 0.0),
            p_value=0.0 if value > 0 else 1.0,
            parts=rates,
            explanation=f"{worst_name!r} varies within {percent(value)} of the synthetic parents, and "
            "within no real one."
            if value > 0
            else f"{count(len(rates), 'column')} that never vary within a real parent do not vary "
            "within a synthetic one.",
        )


def days_between(data: EncodedDataset, table: str, side: str) -> Floats:
    """Days between successive rows of the same parent."""
    return _steps(data, table, side)[0]


def _ordered(data: EncodedDataset, table: str, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions of rows by parent and time, and their parents numbered from 0 consecutively."""
    positions, entity = in_order(data, table, side)
    return positions, np.unique(entity, return_inverse=True)[1]


def _steps(data: EncodedDataset, table: str, side: str) -> tuple[Floats, np.ndarray, int]:
    """Days between successive rows of a parent, the parent of each, and the number of parents."""
    positions, entity = _ordered(data, table, side)
    order = data.tables[table].order
    assert order is not None, "tables with a time have an order"
    steps = np.diff(order[side][positions]) / _DAY
    inside = (np.diff(entity) == 0) & ~np.isnan(steps)
    return steps[inside], entity[1:][inside], int(entity.max(initial=-1)) + 1


def _histogram(steps: Floats, entity: np.ndarray, number: int, values: Floats) -> Floats:
    """(entities, values + 1) number of steps of each entity up to each of the sorted values."""
    at = np.searchsorted(values, steps, side="left")
    size = len(values) + 1
    return (
        np.bincount(entity * size + at, minlength=number * size)
        .reshape(number, size)
        .astype(np.float64)
    )


def _scaled(values: Floats) -> Floats:
    """Values without their mean, so that squares neither overflow nor cancel."""
    present = values[~np.isnan(values)]
    if not len(present):
        return values
    scale = float(np.abs(present - present.mean()).max())
    scaled: Floats = (values - present.mean()) / (scale or 1.0)
    return scaled


def _varying(data: EncodedDataset, name: str, side: str, column: str) -> tuple[int, int]:
    """Number of parents in whose rows a column varies, and of parents with two rows or more."""
    entity = entity_of_rows(data, name, side)
    rows = data.tables[name].rows[side]
    values = rows.numbers[column] if column in rows.numbers else rows.codes[column].astype(float)
    kept = entity >= 0
    grouped = Grouped(entity[kept], int(entity.max(initial=-1)) + 1)
    filled = np.where(np.isnan(values), -1e300, values)[kept]
    low, high = (grouped.extreme(filled, largest=largest) for largest in (False, True))
    several = np.bincount(entity[kept], minlength=grouped.parents) > 1
    return int((several & (low < high)).sum()), int(several.sum())


def _constant(data: EncodedDataset, name: str, column: str) -> bool:
    rows = data.tables[name].rows["real"]
    values = rows.numbers[column] if column in rows.numbers else rows.codes[column]
    return len(np.unique(values)) < 2
