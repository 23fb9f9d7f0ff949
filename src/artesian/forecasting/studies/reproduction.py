"""Comparison of all figures published by the two studies with those recomputed here.

No parameter is tuned towards a published figure. Where the figures differ, the row states the cause, as
far as known.
"""

from __future__ import annotations

from artesian.core.run import Run
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.studies import reproduction_2022, reproduction_2024
from artesian.forecasting.studies.published_figure import PublishedFigure


def reproduction(run: Run | None = None, *, draws: int = 50_000) -> tuple[PublishedFigure, ...]:
    """Recompute the published figures.

    Args:
        run: Its seed determines the samples; the default run if None.
        draws: Number of samples. With 50,000, the Monte Carlo error of a median stock is 1 %, of a
            date 0.02 years.
    """
    seed, inputs = (Run() if run is None else run).seed.child("reproduction"), default_inputs()
    return (
        *reproduction_2024.stocks(inputs, draws, seed),
        *reproduction_2024.growth(inputs, draws, seed),
        *reproduction_2024.dates(inputs, draws, seed),
        *reproduction_2022.dates(inputs, draws, seed),
    )
