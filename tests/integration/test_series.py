"""Keys of a series and a time, meters and running balances, through the public door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"


def synthesis(source: Any, **options: Any) -> Any:
    return ar.synth(source, method="trees", seed=1, metrics=["validity"], **options)


def runs(frame: pl.DataFrame) -> float:
    """Number of runs of rows of one account, per row."""
    return len(frame["account_no"].rle()) / frame.height


def falls(frame: pl.DataFrame, series: list[str], time: str, meter: str) -> int:
    ordered = frame.sort(*series, time)
    change = ordered.select(pl.col(meter).diff().over(series)).to_series()
    return int((change.drop_nulls() < 0).sum())


def stations(rows: int = 3_000, seed: int = 4) -> pl.DataFrame:
    """Daily readings of twelve stations, most days missing, with a meter that never falls."""
    rng = np.random.default_rng(seed)
    parts = []
    for station in range(12):
        day = np.sort(rng.choice(rows // 6, rows // 12, replace=False))
        meter = np.cumsum(rng.gamma(2, 3, len(day))) + 500 * station
        parts.append(
            pl.DataFrame(
                {
                    "Station": ["ABCDEFGHIJKL"[station]] * len(day),
                    "Tag": pl.Series(18_500 + day).cast(pl.Int32).cast(pl.Date),
                    "Zähler": np.round(meter, 1),
                    "Regen": np.round(rng.gamma(1, 4, len(day)), 1),
                }
            )
        )
    return pl.concat(parts)


def statements(accounts: int = 150, seed: int = 2, rows: tuple[int, int] = (3, 25)) -> pl.DataFrame:
    """Movements of accounts with a balance, by time; `rows` is the range of rows per account."""
    rng = np.random.default_rng(seed)
    parts = []
    for account in range(accounts):
        n = int(rng.integers(*rows))
        when = np.sort(rng.choice(10**6, n, replace=False)) * 60
        amount = np.round(rng.normal(20, 300, n), 2)
        parts.append(
            pl.DataFrame(
                {
                    "account_no": [f"AC{100_000 + 37 * account}"] * n,
                    "booked_at": pl.Series((1_700_000_000 + when) * 10**6).cast(pl.Datetime("us")),
                    "amount": amount,
                    "balance": np.round(rng.integers(0, 5000) + np.cumsum(amount), 2),
                }
            )
        )
    return pl.concat(parts).sample(fraction=1, shuffle=True, seed=1)


def test_sensor_readings_keep_their_grid_key_and_meter() -> None:
    real = ar.read(CASES / "O4_sensor.csv")
    assert real.schema.key == ("sensor", "ts")
    result = synthesis(CASES / "O4_sensor.csv")
    for rows in (result.data, result.model.sample(9_000)):
        assert not rows.select("sensor", "ts").is_duplicated().any()
        assert set(rows["ts"].dt.minute()) == {0, 10, 20, 30, 40, 50}
        assert rows["ts"].dt.second().max() == 0
        assert falls(rows, ["sensor"], "ts", "pulse_total") == 0
    inside = result.data["ts"].is_between(real.frame["ts"].min(), real.frame["ts"].max())
    assert inside.mean() > 0.97
    assert set(result.data["sensor"]) == set(real.frame["sensor"])


def test_daily_readings_of_stations_are_one_a_day_in_samples_of_any_length() -> None:
    real = stations()
    result = synthesis(real)
    assert ar.read(real).schema.key == ("Station", "Tag")
    for rows in (result.data, result.model.sample(20_000)):
        assert not rows.select("Station", "Tag").is_duplicated().any()
        assert falls(rows, ["Station"], "Tag", "Zähler") == 0
    assert result.data["Tag"].min() >= real["Tag"].min()
    counts = result.data["Station"].value_counts()["count"]
    assert counts.min() > 0.7 * len(real) / 12


def test_a_single_series_has_no_time_in_two_rows() -> None:
    rng = np.random.default_rng(0)
    hour = np.sort(rng.choice(1_500, 1_200, replace=False))
    real = pl.DataFrame(
        {
            "hour": pl.Series(480_000 + hour).cast(pl.Int64) * 3_600_000_000,
            "load": np.round(50 + 20 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 3, 1_200), 1),
        }
    ).with_columns(pl.col("hour").cast(pl.Datetime("us")))
    made = synthesis(real).data
    assert made["hour"].is_unique().all()
    assert (made["hour"].dt.minute() == 0).all()


def test_years_of_a_panel_are_one_row_a_country() -> None:
    rng = np.random.default_rng(1)
    rows = [
        (country, year, round(float(rng.lognormal(9, 0.4)), 1))
        for country in ["Austria", "Chile", "Ghana", "Japan", "Kenya", "Norway", "Peru", "Spain"]
        for year in range(1990, 2020)
    ]
    real = pl.DataFrame(rows, ["country", "year", "income"], orient="row")
    assert ar.read(real).schema.key == ("country", "year")
    made = synthesis(real).data
    assert not made.select("country", "year").is_duplicated().any()
    assert made["year"].is_between(1985, 2040).all()


def test_a_balance_follows_the_amounts_of_its_account_in_order_of_time() -> None:
    real = statements()
    made = synthesis(real).data
    ordered = made.sort("account_no", "booked_at")
    steps = ordered.select(pl.col("balance").diff().over("account_no") - pl.col("amount"))
    assert steps.to_series().drop_nulls().abs().max() < 1e-6
    assert made["account_no"].str.contains(r"^AC1\d{5}$").all()
    starts = ordered.group_by("account_no").agg((pl.col("balance") - pl.col("amount")).first())
    assert starts["balance"].is_between(-500, 5_500).mean() > 0.95


@pytest.mark.parametrize("digits", [14, 6])
def test_balances_of_few_accounts_with_many_rows_each_follow_their_amounts(digits: int) -> None:
    # Every account has a first balance of its own in many rows: that does not name the account.
    real = statements(accounts=12, rows=(25, 45)).with_columns(
        ("NO" + pl.col("account_no").str.slice(2).str.zfill(digits)).alias("account_no")
    )
    made = synthesis(real).data
    ordered = made.sort("account_no", "booked_at")
    steps = ordered.select(pl.col("balance").diff().over("account_no") - pl.col("amount"))
    assert steps.to_series().drop_nulls().abs().max() < 1e-6
    # Up to five accounts at the end of a sample are incomplete.
    rows = made["account_no"].value_counts()["count"]
    assert abs(int((rows >= 17).sum()) - 12) <= 2
    assert len(rows) <= 12 + 2 + 5
    assert runs(made) == pytest.approx(runs(real), abs=0.2)  # bookings of other accounts between


def test_statistics_that_look_like_series_are_left_alone() -> None:
    rng = np.random.default_rng(3)
    frame = pl.DataFrame(
        {
            "town": rng.choice(["Graz", "Linz", "Wien"], 800),
            "born": pl.Series(rng.integers(0, 25_000, 800)).cast(pl.Int32).cast(pl.Date),
            "age_group": rng.integers(1, 6, 800),
            "price": rng.permutation(np.arange(10_000, 99_999))[:800],
        }
    )
    table = ar.read(frame)
    assert table.schema.key == ()
    assert table.schema["price"].kind.value == "number"
    with pytest.raises(ar.ArtesianError):
        synthesis(frame).model.sample(5, where={"price": "cheap"})


def test_a_key_of_a_category_and_a_number_stays_in_range_beside_entities() -> None:
    rng = np.random.default_rng(3)
    real = pl.DataFrame(
        {
            "class": [f"{1 + i // 40}{'ABCD'[i % 4]}" for i in range(120)],
            "seat": [i % 40 + 1 for i in range(120)],
            "teacher_id": rng.choice(np.arange(1_000, 9_000, 211), 120),
            "points": rng.integers(0, 100, 120),
        }
    )
    schema = ar.read(real).schema
    assert set(schema.key) == {"class", "seat"}
    made = ar.synth(real, method="trees", metrics=["validity"]).data
    assert made["seat"].is_between(1, 60).all()
    assert not made.select("class", "seat").is_duplicated().any()


@pytest.mark.parametrize("person", [True, False])
def test_a_key_of_months_is_unique(person: bool) -> None:
    rng = np.random.default_rng(6)
    who = range(10_001, 10_041) if person else [f"shop {n}" for n in range(40)]
    real = pl.DataFrame(
        [
            {
                "emp_no" if person else "shop": one,
                "month": f"2024-{month:02d}",
                "sales": int(rng.integers(0, 900)),
            }
            for one in who
            for month in range(1, 13)
        ]
    )
    key = [real.columns[0], "month"]
    assert list(ar.read(real).schema.key) == key
    made = synthesis(real).data
    assert not made.select(key).is_duplicated().any()
    assert made["month"].str.contains(r"^20\d\d-(0[1-9]|1[0-2])$").all()
    assert made["month"].str.starts_with("2024").mean() > (0.99 if person else 0.6)
