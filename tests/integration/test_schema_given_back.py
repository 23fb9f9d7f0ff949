"""A dataset.toml that nobody edited says what was inferred: with it, the same rows are made."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.cli.app import call


def readings() -> pl.DataFrame:
    """Blood pressures as text, whose parts are ordered and give a difference; local times."""
    rng = np.random.default_rng(2)
    n = 260
    low = rng.integers(55, 95, n)
    gap = rng.integers(20, 70, n)
    start = datetime(2024, 3, 1, 8)
    times = [start + timedelta(minutes=int(m)) for m in rng.integers(0, 200_000, n)]
    return pl.DataFrame(
        {
            "taken": [f"{moment:%Y-%m-%dT%H:%M:%S}+05:30" for moment in times],
            "pressure": [f"{a + b}/{a}" for a, b in zip(low, gap, strict=True)],
            "gap": gap,
            "arm": rng.choice(["left", "right"], n),
        }
    )


def visits() -> pl.DataFrame:
    """A date as text in two forms, its year, and times with summer time."""
    rng = np.random.default_rng(3)
    n = 240
    days = [datetime(2022, 1, 1) + timedelta(days=int(k)) for k in rng.integers(0, 700, n)]
    forms = rng.choice(["%Y-%m-%d", "%d/%m/%Y"], n)
    summer = ["+02:00" if 4 <= day.month <= 9 else "+01:00" for day in days]
    return pl.DataFrame(
        {
            "Tag": [day.strftime(form) for day, form in zip(days, forms, strict=True)],
            "Jahr": [day.year for day in days],
            "um": [
                f"{day:%Y-%m-%d}T12:00:00{zone}" for day, zone in zip(days, summer, strict=True)
            ],
            "Wert": rng.normal(20, 4, n).round(1),
        }
    ).filter(~pl.col("um").str.contains("-(03|10)-"))


@pytest.mark.parametrize("table", [readings, visits])
def test_the_schema_of_a_run_gives_the_same_rows(table, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source = tmp_path / "source.csv"
    table().write_csv(source)
    quick = ["-q", "--metrics", "relations"]
    assert call(["synth", str(source), "-o", str(tmp_path / "one"), *quick]) == 0
    schema = ["--schema", str(tmp_path / "one" / "dataset.toml")]
    assert call(["synth", str(source), "-o", str(tmp_path / "two"), *quick, *schema]) == 0
    one, two = (tmp_path / name / "data" / "source.csv" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("table", [readings, visits])
def test_what_inspect_writes_can_be_used(table, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source, schema = tmp_path / "source.csv", tmp_path / "dataset.toml"
    table().write_csv(source)
    assert call(["inspect", str(source), "--out", str(schema), "-q"]) == 0
    synth = ["synth", str(source), "-o", str(tmp_path / "out"), "--schema", str(schema), "-q"]
    assert call(synth) == 0
    made = pl.read_csv(tmp_path / "out" / "data" / "source.csv")
    if "pressure" in made:
        parts = made["pressure"].str.split_exact("/", 1).struct.unnest().cast(pl.Int64)
        assert ((parts["field_0"] - parts["field_1"]) == made["gap"]).mean() > 0.99
        assert made["taken"].str.ends_with("+05:30").all()
    else:
        assert set(made["um"].str.slice(-6)) == {"+01:00", "+02:00"}


def test_relations_of_fields_are_listed_and_can_be_deleted(tmp_path: Path) -> None:
    source, schema = tmp_path / "source.csv", tmp_path / "dataset.toml"
    readings().write_csv(source)
    assert call(["inspect", str(source), "--out", str(schema), "-q"]) == 0
    lines = schema.read_text(encoding="utf-8").splitlines()
    fields = [line for line in lines if "pressure number" in line]
    assert fields
    kept = [line for line in lines if line not in fields]
    schema.write_text("\n".join(kept), encoding="utf-8")
    made = ar.synth(source, schema=schema).table.frame
    parts = made["pressure"].str.split_exact("/", 1).struct.unnest().cast(pl.Int64)
    assert ((parts["field_0"] - parts["field_1"]) == made["gap"]).mean() < 0.9
