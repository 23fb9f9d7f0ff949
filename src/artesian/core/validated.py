"""Check objects that were restored from a file against the types that their classes declare.

A file that somebody else wrote may hold any value in any place. One walk over the restored object
compares every field of every dataclass with its annotation, so that a class needs no checks of its own
for types, and `Annotated[int, Between(0, 99)]` declares a range. What ties fields together (shapes,
bounds of indices) is in the optional method `check_values` of a class.

>>> @dataclasses.dataclass
... class Point:
...     x: Annotated[int, Between(0, 9)]
>>> validate(Point(3), "point")
>>> validate(Point("3"), "point")
Traceback (most recent call last):
...
artesian.core.validated.InvalidValue: point.x is '3', not a whole number
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

MAX_INTEGER = 2**128
"""Magnitude from which whole numbers are refused: no column type holds them."""

MAX_TEXT = 1_000_000
"""Number of characters from which a text is refused."""

Checker = Callable[[Any, str], None]


class InvalidValue(ValueError):
    """A value of a file is not what its place requires."""


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `low` to `high`, both included."""

    low: float
    high: float


Width = Annotated[int, Between(0, 1_000)]
"""A number of characters."""

Decimals = Annotated[int, Between(-40, 60)]
"""A number of decimal places; negative for tens and hundreds."""

Rows = Annotated[int, Between(0, 10**12)]
"""A number of rows."""


def require(condition: object, problem: str) -> None:
    """Refuse a value.

    Raises:
        InvalidValue: `condition` is false.
    """
    if not condition:
        raise InvalidValue(problem)


def require_shape(array: Any, shape: tuple[int | None, ...], name: str) -> None:
    """Refuse an array of another shape; None in `shape` admits any length."""
    own = array.shape
    fits = len(own) == len(shape) and all(
        b is None or a == b for a, b in zip(own, shape, strict=True)
    )
    wanted = ", ".join("any" if n is None else str(n) for n in shape)
    require(fits, f"{name} has the shape {own}, not ({wanted})")


def require_range(array: Any, low: float, below: float, name: str) -> None:
    """Refuse an array with a value outside low <= value < below, or that is not a number."""
    if array.size and not (array.min() >= low and array.max() < below):
        raise InvalidValue(f"{name} has values outside {low:g} to {below:g}")


def validate(value: Any, place: str) -> None:
    """Check a dataclass and everything in it.

    Args:
        place: Name of the value, for messages.

    Raises:
        InvalidValue: a value does not have the type of its field, or is out of range.
    """
    try:
        _check_object(value, place)
    except RecursionError:
        raise InvalidValue(f"{place} is nested too deeply") from None


def _check_object(value: Any, place: str) -> None:
    """Check the fields of a dataclass; other values have none."""
    kind = type(value)
    if not dataclasses.is_dataclass(kind):
        return
    for name, checker in _fields(kind):
        checker(getattr(value, name), f"{place}.{name}")
    own = getattr(value, "check_values", None)
    if own is not None:
        try:
            own()
        except InvalidValue as problem:
            raise InvalidValue(f"{place}: {problem}") from None


@cache
def _fields(kind: type) -> tuple[tuple[str, Checker], ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple((f.name, _checker(hints[f.name])) for f in dataclasses.fields(kind))


@cache
def _checker(hint: Any) -> Checker:
    """The check of a type annotation."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(args)
    if origin in (Union, types.UnionType):
        return _union(args)
    if origin is Literal:
        return _predicate(
            lambda v: any(v == a and type(v) is type(a) for a in args),
            " or ".join(map(repr, args)),
        )
    if origin is tuple:
        return _tuple(args)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(args)
    if origin in (list, frozenset, set):
        return _each(origin, args[0])
    if origin is np.ndarray:
        (scalar,) = get_args(args[1])
        return _array(get_origin(scalar) or scalar)
    return _class(origin or hint)


def _predicate(fits: Callable[[Any], bool], wanted: str) -> Checker:
    def check(value: Any, place: str) -> None:
        if not fits(value):
            raise _wrong(value, place, wanted)

    return check


def _wrong(value: Any, place: str, wanted: str) -> InvalidValue:
    shown = repr(value) if isinstance(value, str | int | float) else f"a {type(value).__name__}"
    return InvalidValue(f"{place} is {shown[:60]}, not {wanted}")


def _annotated(args: tuple[Any, ...]) -> Checker:
    inner = _checker(args[0])
    bounds = [each for each in args[1:] if isinstance(each, Between)]

    def check(value: Any, place: str) -> None:
        inner(value, place)
        for each in bounds:
            if not each.low <= value <= each.high:
                raise _wrong(value, place, f"a number from {each.low:g} to {each.high:g}")

    return check


def _union(args: tuple[Any, ...]) -> Checker:
    checkers = {each: _checker(each) for each in args}

    def check(value: Any, place: str) -> None:
        own = checkers.get(type(value))
        if own is not None:
            return own(value, place)
        problem: InvalidValue | None = None
        for checker in checkers.values():
            try:
                return checker(value, place)
            except InvalidValue as reason:
                problem = problem or reason
        assert problem is not None
        raise problem

    return check


def _tuple(args: tuple[Any, ...]) -> Checker:
    if len(args) == 2 and args[1] is Ellipsis:
        return _each(tuple, args[0])
    checkers = [_checker(each) for each in args]

    def check(value: Any, place: str) -> None:
        if not isinstance(value, tuple | list) or len(value) != len(checkers):
            raise _wrong(value, place, f"{len(checkers)} values")
        for at, (checker, each) in enumerate(zip(checkers, value, strict=True)):
            checker(each, f"{place}[{at}]")

    return check


def _each(kind: type[Any], hint: Any) -> Checker:
    checker = _checker(hint)

    def check(value: Any, place: str) -> None:
        if not isinstance(value, kind):
            raise _wrong(value, place, f"a {kind.__name__}")
        for at, each in enumerate(value):
            checker(each, f"{place}[{at}]")

    return check


def _mapping(args: tuple[Any, ...]) -> Checker:
    key, inner = (_checker(each) for each in args)

    def check(value: Any, place: str) -> None:
        if not isinstance(value, Mapping):
            raise _wrong(value, place, "a mapping")
        for name, each in value.items():
            key(name, f"{place}: the name {str(name)[:40]!r}")
            inner(each, f"{place}[{str(name)[:40]!r}]")

    return check


def _array(scalar: Any) -> Checker:
    abstract = scalar in (np.integer, np.unsignedinteger, np.signedinteger, np.floating)

    def check(value: Any, place: str) -> None:
        if not isinstance(value, np.ndarray):
            raise _wrong(value, place, "an array")
        if scalar is Any or scalar is np.generic:
            fits = value.dtype.kind in "biuf"
        elif abstract:
            fits = np.issubdtype(value.dtype, scalar)
        else:
            fits = value.dtype == np.dtype(scalar)
        if not fits:
            raise InvalidValue(f"{place} is an array of {value.dtype}, not {scalar.__name__}")

    return check


def _class(kind: Any) -> Checker:
    if kind is Any or not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return _check_object
    if kind is type(None):
        return _predicate(lambda v: v is None, "nothing")
    if kind is bool:
        return _predicate(lambda v: isinstance(v, bool), "true or false")
    if kind is int:
        return _predicate(
            lambda v: (
                isinstance(v, int) and not isinstance(v, bool) and -MAX_INTEGER <= v <= MAX_INTEGER
            ),
            "a whole number",
        )
    if kind is float:
        return _predicate(
            lambda v: (
                isinstance(v, int | float)
                and not isinstance(v, bool)
                and not math.isnan(v)
                and (isinstance(v, float) or -MAX_INTEGER <= v <= MAX_INTEGER)
            ),
            "a number",
        )
    if kind is str:
        return _predicate(lambda v: isinstance(v, str) and len(v) <= MAX_TEXT, "a text")

    def check(value: Any, place: str) -> None:
        if not isinstance(value, kind):
            raise _wrong(value, place, f"a {kind.__name__}")
        _check_object(value, place)

    return check
