"""From a method's name and its settings to a synthesizer, with the reason it was taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from artesian.core.errors import Unsupported
from artesian.data.table import Table
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Synthesizer

AUTO = "auto"


def resolve_method(
    method: str | Synthesizer, settings: Mapping[str, Any], table: Table
) -> tuple[Synthesizer, str]:
    """The synthesizer to fit, and why this one.

    Args:
        method: A name of the catalog, 'auto' to choose from the data, or a synthesizer as it is.
        settings: Settings of the method; those that are None keep the method's default.
        table: The rows it will be fitted on.

    Raises:
        UsageError: the catalog has no such method.
        Unsupported: the method has no such setting.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    if not isinstance(method, str):
        return cast(Any, dataclasses).replace(method, **_known(type(method), given)), "it was given"
    reason = "it was asked for"
    if method == AUTO:
        from artesian.synthesizers.selection import choose

        method, reason = choose(table)
    make = CATALOG[method]
    return make(**_known(make, given)), reason


def _known(make: type[Synthesizer], given: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = [field.name for field in dataclasses.fields(cast(Any, make))]
    for name in given:
        if name not in fields:
            raise Unsupported(
                f"the method {make.capabilities.name!r} has no setting {name!r}",
                hint=f"it has: {', '.join(fields)}" if fields else "it has none",
            )
    return given
