"""Codes and numbers that other columns show to be identifiers, whatever they are called."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.inference.id_names import is_measure_name
from artesian.data.inference.infer import infer
from artesian.data.readers.raw import Raw
from artesian.data.row_groups import entity_of
from artesian.data.schema import Kind
from artesian.encoding.transforms.entity_columns import entity_columns

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


def bookings(codes, mean=1.0):
    """Bookings of a few rows each, with what the rows of one have in common."""
    count = 1 + RNG.poisson(mean, len(codes))
    row = np.repeat(np.arange(len(codes)), count)
    return pl.DataFrame(
        {
            "ref_x": np.asarray(codes)[row],
            "first": RNG.choice(FIRST, len(row)),
            "last": RNG.choice(LAST, len(codes))[row],
            "channel": RNG.choice(["web", "app", "agency"], len(codes))[row],
            "flight": RNG.choice([f"XA{n}" for n in range(240, 264)], len(codes))[row],
            "fare": RNG.lognormal(4, 1, len(row)).round(2),
        }
    )


def random_codes(letters, length, count):
    return ["".join(code) for code in RNG.choice(list(letters), (count, length))]


@pytest.mark.parametrize("mean", [0.2, 1.0, 3.0])
@pytest.mark.parametrize(
    ("letters", "length"),
    [
        ("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 6),
        ("BCDFGHJKLMNPQRSTVWXZ", 7),
        ("0123456789ABCDEF", 8),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 5),
    ],
)
def test_short_random_codes_of_a_few_rows_are_identifiers(letters, length, mean):
    frame = bookings(random_codes(letters, length, 700), mean)
    assert kinds(frame)["ref_x"] is Kind.KEY
    assert entity_of(infer(Raw(frame=frame)).table) == "ref_x"


def test_words_of_one_length_that_determine_others_are_no_codes():
    towns = ["PARIS", "MILAN", "TURIN", "GHENT", "DELFT", "TOURS", "NICEA", "BASEL", "OMAHA"]
    towns += ["TAMPA", "MIAMI", "DOVER", "SALEM", "BOISE", "PROVO", "CAIRO", "DELHI", "DHAKA"]
    towns += ["HANOI", "KYOTO", "LAGOS", "LIMAS", "MINSK", "OSAKA", "PERTH", "QUITO", "RABAT"]
    assert kinds(bookings(towns, 30))["ref_x"] is Kind.CATEGORY
    assert kinds(bookings(towns, 2))["ref_x"] is Kind.CATEGORY
    assert kinds(bookings([f"{a} {b}" for a in towns for b in towns]))["ref_x"] is not Kind.KEY


def test_a_last_name_is_no_entity_beside_a_number_that_determines_it():
    frame = bookings(np.arange(700) + 1).rename({"ref_x": "booking_id"})
    names = {one.identifying[0] for one in entity_columns(infer(Raw(frame=frame)).table)}
    assert "last" not in names
    assert "booking_id" in names


def meters(digits, *, round_to=1):
    """Readings of delivery points, each with one region and one tariff that many others have too."""
    rng = np.random.default_rng(3)
    rows = []
    for number in rng.integers(10 ** (digits - 1), 10**digits, 60):
        region, tariff = rng.choice(["north", "south", "west"]), rng.choice(["A", "B", "C"])
        for month in range(int(rng.integers(5, 11))):
            row = {"point": int(number) // round_to * round_to, "region": region, "tariff": tariff}
            rows.append(
                row | {"read": date(2024, month + 1, 3), "used": int(rng.integers(20, 900))}
            )
    return pl.DataFrame(rows)


@pytest.mark.parametrize("digits", [10, 14, 18])
def test_very_long_numbers_identify_what_has_several_rows(digits):
    assert ar.read(meters(digits)).schema["point"].kind is Kind.KEY


@pytest.mark.parametrize("round_to", [1_000, 50_000])
def test_long_round_numbers_may_be_quantities(round_to):
    assert ar.read(meters(11, round_to=round_to)).schema["point"].kind is Kind.NUMBER
