"""Relations that a constraint implies, in the forms that the transforms of columns keep.

`col("a") + col("b") == col("total")` is the formula `total = a + b`, and
`(col("kind") != "x") | col("y").is_null()` is the event `missing(y) if kind = 'x'`. A constraint
without such a form is checked row by row.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

import polars as pl

from artesian.core.errors import SchemaError
from artesian.data.dtypes import value_type
from artesian.relations.constraints import Operand
from artesian.relations.different import Different
from artesian.relations.exclusive import Exclusive
from artesian.relations.expression_nodes import Node
from artesian.relations.expression_syntax import COMPARISONS
from artesian.relations.expressions import Binary, Call, Expression, Number, Ref
from artesian.relations.expressions import numbers as to_numbers
from artesian.relations.formulas import Copy, Formula
from artesian.relations.implied import Event, Implied
from artesian.relations.linear_forms import Linear
from artesian.relations.orders import Inequality, Order
from artesian.relations.protocol import Relation
from artesian.relations.row_conditions import RowCondition
from artesian.relations.rules import Comparisons, Unique, parse_rule
from artesian.relations.truth_words import stored

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NEGATED = {"==": "!=", "!=": "=="}
_SPELLED = {"=": "==", "<>": "!="}
_CALLS = {
    "abs": "abs",
    "floor": "floor",
    "min_horizontal": "min",
    "max_horizontal": "max",
    "dt.ordinal_day": "day_of_year",
    **{
        f"dt.{part}": part
        for part in (
            *("year", "quarter", "month", "week", "weekday", "day", "hour", "minute", "second"),
            "date",
        )
    },
}
"""Methods that are functions of `relations.expressions`."""


def implied_by(texts: Iterable[str], frame: pl.DataFrame) -> list[Relation]:
    """The relations that constraints imply, of those that name only columns of `frame`."""
    relations: list[Relation] = []
    for text in texts:
        try:
            rule = parse_rule(text, tuple(frame.columns))
        except SchemaError:  # a column of it was replaced by others
            continue
        relations += implied_relations(rule, frame)
    return relations


def implied_relations(rule: Relation, frame: pl.DataFrame) -> list[Relation]:
    """The relations that hold wherever a constraint does, as far as they have a form.

    Args:
        frame: Rows of the table, whose types and flags decide on the form.
    """
    if isinstance(rule, Unique):
        return []
    if not isinstance(rule, RowCondition | Comparisons):
        return [rule]
    out: list[Relation] = []
    for node in conjuncts(rule):
        if node.name in COMPARISONS:
            out += _of_comparison(node, frame)
        elif node.name == "|":
            event = _implied(node, frame)
            out += [] if event is None else [event]
    return list({str(one): one for one in out}.values())


def conjuncts(rule: RowCondition | Comparisons) -> list[Node]:
    """The conditions of which all have to hold; a range is two of them."""
    if isinstance(rule, Comparisons):
        return [
            Node(_SPELLED.get(sign, sign), 0, (_operand(left), _operand(right)))
            for left, sign, right in rule.constraint.comparisons
        ]
    return list(_split(rule.node))


def _split(node: Node) -> Iterator[Node]:
    if node.name == "&":
        for one in node.arguments:
            yield from _split(one)
    elif node.name == "is_between":
        value, low, high = node.arguments
        yield Node(">=" if node.value in ("both", "left") else ">", node.at, (value, low))
        yield Node("<=" if node.value in ("both", "right") else "<", node.at, (value, high))
    else:
        yield node


def _operand(operand: Operand) -> Node:
    if operand.column is not None:
        return Node("col", 0, value=operand.column)
    return Node("value", 0, value=operand.value)


def difference(node: Node, frame: pl.DataFrame) -> Linear | None:
    """Left side minus right side of a comparison as a linear form; None if it has none."""
    left, right = sides(node, frame)
    if left is None or right is None:
        return None
    one, two = Linear.of(left), Linear.of(right)
    return None if one is None or two is None else one.plus(two, -1.0)


def sides(node: Node, frame: pl.DataFrame) -> tuple[Expression | None, Expression | None]:
    """Both sides of a comparison as arithmetic over columns; None for what is no arithmetic."""
    types = {value_type(frame.schema[name]) for name in node.columns}
    if "text" in types:
        return None, None
    dates = types == {"dates"}
    left, right = (arithmetic(one, dates=dates) for one in node.arguments)
    return left, right


def arithmetic(node: Node, *, dates: bool = False) -> Expression | None:
    """Arithmetic over columns, where times are days; None for anything else.

    Args:
        dates: Whether texts are dates.
    """
    if node.name == "col":
        return Ref(node.value)
    if node.name == "value":
        return _number(node.value, dates=dates)
    inner = [arithmetic(one, dates=dates) for one in node.arguments]
    operands = [one for one in inner if one is not None]
    if len(operands) < len(inner):
        return None
    if node.name in "+-*/":
        return Binary(node.name, *operands)
    if node.name == "neg":
        return Binary("*", Number(-1.0), operands[0])
    if node.name == "fill_null" and operands[1] == Number(0.0):
        return Call("or_zero", (operands[0],))
    if node.name in _CALLS:
        return Call(_CALLS[node.name], tuple(operands))
    return None


def _number(value: object, *, dates: bool) -> Number | None:
    if isinstance(value, str):
        if not dates:
            return None
        try:
            value = datetime.datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return None
    if isinstance(value, datetime.timedelta):
        return Number(value / datetime.timedelta(days=1))
    if isinstance(value, datetime.date | datetime.time):
        return Number(float(to_numbers(pl.Series([value]))[0]))
    return Number(float(value)) if isinstance(value, int | float) else None


def _of_comparison(node: Node, frame: pl.DataFrame) -> list[Relation]:
    left, right = node.arguments
    if left.name == right.name == "col" and node.name in ("==", "!="):
        kind = Copy if node.name == "==" else Different
        return [kind(left.value, right.value)] if left.value != right.value else []
    if node.name in (">", ">="):
        node = Node(_MIRRORED[node.name], node.at, (right, left))
        left, right = node.arguments
    one, two = sides(node, frame)
    if one is None or two is None or len({*one.columns, *two.columns}) < 2 or node.name == "!=":
        return []
    if node.name in ("<", "<=") and isinstance(one, Ref) and isinstance(two, Ref):
        return [Order(one.name, two.name, strict=node.name == "<")]
    tolerance = _tolerance(one, two)
    if tolerance is not None and node.name in ("<", "<="):
        linear, within = tolerance
        return [Formula(n, linear.solved(n), within) for n in linear.by_size()]
    linear_form = difference(node, frame)
    exclusive = None if linear_form is None else _exclusive(linear_form, node.name, frame)
    if exclusive is not None:
        return [exclusive]
    return list(_solved(one, two, linear_form, equal=node.name == "=="))


def _solved(
    one: Expression, two: Expression, linear: Linear | None, *, equal: bool
) -> Iterator[Relation]:
    """The comparison for each column that it can be solved for; one of them is kept."""
    for side, other, lower in ((two, one, True), (one, two, False)):
        if isinstance(side, Ref) and other.columns and side.name not in other.columns:
            yield Formula(side.name, other) if equal else Inequality(side.name, other, lower)
    for name in () if linear is None or len(linear.factors) < 2 else linear.by_size():
        assert linear is not None
        bound = linear.solved(name)
        if equal:
            yield Formula(name, bound)
        else:
            yield Inequality(name, bound, lower=linear.factors[name] < 0)


def _tolerance(one: Expression, two: Expression) -> tuple[Linear, float] | None:
    """Of `abs(form) <= number`, the form and the number."""
    if isinstance(one, Call) and one.function == "abs" and isinstance(two, Number):
        linear = Linear.of(one.arguments[0])
        if linear is not None and len(linear.factors) > 1 and two.value > 0:
            return linear, two.value
    return None


def _exclusive(linear: Linear, sign: str, frame: pl.DataFrame) -> Exclusive | None:
    """`a + b + c == 1` or `<= 1` of flags."""
    factors = set(linear.factors.values())
    names = tuple(linear.factors)
    flags = len(names) > 1 and all(_is_flag(frame[name]) for name in names)
    if not flags or len(factors) != 1 or linear.constant != -next(iter(factors)):
        return None
    if sign == "==":
        return Exclusive(names, exactly=True)
    return Exclusive(names) if factors == {1.0} and sign == "<=" else None


def _is_flag(series: pl.Series) -> bool:
    if series.dtype == pl.Boolean:
        return True
    return series.dtype.is_numeric() and bool(
        series.drop_nulls().cast(pl.Float64).is_in([0.0, 1.0]).all()
    )


def _implied(node: Node, frame: pl.DataFrame) -> Implied | None:
    """`not cause or effect`: the effect happens if the cause does."""
    for first, second in (node.arguments, node.arguments[::-1]):
        cause, effect = _event(first, frame, negated=True), _event(second, frame)
        if cause is not None and effect is not None and cause.column != effect.column:
            return Implied(effect, cause)
    return None


def _event(node: Node, frame: pl.DataFrame, *, negated: bool = False) -> Event | None:
    """The event that a condition states, or the one that it excludes."""
    if node.name == "~":
        return _event(node.arguments[0], frame, negated=not negated)
    if node.name == "col":
        return Event(node.value, 0.0 if negated else 1.0)
    if node.name in ("is_null", "is_not_null"):
        of = node.arguments[0]
        return Event(of.value) if of.name == "col" and (node.name == "is_null") != negated else None
    if node.name not in _NEGATED or (node.name == "==") == negated:
        return None
    for column, literal in (node.arguments, node.arguments[::-1]):
        if column.name == "col" and literal.name == "value":
            value = stored(literal.value, frame.schema[column.value])
            if isinstance(value, int | float):
                return Event(column.value, float(value))
            return Event(column.value, value) if isinstance(value, str) else None
    return None
