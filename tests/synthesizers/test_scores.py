"""Boosted scores: they learn what is there, nothing that is not, and are honest about rows they saw."""

import numpy as np
import pytest

from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential import boosting
from artesian.synthesizers.sequential.scores import Scores, ScoreSettings


def boosted(views, residual, **knobs):
    levels = views.max(axis=1).astype(np.int64) + 1
    asked = {"rounds": 60, "leaves": 15, "rate": 0.1, "penalty": 1.0, "min_leaf": 20}
    asked |= {"patience": 0.0} | knobs
    return boosting.boost(views, levels, residual, **asked)


def predicted(views, trees):
    rows = np.arange(views.shape[1])
    out = np.zeros(len(rows), np.float32)
    table = np.tile(np.arange(256, dtype=np.uint8), (len(views), 1))
    boosting.predict(views, np.arange(len(views)), table, rows, *trees, out)
    return out


def waves(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    views = rng.integers(0, 64, (5, n)).astype(np.uint8)
    target = np.sin(views[1] / 8) + (views[3] > 30) * views[4] / 64
    return views, (target - target.mean() + 0.3 * rng.normal(size=n)).astype(np.float32)


def test_boosting_lowers_the_error_on_rows_it_never_saw():
    views, target = waves()
    new_views, new_target = waves(seed=1)
    trees = boosted(views, target.copy())
    before, after = (new_target**2).mean(), ((new_target - predicted(new_views, trees)) ** 2).mean()
    assert before > 0.6
    assert after < 0.13, "the noise alone is 0.09"


def test_what_is_left_of_the_residual_is_what_is_not_predicted():
    views, target = waves(n=1000)
    residual = target.copy()
    trees = boosted(views, residual)
    assert residual == pytest.approx(target - predicted(views, trees), abs=1e-3)


def test_more_rounds_and_more_leaves_fit_closer():
    views, target = waves()
    left = []
    for knobs in ({"rounds": 5}, {"rounds": 40}, {"rounds": 40, "leaves": 31}):
        residual = target.copy()
        boosted(views, residual, **knobs)
        left.append(float((residual**2).mean()))
    assert left[0] > left[1] > left[2]


def test_patience_ends_what_no_longer_pays():
    views, target = waves()
    assert len(boosted(views, target.copy(), rounds=300)[0]) == 300
    assert len(boosted(views, target.copy(), rounds=300, patience=0.01)[0]) < 100


def test_a_constant_target_and_few_rows_are_no_trouble():
    views, target = waves(n=30)
    assert predicted(views, boosted(views, np.zeros(30, np.float32))) == pytest.approx(0)
    assert np.isfinite(predicted(views, boosted(views, target, min_leaf=20))).all()


def fitted(codes, levels, ordered, target, **knobs):
    before = np.flatnonzero(np.arange(len(codes)) != target)
    return Scores.fit(
        CodedTable(
            tuple("abcd"), codes, np.asarray(levels), np.asarray(ordered), np.zeros(4, bool)
        ),
        None,
        before,
        before,
        target,
        settings=ScoreSettings(**knobs),
        rng=np.random.default_rng(0),
    )


def table(n=3000, seed=0):
    """Column 2 follows 0 and 1; column 3 is noise."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 40, (4, n)).astype(np.uint8)
    codes[1] %= 3
    codes[2] = np.clip(codes[0] // 2 + 20 * (codes[1] == 2) + rng.integers(0, 3, n), 0, 63)
    return codes, [40, 3, 64, 40], [True, False, True, True]


def test_cross_fitted_features_follow_the_target():
    codes, levels, ordered = table()
    scores, crossed = fitted(codes, levels, ordered, 2)
    assert crossed.shape == (len(scores.levels), 3000)
    assert (crossed.max(axis=1) < scores.levels).all()
    assert abs(np.corrcoef(crossed[0], codes[2])[0, 1]) > 0.95


@pytest.mark.parametrize("n", [120, 600, 3000])
def test_features_of_noise_know_nothing_of_their_own_row(n):
    told = []
    for seed in range(6):
        codes, levels, ordered = table(n, seed)
        _, crossed = fitted(codes, levels, ordered, 3)
        # The direction falls with the code: knowing would be a strong negative correlation.
        told.append(np.corrcoef(crossed[0], codes[3])[0, 1])
    assert abs(np.mean(told)) < 4 / np.sqrt(6 * n), told


def test_new_rows_of_the_same_law_get_features_of_the_same_law():
    codes, levels, ordered = table()
    scores, crossed = fitted(codes, levels, ordered, 2)
    new, *_ = table(seed=1)
    features = scores.features(new, np.random.default_rng(0))
    assert abs(np.corrcoef(features[0], new[2])[0, 1]) > 0.95
    gap = np.abs(np.sort(features[0]).astype(int) - np.sort(crossed[0]).astype(int))
    assert gap.mean() < 0.03 * scores.levels[0]


def test_the_arrays_give_the_same_scores():
    codes, levels, ordered = table()
    scores, _ = fitted(codes, levels, ordered, 2)
    again = Scores.from_arrays(scores.to_arrays())
    one, two = (s.features(codes, np.random.default_rng(3)) for s in (scores, again))
    assert (one == two).all()


def test_too_few_rows_or_a_constant_give_no_scores():
    codes, levels, ordered = table(40)
    assert fitted(codes, levels, ordered, 2) is None
    codes, levels, ordered = table()
    codes[2] = 7
    assert fitted(codes, levels, ordered, 2) is None
