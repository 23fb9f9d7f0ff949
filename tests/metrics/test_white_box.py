"""Whoever reads a model that memorised its rows finds them; of other models nothing is found."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Run
from artesian.metrics.privacy.attacks.white_box import attack_densities, white_box
from artesian.metrics.protocol import Comparison, NotMeasurable
from artesian.testing.tables import table


def rows(count, seed, **more):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=count)
    return table(pl.DataFrame({"x": values, "y": rng.integers(0, 9, count).astype(str), **more}))


def densities(memorised=()):
    """A Gaussian density of x, and one nat more for the values `memorised`."""

    def log_densities(data):
        x = data.frame["x"].to_numpy()
        return np.stack([-(x**2) / 2, np.where(np.isin(x, memorised), 1.0, 0.0)])

    return log_densities


def attack(memorised, train, holdout):
    tables = Comparison(train, train, holdout)
    return white_box(tables, densities(memorised), lambda _: densities(), Run.from_seed(0))


def test_memorised_rows_are_found():
    train, holdout = rows(600, 0), rows(400, 1)
    found = attack(train.frame["x"].to_numpy(), train, holdout)
    assert found.attack == "likelihood ratio"
    assert found.auc == pytest.approx(1.0)
    assert (found.train, found.holdout) == (600, 400)


def test_part_of_them_is_found_in_part():
    train, holdout = rows(600, 0), rows(400, 1)
    found = attack(train.frame["x"].to_numpy()[:300], train, holdout)
    low, high = found.interval
    assert low < 0.75 < high
    assert found.auc == pytest.approx(0.75, abs=0.03)


def test_a_model_that_memorised_nothing_is_not_accused():
    train, holdout = rows(600, 0), rows(400, 1)
    low, high = attack([], train, holdout).interval
    assert low < 0.5 < high


def test_a_row_that_is_more_likely_than_to_the_attacker_scores_higher():
    scores = attack_densities(np.array([[0.0, 9.0]]), np.array([[0.0, 0.0]])).scores
    assert scores["likelihood ratio"].tolist() == [0.0, 9.0]
    assert scores["clipped likelihood ratio"].tolist() == [0.0, 3.0]


def test_entities_are_attacked_as_a_whole():
    train, holdout = (
        rows(count, seed, person=[f"p{seed}-{i // 4}" for i in range(count)])
        for seed, count in enumerate((600, 400))
    )
    train = replace(train, schema=replace(train.schema, entity="person"))
    found = attack(train.frame["x"].to_numpy(), train, holdout)
    assert (found.train, found.holdout) == (150, 100)


def test_too_few_rows_and_no_holdout_are_reasons():
    with pytest.raises(NotMeasurable, match="20 holdout rows; 50 are needed"):
        attack([], rows(600, 0), rows(20, 1))
    with pytest.raises(NotMeasurable, match="no holdout"):
        attack([], rows(600, 0), None)
