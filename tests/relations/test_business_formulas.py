"""Formulas of business tables: of rows that have values, with computed terms, and of some labels."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.schema import Kind
from artesian.relations.discover import discover


def found(frame: pl.DataFrame) -> set[str]:
    return {str(one.relation) for one in discover(ar.read(frame))}


def visits() -> pl.DataFrame:
    """Height and weight are measured at the first visit, changes from a baseline at later ones."""
    rng = np.random.default_rng(0)
    rows = []
    for person in range(120):
        base = int(rng.integers(100, 180))
        for visit in range(1, 5):
            first = visit == 1
            height, weight = int(rng.integers(150, 200)), round(float(rng.uniform(50, 110)), 1)
            change = int(rng.integers(-20, 10))
            rows.append(
                {
                    "subject": f"S{1000 + person}",
                    "visit": visit,
                    "height": height if first else None,
                    "weight": weight if first else None,
                    "bmi": round(weight / (height / 100) ** 2, 1) if first else None,
                    "baseline": None if first else base,
                    "change": None if first else change,
                    "pressure": base + (0 if first else change),
                }
            )
    return pl.DataFrame(rows)


def wages() -> pl.DataFrame:
    """Monthly wages with overtime, absence and a bonus that is a month's wage in December."""
    rng = np.random.default_rng(1)
    rows = []
    for person in range(110):
        wage = round(float(rng.uniform(1_800, 6_000)), 2)
        for month in range(1, 13):
            hours = 0 if rng.random() < 0.5 else int(rng.integers(1, 20))
            days = int(rng.integers(1, 6)) if rng.random() < 0.2 else 0
            extra, lost = round(hours * wage / 120, 2), round(days * wage / 21, 2)
            bonus = wage if month == 12 else float(rng.choice([0, 0, 0, 50, 100, 150, 200]))
            rows.append(
                {
                    "employee": f"E{10_000 + 37 * person}",
                    "half": "first" if month < 7 else "second",
                    "thirteenth": "yes" if month == 12 else "no",
                    "wage": wage,
                    "hours": hours,
                    "overtime": extra,
                    "bonus": bonus,
                    "absent": days,
                    "deduction": lost,
                    "gross": round(wage + extra + bonus - lost, 2),
                }
            )
    return pl.DataFrame(rows)


def test_a_formula_of_the_rows_that_have_values_is_found() -> None:
    relations = found(visits())
    assert "bmi = 10000 * weight / (height * height) within 0.05" in relations


def test_a_sum_may_have_computed_terms() -> None:
    relations = found(wages())
    assert "gross = wage + overtime + bonus - deduction" in relations


def test_a_bonus_of_one_months_wage_is_no_highest_bonus() -> None:
    relations = found(wages())
    assert "bonus = wage if thirteenth in ('yes')" in relations
    assert not any("max(" in one for one in relations)


def test_the_highest_score_of_a_group_remains_one() -> None:
    rng = np.random.default_rng(2)
    scores = pl.DataFrame(
        {
            "student": np.repeat([f"P{100 + 3 * k}" for k in range(150)], 4),
            "paper": ["a", "b", "c", "d"] * 150,
            "score": rng.integers(0, 100, 600),
        }
    ).with_columns(best=pl.col("score").max().over("student"))
    assert "best = max(score) by student" in found(scores)


def test_the_value_of_a_movement_does_not_tell_its_article() -> None:
    rng = np.random.default_rng(3)
    prices = {f"A-{k}": round(float(p), 2) for k, p in enumerate(rng.uniform(5, 90, 25))}
    article = rng.choice(list(prices), 1_500)
    cost = [prices[name] for name in article]
    pieces = rng.integers(1, 9, 1_500)
    frame = pl.DataFrame({"article": article, "pieces": pieces, "cost": cost}).with_columns(
        value=(pl.col("pieces") * pl.col("cost")).round(2)
    )
    relations = found(frame)
    assert "article -> cost" in relations
    assert "value -> article" not in relations


def test_codes_that_are_generated_only_have_to_agree() -> None:
    rng = np.random.default_rng(4)
    names = [f"part {k}" for k in range(60)]
    name = rng.choice(names, 1_200)
    codes = [f"Z-{1_000 + 7 * names.index(n)}" for n in name]
    real = pl.DataFrame({"name": name, "part_id": codes})
    assert ar.read(real).schema["part_id"].kind is Kind.KEY
    renamed = real.with_columns(pl.col("part_id").str.replace("Z-1", "Z-8"))
    for made, broken in (
        (renamed, False),
        (renamed.with_columns(pl.col("part_id").shuffle(1)), True),
    ):
        value = ar.compare(real, made, metrics=["relations"])["relations"].value
        assert (value > 0.5) if broken else (value == 0)


def test_names_with_two_surnames_before_a_comma_are_names() -> None:
    first, last = ["Sara", "Ana", "Luis", "Eva"], ["Martínez", "García", "Ruiz", "López", "Gil"]
    names = [f"{a} {b}, {c}" for a in last for b in last if a != b for c in first]
    frame = pl.DataFrame({"Conductor": names * 3, "km": range(len(names) * 3)})
    assert ar.read(frame).schema["Conductor"].role == "name"
    made = ar.synth(frame).table.frame["Conductor"]
    assert float(made.is_in(names).mean() or 0) < 0.05  # type: ignore[arg-type]


def stays(yes: str | bool, no: str | bool, n: int = 1_200) -> pl.DataFrame:
    """Nights and persons, with breakfast for those who want it."""
    rng = np.random.default_rng(5)
    nights, persons = rng.integers(1, 9, n), rng.integers(1, 5, n)
    wanted = rng.random(n) < 0.7
    price = np.where(wanted, np.round(14.5 * nights * persons, 2), 0.0)
    tips = np.where(wanted, np.round(rng.gamma(2, 5, n), 2), 0.0)
    flag = np.where(wanted, yes, no)
    columns = {"nights": nights, "persons": persons, "flag": flag, "price": price, "tips": tips}
    return pl.DataFrame(columns)


@pytest.mark.parametrize(("yes", "no"), [(True, False), ("ja", "nein"), ("sí", "no")])
def test_a_flag_decides_in_which_rows_a_price_is_computed(yes: str | bool, no: str | bool) -> None:
    listed = found(stays(yes, no))
    chosen = str(yes).lower() if isinstance(yes, bool) else yes
    formula = "14.5 * nights * persons", "14.5 * persons * nights"
    assert any(
        text.startswith(f"price = {each}") and text.endswith(f"if flag in ('{chosen}')")
        for text in listed
        for each in formula
    )
    assert not any(text.startswith("tips = ") and "*" in text for text in listed)
    made = ar.synth(stays(yes, no), method="marginals", seed=1, metrics=()).table.frame
    due = pl.when(pl.col("flag").cast(pl.String).is_in([chosen])).then(
        14.5 * pl.col("nights") * pl.col("persons")
    )
    error = made.select((pl.col("price") - due.otherwise(0)).abs()).to_series()
    assert (error < 0.006).mean() > 0.995  # type: ignore[operator]
