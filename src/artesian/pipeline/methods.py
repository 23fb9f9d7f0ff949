"""Describe the synthesizers in the catalog and their settings."""

from __future__ import annotations

import inspect
from dataclasses import asdict, dataclass
from typing import Any

from artesian.runs.settings import Setting, settings_of
from artesian.synthesizers import CATALOG


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDescription:
    """A method of the catalog.

    Attributes:
        name: Its name.
        description: What it is, in one line.
        documentation: The text of its docstring, without the settings.
        source: The paper it follows.
        conditions: Whether it can sample with conditions.
        joint: Whether it models dependence between columns.
        extra: The optional dependency it needs, or ''.
        control: Whether it copies rows, to test metrics.
        settings: Its settings.
        example: A command that uses it with a setting.
    """

    name: str
    description: str
    documentation: str
    source: str
    conditions: bool
    joint: bool
    extra: str
    control: bool
    settings: tuple[Setting, ...]
    example: str

    def to_dict(self) -> dict[str, Any]:
        """The description as JSON types."""
        return {**asdict(self), "settings": [asdict(setting) for setting in self.settings]}


def list_methods() -> tuple[MethodDescription, ...]:
    """Describe every method of the catalog."""
    return tuple(describe_method(name) for name in CATALOG)


def describe_method(name: str) -> MethodDescription:
    """Describe one method.

    Raises:
        UsageError: There is no such method.
    """
    method = CATALOG[name]
    capabilities, settings = method.capabilities, settings_of(method)
    documentation, _, _ = inspect.cleandoc(method.__doc__ or "").partition("Attributes:")
    example = f"artesian synth SOURCE -o OUT --method {name}"
    if settings:
        example += f" --set {settings[0].name}={settings[0].default}"
    return MethodDescription(
        name=name,
        description=capabilities.description,
        documentation=" ".join(documentation.split()),
        source=capabilities.source,
        conditions=capabilities.conditions,
        joint=capabilities.joint,
        extra=capabilities.extra,
        control=capabilities.control,
        settings=settings,
        example=example,
    )
