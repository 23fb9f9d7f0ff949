"""Rows kept away from the model, so that everything can be judged against rows it never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.data.table import Table

FEWEST = 10
"""Fewest rows on either side for which a comparison says anything at all."""


@dataclass(frozen=True, slots=True)
class Split:
    """`train` and `holdout` share no row and keep the source's order; `note` says why there is
    no holdout though one was asked for."""

    train: Table
    holdout: Table | None
    note: str = ""


def hold_out(table: Table, share: float, run: Run) -> Split:
    """Put a random `share` of the rows aside.

    Raises:
        UsageError: `share` is not in [0, 1).
    """
    if not 0 <= share < 1:
        raise UsageError(
            f"a holdout of {share} of the rows is not possible",
            hint="give a share of at least 0 and less than 1",
        )
    rows = len(table)
    held = round(rows * share)
    if share == 0:
        return Split(table, None)
    if held < FEWEST or rows - held < FEWEST:
        return Split(
            table,
            None,
            f"{rows} {'row is' if rows == 1 else 'rows are'} too few to hold out {share:.0%}: "
            f"all of them were fitted, and nothing could be judged on unseen rows",
        )
    apart = np.zeros(rows, bool)
    apart[run.seed.child("holdout").rng().permutation(rows)[:held]] = True
    return Split(
        table.with_frame(table.frame.filter(~apart)), table.with_frame(table.frame.filter(apart))
    )
