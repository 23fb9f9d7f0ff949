"""A regular vine as JSON: checked, and sampled with discrete variables.

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

from artesian.core.extras import require as require_extra
from artesian.core.validated import require
from artesian.encoding.segments import Floats

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
    """A vine that can be sampled."""

    def __init__(self, vine: Mapping[str, Any]) -> None:
        """Read a vine that `checked_vine` gave.

        Raises:
            RuntimeError: pyvinecopulib refuses the structure or a parameter.
        """
        self._vine = library().Vinecop.from_json(json.dumps(vine), check=True)
        self._types = vine["var_types"]
        self._order = [j - 1 for j in vine["structure"]["order"]]
        self._joined = vine["structure"]["array"]["data"]

    def sample(self, uniforms: Floats, ends: list[Floats]) -> Floats:
        """Values of the latent uniform variables, shape (n, d).

        Copulas condition on the interval of a discrete variable, as in their likelihood. Conditioning
        on its latent value instead, as pyvinecopulib does, would leave variables dependent that are
        independent given the interval.

        Args:
            uniforms: Independent uniform numbers, shape (n, d).
            ends: Ends of the intervals of each variable, without 0 and 1; none if continuous.
        """
        if "d" not in self._types:
            return np.asarray(self._vine.inverse_rosenblatt(uniforms))
        d, levels = len(self._types), len(self._joined)
        latent = np.empty_like(uniforms)
        # own[t][e]: variable e given the first t variables that it is joined with;
        # other[t][e]: the last of these given variable e and those before.
        own: list[dict[int, Interval]] = [{} for _ in range(levels + 1)]
        other: list[dict[int, Interval]] = [{} for _ in range(levels + 1)]
        for e in reversed(range(d)):
            j = self._order[e]
            joined = [self._joined[t][e] for t in range(min(levels, d - 1 - e))]
            pairs = [self._pair(t, e) for t in range(len(joined))]
            given: list[Interval] = []
            for t, variable in enumerate(joined):
                nearest = min(joined[: t + 1])
                given.append((own if nearest == variable else other)[t][nearest - 1])
            value = uniforms[:, j]
            for pair, condition in zip(reversed(pairs), reversed(given), strict=True):
                if pair is not None:
                    types = pair.var_types
                    pair.var_types = ["c", types[1]]  # the latent value is continuous
                    value = pair.hinv2(_arguments((value, value), condition))
                    value = np.clip(value, EDGE, 1 - EDGE)
                    pair.var_types = types
            latent[:, j] = value
            own[0][e] = _interval(value, ends[j]) if self._types[j] == "d" else (value, value)
            for t, (pair, condition) in enumerate(zip(pairs, given, strict=True)):
                own[t + 1][e], other[t + 1][e] = _conditional(pair, own[t][e], condition)
        return latent

    def _pair(self, tree: int, edge: int) -> Any:
        """A pair copula; None if it is independence."""
        pair = self._vine.get_pair_copula(tree, edge)
        return None if pair.family == library().families.indep else pair


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
