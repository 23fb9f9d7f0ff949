"""Categories and flags that a part of a time determines are found, written as text and kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover
from artesian.relations.parse import parse_relation
from artesian.relations.parts import PartDependency

ENGLISH = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
FRENCH = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."]
GERMAN = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
SPANISH = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
SEASONS = ["winter", "spring", "summer", "autumn"]


def texts(frame: pl.DataFrame) -> list[str]:
    return [str(one.relation) for one in discover(ar.read(frame))]


def days(rows: int, span: int = 700, seed: int = 0) -> list[date]:
    rng = np.random.default_rng(seed)
    return [date(2022, 3, 1) + timedelta(days=int(d)) for d in rng.integers(0, span, rows)]


def stamps(rows: int) -> list[datetime]:
    rng = np.random.default_rng(rows)
    return [
        datetime(2023, 1, 1) + timedelta(minutes=int(m))
        for m in rng.integers(0, 60 * 24 * 90, rows)
    ]


@pytest.mark.parametrize("names", [ENGLISH, FRENCH, GERMAN])
def test_names_of_weekdays(names: list[str]) -> None:
    when = days(500)
    frame = pl.DataFrame({"arrival": when, "day": [names[d.weekday()] for d in when]})
    assert texts(frame) == ["weekday(arrival) -> day"]


def test_names_of_months_seasons_and_quarters() -> None:
    when = days(900, 1400)
    frame = pl.DataFrame(
        {
            "sold": when,
            "mes": [SPANISH[d.month - 1] for d in when],
            "season": [SEASONS[d.month % 12 // 3] for d in when],
            "quarter": [f"{'I' * ((d.month - 1) // 3 + 1)} kw." for d in when],
            "pieces": np.random.default_rng(2).integers(1, 90, 900),
        }
    )
    found = texts(frame)
    assert found == ["month(sold) -> mes", "month(sold) -> season", "quarter(sold) -> quarter"]


@pytest.mark.parametrize("flag", [("Y", "N"), (1, 0), (True, False)])
def test_flags_of_weekends(flag: tuple[object, object]) -> None:
    when = days(500)
    frame = pl.DataFrame(
        {"visited": when, "weekend": [flag[0] if d.weekday() > 4 else flag[1] for d in when]}
    )
    assert texts(frame) == ["weekday(visited) -> weekend"]


def test_shifts_and_alternating_weeks() -> None:
    when = stamps(1500)
    frame = pl.DataFrame(
        {
            "start": when,
            "shift": ["early" if t.hour < 12 else "late" if t.hour < 20 else "night" for t in when],
            "crew": ["AB"[t.isocalendar().week % 2] for t in when],
        }
    )
    assert texts(frame) == ["hour(start) -> shift", "mod(week(start), 2) -> crew"]


def test_what_is_constant_for_each_day_or_customer_does_not_depend_on_weekdays() -> None:
    rng = np.random.default_rng(3)
    weather = rng.choice(["sun", "rain", "snow"], 25)
    at = rng.integers(0, 25, 3000)
    customer = rng.integers(0, 12, 3000)
    birth = [date(1960, 1, 4) + timedelta(days=int(d)) for d in rng.integers(0, 12_000, 12)]
    frame = pl.DataFrame(
        {
            "day": [date(2024, 5, 1) + timedelta(days=int(d)) for d in at],
            "weather": weather[at],
            "customer_id": [f"C{c:03d}" for c in customer],
            "born": [birth[c] for c in customer],
            "sex": np.array(list("mf"))[rng.integers(0, 2, 12)][customer],
        }
    )
    assert not any("(" in text for text in texts(frame)), texts(frame)


def test_unrelated_columns_depend_on_no_part() -> None:
    rng = np.random.default_rng(4)
    frame = pl.DataFrame(
        {
            "at": stamps(2000),
            "until": stamps(2000)[::-1],
            **{f"flag {k}": rng.random(2000) < 0.03 for k in range(20)},
            **{f"kind {k}": rng.choice(list("abc"), 2000) for k in range(20)},
        }
    )
    assert not any("(" in text for text in texts(frame))


@pytest.mark.parametrize("text", ["weekday(a) -> b", 'mod(week("a b"), 2) -> "c (d)"'])
def test_a_part_is_its_own_text(text: str) -> None:
    relation = parse_relation(text, ("a", "b", "a b", "c (d)"))
    assert isinstance(relation, PartDependency)
    assert str(relation) == text


def test_a_quoted_name_with_parentheses_is_no_part() -> None:
    relation = parse_relation('"week (a)" -> b', ("week (a)", "b"))
    assert not isinstance(relation, PartDependency)
    assert relation.columns == ("week (a)", "b")


@pytest.mark.parametrize("method", ["trees", "marginals"])
def test_parts_are_kept_and_saved(method: str, tmp_path: Path) -> None:
    when = days(800)
    rng = np.random.default_rng(5)
    missing = rng.random(800) < 0.2
    source = pl.DataFrame(
        {
            "check_in": when,
            "jour": [FRENCH[d.weekday()] for d in when],
            "is_weekend": [int(d.weekday() > 4) for d in when],
            "paid": [None if m else d for m, d in zip(missing, when[::-1], strict=True)],
            "paid_month": [
                None if m else SPANISH[d.month - 1]
                for m, d in zip(missing, when[::-1], strict=True)
            ],
        }
    )
    ar.save(ar.synth(source, method=method, seed=1, metrics=()).model, tmp_path / "model")
    rows = ar.load(tmp_path / "model").sample(1500)
    assert rows["jour"].to_list() == [FRENCH[d.weekday()] for d in rows["check_in"]]
    assert rows["is_weekend"].to_list() == [int(d.weekday() > 4) for d in rows["check_in"]]
    months = [None if d is None else SPANISH[d.month - 1] for d in rows["paid"]]
    assert rows["paid_month"].to_list() == months
    assert 0.1 < rows["paid"].is_null().mean() < 0.3


def test_a_condition_on_the_name_of_a_day_holds() -> None:
    when = days(800)
    source = pl.DataFrame({"at": when, "day": [GERMAN[d.weekday()] for d in when]})
    rows = ar.synth(source, seed=1, metrics=()).model.sample(200, where={"day": "Sa"})
    assert rows.height == 200
    assert {d.weekday() for d in rows["at"]} == {5}


def test_broken_parts_are_counted() -> None:
    when = days(900)
    source = pl.DataFrame({"at": when, "day": [GERMAN[d.weekday()] for d in when]})
    wrong = source.with_columns(pl.col("day").shuffle(seed=1))
    result = ar.compare(source, wrong, metrics=("relations",))["relations"]
    assert result.value == pytest.approx(6 / 7, abs=0.05)
    assert list(result.parts) == ["weekday(at) -> day"]
