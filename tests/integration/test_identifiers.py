"""Direct identifiers never leave: made anew however few, however stored, the same for one person."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from faker import Faker

import artesian as ar
from artesian.data.inference.check_digits import is_iban, is_luhn
from artesian.data.inference.national_ids import SCHEMES
from artesian.data.inference.word_lists import fold

CASE = Path(__file__).parents[1] / "data_sets" / "cases" / "B18_few_persons_many_rows.csv"
PERSON = ["customer_email", "customer_name", "iban", "phone", "ip", "card", "ssn"]
OPTIONS: dict[str, Any] = {"method": "trees", "seed": 1, "metrics": ["identifier_copied"]}


def synthesized(source: Any, **options: Any) -> tuple[ar.Synthesis, pl.DataFrame]:
    result = ar.synth(source, **OPTIONS, **options)
    data = result.data
    return result, data if isinstance(data, pl.DataFrame) else pl.from_pandas(data)


def assert_no_value_left(real: pl.DataFrame, made: pl.DataFrame, columns: list[str]) -> None:
    for name in columns:
        one, two = (set(f[name].drop_nulls().cast(pl.String).to_list()) for f in (real, made))
        assert not one & two, name


def assert_one_stand_in_each(made: pl.DataFrame, columns: list[str]) -> None:
    """All columns of a person go together, in both directions."""
    first, *others = columns
    for name in others:
        pairs = made.select(first, name).drop_nulls().unique()
        assert pairs[first].is_unique().all(), name
        assert pairs[name].is_unique().all(), name


def assert_as_many_rows_each(real: pl.DataFrame, made: pl.DataFrame, column: str) -> None:
    """The distribution of rows per person is that of the source."""
    one, two = (
        np.sort(f[column].drop_nulls().value_counts()["count"].to_numpy()) for f in (real, made)
    )
    assert abs(len(one) - len(two)) <= max(2, 0.15 * len(one))
    assert abs(one.mean() - two.mean()) <= 0.15 * one.mean()
    ends = np.quantile(one, [0.1, 0.5, 0.9]) - np.quantile(two, [0.1, 0.5, 0.9])
    assert (np.abs(ends) <= np.maximum(1.5, 0.25 * np.quantile(one, [0.1, 0.5, 0.9]))).all()


def written(frame: pl.DataFrame, form: str, folder: Path) -> Any:
    """The frame as a file of a format, or as an object in memory."""
    path = folder / f"people.{form}"
    if form == "csv":
        frame.write_csv(path)
    elif form == "parquet":
        frame.write_parquet(path)
    elif form == "jsonl":
        frame.write_ndjson(path)
    elif form == "xlsx":
        frame.write_excel(path)
    elif form == "db":
        with sqlite3.connect(path) as base:
            names = ", ".join(f'"{name}"' for name in frame.columns)
            base.execute(f"CREATE TABLE people ({names})")
            marks = ", ".join("?" * frame.width)
            base.executemany(f"INSERT INTO people VALUES ({marks})", frame.iter_rows())
    elif form == "pandas":
        return frame.to_pandas()
    elif form == "categories":
        texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
        return frame.to_pandas().astype(dict.fromkeys(texts, "category"))
    else:
        return frame
    return path


FORMS = ["csv", "parquet", "jsonl", "xlsx", "db", "pandas", "categories", "polars"]


@pytest.mark.parametrize("form", FORMS)
def test_forty_persons_with_many_rows(form: str, tmp_path: Path) -> None:
    real = pl.read_csv(CASE)
    result, made = synthesized(written(real, form, tmp_path))
    assert made.columns == real.columns
    assert_no_value_left(real, made, PERSON)
    assert_one_stand_in_each(made, PERSON)
    assert_as_many_rows_each(real, made, "customer_email")
    assert made["card"].dtype == pl.Int64
    assert all(is_luhn(str(card)) and len(str(card)) == 16 for card in made["card"].unique())
    assert all(is_iban(iban) and iban.startswith("DE") for iban in made["iban"].unique())
    assert all(re.fullmatch(r"\d{3}-\d\d-\d{4}", each) for each in made["ssn"].unique())
    assert all(re.fullmatch(r"[^@]+@example\.\w+", each) for each in made["customer_email"])
    assert all(re.fullmatch(r"\D+ \D+", each) for each in made["customer_name"])
    assert result.scorecard["identifier_copied"].value == 0.0
    if form == "categories":  # the categories of the type are values too
        for name in ("customer_email", "iban"):
            assert not set(result.data[name].cat.categories) & set(real[name])


def test_a_longer_and_a_shorter_sample_have_whole_persons() -> None:
    real = pl.read_csv(CASE)
    for rows in (100, 1400):
        _, made = synthesized(real, rows=rows)
        persons = made["customer_email"].n_unique()
        assert abs(persons - rows / 7) <= max(4, 0.15 * rows / 7)
        assert_one_stand_in_each(made, PERSON)


def french(seed: int = 3) -> pl.DataFrame:
    """Subscribers with one to eight visits; telephone and social security numbers as integers."""
    fake, rng = Faker("fr_FR"), np.random.default_rng(seed)
    fake.seed_instance(seed)
    rows = []
    for n in range(45):
        first, last = fake.first_name(), fake.last_name()
        person = {
            "nom": f"{first} {last}",
            "courriel": f"{fold(first)}.{fold(last)}{n}@orange.fr".replace(" ", ""),
            "telephone": int(f"6{rng.integers(10**7, 10**8)}"),
            "numero_securite_sociale": int(fake.ssn()),
            "immatriculation": f"{fake.bothify('??-###-??', letters='ABCDEFGHJKLMNPQRSTVWXYZ')}",
            "adresse": f"{rng.integers(1, 99)} rue {fake.last_name()}, {fake.postcode()} {fake.city()}",
        }
        for _ in range(int(rng.integers(1, 9))):
            rows.append(
                person | {"jour": str(fake.date_this_decade()), "prix": float(rng.integers(5, 90))}
            )
    return pl.DataFrame(rows).sample(fraction=1.0, shuffle=True, seed=1)


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_french_subscribers(form: str, tmp_path: Path) -> None:
    real = french()
    _, made = synthesized(written(real, form, tmp_path))
    names = real.columns[:6]
    assert_no_value_left(real, made, names)
    assert_one_stand_in_each(made, names)
    assert_as_many_rows_each(real, made, "courriel")
    assert {len(str(n)) for n in made["telephone"]} == {9}
    assert made["telephone"].cast(pl.String).str.starts_with("6").all()
    scheme = SCHEMES["fr_nir"]
    assert all(scheme.is_valid(str(n)) for n in made["numero_securite_sociale"].unique())
    assert all(re.fullmatch(r"[A-Z]{2}-\d{3}-[A-Z]{2}", each) for each in made["immatriculation"])
    assert (made["adresse"].str.contains(r"^\d+ \D+, \d{5} \D+$")).mean() > 0.9  # type: ignore[operator]
    for name, mail in made.select("nom", "courriel").unique().iter_rows():
        first, last = (
            re.sub("[^a-z]", "", fold(part)) for part in (name.split()[0], name.split()[-1])
        )
        assert mail.startswith(first[:3])
        assert last[-3:] in mail


def japanese() -> pl.DataFrame:
    """Orders of customers, with one device or several each."""
    fake, rng = Faker("ja_JP"), np.random.default_rng(5)
    fake.seed_instance(5)
    rows = []
    for n in range(60):
        person = {
            "氏名": fake.name().replace(" ", ""),
            "メール": f"user{n}{fake.user_name()}@docomo.ne.jp",
            "電話番号": fake.phone_number(),
        }
        macs = [fake.mac_address() for _ in range(int(rng.integers(1, 4)))]
        for _ in range(int(rng.integers(2, 10))):
            device = macs[int(rng.integers(len(macs)))]
            rows.append(person | {"端末": device, "金額": int(rng.integers(100, 9000))})
    return pl.DataFrame(rows)


@pytest.mark.parametrize("form", ["parquet", "db"])
def test_japanese_customers_with_several_devices(form: str, tmp_path: Path) -> None:
    real = japanese()
    _, made = synthesized(written(real, form, tmp_path))
    assert_no_value_left(real, made, ["メール", "電話番号", "端末"])
    assert_as_many_rows_each(real, made, "メール")
    assert_one_stand_in_each(made, ["メール", "電話番号"])
    assert made["氏名"].str.contains(r"^[々\u3041-\u30ff\u4e00-\u9fff]{2,8}$").all()
    owners = made.select("端末", "メール").unique()
    assert owners["端末"].is_unique().all()  # a device belongs to one customer
    assert owners.height > 1.3 * made["メール"].n_unique()
    assert made["端末"].str.contains(r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$").all()


def indian() -> Any:
    """A pandas table with identifiers as decimals, because some are missing."""
    import pandas as pd

    fake, rng = Faker("en_IN"), np.random.default_rng(8)
    fake.seed_instance(8)
    scheme, rows = SCHEMES["in_aadhaar"], []
    for _ in range(50):
        body = f"{rng.integers(2, 9)}{rng.integers(10**9, 10**10)}"
        person = {
            "Customer Name": fake.name(),
            "Email ID": f"{fake.user_name()}{rng.integers(100)}@rediffmail.com",
            "Mobile No": float(rng.integers(7 * 10**9, 10**10)) if rng.random() < 0.9 else None,
            "Aadhaar": float(scheme.complete(body)) if rng.random() < 0.8 else None,  # type: ignore[arg-type]
            "PAN": fake.bothify("???P?####?", letters="ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            "Vehicle No": fake.bothify("MH ## ?? ####", letters="ABCDEFGHJK"),
        }
        rows += [
            person | {"claim": float(rng.normal(9, 2))} for _ in range(int(rng.integers(1, 12)))
        ]
    return pd.DataFrame(rows)


def test_indian_policy_holders_in_pandas() -> None:
    source = indian()
    real = pl.from_pandas(source)
    result, made = synthesized(source)
    assert result.data.dtypes.to_dict() == source.dtypes.to_dict()
    names = real.columns[:6]
    assert_no_value_left(real, made, names)
    assert_one_stand_in_each(made, names)
    assert_as_many_rows_each(real, made, "Email ID")
    numbers = made["Aadhaar"].drop_nulls().cast(pl.Int64).cast(pl.String).unique()
    assert len(numbers) > 20
    assert all(SCHEMES["in_aadhaar"].is_valid(number) for number in numbers)
    assert all(SCHEMES["in_pan"].is_valid(number) for number in made["PAN"].unique())
    assert (
        made["Mobile No"].drop_nulls().cast(pl.Int64).cast(pl.String).str.contains("^[789]").all()
    )
    for name in ("Mobile No", "Aadhaar"):  # who has none, has none in any row
        assert made.group_by("Email ID").agg(pl.col(name).is_null().n_unique())[name].max() == 1
        assert abs(real[name].null_count() - made[name].null_count()) < 0.15 * len(real)
    assert made["Vehicle No"].str.contains(r"^MH \d{2} [A-Z]{2} \d{4}$").all()


def test_sender_and_receiver_are_two_people() -> None:
    fake, rng = Faker("en_GB"), np.random.default_rng(2)
    fake.seed_instance(2)
    people = [(fake.name(), f"{fake.user_name()}{n}@mail.co.uk") for n in range(80)]
    rows = []
    for _ in range(500):
        one, two = rng.choice(80, 2, replace=False)
        rows.append({"sender_name": people[one][0], "sender_email": people[one][1],
                     "receiver_name": people[two][0], "receiver_email": people[two][1],
                     "size": int(rng.integers(1, 900))})  # fmt: skip
    real = pl.DataFrame(rows)
    _, made = synthesized(real)
    assert_no_value_left(real, made, ["sender_email", "receiver_email"])
    assert_one_stand_in_each(made, ["sender_email", "sender_name"])
    assert_one_stand_in_each(made, ["receiver_email", "receiver_name"])
    assert (made["sender_email"] == made["receiver_email"]).mean() < 0.05  # type: ignore[operator]


def test_codes_keep_their_form_whatever_the_column_is_called() -> None:
    real = pl.DataFrame(
        {
            "user_id": [f"U{n:05d}" for n in np.random.default_rng(1).permutation(90_000)[:400]],
            "username": [f"K-{n:04d}" for n in np.random.default_rng(2).permutation(9_000)[:400]],
            "pay": np.random.default_rng(3).normal(20, 3, 400).round(2),
        }
    )
    _, made = synthesized(real)
    assert made["user_id"].str.contains(r"^U\d{5}$").all()
    assert made["username"].str.contains(r"^K-\d{4}$").all()
    assert made["user_id"].n_unique() == 400


@pytest.mark.parametrize("source", ["case", "french", "japanese"])
def test_no_file_of_a_run_has_an_identifier_of_the_source(source: str, tmp_path: Path) -> None:
    real = {"case": lambda: pl.read_csv(CASE), "french": french, "japanese": japanese}[source]()
    path, out = tmp_path / "people.csv", tmp_path / "out"
    real.write_csv(path)
    ar.synth(path, out=out, keep_model=True, **OPTIONS)
    roles = ar.load(out / "model").schema
    columns = [c.name for c in roles if c.role and c.role != "name"]
    assert len(columns) >= 3
    content = b"".join(file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file())
    for name in columns:
        for value in real[name].drop_nulls().unique().cast(pl.String).to_list():
            assert value.encode() not in content, (name, value)


def test_a_schema_that_calls_identifiers_categories_does_not_release_them(tmp_path: Path) -> None:
    schema = tmp_path / "dataset.toml"
    schema.write_text(
        "[tables.B18_few_persons_many_rows.columns.customer_email]\n"
        'kind = "category"\nrole = "email"\n'
    )
    real = pl.read_csv(CASE)
    result = ar.synth(CASE, schema=schema, **OPTIONS)
    assert result.table.schema["customer_email"].kind.value == "text"
    assert_no_value_left(real, result.table.frame, PERSON)


@pytest.mark.parametrize("form", ["csv", "jsonl", "pandas"])
def test_the_schema_that_was_inferred_can_be_given_back(form: str, tmp_path: Path) -> None:
    source = written(pl.read_csv(CASE), form, tmp_path) if form != "pandas" else indian()
    first, one = synthesized(source)
    _, two = synthesized(source, schema=first.table.schema)
    assert two.equals(one)


def test_compare_finds_the_identifiers_that_another_tool_released(tmp_path: Path) -> None:
    real = pl.read_csv(CASE)
    train, holdout = (
        real.filter(pl.col("amount").is_between(*ends)) for ends in ((0, 30), (31, 999))
    )
    copied = train.with_columns(pl.col(name).shuffle(seed) for seed, name in enumerate(PERSON))
    paths = [tmp_path / f"{name}.csv" for name in ("train", "synthetic", "holdout")]
    for frame, path in zip((train, copied, holdout), paths, strict=True):
        frame.write_csv(path)
    card = ar.compare(paths[0], paths[1], holdout=paths[2], metrics=["identifier_copied", "tv"])
    assert "identifier_copied" in {finding.code for finding in card.findings}
    assert "RELEASES REAL IDENTIFIERS" in card.verdict
    assert card["identifier_copied"].parts["customer_email"] == 1.0
