"""Terms in months: contracts, loans, subscriptions."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.expressions import FUNCTIONS


def shifted(days: list[date], months: list[int], earlier: int = 0) -> list[date]:
    frame = pl.DataFrame({"day": days, "months": months})
    later = frame.select(pl.col("day").dt.offset_by(pl.format("{}mo", "months")))["day"]
    return (later - timedelta(days=earlier)).to_list()


def contracts(earlier: int, rows: int = 240) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    begin = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1_400, rows)]
    months = rng.choice([6, 12, 24, 36], rows).tolist()
    return pl.DataFrame(
        {
            "Beginn": begin,
            "Laufzeit": months,
            "Ende": shifted(begin, months, earlier),
            "Preis": rng.gamma(5, 6, rows).round(2),
        }
    )


def renewals(rows: int = 200) -> pl.DataFrame:
    """A year for everyone."""
    rng = np.random.default_rng(2)
    begin = [date(2019, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 2_000, rows)]
    return pl.DataFrame({"start": begin, "renewal": shifted(begin, [12] * rows)})


@pytest.mark.parametrize("earlier", [0, 1])
def test_a_term_in_months_is_discovered_and_kept(earlier: int) -> None:
    source = contracts(earlier)
    texts = [str(one.relation) for one in discover(ar.read(source))]
    suffix = " - 1" if earlier else ""
    assert f"Ende = add_months(Beginn, Laufzeit){suffix}" in texts
    rows = ar.synth(source, method="trees", seed=1, metrics=()).table.frame
    expected = shifted(rows["Beginn"].to_list(), rows["Laufzeit"].to_list(), earlier)
    assert rows["Ende"].to_list() == expected
    assert set(rows["Laufzeit"]) <= {6, 12, 24, 36}


def test_a_term_of_all_rows_is_discovered_and_kept() -> None:
    texts = [str(one.relation) for one in discover(ar.read(renewals()))]
    assert "renewal = add_months(start, 12)" in texts
    rows = ar.synth(renewals(), method="trees", seed=1, metrics=()).table.frame
    assert rows["renewal"].to_list() == shifted(rows["start"].to_list(), [12] * len(rows))


def test_days_that_are_not_months_are_no_term() -> None:
    frame = contracts(0).with_columns(Ende=pl.col("Beginn") + pl.duration(days=90))
    assert not any("add_months" in str(one.relation) for one in discover(ar.read(frame)))


def test_months_are_those_of_polars() -> None:
    """The last day of a month that has no such day."""
    days = pl.date_range(date(2019, 11, 1), date(2020, 4, 1), eager=True)
    for months in (0, 1, 3, 12, 13):
        expected = days.dt.offset_by(f"{months}mo").to_physical().to_numpy()
        start = days.to_physical().cast(pl.Float64).to_numpy()
        computed = FUNCTIONS["add_months"](start, np.full(len(start), float(months)))
        assert np.array_equal(computed, expected)
    assert np.isnan(FUNCTIONS["add_months"](np.array([np.nan]), np.array([1.0]))).all()
