"""The chain: resampling, order, temperature, likelihood, and what it tells of itself."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.synthesizers import CATALOG
from artesian.synthesizers.selection import choose
from artesian.synthesizers.sequential.conditioned import systematic_resample
from artesian.synthesizers.sequential.trees import Trees
from artesian.testing.tables import people, purchases, table

weights = st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=60)


@given(weights, st.integers(1, 200))
def test_resampling_takes_each_row_as_often_as_its_weight_says(weight, rows):
    weight = np.array(weight)
    chosen = systematic_resample(weight, rows, np.random.default_rng(0))
    assert len(chosen) == rows
    expected = weight * rows / weight.sum()
    counts = np.bincount(chosen, minlength=len(weight))
    assert (np.abs(counts - expected) < 1 + 1e-6).all(), "systematic: never a whole row off"


def testsystematic_resample_copies_are_not_neighbours():
    chosen = systematic_resample(np.ones(1000), 4000, np.random.default_rng(0))
    assert (np.diff(chosen) == 0).mean() < 0.02


def test_no_rows_are_refused():
    with pytest.raises(DataError, match="no rows"):
        Trees().fit(purchases(0))


def test_it_tells_what_it_did():
    data = people(600)
    facts = Trees().fit(data).facts()
    names = set(data.schema.names) - {"id"}
    assert set(facts["order"]) == names
    assert set(facts["leaves"]) == names
    assert facts["leaves"]["income"] > 3
    assert set(facts["suppressed"]) <= names


def test_the_likelihood_of_unseen_rows_sees_what_depends_on_what():
    model = Trees().fit(purchases(4000))
    told = model.log_likelihood(purchases(2000, seed=1))
    alone = -(0.5 * np.log(0.5) + 0.5 * np.log(0.5))
    pair = told["region"] + told["buys"] + told["spent"]
    marginal = (
        sum(float(np.log(0.5)) for _ in range(2))
        + Trees()
        .fit(purchases(4000).select(("spent",)))
        .log_likelihood(purchases(2000, seed=1))["spent"]
    )
    assert pair > marginal + 0.25 * alone
    shuffled = purchases(2000, seed=1)
    shuffled = shuffled.with_frame(
        shuffled.frame.with_columns(pl.col("buys").shuffle(1), pl.col("region").shuffle(2))
    )
    worse = model.log_likelihood(shuffled)
    assert worse["region"] + worse["buys"] < told["region"] + told["buys"] - 0.3


def test_temperature_favours_the_frequent_or_the_rare():
    frame = pl.DataFrame({"kind": ["a"] * 800 + ["b"] * 200})
    share = {}
    for temperature in (0.5, 1.0, 3.0):
        made = Trees(temperature=temperature).fit(table(frame)).sample(8000).frame
        share[temperature] = (made["kind"] == "b").mean()
    # p ** (1 / temperature), normalised: 0.2**2 / (0.2**2 + 0.8**2) and so on.
    assert share[0.5] == pytest.approx(0.0588, abs=0.01)
    assert share[1.0] == pytest.approx(0.2, abs=0.015)
    assert share[3.0] == pytest.approx(0.3865, abs=0.02)


@pytest.mark.parametrize("method", ["trees", "boosted"])
def test_an_exact_relation_stays_close_and_a_made_up_one_does_not_appear(method):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4000))
    frame = pl.DataFrame({"a": a, "b": b, "sum": a + b, "copy": np.round(a, 1)})
    made = (
        CATALOG[method]()
        .fit(table(frame), run=Run.from_seed(1))
        .sample(4000, run=Run.from_seed(2))
        .frame
    )
    error = (made["sum"] - made["a"] - made["b"]).std()
    assert error < 0.35, "noise of its own would give 2"
    assert (made["copy"] - made["a"]).abs().quantile(0.9) < 0.12
    assert abs(np.corrcoef(made["a"], made["b"])[0, 1]) < 0.06


def test_two_conditions_that_never_met_are_met_all_the_same():
    data = purchases()
    frame = data.frame.with_columns(buys=pl.col("region") == "north")
    schema = replace(data.schema, relations=())  # else region -> buys forbids it
    model = Trees().fit(replace(data, frame=frame, schema=schema))
    made = model.sample(300, {"region": "south", "buys": True}).frame
    assert (made["region"] == "south").all()
    assert made["buys"].all()


def test_a_rare_condition_gives_rows_that_differ():
    rng = np.random.default_rng(0)
    x = rng.normal(size=10_000)
    frame = pl.DataFrame({"x": x, "y": x + rng.normal(size=10_000), "hit": (x > 2) & (x < 2.5)})
    model = Trees().fit(table(frame))
    made = model.sample(2000, {"hit": True}).frame
    assert made["hit"].all()
    assert made["x"].is_between(1.8, 2.7).mean() > 0.95
    assert made["x"].n_unique() > 1900
    assert abs(made["y"].mean() - frame.filter("hit")["y"].mean()) < 0.25


def test_a_method_is_chosen_by_cost_with_a_reason():
    small, large = purchases(1000), purchases(10)
    large = large.with_frame(pl.concat([large.frame] * 10)).select(("buys",))
    wide = pl.DataFrame({f"c{i}": np.zeros(40_000) for i in range(200)})
    for data, name in ((small, "boosted"), (large, "boosted"), (table(wide), "trees")):
        chosen, why = choose(data)
        assert chosen == name
        assert chosen in CATALOG
        assert "CPU-seconds" in why
