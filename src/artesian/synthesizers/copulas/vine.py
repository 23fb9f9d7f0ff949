"""A regular vine as JSON: checked, sampled with discrete variables, and its density.

Edge e of tree t, in the natural order of pyvinecopulib (`order` maps its variables to ours), joins
variable e with `structure[t][e]` given the edges before. A file of a stranger is reduced to what is
checked here before pyvinecopulib, which is no Python, reads it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.extras import require as require_extra
from artesian.core.validated import require
from artesian.encoding.segments import Floats
from artesian.synthesizers.copulas.vine_order import Edge, Step, drawing_order, edges_of

Mask = NDArray[np.bool_]

MAX_GRID = 100
"""Side of the grid of a nonparametric copula from which a file is refused."""

EDGE = 1e-10
"""Distance from 0 and 1 of the arguments of copulas, and minimum probability of an interval."""

PARAMETERS = {
    "Independence": 0,
    "Gaussian": 1,
    "Clayton": 1,
    "Gumbel": 1,
    "Frank": 1,
    "Joe": 1,
    "Student": 2,
    "BB1": 2,
    "BB6": 2,
    "BB7": 2,
    "BB8": 2,
    "Tawn": 3,
}
"""Number of parameters by family; the nonparametric one, TLL, has a square grid."""

Interval = tuple[Floats, Floats]
"""The distribution function at a variable's values, and its left limits, shape (n,) each.

Both are the same array for a continuous variable."""


class Vine:
    """A vine that can be sampled, and whose density can be computed."""

    def __init__(self, vine: Mapping[str, Any], *, first: int | None = None) -> None:
        """Read a vine that `checked_vine` gave.

        Args:
            first: The variable to draw first, so that its value can be chosen.

        Raises:
            RuntimeError: pyvinecopulib refuses the structure or a parameter.
        """
        self._vine = library().Vinecop.from_json(json.dumps(vine), check=True)
        self._types = vine["var_types"]
        order = [j - 1 for j in vine["structure"]["order"]]
        self._steps = drawing_order(edges_of(vine), order, first)
        self.first = self._steps[0].variable if self._steps else None

    def sample(
        self, uniforms: Floats, ends: list[Floats], *, chosen: Floats | None = None
    ) -> Floats:
        """Values of the latent uniform variables, shape (n, d).

        Copulas condition on the interval of a discrete variable, as in their likelihood. Conditioning
        on its latent value instead, as pyvinecopulib does, would leave variables dependent that are
        independent given the interval.

        Args:
            uniforms: Independent uniform numbers, shape (n, d).
            ends: Ends of the intervals of each variable, without 0 and 1; none if continuous.
            chosen: Values of the first variable, shape (n,); None to draw them too.
        """
        if "d" not in self._types and chosen is None:
            return np.asarray(self._vine.inverse_rosenblatt(uniforms))
        latent = np.empty_like(uniforms)
        conditionals: dict[_Conditional, Interval] = {}
        for at, step in enumerate(self._steps):
            j = step.variable
            pairs = self._pairs(step)
            if at == 0 and chosen is not None:
                value = chosen
            else:
                value = _inverse(
                    pairs, [conditionals[_partner(e, j)] for e in step.edges], uniforms[:, j]
                )
            latent[:, j] = value
            own = _interval(value, ends[j]) if self._types[j] == "d" else (value, value)
            _condition(step, pairs, own, conditionals)
        return latent

    def log_densities(
        self, values: list[Interval], missing: list[Mask | None], rng: np.random.Generator
    ) -> Floats:
        """Log-probability of the discrete variables of each row and log-density of the others, (n,).

        Args:
            values: The interval of each variable.
            missing: Where a continuous variable has no value: it is drawn given those before it, so
                that densities are right on average over draws.
            rng: Draws those.
        """
        total = np.zeros(len(values[0][0]) if values else 0)
        conditionals: dict[_Conditional, Interval] = {}
        for step in self._steps:
            j = step.variable
            pairs = self._pairs(step)
            given = [conditionals[_partner(e, j)] for e in step.edges]
            own, lost = values[j], missing[j]
            if lost is not None and lost.any():
                drawn = np.where(lost, _inverse(pairs, given, rng.random(len(lost))), own[0])
                own = drawn, drawn
            _condition(step, pairs, own, conditionals)
            if self._types[j] == "d":
                at, below = conditionals[_all_before(step)]
                total += np.log(np.maximum(at - below, EDGE))
                continue
            density = np.zeros(len(total))
            for edge, pair, condition in zip(step.edges, pairs, given, strict=True):
                if pair is not None:
                    arguments = _arguments(conditionals[j, edge.given], condition)
                    density += np.log(np.maximum(pair.pdf(arguments), EDGE))
            total += density if lost is None else np.where(lost, 0.0, density)
        return total

    def _pairs(self, step: Step) -> list[Any]:
        """Pair copulas of a variable, tree by tree, with the variable as their first; None if it is
        independence."""
        pairs: list[Any] = []
        for edge in step.edges:
            pair = self._vine.get_pair_copula(edge.tree, edge.number)
            if pair.family == library().families.indep:
                pairs.append(None)
                continue
            if edge.first != step.variable:
                pair = pair.flip()
            pairs.append(pair)
        return pairs


_Conditional = tuple[int, frozenset[int]]
"""A variable, and those it is conditional on."""


def _partner(edge: Edge, variable: int) -> _Conditional:
    """The other variable of a pair, given those it is conditional on."""
    return edge.second if edge.first == variable else edge.first, edge.given


def _all_before(step: Step) -> _Conditional:
    """The variable of a step, given all that it is joined with."""
    partners = {_partner(edge, step.variable)[0] for edge in step.edges}
    return step.variable, frozenset(partners)


def _inverse(pairs: list[Any], given: list[Interval], uniforms: Floats) -> Floats:
    """Values of a variable whose conditional distribution function is `uniforms`."""
    value = uniforms
    for pair, condition in zip(reversed(pairs), reversed(given), strict=True):
        if pair is not None:
            types = pair.var_types
            pair.var_types = ["c", types[1]]  # the latent value is continuous
            value = np.clip(pair.hinv2(_arguments((value, value), condition)), EDGE, 1 - EDGE)
            pair.var_types = types
    return value


def _condition(
    step: Step, pairs: list[Any], own: Interval, conditionals: dict[_Conditional, Interval]
) -> None:
    """Add the variable given those before it, and the last of these given the variable."""
    j = step.variable
    conditionals[j, frozenset()] = own
    for edge, pair in zip(step.edges, pairs, strict=True):
        partner, given = _partner(edge, j)
        first, second = _conditional(pair, conditionals[j, given], conditionals[partner, given])
        conditionals[j, given | {partner}], conditionals[partner, given | {j}] = first, second


def _arguments(first: Interval, second: Interval) -> Floats:
    """Values of both variables, then their left limits, as pyvinecopulib takes them, shape (n, 4)."""
    return np.stack([first[0], second[0], first[1], second[1]], axis=1)


def _conditional(pair: Any, first: Interval, second: Interval) -> tuple[Interval, Interval]:
    """The first variable of a pair given the second, and the second given the first."""
    if pair is None:
        return first, second

    def given_second(one: Floats) -> Floats:
        return np.asarray(np.clip(pair.hfunc2(_arguments((one, one), second)), 0.0, 1.0))

    def given_first(one: Floats) -> Floats:
        return np.asarray(np.clip(pair.hfunc1(_arguments(first, (one, one))), 0.0, 1.0))

    return _both(given_second, first), _both(given_first, second)


def _both(function: Callable[[Floats], Floats], interval: Interval) -> Interval:
    """A function of values and of their left limits."""
    at, below = interval
    upper = function(at)
    return upper, upper if below is at else np.minimum(function(below), upper)


def _interval(value: Floats, ends: Floats) -> Interval:
    """The interval that each value is in."""
    edges = np.concatenate([[0.0], ends, [1.0]])
    code = np.searchsorted(ends, value, side="right")
    return edges[code + 1], edges[code]


def checked_vine(vine: Any, types: list[str]) -> dict[str, Any]:
    """The parts of a vine that decide what is drawn, each checked.

    Args:
        vine: As `to_json` gives it.
        types: 'c' or 'd' for each variable.

    Raises:
        InvalidValue: it does not describe a truncated vine of these variables. Whether its trees fit
            together, and parameters their family, pyvinecopulib checks.
    """
    d = len(types)
    require(_part(vine, "var_types", list) == types, "the vine is of other variables")
    structure = _part(vine, "structure", dict)
    order, array = _part(structure, "order", list), _part(structure, "array", dict)
    require(_whole(order, d) and sorted(order) == list(range(1, d + 1)), "order lacks a variable")
    levels = _part(array, "t", int)
    require(
        not isinstance(levels, bool) and 0 <= levels < d,
        f"the vine has {levels} levels for {d} variables",
    )
    rows = [] if levels == 0 else _part(array, "data", list)
    fits = len(rows) == levels and all(
        isinstance(row, list) and len(row) == d - 1 - k and _whole(row, d)
        for k, row in enumerate(rows)
    )
    require(fits, "the levels of the vine have another shape")
    trees = _part(vine, "pair copulas", dict) if levels else {}
    pairs: dict[str, Any] = {}
    for k in range(levels):
        tree = _part(trees, f"tree{k}", dict)
        names = [f"pc{e}" for e in range(d - 1 - k)]
        pairs[f"tree{k}"] = {
            name: _checked_pair(
                _part(tree, name, dict), [types[order[e] - 1], types[order[rows[k][e] - 1] - 1]]
            )
            for e, name in enumerate(names)
        }
    return {
        "pair copulas": pairs,
        "structure": {"array": {"d": d, "data": rows, "t": levels}, "order": order},
        "threshold": 0.0,
        "var_types": types,
        "nobs_": 0,
        "loglik": 0.0,
    }


def _checked_pair(pair: Mapping[str, Any], types: list[str]) -> dict[str, Any]:
    """Family, rotation and parameters of a pair copula of variables of these types."""
    family, rotation = _part(pair, "fam", str), _part(pair, "rot", int)
    require(family == "TLL" or family in PARAMETERS, f"there is no family {family[:20]!r}")
    require(rotation in (0, 90, 180, 270), f"the rotation is {rotation}")
    parameters = _part(pair, "par", dict)
    shape = _part(parameters, "shape", list)
    require(len(shape) == 2 and _whole(shape, MAX_GRID, low=0), "parameters have no shape")
    wanted = PARAMETERS.get(family, 0)
    if family == "TLL":
        require(shape[0] == shape[1] >= 4, "the grid of a copula is not square")
    else:
        require(shape == ([wanted, 1] if wanted else [0, 0]), f"parameters of {family} are missing")
    values = _part(parameters, "data", list) if shape[0] else None
    if values is not None:
        fits = len(values) == shape[0] * shape[1] and all(
            isinstance(one, int | float) and math.isfinite(one) for one in values
        )
        require(fits, f"parameters of {family} are missing")
        require(family != "TLL" or min(values) >= 0, "a density is below 0")
    return {
        "fam": family,
        "rot": rotation,
        "par": {"data": values, "shape": shape},
        "vt": types,
        "npars": 0.0,
        "nobs": 0,
        "ll": 0.0,
    }


def _part(whole: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    """A part of an object from a file, which has to be of this type."""
    value = whole.get(name)
    require(isinstance(value, kind), f"{name!r} of the vine is no {kind.__name__}")
    return value


def _whole(values: list[Any], high: int, low: int = 1) -> bool:
    """Whether all are whole numbers from `low` to `high`."""
    return all(type(one) is int and low <= one <= high for one in values)


def library() -> Any:
    """pyvinecopulib.

    Raises:
        MissingExtra: it is not installed.
    """
    return require_extra("pyvinecopulib", extra="vines", purpose="the method 'vine_copula'")
