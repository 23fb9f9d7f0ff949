"""Companies and their documents: tax numbers, names and numbers of invoices are made anew, together."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar
from artesian.data.inference.national_ids import SCHEMES
from artesian.surrogates.national_ids import NationalIds


def invoices(
    locale: str, scheme: str, names: list[str], document: str, companies: int = 45
) -> pl.DataFrame:
    """Lines of invoices; each invoice has one date and one buyer, each buyer one number and town."""
    fake, rng = Faker(locale), np.random.default_rng(6)
    fake.seed_instance(6)
    ids = NationalIds(scheme=SCHEMES[scheme], mask="x" * SCHEMES[scheme].length)
    tax = ids.make(np.arange(companies, dtype=np.uint64), 991)
    buyers = [
        (fake.unique.company(), number, fake.city() if n % 3 else "Centro")
        for n, number in enumerate(tax)
    ]
    rows = []
    for k in range(240):
        buyer = buyers[int(rng.integers(companies))]
        day = np.datetime64("2023-01-01") + int(rng.integers(500))
        number = document.format(year=str(day)[:4], month=str(day)[5:7], k=k + 1)
        for line in range(int(rng.integers(1, 6))):
            rows.append((number, line + 1, str(day), *buyer, round(float(rng.gamma(2, 30)), 2)))
    return pl.DataFrame(rows, names, orient="row")


CASES = [
    ("pl_PL", "pl_nip", ["nr_faktury", "lp", "data", "nabywca", "nip", "miasto", "netto"],
     "FV/{year}/{month}/{k:04d}", r"FV/202[2-5]/\d\d/\d{4}"),
    ("de_DE", "de_ust", ["Beleg", "Pos", "Datum", "Kunde", "USt-IdNr", "Ort", "Betrag"],
     "R{year}-{k:05d}", r"R202[2-5]-\d{5}"),
    ("fr_FR", "fr_siret", ["facture", "ligne", "date", "raison_sociale", "siret", "ville", "ht"],
     "{k:06d}F", r"\d{6}F"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "scheme", "names", "document", "form"), CASES)
def test_invoices_of_companies(
    locale: str, scheme: str, names: list[str], document: str, form: str
) -> None:
    real = invoices(locale, scheme, names, document)
    made = ar.synth(real, method="trees", seed=1, metrics=["identifier_copied"]).data
    number, line, date, company, tax, town, _ = names
    assert not set(made[tax]) & set(real[tax])
    assert not set(made[company]) & set(real[company])
    assert all(SCHEMES[scheme].is_valid(each) for each in made[tax].unique())
    assert all(re.search(r"[a-zà-ž]{3}", each) for each in made[company].unique())
    pairs = made.select(tax, company).unique()
    assert pairs[tax].is_unique().all()
    assert pairs[company].is_unique().all()
    assert made.group_by(tax).agg(pl.col(town).n_unique())[town].max() == 1
    assert pairs.height == pytest.approx(real[tax].n_unique(), rel=0.25)
    assert all(re.fullmatch(form, each) for each in made[number].unique())
    within = made.group_by(number, maintain_order=True).agg(
        pl.col(date, tax).n_unique(), pl.col(line)
    )
    assert within[date].max() == within[tax].max() == 1
    assert all(lines == list(range(1, len(lines) + 1)) for lines in within[line].to_list())
    assert within[line].list.len().max() <= 5
    assert within.height == pytest.approx(real[number].n_unique(), rel=0.1)


def test_codes_of_many_rows_stay_categories() -> None:
    rng = np.random.default_rng(2)
    real = pl.DataFrame(
        {
            "pociag": [f"IC {100 + n // 6}" for n in range(360)],
            "nr": [n % 6 + 1 for n in range(360)],
            "late": rng.integers(0, 20, 360),
        }
    )
    table = ar.read(real)
    assert table.schema["pociag"].kind.value == "category"
