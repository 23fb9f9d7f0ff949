"""The chain rule over coded columns: one `Conditional` a column, all fitted on real rows at once,
drawn one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import DataError
from artesian.core.run import Run
from artesian.data.codec import Codec, Codes
from artesian.data.schema import Schema
from artesian.data.segments import Floats
from artesian.data.table import Table
from artesian.synthesizers import blocks
from artesian.synthesizers.conditional import Conditional, TreeSettings
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.scores import ScoreSettings

CANDIDATES = 8
"""Rows drawn for each row kept, while a column that a condition names still lies ahead."""


@dataclass(frozen=True, slots=True)
class ChainModel:
    """Attributes:
    order: Columns of the codec in the order they are drawn, shape (p,).
    links: The conditional of each column of `order`.
    """

    settings: Any
    codec: Codec
    order: NDArray[np.int64]
    links: tuple[Conditional, ...]

    @property
    def schema(self) -> Schema:
        return self.codec.schema

    def draw(self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
        """Codes of `rows` rows, shape (p, rows).

        Conditions are met by importance resampling: candidates get admitted codes only, each weighs
        what its earlier columns gave to them, and rows are chosen by weight once all conditions are
        behind. Columns after that are drawn for the chosen rows, so they differ between copies.
        """
        last = max((at for at, j in enumerate(self.order) if int(j) in weights), default=-1)
        count = rows * CANDIDATES if last >= 0 else rows
        codes = np.zeros((len(self.order), count), np.uint8)
        log_weight = np.zeros(count)
        for at, link in enumerate(self.links):
            j = int(self.order[at])
            leaf = link.leaves(codes, rng)
            cdf = self._cdf(link, weights.get(j))
            if j in weights:
                log_weight += np.log(np.maximum(cdf[leaf, -1], 1e-300))
            codes[j] = self._drawn(leaf, cdf, rng)
            if at == last:
                codes = np.ascontiguousarray(codes[:, _resampled(log_weight, rows, rng)])
        return codes

    def _cdf(self, link: Conditional, weight: Floats | None) -> NDArray[Any]:
        temperature = self.settings.temperature
        if weight is None and temperature == 1.0:
            return link.cdf
        shares = link.shares()
        if temperature != 1.0:
            shares = shares ** (1.0 / max(temperature, 1e-3))
            shares /= shares.sum(axis=1, keepdims=True)
        if weight is not None:
            shares = shares * weight
            # A leaf that gives the condition no chance keeps a trace, so that rows can be drawn.
            shares[shares.sum(axis=1) <= 0] = weight * 1e-12
        return np.cumsum(shares, axis=1)

    @staticmethod
    def _drawn(
        leaf: NDArray[np.int32], cdf: NDArray[Any], rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        from artesian.synthesizers import grow

        return np.asarray(grow.draw(leaf, cdf, rng.random(len(leaf))))

    def sample(self, rows: int, where: Where | None = None, *, run: Run | None = None) -> Table:
        return blocks.sample(self, rows, where, run or Run())

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        return blocks.batches(self, rows, where, run or Run())

    def facts(self) -> dict[str, Any]:
        names = self.codec.names
        return {
            "order": [names[j] for j in self.order],
            "leaves": {
                names[j]: len(link.cdf) for j, link in zip(self.order, self.links, strict=True)
            },
            "protected": self.codec.protected(),
        }

    def log_likelihood(self, table: Table, *, run: Run | None = None) -> dict[str, float]:
        """Mean log-likelihood of each column's codes given those before it, in nats per row."""
        run = run or Run()
        rng = run.seed.child("likelihood").rng()
        codes = self.codec.encode(table)
        names = self.codec.names
        out = {}
        for j, link in zip(self.order, self.links, strict=True):
            shares = link.shares()[link.leaves(codes, rng), codes[j]]
            out[names[j]] = float(np.log(np.maximum(shares, 1e-7)).mean())
        return out

    def write_state(self, folder: Path) -> None:
        blocks.write_codec(self.codec, folder)
        arrays: dict[str, NDArray[Any]] = {"order": self.order}
        for at, link in enumerate(self.links):
            arrays |= {f"{at}/{name}": value for name, value in link.arrays().items()}
        np.savez_compressed(folder / "chain.npz", allow_pickle=False, **arrays)

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        parts: dict[str, dict[str, NDArray[Any]]] = {}
        with np.load(folder / "chain.npz", allow_pickle=False) as stored:
            order = stored["order"]
            for name in stored.files:
                at, _, part = name.partition("/")
                if part:
                    parts.setdefault(at, {})[part] = stored[name]
        links = tuple(Conditional.of_arrays(parts[str(at)]) for at in range(len(order)))
        return cls(settings, blocks.read_codec(folder, schema), order, links)


def fit_chain(
    settings: Any,
    data: Table,
    tree: TreeSettings,
    score: ScoreSettings | None,
    *,
    protect: bool,
    run: Run,
) -> ChainModel:
    """Fit every conditional on `data`, in parallel over columns.

    Raises:
        DataError: there are no rows.
    """
    if not len(data):
        raise DataError("there are no rows to learn from", hint="give at least one row")
    run.check("fit")
    codec = Codec.from_data(data, protect=protect)
    codes = codec.encode(data)
    levels, ordered = codec.levels, codec.ordered
    columns = list(codec.coded.values())
    order = np.arange(len(columns))

    def task(at: int) -> Conditional:
        run.check("fit")
        j = int(order[at])
        return Conditional.fit(
            codes,
            levels,
            ordered,
            order[:at],
            j,
            missing=columns[j].ordered and columns[j].missing,
            tree=tree,
            score=score,
            rng=run.seed.child("fit", codec.names[j]).rng(),
        )

    workers = run.workers or os.cpu_count() or 1
    # The last columns look at the most others: started first, they do not leave a core idle.
    begun = list(reversed(range(len(columns))))
    links: list[Conditional | None] = [None] * len(columns)
    with ThreadPoolExecutor(workers) as pool:
        tasks = {at: pool.submit(task, at) for at in begun}
        try:
            for at in run.track(begun, "fit", len(begun)):
                links[at] = tasks[at].result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return ChainModel(settings, codec, order, tuple(link for link in links if link is not None))


def _resampled(
    log_weight: NDArray[np.float64], rows: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Systematic resampling (Kitagawa 1996), then shuffled so that copies are not neighbours."""
    weight = np.exp(log_weight - log_weight.max())
    cum = np.cumsum(weight)
    at = (np.arange(rows) + rng.random()) / rows * cum[-1]
    chosen = np.minimum(np.searchsorted(cum, at, side="right"), len(cum) - 1)
    return rng.permutation(chosen)
