"""Refinement: faults of the chain that a classifier sees are made smaller, and nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

from artesian.core.run import Run, Seed
from artesian.encoding.coded_table import CodedTable
from artesian.synthesizers.sequential.boosted import Boosted
from artesian.synthesizers.sequential.rejection import SYNTHETIC_PER_REAL, RejectionSampler
from artesian.testing.tables import people, purchases


def test_rows_the_real_ones_do_not_have_are_dropped():
    rng = np.random.default_rng(0)
    real = rng.integers(0, 10, (2, 4000)).astype(np.uint8)
    real[1] = np.where(real[0] < 5, rng.integers(0, 5, 4000), real[1])
    drawn = rng.integers(0, 10, (2, 4000 * SYNTHETIC_PER_REAL)).astype(np.uint8)
    fitted = RejectionSampler.fit(
        CodedTable(("a", "b"), real, np.array([10, 10]), np.ones(2, bool), np.zeros(2, bool)),
        drawn,
        np.arange(2),
        rounds=100,
    )
    new = rng.integers(0, 10, (2, 20_000)).astype(np.uint8)
    impossible = (new[0] < 5) & (new[1] >= 5)
    kept = fitted.accepted(new, rng)
    assert kept[impossible].mean() < 0.03
    assert kept[~impossible].mean() > 0.5
    share = (new[0, kept] < 5).mean()
    assert share == pytest.approx(0.5, abs=0.03), "what the chain has right is changed"


def test_a_table_of_few_rows_is_left_alone():
    assert Boosted().fit(purchases(600)).refinement is None
    assert Boosted(refinement=0).fit(purchases(1500)).refinement is None
    assert Boosted(temperature=0.5).fit(purchases(1500)).refinement is None
    assert Boosted().fit(purchases(1500)).refinement is not None


def test_the_number_of_rows_and_the_seed_hold():
    model = Boosted(rounds=20).fit(people(1500))
    first, again = (model.sample(777, run=Run(seed=Seed(5), workers=w)).frame for w in (1, 2))
    assert first.height == 777
    assert first.equals(again)


def test_when_hardly_a_row_is_kept_the_rest_comes_from_the_chain():
    model = Boosted(rounds=20).fit(purchases(1500))
    low = model.refinement.ensemble
    never = RejectionSampler(replace(low, base=np.array([-100.0], np.float32)))
    assert replace(model, refinement=never).sample(300).frame.height == 300
