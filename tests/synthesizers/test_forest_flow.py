"""Flow matching with trees: dependence that is not linear, and trees that a file may hold."""

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.core.validated import InvalidValue
from artesian.synthesizers.forests.forest_flow import ForestFlow
from artesian.synthesizers.forests.tree_ensembles import (
    boosted_trees,
    check_trees,
    joined,
    predict,
)
from artesian.testing.tables import table


def _data(rows: int = 2_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3)).astype(np.float32)
    return x, np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 5.0


def test_exported_trees_predict_what_scikit_learn_does() -> None:
    x, y = _data()
    settings = {"trees": 12, "leaves": 9, "rate": 0.3, "min_leaf": 20, "seed": 3}
    trees = joined([boosted_trees(x, one, **settings) for one in (y, -y)])
    check_trees(trees, 2, 3)
    fresh, _ = _data(seed=1)
    other = HistGradientBoostingRegressor(
        max_iter=12,
        max_leaf_nodes=9,
        learning_rate=0.3,
        min_samples_leaf=20,
        max_bins=128,
        early_stopping=False,
    ).fit(x, y)
    own = predict(trees, 0, 2, fresh)
    assert own[:, 0] == pytest.approx(other.predict(fresh), abs=1e-4)
    assert own[:, 1] == pytest.approx(-own[:, 0], abs=1e-4)
    assert predict(trees, 1, 1, fresh)[:, 0] == pytest.approx(own[:, 1])


@pytest.mark.parametrize(
    ("name", "value"),
    [("left", 0), ("left", 10**6), ("right", -3), ("feature", 3), ("value", np.nan)],
)
def test_trees_whose_paths_do_not_end_are_refused(name: str, value: float) -> None:
    x, y = _data(300)
    trees = boosted_trees(x, y, trees=2, leaves=4, rate=0.3, min_leaf=20, seed=3)
    check_trees(trees, 1, 3)
    at = int(np.flatnonzero(trees["feature"] >= 0)[0])
    changed = {**trees, name: trees[name].copy()}
    changed[name][at] = value
    with pytest.raises(InvalidValue):
        check_trees(changed, 1, 3)


def test_a_ring_comes_back() -> None:
    rng = np.random.default_rng(0)
    angle = rng.random(1_500) * 2 * np.pi
    radius = 5 + 0.3 * rng.normal(size=1_500)
    frame = pl.DataFrame(
        {"x": (radius * np.cos(angle)).round(4), "y": (radius * np.sin(angle)).round(4)}
    )
    model = ForestFlow(trees=20, copies=8).fit(table(frame), run=Run.from_seed(1))
    rows = model.sample(4_000, run=Run.from_seed(2)).frame
    distance = np.hypot(rows["x"].to_numpy(), rows["y"].to_numpy())
    # A Gaussian copula has 30 % of its rows within 3 of the centre, and a ring has none.
    assert (distance < 3).mean() < 0.06
    assert np.median(distance) == pytest.approx(5, abs=0.3)


def test_interactions_of_categories_come_back() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 2_000)) < 0.5
    c = (a ^ b) ^ (rng.random(2_000) < 0.1)
    data = table(pl.DataFrame({"a": a, "b": b, "c": c}))
    model = ForestFlow(times=8, trees=30, copies=6).fit(data, run=Run.from_seed(1))
    rows = model.sample(8_000, run=Run.from_seed(2)).frame
    alike = (rows["a"].to_numpy() ^ rows["b"].to_numpy()) == rows["c"].to_numpy()
    assert alike.mean() > 0.75


@pytest.mark.parametrize(
    "settings", [{"times": 1}, {"trees": 0}, {"leaves": 1}, {"copies": 0}, {"rate": 0.0}]
)
def test_settings_out_of_range_are_refused(settings) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        ForestFlow(**settings)
