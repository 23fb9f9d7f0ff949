"""Dates beyond any calendar, which typed sources can hold, are missing, with a note."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import artesian as ar


@pytest.mark.parametrize("unit", ["date", "us", "ms"])
def test_dates_beyond_the_calendar_are_missing_with_a_note(unit: str, tmp_path: Path) -> None:
    days = [19_000 + n % 400 for n in range(60)]
    values = pl.Series("day", days, dtype=pl.Int32).cast(pl.Date)
    if unit == "date":
        beyond = pl.Series([184_568_338, -190_000_000], dtype=pl.Int32).cast(pl.Date)
    else:
        values = values.cast(pl.Datetime(unit))  # type: ignore[arg-type]
        per_day = {"us": 86_400_000_000, "ms": 86_400_000}[unit]
        extremes = [100_000_000 * per_day, -100_000_000 * per_day]
        beyond = pl.Series(extremes, dtype=pl.Int64).cast(pl.Datetime(unit))  # type: ignore[arg-type]
    source = pl.DataFrame({"day": pl.concat([values, beyond]), "n": range(62)})
    source.write_parquet(tmp_path / "t.parquet")
    table = ar.read(tmp_path / "t.parquet")
    assert table.frame["day"].null_count() == 2
    assert any("are read as missing (2 rows)" in note for note in table.origin.notes)
    made = ar.synth(tmp_path / "t.parquet", metrics=["validity"]).data
    assert made["day"].drop_nulls().dt.year().is_between(2022, 2023).all()
