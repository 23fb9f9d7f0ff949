"""Relations that identifiers, made-up values and places take part in hold in synthetic rows."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run
from artesian.data.read import read
from artesian.encoding.transforms.relations import RelationSteps


def determines(rows: pl.DataFrame, source: str, target: str) -> float:
    """Fraction of rows with the most frequent target of their source."""
    present = rows.drop_nulls(source)
    pairs = present.group_by(source, target).len()
    return float(pairs.group_by(source).agg(pl.col("len").max())["len"].sum() / present.height)


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_texts_that_begin_with_a_label(method: str) -> None:
    rng = np.random.default_rng(3)
    crates = np.sort(rng.integers(100, 130, 900))
    number = pl.Series(crates).to_frame("c").select(pl.int_range(pl.len()).over("c") + 1)
    source = pl.DataFrame(
        {
            "bottle_id": [f"W{c}-{k}" for c, k in zip(crates, number.to_series(), strict=True)],
            "crate_id": [f"W{c}" for c in crates],
            "litres": rng.normal(0.7, 0.1, 900).round(2),
        }
    )
    rows = ar.synth(source, method=method, seed=1, metrics=()).table.frame
    assert rows["bottle_id"].n_unique() == rows.height
    starts = rows.select(pl.col("bottle_id").str.starts_with(pl.col("crate_id") + "-"))
    assert starts.to_series().all()


def test_a_label_and_a_date_that_determine_each_other() -> None:
    rng = np.random.default_rng(4)
    first = datetime.date(2001, 3, 4)
    days = [first + datetime.timedelta(days=9 * k + int(rng.integers(0, 8))) for k in range(400)]
    match = np.sort(rng.integers(0, 400, 6000))
    source = pl.DataFrame(
        {
            "match_id": 1000 + rng.permutation(400)[match],
            "played": [days[m] for m in match],
            "goals": rng.poisson(1.3, 6000),
        }
    )
    rows = ar.synth(source, method="trees", seed=1, metrics=()).table.frame
    assert determines(rows, "match_id", "played") > 0.995
    assert determines(rows, "played", "match_id") > 0.995
    assert rows["played"].n_unique() > 300


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    """Members with an address each; a town has one state at most, some have no postal code."""
    rng = np.random.default_rng(5)
    towns = [f"{a}{b}" for a in ("Ber", "Hol", "Kam", "Lin", "Mor") for b in ("tal", "au", "wick")]
    country = rng.permutation(["Norland", "Sudland", "Ostland"] * 5)
    state = [f"{c[0]}{'AB'[k % 2]}" if c != "Ostland" else None for k, c in enumerate(country)]
    town = rng.integers(0, 15, 45)
    code = [None if t in (3, 7) else f"{10 + t}{k:03}" for k, t in enumerate(town)]
    member = np.sort(rng.integers(0, 45, 450))
    home = town[member]
    return pl.DataFrame(
        {
            "member_id": 7000 + member,
            "home_town": [towns[t] for t in home],
            "home_state": [state[t] for t in home],
            "home_country": [country[t] for t in home],
            "home_postal_code": [code[m] for m in member],
            "paid": rng.gamma(2, 20, 450).round(2),
        }
    )


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_addresses_are_coherent(visits: pl.DataFrame, method: str, tmp_path: Path) -> None:
    ar.synth(
        visits, method=method, seed=1, out=tmp_path / "out", metrics=["validity"], keep_model=True
    )
    rows = ar.load(tmp_path / "out" / "model").sample(450, run=Run.from_seed(2))
    assert determines(rows, "home_postal_code", "home_town") > 0.995
    assert determines(rows, "home_town", "home_country") > 0.995
    assert determines(rows, "home_state", "home_country") > 0.995
    for part in ("town", "state", "country", "postal_code"):
        assert determines(rows, "member_id", f"home_{part}") > 0.995
    without = set(visits.filter(pl.col("home_postal_code").is_null())["home_town"])
    assert set(rows.filter(pl.col("home_postal_code").is_null())["home_town"]) <= without


def test_a_filled_in_value_is_that_of_the_entity() -> None:
    rng = np.random.default_rng(6)
    tenant = np.sort(rng.integers(0, 70, 700))
    kind = rng.choice(["flat", "house", "shop"], 70)
    heating = np.where(kind == "shop", None, rng.choice(["gas", "oil", "wood", "pump"], 70))
    source = pl.DataFrame(
        {
            "tenant_id": 300 + tenant,
            "kind": kind[tenant],
            "heating": heating[tenant],
            "rent": rng.normal(900, 100, 700).round(),
        }
    )
    rows = ar.synth(source, method="marginals", seed=1, metrics=()).table.frame
    assert (rows["heating"].is_null() == (rows["kind"] == "shop")).all()
    assert determines(rows, "tenant_id", "heating") == 1


def test_made_up_names_have_made_up_codes_of_their_own() -> None:
    rng = np.random.default_rng(7)
    letters = np.array(list("ABCDEFGHIKLMNOPRSTUVW"))
    names = [
        f"{''.join(rng.choice(letters, 3)).title()} {''.join(rng.choice(letters, 4)).title()}"
        for _ in range(60)
    ]
    codes = [name.replace(" ", "").upper()[:5] for name in names]
    shop = rng.choice(60, 400, p=(w := 1.0 / np.arange(4, 64)) / w.sum())
    depot = [f"Depot {k % 7}" for k in range(60)]
    source = pl.DataFrame(
        {
            "shop": [names[s] for s in shop],
            "code": [codes[s] for s in shop],
            "depot": [depot[s] for s in shop],
            "weight": rng.gamma(2, 3, 400).round(1),
        }
    )
    rows = ar.synth(source, method="trees", seed=1, metrics=()).table.frame
    assert determines(rows, "code", "shop") > 0.98
    assert determines(rows, "shop", "code") == 1
    few = source.group_by("shop").len().filter(pl.col("len") < 5)["shop"]
    assert not set(rows["shop"]) & set(few)


def test_no_lookup_lists_what_one_person_has(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    member = np.sort(rng.integers(0, 80, 1200))
    towns = [f"{a}{b}" for a in ("Qir", "Vex", "Zud", "Jom") for b in ("hofen", "stedt", "ingen")]
    town = np.where(np.arange(80) < 78, rng.integers(0, 10, 80), [10] * 78 + [10, 11])
    source = pl.DataFrame(
        {
            "member_id": 7000 + member,
            "home_town": [towns[t] for t in town[member]],
            "home_country": [f"Land {t % 4}" for t in town[member]],
            "paid": rng.gamma(2, 20, 1200).round(2),
        }
    )
    source.write_csv(tmp_path / "visits.csv")
    steps = RelationSteps.learn(read(tmp_path / "visits.csv"), protect=True)
    assert steps is not None
    stored = str(steps.to_state())
    assert towns[0] in stored
    assert towns[11] not in stored


def test_a_constant_of_some_rows_in_a_column_that_is_bounded() -> None:
    rng = np.random.default_rng(9)
    n = 1500
    channel = rng.choice(["desk", "web", "phone"], n, p=[0.3, 0.5, 0.2])
    price = rng.gamma(4, 10, n).round(2)
    none = (channel == "desk") | (rng.random(n) < 0.2)
    discount = np.where(none, 0.0, (price * rng.uniform(0.01, 0.4, n)).round(2))
    source = pl.DataFrame({"channel": channel, "discount": discount, "price": price})
    rows = ar.synth(source, method="trees", seed=1, metrics=()).table.frame
    assert (rows["discount"] <= rows["price"]).all()
    assert (rows.filter(pl.col("channel") == "desk")["discount"] == 0).all()
