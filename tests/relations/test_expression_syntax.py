"""Expressions in the syntax of Polars are parsed or refused, and never executed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import SchemaError
from artesian.relations.expression_syntax import Node, is_expression, parse_row_expression

COLUMNS = ("a", "b", "total", "unit price", "kind")


def shown(node: Node) -> str:
    """The tree as nested calls."""
    if node.name in ("col", "value"):
        return str(node.value) if node.name == "value" else f"${node.value}"
    return f"{node.name}({', '.join(map(shown, node.arguments))})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('col("a") >= col("b")', ">=($a, $b)"),
        ("pl.col('a') + col('b') * 2 == col(\"total\")", "==(+($a, *($b, 2)), $total)"),
        ('col("a") - col("b") - 1 < -2', "<(-(-($a, $b), 1), -2)"),
        ('(col("a") > 1) & (col("b") < 2) | col("kind").is_null()', None),
        ('~(col("kind") == "x") | ~col("a").is_null()', "|(~(==($kind, x)), ~(is_null($a)))"),
        ('col("a").is_between(1, 5, closed="left")', "is_between($a, 1, 5)"),
        ('col("kind").is_in(["x", "y"])', "is_in($kind, list(x, y))"),
        ('col("unit price").abs().round(2) <= 1e3', "<=(round(abs($unit price), 2), 1000.0)"),
        ('col("a").sub(col("b")).le(3)', "<=(-($a, $b), 3)"),
        ('col("a").dt.year() >= 2020', ">=(dt.year($a), 2020)"),
        ('col("kind").str.contains("x", literal=True)', "str.contains($kind, x)"),
        ('col("a") > date(2020, 1, 31)', ">($a, 2020-01-31)"),
        ('max_horizontal("a", col("b")) < 3', "<(max_horizontal($a, $b), 3)"),
        ('struct("a", "b").is_unique()', "is_unique(struct($a, $b))"),
    ],
)
def test_the_tree_is_that_of_python(text, tree):
    node = parse_row_expression(text, COLUMNS)
    assert is_expression(text)
    if tree is not None:
        assert shown(node) == tree


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('col("a") >', "at its end: it ends too early"),
        (
            'col("a") > 1 and col("b") < 2',
            "at character 14, 'and col(\"b\") < 2': 'and' cannot join",
        ),
        ('col("a") < col("b") < 3', "a comparison cannot follow another one"),
        ('col("a") = 3', "'=' is no comparison"),
        ('col("aa") > 3', "at character 5, '\"aa\") > 3': there is no column 'aa'"),
        ('col("a") > b', "'b' is a column"),
        ('col("a").map_elements(1) > 3', "there is no method 'map_elements'"),
        ('col("a").is_between(1) & (col("b") > 1)', "is_between takes 2 to 3 arguments, not 1"),
        ('__import__("os").system("x") == col("a")', "'__import__' is not expected"),
        ('col("a").__class__ > 3', "there is no method '__class__'"),
        ('col("a") > (lambda: 3)()', "it is not understood"),
        ('col("a") > "x', "a quote is not closed"),
        ('col("a") > date(2020, 2, 31)', "it is no date: day"),
        ("col(a) > 3", "'a' is a column"),
        ('col("a") > 1e999', "the number is too large"),
        ('col("a").is_between(1, 2, closed="x")', "closed is one of"),
        ("lit(3) == 3", "it names no column"),
        ('col("a") > 3)', "')' is not expected"),
        ('(col("a") > 3', "')' is missing"),
        ("", "it ends too early"),
    ],
)
def test_what_is_no_expression_says_where_and_why(text, why):
    with pytest.raises(SchemaError) as caught:
        parse_row_expression(text, COLUMNS)
    assert why in caught.value.problem
    assert caught.value.hint


def test_an_unknown_name_is_corrected():
    for text, hint in (('col("totl") > 3', "total"), ('col("a").is_nul()', "is_null")):
        with pytest.raises(SchemaError) as caught:
            parse_row_expression(text, COLUMNS)
        assert caught.value.hint == f"did you mean {hint!r}?"


WORDS = (
    *('col("a")', 'col("b")', "col(", "a", "pl.", ".is_null()", ".is_between(", ".dt.", ".str."),
    *(
        "(",
        ")",
        "[",
        "]",
        ",",
        "=",
        "==",
        "<",
        "&",
        "|",
        "~",
        "-",
        "+",
        "*",
        "/",
        "1",
        "2.5",
        "'x'",
    ),
    *('"', "'", "\\", " ", "\n", "and", "not", "lambda", "None", "date(", "duration(days=", "0"),
)


@given(st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=60).map("".join))
def test_any_text_is_parsed_or_refused_in_two_lines(text):
    for words in (text, f'col("a") == {text}'):
        assert refusal(words).count("\n") in (0, 1)


def refusal(text: str) -> str:
    """The message of the error; nothing if the text is parsed."""
    try:
        parse_row_expression(text, COLUMNS)
    except SchemaError as problem:
        return str(problem)
    return ""


LONG = {
    "brackets": "(" * 9_000 + 'col("a")' + ")" * 9_000,
    "closed brackets": "(" * 900 + 'col("a")' + ")" * 900,
    "signs": 'col("a") == ' + "-" * 19_000 + "1",
    "terms": " + ".join(['col("a")'] * 390) + " > 1",
    "methods": 'col("a")' + ".abs()" * 450 + " > 1",
    "lists": 'col("a").is_in(' + "[" * 5_000,
    "spaces": 'col("a")' + " " * 19_000 + "x",
    "digits": 'col("a") > ' + "9" * 19_000,
    "quotes": "col(" + "'" * 19_001,
    "escapes": 'col("' + "\\" * 19_001,
    "characters": "x" * 3_000_000,
}


@pytest.mark.parametrize("what", LONG)
def test_an_expression_of_any_length_ends_soon(what):
    started = time.monotonic()
    is_expression(LONG[what])
    with pytest.raises(SchemaError) as caught:
        parse_row_expression(LONG[what], COLUMNS)
    assert time.monotonic() - started < 2
    assert len(str(caught.value)) < 5_000
