"""Measure treatments of a rare class by repeated stratified cross-validation.

Everything that a treatment learns, it learns from the training rows of a fold: the generator and its
filters are fitted there, and the threshold is chosen there by an inner cross-validation, in which the
generator is fitted again. Test rows are real rows that nothing has used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from artesian.augmentation.baselines import class_weights, oversample, smote
from artesian.augmentation.filters import OPTIONAL, Filters
from artesian.augmentation.generate import generate
from artesian.augmentation.intervals import Difference, corrected_interval
from artesian.augmentation.learners import LEARNERS, Learner, TrainingRows
from artesian.augmentation.measures import F1, F1_TUNED, MEASURES, best_threshold, measure
from artesian.augmentation.task import ClassTask
from artesian.core.run import Progress, Run
from artesian.metrics.common.arrays import Floats, Ints
from artesian.synthesizers.protocol import Synthesizer

NOTHING, WEIGHTS, OVERSAMPLING, SMOTE = "nothing", "class weights", "over-sampling", "SMOTE"

CHEAP = (NOTHING, WEIGHTS, OVERSAMPLING, SMOTE)
"""Treatments without a generator, the simplest first."""

UNFILTERED = ", unfiltered"
"""Suffix of the treatment with the rows of a generator as they are sampled."""

INNER_FOLDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What is measured, and how.

    Attributes:
        rows: Rows to add to the whole table, fewer in proportion to training rows; None for as many
            as make the class as large as the largest other class.
        folds: Number of folds, 2 or more.
        repeats: Number of cross-validations, 1 or more.
        filters: Names of filters of generated rows.
        learners: Learners by name.
    """

    rows: int | None = None
    folds: int = 5
    repeats: int = 5
    filters: tuple[str, ...] = OPTIONAL
    learners: Mapping[str, Learner] = field(default_factory=lambda: LEARNERS)

    def extra(self, task: ClassTask, whole: int) -> int:
        """Rows to add to the rows of `task`, a part of a table of `whole` rows."""
        return task.missing_rows if self.rows is None else round(self.rows * len(task) / whole)


@dataclass(frozen=True, slots=True)
class Study:
    """Values of every measure for each treatment, learner and resample.

    Attributes:
        treatments, learners: Their names.
        values: (treatments, learners, measures, resamples), measures in the order of `MEASURES`.
        folds: Number of folds.
        sampled: Generator -> number of rows that its filters saw, over all outer folds.
        dropped: Generator -> filter -> number of these that it dropped.
    """

    treatments: tuple[str, ...]
    learners: tuple[str, ...]
    values: Floats
    folds: int
    sampled: Mapping[str, int]
    dropped: Mapping[str, Mapping[str, int]]

    def of(self, treatment: str, learner: str, measure: str) -> Floats:
        """(resamples,) the values of one measure."""
        values: Floats = self.values[
            self.treatments.index(treatment),
            self.learners.index(learner),
            list(MEASURES).index(measure),
        ]
        return values

    def difference(self, treatment: str, other: str, learner: str, measure: str) -> Difference:
        """How much better `treatment` is than `other`: positive is better, whatever the measure."""
        gain = self.of(treatment, learner, measure) - self.of(other, learner, measure)
        return corrected_interval(MEASURES[measure].sign * gain, self.folds)

    def threshold_gain(self, treatment: str, learner: str) -> Difference:
        """How much larger the F1 of a treatment is at its tuned threshold than at 0.5."""
        tuned, default = (self.of(treatment, learner, name) for name in (F1_TUNED, F1))
        return corrected_interval(tuned - default, self.folds)

    def mean(self, treatment: str, learner: str, measure: str) -> float:
        """The mean of one measure over the resamples."""
        return float(self.of(treatment, learner, measure).mean())

    @property
    def resamples(self) -> int:
        """Number of test folds."""
        return int(self.values.shape[3])


def run_study(
    task: ClassTask, generators: Mapping[str, Synthesizer], plan: StudyPlan, run: Run
) -> Study:
    """Cross-validate every treatment with every learner.

    Args:
        generators: Methods by name; each is measured with its filters and without.

    Raises:
        DataError: The class has fewer rows than folds.
        ConditionError: A model cannot sample rows of the class.
        Cancelled: The run was stopped.
    """
    task.require_rows(plan.folds)
    treatments = (*CHEAP, *(n + suffix for n in generators for suffix in ("", UNFILTERED)))
    resamples = [(repeat, fold) for repeat in range(plan.repeats) for fold in range(plan.folds)]
    shape = (len(treatments), len(plan.learners), len(MEASURES), len(resamples))
    values = np.zeros(shape)
    counts = _Counts({n: 0 for n in generators}, {n: {} for n in generators})
    for at, (repeat, fold) in enumerate(run.track(resamples, "cross-validation")):
        own = _silent(run.child("study", repeat))
        folds = task.folds(plan.folds, own.seed.child("folds"))
        own = own.child(fold)
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        thresholds = _thresholds(task, train, treatments, generators, plan, own.child("inner"))
        scores = _scores(task, train, test, generators, plan, own.child("outer"), counts)
        for i, treatment in enumerate(treatments):
            for j, learner in enumerate(plan.learners):
                key = (treatment, learner)
                figures = measure(task.positive[test], scores[key], thresholds[key])
                values[i, j, :, at] = [figures[name] for name in MEASURES]
    return Study(
        treatments, tuple(plan.learners), values, plan.folds, counts.sampled, counts.dropped
    )


Scores = dict[tuple[str, str], Floats]
"""(treatment, learner) -> (rows,) probabilities of the class."""


@dataclass(slots=True)
class _Counts:
    """Numbers of rows that the filters of each generator saw and dropped."""

    sampled: dict[str, int]
    dropped: dict[str, dict[str, int]]

    def add(self, name: str, sampled: int, dropped: Mapping[str, int]) -> None:
        self.sampled[name] += sampled
        for filter_name, rows in dropped.items():
            self.dropped[name][filter_name] = self.dropped[name].get(filter_name, 0) + rows


def _thresholds(
    task: ClassTask,
    train: Ints,
    treatments: tuple[str, ...],
    generators: Mapping[str, Synthesizer],
    plan: StudyPlan,
    run: Run,
) -> dict[tuple[str, str], float]:
    """Threshold of the largest F1 over an inner cross-validation of the training rows."""
    positive = task.positive[train]
    inner = task.subset(train).folds(INNER_FOLDS, run.seed)
    scores: Scores = {
        (treatment, learner): np.zeros(len(train))
        for treatment in treatments
        for learner in plan.learners
    }
    for fold in range(int(inner.max()) + 1):
        outside = inner == fold
        parts = _scores(
            task, train[~outside], train[outside], generators, plan, run.child("fold", fold)
        )
        for key, values in parts.items():
            scores[key][outside] = values
    return {key: best_threshold(positive, values) for key, values in scores.items()}


def _scores(
    task: ClassTask,
    train: Ints,
    test: Ints,
    generators: Mapping[str, Synthesizer],
    plan: StudyPlan,
    run: Run,
    counts: _Counts | None = None,
) -> Scores:
    """Scores of the rows `test` by all learners after all treatments of the rows `train`."""
    sets = training_sets(task, task.subset(train), generators, plan, run, counts)
    scores: Scores = {}
    for treatment, rows in sets.items():
        for name, learner in plan.learners.items():
            run.check("cross-validation")
            predict = learner(rows, run.seed.child("learner"))
            scores[treatment, name] = predict(task.matrix[test])
    return scores


def training_sets(
    whole: ClassTask,
    task: ClassTask,
    generators: Mapping[str, Synthesizer],
    plan: StudyPlan,
    run: Run,
    counts: Any = None,
) -> dict[str, TrainingRows]:
    """The training rows after each treatment of the rows of `task`, a part of `whole`."""
    train = TrainingRows(task.matrix, task.positive, None, task.features.discrete)
    extra = plan.extra(task, len(whole))
    sets = {
        NOTHING: train,
        WEIGHTS: class_weights(train, extra),
        OVERSAMPLING: oversample(train, extra, run.seed.child("oversample")),
        SMOTE: smote(train, extra, run.seed.child("smote")),
    }
    filters = Filters.fit(task, plan.filters, run.child("filters")) if generators else None
    for name, synthesizer in generators.items():
        assert filters is not None
        own = run.child("generator", name)
        model = synthesizer.fit(task.table, run=own)
        generated = generate(model, task, extra, filters, own)
        if counts is not None:
            counts.add(name, generated.sampled, generated.dropped)
        for suffix, table in (("", generated.table), (UNFILTERED, generated.candidates)):
            sets[name + suffix] = train.with_rows(task.features.matrix(table.frame))
    return sets


def _silent(run: Run) -> Run:
    """The same run without progress reports and in one thread, for the many small fits of a study."""
    return replace(run, on_progress=_ignore, workers=1)


def _ignore(_: Progress) -> None:
    return None
