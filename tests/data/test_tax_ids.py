"""Tax numbers of companies: recognised by check digits, and generated with valid ones."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Seed
from artesian.data.inference.national_ids import SCHEMES, scheme_of
from artesian.data.inference.roles import role_of
from artesian.data.schema import Column, Kind
from artesian.surrogates.columns import Surrogate
from artesian.surrogates.national_ids import NationalIds

# Numbers that registers and companies publish, or that the descriptions of the schemes give.
PUBLISHED = {
    "pl_nip": ["5260001246", "PL 526-000-12-46", "5252248481"],
    "pl_regon": ["123456785"],
    "de_ust": ["DE136695976", "DE 129273398", "811569869"],
    "at_uid": ["ATU13585627"],
    "fr_siren": ["732829320", "552 081 317"],
    "fr_siret": ["73282932000074"],
    "fr_tva": ["FR40303265045", "FR 83404833048"],
    "it_piva": ["IT00743110157", "07643520567"],
    "es_cif": ["A58818501", "ESB58378431"],
    "nl_btw": ["NL004495445B01", "NL 004495445 B01"],
    "be_vat": ["BE0776091951", "BE 0428.759.497"],
    "ch_uid": ["CHE-100.155.212"],
    "no_orgnr": ["988 077 917", "923609016"],
    "se_orgnr": ["556036-0793", "5560747551"],
    "dk_cvr": ["DK13585628", "24256790"],
    "fi_ytunnus": ["FI20774740", "0112038-9"],
    "pt_nif": ["501964843", "PT 501442600"],
    "br_cnpj": ["11.222.333/0001-81"],
    "gb_vat": ["GB980780684"],
    "cz_ico": ["25123891"],
    "au_abn": ["51 824 753 556"],
    "gr_afm": ["094259216"],
    "ru_inn": ["7707083893"],
}
TAX = [name for name, scheme in SCHEMES.items() if scheme.role == "tax_id"]


@pytest.mark.parametrize("name", TAX)
def test_published_numbers_are_valid_and_changed_ones_are_not(name: str) -> None:
    scheme = SCHEMES[name]
    for text in PUBLISHED[name]:
        assert scheme.is_valid(text), text
        digits = [at for at, c in enumerate(text) if c.isdigit()]
        changed = [text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :] for at in digits]
        assert sum(scheme.is_valid(one) for one in changed) <= 2


@pytest.mark.parametrize("name", TAX)
def test_generated_numbers_are_valid_distinct_and_recognised(name: str) -> None:
    scheme = SCHEMES[name]
    masks = {"pl_nip": "xxx-xxx-xx-xx", "de_ust": "DExxxxxxxxx", "ch_uid": "CHE-xxx.xxx.xxx"}
    made = NationalIds(scheme=scheme, mask=masks.get(name, "x" * scheme.length))
    texts = made.make(np.arange(400, dtype=np.uint64), 7)
    assert len(set(texts)) == 400
    assert all(scheme.is_valid(text) for text in texts)
    assert scheme_of(texts) is not None
    assert role_of("kolumna", texts)[0] in ("tax_id", "ssn")
    learned = Surrogate.learn(
        pl.Series("tax", texts), Column(name="tax", kind=Kind.TEXT, role="tax_id")
    ).make(0, 50, Seed(3))
    found = scheme_of(texts)
    assert found is not None
    assert all(found.is_valid(text) for text in learned)
    assert {len(text) for text in learned} == {len(texts[0])}
    assert not set(learned) & set(texts)


def test_other_numbers_are_no_tax_numbers() -> None:
    rng = random.Random(4)
    for digits in (8, 9, 10, 11, 14):
        texts = [str(rng.randrange(10 ** (digits - 1), 10**digits)) for _ in range(200)]
        assert role_of("reference", texts)[0] != "tax_id"
        assert role_of("vat", pl.Series([int(t) for t in texts]))[0] != "tax_id"
