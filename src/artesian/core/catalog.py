"""Catalogs: names of objects that are imported when first used. A mapping, not a registry."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from artesian.core.errors import UsageError, did_you_mean


def load(place: str, package: str = "") -> Any:
    """Import the object at 'module:attribute'; a module that begins with '.' is below `package`."""
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module, package), attribute)


class Catalog(Mapping[str, Any]):
    """Maps a name to the object at 'module:attribute', without scanning or self-registration.

    A module that begins with '.' is below `package`.
    """

    def __init__(self, noun: str, places: dict[str, str], package: str = "") -> None:
        self._noun, self._places, self._package = noun, places, package

    def __getitem__(self, name: str) -> Any:
        if name not in self._places:
            raise UsageError(
                f"there is no {self._noun} {name!r}", hint=did_you_mean(name, self._places)
            )
        return load(self._places[name], self._package)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
