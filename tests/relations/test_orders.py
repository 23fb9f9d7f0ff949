"""Orders and arithmetic: found where the values have them, kept in synthetic rows, else not listed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.dependencies import Dependency
from artesian.relations.discover import discover
from artesian.relations.orders import Inequality, Order
from artesian.relations.parse import parse_relation

Column = np.ndarray | list[date] | list[datetime] | list[time]


def texts(frame: pl.DataFrame) -> list[str]:
    return [str(one.relation) for one in discover(ar.read(frame))]


def money(rng: np.random.Generator, rows: int) -> np.ndarray:
    return np.round(np.exp(rng.normal(3, 1, rows)), 2)


def independent(rng: np.random.Generator, rows: int) -> list[Column]:
    start = datetime(2018, 1, 1)
    minutes = rng.integers(0, 1440, rows)
    return [
        rng.normal(20, 15, rows).round(1),
        np.round(np.exp(rng.normal(2, 1.5, rows)), 2),
        rng.poisson(3, rows),
        rng.integers(0, 900, rows),
        (rng.random(rows) < 0.02).astype(int),
        np.where(rng.random(rows) < 0.8, 0, money(rng, rows)),
        rng.uniform(0, 50, rows),
        [(start + timedelta(days=int(d))).date() for d in rng.integers(0, 900, rows)],
        [start + timedelta(minutes=int(m)) for m in rng.integers(0, 900_000, rows)],
        rng.normal(40, 15, rows).clip(18, 90).round(),
        [time(int(m) // 60, int(m) % 60) for m in minutes],
        rng.permutation(minutes // 60 * 100 + minutes % 60),
    ]


def test_independent_columns_have_no_order_and_no_formula() -> None:
    with_relations = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        columns = independent(rng, int(rng.integers(15, 600)))
        chosen = rng.choice(len(columns), 7, replace=False)
        frame = pl.DataFrame({f"c{at}": columns[at] for at in chosen})
        kinds = [type(one.relation) for one in discover(ar.read(frame))]
        with_relations += any(kind.__name__ in ("Formula", "Order", "Inequality") for kind in kinds)
    assert with_relations == 0


def test_times_of_day_past_midnight() -> None:
    rng = np.random.default_rng(1)
    planned = rng.integers(0, 1440, 700)
    late = np.where(rng.random(700) < 0.5, rng.integers(-20, 5, 700), rng.integers(0, 400, 700))
    actual = (planned + late) % 1440
    frame = pl.DataFrame(
        {
            "planned": [time(int(m) // 60, int(m) % 60) for m in planned],
            "hour": planned // 60,
            "minute": planned % 60,
            "late": late,
            "actual": (actual // 60 * 100 + actual % 60).astype(float),
            "departure": planned,
            "flight": (length := rng.integers(30, 600, 700)),
            "arrival": (planned + length) % 1440,
        }
    )
    first = frame.select("planned", "hour", "minute", "late", "actual")
    assert "planned = time(hour, minute)" in texts(first)
    clock = next(text for text in texts(first) if text.startswith("actual"))
    assert clock in (
        "actual = hhmm(planned + late / 1440)",
        "actual = clock(planned + late / 1440)",
    )
    second = frame.select("departure", "flight", "arrival")
    assert "arrival = mod(departure + flight, 1440)" in texts(second)


def test_durations_and_ages() -> None:
    rng = np.random.default_rng(2)
    minutes = rng.integers(5, 500, 600)
    start = [datetime(2022, 1, 1) + timedelta(minutes=int(m)) for m in rng.integers(0, 5e5, 600)]
    visit = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1500, 600)]
    born = rng.integers(1930, 2005, 600)
    frame = pl.DataFrame(
        {
            "start": start,
            "end": [s + timedelta(minutes=int(m)) for s, m in zip(start, minutes, strict=True)],
            "minutes": minutes,
            "hours": np.round(minutes / 60, 2),
            "visit": visit,
            "born": born,
            "age": [day.year - int(year) for day, year in zip(visit, born, strict=True)],
        }
    )
    found = texts(frame)
    assert any(text.startswith("hours = minutes / 60 within") for text in found), found
    assert "age = year(visit) - born" in found
    assert any("minutes / 1440" in text for text in found), found


def test_percentages_and_coarse_quotients() -> None:
    rng = np.random.default_rng(3)
    net = money(rng, 900)
    cost = np.round(net * rng.uniform(0.3, 0.95, 900), 2)
    area, width = rng.uniform(50, 900, 900).round(1), rng.uniform(3, 30, 900).round(1)
    frame = pl.DataFrame({"net": net, "cost": cost, "margin": np.round(100 * (1 - cost / net), 1)})
    assert any(text.startswith("margin = 100 * (net - cost) / net") for text in texts(frame))
    exact = area + rng.uniform(-0.05, 0.05, 900)
    frame = pl.DataFrame({"area": area, "width": width, "length": np.round(exact / width, 2)})
    assert any(set(one.relation.columns) == set(frame.columns) for one in discover(ar.read(frame)))


def test_a_quotient_that_is_zero_for_a_division_by_zero() -> None:
    rng = np.random.default_rng(4)
    hits, shots = rng.integers(0, 900, 800), np.where(rng.random(800) < 0.1, 0, 950)
    shots = np.where(shots > 0, hits + rng.integers(1, 90, 800), 0)
    rate = np.round(np.divide(hits, shots, out=np.zeros(800), where=shots > 0), 3)
    frame = pl.DataFrame({"hits": hits, "shots": shots, "rate": rate})
    assert any(text.startswith("rate = or_zero(hits / shots)") for text in texts(frame))


def test_a_count_of_flags_that_are_missing_together() -> None:
    rng = np.random.default_rng(5)
    flags = {f"flag {at}": (rng.random(700) < rate).astype(int) for at, rate in
             enumerate((0.3, 0.1, 0.05, 0.02, 0.004))}  # fmt: skip
    frame = pl.DataFrame(flags | {"count": sum(flags.values())})
    gone = pl.Series(rng.random(700) < 0.1)
    frame = frame.with_columns(s.set(gone, None) for s in frame)
    found = next(text for text in texts(frame) if text.startswith("count ="))
    assert all(f'"{name}"' in found for name in flags)


def test_an_order_with_rows_on_its_boundary_may_have_errors() -> None:
    rng = np.random.default_rng(6)
    age = rng.integers(16, 80, 1000)
    first = np.minimum(age, rng.normal(18, 3, 1000).round())
    first[:2] = age[:2] + 1
    assert "first <= age" in texts(pl.DataFrame({"first": first, "age": age}))
    normal = rng.normal(0, 1, 4000)
    frame = pl.DataFrame({"low": normal.round(3), "high": (rng.normal(3.9, 1, 4000)).round(3)})
    assert texts(frame) == []  # a tendency


def parts_of_a_total(rows: int = 1500) -> pl.DataFrame:
    rng = np.random.default_rng(7)
    fare, fee = money(rng, rows), np.round(rng.choice([0.0, 0.5, 2.5], rows), 2)
    tip = np.where(rng.random(rows) < 0.4, 0, np.round(fare * rng.uniform(0.05, 0.3, rows), 2))
    tolls = np.where(rng.random(rows) < 0.9, 0, rng.choice([3.5, 5.76, 6.94, 12.5, 17.28], rows))
    return pl.DataFrame(
        {"fare": fare, "tip": tip, "tolls": tolls, "total": np.round(fare + tip + tolls + fee, 2)}
    )


def test_parts_do_not_exceed_their_total() -> None:
    frame = parts_of_a_total()
    found = [d.relation for d in discover(ar.read(frame)) if isinstance(d.relation, Inequality)]
    assert [set(one.columns) for one in found] == [{"fare", "tip", "tolls", "total"}]
    assert str(parse_relation(str(found[0]), tuple(frame.columns))) == str(found[0])
    made = ar.Trees().fit(frame).sample(2000)
    assert found[0].holds(made).mean() == 1.0


@pytest.mark.parametrize("text", ["low + 10 <= high", "high <= 3 * low", "a + b <= c"])
def test_inequalities_are_read_and_judged(text: str) -> None:
    names = ("low", "high", "a", "b", "c")
    relation = parse_relation(text, names)
    assert isinstance(relation, Inequality)
    assert str(relation) == text
    frame = pl.DataFrame(
        {"low": [5.0, 5.0, None], "high": [15.0, 16.0, 1.0], "a": [1, 2, 3], "b": [1, 2, 3],
         "c": [2, 3, None]}
    )  # fmt: skip
    expected = {
        "low + 10 <= high": [True, True, None],
        "high <= 3 * low": [True, False, None],
        "a + b <= c": [True, False, None],
    }
    assert relation.holds(frame).to_list() == expected[text]


def test_a_column_between_bounds_on_both_sides(tmp_path: Path) -> None:
    """black <= smoothed <= area = height * width, and neither end of it is free."""
    rng = np.random.default_rng(8)
    height, width = rng.integers(1, 60, 2000), rng.integers(2, 300, 2000)
    area = height * width
    black = np.maximum(1, np.round(area * rng.beta(2, 3, 2000)))
    smoothed = np.round(black + (area - black) * rng.beta(1, 3, 2000))
    frame = pl.DataFrame(
        {"height": height, "width": width, "area": area, "black": black, "smoothed": smoothed}
    )
    orders = [d.relation for d in discover(ar.read(frame)) if isinstance(d.relation, Order)]
    assert {"black <= smoothed", "smoothed <= area"} <= set(map(str, orders))
    model = ar.Trees().fit(frame)
    made = model.sample(3000)
    assert (made["area"] == made["height"] * made["width"]).all()
    for order in orders:
        assert order.holds(made).mean() >= 0.995, str(order)
    ar.save(model, tmp_path / "model")
    assert ar.load(tmp_path / "model").sample(200).equals(made.head(200))


def test_bounded_columns_are_missing_with_the_others() -> None:
    rng = np.random.default_rng(9)
    smokes = (rng.random(1500) < 0.3).astype(float)
    years = np.where(smokes == 1, rng.integers(1, 30, 1500), 0).astype(float)
    packs = np.round(years * rng.uniform(0, 1, 1500), 1)
    gone = pl.Series(rng.random(1500) < 0.05)
    frame = pl.DataFrame({"age": rng.integers(30, 70, 1500), "smokes": smokes, "years": years,
                          "packs": packs})  # fmt: skip
    frame = frame.with_columns(frame[name].set(gone, None) for name in ("smokes", "years", "packs"))
    made = ar.Trees().fit(frame).sample(3000)
    assert (made["years"].is_null() == made["smokes"].is_null()).mean() >= 0.995
    assert (made["packs"].is_null() == made["smokes"].is_null()).mean() >= 0.995
    assert (made["packs"] <= made["years"]).drop_nulls().mean() >= 0.995
    assert not [d for d in discover(ar.read(frame)) if isinstance(d.relation, Dependency) and
                d.relation.target == "age"]  # fmt: skip


def test_a_count_between_two_others_and_its_own_lower_limit() -> None:
    rng = np.random.default_rng(12)
    units = rng.integers(4, 900, 800)
    boxes = np.maximum(1, units // rng.integers(2, 30, 800))
    pallets = np.maximum(1, boxes // rng.integers(1, 9, 800))
    frame = pl.DataFrame({"units": units, "boxes": boxes, "pallets": pallets})
    made = ar.synth(frame, method="marginals", seed=1, metrics=()).data
    assert made.select((pl.col("pallets") >= 1).all()).item()
    kept = made.select(
        (pl.col("pallets") <= pl.col("boxes")) & (pl.col("boxes") <= pl.col("units"))
    )
    assert kept.to_series().all()
