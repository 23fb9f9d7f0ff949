"""Repeating identifiers through the public door: ids, rows per id, and what is constant within one."""

from __future__ import annotations

import datetime
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"
ORDERS = CASES / "B19_integer_foreign_key.csv"
LOANS = CASES / "B12_loans_composite_key.csv"


def synthetic(source: Any, **options: Any) -> Any:
    return ar.synth(source, method="trees", seed=1, metrics=["validity"], **options).data


def rows_per(frame: pl.DataFrame, name: str) -> np.ndarray:
    counts = frame[name].drop_nulls().alias("value").value_counts(name="rows")["rows"]
    return np.sort(counts.to_numpy())


def visits(patients: int, seed: int = 0) -> pl.DataFrame:
    """Visits of patients in the order of their dates, numbered for each patient."""
    rng = np.random.default_rng(seed)
    number = rng.permutation(np.arange(12, 9_000))[:patients]
    count = np.minimum(rng.geometric(0.35, patients), 9)
    who = np.repeat(np.arange(patients), count)
    born = rng.integers(-18_000, 10_000, patients)
    sex = rng.choice(["f", "m", "x"], patients, p=[0.5, 0.48, 0.02])
    day = np.concatenate(
        [np.sort(rng.choice(np.arange(19_000, 19_700), n, replace=False)) for n in count]
    )
    weight = rng.normal(np.where(sex[who] == "m", 84, 68), 9)
    return pl.DataFrame(
        {
            "patientId": [f"P-{number[at]:04d}" for at in who],
            "birth_date": pl.Series(born[who]).cast(pl.Int32).cast(pl.Date),
            "sex": sex[who],
            "visit_no": np.concatenate([np.arange(1, n + 1) for n in count]),
            "visited": pl.Series(day).cast(pl.Int32).cast(pl.Date),
            "weight": np.round(weight, 1),
        }
    )


def sales(customers: int, seed: int = 0) -> pl.DataFrame:
    """Lines of orders of customers, with articles that have a price."""
    rng = np.random.default_rng(seed)
    kunde = np.concatenate([[67, 72_940], rng.permutation(np.arange(70, 72_900))[: customers - 2]])
    orders = rng.integers(1, 6, customers)
    whose = np.repeat(np.arange(customers), orders)
    lines = rng.integers(1, 5, len(whose))
    order = np.repeat(np.arange(len(whose)), lines)
    article = np.concatenate([rng.choice(40, n, replace=False) for n in lines])
    price = np.round(rng.gamma(2, 12, 40), 2)
    return pl.DataFrame(
        {
            "Bestellnr": order + 400_000,
            "Position": np.concatenate([np.arange(1, n + 1) for n in lines]),
            "Kundennummer": kunde[whose[order]],
            "Bundesland": rng.choice(["BY", "NW", "BE"], customers)[whose[order]],
            "Artikelnummer": article * 7 + 1003,
            "Preis": price[article],
            "Menge": rng.integers(1, 6, len(order)),
        }
    )


def written(frame: pl.DataFrame, form: str, folder: Path) -> Any:
    """The frame in another form."""
    path = folder / f"table.{form}"
    if form == "pandas":
        return frame.to_pandas()
    if form == "csv":
        frame.write_csv(path)
    elif form == "parquet":
        frame.write_parquet(path)
    elif form == "jsonl":
        frame.write_ndjson(path)
    else:
        base = sqlite3.connect(path)
        names = ", ".join(f'"{name}"' for name in frame.columns)
        base.execute(f"CREATE TABLE orders ({names})")
        marks = ", ".join("?" * frame.width)
        base.executemany(f"INSERT INTO orders VALUES ({marks})", frame.rows())
        base.commit()
        base.close()
    return path


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl", "sqlite", "pandas"])
def test_an_integer_foreign_key_of_a_lone_table(form: str, tmp_path: Path) -> None:
    real = pl.read_csv(ORDERS)
    made = synthetic(written(real, form, tmp_path))
    if form == "pandas":
        assert str(made["customer_id"].dtype) == "int64"
        made = pl.from_pandas(made)
    assert made.schema == real.schema
    assert made["customer_id"].null_count() == 0
    assert made["customer_id"].is_between(1, 999).all()
    assert rows_per(made, "customer_id").tolist() == [3] * 333
    assert made["product_id"].is_between(1, 99).all()
    assert abs(made["product_id"].n_unique() - 59) <= 2
    assert made["order_id"].is_unique().all()


def test_ids_of_the_source_occur_at_the_chance_rate() -> None:
    real, made = pl.read_csv(ORDERS), synthetic(ORDERS)
    customers = set(made["customer_id"])
    # The source's are a count without gaps, and so are these: all of the possible ids are in it.
    possible = max(max(customers), 333)
    expected = 333 / possible
    rate = len(customers & set(real["customer_id"])) / len(customers)
    assert abs(rate - expected) <= 4 * np.sqrt(expected * (1 - expected) / len(customers))
    assert possible <= 340


def test_scattered_ids_of_the_source_occur_at_the_chance_rate() -> None:
    ids = np.random.default_rng(2).choice(9_000, 300, replace=False) + 1_000
    real = pl.DataFrame({"customer_id": np.repeat(ids, 3), "amount": np.arange(900) % 37})
    customers = set(synthetic(real)["customer_id"])
    expected = 300 / 9_000
    rate = len(customers & set(ids.tolist())) / len(customers)
    assert abs(rate - expected) < 4 * np.sqrt(expected * (1 - expected) / len(customers))


def test_visits_of_patients_are_numbered_and_dated_within_a_patient() -> None:
    real = visits(1500)
    made = synthetic(real)
    assert made["patientId"].str.contains(r"^P-\d{4}$").all()
    own = made.group_by("patientId", maintain_order=True)
    facts = own.agg(
        rows=pl.len(),
        births=pl.col("birth_date").n_unique(),
        sexes=pl.col("sex").n_unique(),
        numbers=pl.col("visit_no"),
        dates=pl.col("visited"),
    )
    assert facts["births"].max() == facts["sexes"].max() == 1
    assert all(n == list(range(1, len(n) + 1)) for n in facts["numbers"].to_list())
    assert all(d == sorted(set(d)) for d in facts["dates"].to_list())
    wanted, got = rows_per(real, "patientId"), rows_per(made, "patientId")
    assert abs(wanted.mean() - got.mean()) < 0.2
    distance = max(abs((wanted <= n).mean() - (got <= n).mean()) for n in range(1, 10))
    assert distance < 0.06
    assert made["patientId"].n_unique() == pytest.approx(1500, rel=0.1)
    # What is constant within a patient still decides about what is not.
    weight = dict(made.group_by("sex").agg(pl.col("weight").mean()).rows())
    assert weight["m"] - weight["f"] > 12
    sexes = made.unique("patientId")["sex"].value_counts(normalize=True)
    assert dict(sexes.rows())["f"] == pytest.approx(0.5, abs=0.08)


def test_orders_lie_within_customers_and_lines_within_orders() -> None:
    real = sales(1200)
    made = synthetic(real)
    assert made["Kundennummer"].is_between(1, 99_999).all()
    customers = made.group_by("Bestellnr").agg(pl.col("Kundennummer", "Bundesland").n_unique())
    assert customers["Kundennummer"].max() == customers["Bundesland"].max() == 1
    states = made.group_by("Kundennummer").agg(pl.col("Bundesland").n_unique())
    assert states["Bundesland"].max() == 1
    lines = made.group_by("Bestellnr", maintain_order=True).agg("Position", "Artikelnummer")
    assert all(n == list(range(1, len(n) + 1)) for n in lines["Position"].to_list())
    assert all(len(set(a)) == len(a) for a in lines["Artikelnummer"].to_list())
    for name in ("Bestellnr", "Kundennummer"):
        assert rows_per(made, name).mean() == pytest.approx(rows_per(real, name).mean(), rel=0.06)
    orders = made.group_by("Kundennummer").agg(pl.col("Bestellnr").n_unique())["Bestellnr"]
    assert orders.mean() == pytest.approx(3, abs=0.25)
    prices = made.group_by("Artikelnummer").agg(pl.col("Preis").n_unique())
    assert prices["Preis"].max() == 1
    assert made["Artikelnummer"].n_unique() == 40
    assert set(made["Artikelnummer"]) != set(real["Artikelnummer"])


def test_a_composite_key_is_unique_with_and_without_a_schema() -> None:
    for schema in (None, CASES / "B12_loans_schema.toml"):
        made = synthetic(LOANS, schema=schema)
        assert not made.select("user_id", "loan_number").is_duplicated().any()
        assert made["user_id"].str.contains(r"^U\d{5}$").all()
        numbers = made.group_by("user_id", maintain_order=True).agg("loan_number")
        assert all(n == list(range(1, len(n) + 1)) for n in numbers["loan_number"].to_list())
        assert rows_per(made, "user_id").mean() == pytest.approx(700 / 235, rel=0.1)


def test_missing_ids_stay_missing_as_often() -> None:
    real = visits(500, seed=2).with_columns(
        patientId=pl.when(pl.int_range(pl.len()) % 5 > 0).then("patientId")
    )
    made = synthetic(real)
    assert made["patientId"].null_count() / len(made) == pytest.approx(0.2, abs=0.05)


def test_a_short_sample_is_the_head_of_a_long_one_and_a_loaded_model_gives_the_same(
    tmp_path: Path,
) -> None:
    fitted = ar.synth(visits(300), method="trees", seed=3, metrics=["validity"])
    model = fitted.model
    long = model.sample(9_000, run=ar.Run.from_seed(5))
    assert long.head(500).equals(model.sample(500, run=ar.Run.from_seed(5)))
    ar.save(model, tmp_path / "model")
    loaded = ar.load(tmp_path / "model")
    assert loaded.sample(500, run=ar.Run.from_seed(5)).equals(long.head(500))
    assert rows_per(long, "patientId").mean() == pytest.approx(2.8, abs=0.4)
    stored = (tmp_path / "model" / "model.json").read_text()
    assert not any(f'"{value}"' in stored for value in visits(300)["patientId"])
    with pytest.raises(ar.ArtesianError, match="counts the rows"):
        model.sample(10, where={"visit_no": 2})
    men = model.sample(500, where={"sex": "m"})
    assert (men["sex"] == "m").all()


def test_dates_of_a_customer_are_distinct_where_the_source_has_one_a_day() -> None:
    rng = np.random.default_rng(8)
    start = datetime.date(2024, 1, 1)
    rows = [
        (f"store-{store}", start + datetime.timedelta(days=int(day)), round(rng.gamma(5, 100), 2))
        for store in range(40)
        for day in np.sort(rng.choice(60, 25, replace=False))
    ]
    real = pl.DataFrame(rows, ["client_id", "day", "turnover"], orient="row")
    made = synthetic(real)
    assert not made.select("client_id", "day").is_duplicated().any()
    assert rows_per(made, "client_id").mean() == pytest.approx(25, rel=0.05)


def test_a_value_of_one_patient_is_not_frequent_for_being_in_many_rows() -> None:
    rng = np.random.default_rng(6)
    patients, each = 120, 12
    who = np.repeat(np.arange(patients), each)
    real = pl.DataFrame(
        {
            "patient_id": who + 5_001,
            "born": pl.Series(rng.integers(0, 15_000, patients)[who]).cast(pl.Int32).cast(pl.Date),
            "village": np.where(who < 3, np.array(["Ax", "Bo", "Cy"])[np.minimum(who, 2)], "Ulm"),
            "pulse": rng.integers(50, 110, patients * each),
        }
    )
    made = synthetic(real)
    assert made.group_by("patient_id").agg(pl.col("born").n_unique())["born"].max() == 1
    born = made.unique("patient_id")["born"]
    same = born.is_in(real["born"].implode()).mean()
    assert same < 0.05  # 120 of 15,000 days
    assert not {"Ax", "Bo", "Cy"} & set(made["village"])
    assert (made["village"] == "Ulm").mean() > 0.9
