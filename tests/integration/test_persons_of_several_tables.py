"""The same persons in tables that no foreign key connects: one stand-in in all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from faker import Faker

import artesian as ar
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey

PEOPLE = 240


def hospital(*, strangers: bool = False) -> dict[str, pl.DataFrame]:
    """Wards with a head, who is one of their nurses; a call list of nurses, or of others."""
    rng, faker = np.random.default_rng(4), Faker("fr_FR")
    faker.seed_instance(4)
    names = [f"{faker.first_name()} {faker.last_name()}" for _ in range(2 * PEOPLE)]
    phones = [faker.numerify("+33 6 ## ## ## ##") for _ in range(2 * PEOPLE)]
    wards = rng.permutation(np.repeat(np.arange(1, 31), PEOPLE // 30))
    nurses = pl.DataFrame(
        {
            "infirmier_id": range(1, PEOPLE + 1),
            "service_id": wards,
            "nom": names[:PEOPLE],
            "telephone": phones[:PEOPLE],
            "matricule": [f"K{7919 * k % 99_991:05}" for k in range(1, PEOPLE + 1)],
            "salaire": rng.normal(2_400, 300, PEOPLE).round(2),
        }
    )
    heads = nurses.group_by("service_id", maintain_order=True).first().sort("service_id")
    place = rng.integers(0, PEOPLE, 900) + (PEOPLE if strangers else 0)
    return {
        "service": pl.DataFrame(
            {
                "service_id": heads["service_id"],
                "lits": rng.integers(8, 40, 30),
                "responsable": heads["nom"],
            }
        ),
        "infirmier": nurses,
        "appel": pl.DataFrame(
            {
                "appel_id": range(1, 901),
                "appelant": [names[k] for k in place],
                "numero": [phones[k] for k in place],
                "duree": rng.gamma(2, 60, 900).round(),
            }
        ),
    }


def dataset(tables: dict[str, pl.DataFrame]) -> Dataset:
    read = ar.read_dataset(tables)
    key = ForeignKey("infirmier", ("service_id",), "service", ("service_id",))
    return Dataset(read.tables, (key,), read.origin)


def test_persons_have_one_stand_in_in_all_tables(tmp_path: Path) -> None:
    real = hospital()
    fitted = ar.RelationalTrees(rounds=0).fit(dataset(real))
    ar.save(fitted, tmp_path / "model")
    for model in (fitted, ar.load(tmp_path / "model")):
        made = dict(model.sample(run=Run.from_seed(3)).items())
        nurse, call, ward = made["infirmier"], made["appel"], made["service"]
        pairs = set(nurse.select("nom", "telephone").iter_rows())
        assert set(call.select("appelant", "numero").iter_rows()) <= pairs
        assert call["appelant"].n_unique() > 0.5 * PEOPLE
        heads = ward.join(nurse, on="service_id")
        own = heads.group_by("service_id").agg((pl.col("nom") == pl.col("responsable")).any())
        assert own["nom"].all()
        assert not set(nurse["telephone"]) & set(real["infirmier"]["telephone"])


def test_codes_that_another_table_has_are_repeated() -> None:
    real = hospital()
    codes = real["infirmier"]["matricule"].sample(900, with_replacement=True, seed=1)
    real["appel"] = real["appel"].select("appel_id", "duree", badge=codes)
    made = dict(ar.RelationalTrees(rounds=0).fit(dataset(real)).sample().items())
    assert set(made["appel"]["badge"]) <= set(made["infirmier"]["matricule"])


def test_towns_of_a_list_remain_as_frequent() -> None:
    rng = np.random.default_rng(6)
    towns = [
        f"{a}{b}"
        for a in ("Neu", "Alt", "Ober", "Unter")
        for b in ("dorf", "stadt", "au", "bach", "berg", "feld")
    ]
    weights = rng.dirichlet(np.full(24, 0.4)) * 0.7 + 0.3 / 24
    real = {
        "ort": pl.DataFrame({"name": towns, "einwohner": rng.integers(900, 90_000, 24)}),
        "kunde": pl.DataFrame(
            {
                "kunde_id": range(800),
                "ort": rng.choice(towns, 800, p=weights),
                "alter": rng.integers(18, 90, 800),
            }
        ),
        "auftrag": pl.DataFrame({"auftrag_id": range(900), "kunde_id": rng.integers(0, 800, 900)}),
    }
    read = ar.read_dataset(real)
    key = ForeignKey("auftrag", ("kunde_id",), "kunde", ("kunde_id",))
    data = Dataset(read.tables, (key,), read.origin)
    made = dict(ar.RelationalTrees(rounds=0, keep=("ort",)).fit(data).sample().items())
    counts = (
        t["kunde"]["ort"].value_counts().rename({"count": k})
        for k, t in (("real", real), ("new", made))
    )
    one, two = counts
    both = one.join(two, on="ort", how="left").fill_null(0)
    assert (both["real"] - both["new"]).abs().sum() < 0.25 * 800


def test_other_persons_are_repeated_nowhere() -> None:
    found = ar.RelationalTrees(rounds=0).fit(dataset(hospital(strangers=True))).facts()
    assert not [one for one in found["relations"] if one.startswith("appel.")]


def test_small_numbers_are_of_no_other_table() -> None:
    real = hospital()
    # Durations are numbers that identifiers have as well, as they have all numbers.
    durations = np.random.default_rng(1).integers(1, 200, 900)
    real["appel"] = real["appel"].select("appel_id", duree=pl.Series(durations))
    found = ar.RelationalTrees(rounds=0).fit(dataset(real)).facts()["relations"]
    assert not [one for one in found if one.startswith("appel.")]


def club() -> dict[str, pl.DataFrame]:
    """Mitglieder, their bookings with an address, and a newsletter with name and address."""
    rng, faker = np.random.default_rng(9), Faker("de_DE")
    faker.seed_instance(9)
    first = [faker.first_name() for _ in range(PEOPLE)]
    last = [faker.last_name() for _ in range(PEOPLE)]
    mails = [f"{_plain(a)[:1]}.{_plain(b)}@verein.de" for a, b in zip(first, last, strict=True)]
    booked, read = rng.integers(0, PEOPLE, 700), rng.permutation(PEOPLE)[:150]
    return {
        "mitglied": pl.DataFrame(
            {
                "mitglied_id": range(500, 500 + PEOPLE),
                "vorname": first,
                "nachname": last,
                "name": [f"{a} {b}" for a, b in zip(first, last, strict=True)],
                "beitrag": rng.normal(80, 9, PEOPLE).round(2),
            }
        ),
        "buchung": pl.DataFrame(
            {
                "buchung_id": range(700),
                "mitglied_id": booked + 500,
                "email": [mails[k] for k in booked],
                "platz": rng.integers(1, 8, 700),
            }
        ),
        "newsletter": pl.DataFrame(
            {
                "nummer": range(150),
                "name": [f"{first[k]} {last[k]}" for k in read],
                "email": [mails[k] for k in read],
            }
        ),
    }


def _plain(name: str) -> str:
    folded = name.lower().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}))
    return "".join(c for c in folded if "a" <= c <= "z")


def _made(frame: pl.DataFrame) -> float:
    rows = frame.select("vorname", "nachname", "email").iter_rows()
    fits = [mail.startswith(f"{_plain(a)[:1]}.{_plain(b)}") for a, b, mail in rows]
    return sum(fits) / len(fits)


def test_an_address_has_the_name_of_the_person_in_another_table(tmp_path: Path) -> None:
    real = club()
    read = ar.read_dataset(real)
    key = ForeignKey("buchung", ("mitglied_id",), "mitglied", ("mitglied_id",))
    data = Dataset(read.tables, (key,), read.origin)
    assert _made(real["buchung"].join(real["mitglied"], on="mitglied_id")) == 1
    fitted = ar.RelationalTrees(rounds=0).fit(data)
    ar.save(fitted, tmp_path / "model")
    made = dict(ar.load(tmp_path / "model").sample(run=Run.from_seed(2)).items())
    both = made["buchung"].join(made["mitglied"], on="mitglied_id")
    assert both.height == made["buchung"].height
    assert _made(both) >= 0.995
    assert set(made["newsletter"]["name"]) <= set(made["mitglied"]["name"])
    assert not set(made["buchung"]["email"]) & set(real["buchung"]["email"])
    readers = made["newsletter"].join(made["mitglied"], on="name")
    # Which word of several is the surname of a full name is not known.
    readers = readers.filter(~pl.col("nachname").str.contains(" "))
    assert _made(readers) == 1
    # One person has one address in both tables.
    addresses = made["newsletter"].join(made["buchung"], on="email").height
    assert addresses > 0.5 * made["newsletter"].height
