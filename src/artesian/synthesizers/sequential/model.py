"""Sequential synthesis: one conditional distribution per column, sampled column after column.

    p(x) = p(x_1) p(x_2 | x_1) ... p(x_p | x_1, ..., x_{p-1})

* Sequential trees: Reiter 2005, "Using CART to generate partially synthetic, public use microdata".
* Conditions: sequential importance resampling, in `conditioned.py`.
* Optional last step: rejection of rows by an estimated density ratio (Azadi et al. 2019).

Every column is a row of integer codes, so the state of a sample is one array of shape (columns, rows).
`fit.py` fits the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from artesian.core.archives import read_arrays
from artesian.core.run import Run
from artesian.core.validated import require, require_range, require_shape
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.encoding import codec_files
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.code_sampling import code_sampler
from artesian.synthesizers.completion import Completed, complete
from artesian.synthesizers.memorisation import Memorised
from artesian.synthesizers.protocol import MIN_PROBABILITY, Where
from artesian.synthesizers.sequential.conditional import Conditional
from artesian.synthesizers.sequential.conditioned import Factor, propose
from artesian.synthesizers.sequential.ensemble import Ensemble
from artesian.synthesizers.sequential.functional_dependencies import FunctionalDependency, OneHot
from artesian.synthesizers.sequential.rejection import RejectionSampler

Codes = NDArray[np.uint8]

MAX_PROPOSALS = 20
"""Maximum number of times a block is proposed before its last proposal is accepted as it is."""

ENSEMBLE_DRAWS = 4
"""Random choices of ensembles over which log-densities average the probability of a value."""


@dataclass(frozen=True, slots=True)
class SequentialModel:
    """A fitted sequential model of p columns and g one-hot groups.

    Attributes:
        groups: One-hot columns that are one category; each adds a column behind those of the codec.
        order: Columns in the order they are drawn, shape (p + g,).
        factors: The distribution of each column of `order` given the columns before it.
        memorised: What the model memorises; None if it was not estimated.
        refinement: Accepts or rejects drawn rows; None accepts all.
    """

    settings: Any
    codec: TableCodec
    groups: tuple[OneHot, ...]
    order: NDArray[np.int64]
    factors: tuple[Factor, ...]
    memorised: Memorised | None = None
    refinement: RejectionSampler | None = None

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
        return code_sampler(self.codec, self.draw, where).sample(rows, run)

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        """Sample in batches, in constant memory; see `Model.batches`."""
        return code_sampler(self.codec, self.draw, where).batches(rows, run)

    def draw(self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
        """Sample `rows` rows, those of the density-ratio test if there is one, shape (p, rows).

        Args:
            weights: Admitted fraction of each code, shape (levels,), of each conditioned column.
        """
        p = len(self.codec.names)
        if self.refinement is None:
            return self.propose(rng, rows, weights)[:p]
        batches, count = [], 0
        for _ in range(MAX_PROPOSALS):
            codes = self.propose(rng, rows, weights)  # (p + g, rows)
            batches.append(codes[:p, self.refinement.accepted(codes, rng)])
            count += batches[-1].shape[1]
            if count >= rows:
                break
        else:  # under a condition that real rows rarely satisfy, the ratio may reject nearly all
            batches.append(codes[:p])
        return np.ascontiguousarray(np.concatenate(batches, axis=1)[:, :rows])

    def propose(self, rng: np.random.Generator, rows: int, weights: Mapping[int, Floats]) -> Codes:
        """Sample by the chain rule, shape (p + g, rows); see `propose`."""
        temperature = self.settings.temperature
        return propose(self.order, self.factors, rng, rows, weights, temperature=temperature)

    def check_values(self) -> None:
        """Check what kernels take for granted: every index is within its array."""
        levels = [*self.codec.levels.tolist(), *(len(group.columns) for group in self.groups)]
        p, columns = len(self.codec.names), len(levels)
        require_shape(self.order, (columns,), "order")
        require(len(self.factors) == columns, "there is not one factor for each column")
        require(sorted(self.order.tolist()) == list(range(columns)), "order lacks a column")
        for group in self.groups:
            require_range(group.columns, 0, p, "columns of a one-hot group")
        for j, factor in zip(self.order.tolist(), self.factors, strict=True):
            require(factor.cdf.shape[1] == levels[j], f"column {j} does not have {levels[j]} codes")
            factor.check_columns(levels)
        if self.refinement is not None:
            self.refinement.ensemble.check_columns(levels)

    @property
    def _names(self) -> tuple[str, ...]:
        names = self.codec.names
        groups = [f"{names[g.columns[0]]} to {names[g.columns[-1]]}" for g in self.groups]
        return (*names, *groups)

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        names = self._names
        factors = list(zip(self.order, self.factors, strict=True))
        return {
            "order": [names[j] for j in self.order],
            "leaves": {names[j]: len(factor.cdf) for j, factor in factors},
            "determined": {
                names[j]: names[factor.source]
                for j, factor in factors
                if isinstance(factor, FunctionalDependency)
            },
            "suppressed": self.codec.suppressed(),
            "memorised": None if self.memorised is None else self.memorised.to_dict(),
        }

    def log_likelihood(self, table: Table, *, run: Run | None = None) -> dict[str, float]:
        """Mean log-likelihood of each column's codes given those before it, in nats per row."""
        codes = with_groups(self.codec.coded_table(table), self.groups).codes
        names = self._names
        terms = self._log_terms(codes, run or Run(), 1)
        return {names[j]: float(values.mean()) for j, values in terms}

    def log_densities(self, table: Table, *, run: Run | None = None) -> Floats:
        """Log-density of each row by column, in nats; the last term has all that is of no column.

        The probability of a value is its mean over the cross-fitted ensembles.

        Returns:
            Shape (p + 1, n).
        """
        codes = with_groups(self.codec.coded_table(table), self.groups).codes
        p = len(self.codec.names)
        out = np.zeros((p + 1, len(table)))
        for j, values in self._log_terms(codes, run or Run(), ENSEMBLE_DRAWS):
            out[min(j, p)] += values
        if self.refinement is not None:
            out[p] += np.log(self.refinement.ratio(codes))
        return out

    def complete(
        self,
        table: Table,
        imputations: int,
        *,
        relations: Sequence[str] | None = None,
        run: Run | None = None,
    ) -> Iterator[Completed]:
        """Draw the missing values of `table`; see `CompletingModel.complete`."""
        from artesian.synthesizers.sequential.completion import Completion

        draw = Completion(self, table).draw
        return complete(self.codec, table, draw, imputations, relations, run or Run())

    def _log_terms(self, codes: Codes, run: Run, draws: int) -> Iterator[tuple[int, Floats]]:
        """Each modelled column, and the log-probability of its codes, shape (n,), whose probability is
        the mean over `draws` choices of ensembles."""
        rng = run.seed.child("likelihood").rng()
        for j, factor in zip(self.order.tolist(), self.factors, strict=True):
            run.check("likelihood")
            table = factor.probabilities()  # (leaves, levels of j)
            choices = draws if isinstance(factor, Conditional) and factor.scores is not None else 1
            total = np.zeros(codes.shape[1])
            for _ in range(choices):
                total += table[factor.leaves(codes, rng), codes[j]]
            yield j, np.log(np.maximum(total / choices, MIN_PROBABILITY))

    def write_state(self, folder: Path) -> None:
        """Write everything `read_state` needs into `folder`."""
        codec_files.write_codec(self.codec, folder)
        arrays: dict[str, NDArray[Any]] = {"order": self.order}
        for number, group in enumerate(self.groups):
            arrays |= {f"columns.{number}": group.columns, f"on.{number}": group.on}
        if self.memorised is not None:
            arrays["memorised"] = self.memorised.to_array()
        if self.refinement is not None:
            ensemble = self.refinement.ensemble.to_arrays()
            arrays |= {f"refinement.{name}": array for name, array in ensemble.items()}
        for at, factor in enumerate(self.factors):
            arrays |= {f"{at}/{name}": array for name, array in factor.to_arrays().items()}
        np.savez_compressed(folder / "chain.npz", allow_pickle=False, **arrays)

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        """Read what `write_state` wrote."""
        arrays = read_arrays(folder / "chain.npz")

        def part(prefix: str) -> dict[str, NDArray[Any]]:
            return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}

        ons = part("on.")
        groups = tuple(OneHot(arrays[f"columns.{n}"], ons[str(n)]) for n in range(len(ons)))
        factors = read_factors(arrays, len(arrays["order"]))
        ensemble = part("refinement.")
        refinement = RejectionSampler(Ensemble.from_arrays(ensemble)) if ensemble else None
        codec = codec_files.read_codec(folder, schema)
        memorised = Memorised.from_array(arrays["memorised"]) if "memorised" in arrays else None
        order = arrays["order"]
        return cls(settings, codec, groups, order, factors, memorised, refinement)


def read_factors(arrays: Mapping[str, NDArray[Any]], count: int) -> tuple[Factor, ...]:
    """The factors of a chain, of arrays whose names begin with the number of the factor."""
    own: list[dict[str, NDArray[Any]]] = [{} for _ in range(count)]
    for name, array in arrays.items():
        number, slash, rest = name.partition("/")
        if slash and number.isdecimal() and int(number) < count:
            own[int(number)][rest] = array
    kinds = (FunctionalDependency if "source" in each else Conditional for each in own)
    return tuple(kind.from_arrays(each) for kind, each in zip(kinds, own, strict=True))


def with_groups(columns: CodedTable, groups: tuple[OneHot, ...]) -> CodedTable:
    """`columns` and behind them the category of each one-hot group, p + g columns in all."""
    return columns.with_categories(
        [f"group {number}" for number in range(len(groups))],
        [group.category(columns.codes) for group in groups],
        [len(group.columns) for group in groups],
    )
