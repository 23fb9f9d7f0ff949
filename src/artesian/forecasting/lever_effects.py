"""What each lever does to demand over stock, tabulated, so that a page can move several at once.

A lever is varied alone on the same draws. Its effect is averaged over draws of similar dates, because
some levers act differently on them: curation recovers at most all text, and transcribed speech
matters most where there is little text. A lever that replaces a quantity that each draw has of its
own (epochs), or multiplies by one (rephrasing), also has the deviation of each draw from that average.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.correlations import PAIR
from artesian.forecasting.inputs.inputs import Override, default_inputs
from artesian.forecasting.inputs.ramps import with_jumps
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.inputs.unset import NONE
from artesian.forecasting.model.levers import effective_epochs, is_neutral, jumps
from artesian.forecasting.scenario import (
    CORPUS,
    TEXT,
    USERS,
    Scenario,
    demand_source,
    full_name,
    is_used,
    merge_overrides,
)
from artesian.forecasting.simulation import Simulation
from artesian.forecasting.summary import implied_growth

GROUPS = 10
"""Number of groups of draws by date."""

POSITIONS = 17
"""Number of tabulated values per lever; between them, effects are interpolated."""

FRACTIONS = {
    "opt_out": (0.0, 0.9),
    "synthetic_fraction": (0.0, 0.9),
    "rephrased_fraction": (0.0, 0.6),
    "transcribed": (0.0, 1.0),
}
FACTORS = {
    "curation_yield": (0.25, 4.0),
    "training_epochs": (1.0, 32.0),
    "user_growth": (0.9, 1.2),
    "demand_growth": (1.2, 5.0),
    "data_efficiency": (1.0, 20.0),
    "overtraining": (1.0, 20.0),
}
"""Levers and the values between which they are tabulated, which the value of the scenario extends."""

MIN_DEVIATION = 0.005
"""Standard deviation of the effect on the draws of a group, in log10, below which it is left out."""

REPLACED = "demand_growth"
"""Lever that replaces the growth of each draw, so that its effect is that of the value on its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverEffect:
    """The effect of one lever, in log10 of demand over stock relative to the scenario.

    Attributes:
        name: Name of the lever, without the group.
        start: Value of the lever in the scenario.
        positions: Ascending values, (positions,).
        effects: Effect of each value by group of draws and year, (positions, groups, years); empty
            for `REPLACED`.
        neutral: Effect of the neutral value, which the lever has before it takes effect,
            (groups, years).
        accumulates: Whether the effect grows with the years since the lever took effect.
        deviations: Deviation of the effect on each draw from that on its group, (draws,), where it is
            greatest; empty if there are none.
        scales: Factor of the deviations at each value, (positions,).
        neutral_scale: Factor of the deviations at the neutral value.
    """

    name: str
    start: float
    positions: Array
    effects: Array
    neutral: Array
    accumulates: bool
    deviations: Array
    scales: Array
    neutral_scale: float


def by_date(simulation: Simulation) -> NDArray[np.int64]:
    """Positions of the draws with paths, by date; without exhaustion, by how near they are to it."""
    last = _log10_ratio(simulation)[:, -1]
    return np.lexsort((-last, simulation.exhaustion.dates[: len(last)]))


def detailed_grid(simulation: Simulation) -> Array:
    """The years of a simulation with the points before and after each jump of its levers."""
    return with_jumps(simulation.years, jumps(simulation.inputs))


Simulate = Callable[[Scenario, Sequence[float]], Simulation]


def lever_effects(
    scenario: Scenario, simulate: Simulate, simulate_all: Simulate
) -> list[LeverEffect]:
    """Tabulate the levers that a scenario uses.

    Args:
        scenario: Scenario.
        simulate: Simulates a scenario, always with the same draws, with values at the given years too.
        simulate_all: The same with all draws that deviations are wanted for.
    """
    grid = detailed_grid(simulate(scenario, ())).tolist()
    few, every = _Differences(scenario, simulate, grid), _Differences(scenario, simulate_all, grid)
    baseline = few.baseline
    source = demand_source(scenario, baseline.inputs)
    tabulated = []
    for name in (*FACTORS, *FRACTIONS):
        start = _start(name, baseline)
        if start is None or not _is_tabulated(name, baseline, source):
            continue
        positions = _positions(name, start)
        default = default_inputs()[f"levers.{name}"]
        neutral = few.of(name, default.distribution.median if default.has_value else None)
        values = [few.of(name, value) for value in positions if name != REPLACED]
        deviations = np.array([few.deviations(one) for one in (*values, neutral)])
        scales = _scales(deviations) if values else np.zeros(0)
        greatest = int(np.argmax(np.abs(scales))) if len(scales) else -1
        everywhere = np.zeros(0)
        if len(scales):
            value = None if greatest == POSITIONS else float(positions[greatest])
            everywhere = every.deviations(every.of(name, value))
        tabulated.append(
            LeverEffect(
                name=name,
                start=start,
                positions=positions,
                effects=np.array([few.by_group(one) for one in values]),
                neutral=few.by_group(neutral),
                accumulates=name == "user_growth",
                deviations=everywhere,
                scales=scales[:-1],
                neutral_scale=float(scales[-1]) if len(scales) else 0.0,
            )
        )
    return tabulated


class _Differences:
    """Differences to a scenario in log10 of demand over stock, on the same draws.

    Args:
        scenario: Scenario.
        simulate: Simulates a scenario with values at the given years.
        grid: Years.
    """

    def __init__(self, scenario: Scenario, simulate: Simulate, grid: Sequence[float]) -> None:
        self._scenario, self._simulate, self._grid = scenario, simulate, grid

    @cached_property
    def baseline(self) -> Simulation:
        return self._simulate(self._scenario, self._grid)

    @cached_property
    def _log10_ratio(self) -> Array:
        return _log10_ratio(self.baseline)

    @cached_property
    def _groups(self) -> list[NDArray[np.int64]]:
        return np.array_split(by_date(self.baseline), GROUPS)

    def of(self, name: str, value: float | None) -> Array:
        """The difference that a value of a lever makes, (draws, years); None for no value."""
        lever = f"levers.{name}"
        text = NONE if value is None else _with_unit(lever, value)
        overrides = merge_overrides(self._scenario.overrides, {lever: text})
        changed = self._simulate(replace(self._scenario, overrides=overrides), self._grid)
        return np.asarray(_log10_ratio(changed) - self._log10_ratio)

    def by_group(self, difference: Array) -> Array:
        """Medians over the draws of each group, (groups, years)."""
        return np.array([np.median(difference[group], axis=0) for group in self._groups])

    def deviations(self, difference: Array) -> Array:
        """Medians over the years of the deviation of each draw from its group, (draws,)."""
        deviations = np.empty(len(difference))
        for group, average in zip(self._groups, self.by_group(difference), strict=True):
            deviations[group] = np.median(difference[group] - average, axis=1)
        return deviations


def _scales(deviations: Array) -> Array:
    """Factors of the greatest of some deviations that give the others, (values,); empty if none do.

    Args:
        deviations: Deviation of each draw at each value, (values, draws).
    """
    sizes = deviations.std(axis=1)
    greatest = deviations[np.argmax(sizes)]
    if sizes.max() < MIN_DEVIATION:
        return np.zeros(0)
    scales = deviations @ greatest / (greatest @ greatest)
    rest = deviations - scales[:, np.newaxis] * greatest
    return np.asarray(scales if (rest**2).sum() < (deviations**2).sum() / 4 else np.zeros(0))


def _is_tabulated(name: str, simulation: Simulation, source: str) -> bool:
    """Whether the effect of a lever in the scenario is one that a table gives."""
    scenario, inputs = simulation.scenario, simulation.inputs
    if name == "transcribed" and scenario.modality == CORPUS:
        return False
    # Opt-outs that grow do so from the year on in which they start; a limit acts on the grown demand.
    needs = {"opt_out": "opt_out_growth", REPLACED: "compute_limit"}
    if name in needs and not is_neutral(inputs, needs[name]):
        return False
    return is_used(f"levers.{name}", scenario, source)


def _with_unit(name: str, value: float) -> str:
    """The notation of a value; a growth needs its unit."""
    unit = "x/year" if default_inputs()[name].unit == "x/year" else ""
    return f"{float(value)!r}{unit}"


def ramp_start(simulation: Simulation) -> float | None:
    """The latest year from which a lever of the scenario takes effect; None without such a lever."""
    ramps = [one.ramp[0] for one in simulation.inputs.values() if one.ramp is not None]
    return max(ramps, default=None)


def _positions(name: str, start: float) -> Array:
    """Ascending values, closer to each other where the effect of a lever changes faster."""
    low, high = (FRACTIONS | FACTORS)[name]
    low, high = min(low, start), max(high, start)
    if name in FACTORS:
        return np.asarray(np.geomspace(low, high, POSITIONS))
    # What remains of the stock or of the demand is 1 - value; at 1 nothing does.
    rest = np.geomspace(1 - low, 1 - high, POSITIONS) if high < 1 else None
    return np.linspace(low, high, POSITIONS) if rest is None else 1 - rest


def _start(name: str, simulation: Simulation) -> float | None:
    """The value of a lever in the scenario; where it has none, the value of equal effect, if any."""
    inputs = simulation.inputs
    value = inputs.median(f"levers.{name}")
    if name == "demand_growth" and is_neutral(inputs, name):
        growth = float(implied_growth(simulation)["median"])
        return growth if growth > 0 else None
    if name == "training_epochs" and is_neutral(inputs, name):
        if simulation.scenario.modality not in (TEXT, USERS):
            return 1.0
        grid = np.arange(1, 64.5, 0.5)
        worth = effective_epochs(grid, inputs.median("levers.repetition"))
        return float(grid[int(np.argmin(np.abs(worth - inputs.median("web.epochs"))))])
    if name == "synthetic_fraction":
        return min(value, inputs.median("levers.synthetic_limit"))
    return value


def _log10_ratio(simulation: Simulation) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log10(simulation.demand) - np.log10(simulation.stock)
    return np.asarray(np.nan_to_num(ratio, nan=0.0, posinf=99, neginf=-99))


def scenario_options(scenario: Scenario) -> list[tuple[str, str]] | None:
    """The options of `artesian forecast` that describe a scenario, as (input or '', option).

    None if an input is a distribution that cannot be written as text.
    """
    options = []
    if scenario.modality != TEXT:
        options.append(("", f"--modality {scenario.modality}"))
    if scenario.demand is not None:
        options.append(("", f"--demand {scenario.demand}"))
    if scenario.language is not None:
        options.append(("", f"--language {shlex.quote(scenario.language)}"))
    for name, value in scenario.overrides.items():
        text = value if isinstance(value, str) else _as_text(name, value)
        if text is None:
            return None
        options.append((name, f"--set {shlex.quote(f'{name}={text}')}"))
    return options


def _as_text(name: str, value: Override) -> str | None:
    """The notation of a number or distribution of an input; None if there is none."""
    defaults = default_inputs()
    if PAIR in name:
        return str(value)
    full = full_name(name, defaults)
    distribution = defaults.with_overrides({full: value})[full].distribution
    for unit in ("", "x/year"):  # a growth needs its unit
        try:
            parsed = defaults.with_overrides({full: f"{value}{unit}"})
        except UsageError:
            continue
        if parsed[full].distribution == distribution:
            return f"{value}{unit}"
    return None
