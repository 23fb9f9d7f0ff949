"""`artesian methods`: the synthesizers in the catalog and their settings."""

from __future__ import annotations

from artesian.cli.options import Common, Shared


def methods(name: str | None = None, /, *, common: Shared = None) -> int:
    """List the synthesizers, or describe one with its settings.

    Args:
        name: The method to describe.
    """
    from artesian.cli import show
    from artesian.pipeline.methods import describe_method, list_methods

    common = common or Common()
    if name is not None:
        method = describe_method(name)
        if common.json:
            show.print_json({"method": method.to_dict()})
        else:
            show.print_method(method)
        return 0
    listed = list_methods()
    if common.json:
        show.print_json({"methods": [method.to_dict() for method in listed]})
    else:
        show.print_rows(("method", "description"), [(m.name, m.description) for m in listed])
    return 0
