"""Settings of a method: their documentation, and their values parsed from text."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union

from artesian.core.errors import UsageError, did_you_mean

BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a method.

    Attributes:
        name: Its name.
        type: Its type in words: 'integer', 'number', 'true or false', ...
        default: Its default value; None if it must be given.
        description: What it does, from the docstring of the method.
    """

    name: str
    type: str
    default: Any
    description: str


def settings_of(method: type) -> tuple[Setting, ...]:
    """The settings of a method, in the order of its fields."""
    hints, descriptions = typing.get_type_hints(method), _descriptions(method)
    return tuple(
        Setting(
            name=field.name,
            type=_type_name(hints[field.name]),
            default=None if field.default is dataclasses.MISSING else field.default,
            description=descriptions.get(field.name, ""),
        )
        for field in dataclasses.fields(method)
    )


def parse_assignments(texts: Iterable[str], example: str = "min_gain=12") -> dict[str, str]:
    """Split texts such as 'min_gain=12' into names and values.

    Args:
        example: A text to show in the hint of an error.

    Raises:
        UsageError: A text without '=', or a name that is given more than once.

    >>> parse_assignments(["min_gain=12", "protect = no"])
    {'min_gain': '12', 'protect': 'no'}
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name or not value:
            raise UsageError(
                f"{text!r} is not of the form name=value",
                hint=f"write it like {example}",
            )
        if name in values:
            raise UsageError(f"{name!r} is given more than once", hint="give it once")
        values[name] = value
    return values


def parse_method(text: str) -> tuple[str, dict[str, str]]:
    """Split a method with its settings into the name and the settings as text.

    Raises:
        UsageError: The text is not of the form NAME or NAME(setting=value, ...).

    >>> parse_method("trees(min_leaf=50, protect=no)")
    ('trees', {'min_leaf': '50', 'protect': 'no'})
    """
    name, bracket, rest = text.partition("(")
    if not bracket:
        return name.strip(), {}
    inner, closed, after = rest.rpartition(")")
    assignments = split_list(inner)
    if not closed or after.strip() or any("=" not in one for one in assignments):
        raise UsageError(
            f"cannot read the method {text!r}",
            hint="write NAME(setting=value), as trees(min_leaf=50)",
        )
    return name.strip(), parse_assignments(assignments)


def split_list(text: str) -> list[str]:
    """Split at commas that are not inside brackets.

    >>> split_list("trees(min_leaf=5, rounds=0), boosted")
    ['trees(min_leaf=5, rounds=0)', 'boosted']
    """
    items, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            items.append("")
        else:
            items[-1] += letter
    return [stripped for item in items if (stripped := item.strip())]


def typed_settings(
    method: Any, values: Mapping[str, Any], *, noun: str = "method", name: str = ""
) -> dict[str, Any]:
    """Check the names of settings, and convert those given as text to the type of their field.

    Args:
        method: A class of settings, such as one of the catalog of synthesizers.
        values: Settings by name; a value that is not text is taken as it is.
        noun, name: What has the settings, for errors; '' for the name of a synthesizer.

    Raises:
        UsageError: The method has no such setting, or the text is not a value of its type.
    """
    names = [field.name for field in dataclasses.fields(method)]
    owner = f"{noun} {name or method.capabilities.name!r}"
    typed: dict[str, Any] = {}
    for setting, value in values.items():
        if setting not in names:
            raise UsageError(
                f"the {owner} has no setting {setting!r}", hint=did_you_mean(setting, names)
            )
        typed[setting] = _parse(method, setting, value, name) if isinstance(value, str) else value
    return typed


def _parse(method: Any, name: str, text: str, owner: str) -> Any:
    kind = typing.get_type_hints(method)[name]
    try:
        return _convert(text, kind)
    except ValueError:
        # The constructor knows the range of a number, and names it in its error.
        method(**{name: text})
        raise UsageError(
            f"{name} is {text!r}, not {_with_article(_type_name(kind))}",
            hint=f"the default is {_default(method, name)!r}"
            if owner
            else f"see `artesian methods {method.capabilities.name}`",
        ) from None


def _default(method: Any, name: str) -> Any:
    return next(field.default for field in dataclasses.fields(method) if field.name == name)


def _convert(text: str, kind: Any) -> Any:
    """`text` as a value of the type `kind`; ValueError if it is none."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        if type(None) in arguments and text.lower() in ("none", ""):
            return None
        for one in arguments:
            if one is not type(None):
                try:
                    return _convert(text, one)
                except ValueError:
                    continue
        raise ValueError(text)
    if origin is Literal:
        for one in arguments:
            if str(one) == _unquoted(text):
                return one
        raise ValueError(text)
    if kind is bool:
        if text.lower() not in BOOLEANS:
            raise ValueError(text)
        return BOOLEANS[text.lower()]
    if kind in (int, float):
        return kind(text)
    if kind is str:
        return _unquoted(text)
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError) as problem:
        if origin is tuple and arguments[-1] is Ellipsis:  # words without quotes
            return tuple(_convert(one, arguments[0]) for one in split_list(text))
        raise ValueError(text) from problem
    if origin is not tuple:
        return value
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted else text


def _type_name(kind: Any) -> str:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join("none" if one is type(None) else _type_name(one) for one in arguments)
    if origin is Literal:
        return " or ".join(map(repr, arguments))
    names = {bool: "true or false", int: "integer", float: "number", str: "text"}
    return names.get(kind, str(kind).replace("typing.", ""))


def _with_article(type_name: str) -> str:
    if type_name.split(" ", 1)[0] in ("true", "none") or type_name.startswith("'"):
        return type_name
    return f"an {type_name}" if type_name == "integer" else f"a {type_name}"


def _descriptions(method: type) -> dict[str, str]:
    """The entries of the section 'Attributes' of a docstring; an entry may describe several names."""
    _, _, section = inspect.cleandoc(method.__doc__ or "").partition("Attributes:\n")
    entries = re.findall(r"^    (\w+(?:, \w+)*): (.*(?:\n {8,}.*)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for names, text in entries for name in names.split(", ")}
