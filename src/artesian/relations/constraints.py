"""Constraints of a schema as text, such as `low <= high and state != 'closed'`: parsed, never
executed.

    rule       = comparison ("and" comparison)*
    comparison = operand (operator operand)+          a chain, such as 0 <= low <= high
    operator   = <= | < | >= | > | == | = | != | <>
    operand    = column | number | 'text' | true | false

A column whose name is not one word is written in double quotes or backticks. A text in single
quotes is parsed as a date where it is compared with one. A comparison with a missing value is
satisfied, as in SQL (ISO/IEC 9075, CHECK constraints).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.dtypes import value_type
from artesian.relations.expressions import numbers
from artesian.relations.truth_words import truth

Mask = npt.NDArray[np.bool_]

MAX_CLAUSES = 1_000
"""Maximum number of comparisons joined by 'and'."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operator> <= | >= | <> | != | == | < | > | = )
      | (?P<number> [+-]? (?: \d+ (?:\.\d*)? | \.\d+ ) (?: [eE][+-]?\d+ )? (?![\w.]) )
      | ' (?P<text> (?: [^'] | '' )* ) '
      | (?P<quoted> "[^"]+" | `[^`]+` )
      | (?P<word> [^\W\d][\w.]* )
    )""",
    re.VERBOSE,
)
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
}
_EQUAL = ("==", "=", "!=", "<>")
_LITERALS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Operand:
    """A column's name, or a literal value."""

    column: str | None
    value: float | str | bool | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A conjunction of comparisons: left side, operator, right side."""

    text: str
    comparisons: tuple[tuple[Operand, str, Operand], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order of their first occurrence."""
        sides = (side for left, _, right in self.comparisons for side in (left, right))
        return tuple(dict.fromkeys(side.column for side in sides if side.column is not None))

    def holds(self, frame: pl.DataFrame) -> Mask:
        """(rows,) whether all comparisons are satisfied.

        Raises:
            SchemaError: the sides of a comparison have values of different types.
        """
        satisfied = np.ones(frame.height, bool)
        for left, sign, right in self.comparisons:
            satisfied &= _compare(frame, left, sign, right, self.text)
        return satisfied


def parse_constraint(text: str, columns: tuple[str, ...]) -> Constraint:
    """Parse a constraint on a table with these columns.

    Raises:
        SchemaError: a syntax error, no column, or an unknown column.

    >>> parse_constraint("0 <= low <= high and state = 'open'", ("low", "high", "state")).columns
    ('low', 'high', 'state')
    """
    comparisons: list[tuple[Operand, str, Operand]] = []
    for clause in _clauses(text):
        operands, signs = clause[::2], clause[1::2]
        well_formed = [kind == "operator" for kind, _ in clause] == [
            i % 2 == 1 for i in range(len(clause))
        ]
        if not well_formed or len(operands) < 2 or len(operands) == len(signs):
            raise _parse_error(text, "it is not a comparison, or several joined by 'and'")
        sides = [_operand(kind, word, columns, text) for kind, word in operands]
        for (left, right), (_, sign) in zip(pairwise(sides), signs, strict=True):
            if left.column is None and right.column is None:
                raise _parse_error(text, "a comparison in it names no column")
            comparisons.append((left, sign, right))
    return Constraint(text, tuple(comparisons))


def _clauses(text: str) -> list[list[tuple[str, str]]]:
    """The tokens (kind, word) of each comparison between the 'and's."""
    clauses: list[list[tuple[str, str]]] = [[]]
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _parse_error(text, f"{text[at : at + 40].strip()[:20]!r} is not understood")
        if len(clauses) > MAX_CLAUSES:
            raise _parse_error(text, f"it has more than {MAX_CLAUSES} comparisons")
        at = match.end()
        kind = str(match.lastgroup)
        if kind == "word" and match[kind].lower() == "and":
            clauses.append([])
        else:
            clauses[-1].append((kind, match[kind]))
    return clauses


def _operand(kind: str, word: str, columns: tuple[str, ...], text: str) -> Operand:
    if kind == "number":
        return Operand(None, float(word))
    if kind == "text":
        return Operand(None, word.replace("''", "'"))
    name = word[1:-1] if kind == "quoted" else word
    if name in columns:
        return Operand(name)
    if kind == "word" and name.lower() in _LITERALS:
        return Operand(None, _LITERALS[name.lower()])
    raise _parse_error(text, f"there is no column {name!r}", did_you_mean(name, columns))


def _compare(frame: pl.DataFrame, left: Operand, sign: str, right: Operand, text: str) -> Mask:
    sides = [_values(frame, operand) for operand in (left, right)]
    types = [left_type for left_type, _ in sides]
    for one, two in ((0, 1), (1, 0)):
        if types[one] == "dates" and types[two] == "text" and (left, right)[two].column is None:
            sides[two] = "dates", _date(str((left, right)[two].value), text)
        if types[one] == "booleans" and types[two] == "text" and (left, right)[two].column is None:
            value = truth(str((left, right)[two].value))
            sides[two] = sides[two] if value is None else ("booleans", float(value))
    (left_type, a), (right_type, b) = sides
    if "nothing" in (left_type, right_type):
        return np.ones(frame.height, bool)
    if left_type != right_type:
        raise _parse_error(text, f"it compares {left_type} with {right_type}")
    if left_type == "text" and sign not in _EQUAL:
        raise _parse_error(text, "text values have no order")
    satisfied: pl.Series = _COMPARE[sign](a, b)
    return satisfied.fill_null(True).to_numpy()


def _values(frame: pl.DataFrame, operand: Operand) -> tuple[str, Any]:
    """The type of the values, and a Series of them or one literal."""
    if operand.column is None:
        if isinstance(operand.value, bool):
            return "booleans", float(operand.value)
        return ("text" if isinstance(operand.value, str) else "numbers"), operand.value
    series = frame[operand.column]
    left_type = value_type(series.dtype)
    if left_type in ("text", "nothing"):
        return left_type, series.cast(pl.String)
    return left_type, pl.Series(numbers(series), nan_to_null=True)


def _date(word: str, text: str) -> float:
    """Days since 1970, as for the dates of a column."""
    try:
        return float(numbers(pl.Series([word]).str.to_datetime(time_unit="us", time_zone="UTC"))[0])
    except pl.exceptions.PolarsError:
        raise _parse_error(text, f"{word!r} is not a date") from None


def _parse_error(text: str, why: str, hint: str | None = None) -> SchemaError:
    return SchemaError(
        f"the constraint {text!r} cannot be parsed: {why}",
        hint=hint or "write comparisons of columns and values, joined by 'and': low <= high",
    )
