"""k-hop correlation trends: association between columns of tables that k joins are apart.

Of every path of k foreign keys between two tables, rows at its ends are joined: to the parent, or to
one random child. Over all pairs of a column of either table, the similarity of their association to
the real one is averaged (ClavaDDPM, Pang et al. 2024; SDMetrics): of two numbers 1 - |difference of
correlations| / 2, of any other pair 1 - total variation distance of the contingency tables, with
numbers in ten bins of equal width.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from artesian.core.run import Run, Seed
from artesian.data.schema import ForeignKey
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.intervals import jackknife_spread, upper_tail
from artesian.metrics.protocol import Better, NotMeasurable, Result, Spec
from artesian.metrics.relational.encoding import EncodedDataset, encode_dataset
from artesian.metrics.relational.estimates import Estimate, combine, worst
from artesian.metrics.relational.protocol import MIN_PARENTS, DatasetComparison, RelationalMetric
from artesian.metrics.relational.trend_tables import (
    AssociationSums,
    ColumnPairs,
    association_losses,
)

_T = 2.093024  # half the width of a jackknife interval in standard errors

Step = tuple[ForeignKey, bool]
"""A foreign key, and whether it is followed from the child to its parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KHopTrends(RelationalMetric):
    """Similarity of associations between columns of tables that 0 to `hops` joins are apart, 0 to
    100; the value is that of the number of joins (1 or more) where it is lowest.

    Attributes:
        hops: Maximum number of joins.
        rows: Maximum number of joined rows per path.
        paths: Maximum number of paths for each number of joins; of more, a random choice.
        columns: Maximum number of columns of a table.
    """

    spec: ClassVar[Spec] = Spec(
        name="k_hop_trends",
        title="Associations across tables (k-hop trends)",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=100.0,
        description="100: all pairs of columns of joined tables are associated as in the real data",
        source="ClavaDDPM (Pang et al. 2024); SDMetrics",
        slow=True,
    )
    hops: int = 3
    rows: int = 10_000
    paths: int = 24
    columns: int = 15

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        data = encode_dataset(datasets)
        if not data.links:
            raise NotMeasurable("there is no foreign key")
        seed = run.seed.child(self.spec.name)
        estimates: list[Estimate] = []
        refusals: dict[str, str] = {}
        pairs: dict[str, dict[str, float]] = {}
        for hops in range(self.hops + 1):
            label = f"{hops} hop{'' if hops == 1 else 's'}" if hops else "within tables"
            paths = list(_paths(data, hops))
            if len(paths) > self.paths:
                order = seed.child("paths", hops).rng().permutation(len(paths))[: self.paths]
                paths = [paths[at] for at in sorted(order)]
            measured = [self._path(data, path, seed.child(hops), run) for path in paths]
            compared = [path for path in measured if path is not None]
            if not compared:
                refusals[label] = f"no two tables with {MIN_PARENTS} rows are {hops} joins apart"
                continue
            estimates.append(_hop(label, compared))
            pairs[label] = {path.label: 100 * (1 - path.mean_loss) for path in compared}
        joined = [one for one in estimates if one.name != "within tables"]
        one = worst(joined, refusals)
        scores = ", ".join(
            f"{100 * (1 - each.value):.1f} {'over ' if each in joined else ''}{each.name}"
            + (
                ""
                if each.reference is None
                else f" (holdout, of fewer rows: {100 * (1 - each.reference):.1f})"
            )
            for each in estimates
        )
        lowest = min(pairs[one.name], key=lambda name: pairs[one.name][name])
        explanation = (
            f"Associations between columns have a similarity to the real ones, from 0 to 100, of "
            f"{scores}; the lowest is between {lowest}."
        )
        result = combine(joined, refusals, explanation, low=0.0, high=1.0)
        return _as_similarity(result, estimates, pairs)

    def _path(self, data: EncodedDataset, path: _Path, seed: Seed, run: Run) -> _Compared | None:
        run.check(self.spec.name)
        first, second = data.tables[path.start], data.tables[path.end]
        columns = ColumnPairs.from_tables(first, second, self.columns, same=not path.steps)
        if columns is None:
            return None
        sides = ["real", "synthetic"] + ["holdout"] * data.has_holdout(*path.tables)
        joined: dict[str, AssociationSums] = {}
        clusters: dict[str, int] = {}
        for side in sides:
            own = seed.child(path.label, side)
            rows = _walk(data, side, path, self.rows, own)
            groups = data.groups[path.start][side][rows[0]]
            number = len(np.unique(groups))
            if number < MIN_PARENTS:
                if side == "holdout":
                    continue
                return None
            clusters[side] = number
            joined[side] = columns.tables(first, second, side, rows, groups, own)
        real = joined["real"]
        loss = association_losses(real, joined["synthetic"])
        out = _Compared(path.label, float(loss[0].mean()), loss.mean(axis=1), None, None)
        if "holdout" in joined:
            size = clusters["holdout"]
            smaller = joined["synthetic"]
            if clusters["synthetic"] > size:
                own = seed.child(path.label, "smaller")
                rows = _walk(data, "synthetic", path, self.rows, own)
                groups = data.groups[path.start]["synthetic"][rows[0]]
                chosen = own.rng().permutation(np.unique(groups))[:size]
                inside = np.isin(groups, chosen)
                at = (rows[0][inside], rows[1][inside])
                smaller = columns.tables(first, second, "synthetic", at, groups[inside], own)
            equal = association_losses(real, smaller).mean(axis=1)
            holdout = association_losses(real, joined["holdout"]).mean(axis=1)
            out = _Compared(path.label, out.mean_loss, out.losses, holdout, equal)
        return out


@dataclass(frozen=True, slots=True)
class _Path:
    start: str
    steps: tuple[Step, ...]

    @property
    def end(self) -> str:
        if not self.steps:
            return self.start
        key, up = self.steps[-1]
        return key.parent if up else key.child

    @property
    def tables(self) -> tuple[str, ...]:
        names = [self.start]
        for key, up in self.steps:
            names.append(key.parent if up else key.child)
        return tuple(names)

    @property
    def label(self) -> str:
        if not self.steps:
            return f"columns of {self.start!r}"
        through = [", ".join(key.columns) for key, _ in self.steps]
        return f"{self.start!r} and {self.end!r} (by {' - '.join(through)})"


@dataclass(frozen=True, slots=True)
class _Compared:
    """Losses of one path, in [0, 1].

    Attributes:
        mean_loss: The mean over all pairs of columns.
        losses: (1 + GROUPS,) the mean over all pairs, and the same without each group of rows.
        holdout: The same of the holdout; None without one.
        equal: The same of as many synthetic parents as the holdout has.
    """

    label: str
    mean_loss: float
    losses: Floats
    holdout: Floats | None
    equal: Floats | None


def _paths(data: EncodedDataset, hops: int) -> Iterator[_Path]:
    """Paths of `hops` joins that visit a table at most once, each in one direction: that with fewer
    steps to children."""

    def extend(path: _Path) -> Iterator[_Path]:
        if len(path.steps) == hops:
            down = sum(not up for _, up in path.steps)
            if 2 * down < hops or (2 * down == hops and path.start <= path.end):
                yield path
            return
        for key in data.links:
            for up in (True, False):
                here, there = (key.child, key.parent) if up else (key.parent, key.child)
                if here == path.end and there not in path.tables:
                    yield from extend(_Path(path.start, (*path.steps, (key, up))))

    for name in data.tables:
        yield from extend(_Path(name, ()))


def _walk(data: EncodedDataset, side: str, path: _Path, rows: int, seed: Seed) -> tuple[Ints, Ints]:
    """Positions of rows of both ends of a path that are joined. (rows,) each"""
    start = np.arange(data.height(side, path.start))
    if len(start) > rows:
        start = np.sort(seed.child("start").rng().permutation(len(start))[:rows])
    end = start
    for number, (key, up) in enumerate(path.steps):
        link = data.links[key][side]
        if up:
            end = link.parent[end]
        else:
            order = np.argsort(link.parent, kind="stable")
            order = order[link.parent[order] >= 0]
            begins = np.cumsum(link.children) - link.children
            count = link.children[end]
            draw = (seed.child("child", number).rng().random(len(end)) * count).astype(np.int64)
            if not len(order):
                return start[:0], end[:0]
            end = np.where(count > 0, order[np.minimum(begins[end] + draw, len(order) - 1)], -1)
        start, end = start[end >= 0], end[end >= 0]
    return start, end


def _hop(label: str, compared: Sequence[_Compared]) -> Estimate:
    """The mean over paths, with a jackknife over groups of parents."""
    losses = np.mean([one.losses for one in compared], axis=0)
    error = jackknife_spread(losses[1:]) / _T
    own = [(one.holdout, one.equal) for one in compared]
    referred = [(h, e) for h, e in own if h is not None and e is not None]
    if not referred or len(referred) < len(compared) / 2:
        return Estimate(
            name=label,
            value=float(losses[0]),
            error=error,
            p_value=1.0,
            detail={"paths": len(compared)},
        )
    holdout = np.mean([h for h, _ in referred], axis=0)
    equal = np.mean([e for _, e in referred], axis=0)
    difference = equal - holdout
    return Estimate(
        name=label,
        value=float(losses[0]),
        error=error,
        reference=float(holdout[0]),
        reference_error=jackknife_spread(holdout[1:]) / _T,
        p_value=_tail(
            float(difference[0]),
            np.hypot(jackknife_spread(equal[1:]), jackknife_spread(holdout[1:])) / _T,
        ),
        detail={"paths": len(compared), "excess": float(difference[0])},
    )


def _tail(value: float, error: float) -> float:
    return upper_tail(value / error) if error > 0 else float(value <= 0)


def _as_similarity(
    result: Result, estimates: Sequence[Estimate], pairs: Mapping[str, Mapping[str, float]]
) -> Result:
    """Losses in [0, 1] as similarities from 0 to 100."""

    def flipped(interval: tuple[float, float] | None) -> tuple[float, float] | None:
        return None if interval is None else (100 * (1 - interval[1]), 100 * (1 - interval[0]))

    def score(value: float | None) -> float | None:
        return None if value is None else 100 * (1 - value)

    span = result.excess_interval
    has_reference = result.reference is not None
    return replace(
        result,
        value=score(result.value),
        interval=flipped(result.interval),
        reference=score(result.reference),
        reference_interval=flipped(result.reference_interval),
        excess=-100 * result.excess if has_reference and result.excess is not None else None,
        excess_interval=(-100 * span[1], -100 * span[0])
        if has_reference and span is not None
        else None,
        p_value=result.p_value if has_reference else None,
        parts={one.name: 100 * (1 - one.value) for one in estimates},
        reference_parts={
            one.name: 100 * (1 - one.reference) for one in estimates if one.reference is not None
        },
        detail={**result.detail, "paths": pairs},
    )
