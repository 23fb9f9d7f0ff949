"""The chain rule over coded columns: one `Conditional` a column, all fitted on real rows at once,
drawn one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.encoding import codec_files
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import Codec
from artesian.synthesizers.code_sampling import code_sampler
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.sequential.conditional import Conditional
from artesian.synthesizers.sequential.ensemble import Ensemble
from artesian.synthesizers.sequential.functional_dependencies import (
    FunctionalDependency,
    OneHot,
)
from artesian.synthesizers.sequential.rejection import RejectionSampler

Codes = NDArray[np.uint8]

CANDIDATES = 8
"""Rows drawn for each row kept, while a column that a condition names still lies ahead."""

ATTEMPTS = 20
"""Most draws for one block of refined rows."""

SHARED = 300
"""Most columns for which the curves of all of them are kept: what is not used of them costs as well."""

Link = Conditional | FunctionalDependency


@dataclass(frozen=True, slots=True)
class ChainModel:
    """Attributes:
    groups: Columns that are one category together; each adds a column to those of the codec.
    order: Columns in the order they are drawn, shape (p + groups,).
    links: What each column of `order` is drawn by.
    refinement: Which drawn rows are kept; None keeps them all.
    """

    settings: Any
    codec: Codec
    groups: tuple[OneHot, ...]
    order: NDArray[np.int64]
    links: tuple[Link, ...]
    refinement: RejectionSampler | None = None

    @property
    def schema(self) -> Schema:
        return self.codec.schema

    @property
    def origin(self) -> Origin:
        return self.codec.origin

    def empty(self) -> Table:
        return self.codec.empty()

    def draw(self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
        """Codes of `rows` rows, shape (p, rows), without those of the groups."""
        p = len(self.codec.names)
        if self.refinement is None:
            return self.unrefined(rng, rows, weights)[:p]
        parts, found = [], 0
        for _ in range(ATTEMPTS):
            codes = self.unrefined(rng, rows, weights)
            parts.append(codes[:p, self.refinement.kept(codes, rng)])
            found += parts[-1].shape[1]
            if found >= rows:
                break
        else:  # a condition the real rows hardly meet: better drawn by the chain than not at all
            parts.append(codes[:p])
        return np.ascontiguousarray(np.concatenate(parts, axis=1)[:, :rows])

    def unrefined(
        self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]
    ) -> Codes:
        """Codes as the chain draws them, those of the groups included, shape (p + groups, rows).

        Conditions are met by sequential importance resampling: candidates get admitted codes only,
        each weighs what its earlier columns gave to them, and is chosen by weight at once, as many of
        them as there were while more conditions lie ahead. Columns after that are drawn for the chosen
        rows, so they differ between copies.
        """
        weights, settled = self._passed_on(weights)
        ahead = [
            at for at, j in enumerate(self.order) if int(j) in weights and int(j) not in settled
        ]
        last = max(ahead, default=-1)
        codes = np.zeros((len(self.order), rows * CANDIDATES if ahead else rows), np.uint8)
        for at, link in enumerate(self.links):
            j = int(self.order[at])
            leaf = link.leaves(codes, rng)
            cdf = self._cdf(link, weights.get(j))
            codes[j] = self._drawn(leaf, cdf, rng)
            if at in ahead:
                chosen = rows if at == last else codes.shape[1]
                codes = np.ascontiguousarray(codes[:, _resampled(cdf[leaf, -1], chosen, rng)])
        return codes

    def _passed_on(self, weights: Mapping[int, Floats]) -> tuple[dict[int, Floats], set[int]]:
        """Conditions on determined columns as conditions on what decides them too, and the columns
        that need no weight of their own for it."""
        passed = dict(weights)
        settled = set()
        for at in reversed(range(len(self.links))):
            j, link = int(self.order[at]), self.links[at]
            if j in passed and isinstance(link, FunctionalDependency):
                admitted = link.shares() @ passed[j]
                passed[link.source] = passed.get(link.source, 1.0) * admitted
                settled.add(j)
        return passed, settled

    def _cdf(self, link: Link, weight: Floats | None) -> NDArray[Any]:
        temperature = self.settings.temperature
        if weight is None and temperature == 1.0:
            return link.cdf
        shares = link.shares()
        if temperature != 1.0:
            likeliest = shares.max(
                axis=1, keepdims=True
            )  # nothing but zeros without, when it is cold
            shares = (shares / likeliest) ** (1.0 / temperature)
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
        from artesian.synthesizers.sequential import tree as tree_kernels

        return np.asarray(tree_kernels.draw(leaf, cdf, rng.random(len(leaf))))

    def sample(self, rows: int, where: Where | None = None, *, run: Run | None = None) -> Table:
        return code_sampler(self.codec, self.draw, where).sample(rows, run)

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        return code_sampler(self.codec, self.draw, where).batches(rows, run)

    @property
    def _names(self) -> tuple[str, ...]:
        names = self.codec.names
        groups = [f"{names[g.columns[0]]} to {names[g.columns[-1]]}" for g in self.groups]
        return (*names, *groups)

    def facts(self) -> dict[str, Any]:
        names = self._names
        return {
            "order": [names[j] for j in self.order],
            "leaves": {
                names[j]: len(link.cdf) for j, link in zip(self.order, self.links, strict=True)
            },
            "determined": {
                names[j]: names[link.source]
                for j, link in zip(self.order, self.links, strict=True)
                if isinstance(link, FunctionalDependency)
            },
            "suppressed": self.codec.suppressed(),
        }

    def log_likelihood(self, table: Table, *, run: Run | None = None) -> dict[str, float]:
        """Mean log-likelihood of each column's codes given those before it, in nats per row."""
        run = run or Run()
        rng = run.seed.child("likelihood").rng()
        codes = with_groups(self.codec.coded_table(table), self.groups).codes
        names = self._names
        out = {}
        for j, link in zip(self.order, self.links, strict=True):
            shares = link.shares()[link.leaves(codes, rng), codes[j]]
            out[names[j]] = float(np.log(np.maximum(shares, 1e-7)).mean())
        return out

    def write_state(self, folder: Path) -> None:
        codec_files.write_codec(self.codec, folder)
        arrays: dict[str, NDArray[Any]] = {"order": self.order}
        for number, group in enumerate(self.groups):
            arrays |= {f"columns.{number}": group.columns, f"on.{number}": group.on}
        if self.refinement is not None:
            named = self.refinement.ensemble.to_arrays().items()
            arrays |= {f"refinement.{name}": value for name, value in named}
        for at, link in enumerate(self.links):
            arrays |= {f"{at}/{name}": value for name, value in link.to_arrays().items()}
        np.savez_compressed(folder / "chain.npz", allow_pickle=False, **arrays)

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        parts: dict[str, dict[str, NDArray[Any]]] = {}
        with np.load(folder / "chain.npz", allow_pickle=False) as stored:
            order = stored["order"]
            count = sum(name.startswith("columns.") for name in stored.files)
            groups = tuple(
                OneHot(stored[f"columns.{number}"], stored[f"on.{number}"])
                for number in range(count)
            )
            for name in stored.files:
                at, _, part = name.partition("/")
                if part:
                    parts.setdefault(at, {})[part] = stored[name]
            ensemble = {
                name.removeprefix("refinement."): stored[name]
                for name in stored.files
                if name.startswith("refinement.")
            }
        refinement = RejectionSampler(Ensemble.from_arrays(ensemble)) if ensemble else None
        kinds = [
            FunctionalDependency if "source" in parts[str(at)] else Conditional
            for at in range(len(order))
        ]
        links = tuple(kind.from_arrays(parts[str(at)]) for at, kind in enumerate(kinds))
        return cls(
            settings, codec_files.read_codec(folder, schema), groups, order, links, refinement
        )


def with_groups(columns: CodedTable, groups: tuple[OneHot, ...]) -> CodedTable:
    """`columns` with one more for the category of each group, p + groups in all."""
    return columns.with_categories(
        [f"group {number}" for number in range(len(groups))],
        [group.category(columns.codes) for group in groups],
        [len(group.columns) for group in groups],
    )


def _resampled(weight: Floats, rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Systematic resampling (Kitagawa 1996), then shuffled so that copies are not neighbours."""
    cum = np.cumsum(weight)
    at = (np.arange(rows) + rng.random()) / rows * cum[-1]
    chosen = np.minimum(np.searchsorted(cum, at, side="right"), len(cum) - 1)
    return rng.permutation(chosen)
