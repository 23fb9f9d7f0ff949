"""Running totals, and columns that rise because a total does, or because time passes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from artesian.core.run import Run
from artesian.data.dataframes import from_dataframe
from artesian.encoding.transforms.chain import Chain
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.running import Running

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
