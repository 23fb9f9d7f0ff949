"""Rejection sampling: conditions for methods that cannot draw conditionally.

Candidates are drawn unconditionally and accepted with a probability that depends on how well they
satisfy the conditions, until there are enough (von Neumann 1951).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import ConditionError
from artesian.encoding.segments import Codes, Floats

Candidates = tuple[Codes, Floats]
"""Codes and positions within them, each of shape (p, rows)."""

T = TypeVar("T")

MAX_CANDIDATES = 1000
"""Candidates per requested row after which the acceptance rate counts as too small."""

MAX_BATCH = 16
"""Candidates per requested row that are drawn at once, which bounds memory."""

MIN_ROWS = 256
"""Requested rows as which fewer count, for limits that fluctuate less."""


def rejection_sample(
    draw: Callable[[int], tuple[T, Floats]],
    select: Callable[[T, NDArray[np.int64]], T],
    rows: int,
    rng: np.random.Generator,
    *,
    rate: float = 1.0,
) -> list[T]:
    """Draw candidates until `rows` of them are accepted.

    Args:
        draw: Number of candidates -> the candidates, and the probability to accept each in [0, 1];
            those that are missing are rejected.
        select: Candidates and positions -> the candidates at these positions.
        rows: Number of accepted candidates to return.
        rng: Decides between acceptance and rejection.
        rate: Expected acceptance rate, by which the first candidates are as many as needed.

    Returns:
        Batches of accepted candidates, `rows` in all.

    Raises:
        ConditionError: the acceptance rate is below 1 in `MAX_CANDIDATES`.
    """
    batches: list[T] = []
    if not rows:
        return batches
    counted = max(rows, MIN_ROWS)
    accepted, drawn = 0, 0
    batch = (
        rows
        if rate >= 1
        else int(min(1.1 / max(rate, 1 / MAX_BATCH) * rows + 16, MAX_BATCH * counted))
    )
    while accepted < rows:
        # So few that at an acceptance rate of 1 in `MAX_CANDIDATES` they would be four standard
        # deviations off, or too many candidates.
        expected = drawn / MAX_CANDIDATES
        if accepted < expected - 4 * np.sqrt(expected) or drawn >= MAX_CANDIDATES * counted:
            raise ConditionError(
                f"only {accepted:,} of {drawn:,} sampled rows satisfy the condition",
                hint="widen the condition; this method samples rows and keeps those that satisfy it",
            )
        candidates, probability = draw(batch)
        chosen = np.flatnonzero(rng.random(len(probability)) < probability)[: rows - accepted]
        batches.append(candidates if len(chosen) == batch else select(candidates, chosen))
        accepted, drawn = accepted + len(chosen), drawn + batch
        needed = (rows - accepted) * drawn / max(accepted, 1)
        batch = int(np.clip(1.2 * needed, rows / 4 + 1, MAX_BATCH * counted))
    return batches


def select(candidates: Candidates, rows: NDArray[np.int64]) -> Candidates:
    """The candidates at these positions."""
    codes, positions = candidates
    return codes[:, rows], positions[:, rows]
