"""Running totals, and columns that rise because a total does, or because time passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from artesian.core.run import Run
from artesian.data.dataframes import from_dataframe
from artesian.encoding.transforms.chain import Chain
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.running import Running
from artesian.relations.discover import discover

AT = Position(0, Run.from_seed(0).seed)


def restored(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that the modelled columns of `frame` give back, by a saved chain."""
    chain, modelled = Chain.learn(from_dataframe(frame), protect=True)
    return Chain.from_state(chain.to_state()).inverse(modelled.frame, AT)


def progress() -> pl.DataFrame:
    """Bills of building sites: what is billed so far, as an amount and as a percentage of the whole."""
    rng = np.random.default_rng(0)
    rows = []
    for site in range(120):
        whole, day, done = int(rng.integers(500, 9_000)) * 100, date(2021, 1, 4), 0.0
        day += timedelta(days=int(rng.integers(0, 300)))
        for part in rng.dirichlet(np.ones(3 + site % 8) * 3):
            amount = round(whole * float(part) * 0.9, 2)
            done = round(done + amount, 2)
            code = "final" if site % 3 == 0 and abs(done - 0.9 * whole) < 1 else "partial"
            percent = round(100 * done / whole, 2)
            rows.append((f"S{1000 + 7 * site}", day, whole, amount, done, percent, code))
            day += timedelta(days=int(rng.integers(10, 60)))
    names = ["site_id", "billed", "contract", "amount", "to date", "percent", "kind"]
    return pl.DataFrame(rows, names, orient="row")


def test_a_percentage_of_a_running_total_is_computed() -> None:
    frame = progress()
    running = Running.learn(from_dataframe(frame), protect=True)
    assert running is not None
    assert "to date" in running.columns
    out = restored(frame)
    computed = 100 * out["to date"] / out["contract"]
    assert (computed - out["percent"]).abs().max() < 0.0051  # type: ignore[operator]
    order = out.sort("site_id", "billed", maintain_order=True)
    change = order["to date"] - order["to date"].shift(1)
    same = order["site_id"] == order["site_id"].shift(1)
    assert (change - order["amount"]).filter(same).abs().max() < 0.006  # type: ignore[operator]


def test_what_follows_from_the_time_is_no_meter() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for person in range(150):
        joined = date(2019, 1, 1) + timedelta(days=int(rng.integers(0, 500)))
        day = joined + timedelta(days=int(rng.integers(0, 9)))
        for _ in range(3 + person % 6):
            rows.append((f"P{4000 + 3 * person}", joined, day, (day - joined).days))
            day += timedelta(days=int(rng.integers(3, 70)))
    names = ["lid_id", "begin", "bezoek", "dagen"]
    frame = pl.DataFrame(rows, names, orient="row")
    running = Running.learn(from_dataframe(frame), protect=True)
    assert running is None or "dagen" not in running.columns
    steps = pl.Series(rng.integers(0, 300, len(frame))).cum_sum()
    meter = frame.with_columns(
        (pl.lit(steps) - pl.lit(steps).first().over("lid_id")).alias("dagen")
    )
    still = Running.learn(from_dataframe(meter), protect=True)
    assert still is not None
    assert still.columns == ("dagen",)


def fees() -> pl.DataFrame:
    """Fees of members by month, which change now and then, and what each has paid so far."""
    rng = np.random.default_rng(3)
    rows = []
    for member in range(140):
        month, fee, paid = date(2022, 1 + member % 12, 1), float(rng.integers(10, 40)), 0.0
        for number in range(4 + member % 7):
            change = float(rng.choice([0, 0, 0, 5, -3, 12])) if number else None
            fee += change or 0.0
            paid += fee
            rows.append((f"M{5000 + 3 * member}", month, change, fee, paid))
            month = (month + timedelta(days=31)).replace(day=1)
    return pl.DataFrame(
        rows, ["membre_id", "mois", "variation", "cotisation", "versé"], orient="row"
    )


def test_a_total_of_a_total() -> None:
    frame = fees()
    texts = [str(one.relation) for one in discover(from_dataframe(frame))]
    fee = "cotisation = previous(cotisation) + variation by membre_id, mois"
    paid = "versé = previous(versé) + cotisation by membre_id, mois"
    assert {fee, paid} <= set(texts)
    for listed in ((fee, paid), (paid, fee)):
        table = from_dataframe(frame)
        table = replace(table, schema=replace(table.schema, relations=listed))
        chain, modelled = Chain.learn(table, protect=True)
        assert set(chain.relations(table.schema.names)) == {fee, paid}
        out = chain.inverse(modelled.frame, AT).sort("membre_id", "mois", maintain_order=True)
        same = out["membre_id"] == out["membre_id"].shift(1)
        for total, term in (("versé", "cotisation"), ("cotisation", "variation")):
            change = out[total] - out[total].shift(1) - out[term].fill_null(0)
            assert change.filter(same).abs().max() < 1e-6  # type: ignore[operator]


def test_totals_that_add_each_other_are_not_kept() -> None:
    table = from_dataframe(fees())
    listed = (
        "cotisation = previous(cotisation) + versé by membre_id, mois",
        "versé = previous(versé) + cotisation by membre_id, mois",
    )
    table = replace(table, schema=replace(table.schema, relations=listed))
    assert Running.learn(table, protect=True) is None


def test_what_a_total_adds_is_no_meter() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for loan in range(140):
        month, paid, rest = date(2022, 1 + loan % 12, 1), float(rng.integers(10, 40)), 9_000.0
        for _ in range(4 + loan % 7):
            paid = round(paid + float(rng.uniform(0.1, 9)), 2)
            rest = round(rest - paid, 2)
            rows.append((f"L{5000 + 3 * loan}", month, paid, rest))
            month = (month + timedelta(days=31)).replace(day=1)
    frame = pl.DataFrame(rows, ["loan_id", "due", "principal", "balance"], orient="row")
    running = Running.learn(from_dataframe(frame), protect=True)
    assert running is not None
    assert running.columns == ("balance",)
