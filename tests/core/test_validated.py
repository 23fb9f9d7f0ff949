"""The check of restored objects against the types of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from artesian.core.validated import Between, InvalidValue, Width, require, validate


@dataclass(frozen=True)
class Inner:
    low: int = 0
    high: float | None = None

    def check_values(self) -> None:
        require(self.high is None or self.low <= self.high, "low is above high")


@dataclass(frozen=True)
class Outer:
    count: Annotated[int, Between(1, 9)] = 1
    width: Width = 0
    name: str = "a"
    flag: bool = False
    form: Literal["x", "y"] = "x"
    names: tuple[str, ...] = ()
    pair: tuple[int, str] = (1, "a")
    sizes: Mapping[str, int] = field(default_factory=dict)
    one: Inner | str = "none"
    many: tuple[Inner, ...] = ()
    codes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))
    anything: Any = None
    values: pl.Series = field(default_factory=pl.Series)


RIGHT: list[dict[str, Any]] = [
    {"count": 9},
    {"name": "x" * 1000},
    {"names": ("a", "b")},
    {"sizes": {"a": 1}},
    {"one": Inner(1, 2)},
    {"many": (Inner(), Inner(high=2.5))},
    {"many": (Inner(high=float("inf")),)},
    {"anything": [object()]},
]

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"count": 0}, "outer.count is 0, not a number from 1 to 9"),
    ({"count": True}, "outer.count is True, not a whole number"),
    ({"count": 2.0}, "outer.count is 2.0, not a whole number"),
    ({"count": 10**60}, "outer.count is 1000"),
    ({"width": 10**9}, "not a number from 0 to 1000"),
    ({"name": 1}, "outer.name is 1, not a text"),
    ({"name": "x" * 2_000_000}, "not a text"),
    ({"flag": 1}, "outer.flag is 1, not true or false"),
    ({"form": "z"}, "outer.form is 'z', not 'x' or 'y'"),
    ({"names": ("a", 2)}, r"outer.names\[1\] is 2, not a text"),
    ({"names": "ab"}, "outer.names is 'ab', not a tuple"),
    ({"pair": (1,)}, "outer.pair is a tuple, not 2 values"),
    ({"sizes": {"a": "b"}}, r"outer.sizes\['a'\] is 'b', not a whole number"),
    ({"sizes": {1: 1}}, "the name '1' is 1, not a text"),
    ({"one": Inner(3, 2)}, "outer.one: low is above high"),
    ({"one": 3}, "outer.one is 3"),
    ({"many": (Inner(high=float("nan")),)}, r"outer.many\[0\].high is nan"),
    ({"codes": np.zeros(2)}, "outer.codes is an array of float64, not int64"),
    ({"codes": [0]}, "outer.codes is a list, not an array"),
    ({"anything": Inner("x")}, "outer.anything.low is 'x'"),  # type: ignore[arg-type]
    ({"values": [1]}, "outer.values is a list, not a Series"),
]


@pytest.mark.parametrize("change", RIGHT)
def test_values_of_the_declared_types_pass(change: dict[str, Any]) -> None:
    validate(replace(Outer(), **change), "outer")


@pytest.mark.parametrize(("change", "problem"), WRONG)
def test_other_values_are_named_with_their_place(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem) as caught:
        validate(replace(Outer(), **change), "outer")
    assert len(str(caught.value)) < 200
