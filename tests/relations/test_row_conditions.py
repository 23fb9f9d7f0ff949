"""Conditions in the syntax of Polars: what they say of rows, and what they refuse."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import SchemaError
from artesian.relations.row_conditions import RowCondition

FRAME = pl.DataFrame(
    {
        "a": [1, 2, None],
        "b": pl.Series([3, 1, 0], dtype=pl.UInt8),
        "x": [0.1, 2.5, 0.0],
        "y": [0.3, -2.5, None],
        "kind": ["open", "closed", None],
        "on": [True, False, None],
        "day": [date(2020, 1, 1), date(2020, 2, 29), None],
        "at": [datetime(2020, 1, 1, 12, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC), None],
        "^odd$": [1, 5, 9],
        "empty": pl.Series([None, None, None], dtype=pl.Null),
    }
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('col("a") < col("b")', [True, False, None]),
        ('col("b") - col("a") >= 0', [True, False, None]),
        ('col("x") + 0.2 == col("y")', [True, False, None]),
        ('col("x") + 0.2 < col("y")', [False, False, None]),
        ('col("x") / col("b") > 1', [False, True, None]),
        ('col("a").is_between(2, 5)', [False, True, None]),
        ('col("b").is_between(1, 3, closed="none")', [False, False, False]),
        ('col("kind").is_in(["open", "x"])', [True, False, None]),
        ('col("b").is_in([3, 0])', [True, False, True]),
        ('(col("kind") != "open") | col("y").is_not_null()', [True, True, None]),
        ('(col("b") == 0) | col("a").is_not_null()', [True, True, True]),
        ('~col("on")', [False, True, None]),
        ('col("on") == 1', [True, False, None]),
        ('col("on") == "Yes"', [True, False, None]),
        ('col("on") & (col("a") > 0)', [True, False, None]),
        ('col("day") >= "2020-02-01"', [False, True, None]),
        ('col("day") < date(2020, 2, 1)', [True, False, None]),
        ('col("at") - col("day") <= duration(days=3)', [True, False, None]),
        ('(col("at") - col("day")).dt.total_days() == 307', [False, True, None]),
        ('col("at").dt.hour() == 12', [True, False, None]),
        ('col("day") + duration(hours=12) == col("at")', [True, False, None]),
        ('col("kind").str.starts_with("op")', [True, False, None]),
        ('col("kind").str.len_chars() > 4', [False, True, None]),
        ('col("kind").str.contains("^o.en$")', [True, False, None]),
        ('max_horizontal("a", "b") == 3', [True, False, None]),
        ('col("a").fill_null(0) == 0', [False, False, True]),
        ('-col("b") < 0', [True, True, False]),
        ('col("b") % 2 == 1', [True, True, False]),
        ('col("^odd$") > 4', [False, True, True]),
        ('col("empty") > 4', [None, None, None]),
    ],
)
def test_what_rows_keep(text, holds):
    assert RowCondition.parse(text, tuple(FRAME.columns)).holds(FRAME).to_list() == holds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('col("kind") > 3', "it compares text with numbers"),
        ('col("kind") < "open"', "text values have no order"),
        ('col("a") + col("kind") == 3', "there is no + of numbers and text"),
        ('col("day") > "soon"', "'soon' is not a date"),
        ('col("a") == "x"', "it compares numbers with text"),
        ('col("a") == None', "nothing is equal to None"),
        ('col("a") > (1 & col("b"))', "'&' joins conditions, and this gives numbers"),
        ('col("a") + col("b")', "it gives numbers, not a condition"),
        ('col("a").dt.year() > 2000', "dt.year takes dates, and this gives numbers"),
        ('col("kind").is_in(col("a"))', "is_in takes a list of values"),
        ('col("kind").str.contains("(")', "the pattern '(' is no regular expression at its"),
        ('col("a").is_unique() & (col("b") > 1)', "is_unique has no place here"),
        ('col("a").fill_null("x") == 1', "it compares numbers with text"),
        ('col("a").round(99) == 1', "round takes a number of decimals"),
    ],
)
def test_types_that_do_not_fit(text, why):
    with pytest.raises(SchemaError, match="cannot be parsed") as caught:
        RowCondition.parse(text, tuple(FRAME.columns)).holds(FRAME)
    assert why in caught.value.problem


@pytest.mark.parametrize(
    ("pattern", "place", "why"),
    [
        ("Ma(le", "character 3, '(le'", "unclosed group"),
        ("[z-a]", "character 2, 'z-a]'", "invalid character class range"),
        ("é*(?=a)", "character 3, '(?=a)'", "look-around"),
        ("a{99999999}", "", "exceeds size limit"),
        ("a\\n(b", "character 3, '(b'", "unclosed group"),
    ],
)
def test_a_bad_pattern_is_named_with_the_place_in_it(pattern, place, why):
    text = f'col("kind").str.contains("{pattern}")'
    with pytest.raises(SchemaError) as caught:
        RowCondition.parse(text, tuple(FRAME.columns)).holds(FRAME)
    assert "at character 26" in caught.value.problem
    assert "is no regular expression" in caught.value.problem
    assert place in caught.value.problem
    assert why in caught.value.problem
    assert len(str(caught.value).splitlines()) == 2


def test_a_literal_is_no_pattern():
    text = 'col("kind").str.contains("(", literal=True)'
    assert not RowCondition.parse(text, tuple(FRAME.columns)).holds(FRAME).any()


OPERANDS = (
    *(f'col("{name}")' for name in FRAME.columns),
    *("1", "2.5", '"open"', "None", "True", "date(2020, 1, 1)", "duration(days=2)", "[1, 2]"),
)
SIGNS = (
    *("+", "-", "*", "/", "//", "%", "&", "|", "^"),
    *("==", "!=", "<", "<=", ">", ">="),
)
METHODS = (
    *(".is_null()", ".abs()", ".dt.year()", ".dt.total_days()", ".str.len_chars()", ".round(1)"),
    *(".fill_null(0)", ".is_in([1])", ".is_between(0, 1)", ".dt.date()", ".floor()"),
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "&", "|", "^", "==", "!=", "<", "<=", ">", ">="]
    )
    return (
        st.tuples(inner, signs, inner).map(lambda parts: f"({' '.join(parts)})")
        | st.tuples(inner, st.sampled_from(METHODS)).map("".join)
        | inner.map(lambda text: f"(~{text})")
        | inner.map(lambda text: f"(-{text})")
    )


@given(st.recursive(st.sampled_from(OPERANDS), grown, max_leaves=8))
def test_any_expression_is_computed_or_refused(text):
    with contextlib.suppress(SchemaError):
        holds = RowCondition.parse(text, tuple(FRAME.columns)).holds(FRAME)
        assert holds.dtype == pl.Boolean
        assert len(holds) == FRAME.height


def test_differences_of_times_of_day_and_durations():
    frame = pl.DataFrame({"long": [timedelta(hours=3), timedelta(hours=30), None]})
    condition = RowCondition.parse('col("long") <= duration(hours=24)', ("long",))
    assert condition.holds(frame).to_list() == [True, False, None]
