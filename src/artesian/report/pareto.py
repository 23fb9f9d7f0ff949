"""Which of several candidates are not beaten in every respect by another."""

from __future__ import annotations

from collections.abc import Sequence

from artesian.core.errors import UsageError
from artesian.metrics.protocol import Better


def front(points: Sequence[Sequence[float | None]], better: Sequence[Better]) -> list[bool]:
    """Whether each point lies on the Pareto front.

    A point is off the front if another is at least as good in every respect and better in one. Equal
    points stand or fall together; a point that lacks a value is off it and beats nobody.

    Args:
        points: The values of each candidate.
        better: The direction of each value, 'higher' or 'lower'. Where it is 'neither', give the
            distance to what is wanted instead, and 'lower'.

    Raises:
        UsageError: a direction is 'neither'.

    >>> front([(0.5, 0.9), (0.6, 0.9), (0.4, 0.7)], (Better.LOWER, Better.HIGHER))
    [True, False, True]
    """
    if Better.NEITHER in better:
        raise UsageError(
            "'neither' is no direction", hint="give the distance to what is wanted, and 'lower'"
        )
    costs = [
        None
        if None in point
        else [
            -value if way is Better.HIGHER else value
            for value, way in zip(point, better, strict=True)
            if value is not None
        ]
        for point in points
    ]

    def beats(one: list[float] | None, other: list[float]) -> bool:
        if one is None or one == other:
            return False
        return all(mine <= theirs for mine, theirs in zip(one, other, strict=True))

    return [mine is not None and not any(beats(c, mine) for c in costs) for mine in costs]
