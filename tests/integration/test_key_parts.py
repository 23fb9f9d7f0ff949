"""Keys that contain other columns: 'NAP-0012' of the beverages, '2023-100042' of 2023."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar

SHELVES = {"NAP": "Nápoje", "PEC": "Pečivo", "DRO": "Drogerie", "KNI": "Knihy"}


def products(rows: int = 300) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    code = rng.choice(list(SHELVES), rows, p=[0.4, 0.3, 0.2, 0.1])
    return pl.DataFrame(
        {
            "kod": [f"{c}-{n:04d}" for n, c in enumerate(code)],
            "kategorie": [SHELVES[c] for c in code],
            "cena": rng.gamma(3, 40, rows).round(2),
        }
    )


def cases(rows: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    days = sorted(date(2021, 3, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1_200, rows))
    return pl.DataFrame(
        {
            "Aktenzeichen": [f"{day.year}-{100_000 + n}" for n, day in enumerate(days)],
            "Eingang": days,
            "Streitwert": rng.gamma(2, 900, rows).round(2),
        }
    )


def contracts(rows: int = 300) -> pl.DataFrame:
    """A product, a year and a number that begins anew for each product."""
    rng = np.random.default_rng(3)
    product = rng.choice(["SB", "GF"], rows)
    names = {"SB": "Strom Basis", "GF": "Gas Fix"}
    start = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1_400, rows)]
    seen: dict[str, int] = {}
    keys = []
    for p, day in zip(product.tolist(), start, strict=True):
        seen[p] = seen.get(p, 0) + 1
        keys.append(f"{p}/{day.year}/{seen[p]:05d}")
    return pl.DataFrame(
        {
            "contract": keys,
            "product": [names[p] for p in product],
            "start": start,
            "kwh": rng.gamma(4, 700, rows).round(),
        }
    )


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_a_prefix_goes_with_its_category(method: str) -> None:
    rows = ar.synth(products(), method=method, seed=1, metrics=()).table.frame
    expected = [SHELVES[key[:3]] for key in rows["kod"]]
    assert rows["kategorie"].to_list() == expected
    assert rows["kod"].is_unique().all()
    assert rows["kod"].str.contains(r"^[A-Z]{3}-\d{4}$").all()
    rates = rows["kategorie"].value_counts(normalize=True).sort("kategorie")["proportion"]
    source = products()["kategorie"].value_counts(normalize=True).sort("kategorie")["proportion"]
    assert (rates - source).abs().max() < 0.1


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_a_year_is_that_of_the_date(method: str) -> None:
    rows = ar.synth(cases(), method=method, seed=1, metrics=()).table.frame
    assert (rows["Aktenzeichen"].str.slice(0, 4).cast(pl.Int32) == rows["Eingang"].dt.year()).all()
    assert rows["Aktenzeichen"].is_unique().all()
    assert rows["Aktenzeichen"].str.contains(r"^\d{4}-\d{6}$").all()


def test_a_year_and_a_number_rise_with_sorted_dates() -> None:
    source = cases().sort("Eingang")
    number = pl.int_range(1, pl.len() + 1).over(pl.col("Eingang").dt.year())
    text = number.cast(pl.String).str.zfill(6)
    key = pl.concat_str(pl.col("Eingang").dt.year().cast(pl.String), pl.lit("-"), text)
    source = source.with_columns(key.alias("Aktenzeichen"))
    assert source["Aktenzeichen"].is_sorted()
    rows = ar.synth(source, metrics=()).data
    assert rows["Eingang"].is_sorted()
    assert rows["Aktenzeichen"].is_sorted()
    assert rows["Aktenzeichen"].is_unique().all()
    assert (rows["Aktenzeichen"].str.slice(0, 4).cast(pl.Int32) == rows["Eingang"].dt.year()).all()


def test_a_key_has_several_such_parts(tmp_path: Path) -> None:
    model = ar.synth(contracts(), method="trees", seed=1, metrics=()).model
    ar.save(model, tmp_path / "model")
    rows = ar.load(tmp_path / "model").sample(300)
    assert rows.equals(model.sample(300))
    names = {"SB": "Strom Basis", "GF": "Gas Fix"}
    parts = [key.split("/") for key in rows["contract"]]
    assert [names[product] for product, _, _ in parts] == rows["product"].to_list()
    assert [int(year) for _, year, _ in parts] == rows["start"].dt.year().to_list()
    assert rows["contract"].is_unique().all()
    assert {len(number) for _, _, number in parts} == {5}


def test_keys_of_random_letters_are_left_alone() -> None:
    rng = np.random.default_rng(5)
    frame = contracts().with_columns(
        contract=pl.Series(
            [f"{a}{b}-{n:05d}" for n, (a, b) in enumerate(rng.choice(list("ABC"), (300, 2)))]
        )
    )
    rows = ar.synth(frame, method="trees", seed=1, metrics=()).table.frame
    assert rows["contract"].is_unique().all()
    assert rows["contract"].str.contains(r"^[A-Z]{2}-\d{5}$").all()


def test_a_rare_prefix_is_not_released() -> None:
    frame = products().with_columns(
        kod=pl.when(pl.int_range(pl.len()) < 2)
        .then(pl.lit("ZZZ-9") + pl.col("kod").str.slice(5))
        .otherwise("kod"),
        kategorie=pl.when(pl.int_range(pl.len()) < 2)
        .then(pl.lit("Zvláštní"))
        .otherwise("kategorie"),
    )
    rows = ar.synth(frame, method="trees", seed=1, metrics=()).table.frame
    assert not rows["kategorie"].is_in(["Zvláštní"]).any()
