"""Rows of one parent in time: autocorrelation, inter-event and duplicate times, static columns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
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
from artesian.metrics.relational.sequence_statistics import (
    LAGS,
    autocorrelation_distance,
    autocorrelations,
    counts_distance,
    rate_excess,
)
from artesian.metrics.relational.within import in_order, sequence_sides

MAX_STEPS = 400
_DAY = 86_400e6  # microseconds


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
        sides = sequence_sides(data, table)
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
        steps = {side: _steps(data, table, side) for side in sequence_sides(data, table)}
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
        for side in sequence_sides(data, table):
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
        for name in data.tables:
            for label, entity in _units(data, name):
                for column in data.tables[name].features.columns:
                    varies, several = _varying(data, name, "real", column, entity)
                    if varies or several < MIN_PARENTS or _constant(data, name, column):
                        continue
                    varies, several = _varying(data, name, "synthetic", column, entity)
                    if several:
                        rates[f"{name}.{column} within {label}"] = varies / several
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


def _units(data: EncodedDataset, name: str) -> Iterator[tuple[str, Mapping[str, np.ndarray]]]:
    """What the rows of a table belong to: each parent, and the entity. Side -> (rows,) numbers."""
    for key in data.parents_of(name):
        yield key.parent, {side: link.parent for side, link in data.links[key].items()}
    if data.tables[name].time is not None and data.tables[name].sequence is None:
        yield "its entity", data.groups[name]


def _varying(
    data: EncodedDataset, name: str, side: str, column: str, entity: Mapping[str, np.ndarray]
) -> tuple[int, int]:
    """Number of parents in whose rows a column varies, and of parents with two rows or more."""
    rows, numbers = data.tables[name].rows[side], entity[side]
    values = rows.numbers[column] if column in rows.numbers else rows.codes[column].astype(float)
    kept = numbers >= 0
    grouped = Grouped(numbers[kept], int(numbers.max(initial=-1)) + 1)
    filled = np.where(np.isnan(values), -1e300, values)[kept]
    low, high = (grouped.extreme(filled, largest=largest) for largest in (False, True))
    several = np.bincount(numbers[kept], minlength=grouped.parents) > 1
    return int((several & (low < high)).sum()), int(several.sum())


def _constant(data: EncodedDataset, name: str, column: str) -> bool:
    rows = data.tables[name].rows["real"]
    values = rows.numbers[column] if column in rows.numbers else rows.codes[column]
    return len(np.unique(values)) < 2
