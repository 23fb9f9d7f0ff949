"""The cross-validation uses no test row, and its advice follows planted gains."""

from __future__ import annotations

import numpy as np
import pytest
from tests.augmentation.tables import Oracle, Recorder, two_classes

from artesian.augmentation.advice import AUGMENT, CHEAPER, KEEP, advise, verdict
from artesian.augmentation.learners import boosted_fast, linear
from artesian.augmentation.measures import MEASURES
from artesian.augmentation.study import CHEAP, UNFILTERED, Study, StudyPlan, run_study
from artesian.augmentation.task import ClassTask
from artesian.core.errors import Cancelled
from artesian.core.run import Run

PLAN = StudyPlan(folds=4, repeats=1, filters=(), learners={"linear": linear})


def planted(gains: dict[str, float], spread: float = 0.01) -> Study:
    """A study in which treatments gain these amounts of every measure over doing nothing."""
    rng = np.random.default_rng(4)
    treatments = (*CHEAP, "trees", f"trees{UNFILTERED}")
    values = 0.5 + rng.normal(0, 0.1, size=(1, 1, 1, 10)) + np.zeros((6, 1, len(MEASURES), 1))
    values = values + rng.normal(0, spread, size=values.shape)
    for treatment, gain in gains.items():
        values[treatments.index(treatment)] += gain
    return Study(treatments, ("linear",), values, 5, {}, {})


def test_the_generator_is_fitted_without_the_test_rows() -> None:
    task = ClassTask.from_table(two_classes(), "hit")
    recorder = Recorder()
    run_study(task, {"recorder": recorder}, PLAN, Run())
    every = set(task.table.frame["a"])
    assert len(recorder.fitted) == 4 * (3 + 1)
    outer = recorder.fitted[3::4]
    tests = [every - rows for rows in outer]
    assert set().union(*tests) == every
    assert sum(map(len, tests)) == len(every)
    for fold in range(4):
        inner = recorder.fitted[4 * fold : 4 * fold + 3]
        assert all(rows < outer[fold] for rows in inner)


def test_a_study_is_the_same_for_the_same_seed() -> None:
    task = ClassTask.from_table(two_classes(), "hit")
    one, other, third = (
        run_study(task, {}, PLAN, Run.from_seed(seed)).values for seed in (1, 1, 2)
    )
    assert np.array_equal(one, other)
    assert not np.array_equal(one, third)


def test_rows_of_the_true_distribution_help_a_learner_that_needs_many_rows() -> None:
    task = ClassTask.from_table(two_classes(positives=12, rows=150, shift=1.2), "hit")
    plan = StudyPlan(folds=3, repeats=1, filters=(), learners={"boosted": boosted_fast})
    study = run_study(task, {"oracle": Oracle(shift=1.2)}, plan, Run())
    (advice,) = advise(study, "oracle", "auroc")
    assert advice.method_gain.mean > 0.03
    assert advice.mean <= study.mean("oracle", "boosted", "auroc")


def test_a_planted_gain_over_all_cheaper_treatments_is_to_augment() -> None:
    (advice,) = advise(planted({"trees": 0.1, "SMOTE": 0.02}), "trees")
    assert advice.decision == AUGMENT
    assert verdict([advice]).startswith("Augment. With linear")
    assert advice.method_gain.low > 0


def test_where_class_weights_do_as_well_they_suffice() -> None:
    (advice,) = advise(planted({"class weights": 0.1, "SMOTE": 0.1, "trees": 0.1}), "trees")
    assert (advice.decision, advice.treatment) == (CHEAPER, "class weights")
    assert "class weights suffice:" in advice.sentence


@pytest.mark.parametrize("gain", [0.0, -0.2])
def test_without_a_gain_the_advice_is_to_do_nothing(gain: float) -> None:
    (advice,) = advise(planted({"trees": gain}), "trees")
    assert advice.decision == KEEP
    assert verdict([advice]).startswith("Do not augment.")


def test_for_the_brier_score_lower_is_better() -> None:
    (advice,) = advise(planted({"trees": -0.1}), "trees", "brier")
    assert advice.decision == AUGMENT


def test_a_study_can_be_stopped() -> None:
    run = Run()
    run.cancel()
    with pytest.raises(Cancelled):
        run_study(ClassTask.from_table(two_classes(), "hit"), {}, PLAN, run)
