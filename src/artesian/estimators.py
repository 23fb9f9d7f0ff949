"""The synthesizers of the front door: any table goes in, and rows of the same type come out.

>>> import artesian as ar
>>> ar.Trees(min_leaf=50).fit(frame).sample(1000, where={"age": ar.Range(30, 40)})  # doctest: +SKIP

A settings object made here works wherever one of `artesian.synthesizers` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.dataframes import to_dataframe_like
from artesian.data.read import read
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.synthesizers import marginals
from artesian.synthesizers.condition_parsing import parse_conditions
from artesian.synthesizers.protocol import Model, Synthesizer, Where
from artesian.synthesizers.sequential import boosted, trees


def like_source(table: Table, source: Any) -> Any:
    """`table` in the type of what was read; a Polars frame if that was a path."""
    return table.frame if isinstance(source, str | PathLike) else to_dataframe_like(table, source)


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """A fitted model as every public function returns it: `synth`, `load`, and `fit` of a synthesizer.

    Its rows have the type of what it was fitted on; those of a loaded model are Polars frames.

    Attributes:
        model: The model of `artesian.synthesizers` behind it, whose rows are `Table`s.
    """

    model: Model
    _like: Any = field(repr=False)

    @classmethod
    def from_model(cls, model: Model | FittedModel, like: Any) -> FittedModel:
        """The public face of `model`, with rows of the type of `like` (a path: Polars frames)."""
        inner = model.model if isinstance(model, FittedModel) else model
        return cls(model=inner, _like=like)

    @property
    def settings(self) -> Synthesizer:
        """The synthesizer that fitted it, with its settings."""
        return self.model.settings

    @property
    def schema(self) -> Schema:
        """The schema of its rows."""
        return self.model.schema

    @property
    def origin(self) -> Origin:
        """Where the training data came from, and in which format."""
        return self.model.origin

    def empty(self) -> Any:
        """No rows, with the columns and types of every sample."""
        return like_source(self.model.empty(), self._like)

    def sample(
        self, rows: int, where: Where | Iterable[str] | None = None, *, run: Run | None = None
    ) -> Any:
        """Sample `rows` rows that satisfy `where`; the other columns are sampled conditionally on it.

        Args:
            rows: Number of rows, 0 or more. `sample(10)` returns the first rows of `sample(1000)`.
            where: A mapping of column to a value, a list of values or a `Range`; or texts such as
                'age=30..40', 'income=>50K', 'city=Paris,Rome'.
            run: Progress, cancelling, workers and the seed.

        Raises:
            UsageError: a text without '=', or fewer than 0 rows.
            SchemaError: a condition on an unknown column.
            ConditionError: a condition that the model cannot satisfy.
        """
        return like_source(self.model.sample(rows, self._parsed(where), run=run), self._like)

    def batches(
        self, rows: int, where: Where | Iterable[str] | None = None, *, run: Run | None = None
    ) -> Iterator[Any]:
        """The rows of `sample` in pieces, in memory that does not grow with `rows`."""
        for table in self.model.batches(rows, self._parsed(where), run=run):
            yield like_source(table, self._like)

    def facts(self) -> dict[str, Any]:
        """What fitting decided."""
        return self.model.facts()

    def write_state(self, folder: Path) -> None:
        """Write the model's state into `folder`; `artesian.save` writes all that `load` needs."""
        self.model.write_state(folder)

    def _parsed(self, where: Where | Iterable[str] | None) -> Where | None:
        return parse_conditions(where, self.schema, self.model.empty().frame) if where else None


class Trees(trees.Trees):
    """Sequential histogram trees; settings as in `artesian.synthesizers.sequential.trees`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a path, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


class Boosted(boosted.Boosted):
    """Boosted sequential trees; settings as in `artesian.synthesizers.sequential.boosted`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a path, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


class Marginals(marginals.Marginals):
    """Independent columns; the settings are those of `artesian.synthesizers.marginals`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a path, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


def _fitted(fit: Callable[..., Any], data: Any, run: Run | None) -> FittedModel:
    return FittedModel.from_model(fit(read(data), run=run), like=data)
