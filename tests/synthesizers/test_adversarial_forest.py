"""The adversarial forest on planted dependence, and the size of its leaves."""

import numpy as np
import polars as pl
import pytest

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.synthesizers.forests.adversarial_forest import AdversarialForest
from artesian.testing.tables import people, table


def _interaction(rows: int = 3_000) -> pl.DataFrame:
    """`y` follows `x` if `up` and -x otherwise: no pair of columns is dependent but all three are."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=rows)
    up = rng.random(rows) < 0.5
    y = np.where(up, x, -x) + 0.3 * rng.normal(size=rows)
    noise = rng.choice(["red", "green", "blue"], rows)
    return pl.DataFrame({"x": x.round(4), "y": y.round(4), "up": up, "noise": noise})


def test_an_interaction_of_three_columns_comes_back() -> None:
    model = AdversarialForest().fit(table(_interaction()), run=Run.from_seed(1))
    rows = model.sample(10_000, run=Run.from_seed(2)).frame
    for up, expected in ((True, 1.0), (False, -1.0)):
        part = rows.filter(pl.col("up") == up)
        found = np.corrcoef(part["x"].to_numpy(), part["y"].to_numpy())[0, 1]
        assert found * expected > 0.75  # 0.96 in the data
    accuracies = model.facts()["accuracies"]
    assert accuracies[0] > 0.65  # independent columns are easily distinguished
    assert min(accuracies) < 0.55


def test_independent_columns_need_one_round() -> None:
    rng = np.random.default_rng(0)
    data = table(pl.DataFrame({name: rng.normal(size=2_000).round(4) for name in "abc"}))
    accuracies = AdversarialForest(trees=10).fit(data, run=Run.from_seed(1)).facts()["accuracies"]
    assert accuracies[0] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("min_leaf", [5, 20])
def test_no_leaf_is_smaller_than_asked(min_leaf: int) -> None:
    model = AdversarialForest(min_leaf=min_leaf, trees=5).fit(people(600), run=Run.from_seed(1))
    sizes = model.arrays["sizes"]
    assert sizes.min() >= min_leaf
    assert sizes.sum() == 5 * 600
    assert len(sizes) > 5 * 600 / (20 * min_leaf)


def test_the_leaves_hold_every_row_once_but_not_its_columns_together() -> None:
    data = people(600)
    model = AdversarialForest(trees=3).fit(data, run=Run.from_seed(1))
    codes, real = model.arrays["codes"], model.codec.encode(data)
    for tree in np.split(codes, 3, axis=1):
        assert np.array_equal(np.sort(tree, axis=1), np.sort(real, axis=1))
        together = {tuple(row) for row in real.T} & {tuple(row) for row in tree.T}
        assert len(together) < 6


@pytest.mark.parametrize("settings", [{"trees": 0}, {"min_leaf": 1}, {"rounds": 0}])
def test_settings_out_of_range_are_refused(settings) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        AdversarialForest(**settings)
