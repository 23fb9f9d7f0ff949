"""The forest ranks rows as scikit-learn's does, and leaves the warning filters of the process alone."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from artesian.core.run import Seed
from artesian.metrics.common.forest import forest_scores
from artesian.metrics.common.roc import auc_delong


def sample(seed: int, rows: int = 1_200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 6)).astype(np.float32)
    return x, x[:, 0] * x[:, 1] + 0.5 * x[:, 2] + rng.normal(0, 0.5, rows) > 0.4


def test_it_is_as_good_as_the_forest_of_scikit_learn() -> None:
    (x, labels), (rows, truth) = sample(1), sample(2)
    ours = forest_scores(x, labels, rows, Seed(3), trees=60, min_leaf=3)
    forest = RandomForestClassifier(
        60, min_samples_leaf=3, class_weight="balanced", random_state=3, n_jobs=1
    ).fit(x, labels)
    theirs = forest.predict_proba(rows)[:, 1]
    areas = [auc_delong(truth, scores)[0] for scores in (ours, theirs)]
    assert abs(areas[0] - areas[1]) < 0.015
    assert areas[0] > 0.85
    assert 0 <= ours.min() <= ours.max() <= 1


def test_one_class_in_a_bootstrap_sample_does_no_harm() -> None:
    x = np.arange(5, dtype=np.float32)[:, None]
    labels = np.array([True, False, False, False, False])
    scores = forest_scores(x, labels, x, Seed(1), trees=40, min_leaf=1)
    assert scores.argmax() == 0
    assert np.isfinite(scores).all()


def test_threads_do_not_disturb_each_other() -> None:
    """Two forests of scikit-learn at a time raised a warning now and then."""
    x, labels = sample(1, 300)
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        parts = list(
            pool.map(
                lambda k: forest_scores(x, labels, x, Seed(k % 2), trees=20, min_leaf=3), range(16)
            )
        )
    assert list(warnings.filters) == before
    for k, scores in enumerate(parts):
        assert np.array_equal(scores, parts[k % 2])
