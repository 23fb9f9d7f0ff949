"""Age of the data behind a forecast, and the draws whose date is already past."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from artesian.forecasting.scenario import (
    CORPUS,
    DRIFT,
    MODALITIES_2022,
    RECENT,
    demand_source,
    is_used,
)
from artesian.forecasting.series.csv_file import calendar_day
from artesian.forecasting.simulation import Simulation

MAX_AGE_MONTHS = 6
"""Age in months above which the data are reported as outdated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Age of the data of a forecast.

    Attributes:
        as_of: First day after the newest record, None if demand and stock are those of the user.
        record: What the newest record is.
        months: Age in months, None without `as_of`.
        probability_past: Fraction of the draws whose date of exhaustion is before today.
        today: Date of the forecast.
        is_series: Whether the record is one of the series, which can be rebuilt.
    """

    as_of: dt.date | None
    record: str
    months: float | None
    probability_past: float
    today: dt.date
    is_series: bool

    @property
    def is_outdated(self) -> bool:
        """Whether the newest record is older than `MAX_AGE_MONTHS`."""
        return self.months is not None and self.months > MAX_AGE_MONTHS

    def describe(self) -> list[str]:
        """Describe the age, a warning if it is outdated, and the draws that are past, a line each."""
        lines = []
        if self.as_of is not None:
            lines.append(f"Data as of {self.as_of.isoformat()} ({self.record}).")
        if self.is_outdated and self.months is not None:
            lines.append(
                f"Warning: the newest record is {self.months:.0f} months old."
                + (
                    " Rebuild the series from a newer table of epoch.ai/data: artesian forecast "
                    "--rebuild-series TABLE.csv -o series.csv, then --data series.csv."
                    if self.is_series
                    else ""
                )
            )
        if self.probability_past >= 0.0005:
            percentage = f"{100 * self.probability_past:.2g}"
            lines.append(
                f"{percentage} % of the draws had run out before today ({self.today.isoformat()})."
            )
        return lines


def freshness(simulation: Simulation) -> Freshness:
    """Return the age of the data of a simulation at its date `today`.

    The newest record is the newest training set of the series if demand continues it, otherwise the
    state of knowledge of the inputs of demand.
    """
    scenario, inputs = simulation.scenario, simulation.inputs
    source = demand_source(scenario, inputs)
    past = float((simulation.exhaustion.dates < simulation.today - 1e-9).mean())
    as_of, record = None, ""
    is_series = scenario.modality not in MODALITIES_2022 and source in (DRIFT, RECENT)
    if is_series:
        as_of, record = calendar_day(simulation.newest_record), "newest training set of known size"
    elif source != CORPUS:
        group = "study_2022." if scenario.modality in MODALITIES_2022 else "demand."
        newest = max(
            entry.date
            for name, entry in inputs.items()
            if name.startswith(group) and is_used(name, scenario, source)
        )
        as_of, record = dt.date.fromisoformat(f"{newest}-01"), "inputs of demand"
    today = calendar_day(simulation.today)
    months = None if as_of is None else (today - as_of).days / (365.25 / 12)
    return Freshness(
        as_of=as_of,
        record=record,
        months=months,
        probability_past=past,
        today=today,
        is_series=is_series,
    )
