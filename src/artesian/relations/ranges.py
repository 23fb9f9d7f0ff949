"""The ranges that constraints give to single columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from artesian.relations.expression_nodes import Node
from artesian.relations.protocol import Relation
from artesian.relations.row_conditions import RowCondition
from artesian.relations.rules import Comparisons
from artesian.relations.translation import conjuncts

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers from `low` to `high`; None is unbounded.

    Attributes:
        text: A constraint that gives one of the bounds.
    """

    low: float | None
    high: float | None
    text: str

    def narrowed(self, sign: str, value: float, text: str) -> Bounds:
        """The bounds with `column sign value` as well."""
        if sign in (">", ">=") and (self.low is None or value > self.low):
            return Bounds(value, self.high, text)
        if sign in ("<", "<=") and (self.high is None or value < self.high):
            return Bounds(self.low, value, text)
        return self


def ranges_of(rules: Iterable[Relation]) -> dict[str, Bounds]:
    """Column -> its range, of the columns that constraints compare with numbers.

    The ends of an open range are in it.
    """
    out: dict[str, Bounds] = {}
    for rule in rules:
        for node in conjuncts(rule) if isinstance(rule, RowCondition | Comparisons) else ():
            compared = _compared(node)
            if compared is not None:
                name, sign, value = compared
                before = out.get(name, Bounds(None, None, str(rule)))
                out[name] = before.narrowed(sign, value, str(rule))
    return out


def _compared(node: Node) -> tuple[str, str, float] | None:
    """Column, sign and number of a comparison; None for anything else."""
    if node.name not in _MIRRORED:
        return None
    left, right = node.arguments
    sign = node.name
    if left.name == "value":
        left, right, sign = right, left, _MIRRORED[sign]
    number = isinstance(right.value, int | float) and not isinstance(right.value, bool)
    if left.name != "col" or right.name != "value" or not number:
        return None
    return left.value, sign, right.value
