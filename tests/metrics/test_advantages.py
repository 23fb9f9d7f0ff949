"""Attacks with a control: what they learn of training rows beyond what they learn of unseen ones."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, table

from artesian.core.run import Run
from artesian.metrics.privacy.attacks.attack_control import Advantage
from artesian.metrics.privacy.attacks.attribute_inference import AttributeInference
from artesian.metrics.privacy.attacks.linkability import Linkability
from artesian.metrics.protocol import Comparison

ATTACKS = (AttributeInference, Linkability)


def test_the_advantage_is_a_difference_and_the_risk_a_share_of_what_is_left():
    found = Advantage.from_counts(80, 100, 60, 100)
    assert found.value == pytest.approx(0.2)
    assert found.risk == pytest.approx(0.5)
    assert found.interval[0] < 0.2 < found.interval[1]
    assert Advantage.from_counts(60, 100, 60, 100).value == 0
    assert Advantage.from_counts(100, 100, 100, 100).value == 0
    assert Advantage.from_counts(0, 100, 100, 100).value == -1
    wide = Advantage.from_counts(80, 100, 60, 100, tries=10).interval
    assert wide[0] < found.interval[0]


@pytest.mark.parametrize("attack", ATTACKS)
def test_copies_are_caught_and_fresh_rows_are_not(attack):
    real, holdout = people(1500, 1), people(1500, 3)
    copied = attack()(Comparison(real, real, holdout))
    assert copied.interval[0] > 0.2
    half = real.with_frame(pl.concat([real.frame[:750], people(750, 2).frame]))
    assert attack()(Comparison(real, half, holdout)).interval[0] > 0.1
    alarms = 0
    for seed in range(10):
        fresh = attack()(
            Comparison(real, people(1500, 20 + seed), holdout), run=Run.from_seed(seed)
        )
        alarms += fresh.interval[0] > 0
    assert alarms <= 1


def test_what_everybody_knows_is_no_leak():
    """A column that follows from the others is guessed of unseen rows as well."""
    rng = np.random.default_rng(0)

    def plain(rows):
        x = rng.normal(size=rows)
        return table({"x": x, "sign": np.where(x > 0, "up", "down")})

    found = AttributeInference()(Comparison(plain(800), plain(800), plain(800)))
    assert found.detail["guessed"]["sign"][0] > 0.95
    assert found.parts["sign"] < 0.02
    assert found.interval[0] <= 0


def test_marked_columns_decide_what_is_guessed_and_what_is_known():
    real, holdout = people(600, 1), people(600, 3)
    schema = real.schema
    marked = schema.with_columns(
        [replace(schema["town"], sensitive=True), replace(schema["age"], quasi_identifier=True)]
    )
    tables = Comparison(*(replace(t, schema=marked) for t in (real, real, holdout)))
    guessed = AttributeInference()(tables)
    assert list(guessed.parts) == ["town"]
    assert guessed.interval[0] > 0, "the exact age tells who it is"
    assert Linkability()(tables).detail["splits"] == 1


@pytest.mark.parametrize("attack", ATTACKS)
def test_too_little_to_attack_is_skipped(attack):
    few = attack()(Comparison(people(30, 1), people(900, 2), people(900, 3)))
    assert "50 are needed" in few.skipped
    one = [people(200, seed).select(("age",)) for seed in (1, 2, 3)]
    assert "fewer than two columns" in attack()(Comparison(*one)).skipped
    assert "holdout" in attack()(Comparison(people(200, 1), people(200, 2))).skipped
