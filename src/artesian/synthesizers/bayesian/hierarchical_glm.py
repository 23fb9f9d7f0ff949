"""Hierarchical generalized linear models in a chain over the columns, with posterior uncertainty.

Each column is regressed on those before it: a normal model for the normal score of a number, logistic
ones for missing values and for the levels of a category (`chain`). Rows of one group (a hospital, a
region, a person) share an effect on every column, which is pooled towards the others as far as its rows
are few (Gelman and Hill 2007, "Data Analysis Using Regression and Multilevel/Hierarchical Models",
chapters 12 to 15). Parameters are drawn from their posterior distribution by the no-U-turn sampler
(`nuts`). Each synthetic row follows one draw, so that synthetic data are as uncertain as the fit:
a sample of the posterior predictive distribution, as multiple imputation needs (Rubin 1993).

numpyro is needed to fit; a saved model is sampled with numpy alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.core.validated import require, require_range, require_shape
from artesian.data.table import Table
from artesian.encoding.categorical import CategoryCodec
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.bayesian.chain import (
    MASK,
    SCORE,
    Link,
    links,
    responses,
    to_features,
)
from artesian.synthesizers.bayesian.draws import rest_weights, to_arrays, warnings
from artesian.synthesizers.bayesian.groups import AUTO, choose_group, group_slot
from artesian.synthesizers.bayesian.nuts import (
    CHAINS,
    Regression,
    library,
    sample_posteriors,
)
from artesian.synthesizers.matrix_model import MatrixModel
from artesian.synthesizers.protocol import Capabilities

NO_GROUP, NEW_GROUPS = -1, -2


@dataclass(frozen=True, slots=True)
class HierarchicalGLMModel(MatrixModel):
    """Posterior draws of R responses, S each.

    Arrays:
        group: Position of the grouping column among the slots of the codec; `NO_GROUP`, or `NEW_GROUPS`
            where every row has a new one.
        rows: Number of rows that were fitted.
        slots, levels: Column and level of each response, shape (R,); see `Response`.
        features: Predictors of each response, shape (R, F), -1 beyond the last.
        centres: Mean of each predictor, which is subtracted.
        intercepts, noise, scales: Shape (S, R); the last are the scales of group effects.
        slopes: Shape (S, R, F).
        groups: Group effects, shape (S, R, groups); without groups where they are new in every row.
        rest: Weights of the levels that have no response, shape (S, indicators).
        r_hat, ess, divergences: Convergence of each response, shape (R,).
    """

    def check_values(self) -> None:
        """Check that the draws fit the columns."""
        if self.codec.width:
            _check(self)

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width), each row from one posterior draw."""
        draws = len(self.arrays["rest"])
        each = -(-rows // draws)
        matrix = np.zeros((draws, each, self.codec.width))
        features = np.zeros((draws, each, self.codec.width + len(self.codec.scores)))
        slot = self._group
        groups: NDArray[np.int64] | None = None
        for link in links(self.codec, slot):
            own = self.codec.slots[link.slot]
            eta = self._linear(rng, link, features, groups)  # (draws, each, responses)
            if link.kind == SCORE:
                noise = self.arrays["noise"][:, None, self.responses_of(link)]
                drawn = eta + noise * rng.standard_normal(eta.shape)
                matrix[:, :, own.score] = drawn[:, :, 0]
            elif link.kind == MASK:
                matrix[:, :, own.mask] = rng.random(eta.shape[:2]) < _logistic(eta[:, :, 0])
            else:
                level = self._levels(rng, link, eta)
                np.put_along_axis(matrix[:, :, own.indicators], level[:, :, None], 1.0, axis=2)
                groups = level if link.slot == slot else groups
            if len(link.features):
                now = to_features(self.codec, matrix)[:, :, link.features]
                features[:, :, link.features] = now - self.arrays["centres"][link.features]
        flat = matrix.reshape(-1, self.codec.width)
        return np.asarray(flat[rng.permutation(len(flat))[:rows]])

    def group_effects(self, column: str) -> dict[Any, Floats]:
        """Posterior draws of the effect of each group on a number or boolean, shape (S,) each.

        In units of normal scores for a number, of log-odds of the rarer value for a boolean.

        Raises:
            DataError: the column has no single response, or there are no groups to return.
        """
        coded = self.codec.codec.coded
        at = [
            int(r)
            for r in range(len(self.arrays["slots"]))
            if self.codec.codec.names[self.arrays["slots"][r]] == column
            and self.arrays["levels"][r] != MASK
        ]
        slot = self._group
        group = None if slot is None else coded[self.codec.codec.names[slot]]
        if len(at) != 1 or not isinstance(group, CategoryCodec):
            raise DataError(
                f"there are no effects of groups on {column!r}",
                hint="name a number or boolean column, of a model with a group of known levels",
            )
        draws = self.arrays["groups"][:, at[0], :]
        names = [*group.values.gather(np.unique(group.code_of, return_index=True)[1])]
        names += [None] * (draws.shape[1] - len(names))
        return {name: draws[:, code] for code, name in enumerate(names)}

    def facts(self) -> dict[str, Any]:
        """What fitting decided, and whether the sampler converged, for the manifest."""
        facts = MatrixModel.facts(self)
        if not self.codec.width:
            return facts
        names = [self.codec.codec.names[slot] for slot in self.arrays["slots"]]
        columns: dict[str, dict[str, float]] = {}
        for at, name in enumerate(names):
            old = columns.get(name, {"r_hat": 0.0, "ess": math.inf, "divergences": 0})
            columns[name] = {
                "r_hat": max(old["r_hat"], round(float(self.arrays["r_hat"][at]), 3)),
                "ess": min(old["ess"], round(float(self.arrays["ess"][at]), 1)),
                "divergences": old["divergences"] + int(self.arrays["divergences"][at]),
            }
        return facts | {
            "group": self._group_name(),
            "rows": int(self.arrays["rows"]),
            "draws": len(self.arrays["rest"]),
            "convergence": columns,
            "warnings": warnings(columns, len(self.arrays["rest"])),
        }

    @property
    def _group(self) -> int | None:
        """Slot of the grouping column; None without groups of known levels."""
        return int(self.arrays["group"]) if self.arrays["group"] >= 0 else None

    def _group_name(self) -> str | None:
        if self._group is not None:
            return self.codec.codec.names[self._group]
        if self.arrays["group"] == NO_GROUP:
            return None
        asked = self.settings.group
        return self.schema.entity if asked == AUTO else str(asked)

    def responses_of(self, link: Link) -> NDArray[np.int64]:
        """Responses of a step of the chain, in the order in which they are drawn."""
        levels = self.arrays["levels"]
        kind = levels == link.kind if link.kind else levels >= 0
        return np.flatnonzero((self.arrays["slots"] == link.slot) & kind)

    def _linear(
        self,
        rng: np.random.Generator,
        link: Link,
        features: Floats,
        groups: NDArray[np.int64] | None,
    ) -> Floats:
        """Linear predictors of a step, shape (draws, each, responses)."""
        own = self.responses_of(link)
        eta = np.repeat(self.arrays["intercepts"][:, None, own], features.shape[1], axis=1)
        if not len(own):
            return eta
        chosen = self.arrays["features"][own[0]]  # of all responses of the column
        chosen = chosen[chosen >= 0]
        slopes = self.arrays["slopes"][:, own, : len(chosen)]
        eta = eta + features[:, :, chosen] @ slopes.transpose(0, 2, 1)
        if groups is not None:
            effects = self.arrays["groups"][:, own].transpose(0, 2, 1)  # (draws, groups, responses)
            eta += np.take_along_axis(effects, groups[:, :, None], axis=1)
        elif self.arrays["group"] == NEW_GROUPS:  # each row has a group of its own
            eta += self.arrays["scales"][:, None, own] * rng.standard_normal(eta.shape)
        return np.asarray(eta)

    def _levels(self, rng: np.random.Generator, link: Link, eta: Floats) -> NDArray[np.int64]:
        """Codes of a category, shape (draws, each): the first level that succeeds, else of the rest."""
        sizes = self.codec.codec.levels
        before = sum(
            sizes[at] for at, one in enumerate(self.codec.slots[: link.slot]) if one.indicators
        )
        rest = self.arrays["rest"][:, before : before + sizes[link.slot]]
        below = np.cumsum(rest, axis=1)
        uniforms = rng.random(eta.shape[:2]) * below[:, -1:]
        drawn = (below[:, None, :] <= uniforms[:, :, None]).sum(axis=2)
        drawn = np.minimum(drawn, rest.shape[1] - 1)
        if eta.shape[2]:
            success = rng.random(eta.shape) < _logistic(eta)
            levels = self.arrays["levels"][self.responses_of(link)]
            drawn = np.where(success.any(axis=2), levels[success.argmax(axis=2)], drawn)
        return np.asarray(drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class HierarchicalGLM:
    """Settings.

    Attributes:
        group: Column whose rows share effects: a category, a boolean, or a key, whose groups are new in
            every synthetic row. 'auto' for the entity of the schema or the category of most levels, up
            to 60; 'none' for no groups.
        max_rows: Maximum number of rows that are fitted, chosen at random.
        max_features: Maximum number of predictors of a column; a category has one for each level.
        draws: Number of posterior draws, of four chains together, 16 or more.
        warmup: Iterations by which each chain adapts.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="hierarchical_glm",
        description="Bayesian regressions of each column on those before it, with effects of groups; "
        "for few rows in many groups, and rows that are as uncertain as the fit",
        source="Gelman & Hill 2007; Rubin 1993; Hoffman & Gelman 2014",
        extra="bayes",
    )
    model: ClassVar[type[HierarchicalGLMModel]] = HierarchicalGLMModel

    group: str = "auto"
    max_rows: int = 2_000
    max_features: int = 48
    draws: int = 400
    warmup: int = 150
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, max_rows=2, max_features=0, draws=4 * CHAINS, warmup=0)

    def fit(self, data: Table, *, run: Run | None = None) -> HierarchicalGLMModel:
        """Draw from the posterior distribution of the regressions of `data`.

        Raises:
            MissingExtra: numpyro is not installed.
            UsageError: `group` is not a column that can group rows.
            DataError: there are no rows.
        """
        from threadpoolctl import threadpool_limits

        library()
        run = run or Run()
        if not len(data):
            raise DataError("there are no rows to fit on", hint="give at least one row")
        run.check("fit")
        codec = MatrixCodec.from_data(data, protect=self.protect)
        grouping = choose_group(self.group, data, codec)
        rng = run.seed.child("encode").rng()
        rows = grouping.rows(rng, self.max_rows)
        matrix = codec.encode(data.with_frame(data.frame[rows]), rng)
        if not codec.width:
            for _ in run.track(range(1), "fit"):
                pass
            return HierarchicalGLMModel(self, codec, {})
        slot = group_slot(codec, grouping.name)
        modelled = responses(codec, matrix, slot, self.max_features)
        features = to_features(codec, matrix)
        centres = features.mean(axis=0)
        groups, count = grouping.members(rows)
        regressions = [
            Regression(
                features=(features - centres)[np.ix_(one.rows, one.features)],
                groups=groups[one.rows],
                values=one.values,
                gaussian=one.level == SCORE,
            )
            for one in modelled
        ]
        each = -(-self.draws // CHAINS)
        draws = each * CHAINS
        with threadpool_limits(1, user_api="blas"):  # sums of several threads depend on their order
            posteriors = sample_posteriors(
                regressions, count, warmup=self.warmup, draws=each, run=run
            )
        arrays = to_arrays(modelled, posteriors, draws, count if slot is not None else 0)
        arrays["rest"] = rest_weights(codec, matrix, modelled, draws, run.seed.child("rest").rng())
        arrays |= {
            "group": np.array(
                slot if slot is not None else NEW_GROUPS if grouping.new else NO_GROUP
            ),
            "rows": np.array(len(rows)),
            "centres": centres.astype(np.float32),
        }
        return HierarchicalGLMModel(self, codec, arrays)


def _check(model: HierarchicalGLMModel) -> None:
    """Check that the arrays of a model have shapes and ranges that can be sampled."""
    arrays, codec = model.arrays, model.codec
    draws, count = len(arrays["rest"]), len(arrays["slots"])
    levels = [0 if one.indicators is None else one.indicators.stop - one.indicators.start
              for one in codec.slots]  # fmt: skip
    total = codec.width + len(codec.scores)
    require_shape(arrays["group"], (), "group")
    require_range(arrays["group"], NEW_GROUPS, len(levels), "group")
    slot = int(arrays["group"]) if arrays["group"] >= 0 else None
    groups = 0 if slot is None else levels[slot]
    require(draws, "there are no draws")
    require(slot is None or groups, "the group is not a category")
    require_shape(arrays["rest"], (draws, sum(levels)), "rest")
    require_range(arrays["rest"], 0, 1e12, "rest")
    require_shape(arrays["rows"], (), "rows")
    require_shape(arrays["centres"], (total,), "centres")
    require_range(arrays["centres"], -100, 100, "centres")
    require_shape(arrays["features"], (count, None), "features")
    width = arrays["features"].shape[1]
    require_range(arrays["features"], -1, total, "features")
    for name in ("r_hat", "ess", "divergences", "levels"):
        require_shape(arrays[name], (count,), name)
    require_range(arrays["divergences"], 0, 1e9, "divergences")
    for name in ("intercepts", "noise", "scales"):
        require_shape(arrays[name], (draws, count), name)
    require_shape(arrays["slopes"], (draws, count, width), "slopes")
    require_shape(arrays["groups"], (draws, count, groups), "groups")
    for name in ("intercepts", "slopes", "groups", "noise", "scales"):
        require_range(arrays[name], -1e4, 1e4, name)
    for name in ("group", "slots", "levels", "features", "divergences", "rows"):
        require(arrays[name].dtype.kind == "i", f"{name} are not whole numbers")
    require_range(arrays["slots"], 0, len(codec.slots), "slots")
    for link in links(codec, slot):
        own = model.responses_of(link)
        if link.kind:
            require(len(own) == 1, "a number has not one response")
        else:
            require_range(arrays["levels"][own], 0, levels[link.slot], "levels")
            require(
                len(own) < levels[link.slot] or not levels[link.slot], "every level is a response"
            )
        same = arrays["features"][own]
        require((same == same[:1]).all(), "responses of one column have other predictors")


def _logistic(eta: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(eta))
