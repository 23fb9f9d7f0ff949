"""Columns of many rare categories and of long numbers survive, in every door."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import artesian as ar

CASES = Path(__file__).parents[1] / "data_sets" / "cases"
PRODUCTS = CASES / "B06_many_products.csv"


def postcodes() -> pl.DataFrame:
    """German addresses: 900 postcodes in 2,000 rows; the first digit decides the region's rent."""
    rng = np.random.default_rng(1)
    code = rng.choice(rng.integers(10_000, 99_999, 900), 2000)
    rent = 400 + 100 * (code // 10_000) + rng.normal(0, 30, 2000)
    return pl.DataFrame({"PLZ": code.astype(str), "Kaltmiete": np.round(rent, 2)})


def parts() -> pl.DataFrame:
    """Spare parts in Spanish: half of 1,200 codes in one or two rows, each in one family."""
    rng = np.random.default_rng(2)
    which = np.where(
        rng.random(3000) < 0.6, rng.integers(0, 120, 3000), rng.integers(0, 1200, 3000)
    )
    code = rng.permutation(10_000)[:1200]
    family = rng.integers(0, 4, 1200)
    return pl.DataFrame(
        {
            "pieza": [f"RX-{code[i]:04d}" for i in which],
            "familia": np.array(["motor", "freno", "rueda", "luz"])[family[which]],
            "uds": rng.integers(1, 9, 3000),
        }
    )


def stored(frame: pl.DataFrame, door: str, folder: Path) -> Any:
    path = folder / f"source.{door}"
    if door == "csv":
        frame.write_csv(path)
    elif door == "parquet":
        frame.write_parquet(path)
    elif door == "jsonl":
        frame.write_ndjson(path)
    else:
        return frame.to_pandas() if door == "pandas" else frame
    return path


def columns_of(data: Any) -> pl.DataFrame:
    return pl.from_pandas(data) if isinstance(data, pd.DataFrame) else data


@pytest.mark.parametrize("door", ["csv", "jsonl", "parquet", "pandas"])
@pytest.mark.parametrize("source", [postcodes, parts], ids=["postcodes", "parts"])
def test_codes_come_out_in_their_form_and_not_as_a_mark(
    source: Any, door: str, tmp_path: Path
) -> None:
    frame = source()
    name = frame.columns[0]
    schema = None
    if name == "PLZ":  # digits, which their name does not tell from a number in typed sources
        category = ar.Column(name="PLZ", kind=ar.Kind.CATEGORY)
        number = ar.Column(name="Kaltmiete", kind=ar.Kind.NUMBER)
        schema = ar.Schema(columns=(category, number))
    result = ar.synth(
        stored(frame, door, tmp_path), method="trees", metrics=["validity"], schema=schema
    )
    data = columns_of(result.data)
    drawn = data[name].cast(pl.String)
    assert (drawn == "(rare)").mean() == 0
    pattern = r"^\d{5}$" if name == "PLZ" else r"^RX-\d{4}$"
    assert drawn.str.contains(pattern).all()
    assert drawn.n_unique() > 0.6 * frame[name].n_unique()
    assert result.table.schema[name].generalised
    assert any(name in note and "made-up" in note for note in result.manifest["notes"])
    assert "generalised" in {finding.code for finding in result.scorecard.findings}
    assert result.scorecard["validity"].parts.get(f"{name} (category)", 1.0) > 0.99


def test_the_beginning_of_a_postcode_still_tells_the_rent() -> None:
    frame = postcodes()
    category = ar.Column(name="PLZ", kind=ar.Kind.CATEGORY)
    schema = ar.Schema(columns=(category, ar.Column(name="Kaltmiete", kind=ar.Kind.NUMBER)))
    data = ar.synth(frame, method="trees", metrics=["ks"], schema=schema).data
    first = data["PLZ"].str.slice(0, 1).cast(pl.Float64)
    real = frame["PLZ"].str.slice(0, 1).cast(pl.Float64)
    wanted = pl.select(pl.corr(real, frame["Kaltmiete"], method="spearman")).item()
    assert pl.select(pl.corr(first, data["Kaltmiete"], method="spearman")).item() > wanted - 0.05


def test_inspection_states_it_before_fitting(tmp_path: Path) -> None:
    from artesian.core.run import Run
    from artesian.pipeline.inspect import InspectConfig, inspect_source

    result = inspect_source(InspectConfig(source=parts()), Run())
    (notes,) = result.protection.values()
    assert any("'pieza'" in note and "fewer than 5 rows" in note for note in notes)
    assert result.to_dict()["notes"][-1] == notes[-1]


def test_the_schema_file_says_so_and_is_read_again(tmp_path: Path) -> None:
    source = stored(parts(), "csv", tmp_path)
    ar.synth(source, method="trees", metrics=["tv"], out=tmp_path / "out", keep_model=True)
    assert "generalised = true" in (tmp_path / "out" / "dataset.toml").read_text()
    card = ar.compare(
        source,
        tmp_path / "out" / "data" / "source.csv",
        schema=tmp_path / "out" / "dataset.toml",
        metrics=["tv", "category_coverage", "validity"],
    )
    assert card["tv"].parts["pieza"] < 0.2
    assert card["validity"].parts.get("pieza (category)", 1.0) > 0.99
    model = ar.load(tmp_path / "out" / "model")
    assert model.sample(50).equals(model.sample(50))


def test_every_product_belongs_to_one_group_and_has_one_price() -> None:
    real = pl.read_csv(PRODUCTS)
    data = ar.synth(PRODUCTS, method="trees", metrics=["tv"]).data
    assert data["product"].n_unique() >= 0.95 * real["product"].n_unique()
    assert "(rare)" not in data["product"]
    by_product = data.group_by("product").agg(
        pl.col("group").n_unique(), pl.col("list_price").n_unique()
    )
    assert by_product["group"].max() == 1
    assert by_product["list_price"].max() == 1
    known = real.group_by("product").agg(pl.first("group"), pl.first("list_price"), rows=pl.len())
    both = data.join(known.filter(pl.col("rows") >= 9), on="product")
    assert (both["group"] == both["group_right"]).mean() > 0.995
    assert (both["list_price"] == both["list_price_right"]).mean() > 0.995


def test_parts_keep_their_family_though_half_are_rare() -> None:
    frame = parts()
    data = ar.synth(frame, method="trees", metrics=["tv"]).data
    families = data.group_by("pieza").agg(pl.col("familia").n_unique())
    assert families["familia"].max() == 1
    share = data["familia"].value_counts(normalize=True).sort("familia")["proportion"]
    real = frame["familia"].value_counts(normalize=True).sort("familia")["proportion"]
    assert (share - real).abs().max() < 0.06


def long_numbers() -> pl.DataFrame:
    rng = np.random.default_rng(4)
    rows = 500
    frequent = [2**62 + 1, 2**62 + 3, -(2**61) - 7]
    start = datetime.datetime(2024, 1, 1)
    return pl.DataFrame(
        {
            "serial": rng.choice(frequent, rows),
            "unsigned": pl.Series(
                [2**64 - 1 - 1000 * int(v) for v in rng.integers(0, 10**15, rows)], dtype=pl.UInt64
            ),
            "wei": pl.Series(
                [int(v) * 10**15 for v in rng.lognormal(12, 4, rows)], dtype=pl.Int128
            ),
            "balance": pl.Series(
                [Decimal(10**20) + Decimal(int(v)) / 20 for v in rng.integers(0, 10**9, rows)],
                dtype=pl.Decimal(30, 2),
            ),
            "factor": rng.choice([1 / 3, 0.1 + 0.2, 2.5], rows),
            "assets": rng.integers(1, 10**8, rows) * 1e9,
            "quarter": 1e14 + rng.integers(0, 10**6, rows) * 0.25,
            "booked": [
                start + datetime.timedelta(minutes=15 * int(v)) for v in rng.integers(0, 9000, rows)
            ],
        }
    )


@pytest.mark.parametrize("door", ["polars", "parquet", "csv", "pandas"])
def test_long_numbers_are_exact_in_and_out(door: str, tmp_path: Path) -> None:
    frame = long_numbers()
    if door == "pandas":
        source: Any = frame.drop("wei").to_pandas()
        source["wei"] = pd.Series(frame["wei"].to_list(), dtype="object")
    else:
        source = stored(frame, door, tmp_path)
    data = ar.synth(source, method="trees", metrics=["ks"]).data
    values = {name: list(data[name]) for name in frame.columns}
    assert set(values["serial"]) == set(frame["serial"])
    assert set(values["factor"]) == set(frame["factor"]), "the last digit was lost"
    assert all(int(v) % 10**15 == 0 for v in values["wei"])
    assert max(int(v) for v in values["wei"]) > 2**64
    if door != "csv":  # numbers of one length beyond 64 bits are codes in a text file
        assert all((2**64 - 1 - int(v)) % 1000 == 0 for v in values["unsigned"])
    assert all(float(v) % 1e9 == 0 for v in values["assets"])
    assert all(float(v) % 0.25 == 0 for v in values["quarter"])
    assert all(v.minute % 15 == 0 and v.second == 0 for v in values["booked"])
    assert all(Decimal(v) % Decimal("0.05") == 0 for v in values["balance"])
    assert len(set(values["balance"])) > 400
