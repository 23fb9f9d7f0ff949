"""Codes whose form follows a category, and codes with letters and check digits of their own."""

from __future__ import annotations

import re
import string
from pathlib import Path

import numpy as np
import polars as pl

import artesian as ar
from artesian.data.inference.check_digits import is_luhn, luhn_digit


def digits(rng: np.random.Generator, number: int) -> str:
    return "".join(rng.choice(list(string.digits), number))


PARCELS = {"DHL": r"0034\d{16}", "Hermes": r"H\d{13}", "DPD": r"01\d{12}[A-H]"}
PHONES = {"France": r"\+33 6 \d{8}", "Deutschland": r"\+49 17\d \d{7}", "Italia": r"\+39 3\d{9}"}


def parcels(rows: int = 900) -> pl.DataFrame:
    rng = np.random.default_rng(4)
    carrier = rng.choice([*PARCELS], rows)
    codes = {
        "DHL": lambda: "0034" + digits(rng, 16),
        "Hermes": lambda: "H" + digits(rng, 13),
        "DPD": lambda: "01" + digits(rng, 12) + str(rng.choice(list("ABCDEFGH"))),
    }
    sent = rng.random(rows) < 0.9
    return pl.DataFrame(
        {
            "carrier": [c if s else None for c, s in zip(carrier, sent, strict=True)],
            "tracking": [codes[c]() if s else None for c, s in zip(carrier, sent, strict=True)],
            "weight": rng.lognormal(0, 1, rows).round(2),
        }
    )


def phones(rows: int = 600) -> pl.DataFrame:
    rng = np.random.default_rng(5)
    country = rng.choice([*PHONES], rows)
    codes = {
        "France": lambda: "+33 6 " + digits(rng, 8),
        "Deutschland": lambda: f"+49 17{rng.integers(10)} " + digits(rng, 7),
        "Italia": lambda: "+39 3" + digits(rng, 9),
    }
    return pl.DataFrame(
        {
            "Land": country,
            "Telefon": [codes[c]() for c in country],
            "Umsatz": rng.lognormal(3, 1, rows).round(2),
        }
    )


def right(rows: pl.DataFrame, category: str, code: str, forms: dict[str, str]) -> float:
    pairs = rows.select(category, code).drop_nulls().iter_rows()
    return float(np.mean([re.fullmatch(forms[one], text) is not None for one, text in pairs]))


def test_parcels_have_the_numbers_of_their_carrier() -> None:
    real = parcels()
    made = ar.synth(real, metrics=()).data
    assert right(made, "carrier", "tracking", PARCELS) > 0.98
    assert not set(made["tracking"].drop_nulls()) & set(real["tracking"].drop_nulls())
    assert not made["tracking"].drop_nulls().is_duplicated().any()


def test_telephones_have_the_prefix_of_their_country() -> None:
    made = ar.synth(phones(), metrics=()).data
    assert right(made, "Land", "Telefon", PHONES) > 0.98


def test_a_saved_model_keeps_the_forms(tmp_path: Path) -> None:
    result = ar.synth(parcels(), metrics=(), out=tmp_path / "out", keep_model=True)
    again = ar.load(tmp_path / "out" / "model").sample(300)
    assert again["tracking"].equals(result.model.sample(300)["tracking"])


def test_forms_that_do_not_follow_a_category_do_not_become_its() -> None:
    real = parcels().with_columns(pl.col("carrier").shuffle(seed=2))
    made = ar.synth(real, metrics=()).data
    assert 0.15 < right(made, "carrier", "tracking", PARCELS) < 0.6


def test_hexadecimal_codes_have_no_letters_of_their_prefix() -> None:
    rng = np.random.default_rng(6)
    hexadecimal = ["acct_" + "".join(rng.choice(list("0123456789abcdef"), 12)) for _ in range(500)]
    letters = list(string.ascii_uppercase + string.digits)
    events = ["evt_" + "".join(rng.choice(letters, 16)) for _ in range(500)]
    real = pl.DataFrame({"account": hexadecimal, "event_id": events, "n": rng.integers(0, 99, 500)})
    made = ar.synth(real, metrics=()).data
    assert made["account"].str.contains("^acct_[0-9a-f]{12}$").all()
    assert made["event_id"].str.contains("^evt_[0-9A-Z]{16}$").all()


def test_numbers_of_fuel_cards_keep_their_check_digit() -> None:
    rng = np.random.default_rng(7)
    cards = []
    for _ in range(40):
        body = "7" + digits(rng, 14)
        cards.append(body + luhn_digit(body))
    real = pl.DataFrame(
        {"Tarjeta": rng.choice(cards, 600), "litros": rng.normal(40, 8, 600).round(2)}
    )
    made = ar.synth(real, metrics=()).data
    assert all(map(is_luhn, made["Tarjeta"]))
    assert not set(made["Tarjeta"]) & set(cards)


def test_objects_in_json_are_never_replaced_by_a_word() -> None:
    rng = np.random.default_rng(8)
    rows = 800
    items = np.minimum(1 + rng.geometric(0.5, rows), 9)
    real = pl.DataFrame(
        {
            "context": [f'{{"utm": "{rng.choice(["news", "web"])}", "items": {n}}}' for n in items],
            "items": items,
        }
    )
    made = ar.synth(real, metrics=()).data
    read = made["context"].str.json_decode(pl.Struct({"utm": pl.String, "items": pl.Int64}))
    assert (read.struct.field("items") == made["items"]).all()
