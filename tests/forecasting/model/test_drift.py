"""The random walk with drift of the largest training set."""

import numpy as np
import pytest
from scipy import stats

from artesian.core.errors import DataError
from artesian.forecasting.model.drift import LargestSet, draw_tokens_by_drift, update_growth
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.series.time_series import TimeSeries


def _paths(growth: float, noise: float, ahead: list[float], n: int = 40_000) -> np.ndarray:
    rng = np.random.default_rng(0)
    return draw_tokens_by_drift(13.0, np.array(ahead), np.full(n, growth), np.full(n, noise), rng)


def test_without_noise_a_path_is_a_line() -> None:
    paths = _paths(0.3, 0.0, [0.0, 0.5, 2.0], n=3)
    assert paths == pytest.approx(np.tile([13.0, 13.15, 13.6], (3, 1)))


def test_a_record_never_falls() -> None:
    paths = _paths(-0.2, 0.3, [0.0, 1.0, 2.0, 10.0])
    assert (np.diff(paths, axis=1) >= 0).all()
    assert (paths >= 13).all()


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


def _models(dates: list[float], tokens: list[float]) -> LanguageModels:
    sizes = TimeSeries("sizes", np.array(dates), 10 ** np.array(tokens), "tokens", "", "")
    return LanguageModels(sizes, sizes.until(0.0), {})


def test_the_largest_set_and_its_growth_are_those_of_the_record() -> None:
    models = _models([2019.0, 2020.0, 2021.5, 2023.0], [10.0, 11.0, 12.5, 12.0])
    largest = LargestSet.from_models(models)
    assert (largest.date, largest.tokens) == (2023.0, 12.5)
    assert largest.growth == pytest.approx(0.5)  # from 11.0 in 2020 to 12.5 three years later
    earlier = LargestSet.from_models(models, until=2020.5)
    assert (earlier.tokens, earlier.years) == (11.0, 1.5)
    assert LargestSet.from_models(_models([2020.0], [11.0])).years == 0
    with pytest.raises(DataError, match="until 2018"):
        LargestSet.from_models(models, until=2018.0)


def test_an_update_is_the_posterior_of_normal_distributions() -> None:
    rng = np.random.default_rng(0)
    growth, noise = rng.normal(0.3, 0.15, 200_000), np.full(200_000, 0.2)
    largest = LargestSet(date=2025.0, tokens=13.0, growth=0.5, years=3.0)
    updated = update_growth(growth, noise, largest, rng)
    precisions = 1 / 0.15**2, 3 / 0.2**2
    mean = (0.3 * precisions[0] + 0.5 * precisions[1]) / sum(precisions)
    assert updated.mean() == pytest.approx(mean, abs=0.002)
    assert updated.std() == pytest.approx(sum(precisions) ** -0.5, abs=0.002)


def test_without_a_past_or_with_a_fixed_prior_nothing_changes() -> None:
    rng, growth = np.random.default_rng(0), np.full(4, 0.3)
    unknown = LargestSet(date=2025.0, tokens=13.0, growth=0.0, years=0.0)
    seen = LargestSet(date=2025.0, tokens=13.0, growth=0.9, years=3.0)
    for noise in (0.0, 0.2):
        for largest in (unknown, seen):
            assert update_growth(growth, np.full(4, noise), largest, rng) == pytest.approx(growth)
