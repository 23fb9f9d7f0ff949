"""Relational utility: train on synthetic data, test on real data, with columns of related tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.formatting import decimal
from artesian.core.run import Run, Seed
from artesian.data.schema import Kind
from artesian.metrics.charts import PredictionScores
from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.features import trainable
from artesian.metrics.common.parallel import fit_in_parallel
from artesian.metrics.common.roc import WeightedArea
from artesian.metrics.protocol import Better, Headline, NotMeasurable, Result, Spec
from artesian.metrics.relational.aggregates import aggregates
from artesian.metrics.relational.detector import FITTING
from artesian.metrics.relational.encoding import EncodedDataset, encode_dataset
from artesian.metrics.relational.protocol import MIN_PARENTS, DatasetComparison, RelationalMetric

RESAMPLES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationalUtility(RelationalMetric):
    """Score of a model that is trained on synthetic rows and tested on holdout rows, beside that of
    one trained on real rows; its features are the columns of the row and of its parents, and
    aggregates of its children.

    The score is R² of a number and the ROC AUC of the most frequent category against all others.

    Attributes:
        rows: Maximum number of rows to train on, and to test on.
    """

    spec: ClassVar[Spec] = Spec(
        name="relational_utility",
        title="Prediction across tables",
        family="utility",
        better=Better.HIGHER,
        low=-1.0,
        high=1.0,
        description="the score of a model trained on real rows, or close to it, is the best",
        source="Esteban, Hyland and Rätsch 2017; RDL utility of SyntheRela (Hudovernik et al. 2024)",
        needs_holdout=True,
        headline=Headline.USEFULNESS,
        slow=True,
    )
    rows: int = 20_000

    def measure(self, datasets: DatasetComparison, run: Run) -> Result:
        data = encode_dataset(datasets)
        name, column = _target(datasets, data)
        if not data.has_holdout(name):
            raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
        seed = run.seed.child(self.spec.name)
        sides = {}
        for side in data.sides:
            matrix, target = _learnable(data, side, name, column)
            labelled = np.flatnonzero(~np.isnan(target))
            if len(labelled) > self.rows:
                labelled = np.sort(seed.child(side).rng().permutation(labelled)[: self.rows])
            sides[side] = matrix[labelled], target[labelled], data.groups[name][side][labelled]
        test, truth, groups = sides["holdout"]
        if min(len(each[0]) for each in sides.values()) < MIN_PARENTS:
            raise NotMeasurable(f"too few rows with a value of {column!r}")
        numeric = column in data.tables[name].rows["real"].numbers
        if not numeric and any(len(np.unique(each[1])) < 2 for each in sides.values()):
            raise NotMeasurable(f"{column!r} has one value in a table")
        fitted = fit_in_parallel(
            lambda side: _predict(*sides[side][:2], test, numeric, seed.child("fit", side)),
            ("synthetic", "real"),
            run,
            self.spec.name,
        )
        predicted = dict(zip(("synthetic", "real"), fitted, strict=True))
        score = _r_squared if numeric else _area
        values = {side: score(truth, each, np.ones(len(truth))) for side, each in predicted.items()}
        rng = seed.child("bootstrap").rng()
        _, units = np.unique(groups, return_inverse=True)
        number = int(units.max()) + 1
        resamples = []
        for _ in range(RESAMPLES):
            weights = rng.multinomial(number, np.full(number, 1 / number))[units].astype(float)
            resamples.append([score(truth, predicted[s], weights) for s in ("synthetic", "real")])
        drawn = np.array(resamples)

        def interval(sample: Floats, centre: float) -> tuple[float, float]:
            low, high = np.percentile(sample, (2.5, 97.5))
            return min(float(low), centre), max(float(high), centre)

        measure = "R²" if numeric else "ROC AUC"
        excess = values["synthetic"] - values["real"]
        return Result(
            value=values["synthetic"],
            interval=interval(drawn[:, 0], values["synthetic"]),
            reference=values["real"],
            reference_interval=interval(drawn[:, 1], values["real"]),
            excess=excess,
            excess_interval=interval(drawn[:, 0] - drawn[:, 1], excess),
            baseline=0.0 if numeric else 0.5,
            target=f"{name}.{column}",
            explanation=f"A model of {column!r} of {name!r} with columns of related tables has on "
            f"holdout rows an {measure} of {decimal(values['synthetic'])} if trained on synthetic "
            f"rows (on real rows: {decimal(values['real'])}).",
            chart=PredictionScores(measure=measure),
            detail=_errors(truth, predicted) if numeric else {},
        )


def _target(datasets: DatasetComparison, data: EncodedDataset) -> tuple[str, str]:
    """Table and column of the target."""
    if datasets.target is not None:
        name, _, column = datasets.target.rpartition(".")
        if name not in data.tables:
            raise UsageError(
                f"the target {datasets.target!r} names no table",
                hint=f"write TABLE.COLUMN; {did_you_mean(name, data.tables)}",
            )
    else:
        given = [n for n in data.tables if datasets.real[n].schema.target is not None]
        if not given:
            raise NotMeasurable("no target was given (name one as TABLE.COLUMN)")
        name, column = given[0], str(datasets.real[given[0]].schema.target)
    labelled = data.tables[name].features.columns
    if column not in labelled:
        raise UsageError(
            f"the target {name}.{column} is not a number or category that can be compared",
            hint=did_you_mean(column, labelled),
        )
    if datasets.real[name].schema[column].kind is Kind.DATETIME:
        raise NotMeasurable("the target is a date")
    return name, column


def _learnable(data: EncodedDataset, side: str, name: str, column: str) -> tuple[Floats, Floats]:
    """(rows, features), and (rows,) the target: numbers, or whether it is the frequent category."""
    table = data.tables[name]
    own = table.matrix(side)
    kept = [at for at, owner in enumerate(table.features.owners) if owner != column]
    parts = [own[:, kept]]
    for key in data.parents_of(name):
        if key.parent != name:
            parent = data.links[key][side].parent
            joined = data.tables[key.parent].matrix(side)[np.maximum(parent, 0)]
            parts.append(np.where((parent < 0)[:, None], np.nan, joined))
    if data.children_of(name):
        parts.append(np.column_stack(list(aggregates(data, side, name, rich=False).values())))
    rows = table.rows[side]
    if column in rows.numbers:
        return np.hstack(parts), rows.numbers[column]
    real = table.rows["real"].codes[column]
    frequent = int(np.bincount(real[real >= 0], minlength=1).argmax())
    codes = rows.codes[column]
    return np.hstack(parts), np.where(codes < 0, np.nan, codes == frequent)


def _predict(x: Floats, y: Floats, test: Floats, numeric: bool, seed: Seed) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    make = HistGradientBoostingRegressor if numeric else HistGradientBoostingClassifier
    model: Any = make(
        max_iter=120,
        early_stopping=False,
        min_samples_leaf=int(np.clip(len(x) // 20, 2, 20)),
        random_state=seed.integer() % 2**32,
    )
    with FITTING:
        model.fit(trainable(x), y)
    predicted: Floats = model.predict(test) if numeric else model.decision_function(test)
    return predicted


def _r_squared(truth: Floats, predicted: Floats, weights: Floats) -> float:
    mean = float(np.average(truth, weights=weights))
    total = float((weights * (truth - mean) ** 2).sum())
    if total <= 0:
        return 0.0
    return max(-1.0, 1 - float((weights * (truth - predicted) ** 2).sum()) / total)


def _area(truth: Floats, predicted: Floats, weights: Floats) -> float:
    return WeightedArea(truth > 0, predicted)(weights)


def _errors(truth: Floats, predicted: dict[str, Floats]) -> dict[str, float]:
    """Root mean squared errors, of the mean of the real rows as a naive forecast too."""
    out = {
        f"rmse_{side}": float(np.sqrt(((truth - values) ** 2).mean()))
        for side, values in predicted.items()
    }
    return out | {"rmse_naive": float(truth.std())}
