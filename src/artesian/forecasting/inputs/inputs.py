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
    within,
)
from artesian.forecasting.inputs.parsing import from_dict, parse
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.inputs.units import convert
from artesian.forecasting.series.bundled_data import Yearly

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
        meaning: One sentence.
        least: The least it may be at all.
        most: The most it may be at all.
    """

    name: str
    distribution: Distribution
    unit: str
    source: str
    date: str
    confidence: Confidence
    meaning: str
    least: float | None = None
    most: float | None = None

    @property
    def possible(self) -> Distribution:
        """The distribution without the tails that cannot be true."""
        return within(self.distribution, self.least, self.most)


@final
@dataclass(frozen=True)
class Inputs(Mapping[str, Input]):
    """All inputs by name; a change makes new ones. `population` stands for the shipped one if given.

    >>> changed = default_inputs().with_({"web.quality": "0.2..0.3@90"})
    >>> str(changed["web.quality"].distribution)
    '0.2..0.3@90'
    """

    entries: Mapping[str, Input]
    population: Yearly | None = field(default=None, compare=False)

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

    def with_(self, overrides: Mapping[str, Override], *, source: str = "override") -> Inputs:
        """The same inputs with some replaced.

        Args:
            overrides: Name to a number in the input's unit, to a distribution in it, or to text such
                as '0.1..0.4@90' or '30T tokens'.
            source: Put as the source of the inputs that are replaced.

        Raises:
            UsageError: a name is unknown, a text cannot be read, a unit measures something else, or a
                value cannot be.
        """
        changed = dict(self.entries)
        for name, override in overrides.items():
            known = self[name]
            try:
                distribution = self._read(known, override)
                _possible(distribution, known)
            except UsageError as error:
                raise UsageError(f"{name}: {error.problem}", hint=error.hint) from None
            changed[name] = replace(known, distribution=distribution, source=source)
        return replace(self, entries=MappingProxyType(changed))

    def median(self, name: str) -> float:
        """The middle of what is known of an input, in its unit."""
        return self[name].possible.median

    def draw(self, name: str, draws: int, seed: Seed) -> Array:
        """Random values of one input, (draws,), in its unit.

        Each input has a random stream of its own: to override one leaves the values of the others.
        """
        return self[name].possible.draw(seed.child("input", name).rng(), draws)

    def _read(self, known: Input, override: Override) -> Distribution:
        if isinstance(override, Fixed | Uniform | Normal | LogNormal):
            return override
        if not isinstance(override, str):
            return Fixed(override)

        def to_own_unit(value: float, unit: str) -> float:
            # Its own ratio would be needed to convert the ratio itself.
            ratio = (
                1.0 if known.name == "text.words_per_token" else self.median("text.words_per_token")
            )
            return convert(value, unit, known.unit, words_per_token=ratio)

        family = "normal" if isinstance(known.distribution, Normal) else "lognormal"
        return parse(override, family=family, convert=to_own_unit)


@cache
def default_inputs() -> Inputs:
    """The inputs of the published studies, from `inputs.toml`."""
    text = (resources.files("artesian.forecasting.inputs") / "inputs.toml").read_text(
        encoding="utf-8"
    )
    entries = {entry.name: entry for entry in _entries(tomllib.loads(text), "")}
    return Inputs(MappingProxyType(entries))


def _entries(table: Mapping[str, Any], path: str) -> Iterator[Input]:
    for key, inner in table.items():
        name = f"{path}{key}"
        if "distribution" in inner:
            rest = {part: value for part, value in inner.items() if part != "distribution"}
            yield Input(name=name, distribution=from_dict(inner["distribution"]), **rest)
        else:
            yield from _entries(inner, f"{name}.")


def _possible(distribution: Distribution, known: Input) -> None:
    least = -math.inf if known.least is None else known.least
    most = math.inf if known.most is None else known.most
    if isinstance(distribution, Fixed):
        ends: tuple[float, ...] = (distribution.value,)
    else:
        ends = (distribution.low, distribution.high)
    for value in ends:
        if not least <= value <= most:
            raise UsageError(
                f"{value:g} {known.unit} cannot be, only {least:g} to {most:g}",
                hint=f"it means: {known.meaning}",
            )
