"""Models whose state is a matrix codec and named arrays: mixtures, copulas, networks.

A method subclasses `MatrixModel` with `draw`; schema, sampling with conditions, and files are shared.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.archives import read_arrays
from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.encoding.codec_files import read_codec, write_codec
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.matrix_sampling import DrawMatrix, matrix_sampler
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.sampling import BlockSampler
from artesian.synthesizers.training import split_validation

FILE = "arrays.npz"


@dataclass(frozen=True, slots=True)
class MatrixModel(ABC):
    """A fitted model that draws rows of a matrix.

    Attributes:
        settings: The synthesizer that fitted it.
        codec: Between the table and the matrix.
        arrays: The fitted parameters by name; empty if the matrix has no columns.
    """

    settings: Any
    codec: MatrixCodec
    arrays: Mapping[str, NDArray[Any]]

    @abstractmethod
    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width), as `MatrixCodec.to_codes` reads it."""

    def draw_given(self, column: int, weights: Floats) -> DrawMatrix | None:
        """How rows are drawn that satisfy a condition on one column; None if only by rejection.

        Args:
            column: Position of the modelled column.
            weights: Accepted fraction of each of its codes, shape (levels,).
        """
        return None

    @property
    def schema(self) -> Schema:
        """The schema of sampled rows."""
        return self.codec.codec.schema

    @property
    def origin(self) -> Origin:
        """Name and format of the table the model was fitted on."""
        return self.codec.codec.origin

    def empty(self) -> Table:
        """A table without rows, with the types of sampled rows."""
        return self.codec.codec.empty()

    def sample(self, rows: int, where: Where | None = None, *, run: Run | None = None) -> Table:
        """Sample `rows` rows that satisfy `where`; see `Model.sample`."""
        return self._sampler(where).sample(rows, run)

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        """Sample in batches, in constant memory; see `Model.batches`."""
        return self._sampler(where).batches(rows, run)

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        return {"suppressed": self.codec.codec.suppressed()}

    def write_state(self, folder: Path) -> None:
        """Write everything `read_state` needs into `folder`."""
        write_codec(self.codec.codec, folder)
        plain: dict[str, Any] = dict(self.arrays)
        np.savez_compressed(folder / FILE, **plain)

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        """Read what `write_state` wrote."""
        arrays = read_arrays(folder / FILE)
        return cls(settings, MatrixCodec.from_codec(read_codec(folder, schema)), arrays)

    def _sampler(self, where: Where | None) -> BlockSampler:
        def draw(rng: np.random.Generator, rows: int) -> Floats:
            return self.draw(rng, rows) if self.codec.width else np.zeros((rows, 0))

        return matrix_sampler(self.codec, draw, where, draw_given=self.draw_given)


def encode_for_training(
    data: Table, run: Run, *, protect: bool = True, max_rows: int | None = None
) -> tuple[MatrixCodec, Floats, Floats]:
    """The codec of `data`, and the matrices of its training rows and validation rows.

    A single training row is duplicated, because many estimators refuse one row.

    Args:
        max_rows: Maximum number of rows per matrix, chosen at random; None for all.

    Raises:
        DataError: there are no rows.
    """
    if not len(data):
        raise DataError("there are no rows to fit on", hint="give at least one row")
    run.check("fit")
    codec = MatrixCodec.from_data(data, protect=protect)
    rng = run.seed.child("encode").rng()
    rows, validation = (
        matrix[np.sort(rng.permutation(len(matrix))[:max_rows])]
        for matrix in (codec.encode(part, rng) for part in split_validation(data, run))
    )
    return codec, rows if len(rows) > 1 else np.repeat(rows, 2, axis=0), validation


def to_probabilities(codec: MatrixCodec, logits: Floats) -> Floats:
    """Replace the logits of masks and indicators, shape (n, width), by probabilities."""
    from scipy.special import expit, softmax

    matrix = np.array(logits, np.float64)
    masks = list(codec.masks)
    matrix[:, masks] = expit(matrix[:, masks])
    for group in codec.indicators:
        matrix[:, group] = softmax(matrix[:, group], axis=1)
    return matrix
