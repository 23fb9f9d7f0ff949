"""Settings of methods: documented, and parsed from text by the type of their field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl
import pytest

from artesian import Trees
from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.read import read
from artesian.runs.resolve import check_method, resolve_method
from artesian.runs.settings import parse_method, settings_of, typed_settings
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Capabilities


@dataclass(frozen=True, kw_only=True)
class Example:
    """A method with settings of every type.

    Attributes:
        epochs, rate: Numbers
            of training.
        kind: One of two.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(name="example", description="", source="")

    epochs: int = 3
    rate: float = 0.1
    early: bool = True
    kind: Literal["a", "b"] = "a"
    device: str | None = None
    layers: tuple[int, ...] = (64, 64)
    names: tuple[str, ...] = ("a",)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epochs", "12", 12),
        ("rate", "12", 12.0),
        ("rate", "1e-3", 0.001),
        ("early", "no", False),
        ("early", "True", True),
        ("kind", "b", "b"),
        ("kind", "'b'", "b"),
        ("device", "none", None),
        ("device", "cpu", "cpu"),
        ("layers", "[8, 8]", (8, 8)),
        ("layers", "8", (8,)),
        ("names", "one", ("one",)),
        ("names", "replace, mix=10%", ("replace", "mix=10%")),
        ("names", "['one', 'two']", ("one", "two")),
    ],
)
def test_text_becomes_the_type_of_its_field(name: str, text: str, value: Any) -> None:
    (typed,) = typed_settings(Example, {name: text}).values()
    assert typed == value
    assert type(typed) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("epochs", "1.5", "an integer"),
        ("rate", "fast", "a number"),
        ("early", "1", "true or false"),
        ("kind", "c", "'a' or 'b'"),
        ("layers", "wide", "a tuple"),
    ],
)
def test_another_type_is_refused_with_the_type_wanted(name: str, text: str, kind: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is '{text}', not {kind}"):
        typed_settings(Example, {name: text})


def test_values_that_are_not_text_are_left_alone() -> None:
    assert typed_settings(Example, {"epochs": 5, "device": None}) == {"epochs": 5, "device": None}


def test_settings_are_described_by_the_docstring() -> None:
    settings = {setting.name: setting for setting in settings_of(Example)}
    assert settings["rate"].description == "Numbers of training."
    assert settings["kind"].type == "'a' or 'b'"
    assert settings["early"].description == ""
    assert settings["layers"].default == (64, 64)


@pytest.mark.parametrize("text", ["trees(", "trees(3)", "trees(a=1) b", "trees)a=1("])
def test_a_method_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"cannot read|no method"):
        check_method(*parse_method(text))


def test_auto_takes_the_settings_of_the_method_it_selects() -> None:
    table = read(pl.DataFrame({"x": range(50), "y": ["a", "b"] * 25}))
    settings = {"min_leaf": "7", "leaves": "9"}
    synthesizer, reason = resolve_method("auto", settings, table)
    assert synthesizer == CATALOG["boosted"](min_leaf=7, leaves=9)
    assert reason
    with pytest.raises(UsageError, match="no method has a setting 'leafs'"):
        check_method("auto", {"leafs": 3})


def test_a_synthesizer_keeps_its_settings_and_its_type() -> None:
    synthesizer = check_method(Trees(min_leaf=3), {"min_gain": "2"})
    assert synthesizer == Trees(min_leaf=3, min_gain=2.0)
    assert type(synthesizer) is Trees
    fitted = synthesizer.fit(pl.DataFrame({"x": range(50)}), run=Run.from_seed(1))
    assert len(fitted.sample(3)) == 3
