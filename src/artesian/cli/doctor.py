"""`artesian doctor`: is this installation whole, and will it be fast?"""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from artesian.cli.options import Common


def doctor(*, common: Annotated[Common | None, Parameter(name="*")] = None) -> int:
    """Show whether this installation is whole and fast. Ends with 1 if it is not whole."""
    from artesian.cli import show
    from artesian.pipeline.diagnostics import checks

    common = common or Common()
    found = checks()
    whole = all(check.state != "bad" for check in found)
    if common.json:
        listed: list[dict[str, Any]] = [
            {"check": c.name, "state": c.state, "says": c.says} for c in found
        ]
        show.print_json({"whole": whole, "checks": listed})
    else:
        show.print_rows(("check", "", ""), [(c.name, c.state, c.says) for c in found])
    return 0 if whole else 1
