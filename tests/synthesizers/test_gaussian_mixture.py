"""The mixture of mixed columns against scikit-learn's, and on planted clusters."""

import numpy as np
import polars as pl
import pytest
from sklearn import mixture

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.mixtures.gaussian_mixture import (
    GaussianMixture,
    fit_components,
    log_joint,
)
from artesian.testing.tables import table


def _clusters(rows: int = 3_000) -> pl.DataFrame:
    """Three groups with centres, a colour and a flag of their own."""
    rng = np.random.default_rng(0)
    group = rng.choice(3, rows, p=[0.5, 0.3, 0.2])
    centre = np.array([[0.0, 0.0], [6.0, 1.0], [-5.0, 5.0]])[group]
    x, y = (centre + rng.normal(size=(rows, 2))).T
    colour = np.where(rng.random(rows) < 0.9, np.array(["red", "green", "blue"])[group], "grey")
    flag = rng.random(rows) < np.array([0.1, 0.8, 0.5])[group]
    return pl.DataFrame({"x": x.round(4), "y": y.round(4), "colour": colour, "flag": flag})


@pytest.mark.parametrize("components", [1, 3, 8])
def test_numbers_alone_have_the_likelihood_of_scikit_learn(components: int) -> None:
    data = table(_clusters().select("x", "y"))
    codec = MatrixCodec.from_data(data)
    matrix = codec.encode(data, np.random.default_rng(0))
    _, own = fit_components(codec, matrix, components, 1e-6, Run.from_seed(1))
    other = mixture.GaussianMixture(components, n_init=3, random_state=0).fit(matrix)
    assert own == pytest.approx(other.score(matrix), abs=0.02)


def test_scores_of_rows_are_those_of_scikit_learn() -> None:
    data = table(_clusters().select("x", "y"))
    model = GaussianMixture(components=4).fit(data, run=Run.from_seed(1))
    weights, means, roots = (model.arrays[name] for name in ("weights", "means", "roots"))
    other = mixture.GaussianMixture(len(weights))
    other.weights_, other.means_ = weights, means
    other.precisions_cholesky_ = np.linalg.inv(roots).transpose(0, 2, 1)
    matrix = model.codec.encode(data, np.random.default_rng(0))
    joint = log_joint(model.codec, matrix, dict(model.arrays))
    own = np.log(np.exp(joint).sum(axis=1))
    assert own == pytest.approx(other.score_samples(matrix), abs=1e-8)
    # Rows are scored by their codes: the density, relative to that of independent numbers, is averaged
    # over positions within them, and the codes of a number have equal probabilities.
    normal = -(matrix**2).sum(axis=1) / 2 - np.log(2 * np.pi)
    expected = other.score_samples(matrix) - normal
    scored = model.log_densities(data, run=Run.from_seed(1))[0]
    difference = scored - expected
    assert np.corrcoef(scored, expected)[0, 1] > 0.98
    assert difference.std() < 0.2
    codes = [len(column.mass()) for column in model.codec.codec.coded.values()]
    assert difference.mean() == pytest.approx(-np.log(codes).sum(), abs=0.1)


def test_a_score_without_value_is_integrated_out() -> None:
    data = table(_clusters(600).select("x", "y"))
    model = GaussianMixture(components=3).fit(data, run=Run.from_seed(1))
    rows = model.codec.encode(data, np.random.default_rng(0))[:5]
    grid = np.linspace(-8, 8, 4001)
    missing = np.tile([False, True], (5, 1))
    parameters = dict(model.arrays)
    own = np.exp(log_joint(model.codec, rows, parameters, missing)).sum(axis=1)
    for row, density in zip(rows, own, strict=True):
        every = np.stack([np.full_like(grid, row[0]), grid], axis=1)
        values = np.exp(log_joint(model.codec, every, parameters)).sum(axis=1)
        assert density == pytest.approx(np.trapezoid(values, grid), rel=1e-4)


def test_planted_clusters_are_found_and_come_back() -> None:
    frame = _clusters()
    model = GaussianMixture().fit(table(frame), run=Run.from_seed(1))
    assert 3 <= model.facts()["components"] <= 8
    rows = model.sample(20_000, run=Run.from_seed(2)).frame
    for colour in ("red", "green", "blue", "grey"):
        real, synthetic = (f.filter(pl.col("colour") == colour) for f in (frame, rows))
        assert len(real) / len(frame) == pytest.approx(len(synthetic) / len(rows), abs=0.02)
        for name in ("x", "y"):
            assert real[name].mean() == pytest.approx(synthetic[name].mean(), abs=0.35)
        assert real["flag"].mean() == pytest.approx(synthetic["flag"].mean(), abs=0.06)


def test_columns_without_groups_get_one_component() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({name: rng.normal(size=2_000).round(4) for name in "abc"})
    assert GaussianMixture().fit(table(frame), run=Run.from_seed(1)).facts()["components"] == 1


def test_the_joint_density_sums_to_one_over_categories() -> None:
    data = table(_clusters().select("colour", "flag"))
    codec = MatrixCodec.from_data(data)
    matrix = codec.encode(data, np.random.default_rng(0))
    parameters, _ = fit_components(codec, matrix, 3, 1e-3, Run.from_seed(1))
    every = np.unique(matrix, axis=0)
    assert len(every) == 8
    assert np.exp(log_joint(codec, every, parameters)).sum() == pytest.approx(1, abs=1e-6)


def test_no_component_is_refused() -> None:
    with pytest.raises(UsageError, match="0 components"):
        GaussianMixture(components=0)
