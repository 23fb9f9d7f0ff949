"""Parse distributions from text or from a TOML table.

    0.2   30%   5B tokens                       a value (see `quantities.py`)
    0.1..0.4   0.1..0.4@90   30T..60T tokens    a central interval; 95 % if no level is given
    5B to 8B   between 5B and 8B                a central interval of 90 %
    normal 1..3   uniform 0..1   lognormal(5B to 8B)   normal(mean=5%, sd=1%)   uniform(0, 1)
    lognormal(median=5B, sigma=0.5)   lognormal(p10=5B, p90=8B)   beta(2, 8)
    mixture(5B to 8B, 20B)   mixture(70%: 5B to 8B, 30%: 20B)

An interval without a family has that of the input, by default log-normal; `within 0..1` truncates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from statistics import NormalDist
from typing import TypeAlias

from artesian.core.errors import UsageError, did_you_mean
from artesian.forecasting.inputs.arguments import (
    plain_number,
    split_arguments,
    split_equals,
    without_unit,
)
from artesian.forecasting.inputs.build import FAMILIES, build
from artesian.forecasting.inputs.distributions import (
    Beta,
    Component,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
)
from artesian.forecasting.inputs.mixture import Distribution, Mixture
from artesian.forecasting.inputs.quantities import (
    NUMBER,
    Quantity,
    growth_of,
    normalise,
    parse_quantity,
    split_change,
)
from artesian.forecasting.inputs.refused_notations import is_vague, not_a_quantity

Converter: TypeAlias = Callable[[Sequence[Quantity]], list[float]]
"""Converts quantities that belong together to numbers in the unit of an input."""

CALLS = (*FAMILIES, "beta", "mixture")
RANGE_LEVEL = 0.9
"""Level of `5B to 8B`, as in other tools for estimates; `5B..8B` has that of the classes."""

_CALL = re.compile(r"(?P<name>[A-Za-z]+)\s*\((?P<arguments>.*)\)", re.DOTALL)
_WITHIN = re.compile(rf"(?P<text>.*?)\s*\bwithin\s+(?P<low>{NUMBER})?\s*\.\.\s*(?P<high>{NUMBER})?")
_LEVEL = re.compile(
    r"(?P<text>.*?)\s*(?:@\s*(?P<at>\d+(?:\.\d*)?|\.\d+)\s*(?P<sign>%?)(?P<unit>\s*[A-Za-z].*)?"
    r"|\(\s*(?P<brackets>\d+(?:\.\d+)?)\s*%(?:\s*(?:interval|CI))?\s*\))"
)
_WORD_RANGE = re.compile(
    r"(?:from\s+)?(?P<low>.+?)\s+to\s+(?P<high>.+)|between\s+(?P<one>.+?)\s+and\s+(?P<two>.+)",
    re.IGNORECASE,
)
_NO_UNIT = re.compile(r"^[-+]|[\d+\[\](),]|-\s*\.")
"""Units have no digits, signs and brackets: what has is a notation such as `3%-8%`."""
_PERCENTILE = re.compile(r"p(?P<percentage>\d{1,2}(?:\.\d+)?)")


def parse(
    text: str, *, family: str = "lognormal", convert: Converter | None = None
) -> Distribution:
    """Parse a distribution from text. `parse(str(distribution))` returns an equal distribution.

    Args:
        text: Text in the notation of this module's docstring.
        family: Family of an interval that states none: 'lognormal', 'normal' or 'uniform'.
        convert: Converts quantities to numbers. Without it, a unit is an error.

    Raises:
        UsageError: The text has a syntax error, can be read in two ways, or is inconsistent.

    >>> parse("0.1..0.4@90")
    LogNormal(low=0.1, high=0.4, level=0.9, min_value=None, max_value=None)
    >>> parse("5B to 8B").level
    0.9
    """
    return _Parser(text, family, without_unit if convert is None else convert).parse()


class _Parser:
    """Parses one text; errors quote it as it was written."""

    def __init__(self, text: str, family: str, convert: Converter) -> None:
        self.written, self.family, self.convert = text.strip(), family, convert

    def parse(self) -> Distribution:
        text = normalise(self.written)
        call = _CALL.fullmatch(text)
        if call is not None and call["name"].lower() in ("mixture", "mx"):
            return self._mixture(call["arguments"])
        return self._component(text)

    def _mixture(self, arguments: str) -> Mixture:
        components, weights = [], []
        parts = split_arguments(arguments)
        for part in parts:
            weight, colon, rest = part.partition(":")
            if colon:
                weights.append(plain_number(weight))
            components.append(self._component(rest.strip() if colon else part))
        if weights and len(weights) != len(parts):
            raise UsageError(
                f"{self.written!r} has {len(weights)} weights for {len(parts)} distributions",
                hint="give every distribution a weight, as in mixture(70%: 5B to 8B, 30%: 20B)",
            )
        return Mixture(tuple(components), tuple(weights or [1 / len(parts)] * len(parts)))

    def _component(self, text: str) -> Component:
        bounds: tuple[str | None, str | None] = (None, None)
        within = _WITHIN.fullmatch(text)
        if within is not None:
            text, bounds = within["text"], (within["low"], within["high"])
        if text[:1] in ("[", "("):
            raise not_a_quantity(text, self.written)
        call = _CALL.fullmatch(text)
        if call is not None:
            name = call["name"].lower()
            if name not in CALLS:
                raise UsageError(
                    f"{call['name']!r} is not a distribution", hint=did_you_mean(name, CALLS)
                )
            return self._call(name, split_arguments(call["arguments"]), bounds)
        name, space, rest = text.partition(" ")
        if space and name.lower() in FAMILIES:
            return self._interval(rest, FAMILIES[name.lower()], bounds)
        if ".." in rest and name.isalpha():
            raise UsageError(
                f"{name!r} is not a distribution family", hint=did_you_mean(name, FAMILIES)
            )
        return self._interval(text, None, bounds)

    def _call(self, name: str, arguments: list[str], bounds: tuple[str | None, ...]) -> Component:
        named = dict(split_equals(one) for one in arguments if "=" in one)
        positional = [one for one in arguments if "=" not in one]
        if name == "beta":
            alpha, beta = self._two(name, positional, named, ("alpha", "beta"))
            ends = {
                key: plain_number(end)
                for key, end in zip(("min_value", "max_value"), bounds, strict=True)
                if end is not None
            }
            self.convert([Quantity(0.5, "%", written="0.5")])  # a beta is a fraction, or an error
            return Beta(plain_number(alpha), plain_number(beta), **ends)
        family = FAMILIES[name]
        if len(positional) == 1 and not named:
            return self._interval(positional[0], family, bounds)
        if len(positional) == 2 and not named:
            return self._two_positional(name, positional, bounds)
        keys = {"normal": {"mean", "sd"}, "lognormal": {"mean", "sd"}}.get(name, {"low", "high"})
        percentiles = {key: _PERCENTILE.fullmatch(key) for key in named}
        if not positional and len(named) == 2 and all(percentiles.values()):
            return self._percentiles(named, family, bounds)
        if not positional and set(named) == {"median", "sigma"} and name == "lognormal":
            (median,) = self.convert([self._quantity(named["median"])])
            return self._moments(LogNormal, math.log(median), plain_number(named["sigma"]), bounds)
        if positional or set(named) != keys:
            raise UsageError(
                f"{self.written!r}: {name} has the arguments {' and '.join(sorted(keys))}",
                hint=f"write {name}(5B to 8B), or {name}({', '.join(f'{k}=...' for k in keys)})",
            )
        if name == "uniform":
            return self._ends(named["low"], named["high"], family, None, bounds)
        mean, deviation = self._mean_and_deviation(named["mean"], named["sd"])
        if name == "lognormal":
            if mean <= 0:
                raise UsageError(
                    f"{self.written!r}: the mean is {mean:g}", hint="give a positive mean"
                )
            sigma = math.sqrt(math.log1p((deviation / mean) ** 2))
            return self._moments(LogNormal, math.log(mean) - sigma**2 / 2, sigma, bounds)
        return self._moments(Normal, mean, deviation, bounds)

    def _two_positional(
        self, name: str, texts: list[str], bounds: tuple[str | None, ...]
    ) -> Component:
        if name == "uniform":
            return self._ends(texts[0], texts[1], Uniform, None, bounds)
        quantities = self._shared(*texts)
        try:
            low, high = self.convert(quantities)
        except UsageError as error:
            raise self._without_rate(name, quantities, error) from None
        if name == "normal" and high <= low:
            mean, deviation = self._mean_and_deviation(*texts)
            return self._moments(Normal, mean, deviation, bounds)
        other = [f"mean={texts[0]}, sd={texts[1]}"]
        if name == "lognormal":
            other.append(f"median={texts[0]}, sigma=0.5")
        calls = [f"{name}({' to '.join(texts)})", *(f"{name}({one})" for one in other)]
        raise UsageError(
            f"{self.written!r} is ambiguous: the interval {texts[0]} to {texts[1]}, or "
            + ("mean and standard deviation" if name == "normal" else "mu and sigma"),
            hint=f"write {' or '.join(f'`{call}`' for call in calls)}",
        )

    def _without_rate(
        self, name: str, quantities: Sequence[Quantity], error: UsageError
    ) -> UsageError:
        """The error of `normal(5, 1)` for a growth, with hints that are understood."""
        if any(one.has_unit for one in quantities):
            return error
        calls = []
        for unit in ("%", "x"):
            one, two = (f"{quantity.written}{unit}" for quantity in quantities)
            is_interval = quantities[0].number < quantities[1].number
            call = f"{name}({one} to {two})" if is_interval else f"{name}(mean={one}, sd={two})"
            with suppress(UsageError):
                _Parser(call, self.family, self.convert).parse()
                calls.append(call)
        hint = " or ".join(f"`{call}`" for call in calls)
        return UsageError(error.problem, hint=f"write {hint}" if calls else error.hint)

    def _ambiguous_level(self, text: str, level: float) -> UsageError:
        return UsageError(
            f"the level of {self.written!r} is ambiguous: {100 * level:g} %, or {level:g} %",
            hint=f"write `{text}@{100 * level:g}` or `{text}@{level:g}%`",
        )

    def _percentiles(
        self, named: Mapping[str, str], family: type, bounds: tuple[str | None, ...]
    ) -> Component:
        (low, one), (high, two) = sorted(
            (float(key[1:]) / 100, text) for key, text in named.items()
        )
        if abs(low + high - 1) > 1e-9 or family is Uniform:
            raise UsageError(
                f"{self.written!r}: the percentiles must be symmetric, as p10 and p90",
                hint="write for example lognormal(p10=5B, p90=8B)",
            )
        return self._ends(one, two, family, round(high - low, 12), bounds)

    def _two(
        self, name: str, positional: list[str], named: Mapping[str, str], keys: tuple[str, str]
    ) -> tuple[str, str]:
        values = positional if not named else [named.get(key, "") for key in keys]
        if len(values) != 2 or not all(values) or (named and positional):
            raise UsageError(
                f"{self.written!r}: {name} has the arguments {' and '.join(keys)}",
                hint=f"write {name}(2, 8)",
            )
        return values[0], values[1]

    def _mean_and_deviation(self, mean: str, deviation: str) -> tuple[float, float]:
        """Convert both; a deviation is a difference, so it is converted next to the mean."""
        centre, width = self._quantity(mean), self._quantity(deviation)
        if width.has_unit and not centre.has_unit:
            centre = centre.with_unit_of(width)
        shifted = replace(centre, number=centre.number + width.number, written="")
        low, high = self.convert([centre, shifted])
        return low, abs(high - low)

    def _moments(
        self, family: type, mean: float, deviation: float, bounds: tuple[str | None, ...]
    ) -> Component:
        half = deviation * NormalDist().inv_cdf((1 + RANGE_LEVEL) / 2)
        ends = [mean - half, mean + half]
        if family is LogNormal:
            if max(ends) > 700:
                raise UsageError(f"{self.written!r} is too wide", hint="reduce sigma")
            ends = [math.exp(end) for end in ends]
        table = dict(zip(("low", "high"), ends, strict=True))
        return build(table | self._bounds(bounds, Quantity(0.0)), family, RANGE_LEVEL)

    def _interval(
        self, text: str, family: type | None, bounds: tuple[str | None, ...]
    ) -> Component:
        level = None
        match = _LEVEL.fullmatch(text)
        if match is not None:
            text = f"{match['text']} {match['unit'] or ''}".strip()
            # Rounding makes 0.7 % exactly 0.007.
            level = round(float(match["at"] or match["brackets"]) / 100, 12)
            if match["at"] and not match["sign"] and 0 < level < 0.01:
                raise self._ambiguous_level(text, 100 * level)
        low, dots, high = text.partition("..")
        if dots:
            return self._ends(low, high, family, level, bounds)
        match = _WORD_RANGE.fullmatch(text)
        if match is not None and not is_vague(text):
            ends = (match["low"], match["high"]) if match["low"] else (match["one"], match["two"])
            if level is None and (family or FAMILIES[self.family]) is not Uniform:
                level = RANGE_LEVEL
            return self._ends(*ends, family, level, bounds)
        quantity = self._quantity(text)
        extra = [name for name, given in (("level", level), ("bounds", any(bounds))) if given]
        if extra or family is not None:
            raise UsageError(
                f"{self.written!r} is a single value with {' and '.join(extra) or 'a family'}",
                hint="give an interval, such as 5B..8B@80, or the value alone",
            )
        return Fixed(self.convert([quantity])[0])

    def _ends(
        self,
        low: str,
        high: str,
        family: type | None,
        level: float | None,
        bounds: tuple[str | None, ...],
    ) -> Component:
        change = split_change(low.strip())
        if change is not None:
            durations = self._shared(change[1], high)
            quantities = [growth_of(change[0], one) for one in durations]
            ends = sorted(self.convert(quantities))
        else:
            quantities = self._shared(low, high)
            ends = self.convert(quantities)
        table = {"low": ends[0], "high": ends[1]} | self._bounds(bounds, quantities[1])
        return build(table, family or FAMILIES[self.family], level)

    def _shared(self, low: str, high: str) -> list[Quantity]:
        """Parse the ends of an interval; a unit after the second belongs to both."""
        one, two = self._quantity(low.strip()), self._quantity(high.strip())
        if two.multiplier and not one.multiplier and one.number and not one.has_unit:
            # 30..60T may mean 30T..60T; parsing 30 literally would be off by twelve orders.
            space = " " if len(two.multiplier) > 2 else ""
            full = f"{one.written}{space}{two.multiplier}"
            joiner = ".." if ".." in self.written else " to "
            raise UsageError(
                f"{self.written!r} is ambiguous: only the high end has a multiplier; "
                f"{full}{joiner}{two.written}, or {one.written}{joiner}{two.written}",
                hint=f"give both ends one: `{full}{joiner}{two.text()}`",
            )
        if two.unit == "%" and not two.period and not one.has_unit and 0 < one.number < 1:
            self._check_shared_percentage(one, two)
        return [one.with_unit_of(two) if two.has_unit and not one.has_unit else one, two]

    def _check_shared_percentage(self, low: Quantity, high: Quantity) -> None:
        """Raise if 0.3..40% may be 0.3 % to 40 % and 30 % to 40 %."""
        as_fraction = 100 * low.number
        if as_fraction < high.number:
            try:
                self.convert([Quantity(0.5, written="0.5")])
            except UsageError:
                return  # a bare fraction is no value of this input
            raise UsageError(
                f"{self.written!r} is ambiguous: {low.text('%')} to {high.text()}, or "
                f"{as_fraction:g} % to {high.text()}",
                hint=f"write `{low.text('')}%..{high.text('')}%` or "
                f"`{as_fraction:g}%..{high.text('')}%`",
            )

    def _bounds(self, bounds: tuple[str | None, ...], like: Quantity) -> dict[str, float]:
        """Convert truncation bounds, in the unit of the interval."""
        table = {}
        for key, text in zip(("min_value", "max_value"), bounds, strict=True):
            if text is not None:
                bound = self._quantity(text)
                if like.has_unit and not bound.has_unit:
                    bound = bound.with_unit_of(like)
                table[key] = self.convert([bound])[0] if bound.has_unit else bound.number
        return table

    def _quantity(self, text: str) -> Quantity:
        quantity = parse_quantity(text)
        if quantity is None or _NO_UNIT.search(quantity.unit.removeprefix("-fold")):
            raise not_a_quantity(text, self.written)
        return quantity
