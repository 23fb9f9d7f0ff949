"""The inputs of the forecast, each with its source, and how a user puts own knowledge in their place.

All numbers are in `inputs.toml`, none in code. An override is a number, a distribution, or text with
or without a unit; it is refused where its unit measures something else or where it cannot be true.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, final

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import (
    Distribution,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
    truncate,
)
from artesian.forecasting.inputs.parsing import from_dict, parse
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.inputs.units import convert
from artesian.forecasting.series.bundled_data import YearlySeries

Confidence: TypeAlias = Literal["high", "medium", "low"]
Override: TypeAlias = float | str | Distribution


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One number of the forecast and where it comes from.

    Attributes:
        name: As in `web.pages`.
        distribution: What is known of it, in `unit`.
        unit: Such as 'tokens', 'share', 'x/year'.
        source: A publication, a file, or who overrode it.
        date: State of knowledge, year and month.
        confidence: How sure one can be of the distribution.
        description: One sentence.
        min_value: The least it may be at all.
        max_value: The most it may be at all.
    """

    name: str
    distribution: Distribution
    unit: str
    source: str
    date: str
    confidence: Confidence
    description: str
    stream: str | None = None
    min_value: float | None = None
    max_value: float | None = None

    @property
    def feasible(self) -> Distribution:
        """The distribution without the tails that cannot be true."""
        return truncate(self.distribution, self.min_value, self.max_value)


@final
@dataclass(frozen=True)
class Inputs(Mapping[str, Input]):
    """All inputs by name; a change makes new ones. `population` stands for the shipped one if given.

    >>> changed = default_inputs().with_overrides({"web.quality": "0.2..0.3@90"})
    >>> str(changed["web.quality"].distribution)
    '0.2..0.3@90'
    """

    entries: Mapping[str, Input]
    population: YearlySeries | None = field(default=None, compare=False)

    def __getitem__(self, name: str) -> Input:
        if name not in self.entries:
            raise UsageError(f"no input is named {name!r}", hint=did_you_mean(name, self.entries))
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
        """The same inputs with some replaced.

        Args:
            overrides: Name to a number in the input's unit, to a distribution in it, or to text such
                as '0.1..0.4@90' or '30T tokens'.
            source: Put as the source of the inputs that are replaced.

        Raises:
            UsageError: a name is unknown, a text cannot be read, a unit measures something else, or a
                value cannot be.
        """
        entries = dict(self.entries)
        for name, override in overrides.items():
            entry = self[name]
            try:
                distribution = self._parse_override(entry, override)
                _check_range(distribution, entry)
            except UsageError as error:
                raise UsageError(f"{name}: {error.problem}", hint=error.hint) from None
            entries[name] = replace(entry, distribution=distribution, source=source)
        return replace(self, entries=MappingProxyType(entries))

    def median(self, name: str) -> float:
        """The middle of what is known of an input, in its unit."""
        return self[name].feasible.median

    def draw(self, name: str, draws: int, seed: Seed) -> Array:
        """Random values of one input, (draws,), in its unit.

        Each input has a random stream of its own: to override one leaves the values of the others.
        """
        return self[name].feasible.draw(seed.child("input", self[name].stream or name).rng(), draws)

    def _parse_override(self, entry: Input, override: Override) -> Distribution:
        if isinstance(override, Fixed | Uniform | Normal | LogNormal):
            return override
        if not isinstance(override, str):
            return Fixed(override)

        def to_input_unit(value: float, unit: str) -> float:
            # Its own ratio would be needed to convert the ratio itself.
            ratio = (
                1.0 if entry.name == "text.words_per_token" else self.median("text.words_per_token")
            )
            return convert(value, unit, entry.unit, words_per_token=ratio)

        family = "normal" if isinstance(entry.distribution, Normal) else "lognormal"
        return parse(override, family=family, convert=to_input_unit)


@cache
def default_inputs() -> Inputs:
    """The inputs of the published studies, from `inputs.toml`."""
    text = (resources.files("artesian.forecasting.inputs") / "inputs.toml").read_text(
        encoding="utf-8"
    )
    entries = {entry.name: entry for entry in _entries(tomllib.loads(text), "")}
    return Inputs(MappingProxyType(entries))


def _entries(table: Mapping[str, Any], path: str) -> Iterator[Input]:
    for key, content in table.items():
        name = f"{path}{key}"
        if "distribution" in content:
            fields = {part: value for part, value in content.items() if part != "distribution"}
            yield Input(name=name, distribution=from_dict(content["distribution"]), **fields)
        else:
            yield from _entries(content, f"{name}.")


def _check_range(distribution: Distribution, entry: Input) -> None:
    min_value = -math.inf if entry.min_value is None else entry.min_value
    max_value = math.inf if entry.max_value is None else entry.max_value
    if isinstance(distribution, Fixed):
        bounds: tuple[float, ...] = (distribution.value,)
    else:
        bounds = (distribution.low, distribution.high)
    for value in bounds:
        if not min_value <= value <= max_value:
            raise UsageError(
                f"{value:g} {entry.unit} cannot be, only {min_value:g} to {max_value:g}",
                hint=f"it means: {entry.description}",
            )
