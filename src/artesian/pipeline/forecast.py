"""The forecast from question to folder: scenarios simulated, told, drawn, written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.model.trend import fit_trend
from artesian.forecasting.scenario import MINE, TEXT, Scenario
from artesian.forecasting.sensitivity import Influence, influences
from artesian.forecasting.series.csv_file import decimal_year
from artesian.forecasting.series.data_overrides import read_data
from artesian.forecasting.series.language_models import LanguageModels
from artesian.forecasting.simulation import Outlook, outlook
from artesian.forecasting.summary import sentence, told
from artesian.pipeline.clock import Clock
from artesian.pipeline.folder import MANIFEST, REPORT, write_json
from artesian.pipeline.manifest import FORMAT, versions
from artesian.report.forecast import summary_html, write_forecast

FORECAST = "forecast.json"
DRAWS = 20_000
MOST_DRAWS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Forecast:
    """When data run out, and what would change it.

    Attributes:
        outlook: The scenario asked for: draws of stock, demand and dates.
        influences: Which of its inputs drive the date, the most influential first.
        others: Scenarios beside it.
        models: The training sets that the trend was fitted to.
    """

    outlook: Outlook
    influences: Sequence[Influence]
    others: Sequence[Outlook]
    models: LanguageModels

    def to_dict(self) -> dict[str, Any]:
        """`forecast.json`: the scenario asked for, and under 'scenarios' the others in short."""
        return {
            **told(self.outlook, self.influences),
            "scenarios": [told(one) for one in self.others],
        }

    def __repr__(self) -> str:
        return f"Forecast: {sentence(self.outlook)}"

    def _repr_html_(self) -> str:
        """The answer and the scenarios as a table, in a notebook."""
        return summary_html(self.outlook, self.others)


MINE_INPUTS = {
    "my_corpus": "mine.corpus",
    "my_growth": "mine.growth",
    "my_quality": "mine.quality",
    "my_passes": "levers.passes",
    "my_demand": "mine.demand",
    "my_demand_growth": "mine.demand_growth",
}
"""What is said of a corpus of one's own, and the inputs it becomes."""


def asked(
    modality: str | None,
    demand: str | None,
    language: str | None,
    mine: Mapping[str, Override | None],
    changes: Mapping[str, Override],
) -> Scenario:
    """The scenario asked for.

    Args:
        modality: None for text, or for a corpus of one's own where `mine` has one.
        mine: Of `MINE_INPUTS`, what was said.
        changes: Other inputs, by name.

    Raises:
        UsageError: something is said of a corpus of one's own, and not its size.
    """
    own = {MINE_INPUTS[name]: value for name, value in mine.items() if value is not None}
    if own and "mine.corpus" not in own:
        raise UsageError("a corpus of your own needs its size", hint="give --my-corpus, such as 5B")
    return Scenario(
        modality=modality or (MINE if own else TEXT),
        demand=demand,
        language=language,
        set={**own, **changes},
    )


def look_ahead(
    scenario: Scenario,
    others: Sequence[Scenario],
    clock: Clock,
    *,
    data: Sequence[Path] = (),
    draws: int = DRAWS,
    today: dt.date | None = None,
) -> Forecast:
    """Simulate a scenario and those to set beside it.

    Args:
        data: Newer files in the place of the shipped series; see `series/data_overrides.py`.
        draws: Possible futures of each, 100 to a million.
        today: From when a corpus of one's own is counted; the day of the call if not given.

    Raises:
        UsageError: an input is unknown, cannot be, or plays no part; too few or many draws.
        DataError: `data` cannot be used.
    """
    if not 100 <= draws <= MOST_DRAWS:
        raise UsageError(f"{draws:,} draws", hint=f"give 100 to {MOST_DRAWS:,}")
    now = decimal_year(dt.date.today() if today is None else today)
    seed = clock.run.seed.child("forecast")
    with clock.step("read"):
        known = read_data(data, today=today)
        trend = fit_trend(known.models)
    with clock.step("simulate"):
        found = outlook(scenario, trend, today=now, draws=draws, seed=seed, data=known)
        drivers = influences(found)
    beside = []
    with clock.step("scenarios"):
        for other in others:
            clock.run.check(other.name)
            beside.append(outlook(other, trend, today=now, draws=draws, seed=seed, data=known))
    return Forecast(outlook=found, influences=drivers, others=beside, models=known.models)


def write(found: Forecast, folder: Path, clock: Clock) -> None:
    """Write the report, the numbers and how they came about into the empty `folder`."""
    facts = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": clock.run.seed.entropy,
        "draws": len(found.outlook.exhaustion.dates),
        "training_sets": {
            "source": found.models.sizes.source,
            "licence": found.models.sizes.licence,
            "sizes": len(found.models.sizes),
        },
        "seconds": dict(clock.seconds),
    }
    with clock.step("report"):
        numbers = found.to_dict()
        write_json(folder / FORECAST, numbers)
        write_forecast(
            folder / REPORT, found.outlook, found.influences, found.others, found.models, facts
        )
        write_json(folder / MANIFEST, facts)
