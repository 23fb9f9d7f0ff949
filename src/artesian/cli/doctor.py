"""`artesian doctor`: check the installation."""

from __future__ import annotations

from artesian.cli.options import Common, Shared


def doctor(*, common: Shared = None) -> int:
    """Check whether the installation is complete and fast; the exit code is 1 if it is incomplete."""
    from artesian.cli import show
    from artesian.pipeline.diagnostics import diagnose

    common = common or Common()
    diagnosis = diagnose()
    if common.json:
        show.print_json(diagnosis.to_dict())
    else:
        show.print_rows(
            ("check", "state", "message"), [(c.name, c.state, c.message) for c in diagnosis.checks]
        )
    return 0 if diagnosis.complete else 1
