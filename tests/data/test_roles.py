"""Roles are inferred from values first: what is recognised, in which languages, and what not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.real_tables import path

from artesian.data.inference.kinds import infer_kind
from artesian.data.inference.national_ids import SCHEMES
from artesian.data.inference.roles import locale_of, role_of
from artesian.data.schema import Kind
from artesian.surrogates.national_ids import NationalIds

ROLES = {
    "name", "first_name", "last_name", "email", "phone", "address", "street", "city", "postcode",
    "country", "company", "job", "url", "ip", "iban", "credit_card", "ssn", "username", "uuid", "",
}  # fmt: skip

HEADERS = {
    "en_US": {"name": "Full Name", "phone": "Phone", "street": "street_address", "city": "City",
              "first_name": "FirstName", "last_name": "surname", "postcode": "zip code"},
    "de_DE": {"name": "Kundenname", "phone": "Telefonnummer", "street": "Straße", "city": "Ort",
              "first_name": "Vorname", "last_name": "Nachname", "postcode": "PLZ"},
    "fr_FR": {"name": "nom complet", "phone": "téléphone", "city": "ville",
              "first_name": "Prénom", "last_name": "nom", "postcode": "code_postal"},
    "es_ES": {"name": "nombreCompleto", "phone": "teléfono", "street": "calle",
              "first_name": "nombre", "last_name": "Apellidos", "postcode": "CP"},
    "it_IT": {"name": "nome completo", "phone": "cellulare", "street": "via", "city": "città",
              "first_name": "nome", "last_name": "cognome", "postcode": "CAP"},
    "sv_SE": {"name": "namn", "phone": "telefon", "street": "gatuadress",
              "first_name": "förnamn", "last_name": "efternamn", "postcode": "postnr"},
}  # fmt: skip
GENERATED = {"phone": "phone_number", "street": "street_address"}


def generated(locale: str, method: str, rows: int = 200) -> list[str]:
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(5)
    return [str(getattr(fake, method)()) for _ in range(rows)]


@pytest.mark.parametrize(
    ("locale", "role"), [(locale, role) for locale, roles in HEADERS.items() for role in roles]
)
def test_values_with_a_name_in_the_language_of_the_table(locale: str, role: str) -> None:
    values = generated(locale, GENERATED.get(role, role))
    assert role_of(HEADERS[locale][role], values)[0] == role


@pytest.mark.parametrize("method", ["email", "iban", "url", "ipv4", "ipv6", "uuid4", "ssn"])
def test_forms_with_a_syntax_need_no_name(method: str) -> None:
    role, why = role_of("x7", generated("en_US", method))
    assert role == {"ipv4": "ip", "ipv6": "ip", "uuid4": "uuid"}.get(method, method)
    assert "%" in why


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "sv_SE", "pl_PL"])
def test_full_names_need_no_name(locale: str) -> None:
    assert role_of("x7", generated(locale, "name"))[0] == "name"


def test_cards_are_recognised_by_their_check_digits() -> None:
    cards = generated("en_US", "credit_card_number")
    assert role_of("x", cards)[0] == "credit_card"
    assert role_of("card_number", pl.Series([int(card) for card in cards]))[0] == "credit_card"
    wrong = [card[:-1] + str((int(card[-1]) + 1) % 10) for card in cards]
    assert role_of("card_number", wrong) == ("", "")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("telephone", ["A191", "A192"] * 100),
        ("phone", [f"A{n}" for n in range(200)]),
        ("email", [f"contacted {n} times" for n in range(100)]),
        ("email_verified", ["yes", "no"] * 50),
        ("address", [f"0x{n:04x}" for n in range(100)]),
        ("first_name", [str(n) for n in range(100)]),
        ("name", [f"Widget {n:03d} blue" for n in range(100)]),
        ("product_name", ["Chai", "Chang", "Aniseed Syrup", "Ikura", "Tofu", "Konbu"] * 3),
        ("city", [f"C-{n}" for n in range(100)]),
        ("zip", [f"file_{n}.zip" for n in range(100)]),
        ("version", [f"1.{n % 7}.{n % 3}.{n % 5}" for n in range(100)]),
        ("date", [f"2019-03-{n % 28 + 1:02d}" for n in range(100)]),
        ("comment", ["the driver was late again and nobody knew why"] * 100),
        ("ssn", ["yes", "no"] * 50),
    ],
)
def test_values_that_contradict_the_name_win(name: str, values: list[str]) -> None:
    assert role_of(name, values) == ("", "")


@pytest.mark.parametrize("name", ["country", "native_country", "city", "job"])
def test_few_values_that_repeat_stay_categories(name: str) -> None:
    values = generated("en_US", {"native_country": "country"}.get(name, name), 40) * 50
    assert role_of(name, values) == ("", "")


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([1.5, 2.5]),
        pl.Series([True, False]),
        pl.Series([], dtype=pl.String),
        pl.Series([None, None], dtype=pl.String),
        pl.Series([1, 2, 3]),
    ],
)
def test_other_types_have_no_role(values: pl.Series) -> None:
    assert role_of("email", values) == ("", "")


@given(st.text(max_size=20), st.lists(st.text(max_size=30), max_size=30))
def test_any_values_have_a_role_with_evidence_or_none(name: str, values: list[str]) -> None:
    role, why = role_of(name, values)
    assert role in ROLES
    assert bool(role) == bool(why)
    assert locale_of(values, role)


@pytest.mark.parametrize(
    ("role", "values", "locale"),
    [
        ("phone", ["+46 70 123 45 67", "+46 8 22 33 44"], "sv_SE"),
        ("phone", ["0049 30 1234567"], "de_DE"),
        ("phone", ["+351 21 123 4567"], "pt_PT"),
        ("phone", ["555-0100"], "en_US"),
        ("postcode", ["SW1A 1AA", "M1 1AE"], "en_GB"),
        ("postcode", ["1012 AB"], "nl_NL"),
        ("postcode", ["00-950"], "pl_PL"),
        ("postcode", ["01310-100"], "pt_BR"),
        ("postcode", ["100-0001"], "ja_JP"),
        ("email", ["karin@posten.se", "lars@telia.se"], "sv_SE"),
        ("iban", ["IT60X0542811101000000123456"], "it_IT"),
        ("street", ["Theodor-Heuss-Straße 34"], "de_DE"),
        ("street", ["1498 rue Bélanger"], "fr_FR"),
        ("company", ["Müller GmbH", "Schmidt & Co. KG"], "de_DE"),
        ("name", ["山田 太郎", "佐藤 さくら"], "ja_JP"),
        ("name", ["Иван Петров"], "ru_RU"),
        ("name", [], "en_US"),
    ],
)
def test_locales_are_inferred_from_values(role: str, values: list[str], locale: str) -> None:
    assert locale_of(values, role) == locale


@pytest.mark.parametrize(
    "locale", ["en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "sv_SE", "nl_NL", "pl_PL", "pt_BR"]
)
def test_locales_are_inferred_from_names(locale: str) -> None:
    assert locale_of(generated(locale, "name"), "name") == locale


def roles_of(name: str) -> dict[str, str]:
    frame = pl.read_csv(path(name), infer_schema_length=None, null_values=["?", ""])
    return {name: role_of(name, frame[name])[0] for name in frame.columns}


@pytest.mark.parametrize(
    "name",
    ["adult", "credit_default", "german_credit", "nycflights/flights", "nycflights/planes",
     "online_shoppers", "horse_colic", "california_housing", "penguins", "covertype_sample"],
)  # fmt: skip
def test_tables_without_persons_have_no_roles(name: str) -> None:
    assert set(roles_of(name).values()) == {""}


def test_customers_of_many_countries() -> None:
    assert roles_of("chinook/Customer") == {
        "CustomerId": "", "FirstName": "first_name", "LastName": "last_name", "Company": "company",
        "Address": "address", "City": "city", "State": "", "Country": "", "PostalCode": "postcode",
        "Phone": "phone", "Fax": "phone", "Email": "email", "SupportRepId": "",
    }  # fmt: skip
    customers = pl.read_csv(path("chinook/Customer"))
    full_names = customers["FirstName"] + " " + customers["LastName"]
    assert role_of("contactName", full_names)[0] == "name"
    assert role_of("forename", customers["FirstName"])[0] == "first_name"
    assert role_of("surname", customers["LastName"])[0] == "last_name"
    assert role_of("companyName", customers["Company"])[0] == "company"


@pytest.mark.parametrize(
    ("name", "column"),
    [("chinook/Track", "Name"), ("chinook/Artist", "Name"), ("chinook/Album", "Title"),
     ("chinook/Genre", "Name"), ("chinook/Playlist", "Name"), ("nycflights/airports", "name"),
     ("nycflights/planes", "model")],
)  # fmt: skip
def test_names_of_things_are_not_names_of_persons(name: str, column: str) -> None:
    assert roles_of(name)[column] == ""


FEW = {
    "email": ["ana@firma.de", "bo@firma.de", "cy@web.de"],
    "iban": ["DE62387900934324283449", "DE39034176848787065247"],
    "ssn": ["886-14-4639", "124-65-8225", "823-97-8336"],
    "ip": ["96.232.115.126", "66.152.214.168"],
    "mac": ["3c:22:fb:9a:01:7e", "a4:83:e7:11:0f:c2"],
    "uuid": ["6f1ed002-ab59-4a1c-9f3b-1c2d3e4f5a6b", "0b8f8c1e-5d3f-4e1b-8f5e-2a7c9d0e1f2a"],
    "credit_card": ["4956680991098018", "4169338861368291", "4302895446687139",
                    "4708706495299843", "4853359150709228"],
    "name": ["Anna Schmidt", "Peter Müller", "Karin Weber"],
}  # fmt: skip


@pytest.mark.parametrize("role", FEW)
def test_a_few_identifiers_that_repeat_often_are_recognised_by_their_values(role: str) -> None:
    assert role_of("x7", FEW[role] * 100)[0] == role
    assert role_of("x7", [*FEW[role] * 100, *["unknown"] * 200])[0] in ("", role)


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("Kennzeichen", ["B-AB 1234", "HH-XY 77", "M-CD 901"], "licence_plate"),
        ("license_plate", ["7ABC123", "8XYZ901"], "licence_plate"),
        ("vehicle", ["MH 12 AB 1234", "DL 3 CQ 9876", "KA 05 MX 4321", "TN 22 B 1111", "GJ 01 ZZ 9"
                     "999"], "licence_plate"),
        ("imei", ["490154203237518", "356938035643809"], "device_id"),
        ("device_id", ["9f86d081884c7d65", "1b4f0e9851971998"], "device_id"),
        ("Kontonummer", ["0532013000", "0648489890"], "account_number"),
        ("vorname", ["Anna", "Peter", "Karin"], "first_name"),
        ("address", ["12 High Street, Bath", "3 Mill Lane, York"], "address"),
        ("氏名", ["山田太郎", "佐藤花子", "鈴木一郎"], "name"),
        ("電話番号", ["090-1234-5678", "03-1234-5678"], "phone"),
        ("Mobile No", ["9876543210", "9123456780"], "phone"),
        ("email id", ["ravi@example.in", "priya@example.in"], "email"),
    ],
)  # fmt: skip
def test_a_few_identifiers_that_repeat_often_are_recognised_with_their_name(
    header: str, values: list[str], role: str
) -> None:
    assert role_of(header, values * 60)[0] == role


@pytest.mark.parametrize(
    ("name", "numbers", "role"),
    [
        ("kundenkarte", [4956680991098018, 4169338861368291, 4302895446687139, 4708706495299843,
                         4853359150709228], "credit_card"),
        ("telefon", [491701234567, 491629876543, 493012345678], "phone"),
        ("mobile_number", [9876543210, 9123456780, 8800112233], "phone"),
        ("cpf", [18724467014, 8470472968], "ssn"),
        ("imei", [490154203237518, 356938035643809], "device_id"),
        ("kontonummer", [532013000, 648489890], "account_number"),
        ("cell_count", [12_345_678, 9_876_543, 1_234_567], ""),
        ("revenue", [12_345_678, 9_876_543, 1_234_567], ""),
        ("timestamp", [1_700_000_000_000 + 86_400_000 * n for n in range(50)], ""),
        ("phone", [1, 2, 3], ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [pl.Int64, pl.Float64])
def test_numbers_are_identifiers_too(
    name: str, numbers: list[int], role: str, dtype: type[pl.DataType]
) -> None:
    assert role_of(name, pl.Series(numbers * 30, dtype=dtype))[0] == role


@pytest.mark.parametrize(
    ("locale", "method", "scheme"),
    [("sv_SE", "ssn", "Swedish"), ("fi_FI", "ssn", "Finnish"), ("no_NO", "ssn", "Norwegian"),
     ("pl_PL", "pesel", "PESEL"), ("zh_CN", "ssn", "Chinese"), ("fr_FR", "ssn", "French"),
     ("it_IT", "ssn", "Italian"), ("de_CH", "ssn", "Swiss"), ("pt_BR", "cpf", "CPF"),
     ("nl_NL", "ssn", "Dutch"), ("en_CA", "ssn", "Canadian"), ("nl_BE", "ssn", "Belgian")],
)  # fmt: skip
def test_national_identity_numbers_are_recognised_by_their_check_digits(
    locale: str, method: str, scheme: str
) -> None:
    role, why = role_of("x7", generated(locale, method, 40))
    assert role == "ssn"
    assert scheme in why


def test_numbers_with_a_birth_date_inside_are_national_identity_numbers() -> None:
    german, danish = SCHEMES["de_vsnr"], SCHEMES["dk_cpr"]
    assert german.is_valid("15 070649 C 103")  # the example of the pension insurance
    assert not german.is_valid("15 070649 C 104")
    numbers = NationalIds.learn(["15 070649 C 103"], german).make(np.arange(60, dtype=np.uint64), 1)
    role, why = role_of("x7", numbers)
    assert role == "ssn"
    assert german.title in why
    numbers = NationalIds.learn(["010190-1234"], danish).make(np.arange(60, dtype=np.uint64), 1)
    assert danish.title in role_of("cpr", numbers)[1]
    assert role_of("batch", numbers)[0] == "", "a day and a running number may be anything"


@pytest.mark.parametrize(
    ("name", "role"), [("x7", ""), ("konto", "account_number"), ("acc_no", "account_number")]
)
def test_numbers_with_leading_zeros_are_not_dialled(name: str, role: str) -> None:
    numbers = [f"00{12_340_123 + 7919 * n}" for n in range(80)]
    assert role_of(name, numbers)[0] == role
    assert (
        role_of("x7", [f"00{44 + n % 3} 20 {n * 7919 + 1_000_000}" for n in range(80)])[0]
        == "phone"
    )


@pytest.mark.parametrize("name", ["user_id", "username", "customer_id", "owner", "login"])
@pytest.mark.parametrize("form", ["U{:05d}", "{:04d}", "C-{:d}"])
def test_codes_are_no_persons_whatever_the_column_is_called(name: str, form: str) -> None:
    assert role_of(name, [form.format(n * 7 + 100) for n in range(300)]) == ("", "")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("colour", ["White", "Black", "Brown", "Green", "Gray"]),
        ("race", ["White", "Black", "Other"]),
        ("town", ["Lincoln", "Jackson", "Madison"]),
        ("species", ["Adelie", "Gentoo", "Chinstrap"]),
        ("product_name", ["Jack Daniels", "Jim Beam", "Johnnie Walker"]),
        ("postcode", ["SW1A 1AA", "M1 1AE"]),
        ("page", ["https://example.com/a", "https://example.com/b"]),
        ("version", ["1.10.2", "1.11.0"]),
        ("gene", ["BRCA1", "TP53", "EGFR"]),
        ("flight", ["BA2490", "LH441"]),
    ],
)
def test_a_few_words_that_repeat_stay_categories(name: str, values: list[str]) -> None:
    series = pl.Series(name, values * 100)
    assert infer_kind(series).kind is Kind.CATEGORY
