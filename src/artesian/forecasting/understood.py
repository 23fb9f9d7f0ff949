"""One line that states how the inputs of a forecast were understood, in the units people use."""

from __future__ import annotations

from collections.abc import Collection

from artesian.forecasting.inputs.distributions import (
    Beta,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
)
from artesian.forecasting.inputs.inputs import Input, Inputs
from artesian.forecasting.inputs.mixture import Distribution, Mixture
from artesian.forecasting.inputs.quantities import format_amount
from artesian.forecasting.inputs.units import GROWTH_UNITS
from artesian.forecasting.inputs.unset import Unset
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

UNIT_NAMES = {"OOM": "orders of magnitude"}
"""Units that are abbreviated in `inputs.toml`."""

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
DEMANDS_2022 = "the largest training set by Villalobos et al. 2022"

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
        has_growth = source in GROWTH_INPUTS and scenario.modality not in MODALITIES_2022
        own = inputs[GROWTH_INPUTS[source]] if has_growth else None
        described |= {"levers.demand_growth", *(() if own is None else (own.name,))}
        growing = _growing_by_lever(inputs["levers.demand_growth"], own)
        demand = DEMANDS_2022 if scenario.modality in MODALITIES_2022 else DEMANDS[source]
        parts.append(f"demand: {demand}{assumed}{f', {growing}' if growing else ''}")
    others = describe_changes(inputs, source, without=described, language=scenario.language)
    if others:
        parts.append(f"set by you: {', '.join(others)}")
    if scenario.modality == CORPUS and scenario.language is not None:
        parts.append(f"language {scenario.language}, which does not change a corpus of your own")
    return f"Understood as: {'; '.join(parts)}"


def describe_changes(
    inputs: Inputs,
    source: str,
    *,
    without: Collection[str] = (),
    language: str | None = None,
    base: Inputs | None = None,
) -> list[str]:
    """Describe the inputs that a scenario sets, and their correlations, in words.

    Args:
        inputs: Inputs of the scenario.
        source: Its source of demand.
        without: Inputs to leave out.
        language: Language of the scenario, which sets an input too.
        base: Inputs of the scenario that it changes; only the differences are described.
    """
    changes = [
        f"{entry.title} {describe_input(entry, inputs)}{_relative_to(name, source)}"
        for name, entry in inputs.items()
        if entry.source == OVERRIDDEN
        and name not in without
        and not (name == "levers.stock_fraction" and language is not None)
        and (base is None or base[name] != entry)
    ]
    return changes + [
        f"correlation {value:g} of {inputs[one].title} and {inputs[other].title}"
        for (one, other), value in inputs.correlations.items()
        if base is None or base.correlations.get((one, other)) != value
    ]


def describe_scenario(scenario: Scenario, inputs: Inputs, base: Scenario, given: Inputs) -> str:
    """Describe how a comparison scenario was understood: what differs from its baseline.

    Args:
        scenario: Scenario, with its inputs in `inputs`.
        inputs: As above.
        base: Baseline, with its inputs in `given`.
        given: As above.
    """
    one, other = (
        (each.modality, each.language, demand_source(each, own))
        for each, own in ((scenario, inputs), (base, given))
    )
    if one != other:
        return understood_as(scenario, inputs).removeprefix("Understood as: ")
    return "; ".join(describe_changes(inputs, one[2], base=given)) or "none"


def describe_input(entry: Input, inputs: Inputs) -> str:
    """Describe the value of an input in the units people use, such as '5.0B tokens' or '40 %'."""
    text = f"{_distribution(entry, entry.distribution)}{_years(entry)}"
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


def _years(entry: Input) -> str:
    """The years of a ramp: ' from 2028 to 2030'; "" without one."""
    if entry.ramp is None:
        return ""
    start, end = entry.ramp
    return f" from {start:g}" + (f" to {end:g}" if end > start else "")


def _growing_by_lever(lever: Input, own: Input | None) -> str:
    """The growth of demand: that of its model, of the lever, or first the one, then the other."""
    if not lever.has_value:
        return "" if own is None else _growing(own)
    growing = f"{_growing(lever)}{_years(lever)}"
    if lever.ramp is None:
        return growing
    before = "as its model" if own is None else _growing(own)
    return f"{before}, then {growing}"


def _growing(entry: Input) -> str:
    """Describe a growth: 'growing 5 % a year (assumed: you gave none)'."""
    assumed = "" if entry.source == OVERRIDDEN else ASSUMED
    distribution = entry.distribution
    if isinstance(distribution, Fixed):
        percentage = (_factor(entry.unit, distribution.value) - 1) * 100
        if abs(percentage) < 5e-4:
            return f"not growing{assumed}"
        if percentage < 0:
            return f"shrinking {_digits(-percentage)} % a year{assumed}"
    if assumed and isinstance(distribution, Normal | LogNormal):
        # The level of every interval that the forecast states itself.
        ends = (float(distribution.quantile(level)) for level in (0.1, 0.9))
        return f"growing {_range(entry.unit, *ends)} (80 % interval){assumed}"
    return f"growing {_distribution(entry, distribution)}{assumed}"


def _distribution(entry: Input, distribution: Distribution) -> str:
    if isinstance(distribution, Unset):
        return distribution.meaning
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
    family = ""
    if isinstance(distribution, Normal):
        in_orders = " in orders of magnitude" if entry.unit == "OOM/year" else ""
        family = f"normal{in_orders}, "
    return f"{ends} ({family}{100 * distribution.level:.3g} % interval)"


def _range(unit: str, low: float, high: float) -> str:
    """Both ends in the same notation: '3 % to 8 % a year'."""
    return f"{_number(unit, low)} to {format_value(unit, high)}"


def format_value(unit: str, value: float) -> str:
    """Format a value of an input: '5.0B tokens', '40 %', '5 % a year', '1 epoch'."""
    number = _number(unit, value)
    if unit in GROWTH_UNITS:
        return f"{number} a year"
    if unit in ("fraction", "x", "weight", "year"):
        return number
    unit = UNIT_NAMES.get(unit, unit)
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


def format_median(entry: Input) -> tuple[str, str]:
    """Format the median of an input with its 80 % interval, if it is uncertain, and the unit."""
    if not entry.has_value:
        return str(entry.distribution), ""
    low, median, high = (
        _number(entry.unit, float(entry.feasible.quantile(level))) for level in (0.1, 0.5, 0.9)
    )
    text = f"{median} ({low} to {high})" if entry.is_uncertain else median
    if entry.unit in GROWTH_UNITS:
        return text, "a year"
    names = {"fraction": "", "x": "", "year": "", **UNIT_NAMES}
    unit = names.get(entry.unit, entry.unit)
    return text, unit.removesuffix("s") if text == "1" else unit


def format_growth(factor: float) -> str:
    """Format a growth, given as a factor, as '5 %'; growth is a percentage everywhere.

    >>> format_growth(1.05), format_growth(3.7), format_growth(0.5)
    ('5 %', '270 %', '-50 %')
    """
    return f"{_digits((factor - 1) * 100)} %"


def _factor(unit: str, growth: float) -> float:
    return growth if unit == "x/year" else 10.0**growth


def _digits(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{float(f'{value:.3g}'):,.0f}"


def _number(unit: str, value: float) -> str:
    if unit in GROWTH_UNITS:
        return format_growth(_factor(unit, value))
    if unit == "fraction":
        return f"{100 * value:.3g} %"
    if unit == "x":
        return f"{value:.3g}x"
    if unit == "year":
        return f"{value:g}"
    return format_amount(value)
