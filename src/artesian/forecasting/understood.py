"""One line that states how the inputs of a forecast were understood, in the units people use."""

from __future__ import annotations

from artesian.forecasting.inputs.distributions import (
    Beta,
    Component,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
)
from artesian.forecasting.inputs.inputs import Input, Inputs
from artesian.forecasting.inputs.mixture import Mixture
from artesian.forecasting.inputs.quantities import format_amount
from artesian.forecasting.inputs.units import GROWTH_UNITS
from artesian.forecasting.scenario import (
    CORPUS,
    DRIFT,
    MODALITIES_2022,
    OVERRIDDEN,
    RECENT,
    TEXT,
    USERS,
    Scenario,
    demand_source,
)

ASSUMED = " (assumed: you gave none)"
STOCKS = {
    TEXT: "public text on the indexed web",
    USERS: "all text written by internet users",
    "high-quality": "high-quality language by Villalobos et al. 2022",
    "low-quality": "low-quality language by Villalobos et al. 2022",
    "images": "images by Villalobos et al. 2022",
}
DEMANDS = {
    DRIFT: "the largest training set of each year, from the largest published one on",
    RECENT: "the largest training set of each year, with a growth updated by the last three years",
    "study": "the largest training set by the mixture of Villalobos et al. 2024",
    "historical": "the largest training set by its historical trend",
    "compute": "the compute-optimal training set of the largest training run",
}


GROWTH_INPUTS = {DRIFT: "drift.growth", "historical": "demand.growth"}
"""Input that is the growth of demand, by the source of demand."""


def understood_as(scenario: Scenario, inputs: Inputs) -> str:
    """Describe stock, demand and every input that the user set, in one line.

    Args:
        scenario: Scenario.
        inputs: Its inputs, from `resolve_inputs`.

    >>> from artesian.forecasting.scenario import resolve_inputs
    >>> own = Scenario(modality="corpus", overrides={"corpus.tokens": "5B", "corpus.growth": "5%"})
    >>> understood_as(own, resolve_inputs(own)).split(";")[0]
    'Understood as: 5.0B tokens today, growing 5 % a year'
    """
    source = demand_source(scenario, inputs)
    described = set()
    if scenario.modality == CORPUS:
        described = {"corpus.tokens", "corpus.growth"}
        amount, growth = inputs["corpus.tokens"], inputs["corpus.growth"]
        parts = [f"{describe_input(amount, inputs)} today, {_growing(growth)}"]
    else:
        where = "in all languages" if scenario.language is None else f"in {scenario.language}"
        is_text = scenario.modality != "images"
        parts = [STOCKS[scenario.modality] + (f", {where}" if is_text else "")]
    if source == CORPUS:
        described |= {"corpus.demand", "corpus.demand_growth"}
        amount, growth = inputs["corpus.demand"], inputs["corpus.demand_growth"]
        parts.append(f"demand {describe_input(amount, inputs)}, {_growing(growth)}")
    else:
        assumed = ASSUMED if scenario.modality == CORPUS and scenario.demand is None else ""
        parts.append(f"demand: {DEMANDS[source]}{assumed}")
        if source in GROWTH_INPUTS and scenario.modality not in MODALITIES_2022:
            described.add(GROWTH_INPUTS[source])
            parts[-1] += f", {_growing(inputs[GROWTH_INPUTS[source]])}"
    others = [
        f"{name} {describe_input(entry, inputs)}{_relative_to(name, source)}"
        for name, entry in inputs.items()
        if entry.source == OVERRIDDEN
        and name not in described
        and not (name == "levers.stock_fraction" and scenario.language is not None)
    ]
    others += [
        f"correlation {value:g} of {inputs[one].title} and {inputs[other].title}"
        for (one, other), value in inputs.correlations.items()
    ]
    if others:
        parts.append(f"set by you: {', '.join(others)}")
    if scenario.modality == CORPUS and scenario.language is not None:
        parts.append(f"language {scenario.language}, which does not change a corpus of your own")
    return f"Understood as: {'; '.join(parts)}"


def describe_input(entry: Input, inputs: Inputs) -> str:
    """Describe the value of an input in the units people use, such as '5.0B tokens' or '40 %'."""
    text = _distribution(entry, entry.distribution)
    if entry.ramp is not None:
        start, end = entry.ramp
        text += f" from {start:g}" + (f" to {end:g}" if end > start else "")
    if not entry.conversions:
        return text
    by = " and ".join(
        f"{inputs.median(name):g} {inputs[name].unit.replace('/', ' per ')}"
        for name in entry.conversions
    )
    return f"{text} (from {entry.given}, at {by})"


def _relative_to(name: str, source: str) -> str:
    """Name the models to which over-training is relative."""
    if name != "levers.overtraining":
        return ""
    return (
        " of today's models" if source in (DRIFT, RECENT, CORPUS) else " of compute-optimal models"
    )


def _growing(entry: Input) -> str:
    """Describe a growth: 'growing 5 % a year (assumed: you gave none)'."""
    assumed = "" if entry.source == OVERRIDDEN else ASSUMED
    distribution = entry.distribution
    if isinstance(distribution, Fixed):
        percentage = (distribution.value - 1) * 100
        if abs(percentage) < 5e-4:
            return f"not growing{assumed}"
        if percentage < 0:
            return f"shrinking {-percentage:.3g} % a year{assumed}"
    if assumed and isinstance(distribution, Normal | LogNormal):
        # The level of every interval that the forecast states itself.
        ends = (float(distribution.quantile(level)) for level in (0.1, 0.9))
        return f"growing {_range(entry.unit, *ends)} (80 % interval){assumed}"
    return f"growing {_distribution(entry, distribution)}{assumed}"


def _distribution(entry: Input, distribution: Component | Mixture) -> str:
    if isinstance(distribution, Mixture):
        parts = zip(distribution.weights, distribution.components, strict=True)
        return "a mixture of " + ", ".join(
            f"{100 * weight:.3g} %: {_distribution(entry, one)}" for weight, one in parts
        )
    if isinstance(distribution, Fixed):
        return format_value(entry.unit, distribution.value)
    if isinstance(distribution, Beta):
        return f"{distribution} with the median {format_value(entry.unit, distribution.median)}"
    ends = _range(entry.unit, distribution.low, distribution.high)
    if isinstance(distribution, Uniform):
        return f"{ends} (uniform)"
    family = "normal, " if isinstance(distribution, Normal) and entry.unit != "OOM/year" else ""
    return f"{ends} ({family}{100 * distribution.level:.3g} % interval)"


def _range(unit: str, low: float, high: float) -> str:
    """Both ends in the same notation: '3 % to 8 % a year', '2x to 3x a year'."""
    as_factor = unit in GROWTH_UNITS and _factor(unit, high) >= 3
    return f"{_number(unit, low, as_factor=as_factor)} to {format_value(unit, high)}"


def format_value(unit: str, value: float) -> str:
    """Format a value of an input: '5.0B tokens', '40 %', '5 % a year'."""
    as_factor = unit in GROWTH_UNITS and _factor(unit, value) >= 3
    number = _number(unit, value, as_factor=as_factor)
    if unit in GROWTH_UNITS:
        return f"{number} a year"
    if unit in ("fraction", "x", "weight", "year"):
        return number
    return f"{number} {unit}"


def _factor(unit: str, growth: float) -> float:
    return growth if unit == "x/year" else 10.0**growth


def _number(unit: str, value: float, *, as_factor: bool) -> str:
    if unit in GROWTH_UNITS:
        factor = _factor(unit, value)
        return f"{factor:.3g}x" if as_factor else f"{(factor - 1) * 100:.3g} %"
    if unit == "fraction":
        return f"{100 * value:.3g} %"
    if unit == "x":
        return f"{value:.3g}x"
    if unit == "year":
        return f"{value:g}"
    return format_amount(value)
