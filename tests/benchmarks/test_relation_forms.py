"""The forms in which relations are listed by hand hold in the rows a reader would count."""

import json
from pathlib import Path

import polars as pl
import pytest

from relation_forms import parse
from relation_values import FormError

LISTED = Path(__file__).resolve().parents[2] / "benchmarks" / "data" / "relations_by_hand.json"

FRAME = pl.DataFrame(
    {
        "net": [10.0, 20.0, 30.0, None],
        "gross price": [12.5, 25.0, 37.6, 50.0],
        "low": [1, 2, 3, 4],
        "high": [1, 3, 2, 9],
        "start": ["2024-02-28", "2024-12-31", "2023-05-01", None],
        "end": ["2024-03-01 10:00:00", "2025-01-01 00:00:00", "2023-05-01 23:59:59", None],
        "born": ["2000-02-29", "1999-12-31", "2000-05-02", "1990-01-01"],
        "left": [2355, 10, 830, 905],
        "planned": [2350, 2350, 845, None],
        "town": ["Bern", "Bern", "Basel", None],
        "land": ["CH", "CH", "CH", "FR"],
        "status": ["open", "done", "open", "done"],
        "code": ["A-Bern", "B-Bern", "A-Bonn", "A-"],
        "is_a": [1, 0, 0, 1],
        "is_b": [0, 1, 0, 0],
    }
)


@pytest.mark.parametrize(
    ("text", "holds", "applies"),
    [
        ('"gross price" = 1.25 * net', [1, 1, 0], 3),
        ('"gross price" = 1.25 * net within 0.1', [1, 1, 1], 3),
        ("low <= high", [1, 1, 0, 1], 4),
        ("low < high", [0, 1, 0, 1], 4),
        ("high >= low", [1, 1, 0, 1], 4),
        ("low + is_b <= high", [1, 1, 0, 1], 4),
        ("high = low + low - low", [1, 0, 0, 0], 4),
        ("low = high / 1", [1, 0, 0, 0], 4),
        ("start <= end", [1, 1, 1], 3),
        ("low = month(start)", [0, 0, 0], 3),
        ("high = days(end - start)", [0, 0, 0], 3),
        ("high = age(born, start)", [0, 0, 0], 3),
        ("low = minutes(left - planned)", [0, 0, 0], 3),
        ("town -> land", [1, 1, 1], 3),
        ("status -> low", [1, 1, 0, 0], 4),
        ("missing(start) = missing(end)", [1, 1, 1, 1], 4),
        ("missing(town) if status = 'done'", [0, 1], 2),
        ("missing(town) exactly if status = 'done'", [1, 0, 1, 1], 4),
        ("missing(town) exactly unless status = 'open'", [1, 0, 1, 1], 4),
        ("is_a = 1 if status = 'open'", [1, 0], 2),
        ("exactly one of (is_a, is_b)", [1, 1, 0, 1], 4),
        ("at most one of (is_a, is_b)", [1, 1, 1, 1], 4),
        ('code = text("A-{town}")', [1, 0, 0], 3),
        ('code ~ text("A-...")', [1, 0, 1, 1], 4),
    ],
)
def test_a_form_holds_where_it_says(text: str, holds: list[int], applies: int) -> None:
    outcome = parse(text).judge(FRAME)
    assert outcome.rows == applies
    assert outcome.holds[outcome.applies].astype(int).tolist() == holds


def test_dates_count_days_full_years_and_minutes_over_midnight() -> None:
    frame = FRAME.with_columns(
        days=pl.Series([2, 1, 0, 5]),
        age=pl.Series([23, 25, 22, 1]),
        autumn=pl.Series(["2024-09-30", "2024-12-30", "2023-10-02", "2023-12-31"]),
        older=pl.Series([24, 24, 23, 33]),
        late=pl.Series([5, 20, -15, 1]),
    )
    assert parse("days = days(end - start)").judge(frame).share == 1
    assert parse("age = age(born, start)").judge(frame).share == 1
    assert parse("older = age(born, autumn)").judge(frame).share == 1
    assert parse("late = minutes(left - planned)").judge(frame).share == 1


def test_a_dependency_learned_elsewhere_is_judged_by_value() -> None:
    elsewhere = pl.DataFrame({"town": ["Bern", "Bern"], "land": ["AT", "AT"]})
    outcome = parse("town -> land").judge(FRAME, elsewhere)
    assert (outcome.rows, outcome.share) == (2, 0.0)


def test_bins_are_ranges_of_the_value() -> None:
    known = pl.DataFrame({"group": [1, 1, 2, 2], "a": [1.0, 2.0, 3.0, 4.0], "b": [0.0] * 4})
    fresh = pl.DataFrame({"group": [1, 1, 2], "a": [1.5, 3.5, 9.0], "b": [0.0] * 3})
    outcome = parse("group = bin(a + b)").judge(fresh, known)
    assert outcome.holds.tolist() == [True, False, True]


@pytest.mark.parametrize("text", ["", "a", "a -", "a = = b", "missing(a) if", "a = f(b"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(FormError):
        parse(text)


def test_every_listed_relation_can_be_read_and_has_a_reason() -> None:
    listed = json.loads(LISTED.read_text(encoding="utf-8"))
    assert len(listed) >= 30
    for entries in listed.values():
        assert len({one["relation"] for one in entries}) == len(entries)
        for one in entries:
            assert parse(one["relation"]).text == one["relation"]
            assert one["why"]
