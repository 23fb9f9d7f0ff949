"""Flow matching with gradient-boosted trees, which needs no neural network and no GPU.

A sample moves from noise x0 at time 0 to a row x1 at time 1 along the expected velocity of
x_t = cos(pi t / 2) x0 + sin(pi t / 2) x1 given x_t (flow matching: Lipman et al. 2023; this path:
Albergo, Boffi and Vanden-Eijnden 2023). Boosted trees regress the velocity at each of several times on
noisy copies of the rows (Jolicoeur-Martineau, Fatras and Kachman 2024, "Generating and imputing tabular
data via diffusion and flow-based gradient-boosted trees").

Where this differs from the paper: columns are latent standard normal variables (`latent`), categories
among them, instead of one indicator a category, so that one ensemble a column and time is enough. Along
this path they stay standard normal, and the velocity of independent columns is 0: few steps keep
distributions. Trees regress what a linear regression of the velocity leaves over; the linear part alone
is the flow of a Gaussian copula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.core.validated import require_range, require_shape
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.engine.threads import thread_map
from artesian.synthesizers.forests.tree_ensembles import (
    Trees,
    boosted_trees,
    check_trees,
    joined,
    predict,
)
from artesian.synthesizers.latent import (
    Latent,
    check_arrays,
    from_arrays,
    latent_variables,
    to_arrays,
)
from artesian.synthesizers.matrix_model import MatrixModel, encode_for_training
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 10_000
"""Rows that are fitted."""

MAX_COPIES = 60_000
"""Noisy copies of rows from which the trees of one time are grown."""

RIDGE = 1e-3
"""Added to the variances of predictors in linear regressions, as a fraction of the rows."""

MAX_VALUE = 8.0
"""Magnitude to which latent variables are clipped."""


@dataclass(frozen=True, slots=True)
class ForestFlowModel(MatrixModel):
    """Velocities at T times, of d latent variables.

    Arrays:
        order, ends: The intervals of categories; see `latent`.
        linear: Regression of the velocity on the variables, the intercept last, (T, d + 1, d).
        trees.*: T x d ensembles of the rest of the velocity; see `tree_ensembles`.
    """

    def check_values(self) -> None:
        """Check that regressions and trees fit the columns."""
        if not self.codec.width:
            return
        check_arrays(self.codec, self.arrays)
        width = len(from_arrays(self.codec, self.arrays))
        require_shape(self.arrays["linear"], (None, width + 1, width), "linear")
        require_range(self.arrays["linear"], -1e6, 1e6, "linear")
        check_trees(self._trees(), len(self.arrays["linear"]) * width, width)

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width): Euler steps from noise."""
        variables, trees = from_arrays(self.codec, self.arrays), self._trees()
        times, width = len(self.arrays["linear"]), len(variables)
        x = rng.standard_normal((rows, width))
        for k, linear in enumerate(self.arrays["linear"]):
            velocity = x @ linear[:-1] + linear[-1] + predict(trees, k * width, width, x)
            x = np.clip(x + velocity / times, -MAX_VALUE, MAX_VALUE)
        matrix = np.zeros((rows, self.codec.width))
        for one, values in zip(variables, x.T, strict=True):
            one.write(matrix, values)
        return matrix

    def _trees(self) -> Trees:
        prefix = "trees."
        named = self.arrays.items()
        return {name.removeprefix(prefix): a for name, a in named if name.startswith(prefix)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestFlow:
    """Settings.

    Attributes:
        times: Number of steps from noise to rows, 2 or more.
        trees: Trees of each variable at each time, 1 or more.
        leaves: Maximum number of leaves of a tree, 2 or more.
        copies: Noisy copies of each row, 1 or more; fewer of more than some thousand rows.
        rate: Learning rate of boosting.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="forest_flow",
        description="noise that boosted trees move step by step to rows; diffusion-type generation "
        "without a neural network, slower than trees",
        source="Jolicoeur-Martineau et al. 2024",
    )
    model: ClassVar[type[ForestFlowModel]] = ForestFlowModel

    times: int = 16
    trees: int = 40
    leaves: int = 31
    copies: int = 12
    rate: float = 0.2
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, times=2, trees=1, leaves=2, copies=1, rate=1e-6)

    def fit(self, data: Table, *, run: Run | None = None) -> ForestFlowModel:
        """Regress the velocities of noisy copies of the rows of `data`."""
        from threadpoolctl import threadpool_limits

        run = run or Run()
        codec, matrix, _ = encode_for_training(data, run, protect=self.protect, max_rows=MAX_ROWS)
        if not codec.width:
            for _ in run.track(range(1), "fit"):
                pass
            return ForestFlowModel(self, codec, {})
        # Each fit is a thread already, and sums of several threads depend on their order.
        with threadpool_limits(1):
            variables = latent_variables(codec, matrix)

            def fit_time(at: int) -> tuple[Floats, Trees]:
                return _fit_time(self, variables, matrix, at, run)

            fitted = list(thread_map(fit_time, range(self.times), run=run, name="fit"))
        arrays: dict[str, NDArray[Any]] = {**to_arrays(variables)}
        arrays["linear"] = np.stack([linear for linear, _ in fitted])
        arrays |= {f"trees.{name}": a for name, a in joined([one for _, one in fitted]).items()}
        return ForestFlowModel(self, codec, arrays)


def _fit_time(
    settings: ForestFlow, variables: list[Latent], matrix: Floats, at: int, run: Run
) -> tuple[Floats, Trees]:
    """The linear regression and the trees of step `at`, at the time of its middle."""
    rng = run.seed.child("time", at).rng()
    copies = max(1, min(settings.copies, MAX_COPIES // len(matrix)))
    rows = np.concatenate([_values(variables, matrix, rng) for _ in range(copies)])
    noise = rng.standard_normal(rows.shape)
    angle = np.pi / 2 * (at + 0.5) / settings.times
    x = (np.cos(angle) * noise + np.sin(angle) * rows).astype(np.float32)
    velocity = np.pi / 2 * (np.cos(angle) * rows - np.sin(angle) * noise)
    design = np.hstack([x, np.ones((len(x), 1), np.float32)]).astype(float)
    products = design.T @ design + RIDGE * len(x) * np.diag([*np.ones(x.shape[1]), 0.0])
    linear = np.linalg.solve(products, design.T @ velocity)
    rest = velocity - design @ linear
    parts = []
    for j in range(rest.shape[1]):
        run.check("fit")
        trees = boosted_trees(
            x,
            rest[:, j],
            trees=settings.trees,
            leaves=settings.leaves,
            rate=settings.rate,
            min_leaf=2 * MIN_COUNT * copies,  # several rows, not several copies of one
            seed=int(rng.integers(2**31)),
        )
        parts.append(trees)
    return linear, joined(parts)


def _values(variables: list[Latent], matrix: Floats, rng: np.random.Generator) -> Floats:
    """Latent variables of encoded rows, shape (n, d); those of categories drawn in their intervals."""
    from scipy.special import ndtr, ndtri

    out = np.empty((len(matrix), len(variables)))
    for j, one in enumerate(variables):
        if one.kind == "score":
            out[:, j] = matrix[:, one.columns.start]
            continue
        low, high = (ndtr(end) for end in one.bounds(matrix))
        at = low + rng.random(len(matrix)) * (high - low)
        out[:, j] = ndtri(np.clip(at, 1e-9, 1 - 1e-9))
    return np.clip(out, -MAX_VALUE, MAX_VALUE)
