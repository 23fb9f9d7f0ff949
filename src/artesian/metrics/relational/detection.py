"""Classifier two-sample tests of related tables, from single tables to aggregated children."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.formatting import decimal
from artesian.core.run import Run, Seed
from artesian.data.schema import ForeignKey
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.protocol import Better, Headline, NotMeasurable, Result, Spec
from artesian.metrics.relational.aggregates import aggregates
from artesian.metrics.relational.detector import Detection, Pair, Sample, detect
from artesian.metrics.relational.encoding import EncodedDataset, encode_dataset
from artesian.metrics.relational.estimates import Estimate, combine, worst
from artesian.metrics.relational.protocol import MIN_PARENTS, DatasetComparison, RelationalMetric
from artesian.metrics.relational.within import within_entity

SOURCE = "SyntheRela (Hudovernik, Jurkovic and Strumbelj 2024)"
MAX_FEATURES = 300


@dataclass(frozen=True, slots=True)
class View:
    """What a detector sees of one part of a dataset, such as a table.

    Attributes:
        names: (features,)
        tables: The tables whose rows differ between training data and holdout if it is compared.
        rows: Side -> the rows, at most as many as asked for.
    """

    name: str
    names: tuple[str, ...]
    tables: tuple[str, ...]
    rows: Callable[[str, int, Seed], Sample]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector(RelationalMetric):
    """ROC AUC of a cross-validated detector, the worst of all parts.

    Synthetic rows are detected among holdout rows, and, as the reference, training rows among
    holdout rows. Tables that both have in common, and data without a holdout, are compared with the
    training rows; a copy of these would look perfect there. `detail` has the AUC and the accuracy
    against the training rows, which is how the literature measures, for every part.

    Attributes:
        rows: Maximum number of rows of either side.
    """

    rows: int = 3_000

    @abstractmethod
    def views(self, data: EncodedDataset) -> Iterator[View]:
        """The parts to compare.

        Raises:
            NotMeasurable: there is none; the problem is the reason.
        """

    @property
    @abstractmethod
    def what(self) -> str:
        """What is detected, for the explanation."""

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        data = encode_dataset(datasets)
        seed = run.seed.child(self.spec.name)
        pairs: list[Pair] = []
        used: list[tuple[View, list[str]]] = []
        refusals: dict[str, str] = {}
        for view in self.views(data):
            if not view.names:
                refusals[view.name] = "there are no columns but keys and names"
                continue
            sides = ["real", "synthetic"]
            if data.has_holdout(*view.tables):
                sides.append("holdout")
            samples = {
                side: view.rows(side, self.rows, seed.child(view.name, side)) for side in sides
            }
            if "holdout" in samples and _units(samples["holdout"]) < MIN_PARENTS:
                del samples["holdout"]
            units = min(_units(sample) for sample in samples.values())
            if units < MIN_PARENTS:
                refusals[view.name] = (
                    f"{units} independent rows or parents, and {MIN_PARENTS} are needed"
                )
                continue
            wanted = {"train": ("synthetic", "real")}
            if "holdout" in samples:
                wanted |= {"value": ("synthetic", "holdout"), "reference": ("real", "holdout")}
            ranked = "value" if "holdout" in samples else "train"
            for label, (first, second) in wanted.items():
                own = seed.child(view.name, "pair", label)
                pairs.append(
                    Pair(samples[first], samples[second], view.names, own, label == ranked)
                )
            used.append((view, list(wanted)))
        detections = iter(detect(pairs, run, self.spec.name))
        estimates = [
            _estimate(view.name, {label: next(detections) for label in labels})
            for view, labels in used
        ]
        one = worst(estimates, refusals)
        return combine(
            estimates, refusals, self._explain(one, estimates), low=0.0, high=1.0, baseline=0.5
        )

    def _explain(self, one: Estimate, estimates: list[Estimate]) -> str:
        rival = "holdout" if one.reference is not None else "training"
        note = (
            f"training against holdout rows: {decimal(one.reference)}, a guess: 0.50"
            if one.reference is not None
            else "a guess: 0.50"
        )
        sentence = (
            f"A detector of {self.what.format(one.name)} among {rival} rows has a ROC AUC of "
            f"{decimal(one.value)} and an accuracy of {decimal(one.detail['accuracy'])} ({note})"
        )
        if len(estimates) > 1:
            sentence += f", the worst of {len(estimates)}"
        if one.reference is not None and one.detail["train"] > one.value:
            sentence += f"; among training rows, an AUC of {decimal(one.detail['train'])}"
        revealing = next(iter(one.detail["importances"]), "")
        return f"{sentence}; the most revealing is {revealing!r}." if revealing else f"{sentence}."


def _has_many(data: EncodedDataset, name: str) -> bool:
    """Whether a table has enough rows: the values of a few parents distinguish all their children."""
    return all(data.height(side, name) >= 2 * MIN_PARENTS for side in data.sides)


def _units(sample: Sample) -> int:
    return len(np.unique(sample.groups))


def _estimate(name: str, detections: dict[str, Detection]) -> Estimate:
    train = detections["train"]
    shown = detections.get("value", train)
    reference = detections.get("reference")
    detail = {
        "accuracy": shown.accuracy,
        "rows": shown.rows,
        "train": train.auc,
        "train_accuracy": train.accuracy,
        "importances": {
            feature: value
            for feature, value in shown.importances.items()
            if shown.revealing_feature and value > 0
        },
    }
    plain = Estimate(
        name=name,
        value=shown.auc,
        error=shown.error,
        reference=None if reference is None else reference.auc,
        reference_error=0.0 if reference is None else reference.error,
        expected=0.5,
        detail=detail | ({} if reference is None else {"reference_accuracy": reference.accuracy}),
    )
    if reference is None:
        return plain
    # Synthetic against training rows is a valid test too, of more rows: only copies would pass it.
    against_train = Estimate(name=name, value=train.auc, error=train.error, expected=0.5).p
    return Estimate(
        name=name,
        value=plain.value,
        error=plain.error,
        reference=plain.reference,
        reference_error=plain.reference_error,
        p_value=min(1.0, 2 * min(plain.p, against_train)),
        detail=plain.detail,
    )


def _spec(name: str, title: str, description: str, headline: Headline | None = None) -> Spec:
    return Spec(
        name=name,
        title=title,
        family="fidelity",
        better=Better.LOWER,
        low=0.0,
        high=1.0,
        description=f"0.5: no better than a guess; 1: every {description} is recognized",
        source=SOURCE,
        headline=headline,
        slow=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STSingleTable(Detector):
    """Detection of single rows, one table at a time."""

    spec: ClassVar[Spec] = _spec("c2st_single_table", "Detection of rows of a table", "row")

    @property
    def what(self) -> str:
        return "synthetic rows of {!r}"

    def views(self, data: EncodedDataset) -> Iterator[View]:
        for name in data.tables:
            yield _joined_view(data, name, name, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STParentChild(Detector):
    """Detection of child rows joined with their parent, one foreign key at a time."""

    spec: ClassVar[Spec] = _spec(
        "c2st_parent_child", "Detection of children with their parent", "child row"
    )

    @property
    def what(self) -> str:
        return "synthetic child rows with their parent by {}"

    def views(self, data: EncodedDataset) -> Iterator[View]:
        if not data.links:
            raise NotMeasurable("there is no foreign key")
        for key in data.links:
            both = (
                data.tables[key.parent].features.columns and data.tables[key.child].features.columns
            )
            if both and _has_many(data, key.parent):
                yield _joined_view(data, str(key), key.child, ((key,),))


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STDenormalised(Detector):
    """Detection of rows joined with all their ancestors, of tables that have several."""

    spec: ClassVar[Spec] = _spec(
        "c2st_denormalised", "Detection of rows with all ancestors", "denormalised row"
    )

    @property
    def what(self) -> str:
        return "synthetic rows of {!r} joined with all their ancestors"

    def views(self, data: EncodedDataset) -> Iterator[View]:
        joined = False
        for name in data.tables:
            paths = tuple(p for p in _ancestors(data, name) if _has_many(data, p[-1].parent))
            if len(paths) > 1:
                joined = True
                yield _joined_view(data, name, name, paths)
        if not joined:
            raise NotMeasurable("no table has more than one ancestor (see c2st_parent_child)")


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STAggregation(Detector):
    """Detection of parents with basic aggregates of their children: number, means, distinct values."""

    spec: ClassVar[Spec] = _spec(
        "c2st_agg",
        "Detection of parents by aggregates (C2ST-Agg)",
        "parent",
        Headline.DETECTION,
    )
    rich: ClassVar[bool] = False

    @property
    def what(self) -> str:
        return "synthetic rows of {!r} with aggregates of their children"

    def views(self, data: EncodedDataset) -> Iterator[View]:
        parents = [name for name in data.tables if data.children_of(name)]
        if not parents:
            raise NotMeasurable("there is no foreign key")
        for name in parents:
            yield _aggregated_view(data, name, rich=self.rich)


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STAggregationRich(C2STAggregation):
    """Detection of parents with rich aggregates of their children: also deviations, extremes, first
    and last, correlations within the parent, and dependence of successive rows."""

    spec: ClassVar[Spec] = _spec(
        "c2st_agg_rich", "Detection of parents by rich aggregates (C2ST-Agg)", "parent"
    )
    rich: ClassVar[bool] = True

    @property
    def what(self) -> str:
        return "synthetic rows of {!r} with rich aggregates of their children"


@dataclass(frozen=True, slots=True, kw_only=True)
class C2STWithinEntity(Detector):
    """Detection of ordered child rows by how they differ from the other rows of their parent."""

    spec: ClassVar[Spec] = _spec(
        "c2st_within_entity", "Detection within the parent", "row of a sequence"
    )

    @property
    def what(self) -> str:
        return "synthetic rows of {!r} relative to the other rows of their parent"

    def views(self, data: EncodedDataset) -> Iterator[View]:
        names = [name for name in data.tables if data.tables[name].order is not None]
        if not names:
            raise NotMeasurable("no table has a time or line number within a parent")
        for name in names:
            units, features = within_entity(data, name)
            key = data.tables[name].sequence
            tables = (name,) if key is None else (name, key.parent)

            def rows(
                side: str,
                size: int,
                seed: Seed,
                name: str = name,
                units: dict[str, Floats] = units,
            ) -> Sample:
                return _sample(data, name, side, units[side]).subsample(size, seed)

            yield View(name, features, tables, rows)


def _joined_view(
    data: EncodedDataset, label: str, name: str, paths: tuple[tuple[ForeignKey, ...], ...]
) -> View:
    """The rows of a table, joined with the ancestors at the ends of `paths`."""
    own = data.tables[name].features
    names = [_plain(feature, "") for feature in own.owners]
    for path in paths:
        ancestor = data.tables[path[-1].parent].features
        names += [_plain(feature, path[-1].parent) for feature in ancestor.owners]

    def rows(side: str, size: int, seed: Seed) -> Sample:
        height = data.height(side, name)
        chosen = np.arange(height)
        if height > size:
            chosen = np.sort(seed.rng().permutation(height)[:size])
        parts = [own.matrix(data.tables[name].rows[side].take(chosen))]
        for path in paths:
            position: Ints = chosen
            for key in path:
                parent = data.links[key][side].parent
                position = np.where(position >= 0, parent[position], -1)
            table = data.tables[path[-1].parent]
            joined = table.features.matrix(table.rows[side].take(np.maximum(position, 0)))
            parts.append(np.where((position < 0)[:, None], np.nan, joined))
        matrix = np.hstack(parts)[:, :MAX_FEATURES]
        groups, identities = data.groups[name][side], data.identities[name][side]
        return Sample(matrix, groups[chosen], identities[chosen])

    return View(label, tuple(names[:MAX_FEATURES]), (name,), rows)


def _sample(data: EncodedDataset, name: str, side: str, matrix: Floats) -> Sample:
    return Sample(matrix, data.groups[name][side], data.identities[name][side])


def _aggregated_view(data: EncodedDataset, name: str, *, rich: bool) -> View:
    tables = (name, *(key.child for key in data.children_of(name)))
    own = data.tables[name].features
    by_side = {side: aggregates(data, side, name, rich=rich) for side in data.sides}
    names = [_plain(feature, "") for feature in own.owners] + list(by_side["real"])
    chosen = np.arange(len(names))
    if len(names) > MAX_FEATURES:
        order = Seed(0).child("features", name).rng().permutation(len(names))
        chosen = np.sort(order[:MAX_FEATURES])

    def rows(side: str, size: int, seed: Seed) -> Sample:
        # A side where a column is constant may lack its aggregates.
        absent = np.full(data.height(side, name), np.nan)
        parts = [own.matrix(data.tables[name].rows[side])]
        parts += [by_side[side].get(one, absent) for one in by_side["real"]]
        matrix = np.column_stack(parts)[:, chosen]
        return _sample(data, name, side, matrix).subsample(size, seed)

    return View(name, tuple(names[at] for at in chosen), tables, rows)


def _ancestors(
    data: EncodedDataset, name: str, path: tuple[ForeignKey, ...] = ()
) -> Iterator[tuple[ForeignKey, ...]]:
    """Paths of foreign keys from a table to each of its ancestors, without cycles."""
    visited = {name, *(key.child for key in path)}
    for key in data.parents_of(name):
        if key.parent not in visited and len(path) < 4:
            longer = (*path, key)
            if data.tables[key.parent].features.columns:
                yield longer
            yield from _ancestors(data, key.parent, longer)


def _plain(feature: str, table: str) -> str:
    return f"{table}.{feature}" if table else feature
