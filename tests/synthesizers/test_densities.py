"""Log-densities of rows: of every method that has them, on real rows and on tables with known sums."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from tests.real_tables import path

from artesian.core.run import Run
from artesian.data.dataset import require_single_table
from artesian.data.read import read_dataset
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import DensityModel
from artesian.testing.tables import people, table

QUICK = {"vine_copula": {"families": "one_parameter", "trees": 2}, "trees": {}, "boosted": {}}
WITH_DENSITIES = [name for name, each in CATALOG.items() if hasattr(each.model, "log_densities")]
JOINT = [name for name in WITH_DENSITIES if name not in ("marginals", "boosted")]


def _fit(name, data):
    return CATALOG[name](**QUICK.get(name, {})).fit(data, run=Run.from_seed(1))


def _of(model, data):
    return model.log_densities(data, run=Run.from_seed(2)).sum(axis=0)


def test_these_methods_have_densities() -> None:
    assert set(WITH_DENSITIES) == {
        *("trees", "boosted", "marginals", "gaussian_copula", "vine_copula"),
        *("gaussian_mixture", "adversarial_forest"),
    }


@pytest.fixture(scope="module")
def penguins():
    """Rows to fit on, and holdout rows: numbers, categories and missing values."""
    data = require_single_table(read_dataset(path("penguins")))
    order = np.random.default_rng(0).permutation(len(data))
    return tuple(data.with_frame(data.frame[np.sort(part)]) for part in (order[:240], order[240:]))


@pytest.mark.parametrize("name", JOINT)
def test_holdout_rows_are_likelier_than_permuted_ones(penguins, name) -> None:
    train, holdout = penguins
    assert holdout.frame.null_count().sum_horizontal()[0] > 0
    model = _fit(name, train)
    assert isinstance(model, DensityModel)
    own = _of(model, holdout)
    assert own.shape == (len(holdout),)
    assert np.isfinite(own).all()
    permuted = pl.DataFrame([c.shuffle(seed=j) for j, c in enumerate(holdout.frame)])
    assert own.mean() > _of(model, holdout.with_frame(permuted)).mean() + 0.8


@pytest.mark.parametrize("name", JOINT)
def test_planted_rows_are_the_least_likely(name) -> None:
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 1_200))
    y = x + 0.2 * rng.normal(size=1_200)
    side = np.where(x + 0.2 * rng.normal(size=1_200) > 0, "right", "left")
    frame = pl.DataFrame({"x": x.round(4), "y": y.round(4), "z": z.round(4), "side": side})
    model = _fit(name, table(frame[:900]))
    odd = [(1.6, -1.6, 0.1, "left"), (-1.7, 1.6, 0.0, "right"), (-1.5, 1.8, -0.2, "left")]
    planted = pl.DataFrame(odd, schema=frame.schema, orient="row")
    usual = _of(model, table(frame[900:]))
    assert _of(model, table(planted)).max() < usual.min()


@pytest.mark.parametrize("name", JOINT)
def test_probabilities_of_discrete_columns_sum_to_one(name) -> None:
    rng = np.random.default_rng(0)
    colour = rng.choice(["red", "green", "blue"], 900, p=[0.5, 0.3, 0.2])
    size = np.where(rng.random(900) < 0.8, np.where(colour == "red", "big", "small"), "tiny")
    flag = pl.Series(rng.random(900) < np.where(size == "big", 0.9, 0.3))
    flag = flag.set(pl.Series(rng.random(900) < 0.2), None)
    frame = pl.DataFrame({"colour": colour, "size": size, "flag": flag})
    model = _fit(name, table(frame))
    every = list(product(["red", "green", "blue"], ["big", "small", "tiny"], [True, False, None]))
    rows = table(pl.DataFrame(every, schema=frame.schema, orient="row"))
    # Latent variables are simulated, so that their sum is 1 on average only.
    repeats = range(8 if name == "gaussian_copula" else 1)
    probability = np.mean(
        [np.exp(model.log_densities(rows, run=Run.from_seed(s)).sum(axis=0)) for s in repeats],
        axis=0,
    )
    assert probability.sum() == pytest.approx(1, abs=0.02)
    # They are also those of sampled rows.
    drawn = model.sample(20_000, run=Run.from_seed(3)).frame.rows()
    frequency = np.array([drawn.count(row) for row in every]) / len(drawn)
    shrunken = 0.03 if name == "adversarial_forest" else 0.015
    assert np.abs(probability - frequency).max() < shrunken


@pytest.mark.parametrize(
    "name", ["gaussian_mixture", "gaussian_copula", "vine_copula", "adversarial_forest"]
)
def test_a_missing_number_is_a_value_of_its_own(name) -> None:
    data = people(500)
    model = _fit(name, data)
    data = people(300, seed=5)  # rows that the model was not fitted on
    own = _of(model, data)
    absent = data.frame["rating"].is_null().to_numpy()
    rows = data.frame.filter(pl.col("rating").is_not_null()).head(100)
    hidden = rows.with_columns(rating=pl.lit(None, rows["rating"].dtype))
    # A tenth of the ratings is missing, at random; the five others have a fifth of the rest each.
    change = _of(model, data.with_frame(hidden)) - _of(model, data.with_frame(rows))
    assert np.median(change) == pytest.approx(np.log(0.1 / 0.18), abs=0.5)
    assert own[absent].mean() == pytest.approx(own[~absent].mean(), abs=1)
