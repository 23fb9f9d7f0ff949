"""From 1 to 100 rows: nothing far outside the data, nobody's values, and the right spread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"
DAY = pl.col("admitted").cast(pl.Int32).cast(pl.Float64)


def patients(rows: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "age": rng.integers(20, 90, rows),
            "bmi": np.round(rng.normal(26, 4, rows), 1),
            "cost": np.round(rng.lognormal(6, 0.8, rows), 2),
            "sex": rng.choice(["M", "F"], rows),
            "admitted": pl.Series(rng.integers(19_700, 19_900, rows)).cast(pl.Int32).cast(pl.Date),
        }
    )


def machines(rows: int, seed: int) -> pl.DataFrame:
    """A wide table in German: 12 measurements and a state."""
    rng = np.random.default_rng(seed)
    load = rng.normal(0, 1, rows)
    frame = {
        f"Messung {k}": np.round(50 + 10 * load + rng.normal(0, 3, rows), 2) for k in range(12)
    }
    return pl.DataFrame({**frame, "Zustand": rng.choice(["gut", "mittel"], rows)})


def synthetic(frame: Any, seed: int = 1, rows: int = 400, method: str = "trees") -> pl.DataFrame:
    model = ar.Trees() if method == "trees" else ar.Boosted()
    return model.fit(frame, run=ar.Run.from_seed(seed)).sample(rows, run=ar.Run.from_seed(seed))


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_fewer_than_five_rows_are_refused_with_the_reason(rows: int) -> None:
    with pytest.raises(ar.ArtesianError, match=f"has {rows} row") as caught:
        ar.synth(patients(rows, 0))
    assert "at least 5 rows" in str(caught.value)
    open_rows = ar.Trees(protect=False).fit(patients(rows, 0)).sample(3)
    assert open_rows.height == 3


def test_two_patients_are_refused() -> None:
    with pytest.raises(ar.ArtesianError, match="2 rows: no value that fewer than 5 rows have"):
        ar.synth(CASES / "B08_two_rows.csv")


@pytest.mark.parametrize("make", [patients, machines])
@pytest.mark.parametrize("rows", [5, 10, 20, 50, 100])
def test_values_stay_near_the_data(make: Any, rows: int) -> None:
    for seed in range(4):
        real = make(rows, seed)
        drawn = synthetic(real, seed)
        for name in real.columns:
            if real[name].dtype == pl.String:
                continue
            before = np.sort(real[name].to_physical().cast(pl.Float64).to_numpy())
            after = drawn[name].to_physical().cast(pl.Float64).to_numpy()
            # The five most extreme values are the smallest group that may be described.
            allowed = 0.5 * max(np.ptp(before[-5:]), np.ptp(before[:5])) + 1e-6
            if rows < 10:
                allowed = 0.5 * np.ptp(before)
            assert after.min() >= before[0] - allowed - 1, name
            assert after.max() <= before[-1] + allowed + 1, name


@pytest.mark.parametrize("make", [patients, machines])
@pytest.mark.parametrize("rows", [20, 50, 100])
def test_the_spread_is_kept(make: Any, rows: int) -> None:
    for seed in range(4):
        real = make(rows, seed)
        drawn = synthetic(real, seed, rows=2000)
        for name in real.columns:
            if real[name].dtype == pl.String:
                continue
            before = real[name].to_physical().cast(pl.Float64).std()
            after = drawn[name].to_physical().cast(pl.Float64).std()
            assert after == pytest.approx(before, rel=0.3), (name, seed)


@pytest.mark.parametrize("rows", [5, 10, 20])
def test_no_amount_of_a_person_comes_back(rows: int) -> None:
    for seed in range(4):
        real = patients(rows, seed).with_columns(
            cost=pl.Series(np.random.default_rng(seed).random(rows))
        )
        drawn = synthetic(real, seed)
        assert not drawn["cost"].is_in(real["cost"].implode()).any()


@pytest.mark.parametrize("method", ["trees", "boosted"])
def test_twenty_patients(method: str) -> None:
    real = pl.read_csv(CASES / "B08_twenty_rows.csv", try_parse_dates=True)
    result = ar.synth(CASES / "B08_twenty_rows.csv", rows=1000, method=method, metrics=["ks"])
    data = result.data
    assert data["age"].min() >= real["age"].min() - 6
    assert data["age"].max() <= real["age"].max() + 6
    assert data["bmi"].min() >= real["bmi"].min() - 2
    assert data["bmi"].max() <= real["bmi"].max() + 3
    for name in ("age", "bmi"):
        assert data[name].std() == pytest.approx(real[name].std(), rel=0.3)
    assert data.select(DAY.std()).item() == pytest.approx(real.select(DAY.std()).item(), rel=0.3)
    assert set(data["sex"]) == {"M", "F"}
    assert set(data["dx"]) == {"copd", "asthma", "none"}
    assert (data["name"] == "(rare)").mean() < 0.1
    assert any("20 rows: the extremes" in note for note in result.manifest["notes"])


def test_a_column_of_four_values_is_left_missing_and_said() -> None:
    frame = patients(60, 3).with_columns(
        dose=pl.Series([1.5, 2.25, 8.0, 3.125] + [None] * 56, dtype=pl.Float64)
    )
    result = ar.synth(frame, method="trees", metrics=["ks"], holdout=0)
    assert result.data["dose"].null_count() == len(result.data)
    assert any("'dose': only 4 rows have a value" in note for note in result.manifest["notes"])
