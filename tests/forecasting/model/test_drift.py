"""The random walk with drift of the largest training set."""

import numpy as np
import pytest
from scipy import stats

from artesian.forecasting.model.drift import draw_tokens_by_drift


def _paths(growth: float, noise: float, ahead: list[float], n: int = 40_000) -> np.ndarray:
    rng = np.random.default_rng(0)
    return draw_tokens_by_drift(13.0, np.array(ahead), np.full(n, growth), np.full(n, noise), rng)


def test_without_noise_a_path_is_a_line() -> None:
    paths = _paths(0.3, 0.0, [0.0, 0.5, 2.0], n=3)
    assert paths == pytest.approx(np.tile([13.0, 13.15, 13.6], (3, 1)))


def test_a_record_never_falls() -> None:
    paths = _paths(-0.2, 0.3, [0.0, 1.0, 2.0, 10.0])
    assert (np.diff(paths, axis=1) >= 0).all() and (paths >= 13).all()


def test_one_step_is_a_normal_distribution_cut_off_at_the_record() -> None:
    rise = _paths(0.3, 0.2, [2.25])[:, 0] - 13
    expected = stats.norm(0.3 * 2.25, 0.2 * 1.5)
    assert (rise == 0).mean() == pytest.approx(expected.cdf(0), abs=0.003)
    for level in (0.1, 0.5, 0.9):
        assert np.quantile(rise, level) == pytest.approx(expected.ppf(level), abs=0.01)


def test_the_distribution_does_not_depend_on_the_size_of_the_steps() -> None:
    # With a drift that noise rarely exceeds, the running maximum hardly matters.
    direct, stepwise = _paths(0.5, 0.1, [4.0])[:, -1], _paths(0.5, 0.1, [1.0, 2.0, 3.0, 4.0])[:, -1]
    for level in (0.1, 0.5, 0.9):
        assert np.quantile(direct, level) == pytest.approx(np.quantile(stepwise, level), abs=0.01)
