"""A published figure, ours beside it, and why they differ."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, final

from artesian.forecasting.model.exhaustion import Exhaustion

Interval: TypeAlias = tuple[float, float]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One published figure and ours.

    Attributes:
        quantity: What it is.
        unit: Of the figures and intervals.
        published: The figure in print.
        published_interval: Its interval, None if none is printed.
        ours: The median of our draws; None if the study tells no way to compute it.
        interval: Of our draws; None where `ours` is.
        level: Share of the probability in the intervals.
        gap: Ours less published, in `gap_unit`.
        gap_unit: '%' of the published figure; 'years'; 'orders' of magnitude.
        cause: Why there is a gap, or why there is no figure of ours.
    """

    quantity: str
    unit: str
    published: float
    published_interval: Interval | None = None
    ours: float | None = None
    interval: Interval | None = None
    level: float = 0.95
    gap_unit: Literal["%", "years", "orders"] = "%"
    cause: str

    @property
    def gap(self) -> float | None:
        if self.ours is None:
            return None
        apart = self.ours - self.published
        return apart / self.published * 100 if self.gap_unit == "%" else apart

    def to_dict(self) -> dict[str, Any]:
        """For machines, the gap among it."""
        return {**asdict(self), "gap": self.gap}


def date_row(
    quantity: str,
    published: float,
    published_interval: Interval | None,
    found: Exhaustion,
    level: float,
    cause: str,
) -> Row:
    """A published date beside dates of exhaustion, both with the interval of the level `level`."""
    return Row(
        quantity=quantity,
        unit="year",
        published=published,
        published_interval=published_interval,
        ours=found.median,
        interval=found.interval(level),
        level=level,
        gap_unit="years",
        cause=cause,
    )
