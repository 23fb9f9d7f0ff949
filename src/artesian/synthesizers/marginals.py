"""Columns drawn independently, each from its own distribution: the baseline to be beaten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.encoding import codec_files
from artesian.encoding.segments import Codes, Floats
from artesian.encoding.table_codec import Codec
from artesian.synthesizers.code_sampling import code_sampler
from artesian.synthesizers.protocol import Capabilities, Where


@dataclass(frozen=True, slots=True)
class MarginalsModel:
    """Attributes:
    shares: Probability of each code, one array of shape (levels,) per modelled column.
    """

    settings: Marginals
    codec: Codec
    shares: tuple[Floats, ...]

    @property
    def schema(self) -> Schema:
        return self.codec.schema

    @property
    def origin(self) -> Origin:
        return self.codec.origin

    def empty(self) -> Table:
        return self.codec.empty()

    def draw(self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
        codes = np.empty((len(self.shares), rows), np.uint8)
        for j, shares in enumerate(self.shares):
            admitted = shares * weights[j] if j in weights else shares
            if j in weights and not admitted.any():  # only values of a fitted tail are admitted
                admitted = weights[j]
            cum = np.cumsum(admitted)
            at = np.searchsorted(cum, rng.random(rows) * cum[-1], side="right")
            codes[j] = np.minimum(at, len(cum) - 1)
        return codes

    def sample(self, rows: int, where: Where | None = None, *, run: Run | None = None) -> Table:
        return code_sampler(self.codec, self.draw, where).sample(rows, run)

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        return code_sampler(self.codec, self.draw, where).batches(rows, run)

    def facts(self) -> dict[str, Any]:
        return {"suppressed": self.codec.suppressed()}

    def write_state(self, folder: Path) -> None:
        codec_files.write_codec(self.codec, folder)
        shares: dict[str, Any] = {str(j): shares for j, shares in enumerate(self.shares)}
        np.savez_compressed(folder / "shares.npz", **shares)

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        with np.load(folder / "shares.npz", allow_pickle=False) as stored:
            shares = tuple(stored[str(j)] for j in range(len(stored.files)))
        return cls(settings, codec_files.read_codec(folder, schema), shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginals:
    """Settings.

    Attributes:
        protect: Merge categories with fewer than five rows and fit the tails of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="marginals",
        description="independent columns; the baseline that shows what modelling dependence adds",
        source="the product of the empirical distributions",
        joint=False,
    )
    model: ClassVar[type[MarginalsModel]] = MarginalsModel

    protect: bool = True

    def fit(self, data: Table, *, run: Run | None = None) -> MarginalsModel:
        run = run or Run()
        codec = Codec.from_data(data, protect=self.protect)
        codes, levels = codec.encode(data), codec.levels
        shares = []
        for j in run.track(range(len(levels)), "fit", len(levels)):
            counts = np.bincount(codes[j], minlength=levels[j]).astype(float)
            shares.append(counts / counts.sum() if len(data) else np.ones(levels[j]) / levels[j])
        return MarginalsModel(self, codec, tuple(shares))
