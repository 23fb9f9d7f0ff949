"""Copied identifiers are found in anybody's table, and common names are not taken for copies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar
from artesian.data.schema import Kind
from artesian.metrics.privacy.identifier_copied import copied_fraction

CODE = "identifier_copied"


def people(seed: int, rows: int = 300, locale: str = "de_DE", each: int = 1) -> pl.DataFrame:
    fake = Faker(locale)
    fake.seed_instance(seed)
    rng = np.random.default_rng(seed)
    persons = [
        {"mail": f"{fake.user_name()}{rng.integers(10**6)}@firma.de", "name": fake.name(),
         "karte": int(fake.credit_card_number(card_type="visa16")), "tel": fake.phone_number()}
        for _ in range(rows // each)
    ]  # fmt: skip
    frame = pl.DataFrame([persons[i % len(persons)] for i in range(rows)])
    return frame.with_columns(
        betrag=pl.Series(rng.normal(50, 9, rows).round(2)),
        art=pl.Series(rng.choice(["a", "b", "c"], rows)),
    )


def card(real: pl.DataFrame, synthetic: pl.DataFrame, holdout: pl.DataFrame | None = None) -> Any:
    return ar.compare(real, synthetic, holdout=holdout, metrics=[CODE])


def codes(scorecard: Any) -> set[str]:
    return {finding.code for finding in scorecard.findings}


def test_fresh_people_are_no_copies_although_names_recur() -> None:
    for seed in range(6):
        scorecard = card(people(seed), people(seed + 50), people(seed + 100))
        assert CODE not in codes(scorecard)
        assert "IDENTIFIERS" not in scorecard.verdict


@pytest.mark.parametrize("column", ["mail", "karte", "tel", "name"])
def test_one_copied_column_is_found_and_named(column: str) -> None:
    real, fresh = people(1), people(2)
    values = fresh[column].to_list()
    values[::5] = real[column].to_list()[::5]
    scorecard = card(real, fresh.with_columns(pl.Series(column, values)), people(3))
    assert CODE in codes(scorecard)
    result = scorecard[CODE]
    assert 0.19 <= result.value <= 0.25
    assert f"'{column}'" in result.explanation
    assert f"RELEASES REAL IDENTIFIERS ({result.value:.0%}"[:26] in scorecard.verdict
    assert set(result.parts) == {"mail", "name", "karte", "tel"}


def test_a_shuffled_column_is_a_copied_one() -> None:
    real = people(1)
    shuffled = real.with_columns(pl.col("mail").shuffle(3), pl.col("name").shuffle(4))
    assert card(real, shuffled, people(2))[CODE].parts["mail"] == 1.0


def test_it_is_found_without_a_holdout_and_with_one_of_the_same_people() -> None:
    real = people(1, each=6)
    half, other = real[:150], real[150:]
    fresh = people(2, rows=150, each=3)
    copied = fresh.with_columns(mail=other["mail"])
    assert CODE in codes(card(half, copied))
    assert CODE in codes(card(half, copied, other))
    assert CODE not in codes(card(half, fresh, other))


def test_another_way_of_writing_is_the_same_number() -> None:
    real = people(1)
    spaced = real["karte"].cast(pl.String).str.replace_all(r"(\d{4})", "$1 ").str.strip_chars()
    result = card(
        real.with_columns(karte=pl.col("karte").cast(pl.String)),
        people(2).with_columns(karte=spaced),
        people(3).with_columns(pl.col("karte").cast(pl.String)),
    )[CODE]
    assert result.parts["karte"] == 1.0


def test_numbers_that_were_counted_up_coincide_by_chance() -> None:
    rng = np.random.default_rng(4)

    def users(numbers: Any) -> ar.Table:
        frame = pl.DataFrame({"user": [f"U{n:05d}" for n in numbers], "x": rng.normal(size=300)})
        table = ar.read(frame)
        column = replace(table.schema["user"], kind=Kind.TEXT, role="username")
        return ar.Table(frame, table.schema.with_columns([column]))

    counted = users(rng.choice(240, 300) + 1)
    result = card(counted, users(rng.choice(300, 300) + 1))[CODE]
    assert result.value > 0.3
    assert result.p_value > 0.001
    assert "by chance: 7" in result.explanation
    scattered = users(rng.choice(90_000, 300) + 1)
    again = card(scattered, scattered)
    assert CODE in codes(again)
    assert "by chance: none" in again[CODE].explanation


def test_tables_without_people_have_none() -> None:
    frame = people(1).select("betrag", "art")
    assert "no column identifies people" in card(frame, frame[::-1], frame)[CODE].skipped


def test_the_formula() -> None:
    assert copied_fraction(pl.Series([1, 2, None]), pl.Series([2, 3])) == 0.5
