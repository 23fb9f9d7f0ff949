"""Arithmetic over columns as linear forms, and solved for one of the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from artesian.relations.expressions import Binary, Expression, Number, Ref


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of multiples of columns, and a constant.

    Attributes:
        factors: Column -> factor, none of them 0.
    """

    factors: Mapping[str, float]
    constant: float

    @classmethod
    def of(cls, expression: Expression) -> Linear | None:
        """The linear form of an expression; None if it has none."""
        if isinstance(expression, Number):
            return cls({}, expression.value)
        if isinstance(expression, Ref):
            return cls({expression.name: 1.0}, 0.0)
        if not isinstance(expression, Binary):
            return None
        left, right = cls.of(expression.left), cls.of(expression.right)
        if left is None or right is None:
            return None
        if expression.sign in "+-":
            return left.plus(right, -1.0 if expression.sign == "-" else 1.0)
        if not right.factors and expression.sign == "*":
            return left.times(right.constant)
        if not left.factors and expression.sign == "*":
            return right.times(left.constant)
        if not right.factors and right.constant:
            return left.times(1.0 / right.constant)
        return None

    def plus(self, other: Linear, factor: float = 1.0) -> Linear:
        """This form plus a multiple of another one."""
        names = dict.fromkeys((*self.factors, *other.factors))
        sums = {n: self.factors.get(n, 0.0) + factor * other.factors.get(n, 0.0) for n in names}
        return Linear(
            {name: value for name, value in sums.items() if value},
            self.constant + factor * other.constant,
        )

    def times(self, factor: float) -> Linear:
        """A multiple of this form."""
        if not factor:
            return Linear({}, 0.0)
        return Linear({n: v * factor for n, v in self.factors.items()}, self.constant * factor)

    def solved(self, name: str) -> Expression:
        """The value of a column for which the form is 0.

        >>> str(Linear({"a": 1.0, "b": 1.0, "total": -1.0}, 0.0).solved("b"))
        'total - a'
        """
        factor = self.factors[name]
        rest = {n: -v / factor for n, v in self.factors.items() if n != name}
        terms: list[tuple[float, Expression]] = [
            (value, Ref(n)) for n, value in sorted(rest.items(), key=lambda item: item[1] < 0)
        ]
        if self.constant or not terms:
            terms.append((-self.constant / factor, Number(1.0)))
        whole: Expression | None = None
        for value, operand in terms:
            size = abs(value) if whole is not None else value
            term = _product(size, operand)
            sign = "-" if value < 0 else "+"
            whole = term if whole is None else Binary(sign, whole, term)
        assert whole is not None, "there is a term"
        return whole

    def by_size(self) -> list[str]:
        """The columns, those with a factor of 1 or -1 first, and the last of them first."""
        names = list(self.factors)[::-1]
        return sorted(names, key=lambda name: abs(self.factors[name]) != 1.0)


def _product(factor: float, operand: Expression) -> Expression:
    if isinstance(operand, Number):
        return Number(factor * operand.value)
    return operand if factor == 1.0 else Binary("*", Number(factor), operand)
