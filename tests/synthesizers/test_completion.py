"""Missing values are drawn from the conditional distribution, and everything else is kept."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.synthesizers import CATALOG
from artesian.synthesizers.completion import CompletingModel, impute

METHODS = ("trees", "boosted", "gaussian_copula", "gaussian_mixture")
ROWS = 1500


@lru_cache
def normal() -> tuple[pl.DataFrame, pl.DataFrame]:
    """All values, and the same with a tenth of them missing; z = x - y + noise."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=ROWS)
    y = 0.8 * x + 0.6 * rng.normal(size=ROWS)
    z = x - y + 0.5 * rng.normal(size=ROWS)
    side = np.where(x + 0.3 * rng.normal(size=ROWS) > 0, "right", "left")
    frame = pl.DataFrame({"x": x, "y": y, "z": z, "side": side})
    return frame, frame.with_columns(
        frame[n].scatter(np.flatnonzero(rng.random(ROWS) < 0.1), None) for n in frame.columns
    )


@lru_cache
def completed(method: str) -> list[Table]:
    table = ar.read(normal()[1])
    model = CATALOG[method](protect=False).fit(table, run=Run())
    assert isinstance(model, CompletingModel)
    return [one.table for one in model.complete(table, 9, run=Run())]


@pytest.mark.parametrize("method", METHODS)
def test_present_values_are_kept_and_none_is_missing(method: str) -> None:
    _, hidden = normal()
    for table in completed(method)[:2]:
        for name in hidden.columns:
            present = hidden[name].is_not_null()
            assert table.frame[name].filter(present).equals(hidden[name].filter(present))
            assert table.frame[name].null_count() == 0


@pytest.mark.parametrize("method", METHODS)
def test_draws_follow_the_conditional_distribution(method: str) -> None:
    frame, hidden = normal()
    for name, deviation in (("x", 0.37), ("y", 0.37), ("z", 0.5)):
        alone = hidden.select(
            pl.col(name).is_null() & pl.all_horizontal(pl.exclude(name).is_not_null())
        ).to_series()
        draws = np.stack([t.frame[name].filter(alone).to_numpy() for t in completed(method)])
        truth = frame[name].filter(alone).to_numpy()
        # The spread of the draws is that of the residuals, far below that of the column.
        assert 0.75 * deviation < draws.std(axis=0, ddof=1).mean() < 1.5 * deviation
        assert np.sqrt(((draws.mean(axis=0) - truth) ** 2).mean()) < 1.6 * deviation
        inside = (draws.min(axis=0) <= truth) & (truth <= draws.max(axis=0))
        assert 0.68 < inside.mean() < 0.93  # 0.8 for nine draws


@pytest.mark.parametrize("method", METHODS)
def test_a_category_follows_the_number_that_decides_it(method: str) -> None:
    frame, hidden = normal()
    lost = hidden["side"].is_null() & hidden["x"].is_not_null()
    right = [
        (table.frame["side"].filter(lost) == frame["side"].filter(lost)).mean()
        for table in completed(method)
    ]
    assert np.mean(right) > 0.8  # 0.5 for a guess


def test_imputations_differ_and_are_the_same_for_the_same_seed() -> None:
    table = ar.read(normal()[1])
    model = CATALOG["trees"]().fit(table, run=Run())
    one, other = (
        next(iter(model.complete(table, 1, run=Run.from_seed(3)))).table for _ in range(2)
    )
    assert one.frame.equals(other.frame)
    first, second = completed("trees")[:2]
    assert not first.frame.equals(second.frame)


def test_a_missing_part_of_a_sum_follows_from_the_real_other_parts() -> None:
    rng = np.random.default_rng(5)
    net = np.round(rng.gamma(3, 40, 800), 2)
    tax = np.round(0.2 * net, 2)
    frame = pl.DataFrame({"net": net, "tax": tax, "gross": np.round(net + tax, 2)})
    hidden = frame.with_columns(frame["gross"].scatter(np.arange(0, 800, 9), None))
    table = ar.read(hidden)
    ((filled, violating),) = impute(CATALOG["trees"](protect=False), table, table, 1, Run())
    assert violating == 0
    assert (filled.frame["gross"] - frame["gross"]).abs().max() < 0.006  # type: ignore[operator]


def test_an_order_of_two_dates_is_kept() -> None:
    rng = np.random.default_rng(6)
    start = pl.Series(rng.integers(18_000, 19_000, 600)).cast(pl.Date)
    end = (start.to_physical() + rng.integers(0, 30, 600)).cast(pl.Date)
    frame = pl.DataFrame({"start": start, "end": end, "cost": rng.gamma(2, 10, 600)})
    lost = np.arange(0, 600, 7)
    hidden = frame.with_columns(frame["start"].scatter(lost, None))
    table = ar.read(hidden)
    ((filled, violating),) = impute(CATALOG["trees"](protect=False), table, table, 1, Run())
    rows = filled.frame[lost]
    assert rows["start"].null_count() == 0
    assert violating <= 3
    # The known end says when the start was, within a month.
    days = (rows["end"] - rows["start"]).dt.total_days()
    assert days.abs().median() < 40  # type: ignore[operator]


@pytest.mark.parametrize("method", ["trees", "gaussian_copula"])
def test_a_missing_total_is_the_sum_of_known_parts(method: str) -> None:
    rng = np.random.default_rng(4)
    n = 700
    net, tax = rng.integers(1, 50, n), rng.integers(1, 90, n)
    frame = pl.DataFrame(
        {
            "net": net,
            "tax": tax,
            "gross": pl.Series(net + tax).set(pl.Series(rng.random(n) < 0.1), None),
            "age": pl.Series(rng.integers(18, 66, n)).set(pl.Series(rng.random(n) < 0.1), None),
        }
    )
    table = ar.read(frame)
    table = replace(table, schema=replace(table.schema, constraints=("age >= 18", "age <= 65")))
    for one in ar.impute(table, method=method, imputations=2).data:
        made = one if isinstance(one, pl.DataFrame) else one.frame
        assert made["gross"].null_count() == 0
        assert (made["gross"] == made["net"] + made["tax"]).all()
        assert made["age"].is_between(18, 65).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_narrow_interval_is_kept_in_every_row(method: str) -> None:
    rng = np.random.default_rng(6)
    n = 900
    start = pl.Series(rng.integers(18_000, 19_000, n)).cast(pl.Date)
    end = (start.to_physical() + rng.integers(0, 31, n)).cast(pl.Date)
    frame = pl.DataFrame({"start": start, "end": end, "cost": rng.gamma(2, 10, n).round(2)})
    frame = frame.with_columns(
        frame[name].scatter(np.flatnonzero(rng.random(n) < 0.15), None) for name in ("start", "end")
    )
    rules = (
        'col("end") - col("start") <= duration(days=30)',
        'col("start") <= col("end")',
    )
    table = ar.read(frame)
    table = replace(table, schema=replace(table.schema, constraints=rules))
    for one, violating in impute(CATALOG[method](protect=False), table, table, 2, Run()):
        days = (one.frame["end"] - one.frame["start"]).dt.total_days()
        assert days.is_between(0, 30).all()
        assert violating == 0
