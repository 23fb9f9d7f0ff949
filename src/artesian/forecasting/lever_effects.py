"""What each lever does to demand over stock, tabulated, so that a page can move several at once.

A lever is varied alone on the same draws. Its effect is averaged over draws of similar dates, because
some levers act differently on them: curation recovers at most all text, and transcribed speech
matters most where there is little text.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
    """

    name: str
    start: float
    positions: Array
    effects: Array
    neutral: Array
    accumulates: bool


def by_date(simulation: Simulation) -> NDArray[np.int64]:
    """Positions of the draws with paths, by date; without exhaustion, by how near they are to it."""
    last = _log10_ratio(simulation)[:, -1]
    return np.lexsort((-last, simulation.exhaustion.dates[: len(last)]))


def detailed_grid(simulation: Simulation) -> Array:
    """The years of a simulation with the points before and after each jump of its levers."""
    return with_jumps(simulation.years, jumps(simulation.inputs))


def lever_effects(
    scenario: Scenario, simulate: Callable[[Scenario, Sequence[float]], Simulation]
) -> list[LeverEffect]:
    """Tabulate the levers that a scenario uses.

    Args:
        scenario: Scenario.
        simulate: Simulates a scenario, always with the same draws, with values at the given years too.
    """
    baseline = simulate(scenario, ())
    grid = detailed_grid(baseline).tolist()
    baseline = simulate(scenario, grid)
    source = demand_source(scenario, baseline.inputs)
    groups = np.array_split(by_date(baseline), GROUPS)
    log10_ratio = _log10_ratio(baseline)

    def effect(name: str, value: float | None) -> Array:
        lever = f"levers.{name}"
        text = NONE if value is None else _with_unit(lever, value)
        changed = replace(scenario, overrides=merge_overrides(scenario.overrides, {lever: text}))
        difference = _log10_ratio(simulate(changed, grid)) - log10_ratio
        return np.array([np.median(difference[group], axis=0) for group in groups])

    tabulated = []
    for name in (*FACTORS, *FRACTIONS):
        start = _start(name, baseline)
        if start is None or not _is_tabulated(name, baseline, source):
            continue
        positions = _positions(name, start)
        default = default_inputs()[f"levers.{name}"]
        neutral = default.distribution.median if default.has_value else None
        tabulated.append(
            LeverEffect(
                name=name,
                start=start,
                positions=positions,
                effects=np.array([effect(name, value) for value in positions if name != REPLACED]),
                neutral=effect(name, neutral),
                accumulates=name == "user_growth",
            )
        )
    return tabulated


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
