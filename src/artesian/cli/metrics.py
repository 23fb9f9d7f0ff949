"""`artesian metrics`: the metrics in the catalog."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from artesian.cli.options import Common


def metrics(*, common: Annotated[Common | None, Parameter(name="*")] = None) -> int:
    """List the metrics."""
    from artesian.cli import show
    from artesian.metrics import CATALOG

    common = common or Common()
    specs = [make.spec for make in CATALOG.values()]
    if common.json:
        show.print_json({"metrics": [spec.to_dict() for spec in specs]})
    else:
        rows = [(s.name, s.family, s.better.value, s.description) for s in specs]
        show.print_rows(("metric", "family", "better", "what it means"), rows)
    return 0
