"""Sensitivity of the date of exhaustion: one input at a time, and fractions of its variance.

One at a time: the scenario is simulated with one input fixed at its 10th and at its 90th percentile;
the others keep their distributions. Reported are the two median dates. An input without uncertainty is
varied by a fifth of its value instead.

Fractions: the date is replaced by its rank, so that a date beyond the horizon is only a late one. The
rank is regressed on the conditional means of the rank given each input, estimated in slices of equal
count (Plischke, Borgonovo, Smith 2013). The fraction of an input is its part of the explained variance
(Pratt 1987). For independent inputs that is the first-order Sobol index of the rank; they sum to
the fraction of the variance that is explained, at most 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from artesian.forecasting.drivers import DRIVERS, driver
from artesian.forecasting.inputs.distributions import Fixed
from artesian.forecasting.inputs.inputs import Input
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.inputs.units import GROWTH_UNITS
from artesian.forecasting.scenario import CORPUS, OVERRIDDEN, demand_source, is_used
from artesian.forecasting.simulation import Simulation
from artesian.forecasting.understood import format_value

SLICES = 40
"""Largest number of slices with equal counts; 20,000 samples give 500 per slice."""

MIN_PER_SLICE = 20
VARIATION = 0.2
"""Relative variation of an input without uncertainty."""

FEATURES = {"study_2022.demand growth": "growth of training sets"}
"""Names in words of features of the sampled paths."""

Rerun = Callable[[Mapping[str, float]], Simulation]
"""Simulates the scenario with some inputs fixed, on the same samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Effect of one input on the date of exhaustion.

    Attributes:
        name: Name of the input, or of a feature of the sampled paths.
        title: Name in words.
        driver: One of the four drivers, see `drivers.py`.
        low, high: Values of the input, in words.
        date_at_low, date_at_high: Median date, a decimal year, with the input at each value; infinity
            if it is after the horizon.
        horizon: Last simulated year.
        first_order: Fraction of the variance of the rank of the date, 0 to 1; None if the input or the
            date does not vary.
    """

    name: str
    title: str
    driver: str
    low: str
    high: str
    date_at_low: float
    date_at_high: float
    horizon: float
    first_order: float | None

    @property
    def swing(self) -> float:
        """Change of the median date in years; dates after the horizon count as its last year."""
        return min(self.date_at_high, self.horizon) - min(self.date_at_low, self.horizon)


def sensitivity_indices(simulation: Simulation, rerun: Rerun) -> list[Sensitivity]:
    """Compute the sensitivity to each input, sorted by decreasing absolute swing.

    Inputs are those that are uncertain, and those without uncertainty that the user set or that
    describe a private corpus.

    Args:
        simulation: Simulation with its factors.
        rerun: Simulates the scenario with some inputs fixed.
    """
    fractions = variance_fractions(simulation)
    results = []
    for name, entry in _varied(simulation).items():
        low, high = _ends(entry)
        if low == high:
            continue
        dates = [rerun({name: value}).exhaustion.median for value in (low, high)]
        results.append(
            Sensitivity(
                name=name,
                title=entry.title,
                driver=driver(name),
                low=format_value(entry.unit, low),
                high=format_value(entry.unit, high),
                date_at_low=dates[0],
                date_at_high=dates[1],
                horizon=simulation.exhaustion.last,
                first_order=fractions.get(name),
            )
        )
    features = [name for name in simulation.factors if name not in simulation.inputs.entries]
    results += [_of_feature(name, simulation, fractions) for name in features if name in fractions]
    return sorted(results, key=lambda one: (-abs(one.swing), -(one.first_order or 0.0)))


def variance_fractions(simulation: Simulation) -> dict[str, float]:
    """Compute the fraction of each factor in the variance of the rank of the date.

    Returns:
        Fractions by name, not negative, with a sum of at most 1; empty if the date does not vary or
        there are too few samples.
    """
    ranks = _ranks(simulation.exhaustion.dates)
    slices = min(SLICES, len(ranks) // MIN_PER_SLICE)
    factors = {name: values for name, values in simulation.factors.items() if np.ptp(values) > 0}
    if not np.ptp(ranks) > 0 or slices < 2 or not factors:
        return {}
    centred = ranks - ranks.mean()
    effects = np.stack([_conditional_mean(centred, one, slices) for one in factors.values()])
    covariances = effects @ centred / len(ranks)
    # Of the slices of an input without effect, the means vary by chance alone.
    total = float(centred.var())
    by_chance = (slices - 1) * total / len(ranks)
    coefficients, *_ = np.linalg.lstsq(effects @ effects.T / len(ranks), covariances, rcond=None)
    explained = np.maximum(coefficients * covariances - by_chance, 0.0) / total
    scale = max(1.0, float(explained.sum()))
    return dict(zip(factors, (explained / scale).tolist(), strict=True))


def fractions_by_driver(sensitivity: Sequence[Sensitivity]) -> dict[str, float]:
    """Sum the fractions of the variance by driver, largest first; empty if there are none."""
    totals = dict.fromkeys(DRIVERS, 0.0)
    for one in sensitivity:
        totals[one.driver] += one.first_order or 0.0
    if not any(totals.values()):
        return {}
    return dict(sorted(totals.items(), key=lambda pair: -pair[1]))


def _varied(simulation: Simulation) -> dict[str, Input]:
    scenario, inputs = simulation.scenario, simulation.inputs
    source = demand_source(scenario, inputs)
    return {
        name: entry
        for name, entry in inputs.items()
        if is_used(name, scenario, source)
        and entry.has_value
        and (entry.is_uncertain or entry.source == OVERRIDDEN or name.startswith(f"{CORPUS}."))
    }


def _ends(entry: Input) -> tuple[float, float]:
    """The 10th and the 90th percentile, or a fifth less and more, within the feasible range."""
    distribution = entry.feasible
    if not isinstance(distribution, Fixed):
        low, high = distribution.quantile(np.array([0.1, 0.9]))
        return float(low), float(high)
    value = distribution.value
    if entry.unit == "year":
        return value, value
    if entry.unit in GROWTH_UNITS:
        neutral = 1.0 if entry.unit == "x/year" else 0.0
        ends = sorted(
            neutral + (value - neutral) * factor for factor in (1 - VARIATION, 1 + VARIATION)
        )
    else:
        ends = [value * (1 - VARIATION), value * (1 + VARIATION)]
    lowest = -np.inf if entry.min_value is None else entry.min_value
    highest = np.inf if entry.max_value is None else entry.max_value
    return float(np.clip(ends[0], lowest, highest)), float(np.clip(ends[1], lowest, highest))


def _of_feature(name: str, simulation: Simulation, fractions: Mapping[str, float]) -> Sensitivity:
    """Sensitivity to a feature of the paths, which cannot be fixed: medians of two slices."""
    values, dates = simulation.factors[name], simulation.exhaustion.dates
    ends = []
    for centre in (0.1, 0.9):
        low, high = np.quantile(values, [centre - 0.05, centre + 0.05])
        inside = dates[(values >= low) & (values <= high)]
        ends.append(float(np.quantile(inside, 0.5, method="inverted_cdf")))
    return Sensitivity(
        name=name,
        title=FEATURES.get(name, name),
        driver=driver(name),
        low="10th percentile",
        high="90th percentile",
        date_at_low=ends[0],
        date_at_high=ends[1],
        horizon=simulation.exhaustion.last,
        first_order=fractions[name],
    )


def _ranks(dates: Array) -> Array:
    """Return the ranks of dates, (draws,); equal dates have their mean rank."""
    _, inverse, counts = np.unique(dates, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def _conditional_mean(ranks: Array, values: Array, slices: int) -> Array:
    """Return the mean rank in the slice of each sample, (draws,)."""
    order = np.argsort(values, kind="stable")
    means = np.empty(len(ranks))
    for part in np.array_split(order, slices):
        means[part] = ranks[part].mean()
    return means
