"""The Pareto front: candidates that no other candidate dominates."""

from __future__ import annotations

from collections.abc import Sequence

from artesian.core.errors import UsageError
from artesian.metrics.protocol import Better


def front(points: Sequence[Sequence[float | None]], better: Sequence[Better]) -> list[bool]:
    """Whether each point is Pareto-optimal.

    A point dominates another if it is at least as good in every objective and better in one. Equal
    points do not dominate each other; a point with a missing value is not Pareto-optimal and dominates
    no other.

    Args:
        points: The objectives of each candidate, (candidates, objectives).
        better: The direction of each objective, 'higher' or 'lower'. For 'neither', pass the distance
            to the optimum with 'lower'.

    Raises:
        UsageError: a direction is 'neither'.

    >>> front([(0.5, 0.9), (0.6, 0.9), (0.4, 0.7)], (Better.LOWER, Better.HIGHER))
    [True, False, True]
    """
    if Better.NEITHER in better:
        raise UsageError(
            "an objective with the direction 'neither' cannot be optimized",
            hint="pass the distance to the optimum with the direction 'lower'",
        )
    costs = [
        None
        if None in point
        else [
            -value if direction is Better.HIGHER else value
            for value, direction in zip(point, better, strict=True)
            if value is not None
        ]
        for point in points
    ]

    def dominates(one: list[float] | None, other: list[float]) -> bool:
        if one is None or one == other:
            return False
        return all(a <= b for a, b in zip(one, other, strict=True))

    return [
        cost is not None and not any(dominates(other, cost) for other in costs) for cost in costs
    ]
