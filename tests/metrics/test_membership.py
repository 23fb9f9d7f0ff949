"""Membership attacks: copycats and hidden isolated people are caught, fresh rows are not accused."""

import pytest
from tests.metrics.tables import ROWS, crowd, planted

from artesian.core.run import Run
from artesian.metrics import CATALOG
from artesian.metrics.evaluate import evaluate
from artesian.metrics.privacy.attacks.membership import MembershipAverage, MembershipOutliers
from artesian.metrics.protocol import Comparison
from artesian.testing.tables import people

BOTH = ("membership_average", "membership_outliers")


@pytest.fixture(scope="module")
def real():
    return crowd(seed=1)


@pytest.fixture(scope="module")
def holdout():
    return crowd(seed=3)


@pytest.mark.parametrize("metric", BOTH)
@pytest.mark.parametrize("seed", range(4))
def test_fresh_rows_are_not_accused(real, holdout, metric, seed):
    result = CATALOG[metric]()(
        Comparison(real, crowd(seed=10 + seed), holdout), run=Run.from_seed(seed)
    )
    assert result.interval[0] <= 0.5
    assert "more than by chance" not in result.explanation


@pytest.mark.parametrize("metric", BOTH)
def test_a_copycat_is_caught(real, holdout, metric):
    """Rows drawn from the training table with replacement hold 63 % of it: nobody can catch more."""
    copies = real.with_frame(real.frame.sample(ROWS, with_replacement=True, seed=1))
    result = CATALOG[metric]()(Comparison(real, copies, holdout))
    assert result.interval[0] > 0.7
    assert result.parts["true positives at 1 % false positives"] > 0.5
    assert result.parts["true positives, low"] > 10 * 0.01


def test_isolated_people_hidden_verbatim_are_found_where_averages_see_nothing(real, holdout):
    tables = Comparison(real, planted(real), holdout)
    aimed = MembershipOutliers()(tables)
    assert aimed.value > 0.95
    assert aimed.parts["true positives at 1 % false positives"] > 0.8
    assert MembershipAverage()(tables).value < 0.56
    assert CATALOG["dcr_share"]()(tables).value < 0.55
    card = evaluate(tables, metrics=[*BOTH, "dcr_share"])
    assert "ISOLATED TRAINING ROWS ARE EXPOSED" in card.verdict
    assert "TRAINING ROWS ARE EXPOSED" not in card.verdict.replace("ISOLATED TRAINING", "")


def test_copies_beyond_the_rows_looked_at_are_found(real, holdout, monkeypatch):
    monkeypatch.setattr("artesian.metrics.privacy.attacks.membership._MAX_COORDINATES", 5_000)
    assert MembershipOutliers()(Comparison(real, planted(real), holdout)).value > 0.9


def test_more_hidden_people_are_more_exposed(real, holdout):
    areas = [
        MembershipOutliers()(Comparison(real, planted(real, share), holdout)).value
        for share in (0.001, 0.01, 0.03)
    ]
    assert areas == sorted(areas)


def test_swapping_training_and_unseen_rows_turns_the_attack_round(real, holdout):
    copies = Comparison(real, planted(real), holdout)
    turned = Comparison(holdout, copies.synthetic, real)
    assert MembershipAverage()(copies).value + MembershipAverage()(turned).value == pytest.approx(
        1.0, abs=0.03
    )


@pytest.mark.parametrize("metric", BOTH)
def test_few_rows_and_no_holdout_are_skipped_with_the_reason(metric):
    without = CATALOG[metric]()(Comparison(people(200), people(200, seed=1)))
    assert "holdout" in without.skipped
    few = CATALOG[metric]()(Comparison(people(200), people(200, seed=1), people(30, seed=2)))
    assert few.skipped == "a table has 30 rows, and 50 are needed"
