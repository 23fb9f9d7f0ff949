"""Sums whose sign a category decides: a balance after a payment in or out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation


def payments() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    n = 1_200
    kind = rng.choice(["CASH_IN", "CASH_OUT", "PAYMENT"], n, p=[0.3, 0.4, 0.3])
    amount = np.where(kind == "PAYMENT", rng.lognormal(3, 0.6, n), rng.lognormal(5, 0.6, n)).round(
        2
    )
    old = (amount + rng.lognormal(7, 1, n)).round(2)
    new = np.where(kind == "CASH_IN", old + amount, old - amount).round(2)
    return pl.DataFrame({"type": kind, "amount": amount, "old_balance": old, "new_balance": new})


def corrections() -> pl.DataFrame:
    """Stock taking: counted pieces are booked, returned, or refused, which changes nothing."""
    rng = np.random.default_rng(1)
    n = 900
    reason = rng.choice(["Zugang", "Abgang", "abgelehnt"], n, p=[0.5, 0.4, 0.1])
    pieces = rng.integers(1, 60, n)
    before = rng.integers(60, 2_000, n)
    sign = pl.Series(reason).replace_strict({"Zugang": 1, "Abgang": -1, "abgelehnt": 0}).to_numpy()
    return pl.DataFrame(
        {
            "Bestand alt": before,
            "Stück": pieces,
            "Grund": reason,
            "Bestand neu": before + sign * pieces,
        }
    )


@pytest.mark.parametrize(
    ("table", "relation", "amount"),
    [
        (
            payments,
            "new_balance = old_balance + amount if type in ('CASH_IN')"
            " - amount if type in ('CASH_OUT', 'PAYMENT')",
            "amount",
        ),
        (
            corrections,
            '"Bestand neu" = "Bestand alt" + Stück if Grund in (\'Zugang\')'
            " - Stück if Grund in ('Abgang')",
            "Stück",
        ),
    ],
)
def test_sums_with_a_sign_are_found_and_kept(
    table: Callable[[], pl.DataFrame], relation: str, amount: str, tmp_path: Path
) -> None:
    real = table()
    assert relation in {str(one.relation) for one in discover(ar.read(real))}
    made = ar.synth(real, out=tmp_path / "out").table.frame
    parsed = parse_relation(relation, tuple(real.columns))
    assert str(parsed) == relation
    assert parsed.holds(real).all()
    assert parsed.holds(made).all()
    # The amount is sampled, not what two balances leave.
    for quantile in (0.1, 0.5, 0.9):
        expected = float(real[amount].quantile(quantile) or 0)
        assert made[amount].quantile(quantile) == pytest.approx(expected, rel=0.25)


def test_a_missing_amount_leaves_the_sum_unknown() -> None:
    text = "new = old + amount if kind in ('a') - amount if kind in ('b')"
    relation = parse_relation(text, ("new", "old", "amount", "kind"))
    frame = pl.DataFrame(
        {
            "old": [1.0, 1.0, 1.0, None],
            "amount": [2.0, None, None, 1.0],
            "kind": ["a", "b", "c", "a"],
            "new": [3.0, 1.0, 1.0, 1.0],
        }
    )
    assert relation.holds(frame).to_list() == [True, None, True, None]


def test_signs_without_a_category_are_no_sum() -> None:
    rng = np.random.default_rng(5)
    n = 600
    frame = pl.DataFrame(
        {
            "before": rng.normal(0, 100, n).round(2),
            "amount": rng.lognormal(3, 1, n).round(2),
            "kind": rng.choice(["a", "b"], n),
        }
    ).with_columns(
        after=(pl.col("before") + pl.lit(rng.choice([-1, 1], n)) * pl.col("amount")).round(2)
    )
    assert not any(" if " in str(one.relation) for one in discover(ar.read(frame)))


def test_two_declared_formulas_of_one_column_are_both_kept() -> None:
    real = payments()
    texts = (
        "new_balance = old_balance + amount if type in ('CASH_IN')",
        "new_balance = old_balance - amount if type in ('CASH_OUT', 'PAYMENT')",
    )
    table = ar.read(real)
    table = replace(table, schema=replace(table.schema, relations=texts))
    made = ar.synth(table).table.frame
    for text in texts:
        assert parse_relation(text, tuple(real.columns)).holds(made).drop_nulls().all()
