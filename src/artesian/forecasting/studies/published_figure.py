"""A published figure, ours beside it, and why they differ."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, final

from artesian.forecasting.model.exhaustion import Exhaustion

Interval: TypeAlias = tuple[float, float]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """One published figure and ours.

    Attributes:
        quantity: What it is.
        unit: Of the figures and intervals.
        published: The figure in print.
        published_interval: Its interval, None if none is printed.
        reproduced: The median of our draws; None if the study tells no way to compute it.
        interval: Of our draws; None where `reproduced` is.
        level: Share of the probability in the intervals.
        difference: Ours less published, in `difference_unit`.
        difference_unit: '%' of the published figure; 'years'; 'orders' of magnitude.
        cause: Why there is a gap, or why there is no figure of ours.
    """

    quantity: str
    unit: str
    published: float
    published_interval: Interval | None = None
    reproduced: float | None = None
    interval: Interval | None = None
    level: float = 0.95
    difference_unit: Literal["%", "years", "orders"] = "%"
    cause: str

    @property
    def difference(self) -> float | None:
        if self.reproduced is None:
            return None
        difference = self.reproduced - self.published
        return difference / self.published * 100 if self.difference_unit == "%" else difference

    def to_dict(self) -> dict[str, Any]:
        """For machines, the gap among it."""
        return {**asdict(self), "difference": self.difference}


def date_figure(
    quantity: str,
    published: float,
    published_interval: Interval | None,
    exhaustion: Exhaustion,
    level: float,
    cause: str,
) -> PublishedFigure:
    """A published date beside dates of exhaustion, both with the interval of the level `level`."""
    return PublishedFigure(
        quantity=quantity,
        unit="year",
        published=published,
        published_interval=published_interval,
        reproduced=exhaustion.median,
        interval=exhaustion.interval(level),
        level=level,
        difference_unit="years",
        cause=cause,
    )
