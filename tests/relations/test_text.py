"""Relations are written as text and read back unchanged; wrong texts are refused with a hint."""

from __future__ import annotations

import math
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import SchemaError
from artesian.relations.expressions import Binary, Call, Number, Ref, parse_expression
from artesian.relations.parse import parse_relation

COLUMNS = ("a", "b", "c", "unit price", "start", "end")

TEXTS = [
    "a = b",
    "a = -b",
    "a = 1.25 * b within 0.005",
    "a = 1.8 * b + 32 within 0.014",
    "a = b * (1 - c)",
    "a = b - c",
    'a = "unit price" * b / 100 within 0.005',
    "a = or_zero(b) - or_zero(c)",
    "a = year(start)",
    "a = age(start, end)",
    "a = end - start",
    "start <= end",
    "start < end",
    "a != b",
    "a -> b",
    "a, b -> c",
    "a in ('x', 'it''s') -> b",
    "a = 0.05 * b within 0.005 if c in ('x', 'y''s')",
    "missing(a) = missing(b)",
    "missing(a) = present(b)",
    "missing(a) = b in ('open')",
    "exactly one of (a, b, c)",
    "at most one of (a, b)",
    'a = text("{b}-{c}")',
    'a = text("AB{b}...")',
    "a = previous(a) + b by c, start",
    "a = previous(a) + b - end by c, start",
    "a = previous(a) + b if c in ('x', 'y''s') - b if c in ('z') - end by c, start",
    "b = previous(a) by c, start",
    "a never falls by c, start",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_relation_is_its_own_text(text: str) -> None:
    assert str(parse_relation(text, COLUMNS)) == text


def test_greater_is_written_as_less() -> None:
    assert str(parse_relation("end >= start", COLUMNS)) == "start <= end"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a = 1.25 * x", "'x'"),
        ("a =", "ends too early"),
        ("a = b +", "ends too early"),
        ("a = (b", "')' is missing"),
        ("nothing", "not understood"),
        ("a = previous(a) + by c, start", "not understood"),
        ("a = previous(a) + b if c in (x) by start", "not understood"),
        ("x -> a", "'x'"),
        ("missing(x) = missing(a)", "'x'"),
        ("at most one of (a, x)", "'x'"),
        ("a = sqrt(b)", "'sqrt'"),
        ("__import__('os') = a", "not understood"),
    ],
)
def test_a_wrong_text_is_refused(text: str, part: str) -> None:
    with pytest.raises(SchemaError) as refusal:
        parse_relation(text, COLUMNS)
    assert part in refusal.value.problem
    assert refusal.value.hint


def expressions() -> st.SearchStrategy[object]:
    numbers = st.integers(1, 99).map(lambda n: Number(n / 4))
    leaves = st.one_of(st.sampled_from([Ref("a"), Ref("b"), Ref("unit price")]), numbers)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
            st.builds(Call, st.sampled_from(["abs", "floor"]), st.tuples(inner)),
        ),
        max_leaves=6,
    )


@given(expressions())
def test_the_text_of_an_expression_has_its_value(node) -> None:  # type: ignore[no-untyped-def]
    frame = pl.DataFrame({"a": [1.5, -2.0], "b": [3.0, 0.25], "unit price": [10.0, 7.0]})
    again = parse_expression(str(node), ("a", "b", "unit price"))
    for one, two in zip(node.evaluate(frame), again.evaluate(frame), strict=True):
        assert one == pytest.approx(two, rel=1e-9) or (math.isnan(one) and math.isnan(two))


def test_dates_are_days_and_parts_are_those_of_the_calendar() -> None:
    frame = pl.DataFrame(
        {
            "start": [date(2024, 2, 29), date(1999, 12, 31)],
            "end": [datetime(2024, 3, 1, 12), datetime(2000, 1, 2)],
        }
    )
    names = ("start", "end")
    assert parse_expression("end - start", names).evaluate(frame).tolist() == [1.5, 2.0]
    assert parse_expression("year(start)", names).evaluate(frame).tolist() == [2024, 1999]
    assert parse_expression("hour(end)", names).evaluate(frame).tolist() == [12, 0]
    assert parse_expression("age(start, end)", names).evaluate(frame).tolist() == [0, 0]
