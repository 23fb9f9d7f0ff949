"""A listed relation counts as found when a found one states it or it follows, and not otherwise."""

import polars as pl
import pytest

from relation_forms import parse
from relation_matching import Fact, fact, matched

FRAME = pl.DataFrame(
    {"a": [3, 5, 9], "b": [1, 2, 4], "c": [2, 3, 5], "d": [0, 1, -1], "e": ["x", "y", None]}
)


def columns(text: str, *names: str) -> Fact:
    return fact(text, names)


@pytest.mark.parametrize(
    ("listed", "facts"),
    [
        ("a = b", [columns("b = a", "b", "a")]),
        ("a = b + c", [columns("c = a - b within 0.5", "c", "a", "b")]),
        ("a <= b", [columns("a < b", "a", "b")]),
        ("a <= c", [columns("a <= b", "a", "b"), columns("b <= c", "b", "c")]),
        ("b <= a", [columns("a = b + c", "a", "b", "c")]),
        ("c <= a", [columns("b = a - c", "b", "a", "c")]),
        ("a -> c", [columns("a -> b", "a", "b"), columns("b -> c", "b", "c")]),
        ("b -> a", [columns("a = 2 * b", "a", "b")]),
        ("a -> b", [columns("c -> a", "c", "a"), columns("c -> b", "c", "b")]),
        ("missing(a) = missing(c)", [
            columns("missing(a) = missing(b)", "a", "b"),
            columns("missing(c) = missing(b)", "c", "b"),
        ]),
        ("missing(a) exactly if e = 'x'", [columns("missing(a) = e in ('x')", "a", "e")]),
        ("missing(a) if e = 'x'", [columns("missing(a) = e in ('x', 'y')", "a", "e")]),
        ("a = 0 exactly if b = 0", [columns("a -> b", "a", "b")]),
        ("a = 0 if e = 'x'", [columns("e in ('x') -> a", "e", "a")]),
        ("exactly one of (a, b)", [columns("a = 1 - b", "a", "b")]),
        ("exactly one of (a, b, c)", [columns("a = 1 - b - c", "a", "b", "c")]),
        ('e ~ text("{a}...")', [columns('e = text("{a}...")', "e", "a")]),
    ],
)  # fmt: skip
def test_what_follows_counts_as_found(listed: str, facts: list[Fact]) -> None:
    assert matched(parse(listed), facts, FRAME) is not None


@pytest.mark.parametrize(
    ("listed", "facts"),
    [
        ("a <= b", [columns("b <= a", "b", "a")]),
        ("b <= a", [columns("a = b + d", "a", "b", "d")]),
        ("a -> b", [columns("a, c -> b", "a", "c", "b")]),
        ("missing(a) = missing(b)", [columns("missing(a) = e in ('x')", "a", "e")]),
        ("missing(a) exactly if e = 'x'", [columns("missing(a) = e in ('x', 'y')", "a", "e")]),
        ("a = 0 if e = 'x'", [columns("e in ('y') -> a", "e", "a")]),
        ("e -> a", [columns("e in ('x') -> a", "e", "a")]),
        ("a = 0 if b = 0", [columns("a <= b", "a", "b")]),
        ("exactly one of (a, b, c)", [columns("exactly one of (a, b)", "a", "b")]),
        ("a = b", []),
    ],
)
def test_what_does_not_follow_is_missed(listed: str, facts: list[Fact]) -> None:
    assert matched(parse(listed), facts, FRAME) is None


def test_a_column_of_one_value_may_be_left_out_of_a_sum() -> None:
    frame = pl.DataFrame(
        {"count": [0, 1, 2, 1], "a": [0, 1, 1, 0], "b": [0, 0, 1, 1], "none": [0] * 4}
    )
    listed = parse("count = a + b + none")
    assert matched(listed, [columns("count = a + b", "count", "a", "b")], frame) is not None
    assert matched(listed, [columns("count = 2 * a", "count", "a")], frame) is None
