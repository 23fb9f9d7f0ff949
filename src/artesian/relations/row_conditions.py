"""Conditions on rows that are written in the syntax of Polars: types, and evaluation.

A condition that is neither true nor false because a value is missing does not apply to the row, as in
SQL (ISO/IEC 9075, CHECK constraints). Results of arithmetic are compared up to floating-point error.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, eq, ge, gt, invert, le, lt, ne, or_, xor
from typing import Any, NoReturn

import polars as pl

from artesian.core.panics import is_panic
from artesian.data.dtypes import value_type
from artesian.relations import patterns
from artesian.relations.expression_nodes import Node, syntax_error
from artesian.relations.expression_syntax import COMPARISONS, parse_row_expression
from artesian.relations.formulas import EXACT
from artesian.relations.truth_words import truth

DATES = pl.Datetime("us")
"""The type of all dates and times in a condition, in their own time zone."""


@dataclass(frozen=True, slots=True)
class RowCondition:
    """A condition as it was written, and its tree."""

    text: str
    node: Node

    @classmethod
    def parse(cls, text: str, columns: tuple[str, ...]) -> RowCondition:
        """Parse a condition on a table with these columns.

        Raises:
            SchemaError: see `parse_row_expression`.
        """
        return cls(text, parse_row_expression(text, columns))

    def __str__(self) -> str:
        return self.text

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order of their first occurrence."""
        return self.node.columns

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether the condition is true; null where that is not known for a missing value.

        Raises:
            SchemaError: values of different types are compared, or an operation does not exist for
                values of this type.
        """
        # A name such as ^x$ would be a pattern.
        names = {name: f"c{at}" for at, name in enumerate(self.columns)}
        own = pl.DataFrame([frame[name].alias(plain) for name, plain in names.items()])
        typed = _Typing(self.text, {n: own.schema[plain] for n, plain in names.items()}, names)
        value = typed.of(self.node)
        if value.type not in ("booleans", "nothing"):
            typed.refuse(self.node, f"it gives {value.type}, not a condition")
        try:
            result = own.select(value.expression.cast(pl.Boolean).alias("holds")).to_series()
        except BaseException as problem:
            if not isinstance(problem, pl.exceptions.PolarsError) and not is_panic(problem):
                raise
            typed.refuse(self.node, f"it cannot be computed: {str(problem).splitlines()[0]}")
        if len(result) != frame.height:  # of a condition without values, one represents all rows
            result = result.new_from_index(0, frame.height)
        return result.alias(self.text)


@dataclass(frozen=True, slots=True)
class _Value:
    """An expression of Polars and the type of its values.

    Attributes:
        exact: Whether it is no result of arithmetic with numbers.
        literal: The value, if it is one.
    """

    expression: pl.Expr
    type: str
    exact: bool = True
    literal: Any = None


@dataclass(frozen=True, slots=True)
class _Typing:
    text: str
    dtypes: Mapping[str, pl.DataType]
    names: Mapping[str, str]

    def refuse(self, node: Node, why: str, hint: str = "") -> NoReturn:
        """Refuse the operation at its place."""
        syntax_error(self.text, node.at, why, hint)

    def of(self, node: Node) -> _Value:
        """The value of a node."""
        if node.name == "col":
            return self._column(node)
        if node.name == "value":
            return _literal(node.value)
        if node.name in COMPARISONS:
            left, right = node.arguments
            return self.compare(node, node.name, self.of(left), self.of(right))
        if node.name in ("&", "|", "^"):
            operator: Callable[[Any, Any], Any] = {"&": and_, "|": or_, "^": xor}[node.name]
            parts = [self._condition(node, one) for one in node.arguments]
            return _Value(reduce(operator, parts), "booleans")
        if node.name == "~":
            return _Value(invert(self._condition(node, node.arguments[0])), "booleans")
        if node.name == "is_in":
            return self._is_in(node)
        if node.name == "is_between":
            return self._is_between(node)
        if node.name in ("is_unique", "struct", "list"):
            self.refuse(
                node,
                f"{node.name} has no place here",
                'write col("a").is_unique() as a constraint of its own, and a list in is_in([...])',
            )
        if node.name in ("+", "-", "*", "/", "//", "%"):
            return self._arithmetic(node)
        return self._method(node)

    def _column(self, node: Node) -> _Value:
        dtype = self.dtypes[node.value]
        expression, kind = pl.col(self.names[node.value]), value_type(dtype)
        if kind == "dates":
            if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
                expression = expression.dt.replace_time_zone(None)
            expression = expression.cast(DATES)
        elif kind == "text":
            expression = expression.cast(pl.String)
        elif isinstance(dtype, pl.Decimal):
            expression = expression.cast(pl.Float64)
        elif dtype.is_float():
            expression = expression.fill_nan(None)
        elif kind == "durations":
            expression = expression.cast(pl.Duration("us"))
        return _Value(expression, kind)

    def _condition(self, node: Node, operand: Node) -> pl.Expr:
        value = self.of(operand)
        if value.type not in ("booleans", "nothing"):
            self.refuse(
                operand,
                f"{node.name!r} joins conditions, and this gives {value.type}",
                'put each comparison in brackets: (col("a") > 1) & (col("b") < 9)',
            )
        return value.expression.cast(pl.Boolean)

    def compare(self, node: Node, sign: str, left: _Value, right: _Value) -> _Value:
        """A comparison of two values of the same type."""
        left, right = self._alike(node, left, right)
        for value, operand in ((left, node.arguments[0]), (right, node.arguments[-1])):
            if value.type == "nothing" and operand.name == "value":
                self.refuse(
                    operand, "nothing is equal to None", 'write col("a").is_null() or is_not_null()'
                )
        if "nothing" in (left.type, right.type):
            return _Value(pl.lit(None, pl.Boolean), "booleans")
        if left.type == "text" and sign not in ("==", "!="):
            self.refuse(node, "text values have no order")
        if (left.exact and right.exact) or left.type != "numbers":
            return _Value(_COMPARE[sign](left.expression, right.expression), "booleans")
        a, b = left.expression.cast(pl.Float64), right.expression.cast(pl.Float64)
        slack, difference = EXACT * (1.0 + a.abs() + b.abs()), a - b
        return _Value(_NEARLY[sign](difference, slack), "booleans")

    def _alike(self, node: Node, left: _Value, right: _Value) -> tuple[_Value, _Value]:
        """Both values in one type: a text may be a date, and truth a number."""
        sides = [left, right]
        for at, other in ((0, right), (1, left)):
            if isinstance(sides[at].literal, str) and other.type in ("dates", "times of day"):
                sides[at] = self._time(node, str(sides[at].literal), other.type)
            elif isinstance(sides[at].literal, str) and other.type == "booleans":
                value = truth(sides[at].literal)
                sides[at] = sides[at] if value is None else _literal(value)
        if {side.type for side in sides} == {"numbers", "booleans"}:
            sides = [_Value(s.expression.cast(pl.Float64), "numbers", s.exact) for s in sides]
        left, right = sides
        if left.type != right.type and "nothing" not in (left.type, right.type):
            names = " and ".join(
                f"{name!r} has {value_type(self.dtypes[name])}" for name in node.columns
            )
            self.refuse(node, f"it compares {left.type} with {right.type}", names)
        return left, right

    def _time(self, node: Node, word: str, kind: str) -> _Value:
        try:
            if kind == "times of day":
                return _literal(datetime.time.fromisoformat(word))
            return _literal(datetime.datetime.fromisoformat(word).replace(tzinfo=None))
        except ValueError:
            self.refuse(
                node,
                f"{word!r} is not a {'date' if kind == 'dates' else 'time of day'}",
                "write it in the ISO form: 2024-12-31, or 23:59",
            )

    def _is_in(self, node: Node) -> _Value:
        listed = node.arguments[1]
        if listed.name != "list" or any(one.name != "value" for one in listed.arguments):
            self.refuse(listed, "is_in takes a list of values", 'write is_in(["a", "b"])')
        value = self.of(node.arguments[0])
        tests = [
            self.compare(Node("==", one.at, (node.arguments[0], one)), "==", value, self.of(one))
            for one in listed.arguments
        ]
        expressions = [test.expression for test in tests]
        missing = pl.lit(None, pl.Boolean)
        none = pl.when(value.expression.is_null()).then(missing).otherwise(pl.lit(False))
        return _Value(pl.any_horizontal(expressions) if expressions else none, "booleans")

    def _is_between(self, node: Node) -> _Value:
        value, low, high = (self.of(one) for one in node.arguments)
        above = ">=" if node.value in ("both", "left") else ">"
        below = "<=" if node.value in ("both", "right") else "<"
        first = Node(above, node.at, node.arguments[:2])
        second = Node(below, node.at, node.arguments[::2])
        return _Value(
            self.compare(first, above, value, low).expression
            & self.compare(second, below, value, high).expression,
            "booleans",
        )

    def _arithmetic(self, node: Node) -> _Value:
        left, right = (self.of(one) for one in node.arguments)
        kinds = (left.type, node.name, right.type)
        numeric = ("numbers", "booleans", "nothing")
        if left.type in numeric and right.type in numeric:
            a, b = (one.expression.cast(pl.Float64) for one in (left, right))
            if node.name in ("/", "//", "%"):  # a quotient by zero is missing
                b = pl.when(b != 0).then(b)
            result = {
                "+": a + b,
                "-": a - b,
                "*": a * b,
                "/": a / b,
                "//": (a / b).floor(),
                "%": a - b * (a / b).floor(),
            }[node.name]
            return _Value(result, "numbers", exact=False)
        kind = _OF_TIMES.get(kinds)
        if kind is None:
            self.refuse(node, f"there is no {node.name} of {left.type} and {right.type}")
        a, b = left.expression, right.expression
        return _Value(a + b if node.name == "+" else a - b, kind)

    def _method(self, node: Node) -> _Value:
        if node.name in ("min_horizontal", "max_horizontal"):
            values = [self.of(one) for one in node.arguments]
            if len({one.type for one in values}) != 1:
                self.refuse(node, f"{node.name} takes values of one type")
            combine = pl.min_horizontal if node.name == "min_horizontal" else pl.max_horizontal
            missing = pl.any_horizontal([one.expression.is_null() for one in values])
            combined = pl.when(~missing).then(combine([one.expression for one in values]))
            return _Value(combined, values[0].type, all(one.exact for one in values))
        value = self.of(node.arguments[0])
        if node.name in ("is_null", "is_not_null"):
            return _Value(getattr(value.expression, node.name)(), "booleans")
        if node.name == "fill_null":
            other = self.of(node.arguments[1])
            value, other = self._alike(node, value, other)
            filled = value.expression.fill_null(other.expression)
            return _Value(filled, value.type, value.exact and other.exact)
        wanted, given = _METHODS[node.name]
        if value.type not in (*wanted, "nothing"):
            self.refuse(
                node, f"{node.name} takes {' or '.join(wanted)}, and this gives {value.type}"
            )
        more = [one.value for one in node.arguments[1:]]
        expression: Any = value.expression
        if node.name == "neg":
            plain = value.type == "durations"
            expression = -(expression if plain else expression.cast(pl.Float64))
        elif node.name == "dt.date":
            expression = expression.dt.truncate("1d")
        elif node.name.startswith("str."):
            expression = self._of_text(node, expression, more)
        elif node.name.startswith("dt."):
            expression = getattr(expression.dt, node.name.removeprefix("dt."))()
        elif node.name == "round":
            decimals = more[0] if more else 0
            if not isinstance(decimals, int) or not 0 <= decimals <= 20:
                self.refuse(node, "round takes a number of decimals from 0 to 20")
            expression = expression.cast(pl.Float64).round(decimals)
        elif value.type != "durations":
            expression = getattr(expression.cast(pl.Float64), node.name)()
        elif node.name == "abs":
            expression = expression.abs()
        else:
            self.refuse(node, f"there is no {node.name} of durations")
        kind = given or value.type
        exact = node.name.startswith(("dt.", "str.")) or kind != "numbers"
        return _Value(expression, kind, exact)

    def _of_text(self, node: Node, expression: pl.Expr, more: list[Any]) -> pl.Expr:
        if more and not isinstance(more[0], str):
            self.refuse(node, f"{node.name} takes a text")
        if node.name == "str.contains":
            problem = "" if node.value else patterns.problem_of(more[0])
            if problem:
                self.refuse(node.arguments[1], problem, patterns.HINT)
            return expression.str.contains(more[0], literal=node.value)
        result: pl.Expr = getattr(expression.str, node.name.removeprefix("str."))(*more)
        return result


def _literal(value: Any) -> _Value:
    kind = next((name for types, name in _LITERAL_TYPES if isinstance(value, types)), "nothing")
    if kind == "dates" and not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    expression = pl.lit(value, DATES) if kind == "dates" else pl.lit(value)
    return _Value(expression, kind, literal=value)


_LITERAL_TYPES: tuple[tuple[Any, str], ...] = (
    (bool, "booleans"),
    ((int, float), "numbers"),
    (str, "text"),
    (datetime.date, "dates"),
    (datetime.time, "times of day"),
    (datetime.timedelta, "durations"),
)
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
_NEARLY: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "==": lambda difference, slack: difference.abs() <= slack,
    "!=": lambda difference, slack: difference.abs() > slack,
    "<": lambda difference, slack: difference < -slack,
    "<=": lambda difference, slack: difference <= slack,
    ">": lambda difference, slack: difference > slack,
    ">=": lambda difference, slack: difference >= -slack,
}
_OF_TIMES = {
    ("dates", "-", "dates"): "durations",
    ("dates", "+", "durations"): "dates",
    ("dates", "-", "durations"): "dates",
    ("durations", "+", "dates"): "dates",
    ("durations", "+", "durations"): "durations",
    ("durations", "-", "durations"): "durations",
    ("times of day", "-", "times of day"): "durations",
}
"""The type of sums and differences of times."""

_NUMBERS, _DATES, _TEXT = ("numbers", "booleans"), ("dates",), ("text",)
_METHODS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "abs": ((*_NUMBERS, "durations"), ""),
    "neg": ((*_NUMBERS, "durations"), ""),
    **dict.fromkeys(("floor", "ceil", "round"), (_NUMBERS, "numbers")),
    **{
        f"dt.{part}": (_DATES, "numbers")
        for part in ("year", "quarter", "month", "week", "weekday", "day", "ordinal_day")
    },
    **{
        f"dt.{part}": ((*_DATES, "times of day"), "numbers")
        for part in ("hour", "minute", "second")
    },
    "dt.date": (_DATES, "dates"),
    **{
        f"dt.total_{unit}": (("durations",), "numbers")
        for unit in ("days", "hours", "minutes", "seconds")
    },
    **dict.fromkeys(("str.starts_with", "str.ends_with", "str.contains"), (_TEXT, "booleans")),
    "str.len_chars": (_TEXT, "numbers"),
    **dict.fromkeys(("str.to_lowercase", "str.to_uppercase"), (_TEXT, "text")),
}
"""Method -> types of the values it takes, and of those it gives; '' for the same."""
