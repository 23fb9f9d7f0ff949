"""Whether constraints contradict each other, and which ones do.

What is linear in the columns is one system of inequalities, which a linear program decides; lists of
values and missing values are intersected by column. A set of which no member can be left out is
searched by bisection (Junker 2004, QuickXplain).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from artesian.core.errors import SchemaError
from artesian.relations.expression_nodes import Node
from artesian.relations.expression_syntax import COMPARISONS
from artesian.relations.expressions import Binary, Ref
from artesian.relations.formulas import Copy, Formula
from artesian.relations.linear_forms import Linear
from artesian.relations.orders import Inequality, Order
from artesian.relations.protocol import Relation
from artesian.relations.row_conditions import RowCondition
from artesian.relations.rules import Comparisons
from artesian.relations.translation import conjuncts, difference
from artesian.relations.truth_words import stored

MIN_SLACK = 1e-6
"""Minimum amount by which strict inequalities have to hold, relative to the largest factor."""


@dataclass(slots=True)
class Demands:
    """What a constraint demands of a row.

    Attributes:
        linear: Linear forms that are not above 0, and whether they are below.
        listed: Column and the values it may have.
        excluded: Column and a value it may not have.
        missing: Column, and whether it is missing.
    """

    linear: list[tuple[Linear, bool]] = field(default_factory=list)
    listed: list[tuple[str, frozenset[Any]]] = field(default_factory=list)
    excluded: list[tuple[str, Any]] = field(default_factory=list)
    missing: list[tuple[str, bool]] = field(default_factory=list)


def refuse_contradictions(rules: Sequence[Relation], frame: pl.DataFrame) -> None:
    """Refuse constraints that no row can satisfy together, other than by missing values.

    Args:
        frame: A frame with the types of the columns.

    Raises:
        SchemaError: names those that contradict each other.
    """
    demands = {number: demands_of(rule, frame) for number, rule in enumerate(rules)}
    relevant = [number for number, one in demands.items() if any(map(len, _lists(one)))]

    def impossible(numbers: Sequence[int]) -> bool:
        return is_impossible([demands[number] for number in numbers])

    conflict = smallest_conflict(impossible, relevant)
    if not conflict:
        return
    texts = [repr(str(rules[number])) for number in sorted(conflict)]
    if len(texts) == 1:
        raise SchemaError(
            f"the constraint {texts[0]} can never be satisfied", hint="change it, or leave it out"
        )
    raise SchemaError(
        f"the constraints {', '.join(texts[:-1])} and {texts[-1]} contradict each other",
        hint="change one of them, or leave it out",
    )


def smallest_conflict(
    impossible: Callable[[Sequence[int]], bool], numbers: Sequence[int]
) -> list[int]:
    """Some of the numbers that are impossible together, and no longer without one of them.

    >>> smallest_conflict(lambda chosen: {2, 5} <= set(chosen), range(8))
    [5, 2]
    """
    conflict: list[int] = []
    if not numbers or not impossible(numbers):
        return conflict
    left = list(numbers)
    while not impossible(conflict):
        low, high = 1, len(left)  # the first `high` of them are impossible with `conflict`
        while low < high:
            middle = (low + high) // 2
            if impossible([*conflict, *left[:middle]]):
                high = middle
            else:
                low = middle + 1
        conflict.append(left[high - 1])
        left = left[: high - 1]
    return conflict


def demands_of(rule: Relation, frame: pl.DataFrame) -> Demands:
    """What a constraint demands, as far as it can be decided without rows."""
    out = Demands()
    if isinstance(rule, Order):
        _demand(out, Linear({rule.low: 1.0, rule.high: -1.0}, 0.0), "<" if rule.strict else "<=")
    elif isinstance(rule, Inequality):
        ends = (rule.expression, Ref(rule.target))
        form = Linear.of(Binary("-", *(ends if rule.lower else ends[::-1])))
        _demand(out, form, "<=")
    elif isinstance(rule, Formula):
        form = Linear.of(Binary("-", Ref(rule.target), rule.expression))
        if form is not None:
            _demand(out, form.plus(Linear({}, -rule.within)), "<=")
            _demand(out, form.times(-1.0).plus(Linear({}, -rule.within)), "<=")
    elif isinstance(rule, Copy) and frame.schema[rule.target].is_numeric():
        _demand(out, Linear({rule.target: 1.0, rule.source: -1.0}, 0.0), "==")
    elif isinstance(rule, RowCondition | Comparisons):
        for node in conjuncts(rule):
            _of_node(out, node, frame)
    return out


def is_impossible(demands: Sequence[Demands]) -> bool:
    """Whether no row without missing values can meet all demands."""
    presence = {one for each in demands for one in each.missing}
    if any((name, not missing) in presence for name, missing in presence):
        return True
    linear = [one for each in demands for one in each.linear]
    if _no_solution(linear):
        return True
    listed: dict[str, frozenset[Any]] = {}
    for name, values in (one for each in demands for one in each.listed):
        listed[name] = listed.get(name, values) & values
    for name, value in (one for each in demands for one in each.excluded):
        if name in listed:
            listed[name] = listed[name] - {value}
    for form, strict in linear:
        if len(form.factors) == 1 and (name := next(iter(form.factors))) in listed:
            listed[name] = frozenset(v for v in listed[name] if _inside(form, v, strict=strict))
    return not all(listed.values())


def _lists(demands: Demands) -> tuple[list[Any], ...]:
    return demands.linear, demands.listed, demands.excluded, demands.missing


def _inside(form: Linear, value: Any, *, strict: bool) -> bool:
    if not isinstance(value, float):
        return True
    result = next(iter(form.factors.values())) * value + form.constant
    return result < 0 if strict else result <= MIN_SLACK


def _of_node(out: Demands, node: Node, frame: pl.DataFrame) -> None:
    """Add what one condition demands."""
    of = node.arguments[0] if node.arguments else node
    if node.name == "col":
        out.listed.append((node.value, frozenset([1.0])))
    elif node.name == "~" and of.name == "col":
        out.listed.append((of.value, frozenset([0.0])))
    elif node.name in ("is_null", "is_not_null") and of.name == "col":
        out.missing.append((of.value, node.name == "is_null"))
    elif node.name == "is_in" and of.name == "col":
        dtype = frame.schema[of.value]
        listed = frozenset(_plain(one.value, dtype) for one in node.arguments[1].arguments)
        out.listed.append((of.value, listed))
    elif node.name in COMPARISONS:
        column, other = node.arguments
        if column.name != "col":
            column, other = other, column
        text = column.name == "col" and not frame.schema[column.value].is_temporal()
        if text and other.name == "value" and node.name in ("==", "!="):
            value = _plain(other.value, frame.schema[column.value])
            if node.name == "==":
                out.listed.append((column.value, frozenset([value])))
            else:
                out.excluded.append((column.value, value))
        if node.name != "!=":
            _demand(out, difference(node, frame), node.name)


def _demand(out: Demands, form: Linear | None, sign: str) -> None:
    if form is None:
        return
    if sign in ("<", "<=", "=="):
        out.linear.append((form, sign == "<"))
    if sign in (">", ">=", "=="):
        out.linear.append((form.times(-1.0), sign == ">"))


def _plain(value: Any, dtype: pl.DataType) -> Any:
    value = stored(value, dtype)
    return float(value) if isinstance(value, int | float) else value


def _no_solution(rows: Sequence[tuple[Linear, bool]]) -> bool:
    """Whether no values of the columns satisfy all inequalities."""
    if any(not form.factors for form, _ in rows):
        fixed = [(form.constant, strict) for form, strict in rows if not form.factors]
        if any(value > 0 or (strict and value >= 0) for value, strict in fixed):
            return True
        rows = [one for one in rows if one[0].factors]
    if len(rows) < 2:
        return False
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    names = list(dict.fromkeys(name for form, _ in rows for name in form.factors))
    place = {name: at for at, name in enumerate(names)}
    entries: list[tuple[int, int, float]] = []
    limits = np.zeros(len(rows))
    for number, (form, strict) in enumerate(rows):
        scale = max(abs(value) for value in form.factors.values())
        entries += [(number, place[n], value / scale) for n, value in form.factors.items()]
        if strict:  # by at least the slack, which is maximised
            entries.append((number, len(names), 1.0))
        limits[number] = -form.constant / scale
    where, column, values = (np.array(part) for part in zip(*entries, strict=True))
    matrix = coo_array((values, (where, column)), shape=(len(rows), len(names) + 1))
    solved = linprog(
        np.array([0.0] * len(names) + [-1.0]),
        A_ub=matrix.tocsr(),
        b_ub=limits,
        bounds=[(None, None)] * len(names) + [(0.0, 1.0)],
        method="highs",
    )
    if solved.status == 2:
        return True
    any_strict = any(strict for _, strict in rows)
    return bool(solved.status == 0 and any_strict and -solved.fun < MIN_SLACK)
