"""`artesian methods`: the synthesizers in the catalog."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from artesian.cli.options import Common


def methods(*, common: Annotated[Common | None, Parameter(name="*")] = None) -> int:
    """List the synthesizers."""
    import dataclasses

    from artesian.cli import show
    from artesian.synthesizers import CATALOG

    common = common or Common()
    listed = []
    for name, make in CATALOG.items():
        capabilities = make.capabilities
        settings = {field.name: field.default for field in dataclasses.fields(make)}
        listed.append(
            {
                "name": name,
                "means": capabilities.description,
                "source": capabilities.source,
                "conditions": capabilities.conditions,
                "joint": capabilities.joint,
                "extra": capabilities.extra,
                "settings": settings,
            }
        )
    if common.json:
        show.print_json({"methods": listed})
    else:
        show.print_rows(("method", "what it is"), [(m["name"], m["means"]) for m in listed])
    return 0
