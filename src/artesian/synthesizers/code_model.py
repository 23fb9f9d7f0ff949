"""Models whose state is a table codec and named arrays, and which draw integer codes.

A method subclasses `CodeModel` with `draw`; schema, sampling with conditions, and files are shared.
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
from artesian.core.validated import require, require_shape
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.encoding.codec_files import read_codec, write_codec
from artesian.encoding.segments import Codes, Floats
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.code_sampling import code_sampler
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.rejection_sampling import rejection_sample
from artesian.synthesizers.sampling import BlockSampler

FILE = "arrays.npz"


@dataclass(frozen=True, slots=True)
class CodeModel(ABC):
    """A fitted model that draws codes.

    Attributes:
        settings: The synthesizer that fitted it.
        codec: Between the table and its codes.
        arrays: The fitted parameters by name.
    """

    settings: Any
    codec: TableCodec
    arrays: Mapping[str, NDArray[Any]]

    @abstractmethod
    def draw(self, rng: np.random.Generator, rows: int) -> Codes:
        """Draw codes of shape (p, rows)."""

    @property
    def schema(self) -> Schema:
        """The schema of sampled rows."""
        return self.codec.schema

    @property
    def origin(self) -> Origin:
        """Name and format of the table the model was fitted on."""
        return self.codec.origin

    def empty(self) -> Table:
        """A table without rows, with the types of sampled rows."""
        return self.codec.empty()

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
        return {"suppressed": self.codec.suppressed()}

    def write_state(self, folder: Path) -> None:
        """Write everything `read_state` needs into `folder`."""
        write_codec(self.codec, folder)
        plain: dict[str, Any] = dict(self.arrays)
        np.savez_compressed(folder / FILE, **plain)

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        """Read what `write_state` wrote."""
        return cls(settings, read_codec(folder, schema), read_arrays(folder / FILE))

    def _sampler(self, where: Where | None) -> BlockSampler:
        def draw(rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
            if not weights:
                return self.draw(rng, rows)

            def candidates(count: int) -> tuple[Codes, Floats]:
                codes = self.draw(rng, count)
                accepted = np.ones(count)
                for column, weight in weights.items():
                    accepted *= (weight / weight.max())[codes[column]]
                return codes, accepted

            parts = rejection_sample(candidates, lambda codes, at: codes[:, at], rows, rng)
            return np.concatenate(parts, axis=1)

        return code_sampler(self.codec, draw, where)


def check_codes(codec: TableCodec, codes: NDArray[Any], name: str) -> None:
    """Check codes of a file, one row per modelled column.

    Raises:
        InvalidValue: a column has a code that it does not have, or there are no rows.
    """
    require_shape(codes, (len(codec.levels), None), name)
    require(codes.dtype.kind == "u", f"{name} are not whole numbers from 0")
    require(codes.shape[1] > 0, f"{name} have no rows")
    highest = codes.max(axis=1) if len(codes) else np.zeros(0)
    require((highest < codec.levels).all(), f"{name} have a code that their column lacks")


def encode_for_training(
    data: Table, run: Run, *, protect: bool, max_rows: int
) -> tuple[TableCodec, Codes]:
    """The codec of `data`, and the codes of at most `max_rows` of its rows at random, shape (p, n).

    Raises:
        DataError: there are no rows.
    """
    if not len(data):
        raise DataError("there are no rows to fit on", hint="give at least one row")
    run.check("fit")
    codec = TableCodec.from_data(data, protect=protect)
    rows = np.sort(run.seed.child("rows").rng().permutation(len(data))[:max_rows])
    return codec, np.ascontiguousarray(codec.encode(data.with_frame(data.frame[rows])))
