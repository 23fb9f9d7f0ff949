"""Codes and numbers that other columns show to be identifiers, whatever they are called."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from artesian.data.inference.infer import infer
from artesian.data.readers.raw import Raw
from artesian.data.schema import Kind

RNG = np.random.default_rng(11)
FIRST = ("Anna", "Luca", "Marie", "Peter", "Sofia", "Jan", "Elena", "Marco", "Greta", "Paul")
LAST = (
    "Rossi",
    "Meyer",
    "Novak",
    "Silva",
    "Larsen",
    "Kowalski",
    "Dubois",
    "Jansen",
    "Costa",
    "Virtanen",
)


def staff(codes, *, days=40, names=True):
    """Rows of staff on some days, with a department; their first names and last names repeat."""
    people = len(codes)
    row = np.repeat(np.arange(people), days)
    when = np.concatenate([RNG.permutation(90)[:days] for _ in range(people)])
    name = np.array([f"{FIRST[n]} {LAST[m]}" for n, m in RNG.integers(0, 10, (people, 2))])
    columns = {
        "kode": np.asarray(codes)[row],
        "reparto": RNG.choice(["Uffici", "Magazzino", "Produzione"], people)[row],
        "turno": RNG.choice(["x", "y"], people)[row],
        "giorno": [date(2024, 1, 1) + timedelta(days=int(n)) for n in when],
        "ore": RNG.integers(4, 9, len(row)),
    }
    return pl.DataFrame(columns | ({"nominativo": name[row]} if names else {}))


def kinds(frame):
    schema = infer(Raw(frame=frame)).table.schema
    return {column.name: column.kind for column in schema}


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize(
    "codes",
    [
        [f"{n}" for n in RNG.permutation(np.arange(10_000, 99_999))[:40]],
        [f"PL-{n:03}" for n in RNG.permutation(900)[:40]],
        RNG.permutation(np.arange(10_000, 99_999))[:40],
        RNG.choice([18, 19, 20, 21], 60) * 100_000
        + RNG.permutation(np.arange(10_000, 99_999))[:60],
    ],
)
def test_codes_of_persons_are_identifiers_however_many_rows_they_have(codes, names):
    frame = staff(codes, names=names)
    inferred = infer(Raw(frame=frame))
    assert inferred.table.schema["kode"].kind is Kind.KEY
    assert "each of which has one" in inferred.evidence["kode"]


def test_few_codes_of_persons_are_identifiers_by_their_names():
    frame = staff([f"{n}" for n in RNG.permutation(np.arange(1_000, 9_999))[:9]])
    assert kinds(frame)["kode"] is Kind.KEY


def test_numbers_that_begin_with_the_year_of_a_date_are_identifiers():
    years = np.sort(RNG.integers(2018, 2023, 60))
    codes = years % 100 * 100_000 + RNG.permutation(np.arange(10_000, 99_999))[:60]
    frame = staff(codes, days=20)
    enrolled = pl.Series([date(int(n), 10, 1) for n in np.repeat(years, 20)])
    assert kinds(frame.with_columns(enrolled=enrolled))["kode"] is Kind.KEY


def test_properties_of_persons_are_no_identifiers():
    frame = staff(RNG.permutation(np.arange(10_000, 99_999))[:60])
    pay = np.repeat(RNG.lognormal(10.4, 0.3, 60).astype(int), 40)
    step = np.repeat(RNG.integers(200, 900, 60) * 50, 40)
    grade = np.repeat([f"L{n}" for n in RNG.integers(1, 6, 60)], 40)
    found = kinds(frame.with_columns(stip=pay, bonus_x=step, livello=grade))
    assert found["stip"] is found["bonus_x"] is Kind.NUMBER
    assert found["livello"] is Kind.CATEGORY


def test_codes_of_many_rows_that_tell_nothing_apart_are_categories():
    rows = 3_000
    code = RNG.integers(0, 30, rows)
    frame = pl.DataFrame(
        {
            "tarif": [f"T{n:02}" for n in code],
            "satz": code % 7,
            "art": pl.Series(["a", "b", "c"])[(code % 3).tolist()],
            "tag": [date(2024, 1, 1) + timedelta(days=int(n)) for n in RNG.integers(0, 60, rows)],
        }
    )
    assert kinds(frame)["tarif"] is Kind.CATEGORY


@pytest.mark.parametrize(
    "name",
    ["Matricola", "matrikel", "Matrikelnummer", "Matrícula", "matricule", "numer indeksu",
     "personeelsnummer", "anställningsnummer", "opiskelijanumero", "Número de empleado"],
)  # fmt: skip
def test_numbers_of_staff_and_students_are_keys_by_their_names(name):
    numbers = RNG.permutation(np.arange(10_000, 99_999))[:30]
    values = pl.Series(name, numbers[RNG.integers(0, 30, 600)])
    assert kinds(pl.DataFrame([values]))[name] is Kind.KEY
    texts = kinds(pl.DataFrame([values.cast(pl.String)]))
    assert texts[name] in (Kind.KEY, Kind.TEXT)
