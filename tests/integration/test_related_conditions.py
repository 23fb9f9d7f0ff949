"""Conditions on related tables through the public doors."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.hostile.related_models import market
from tests.synthesizers.relational.shops import items, shops

import artesian as ar
from artesian.cli.app import call
from artesian.core.run import Run


@pytest.fixture(scope="module")
def fitted() -> ar.RelatedModel:
    model = ar.RelationalTrees(rounds=0).fit(shops())
    assert isinstance(model, ar.RelatedModel)
    return model


def test_parents_satisfy_a_condition_and_their_children_follow(fitted: ar.RelatedModel) -> None:
    large = fitted.sample(where=["shop.size=large"])
    assert large["shop"].height == 120
    assert set(large["shop"]["size"]) == {"large"}
    assert set(large["takings"]["shop_id"]) <= set(large["shop"]["shop_id"])
    # The takings of large shops are about five times those of small ones, on average 100.
    assert large["takings"]["amount"].mean() > 350
    small = fitted.sample(where={"shop": {"size": "small"}})
    assert small["takings"]["amount"].mean() < 150
    # What refers to a shop of either size, and rows without one, do not depend on it.
    assert large["employee"].height == 60
    assert set(large["note"]["shop_id"].drop_nulls()) <= set(large["shop"]["shop_id"])
    assert (
        set(large["shop"]["shop_id"]) == set(range(10, 130))
        or large["shop"]["shop_id"].is_unique().all()
    )


def test_rows_of_a_child_table_are_selected(fitted: ar.RelatedModel) -> None:
    run = Run.from_seed(3)
    every = fitted.sample(run=run)["takings"]
    sundays = fitted.sample(where=["takings.weekday=Sun"], run=run)["takings"]
    assert set(sundays["weekday"]) == {"Sun"}
    assert abs(sundays.height - (every["weekday"] == "Sun").sum()) <= 0
    ranged = fitted.sample(where={"takings.amount": ar.Range(100, 200)}, run=run)["takings"]
    assert ranged["amount"].is_between(100, 200).all()
    dated = fitted.sample(where=["takings.day=2024-01-10..2024-01-12"], run=run)["takings"]
    assert 0 < dated.height < every.height
    assert {str(day) for day in dated["day"]} <= {f"2024-01-{d}" for d in (10, 11, 12)}


def test_rows_of_a_kept_table_are_selected_and_only_their_children_drawn() -> None:
    model = ar.RelationalTrees(rounds=0).fit(market())
    every = model.sample()
    some = model.sample(where=["country.country=Country A,Country B"])
    assert set(some["country"]["code"]) == {"A", "B"}
    assert set(some["customer"]["code"]) == {"A", "B"}
    own = every["customer"].filter(pl.col("code").is_in(["A", "B"])).height
    assert some["customer"].height == own
    assert set(some["order"]["customer"]) <= set(some["customer"]["customer"])
    larger = model.sample(2.0, ["country.country=Country A,Country B"])
    assert larger["customer"].height == 2 * own
    with pytest.raises(ar.ArtesianError, match="no row of the table, which is kept, has") as caught:
        model.sample(where=["country.country=Atlantis"])
    assert "Country A" in caught.value.hint


def test_two_conditions_and_one_that_nothing_satisfies(fitted: ar.RelatedModel) -> None:
    both = fitted.sample(where=["shop.size=large", "note.kind=audit"])
    assert set(both["note"]["kind"]) == {"audit"}
    with pytest.raises(ar.ArtesianError, match="table 'takings': amount: the model has no values"):
        fitted.sample(where=["takings.amount=-5..-1"])
    with pytest.raises(ar.ArtesianError, match="table 'takings': too few rows have"):
        fitted.sample(0.02, where=["takings.weekday=Sun", "takings.amount=1000..1100"])


def test_the_command_line_states_the_condition(tmp_path: Path) -> None:
    source = tmp_path / "items"
    source.mkdir()
    for name, table in items().items():
        table.frame.write_csv(source / f"{name}.csv")
    out, where = tmp_path / "out", ["--where", "order.channel=web"]
    fit = ["--set", "rounds=0", "--keep-model", "-q"]
    assert call(["synth", str(source), "-o", str(out), *where, *fit]) == 0
    made = {file.stem: pl.read_csv(file) for file in (out / "data").iterdir()}
    assert set(made["order"]["channel"]) == {"web"}
    assert made["order"].height == 300
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["where"] == {"order": {"channel": "web"}}
    # The real orders of the comparison are those of the web as well.
    card = json.loads((out / "scorecard.json").read_text())
    columns = next(r for r in card["results"] if r["metric"] == "c2st_single_table")
    assert columns["value"] is None or columns["value"] < 0.75
    sampled = ["sample", str(out / "model"), "-o", str(tmp_path / "more"), "-q", *where]
    assert call(sampled) == 0
    assert set(pl.read_csv(tmp_path / "more" / "order.csv")["channel"]) == {"web"}
