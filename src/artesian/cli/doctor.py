"""`artesian doctor`: check the installation."""

from __future__ import annotations

from artesian.cli.options import Common, Shared


def doctor(*, common: Shared = None) -> int:
    """Show whether this installation is whole and fast. Ends with 1 if it is not whole."""
    from artesian.cli import show
    from artesian.pipeline.diagnostics import diagnose

    common = common or Common()
    diagnosis = diagnose()
    if common.json:
        show.print_json(diagnosis.to_dict())
    else:
        show.print_rows(("check", "", ""), [(c.name, c.state, c.says) for c in diagnosis.checks])
    return 0 if diagnosis.complete else 1
