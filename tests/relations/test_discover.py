"""Planted relations are discovered; unrelated columns have none."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def texts(frame: pl.DataFrame) -> list[str]:
    return [str(one.relation) for one in discover(ar.read(frame))]


def money(rng: np.random.Generator, rows: int) -> np.ndarray:
    return np.round(np.exp(rng.normal(3, 1, rows)), 2)


@pytest.mark.parametrize("rows", [60, 400, 5000])
def test_computed_columns(rows: int) -> None:
    rng = np.random.default_rng(rows)
    net, qty, rebate = money(rng, rows), rng.integers(1, 20, rows), rng.integers(0, 50, rows)
    shipping = np.round(rng.uniform(2, 30, rows), 2)
    start = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1500, rows)]
    nights = rng.integers(1, 60, rows)
    frame = pl.DataFrame(
        {
            "net": net,
            "qty": qty,
            "rebate": rebate,
            "shipping": shipping,
            "gross": np.round(net * 1.19 + 1e-9, 2),
            "worth": np.round(net * qty + 1e-9, 2),
            "billed": np.round(net + shipping, 2),
            "start": start,
            "nights": nights,
            "end": [s + timedelta(days=int(n)) for s, n in zip(start, nights, strict=True)],
            "month": [s.month for s in start],
        }
    )
    discovered = texts(frame)
    for text in ("month = month(start)", "gross = 1.19 * net within", "worth = net * qty within"):
        assert any(one.startswith(text) for one in discovered), (text, discovered)
    for names in ({"billed", "net", "shipping"}, {"end", "nights", "start"}):
        assert any(set(one.relation.columns) == names for one in discover(ar.read(frame))), (
            names,
            discovered,
        )


def test_a_total_of_many_columns() -> None:
    rng = np.random.default_rng(5)
    parts = {f"week {at}": rng.poisson(20 + 5 * at, 800) for at in range(5)}
    frame = pl.DataFrame(parts | {"total": sum(parts.values())})
    (found,) = [t for t in texts(frame) if t.startswith("total =")]
    assert found == 'total = "week 0" + "week 1" + "week 2" + "week 3" + "week 4"' or (
        found.startswith('total = "week 0"') and found.count("+") == 4
    )


def test_orders_dependencies_missing_values_and_texts() -> None:
    rng = np.random.default_rng(6)
    n = 900
    low = rng.normal(50, 10, n).round(1)
    town = rng.integers(0, 40, n)
    state = town % 6
    status = rng.choice(["open", "closed", "lost"], n)
    reason = [None if s == "open" else int(rng.integers(1, 9)) for s in status]
    kind = rng.choice(["A", "B", "C"], n)
    frame = pl.DataFrame(
        {
            "diastolic": low,
            "systolic": (low + rng.gamma(4, 8, n)).round(1),
            "town": [f"town {t}" for t in town],
            "state": [f"S{s}" for s in state],
            "status": status,
            "reason": reason,
            "kind": kind,
            "label": [
                f"{k}{k}/{int(x)}" for k, x in zip(kind, rng.integers(0, 9999, n), strict=True)
            ],
            "gain": np.where(kind == "A", rng.integers(1, 900, n), 0),
            "loss": np.where(kind == "B", rng.integers(1, 900, n), 0),
        }
    )
    discovered = texts(frame)
    for text in (
        "diastolic <= systolic",
        "town -> state",
        "missing(reason) = status in ('open')",
        "at most one of (gain, loss)",
    ):
        assert text in discovered, (text, discovered)


@pytest.mark.parametrize("seed", range(6))
def test_unrelated_columns_have_no_relation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(15, 800))
    frame = pl.DataFrame(
        {
            "x": money(rng, n),
            "y": money(rng, n),
            "i": rng.integers(0, 9, n),
            "j": rng.integers(0, 200, n),
            "b": rng.integers(0, 2, n),
            "c": rng.choice(list("abcdef"), n),
            "d": rng.choice(list("uvw"), n, p=[0.9, 0.05, 0.05]),
            "when": [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 900, n)],
            "then": [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 900, n)],
        }
    )
    assert texts(frame) == []


def test_a_source_that_is_mostly_missing_computes_nothing() -> None:
    rng = np.random.default_rng(8)
    rare = np.where(rng.random(900) < 0.1, 1, 0)
    years = pl.Series(rng.integers(0, 15, 900)).set(pl.Series(rare == 1), None)
    flag = np.where(rng.random(900) < 0.03, 1, 0) * rare
    frame = pl.DataFrame({"years": years, "flag": flag, "rare": rare})
    assert not [t for t in texts(frame) if "floor" in t]


def test_a_few_wrong_rows_do_not_hide_a_relation() -> None:
    rng = np.random.default_rng(7)
    net = money(rng, 2000)
    gross = np.round(net * 1.2, 2)
    gross[:6] += 5
    (found,) = discover(ar.read(pl.DataFrame({"net": net, "gross": gross})))[:1]
    assert str(found.relation).startswith("gross = 1.2 * net")
    assert found.exceptions == 6
    assert "1,994 of 2,000" in found.evidence


def test_a_year_is_that_of_the_day_even_if_the_first_day_of_the_week_has_the_same() -> None:
    days = [date(2019 + at % 4, 3, 1) + timedelta(days=at) for at in range(200)]
    frame = pl.DataFrame(
        {
            "week": [day - timedelta(days=day.weekday()) for day in days],
            "day": days,
            "year": [day.year for day in days],
        }
    )
    found = texts(frame)
    assert "year = year(day)" in found
    assert "week = week_start(day)" in found


@pytest.mark.parametrize(("rows", "listed"), [(2_600, False), (40_000, True)])
def test_decimals_that_mostly_differ_determine_nothing(rows, listed):
    rng = np.random.default_rng(3)
    mid = np.round(rng.uniform(0.7, 1.1, rows), 4)
    frame = pl.DataFrame({"mid": mid, "tick": np.floor(np.sin(mid * 999) * 9) / 8})
    assert ("mid -> tick" in texts(frame)) == listed
