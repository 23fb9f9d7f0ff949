"""Rows of the same entity: fresh entities raise no alarm, and copied entities do."""

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import table

import artesian as ar
from artesian.core.run import Run, Seed
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics.common.design_effect import design_effect
from artesian.metrics.common.subjects import find_subjects
from artesian.metrics.evaluate import evaluate
from artesian.metrics.privacy.attacks.membership_strongest import MembershipWorst
from artesian.metrics.protocol import Comparison

QUICK = ("membership_worst", "membership_chain", "membership_average", "membership_outliers",
         "dcr_share", "authenticity", "identifiability", "tv", "ks", "validity")  # fmt: skip


def accounts(seed: int, number: int, rows: int, *, first: int = 0) -> Table:
    """Payments of `number` accounts with about `rows` each, whose amounts and channel differ."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(number), rng.poisson(rows - 1, number) + 1)
    amounts = rng.normal(0, 1, (number, 3))[of] + 0.3 * rng.normal(0, 1, (len(of), 3))
    habit = rng.integers(0, 4, number)[of]
    channel = np.where(rng.random(len(of)) < 0.9, habit, rng.integers(0, 4, len(of)))
    columns = {
        "account": [f"A{first + each:05d}" for each in of],
        **{name: amounts[:, k].round(2) for k, name in enumerate(("fee", "paid", "open"))},
        "channel": np.array(["app", "branch", "card", "web"])[channel],
    }
    return table(columns, account=Kind.KEY)


def compared(seed: int, number: int, rows: int) -> Comparison:
    real, synthetic, holdout = (
        accounts(10 * seed + k, size, rows, first=10_000 * k)
        for k, size in enumerate((2 * number, 2 * number, number))
    )
    return Comparison(real, synthetic, holdout)


@pytest.mark.parametrize(("number", "rows"), [(60, 15), (6, 120)])
def test_fresh_entities_raise_no_alarm(number: int, rows: int) -> None:
    """When rows were halved and counted one by one, every one of these raised an alarm."""
    for seed in range(3):
        card = evaluate(compared(seed, number, rows), metrics=QUICK, run=Run(seed=Seed(seed)))
        alarms = [finding.code for finding in card.findings if finding.code in QUICK]
        assert alarms == []
        assert "EXPOSED" not in card.verdict
        assert "CLOSER" not in card.verdict


def test_copied_entities_are_found() -> None:
    tables = compared(1, 100, 10)
    copied = tables.real.with_frame(
        tables.real.frame.with_columns(pl.col("fee", "paid", "open") + 0.01)
    )
    result = MembershipWorst()(Comparison(tables.real, copied, tables.holdout))
    assert result.interval is not None
    assert result.interval[0] > 0.8
    assert result.detail["trained"] == 200
    assert result.detail["holdout"] == 100


def test_few_entities_are_skipped_with_the_reason() -> None:
    tables = compared(1, 6, 120)
    result = MembershipWorst()(tables)
    assert result.skipped.startswith("there are 12 training, 6 holdout and ")
    assert "those with the same 'account' count once" in result.skipped
    verdict = evaluate(tables, metrics=["membership_worst", "dcr_share"]).verdict
    assert "Too few rows for a membership attack" in verdict


def test_the_halves_divide_entities_evenly() -> None:
    tables = compared(2, 51, 10)
    subjects = find_subjects(tables)
    half = subjects.halved(Seed(1))
    for of, number in ((subjects.train, 102), (subjects.holdout, 51)):
        assert len(np.unique(of)) == number
        assert abs(half[np.unique(of)].sum() - number / 2) <= 0.5


def test_an_entity_on_both_sides_is_in_one_half() -> None:
    """A holdout that was split by rows: the attacker must not have other rows of its targets."""
    whole = accounts(1, 80, 20)
    rows = np.random.default_rng(0).random(len(whole)) < 0.3
    tables = Comparison(
        whole.with_frame(whole.frame.filter(~rows)),
        accounts(2, 80, 20),
        whole.with_frame(whole.frame.filter(rows)),
    )
    subjects = find_subjects(tables)
    names = pl.concat([tables.real.frame["account"], tables.holdout.frame["account"]])
    numbers = np.concatenate([subjects.train, subjects.holdout])
    assert len(set(zip(names, numbers.tolist(), strict=True))) == 80


def test_the_design_effect_is_that_of_the_column_that_depends_most_on_the_entity() -> None:
    rng = np.random.default_rng(0)
    account = np.repeat(np.arange(200), 10)

    def real(**columns: np.ndarray) -> Comparison:
        one = table({"account": account, **columns}, account=Kind.KEY)
        return Comparison(one, one, one.with_frame(one.frame.with_columns(pl.col("account") + 900)))

    noise = rng.normal(size=2_000)
    assert design_effect(real(noise=noise)) == pytest.approx(1, abs=0.4)
    assert design_effect(real(noise=noise, born=account % 50 + 0.5)) == pytest.approx(10, abs=0.1)
    groups = np.array(["a", "b", "c"])[(account * 7) % 3]
    assert design_effect(real(noise=noise, group=groups)) == pytest.approx(10, abs=0.1)
    half = rng.normal(size=200)[account] + rng.normal(size=2_000)  # a correlation of 0.5
    assert design_effect(real(half=half)) == pytest.approx(1 + 9 * 0.5, abs=0.8)


def test_a_table_without_entities_is_not_widened() -> None:
    columns = {"x": np.arange(200.0), "c": ["a", "b"] * 100}
    tables = Comparison(table(columns), table(columns), table(columns))
    assert design_effect(tables) == 1.0
    assert find_subjects(tables).entity is None


def test_the_area_of_means_is_that_of_entities() -> None:
    """With one row for each entity, entities are rows."""
    tables = compared(3, 60, 1)
    assert find_subjects(tables).entity is None
    rows = len(tables.real), len(tables.holdout)
    detail = MembershipWorst()(tables).detail
    assert (detail["trained"], detail["holdout"]) == rows


def customers(number: int, seed: int) -> pl.DataFrame:
    """Orders of customers, each of whom has a town, a street and a discount of its own."""
    rng = np.random.default_rng(seed)
    towns = rng.integers(0, 30, number)
    names = rng.choice(90_000, number, replace=False) + 10_000
    orders = rng.integers(5, 25, number)
    of = np.repeat(np.arange(number), orders)
    return pl.DataFrame(
        {
            "customer_id": [f"K{names[c]}" for c in of],
            "company": [f"Firm {names[c] * 7 % 100_000:05} Ltd" for c in of],
            "town": [f"Town {towns[c]}" for c in of],
            "limit": np.round(np.exp(rng.normal(8, 1, number)), 2)[of],
            "amount": np.round(rng.exponential(60, len(of)), 2),
        }
    )


def test_the_detector_does_not_know_customers_by_their_town() -> None:
    real, holdout, fresh = customers(160, 31), customers(40, 32), customers(160, 33)
    card = ar.compare(real, fresh, holdout, metrics=["c2st_holdout"])
    reference = card["c2st_holdout"].reference
    assert reference is not None
    assert abs(reference - 0.5) < 0.15
    assert "Hard to tell" in card.verdict


def test_a_fault_of_rows_is_seen_in_customers_that_no_detector_has_seen() -> None:
    real, holdout, fresh = customers(160, 31), customers(40, 32), customers(160, 33)
    faulty = fresh.with_columns(amount=1000 - pl.col("amount"))
    card = ar.compare(real, faulty, holdout, metrics=["c2st_holdout"])
    assert "Easily detected" in card.verdict


def test_fresh_customers_are_no_closer_to_training_rows() -> None:
    shares = []
    for seed in range(10, 60, 10):
        real, fresh, holdout = (customers(n, seed + k) for k, n in enumerate((80, 80, 20)))
        shares.append(ar.compare(real, fresh, holdout, metrics=["dcr_share"])["dcr_share"].value)
    assert abs(np.mean(shares) - 0.5) < 0.08  # type: ignore[arg-type]


def test_few_customers_cannot_be_judged_and_the_verdict_says_so() -> None:
    cards = [
        ar.compare(
            customers(40, s), customers(40, s + 50), customers(8, s + 100), metrics=["fidelity"]
        )
        for s in range(1, 5)
    ]
    for card in cards:
        reference = card["c2st_holdout"].reference
        assert reference is not None
        judged = "a detector to judge" not in card.verdict
        assert judged or reference >= 0.75
        assert "tells even real rows" not in card.verdict
