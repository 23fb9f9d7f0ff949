"""Interpolation between a row and one of its nearest neighbours: a control that nearly copies.

SMOTE (Chawla et al. 2002), between all rows instead of those of one class. Scores lie on the line
between the two rows; categories and missing values are those of the nearer row, where SMOTE-NC takes
the majority of the neighbours, which loses rare categories when every row is synthetic. A different
category adds a distance of one standard deviation, as in SMOTE-NC. The saved model holds the rows: it
is as sensitive as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.core.validated import require, require_range, require_shape
from artesian.data.table import Table
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.matrix_model import MatrixModel, encode_for_training
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 20_000
"""Rows that are kept."""


class SmoteModel(MatrixModel):
    """The training rows.

    Arrays:
        rows: Encoded rows, shape (n, width).
        neighbours: Positions of the nearest rows of each row, shape (n, k).
    """

    __slots__ = ()

    def check_values(self) -> None:
        """Check that rows fit the columns and neighbours are rows."""
        if not self.codec.width:
            return
        rows, neighbours = self.arrays["rows"], self.arrays["neighbours"]
        require_shape(rows, (None, self.codec.width), "rows")
        require(rows.dtype.kind == "f" and len(rows) > 0, "there are no rows")
        require_range(rows, -100, 100, "rows")
        require_shape(neighbours, (len(rows), None), "neighbours")
        require(neighbours.dtype.kind == "i" and neighbours.shape[1] > 0, "there are no neighbours")
        require_range(neighbours, 0, len(rows), "neighbours")

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width)."""
        real, neighbours = self.arrays["rows"], self.arrays["neighbours"]
        uniforms = rng.random((rows, 3))
        one = (uniforms[:, 0] * len(real)).astype(np.int64)
        other = neighbours[one, (uniforms[:, 1] * neighbours.shape[1]).astype(np.int64)]
        weight = uniforms[:, 2]  # of the other row
        matrix: Floats = real[np.where(weight < 0.5, one, other)].astype(np.float64)
        for slot in self.codec.slots:
            if slot.score is not None:
                ends = real[one, slot.score], real[other, slot.score]
                between = (1 - weight) * ends[0] + weight * ends[1]
                if slot.mask is not None:  # a missing number has no place on the line
                    missing = (real[one, slot.mask] > 0.5) | (real[other, slot.mask] > 0.5)
                    between = np.where(missing, matrix[:, slot.score], between)
                matrix[:, slot.score] = between
        return matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Smote:
    """Settings.

    Attributes:
        neighbours: Number of nearest rows among which the other row is drawn, 1 or more.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="smote",
        description="a control that nearly copies: points between a training row and a near one; its "
        "rows and its model are as sensitive as the real ones",
        source="Chawla et al. 2002",
        control=True,
    )
    model: ClassVar[type[SmoteModel]] = SmoteModel

    neighbours: int = 5
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, neighbours=1)

    def fit(self, data: Table, *, run: Run | None = None) -> SmoteModel:
        """Find the nearest rows of each row of `data`."""
        run = run or Run()
        for _ in run.track(range(1), "fit"):
            codec, rows, _ = encode_for_training(data, run, protect=self.protect, max_rows=MAX_ROWS)
            nearest = nearest_rows(codec, rows, self.neighbours) if codec.width else None
        if nearest is None:
            return SmoteModel(self, codec, {})
        return SmoteModel(self, codec, {"rows": rows, "neighbours": nearest})


def nearest_rows(codec: MatrixCodec, rows: Floats, neighbours: int) -> NDArray[np.int64]:
    """Positions of the `neighbours` nearest other rows of each row, shape (n, k).

    Args:
        rows: Encoded rows, shape (n, width); k is n - 1 if that is smaller.
    """
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    points = rows.copy()
    for slot in codec.slots:
        if slot.mask is not None and slot.score is not None:
            points[points[:, slot.mask] > 0.5, slot.score] = 0.0
        if slot.indicators is not None:  # two different categories are one unit apart
            points[:, slot.indicators] *= 0.5**0.5
    with threadpool_limits(1):  # sums of several threads depend on their order
        search = NearestNeighbors(n_neighbors=min(neighbours, len(points) - 1)).fit(points)
        return np.asarray(search.kneighbors(return_distance=False))
