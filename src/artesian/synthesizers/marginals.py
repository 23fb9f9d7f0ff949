"""Independent columns, each sampled from its marginal distribution: the baseline of comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from artesian.core.archives import read_arrays
from artesian.core.run import Run
from artesian.core.settings import one_of
from artesian.core.validated import require, require_range, require_shape
from artesian.data.schema import Kind, Schema
from artesian.data.table import Origin, Table
from artesian.encoding import codec_files
from artesian.encoding.numeric import ROWS_PER_BIN
from artesian.encoding.segments import Codes, Floats
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.code_sampling import code_sampler
from artesian.synthesizers.memorisation import LEVELS, Memorised, Privacy, budget
from artesian.synthesizers.protocol import MIN_PROBABILITY, Capabilities, Where


@dataclass(frozen=True, slots=True)
class MarginalsModel:
    """The product of the marginal distributions.

    Attributes:
        probabilities: Probability of each code, one array of shape (levels,) per modelled column.
        memorised: What the model memorises.
    """

    settings: Marginals
    codec: TableCodec
    probabilities: tuple[Floats, ...]
    memorised: Memorised

    def check_values(self) -> None:
        """Check that every column has the probabilities of its codes."""
        levels = self.codec.levels.tolist()
        require(len(self.probabilities) == len(levels), "a column has no probabilities")
        for each, count in zip(self.probabilities, levels, strict=True):
            require_shape(each, (count,), "probabilities")
            require(count <= 256, f"a column has {count} codes")
            require_range(each, 0, 1.000001, "probabilities")
            require(each.sum() > 0, "all probabilities are 0")

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

    def draw(self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
        """Sample `rows` rows, shape (p, rows), from the codes that `weights` admit."""
        codes = np.empty((len(self.probabilities), rows), np.uint8)
        for j, marginal in enumerate(self.probabilities):
            admitted = marginal * weights[j] if j in weights else marginal
            if j in weights and not admitted.any():  # only values of a fitted tail are admitted
                admitted = weights[j]
            cum = np.cumsum(admitted)
            at = np.searchsorted(cum, rng.random(rows) * cum[-1], side="right")
            codes[j] = np.minimum(at, len(cum) - 1)
        return codes

    def sample(self, rows: int, where: Where | None = None, *, run: Run | None = None) -> Table:
        """Sample `rows` rows that satisfy `where`; see `Model.sample`."""
        return code_sampler(self.codec, self.draw, where).sample(rows, run)

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        """Sample in batches, in constant memory; see `Model.batches`."""
        return code_sampler(self.codec, self.draw, where).batches(rows, run)

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        return {"suppressed": self.codec.suppressed(), "memorised": self.memorised.to_dict()}

    def log_densities(self, table: Table, *, run: Run | None = None) -> Floats:
        """Log-probability of the code of each value, in nats, shape (p, n)."""
        codes = self.codec.encode(table)
        return np.stack(
            [
                np.log(np.maximum(marginal[column], MIN_PROBABILITY))
                for marginal, column in zip(self.probabilities, codes, strict=True)
            ]
        ).reshape(len(codes), len(table))

    def write_state(self, folder: Path) -> None:
        """Write everything `read_state` needs into `folder`."""
        codec_files.write_codec(self.codec, folder)
        arrays: dict[str, Any] = {str(j): array for j, array in enumerate(self.probabilities)}
        arrays["memorised"] = self.memorised.to_array()
        np.savez_compressed(folder / "marginals.npz", **arrays)

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        """Read what `write_state` wrote."""
        stored = read_arrays(folder / "marginals.npz")
        memorised = Memorised.from_array(stored.pop("memorised"))
        probabilities = tuple(stored[str(j)] for j in range(len(stored)))
        return cls(settings, codec_files.read_codec(folder, schema), probabilities, memorised)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginals:
    """Settings.

    Attributes:
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
        privacy: How much the model may memorise of its rows, by wider bins of numbers; see `Trees`.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="marginals",
        description="independent columns; the baseline that shows what modelling dependence adds",
        source="the product of the empirical distributions",
        joint=False,
    )
    model: ClassVar[type[MarginalsModel]] = MarginalsModel

    protect: bool = True
    privacy: Privacy = "default"

    def __post_init__(self) -> None:
        one_of(self, privacy=LEVELS)

    def fit(self, data: Table, *, run: Run | None = None) -> MarginalsModel:
        """Fit the distribution of every column of `data`."""
        return self.fit_encoded(data, None, run=run)

    def fit_encoded(
        self, data: Table, codec: TableCodec | None, *, run: Run | None = None
    ) -> MarginalsModel:
        """The same with the codes of `codec`; None learns them from `data`."""
        run = run or Run()
        if codec is None:
            codec = TableCodec.from_data(
                data, protect=self.protect, rows_per_bin=rows_per_bin(data, self.privacy)
            )
        codes, levels = codec.encode(data), codec.levels
        probabilities = []
        for j in run.track(range(len(levels)), "fit", len(levels)):
            counts = np.bincount(codes[j], minlength=levels[j]).astype(float)
            probabilities.append(
                counts / counts.sum() if len(data) else np.ones(levels[j]) / levels[j]
            )
        return MarginalsModel(
            self, codec, tuple(probabilities), _memorised(probabilities, self, data)
        )


def rows_per_bin(data: Table, privacy: Privacy) -> int:
    """Minimum mean number of rows of a bin, so that all numbers stay within the budget of `privacy`.

    The frequencies of K codes memorise (K - 1) / n nats per row: their training rows are more likely
    by half of that than by the true frequencies, and holdout rows less likely by the other half.
    """
    numbers = len(data.schema.of_kind(Kind.NUMBER, Kind.DATETIME))
    return max(ROWS_PER_BIN, math.ceil(numbers / budget(privacy, max(len(data), 1))))


def _memorised(probabilities: list[Floats], settings: Marginals, data: Table) -> Memorised:
    rows = max(len(data), 1)
    free = sum(max(int((each > 0).sum()) - 1, 0) for each in probabilities)
    return Memorised(free / rows, budget(settings.privacy, rows), len(data))
