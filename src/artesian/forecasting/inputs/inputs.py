"""Forecast inputs with distribution, unit and source, and overrides by the user.

All default values are in `inputs.toml`. An override is a number, a distribution, or text with an
optional unit. It is rejected if its unit measures a different quantity or its value is infeasible.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, final

import numpy as np

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Seed
from artesian.forecasting.inputs.build import from_dict
from artesian.forecasting.inputs.correlations import (
    PAIR,
    check_consistent,
    correlated_scores,
    parse_correlation,
    split_pair,
)
from artesian.forecasting.inputs.distributions import (
    Beta,
    Component,
    Fixed,
    Normal,
    uniform_numbers,
)
from artesian.forecasting.inputs.intervals import check_finite, format_number
from artesian.forecasting.inputs.mixture import (
    DISTRIBUTIONS,
    Distribution,
    Mixture,
    truncate_any,
)
from artesian.forecasting.inputs.parsing import parse
from artesian.forecasting.inputs.quantities import Quantity, format_amount
from artesian.forecasting.inputs.ramps import split_ramp as split_ramp_of_text
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.inputs.units import convert
from artesian.forecasting.inputs.unset import NONE, Unset
from artesian.forecasting.series.bundled_data import YearlySeries, text_units

Confidence: TypeAlias = Literal["high", "medium", "low"]
Override: TypeAlias = float | str | Distribution


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One uncertain quantity of the forecast.

    Attributes:
        name: Dotted name, such as `web.pages`.
        distribution: Distribution in `unit`.
        unit: Unit, such as 'tokens', 'fraction', 'x/year'.
        source: Publication or file the value comes from, or who overrode it.
        date: Year and month of the source's state of knowledge.
        confidence: Confidence in the distribution.
        description: One sentence.
        label: Name in words; see `title` for the derived one.
        stream: Name of the random stream; `name` if None. A renamed input keeps its stream, so that
            published figures do not change.
        min_value: Smallest feasible value; None for none.
        max_value: Largest feasible value; None for none.
        given: The override as the user wrote it; empty for a default or a distribution.
        conversions: Inputs of group `text` by which an override was converted.
        ramp: Years in which a lever starts to take effect and has its full effect; None for always.
    """

    name: str
    distribution: Distribution
    unit: str
    source: str
    date: str
    confidence: Confidence
    description: str
    label: str = ""
    stream: str | None = None
    min_value: float | None = None
    max_value: float | None = None
    given: str = ""
    conversions: tuple[str, ...] = ()
    ramp: tuple[float, float] | None = None

    @property
    def title(self) -> str:
        """Name in words, such as 'number of web pages'."""
        return self.label or self.name.rpartition(".")[2].replace("_", " ")

    @property
    def has_value(self) -> bool:
        """Whether the input has a value; without one, what its words say applies."""
        return not isinstance(self.distribution, Unset)

    @property
    def is_uncertain(self) -> bool:
        """Whether the input has a distribution, rather than one value or none."""
        return not isinstance(self.distribution, Fixed | Unset)

    @property
    def feasible(self) -> Distribution:
        """The distribution truncated to feasible values."""
        return truncate_any(self.distribution, self.min_value, self.max_value)


@final
@dataclass(frozen=True)
class Inputs(Mapping[str, Input]):
    """Immutable mapping of all forecast inputs by name.

    Attributes:
        entries: Inputs by name.
        population: World population to use instead of the bundled series; None for the bundled one.
        correlations: Correlation of the normal scores of two inputs, by their names.

    >>> changed = default_inputs().with_overrides({"web.quality": "0.2..0.3@90"})
    >>> str(changed["web.quality"].distribution)
    '0.2..0.3@90'
    """

    entries: Mapping[str, Input]
    population: YearlySeries | None = field(default=None, compare=False)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Input:
        if name not in self.entries:
            raise UsageError(f"unknown input {name!r}", hint=did_you_mean(name, self.entries))
        return self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def with_overrides(
        self, overrides: Mapping[str, Override], *, source: str = "override"
    ) -> Inputs:
        """Return a copy with some inputs replaced.

        Args:
            overrides: By input name, a number or a distribution in the input's unit, or text such as
                '0.1..0.4@90' or '30T tokens'; by 'a ~ b', the correlation of two inputs.
            source: Recorded as the source of the replaced inputs.

        Raises:
            UsageError: A name is unknown, a text cannot be parsed, a unit measures a different
                quantity, or a value is infeasible.
        """
        check_names(overrides)
        ratios = {name: value for name, value in overrides.items() if name.startswith("text.")}
        if 0 < len(ratios) < len(overrides):
            rest = {name: value for name, value in overrides.items() if name not in ratios}
            return self.with_overrides(ratios, source=source).with_overrides(rest, source=source)
        entries = dict(self.entries)
        pairs = {name: value for name, value in overrides.items() if PAIR in name}
        for name, override in overrides.items():
            if name in pairs:
                continue
            entry, conversions = self[name], dict[str, None]()
            try:
                override, ramp = split_ramp(entry, override)
                distribution = self._parse_override(entry, override, conversions)
                _check_range(distribution, entry, is_bare="%" not in str(override))
            except UsageError as error:
                raise UsageError(f"{name}: {error.problem}", hint=error.hint) from None
            entries[name] = replace(
                entry,
                distribution=distribution,
                source=source,
                given=override if isinstance(override, str) else "",
                conversions=tuple(conversions),
                ramp=ramp,
            )
        changed = replace(self, entries=MappingProxyType(entries))
        return replace(changed, correlations=correlations(pairs, changed))

    def median(self, name: str) -> float:
        """Median of an input after truncation, in its unit."""
        return self[name].feasible.median

    def draw(self, name: str, draws: int, seed: Seed) -> Array:
        """Sample an input.

        Each input has its own random stream, so overriding one input does not change the samples of the
        others.

        Args:
            name: Name of the input.
            draws: Number of samples.
            seed: Parent of the input's random stream.

        Returns:
            Samples in the input's unit, (draws,).
        """
        rng = seed.child("input", self[name].stream or name).rng()
        if not any(name in pair for pair in self.correlations):
            return self[name].feasible.draw(rng, draws)

        from scipy.special import ndtr, ndtri

        def scores(other: str) -> Array:
            stream = seed.child("input", self[other].stream or other).rng()
            return np.asarray(ndtri(uniform_numbers(stream, draws)))

        return self[name].feasible.quantile(
            ndtr(correlated_scores(name, self.correlations, scores))
        )

    def with_values(self, values: Mapping[str, float]) -> Inputs:
        """Return a copy with some inputs fixed at values in their units, which are not checked."""
        fixed = {
            name: replace(self[name], distribution=Fixed(value)) for name, value in values.items()
        }
        return replace(self, entries=MappingProxyType({**self.entries, **fixed}))

    @property
    def conversions(self) -> frozenset[str]:
        """Inputs of group `text` by which overrides were converted."""
        return frozenset(name for entry in self.values() for name in entry.conversions)

    def _parse_override(
        self, entry: Input, override: Override, conversions: dict[str, None]
    ) -> Distribution:
        """Parse an override; the inputs that convert it are added to `conversions`."""
        if isinstance(override, DISTRIBUTIONS) and override == entry.distribution:
            return entry.distribution

        def ratio(name: str) -> float:
            conversions[f"text.{name}"] = None
            return self.median(f"text.{name}")

        def to_input_unit(quantities: Sequence[Quantity]) -> list[float]:
            return convert(quantities, entry.unit, ratio)

        if isinstance(override, DISTRIBUTIONS):
            if isinstance(override, Unset):
                raise UsageError(f"{override} is not a value", hint="give a value, or omit it")
            # Its numbers have no unit, as those of a text without one.
            for ends in _numbers(override):
                to_input_unit([Quantity(end, written=format_number(end)) for end in ends])
            return override
        default = default_inputs()[entry.name].distribution
        if isinstance(default, Unset) and override in (NONE, default.meaning):
            return default
        if isinstance(override, str):
            family = "normal" if isinstance(entry.distribution, Normal) else "lognormal"
            return parse(override, family=family, convert=to_input_unit)
        check_finite("the value", override)
        number = float(override)
        return Fixed(to_input_unit([Quantity(number, written=f"{number:g}")])[0])


def check_names(overrides: Mapping[str, Override]) -> None:
    """Raise if a name of `overrides` is not text.

    Raises:
        UsageError: As above.
    """
    for name in overrides:
        if not isinstance(name, str):
            raise UsageError(
                f"{name!r} is not the name of an input",
                hint="give a text, such as 'levers.opt_out'",
            )


def _numbers(distribution: Component | Mixture) -> list[list[float]]:
    """The ends of the intervals of a distribution, those of each component.

    `Fixed` states a value in the unit of its input; a person gives a number or a text instead.
    """
    if isinstance(distribution, Mixture):
        return [ends for one in distribution.components for ends in _numbers(one)]
    if isinstance(distribution, Fixed | Beta):
        return []
    return [[distribution.low, distribution.high]]


def split_ramp(entry: Input, override: Override) -> tuple[Override, tuple[float, float] | None]:
    """Split '30% from 2028' into the value and the years; a value that is no text keeps its years.

    Raises:
        UsageError: The input is no lever, or the years are in the wrong order.
    """
    if not isinstance(override, str):
        return override, entry.ramp
    text, ramp = split_ramp_of_text(override)
    if ramp is not None and not entry.name.startswith("levers."):
        raise UsageError(
            f"{override!r} takes effect from {ramp[0]:g}, but only levers can",
            hint="give the value alone, or change a lever: levers.*",
        )
    return text, ramp


@cache
def default_inputs() -> Inputs:
    """Load the default inputs: those of `inputs.toml`, and the conversions of `text_units.toml`."""
    text = (resources.files("artesian.forecasting.inputs") / "inputs.toml").read_text(
        encoding="utf-8"
    )
    tables = (text_units(), tomllib.loads(text))
    entries = {entry.name: entry for table in tables for entry in _entries(table, "")}
    return Inputs(MappingProxyType(entries))


def _distribution(table: Mapping[str, Any]) -> Distribution:
    return Unset(table["unset"]) if "unset" in table else from_dict(table)


def _entries(table: Mapping[str, Any], path: str) -> Iterator[Input]:
    for key, content in table.items():
        name = f"{path}{key}"
        if "distribution" in content:
            fields = {part: value for part, value in content.items() if part != "distribution"}
            yield Input(name=name, distribution=_distribution(content["distribution"]), **fields)
        else:
            yield from _entries(content, f"{name}.")


def correlations(pairs: Mapping[str, Override], inputs: Inputs) -> dict[tuple[str, str], float]:
    """Parse correlations given as {'a ~ b': 0.5}.

    Raises:
        UsageError: An input is unknown or has no uncertainty, a value is not a number from -1 to 1, or
            the correlations contradict each other.
    """
    parsed = dict(inputs.correlations)
    for key, value in pairs.items():
        one, other = split_pair(key)
        for name in (one, other):
            if isinstance(inputs[name].feasible, Fixed | Mixture | Unset):
                is_mixture = isinstance(inputs[name].feasible, Mixture)
                reason = "is a mixture" if is_mixture else "has no uncertainty"
                raise UsageError(
                    f"{key}: {name} {reason}", hint="correlate inputs that are intervals"
                )
        parsed[one, other] = parse_correlation(key, value)
    check_consistent(parsed)
    return parsed


def _check_range(distribution: Distribution, entry: Input, *, is_bare: bool) -> None:
    min_value = -math.inf if entry.min_value is None else entry.min_value
    max_value = math.inf if entry.max_value is None else entry.max_value
    if isinstance(distribution, Mixture):
        for component in distribution.components:
            _check_range(component, entry, is_bare=is_bare)
        return
    if isinstance(distribution, Unset):
        return
    if isinstance(distribution, Beta):
        bounds: tuple[float, ...] = distribution.ends
    elif isinstance(distribution, Fixed):
        bounds = (distribution.value,)
    else:
        bounds = (distribution.low, distribution.high)

    def text(value: float) -> str:
        is_plain = entry.unit == "year" or abs(value) < 1e4
        return f"{value:g}" if is_plain else format_amount(value)

    allowed = (
        f"{text(min_value)} to {text(max_value)}"
        if math.isfinite(max_value)
        else f"{text(min_value)} or more"
    )
    unset = default_inputs()[entry.name].distribution
    omit = f"omit it for {unset.meaning!r}; " if isinstance(unset, Unset) else ""
    for value in bounds:
        if not min_value <= value <= max_value:
            is_percentage = is_bare and entry.unit == "fraction" and 1 < value <= 100 * max_value
            raise UsageError(
                f"{text(value)} {entry.unit} is infeasible, it must be {allowed}"
                + (f"; it may be meant as {value:g} %" if is_percentage else ""),
                hint=(f"write `{value:g}%`; " if is_percentage else "")
                + f"{omit}the input is defined as: {entry.description}",
            )
