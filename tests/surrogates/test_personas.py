"""Personal columns: people who do not exist, the same in all columns of a row."""

from __future__ import annotations

import ipaddress
import json
import re

import numpy as np
import polars as pl
import pytest
from tests.real_tables import path

from artesian.core.errors import DataError
from artesian.core.run import Seed
from artesian.data.inference.check_digits import is_iban, is_luhn
from artesian.data.inference.national_ids import SCHEMES
from artesian.data.schema import Column, Kind
from artesian.surrogates.columns import Surrogate, SurrogateGroup
from artesian.surrogates.makers import ROLES
from artesian.surrogates.name_pools import pool, slugs
from artesian.surrogates.national_ids import NationalIds
from artesian.surrogates.personas import DOMAINS, People

GENERATED = {
    "phone": "phone_number", "street": "street_address", "username": "user_name",
    "credit_card": "credit_card_number", "ip": "ipv4", "uuid": "uuid4", "mac": "mac_address",
    "account_number": "bban", "device_id": "uuid4", "licence_plate": "license_plate",
}  # fmt: skip


def source(role: str, locale: str = "en_US", rows: int = 400) -> pl.Series:
    from faker import Faker

    if role == "tax_id":
        numbers = np.arange(rows, dtype=np.uint64)
        return pl.Series(role, NationalIds.learn([], SCHEMES["pl_nip"]).make(numbers, 9))
    fake = Faker(locale)
    fake.seed_instance(9)
    return pl.Series(role, [str(getattr(fake, GENERATED.get(role, role))()) for _ in range(rows)])


def learn(values: pl.Series, role: str, kind: Kind = Kind.TEXT) -> Surrogate:
    return Surrogate.learn(values, Column(name=values.name, kind=kind, role=role))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_pure_in_rows_and_survives_json(role: str) -> None:
    values = source(role)
    surrogate = learn(values, role)
    generated = surrogate.make(0, 300, Seed(2))
    assert generated.dtype == pl.String
    assert (generated.name, generated.null_count()) == (role, 0)
    assert pl.concat([surrogate.make(0, 91, Seed(2)), surrogate.make(91, 209, Seed(2))]).equals(
        generated
    )
    state = json.loads(json.dumps(surrogate.to_state(), sort_keys=True))
    assert Surrogate.from_state(state).make(0, 300, Seed(2)).equals(generated)
    assert not surrogate.make(0, 300, Seed(3)).equals(generated)


@pytest.mark.parametrize(
    "role", ["name", "email", "username", "address", "url", "iban", "credit_card", "phone", "ip"]
)
def test_what_is_unique_stays_unique(role: str) -> None:
    values = source(role, rows=600).unique(maintain_order=True)
    generated = learn(values, role).make(0, 5000, Seed(1))
    assert generated.n_unique() == 5000


def test_what_repeats_repeats() -> None:
    values = pl.Series("email", source("email", rows=100).to_list() * 10)
    generated = learn(values, "email").make(0, 1000, Seed(1))
    assert generated.n_unique() <= 100
    assert not set(generated.to_list()) & set(values.to_list())


def test_keys_that_are_personal_are_unique() -> None:
    values = pl.Series("email", source("email", rows=100).to_list() * 3)
    assert learn(values, "email", Kind.KEY).make(0, 1000, Seed(1)).n_unique() == 1000
    # A town cannot tell everybody apart: as a key it is made by pattern.
    towns = learn(source("city").unique(maintain_order=True), "city", Kind.KEY)
    assert towns.make(0, 3000, Seed(1)).n_unique() == 3000


def test_mail_reaches_nobody() -> None:
    for mail in learn(source("email", "sv_SE"), "email").make(0, 500, Seed(1)).to_list():
        assert mail.isascii()
        assert mail.partition("@")[2] in DOMAINS


def test_numbers_have_right_check_digits_and_belong_to_nobody() -> None:
    cards = learn(source("credit_card"), "credit_card").make(0, 500, Seed(1)).to_list()
    assert all(is_luhn(card) for card in cards)
    accounts = learn(source("iban", "de_DE"), "iban").make(0, 500, Seed(1)).to_list()
    assert all(is_iban(account) and account.startswith("DE") for account in accounts)
    social = learn(source("ssn"), "ssn").make(0, 500, Seed(1)).to_list()
    assert all(re.fullmatch(r"9\d\d-\d\d-\d{4}", number) for number in social)
    hosts = learn(source("ip"), "ip").make(0, 500, Seed(1)).to_list()
    assert all(ipaddress.ip_address(host).is_private for host in hosts)


@pytest.mark.parametrize(
    ("role", "values", "pattern"),
    [
        ("phone", [f"+46 70 {n:03d} {n * 7 % 100:02d} {n * 3 % 100:02d}" for n in range(200)],
         r"\+46 70 \d{3} \d\d \d\d"),
        ("postcode", [f"{chr(65 + n % 26)}{n % 10}{chr(65 + n % 20)} {n % 9}{chr(65 + n % 7)}1"
                      for n in range(200)], r"[A-Z]\d[A-Z] \d[A-Z]1"),
        ("name", [f"Lund{n % 7}, Ana {n}" for n in range(100)], r"[^,]+, .+"),
        ("name", [f"ANA{n} LUND" for n in range(100)], r"[^a-z]+"),
        ("street", [f"Storgatan {n}" for n in range(100)], r"\D+ \d+"),
        ("street", [f"{n} Main Street" for n in range(100)], r"\d+ \D+"),
        ("address", [f"{n} High Street\nBath {n % 9}" for n in range(100)], r"[^\n]+\n[^\n]+"),
        ("username", [f"ana_lund{n}" for n in range(100)], r"[a-z]+_[a-z]+"),
        ("url", [f"https://www.firm{n}.com" for n in range(100)], r"https://www\.[a-z.-]+"),
    ],
)  # fmt: skip
def test_the_way_of_writing_is_kept(role: str, values: list[str], pattern: str) -> None:
    generated = learn(pl.Series(role, values), role).make(0, 200, Seed(1)).to_list()
    assert [text for text in generated if not re.fullmatch(pattern, text)] == []


def test_numbers_stay_numbers() -> None:
    phones = pl.Series("phone", [6_175_550_100 + 7919 * n for n in range(300)])
    generated = learn(phones, "phone").make(0, 300, Seed(1))
    assert generated.dtype == pl.Int64
    assert set(generated.cast(pl.String).str.len_chars()) == {10}


def group_frame(locale: str = "de_DE") -> tuple[pl.DataFrame, list[Column]]:
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(1)
    rows = [(fake.first_name(), fake.last_name()) for _ in range(500)]
    frame = pl.DataFrame(
        {
            "id": range(500),
            "first": [a for a, _ in rows],
            "last": [b for _, b in rows],
            "full": [f"{a} {b}" for a, b in rows],
            "mail": [f"{slugs((a, b))[0]}{n}@firma.de" for n, (a, b) in enumerate(rows)],
            "town": [fake.city() for _ in rows],
            "home": [fake.address() for _ in rows],
            "note": [fake.sentence() for _ in rows],
        }
    )
    roles = {"first": "first_name", "last": "last_name", "full": "name", "mail": "email",
             "town": "city", "home": "address"}  # fmt: skip
    columns = [
        Column(name=n, kind=Kind.KEY if n == "id" else Kind.TEXT, role=roles.get(n, ""))
        for n in frame.columns
    ]
    return frame, columns


def test_the_person_of_a_row_is_the_same_in_all_columns() -> None:
    frame, columns = group_frame()
    group = SurrogateGroup.learn(frame, columns)
    generated = group.make(0, 3000, Seed(8))
    assert generated.schema == frame.schema
    assert generated["mail"].n_unique() == 3000
    people = next(
        s.maker for c in group.clusters for s in c.surrogates if isinstance(s.maker, People)
    )
    assert people.locale == "de_DE"
    for first, last, full, town, home in generated.select(
        "first", "last", "full", "town", "home"
    ).iter_rows():
        assert full == f"{first} {last}"
        assert home.endswith(town)
    slug = dict(zip(people.pools["first_name"], people.first_slugs, strict=True))
    for first, mail in generated.select("first", "mail").iter_rows():
        assert re.fullmatch(slug[first] + r"\d*@example\.(com|org|net)", mail)  # as in the source


def test_a_group_is_pure_in_rows_and_survives_json() -> None:
    group = SurrogateGroup.learn(*group_frame())
    generated = group.make(0, 200, Seed(8))
    assert pl.concat([group.make(0, 77, Seed(8)), group.make(77, 123, Seed(8))]).equals(generated)
    read = SurrogateGroup.from_state(json.loads(json.dumps(group.to_state(), sort_keys=True)))
    assert read.make(0, 200, Seed(8)).equals(generated)


def test_a_group_without_persons_and_an_unknown_locale() -> None:
    frame, columns = group_frame()
    group = SurrogateGroup.learn(frame.select("id", "note"), [columns[0], columns[-1]])
    assert group.make(0, 5, Seed(0))["id"].to_list() == [0, 1, 2, 3, 4]
    with pytest.raises(DataError, match="no locale 'xx_XX'"):
        pool("xx_XX", "city")


def test_customers_of_a_shop() -> None:
    frame = pl.read_csv(path("chinook/Customer"))
    roles = {"FirstName": "first_name", "LastName": "last_name", "Company": "company",
             "Address": "address", "City": "city", "Phone": "phone", "Email": "email"}  # fmt: skip
    columns = [Column(name=name, kind=Kind.TEXT, role=role) for name, role in roles.items()]
    columns.insert(0, Column(name="CustomerId", kind=Kind.KEY))
    generated = SurrogateGroup.learn(frame, columns).make(0, 500, Seed(0))
    for name in ("Address", "Phone", "Email"):
        assert not set(generated[name].to_list()) & set(frame[name].drop_nulls().to_list())
    assert generated["Email"].n_unique() == 500


def test_keys_of_entities_beside_each_other_describe_one_person() -> None:
    frame, _ = group_frame("sv_SE")
    people = frame.select("first", "full", "mail").unique("first").unique("full").unique("mail")
    roles = {"first": "first_name", "full": "name", "mail": "email"}
    columns = [Column(name=n, kind=Kind.KEY, role=r) for n, r in roles.items()]
    made = SurrogateGroup.learn(people, columns).make(0, 400, Seed(1))
    # Some first names are two words.
    assert made.select(pl.col("full").str.starts_with(pl.col("first") + " ").all()).item()
    assert made["mail"].n_unique() == made["full"].n_unique() == 400
