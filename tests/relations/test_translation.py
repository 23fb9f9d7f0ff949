"""Constraints as relations that are kept by construction, and constraints that no row can satisfy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import SchemaError
from artesian.relations.contradictions import refuse_contradictions, smallest_conflict
from artesian.relations.linear_forms import Linear
from artesian.relations.parse import parse_relation
from artesian.relations.ranges import ranges_of
from artesian.relations.rules import Unique, is_of_rows, parse_rule
from artesian.relations.translation import implied_relations

RNG = np.random.default_rng(0)
START = np.datetime64("2024-01-01")
FRAME = pl.DataFrame(
    {
        "a": RNG.integers(0, 9, 50),
        "b": RNG.integers(0, 9, 50),
        "c": RNG.normal(size=50),
        "total": RNG.integers(0, 18, 50),
        "kind": RNG.choice(["x", "y"], 50),
        "on": RNG.random(50) < 0.5,
        "red": RNG.integers(0, 2, 50),
        "green": RNG.integers(0, 2, 50),
        "start": pl.Series((START + RNG.integers(0, 9, 50)).astype("datetime64[D]")),
        "end": pl.Series((START + RNG.integers(0, 9, 50)).astype("datetime64[D]")),
        "unit price": RNG.integers(0, 9, 50),
    }
)
NAMES = tuple(FRAME.columns)


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        ('col("a") <= col("b")', ["a <= b"]),
        ('col("a") > col("b")', ["b < a"]),
        ('(col("a") <= col("b")) & (col("b") < col("total"))', ["a <= b", "b < total"]),
        ("a <= b <= total", ["a <= b", "b <= total"]),
        ('col("b").is_between(col("a"), col("total"))', ["a <= b", "b <= total"]),
        ('col("a") == col("b")', ["a = b"]),
        ('col("kind") != col("on")', ["kind != on"]),
        ('col("a") + col("b") == col("total")', ["total = a + b", "b = total - a"]),
        ('col("total") == 2 * col("a") * col("b")', ["total = 2 * a * b"]),
        (
            '(2 * col("a") - col("b")).abs() <= 0.5',
            ["b = 2 * a within 0.5", "a = 0.5 * b within 0.5"],
        ),
        ('col("a") + col("b") <= col("total")', ["a + b <= total"]),
        ('col("a") + 2 * col("c") <= 10', ["a <= -2 * c + 10", "c <= -0.5 * a + 5"]),
        ('col("red") + col("green") == 1', ["exactly one of (red, green)"]),
        ('col("red") + col("green") <= 1', ["at most one of (red, green)"]),
        (
            'col("end") - col("start") <= duration(days=5)',
            ["end - 5 <= start", "end <= start + 5"],
        ),
        ('(col("kind") != "x") | col("a").is_null()', ["missing(a) if kind = 'x'"]),
        ('~col("on") | (col("a") == 0)', ["a = 0 if on = 1"]),
        ('(col("on") != "yes") | (col("kind") == "y")', ["kind = 'y' if on = 1"]),
        ('col("total") == col("unit price") * col("a")', ['total = "unit price" * a']),
        ('col("a").dt_year() == 3', None),
        ('col("start").dt.year() == col("a")', ["a = year(start)"]),
        ('col("a") * col("b") >= col("c") * 2', []),
        ('col("kind").str.starts_with("x")', []),
        ("product(a) = 3", None),
    ],
)
def test_a_constraint_is_translated_to_relations(text, relations):
    if relations is None:
        with pytest.raises(SchemaError):
            parse_rule(text, NAMES)
        return
    translated = [str(one) for one in implied_relations(parse_rule(text, NAMES), FRAME)]
    assert translated[: len(relations)] == relations
    assert all(str(parse_relation(one, NAMES)) == one for one in translated)


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "total"]), st.integers(-4, 4).filter(bool), min_size=1
    ),
    st.integers(-5, 5),
)
def test_a_linear_form_is_solved(factors, constant):
    form = Linear({name: float(value) for name, value in factors.items()}, float(constant))
    values = FRAME.select(pl.col("a", "b", "total").cast(pl.Float64))
    for name in form.by_size():
        solution = form.solved(name).evaluate(values)
        rest = sum(
            (form.factors[n] * values[n].to_numpy() for n in form.factors if n != name),
            np.full(50, form.constant),
        )
        assert np.allclose(form.factors[name] * solution + rest, 0)


def contradiction(*texts: str) -> str:
    """The message; nothing if the constraints do not contradict each other."""
    try:
        refuse_contradictions([parse_rule(text, NAMES) for text in texts], FRAME)
    except SchemaError as problem:
        return problem.problem
    return ""


@given(
    st.tuples(*[st.integers(-9, 9)] * 3),
    st.lists(
        st.tuples(*[st.integers(-2, 2)] * 3, st.sampled_from(["<=", ">=", "==", "<", ">"])),
        min_size=1,
        max_size=6,
    ),
)
def test_constraints_that_a_row_satisfies_are_no_contradiction(row, forms):
    texts = []
    for *factors, sign in forms:
        value = sum(factor * x for factor, x in zip(factors, row, strict=True))
        value += {"<": 1, ">": -1}.get(sign, 0)
        left = " + ".join(
            f'{factor} * col("{name}")' for factor, name in zip(factors, "abc", strict=True)
        )
        texts.append(f"{left} {sign} {value}")
    assert contradiction(*texts) == ""


@given(st.permutations(range(6)), st.integers(2, 6))
def test_a_circle_of_orders_is_named_without_the_rest(order, length):
    names = ["a", "b", "c", "total", "red", "green"]
    circle = [names[n] for n in order][:length]
    texts = [f"{x} < {y}" for x, y in pairwise(circle)]
    assert contradiction(*texts) == ""
    message = contradiction("a >= 0", *texts, f"{circle[-1]} < {circle[0]}", "b >= -1")
    assert all(repr(text) in message for text in texts)
    assert ">=" not in message


@given(st.sets(st.integers(0, 30), min_size=1, max_size=5), st.integers(31, 60))
def test_the_smallest_conflict_is_found(conflict, count):
    found = smallest_conflict(lambda chosen: conflict <= set(chosen), range(count))
    assert set(found) == conflict


def test_dates_and_times_of_constraints_are_compared():
    assert contradiction("start <= end", "end <= '2024-01-01'", 'col("start") > date(2024, 1, 2)')
    assert not contradiction("start <= end", "end <= '2024-01-03'", "start > '2024-01-02'")
    assert contradiction('col("on")', '~col("on")')
    assert contradiction('col("on") == "yes"', 'col("on") == "no"')


def test_ranges_are_those_of_all_constraints():
    texts = ("0 <= a <= 9", 'col("a") < 7', '3 <= col("b")', 'col("c") <= col("a")')
    ranges = ranges_of(parse_rule(text, NAMES) for text in texts)
    assert {name: (one.low, one.high) for name, one in ranges.items()} == {
        "a": (0, 7),
        "b": (3, None),
    }


def test_unique_columns_in_both_notations():
    for text in ('unique(a, "unit price")', 'struct("a", col("unit price")).is_unique()'):
        rule = parse_rule(text, NAMES)
        assert isinstance(rule, Unique)
        assert rule.columns == ("a", "unit price")
        assert not is_of_rows(rule)
    frame = pl.DataFrame({"a": [1, 1, 2, None, None]})
    assert parse_rule("unique(a)", ("a",)).holds(frame).to_list() == [
        False,
        False,
        True,
        None,
        None,
    ]
