"""A published figure, its reproduction, and the cause of their difference."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, final

from artesian.forecasting.model.exhaustion import Exhaustion

Interval: TypeAlias = tuple[float, float]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """A published figure and its reproduction.

    Attributes:
        quantity: Name of the quantity.
        unit: Unit of the figures and intervals.
        published: Published figure.
        published_interval: Published interval; None if none is published.
        reproduced: Median of the samples; None if the study gives no way to compute it.
        interval: Interval of the samples; None where `reproduced` is.
        level: Probability of the intervals.
        difference: Reproduced minus published, in `difference_unit`.
        difference_unit: '%' of the published figure, 'years', or 'orders' of magnitude.
        cause: Cause of the difference, or of the missing reproduction.
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
        """Reproduced minus published figure, in `difference_unit`."""
        if self.reproduced is None:
            return None
        difference = self.reproduced - self.published
        return difference / self.published * 100 if self.difference_unit == "%" else difference

    def to_dict(self) -> dict[str, Any]:
        """Convert to a dictionary that includes the difference."""
        return {**asdict(self), "difference": self.difference}


def date_figure(
    quantity: str,
    published: float,
    published_interval: Interval | None,
    exhaustion: Exhaustion,
    level: float,
    cause: str,
) -> PublishedFigure:
    """Compare a published date with sampled dates of exhaustion; intervals have level `level`."""
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
