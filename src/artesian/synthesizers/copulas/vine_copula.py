"""Vine copula of mixed columns: a tree of pair copulas, each of the family that its pair asks for.

A regular vine factors a joint distribution into copulas of pairs, the first tree unconditional and
tree k conditional on k - 1 variables (Bedford and Cooke 2002). Trees are maximum spanning trees of
Kendall's tau (Dissmann et al. 2013); families are chosen by the Bayesian information criterion.
Categories and missing values are discrete variables with the likelihood of Panagiotelis, Czado and
Joe (2012), which takes the distribution function and its left limit. pyvinecopulib does both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np

from artesian.core.archives import read_arrays
from artesian.core.run import Run
from artesian.core.settings import at_least, one_of
from artesian.core.validated import require
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.encoding.codec_files import read_codec, read_json
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.copulas.vine import EDGE, Vine, checked_vine, library
from artesian.synthesizers.latent import (
    Latent,
    check_arrays,
    from_arrays,
    latent_variables,
    to_arrays,
)
from artesian.synthesizers.matrix_density import Mask, log_densities
from artesian.synthesizers.matrix_model import FILE, MatrixModel, encode_for_training
from artesian.synthesizers.matrix_sampling import DrawMatrix
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 5_000
"""Rows to which pair copulas are fitted."""

NONPARAMETRIC_ROWS = 300
"""Rows from which a nonparametric copula can be better than those of one parameter."""

VINE = "vine.json"

Families = Literal["mixed", "one_parameter", "parametric", "nonparametric"]


@dataclass(frozen=True, slots=True)
class VineCopulaModel(MatrixModel):
    """A vine of latent variables.

    Arrays:
        order, ends: The intervals of categories; see `latent`.

    Attributes:
        vine: Structure, families and parameters as pyvinecopulib's `to_json` gives them.
    """

    vine: Mapping[str, Any]

    def check_values(self) -> None:
        """Check that intervals and the vine fit the columns."""
        if not self.codec.width:
            return
        check_arrays(self.codec, self.arrays)
        types = _types(from_arrays(self.codec, self.arrays))
        require(self.vine == checked_vine(self.vine, types), "the vine has more than its parts")
        Vine(self.vine)

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width)."""
        return self._drawn(Vine(self.vine), rng, rows, None)

    def draw_given(self, column: int, weights: Floats) -> DrawMatrix | None:
        """Rows in which the column's variable is drawn first, from the codes that `weights` admit."""
        from scipy.special import ndtr

        slot = self.codec.slots[column]
        coded = list(self.codec.codec.coded.values())[column]
        variables = from_arrays(self.codec, self.arrays)
        missing = weights[-1] if coded.missing else 0.0
        if slot.indicators is not None:
            wanted, ascending = slot.indicators.start, weights
        elif slot.mask is not None and missing > 0:
            if weights[:-1].any():  # neither variable alone says which rows are admitted
                return None
            wanted, ascending = slot.mask, np.array([0.0, 1.0])
        elif slot.score is not None:
            wanted, ascending = slot.score, weights[: len(coded.mass())]
        else:
            return None
        at = next(j for j, one in enumerate(variables) if one.columns.start == wanted)
        one = variables[at]
        if one.kind == "score":
            mass = coded.mass() / coded.mass().sum()
            edges = np.concatenate([[0.0], np.cumsum(mass)])
        else:
            edges = np.concatenate([[0.0], ndtr(one.ends), [1.0]])
            ascending = ascending[one.order] if one.kind == "indicators" else ascending
        reached = np.cumsum(np.diff(edges) * ascending)
        vine = Vine(self.vine, first=at)
        if vine.first != at or not reached[-1] > 0:
            return None

        def draw(rng: np.random.Generator, rows: int) -> Floats:
            uniform = rng.random(rows) * reached[-1]
            code = np.minimum(np.searchsorted(reached, uniform, side="right"), len(reached) - 1)
            value = edges[code] + rng.random(rows) * (edges[code + 1] - edges[code])
            return self._drawn(vine, rng, rows, np.clip(value, EDGE, 1 - EDGE))

        return draw

    def _drawn(
        self, vine: Vine, rng: np.random.Generator, rows: int, chosen: Floats | None
    ) -> Floats:
        """A matrix of shape (rows, width); `chosen` has values of the variable that is drawn first."""
        from scipy.special import ndtr, ndtri

        variables = from_arrays(self.codec, self.arrays)
        uniforms = rng.random((rows, len(variables)))
        u = vine.sample(uniforms, [ndtr(one.ends) for one in variables], chosen=chosen)
        matrix = np.zeros((rows, self.codec.width))
        for one, values in zip(variables, ndtri(np.clip(u, EDGE, 1 - EDGE)).T, strict=True):
            one.write(matrix, values)
        return matrix

    def log_densities(self, table: Table, *, run: Run | None = None) -> Floats:
        """Log-probability of the codes of each row; see `matrix_density`."""
        if not self.codec.width:
            return np.zeros((1, len(table)))
        variables = from_arrays(self.codec, self.arrays)
        vine = Vine(self.vine)

        def density(matrix: Floats, missing: Mask, rng: np.random.Generator) -> Floats:
            at, below = _distribution(variables, matrix)
            lost: list[Mask | None] = [None] * len(variables)
            scores = [j for j, one in enumerate(variables) if one.kind == "score"]
            for j, absent in zip(scores, missing.T, strict=True):
                lost[j] = absent
            return vine.log_densities(list(zip(at.T, below.T, strict=True)), lost, rng)

        return log_densities(self.codec, table, density, run or Run())

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        used: dict[str, int] = {}
        for tree in self.vine.get("pair copulas", {}).values():
            for pair in tree.values():
                used[pair["fam"]] = used.get(pair["fam"], 0) + 1
        return {**MatrixModel.facts(self), "families": dict(sorted(used.items()))}

    def write_state(self, folder: Path) -> None:
        """Write everything `read_state` needs into `folder`."""
        MatrixModel.write_state(self, folder)
        (folder / VINE).write_text(json.dumps(self.vine), encoding="utf-8")

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        """Read what `write_state` wrote."""
        codec = MatrixCodec.from_codec(read_codec(folder, schema))
        return cls(settings, codec, read_arrays(folder / FILE), read_json(folder / VINE))


@dataclass(frozen=True, slots=True, kw_only=True)
class VineCopula:
    """Settings.

    Attributes:
        trees: Number of trees of the vine, 1 or more; pairs beyond them are independent given
            the variables before.
        families: 'one_parameter' (Gaussian, Clayton, Gumbel, Frank, Joe, and rotations),
            'nonparametric' (local likelihood), 'mixed' for both, or 'parametric' for all with up to
            three parameters, which takes about ten times as long.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="vine_copula",
        description="copulas of pairs in a vine; for dependence in the tails and other than "
        "monotone, in a model whose every pair can be read",
        source="Bedford & Cooke 2002; Dissmann et al. 2013; Panagiotelis et al. 2012",
        extra="vines",
    )
    model: ClassVar[type[VineCopulaModel]] = VineCopulaModel

    trees: int = 3
    families: Families = "mixed"
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, trees=1)
        one_of(self, families=get_args(Families))

    def fit(self, data: Table, *, run: Run | None = None) -> VineCopulaModel:
        """Fit the vine of the columns of `data`.

        Raises:
            MissingExtra: pyvinecopulib is not installed.
        """
        from threadpoolctl import threadpool_limits

        library()
        run = run or Run()
        codec, matrix, _ = encode_for_training(data, run, protect=self.protect, max_rows=MAX_ROWS)
        vine: Mapping[str, Any] = {}
        variables: list[Latent] = []
        for _ in run.track(range(1), "fit"):
            if codec.width:
                with threadpool_limits(1):  # sums of several threads depend on their order
                    variables = latent_variables(codec, matrix)
                vine = fit_vine(variables, matrix, self.trees, self.families)
        return VineCopulaModel(self, codec, to_arrays(variables), vine)


def fit_vine(
    variables: list[Latent], matrix: Floats, trees: int, families: Families
) -> dict[str, Any]:
    """The vine of the latent variables of `matrix`, shape (n, width)."""
    pv = library()
    chosen = {
        "mixed": [*pv.families.one_par, *[pv.families.tll] * (len(matrix) >= NONPARAMETRIC_ROWS)],
        "one_parameter": pv.families.one_par,
        "parametric": [each for each in pv.families.parametric if each != pv.families.indep],
        "nonparametric": [pv.families.tll],
    }[families]
    # Families other than the nonparametric one have monotone dependence, which Kendall's tau sees.
    monotone = pv.families.tll not in chosen
    controls = pv.FitControlsVinecop(
        family_set=[pv.families.indep, *chosen],
        trunc_lvl=trees,
        selection_criterion="bic",
        threshold=_chance_level(len(matrix), len(variables)) if monotone else 0.0,
        # Preselection compares the corners of the data, where ties of categories mislead it.
        preselect_families=False,
        num_threads=1,
    )
    at, below = _distribution(variables, matrix)
    types = _types(variables)
    fitted = pv.Vinecop.from_data(np.hstack([at, below]), controls=controls, var_types=types)
    return checked_vine(json.loads(fitted.to_json()), types)


def _chance_level(rows: int, variables: int) -> float:
    """The largest Kendall's tau of independent variables: one table in 20 has a larger one."""
    from scipy.special import ndtri

    pairs = max(variables * (variables - 1) // 2, 1)
    deviation = (2 * (2 * rows + 5) / (9 * rows * (rows - 1))) ** 0.5
    return float(min(-ndtri(0.025 / pairs) * deviation, 1.0))


def _distribution(variables: list[Latent], matrix: Floats) -> tuple[Floats, Floats]:
    """The distribution function at each variable's value, and its left limit, shape (n, d) each.

    A missing number is NaN: pairs are fitted to the rows that have both.
    """
    from scipy.special import ndtr

    at, below = (np.empty((len(matrix), len(variables))) for _ in range(2))
    for j, one in enumerate(variables):
        if one.kind == "score":
            at[:, j] = np.clip(ndtr(matrix[:, one.columns.start]), EDGE, 1 - EDGE)
            if one.has_mask:
                at[matrix[:, one.columns.stop] > 0.5, j] = np.nan
            below[:, j] = at[:, j]
        else:
            low, high = one.bounds(matrix)
            at[:, j], below[:, j] = ndtr(high), ndtr(low)
    return at, below


def _types(variables: list[Latent]) -> list[str]:
    """'c' for a continuous variable, 'd' for a discrete one."""
    return ["c" if one.kind == "score" else "d" for one in variables]
