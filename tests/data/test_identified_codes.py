"""Codes and numbers that other columns show to be identifiers, whatever they are called."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from artesian.data.inference.id_names import is_measure_name
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


def survey(rows=1_300, **columns):
    """Answers of persons of one row each, at times that hardly repeat."""
    when = pl.datetime_range(
        pl.datetime(2024, 9, 2), pl.datetime(2025, 9, 2), "1m", eager=True
    ).gather(np.sort(RNG.choice(500_000, rows)))
    region = RNG.choice(["Norte", "Centro", "Sul"], rows)
    return pl.DataFrame({"t": when, "region": region} | columns)


@pytest.mark.parametrize(("low", "high"), [(18, 79), (14, 99)])
@pytest.mark.parametrize(
    "names", [("idade", "ano_nasc"), ("alder", "fodt"), ("x1", "x2"), ("wiek", "rok urodzenia")]
)
def test_an_age_and_a_year_of_birth_are_numbers(low, high, names):
    age = np.clip(RNG.normal(43, 14, 1_300).round(), low, high).astype(int)
    group = np.array(["young", "middle", "old"])[np.digitize(age, [30, 65])]
    frame = survey(group=group, **{names[0]: age, names[1]: 2024 - age})
    found = kinds(frame)
    assert found[names[0]] is found[names[1]] is Kind.NUMBER


def test_whole_numbers_that_are_a_linear_function_of_each_other_are_numbers():
    celsius = RNG.integers(-3, 38, 1_300) * 5
    frame = survey(c=celsius, f=celsius * 9 // 5 + 32, stage=RNG.integers(0, 3, 1_300))
    assert {kinds(frame)[name] for name in ("c", "f")} == {Kind.NUMBER}
    day = np.repeat([date(2024, 1, 1) + timedelta(days=n) for n in range(65)], 20)
    floor = RNG.permutation(np.tile(np.arange(1, 66), 20)).reshape(65, 20).ravel()
    panel = pl.DataFrame({"level": floor, "metres": floor * 3, "day": day.tolist()})
    assert kinds(panel)["level"] is Kind.NUMBER


def test_years_are_no_codes_and_a_customer_number_is_one():
    year = RNG.integers(1950, 2010, 40)[np.repeat(np.arange(40), 30)]
    frame = staff(np.arange(40) + 1, days=30).with_columns(jahrgang=year)
    found = kinds(frame)
    assert found["jahrgang"] is Kind.NUMBER
    assert found["kode"] is Kind.KEY


@pytest.mark.parametrize(
    "name", ["Alter", "età", "leeftijd", "Geburtsjahr", "ålder", "ikä", "højde", "ilość", "peso"]
)
def test_measures_have_names_in_many_languages(name):
    assert is_measure_name(name)


@pytest.mark.parametrize("name", ["Matricola", "Kundennummer", "Kostenstelle", "Verwalter", "nr"])
def test_names_of_codes_are_no_measures(name):
    assert not is_measure_name(name)
