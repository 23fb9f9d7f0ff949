"""Published and recomputed dates of Villalobos et al. 2022."""

from __future__ import annotations

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.studies.published_figure import Interval, PublishedFigure, date_figure
from artesian.forecasting.studies.villalobos_2022 import Modality, exhaustion, horizon

TREND_ONLY = (
    "recomputed from the historical trend alone; the study mixes in a projection of compute"
)


def dates(inputs: Inputs, draws: int, seed: Seed) -> tuple[PublishedFigure, ...]:
    """Compare the dates of exhaustion of the three modalities, with 90 % intervals.

    Args:
        inputs: Uses group `study_2022`.
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
    """
    years = horizon(inputs)
    one_day = inputs.with_overrides({"study_2022.low_quality.blog_days": 1})
    low: Interval = (2028.4, 2039.2)
    printed: tuple[tuple[Modality, str, Inputs, float, Interval, str], ...] = (
        ("high-quality language", "", inputs, 2024.5, (2023.5, 2025.7), TREND_ONLY),
        (
            "low-quality language",
            "",
            inputs,
            2032.4,
            low,
            f"{TREND_ONLY}; a year of blogs instead of a day",
        ),
        ("low-quality language", ", one day of blogs", one_day, 2032.4, low, TREND_ONLY),
        ("images", "", inputs, 2046.0, (2037.0, 2062.8), TREND_ONLY),
    )
    rows = []
    for modality, variant, variant_inputs, published, interval, cause in printed:
        modality_dates = exhaustion(variant_inputs, modality, years, draws, seed)
        name = f"2022: {modality}{variant}"
        rows.append(date_figure(name, published, interval, modality_dates, 0.9, cause))
    return tuple(rows)
