"""Every figure the two studies published beside the one that follows from their parameters here.

Nothing is tuned towards a published figure. Where ours differs, the row says why as far as we know.
"""

from __future__ import annotations

from artesian.core.run import Run
from artesian.forecasting.inputs.inputs import default_inputs
from artesian.forecasting.studies import reproduction_2022, reproduction_2024
from artesian.forecasting.studies.published_figure import PublishedFigure


def reproduction(run: Run | None = None, *, draws: int = 50_000) -> tuple[PublishedFigure, ...]:
    """Compute all rows.

    Args:
        run: Its seed decides the draws.
        draws: Monte Carlo draws; with 50,000 a median of a stock is good to 1 %, a date to 0.02
            years.
    """
    seed, inputs = (Run() if run is None else run).seed.child("reproduction"), default_inputs()
    return (
        *reproduction_2024.stocks(inputs, draws, seed),
        *reproduction_2024.growth(inputs, draws, seed),
        *reproduction_2024.dates(inputs, draws, seed),
        *reproduction_2022.dates(inputs, draws, seed),
    )
