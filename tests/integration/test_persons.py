"""Stand-ins of people are people: names of the language, one person per number, mail that fits."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar
from artesian.data.inference.word_lists import all_first_names, all_last_names, fold

_EXPANDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def synthetic(real: pl.DataFrame, **options: Any) -> pl.DataFrame:
    data: pl.DataFrame = ar.synth(
        real, method="trees", seed=1, metrics=["validity"], **options
    ).data
    return data


def letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", fold(text))


def expanded(text: str) -> str:
    return letters(text.lower().translate(_EXPANDED))


def persons(locale: str, count: int, domains: list[str], *, seed: int = 4) -> pl.DataFrame:
    """People with a number, a first and a last name, and a mail address made of both."""
    fake, rng = Faker(locale), np.random.default_rng(seed)
    fake.seed_instance(seed)
    rows = []
    for number in rng.choice(900_000, count, replace=False) + 100_000:
        first, last = fake.first_name(), fake.last_name()
        local = f"{expanded(first)}.{expanded(last)}"
        rows.append((f"P{number}", first, last, f"{local}@{rng.choice(domains)}"))
    return pl.DataFrame(rows, ["person", "first", "last", "mail"], orient="row").unique(
        "mail", maintain_order=True
    )


def with_visits(people: pl.DataFrame, rows: int, seed: int = 5) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    at = rng.integers(0, people.height, rows)
    return people[at].with_columns(
        amount=pl.Series(np.round(rng.gamma(2, 20, rows), 2)),
        ward=pl.Series(rng.choice(["north", "south", "east"], rows)),
    )


def fraction_of_names(texts: pl.Series, names: frozenset[str]) -> float:
    words = [fold(text) for text in texts.unique().to_list()]
    return sum(w in names or set(re.split(r"[ -]", w)) <= names for w in words) / len(words)


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("de_DE", {"person": "PatID", "first": "Vorname", "last": "Nachname", "mail": "Mail"}),
        ("fr_FR", {"person": "num_client", "first": "prenom", "last": "nom", "mail": "courriel"}),
        ("en_GB", {"person": "member_id", "first": "first", "last": "surname", "mail": "email"}),
    ],
)
def test_one_person_per_number_whose_mail_fits(locale: str, names: dict[str, str]) -> None:
    people = persons(locale, 130, ["post.test", "web.test"])
    real = with_visits(people, 400).rename(names)
    made = synthetic(real)
    number, first, last, mail = names.values()
    each = made.unique([number, first, last, mail])
    assert each[number].is_unique().all()
    assert abs(each.height - real[number].n_unique()) < 0.15 * each.height
    assert fraction_of_names(made[first], all_first_names()) > 0.9
    assert fraction_of_names(made[last], all_last_names()) > 0.9
    for a, b, address in each.select(first, last, mail).iter_rows():
        local = address.partition("@")[0]
        forms = {f"{letters(a)}.{letters(b)}", f"{expanded(a)}.{expanded(b)}"}
        assert local in forms, (a, b, address)
    # As many namesakes as the source has, more or less: names are no numbers.
    shared = people.height - people["last"].n_unique()
    assert abs((each.height - each[last].n_unique()) - shared) < 0.3 * people.height


def test_umlauts_in_mail_addresses_are_written_as_in_the_source() -> None:
    real = with_visits(persons("de_DE", 300, ["post.test"]), 600)
    made = synthetic(real).unique("mail")
    umlauts = made.filter(pl.col("last").str.contains("[äöüß]"))
    assert umlauts.height > 5
    for last, mail in umlauts.select("last", "mail").iter_rows():
        assert expanded(last) in mail


def test_namesakes_do_not_make_the_name_an_entity() -> None:
    people = persons("es_ES", 120, ["a.test"]).with_columns(
        full=pl.concat_str("first", pl.lit(" "), "last")
    )
    # Ten people have the name of another one.
    twice = pl.concat([people["full"].head(10), people["full"].head(people.height - 10)])
    people = people.select("person", paciente=twice)
    real = with_visits(people, 420)
    made = synthetic(real)
    assert made.group_by("person").agg(pl.col("paciente").n_unique())["paciente"].max() == 1
    assert fraction_of_names(made["paciente"].str.split(" ").list.first(), all_first_names()) > 0.9


def test_orders_of_a_customer_without_a_number_lie_within_the_customer() -> None:
    rng = np.random.default_rng(3)
    people = (
        persons("it_IT", 80, ["a.test"])
        .select(cliente=pl.concat_str("first", pl.lit(" "), "last"))
        .unique(maintain_order=True)
    )
    orders = people[rng.integers(0, people.height, 200)].with_columns(
        order_id=pl.Series(rng.choice(90_000, 200, replace=False) + 10_000)
    )
    real = orders[np.repeat(np.arange(200), rng.integers(1, 4, 200))].with_columns(
        amount=pl.lit(1.0)
    )
    real = real.with_columns(amount=pl.Series(np.round(rng.gamma(2, 9, real.height), 2)))
    made = synthetic(real)
    assert made.group_by("order_id").agg(pl.col("cliente").n_unique())["cliente"].max() == 1
    wanted = real.n_unique("order_id") / real.n_unique("cliente")
    per_customer = made.group_by("cliente").agg(pl.col("order_id").n_unique())["order_id"]
    assert per_customer.mean() == pytest.approx(wanted, rel=0.25)


def staff(locale: str, count: int, login: str, domain: str) -> pl.DataFrame:
    """One row per person: the parts of the name, the whole of it, a user name and a mail address."""
    people = persons(locale, count, [domain])
    rows = []
    for n, (number, first, last, mail) in enumerate(people.iter_rows()):
        a, b = expanded(first), expanded(last)
        name = {"flast": f"{a[0]}{b}{n % 10}", "last_first": f"{b}_{a}", "first.l": f"{a}.{b[0]}"}
        rows.append((number, first, last, f"{first} {last}", name[login], mail, 20.5 + n % 17))
    names = ["emp_id", "first", "last", "full_name", "login", "email", "hours"]
    return pl.DataFrame(rows, names, orient="row")


@pytest.mark.parametrize(
    ("locale", "login", "form"),
    [
        ("en_GB", "flast", r"{a}{b}\d+"),
        ("it_IT", "last_first", r"{b}_{first}"),
        ("sv_SE", "first.l", r"{first}\.{l}\d*"),
    ],
)
def test_full_names_and_user_names_are_those_of_the_person(
    locale: str, login: str, form: str
) -> None:
    real = staff(locale, 260, login, "acme.test")
    made = synthetic(real)
    assert (made["full_name"] == made["first"] + " " + made["last"]).mean() > 0.99
    for first, last, name, mail in made.select("first", "last", "login", "email").iter_rows():
        a, b = expanded(first), expanded(last)
        wanted = form.format(a=a[0], b=b, first=a, l=b[0])
        assert re.fullmatch(wanted, name), (first, last, name)
        assert mail == f"{a}.{b}@example.com"  # all have one domain, and so have all stand-ins
    if login == "flast":
        assert made["login"].is_unique().mean() > 0.95


@pytest.mark.parametrize(
    ("number", "name"), [("Matricule", "Nom"), ("fnr", "navn"), ("saksbehandler", "navn")]
)
def test_whole_numbers_of_persons_are_identifiers(number: str, name: str) -> None:
    people = persons("fr_FR" if number == "Matricule" else "no_NO", 60, ["a.test"])
    ids = {"Matricule": np.arange(1000, 1000 + people.height)}
    rng = np.random.default_rng(8)
    long = rng.choice(9 * 10**10, people.height, replace=False) + 10**10
    fake = Faker("en_US")
    fake.seed_instance(1)
    real = with_visits(
        people.select(
            pl.Series(number, ids.get(number, long)),
            pl.concat_str("first", pl.lit(" "), "last").alias(name),
            salary=pl.Series(rng.integers(4000, 9000, people.height)),
        ),
        420,
    ).with_columns(pl.Series("mac", [fake.unique.mac_address() for _ in range(420)]))
    made = synthetic(real)
    each = made.select(number, name, "salary").unique()
    assert each[number].is_unique().all()
    assert each.height == pytest.approx(real[number].n_unique(), rel=0.2)
    if number != "Matricule":
        assert not set(made[number]) & set(real[number])
    # What is measured stays a number: fewer than one of ten salaries is that of a person.
    assert ar.read(real).schema["salary"].kind.value == "number"
    rows = np.sort(made[number].value_counts()["count"].to_numpy())
    assert rows.max() <= real[number].value_counts()["count"].max() + 3
