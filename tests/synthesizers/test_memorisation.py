"""A budget of memorisation: noise is not learnt however wide the table is, and signal is."""

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.synthesizers.memorisation import budget, describe_memorisation, expected_auc
from artesian.synthesizers.sequential import memorisation
from artesian.synthesizers.sequential.memorisation import Candidates, choose, weight_limit
from artesian.synthesizers.sequential.trees import Trees
from artesian.testing.tables import table


def noise(columns, rows=800, seed=0) -> Table:
    """Independent columns of ten categories or of numbers, alternating."""
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(
        {
            f"x{j}": rng.integers(0, 10, rows).astype(str) if j % 2 else rng.normal(size=rows)
            for j in range(columns)
        }
    )
    return table(frame)


def signal(rows=800, seed=0) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    return table(pl.DataFrame({"x": x, "y": x + 0.1 * rng.normal(size=rows)}))


def gap(model, train, holdout):
    return sum(model.log_likelihood(train).values()) - sum(model.log_likelihood(holdout).values())


@pytest.mark.parametrize("columns", [5, 50])
def test_noise_stays_within_the_budget_however_wide_the_table_is(columns):
    train, holdout = noise(columns), noise(columns, seed=1)
    model = Trees().fit(train, run=Run.from_seed(0))
    assert model.facts()["memorised"]["nats"] <= budget("default", len(train))
    assert gap(model, train, holdout) <= budget("default", len(train))


def test_noise_is_hardly_learnt_beyond_the_marginals():
    train, holdout = noise(50), noise(50, seed=1)
    models = [Trees(min_gain=1e6, score_gain=1e6), Trees(), Trees(privacy="low")]
    marginal, default, low = (
        gap(each.fit(train, run=Run.from_seed(0)), train, holdout) for each in models
    )
    assert default - marginal < 0.5 * (low - marginal)


def test_a_strong_relation_is_learnt_at_every_level():
    train, holdout = signal(), signal(seed=1)
    alone = Trees(min_gain=1e6, score_gain=1e6).fit(train).log_likelihood(holdout)["y"]
    for privacy in ("low", "default", "high"):
        learnt = Trees(privacy=privacy).fit(train).log_likelihood(holdout)["y"] - alone
        # The mutual information is log(10) nats; bins of 40 rows allow a part of it.
        assert learnt > 0.8, privacy


def test_what_is_memorised_falls_with_the_level_and_is_stated():
    train, holdout = noise(50), noise(50, seed=1)
    gaps, stated = [], []
    for privacy in ("low", "default", "high"):
        model = Trees(privacy=privacy).fit(train, run=Run.from_seed(0))
        gaps.append(gap(model, train, holdout))
        stated.append(model.facts()["memorised"]["nats"])
    assert gaps[0] > 3 * max(gaps[1:])
    assert stated == sorted(stated, reverse=True)
    # Each half has half the rows, so the estimate is rather too high than too low.
    assert stated[1] > 0.8 * gaps[1]


def test_the_same_seed_gives_the_same_model():
    train = noise(6)
    one, other = (Trees().fit(train, run=Run.from_seed(3)) for _ in range(2))
    assert one.facts() == other.facts()
    assert one.sample(200, run=Run.from_seed(1)).frame.equals(
        other.sample(200, run=Run.from_seed(1)).frame
    )


def test_what_a_model_memorises_is_saved_with_it(tmp_path):
    model = ar.Trees().fit(noise(3).frame)
    ar.save(model, tmp_path / "model")
    assert ar.load(tmp_path / "model").facts()["memorised"] == model.facts()["memorised"]


def grid(*pairs):
    """Candidates of as many columns, the same training and holdout likelihoods for all shrinkages."""
    shape = len(memorisation.EXTRA_GAINS), len(memorisation.STRENGTHS)
    train, holdout = np.full(shape, -9.0), np.full(shape, -9.0)
    for at, (inner, outer) in enumerate(pairs):
        train[at], holdout[at] = inner, outer
    return Candidates(train, holdout)


def test_the_budget_is_shared_by_all_columns():
    column = grid((-1.0, -1.5), (-1.2, -1.3))
    assert [c.nats for c in choose([column], 0.6, 1.0)] == pytest.approx([0.5])
    assert [c.nats for c in choose([column] * 3, 0.6, 1.0)] == pytest.approx([0.1] * 3)


def test_a_limited_weight_keeps_what_holdout_rows_confirm():
    useful = grid((-1.0, -1.4), (-3.0, -3.01))
    assert choose([useful], 0.1, 1.0)[0].nats == pytest.approx(0.4)
    assert choose([useful], 0.1, 1000.0)[0].nats == pytest.approx(0.01)


def test_budgets_fall_with_the_level_and_rise_for_small_tables():
    assert budget("low", 1000) == np.inf
    assert budget("high", 1000) < budget("default", 1000)
    assert budget("default", 300) > budget("default", 3000) > budget("default", 30_000)
    assert budget("default", 30_000) == budget("default", 10**6)


def test_the_limits_of_5000_rows_are_the_strictest():
    assert weight_limit("default", 5_000) == pytest.approx(3.0)
    assert weight_limit("default", 5) == weight_limit("default", 2_000) == pytest.approx(2.0)
    assert weight_limit("default", 13_000) == weight_limit("default", 10**6) == pytest.approx(0.7)
    assert budget("default", 5_000) == budget("default", 10**6) == pytest.approx(0.4)
    assert weight_limit("high", 50) == weight_limit("high", 10**6) > 3.0


@pytest.mark.parametrize("rows", [5, 6, 11, 25])
def test_very_small_tables_can_be_fitted(rows):
    model = Trees().fit(noise(4, rows=rows))
    assert model.sample(7).frame.height == 7
    assert np.isfinite(model.facts()["memorised"]["nats"])


def test_an_unknown_level_is_refused():
    with pytest.raises(UsageError, match="privacy"):
        Trees(privacy="medium")


def test_more_rows_raise_the_expected_success_of_an_attack():
    assert 0.5 == expected_auc(0.0, 20) < expected_auc(0.5, 1) < expected_auc(0.5, 20)
    assert expected_auc(0.5, 20) < expected_auc(2.0, 20)


def test_notes_state_the_price():
    facts = {"nats": 0.5, "budget": 0.7, "rows": 1000}
    assert describe_memorisation(None, 10**6) == ()
    assert describe_memorisation(facts, 1000) == ()
    (many,) = describe_memorisation(facts, 20_000)
    assert "20.0 times as many" in many
    (wide,) = describe_memorisation({**facts, "nats": 3.0}, 1000)
    assert "3.0 nats per row" in wide
    # Over a budget, but an attack is hardly better than a guess.
    assert describe_memorisation({"nats": 0.7, "budget": 0.5, "rows": 40_000}, 40_000) == ()
    assert describe_memorisation({**facts, "nats": 3.0, "budget": None}, 1000) == ()


def test_synth_passes_the_level_on_and_states_the_notes():
    source = noise(30, rows=300).frame
    result = ar.synth(source, rows=3000, method="trees", privacy="high", metrics=["ks"])
    assert result.manifest["method"]["settings"]["privacy"] == "high"
    assert any("times as many synthetic as training rows" in n for n in result.manifest["notes"])
