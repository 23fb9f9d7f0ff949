"""The public synthesizers: they fit any table, and their rows have the type of that table.

>>> import artesian as ar
>>> ar.Trees(min_leaf=50).fit(frame).sample(1000, where={"age": ar.Range(30, 40)})  # doctest: +SKIP

Their settings are accepted wherever those of `artesian.synthesizers` are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from artesian.core.run import Run
from artesian.data.dataframes import as_in_memory, to_dataframe_like
from artesian.data.dataset import Dataset, DatasetSchema
from artesian.data.read import read, read_dataset
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.runs.resolve import methods_of_tables
from artesian.synthesizers import marginals, store
from artesian.synthesizers.condition_parsing import parse_conditions
from artesian.synthesizers.protocol import Model, Synthesizer, Where
from artesian.synthesizers.relational import relational_trees
from artesian.synthesizers.relational.relational_trees import RelationalModel
from artesian.synthesizers.release import related_release_model, release_model
from artesian.synthesizers.sequential import boosted, trees


def like_source(table: Table, source: Any) -> Any:
    """`table` in the type of `source`; a Polars frame if that is a path."""
    if isinstance(source, str | PathLike):
        return as_in_memory(table)
    return to_dataframe_like(table, source)


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """A fitted model, as `synth`, `load` and `fit` return it.

    Its rows have the type of the data it was fitted on; those of a loaded model are Polars frames.

    Attributes:
        model: The underlying model of `artesian.synthesizers`, whose rows are `Table`s.
        folder: The folder it was loaded from; None if it was fitted here.
    """

    model: Model
    _like: Any = field(repr=False)
    folder: Path | None = None

    @classmethod
    def from_model(cls, model: Model | FittedModel, like: Any) -> FittedModel:
        """Wrap `model` to return rows of the type of `like`, or Polars frames if that is a path."""
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
            run: Seed, progress, cancellation and workers.

        Raises:
            UsageError: a condition has no '=', or `rows` is negative.
            SchemaError: a condition names an unknown column.
            ConditionError: the model cannot satisfy a condition.
        """
        with self._reading():
            return like_source(self.model.sample(rows, self._parsed(where), run=run), self._like)

    def batches(
        self, rows: int, where: Where | Iterable[str] | None = None, *, run: Run | None = None
    ) -> Iterator[Any]:
        """The rows of `sample` in batches, in memory that does not grow with `rows`."""
        with self._reading():
            for table in self.model.batches(rows, self._parsed(where), run=run):
                yield like_source(table, self._like)

    def for_release(self, training_rows: int, *, run: Run | None = None) -> FittedModel:
        """The release model: the method fitted again, on synthetic rows of this model.

        It reveals no more of the training rows than these synthetic rows do, two for each training
        row.

        Args:
            training_rows: Number of rows that this model was fitted on.
            run: Seed, progress, cancellation and workers.

        Raises:
            UsageError: The method has no release model.
        """
        return replace(self, model=release_model(self.model, training_rows, run=run))

    def facts(self) -> dict[str, Any]:
        """Choices that fitting made from the data: order of columns, suppressed values, ..."""
        return self.model.facts()

    def write_state(self, folder: Path) -> None:
        """Write the model's state into `folder`; `artesian.save` writes a model that `load` reads."""
        self.model.write_state(folder)

    def _reading(self) -> AbstractContextManager[None]:
        """Errors in the values of a loaded model name its folder."""
        return nullcontext() if self.folder is None else store.reading(self.folder)

    def _parsed(self, where: Where | Iterable[str] | None) -> Where | None:
        return parse_conditions(where, self.schema, self.model.empty().frame) if where else None


@dataclass(frozen=True, kw_only=True)
class RelatedModel:
    """A fitted model of related tables, as `synth_related`, `load` and `fit` return it.

    Its tables have the types of the data it was fitted on; those of a loaded model are Polars frames.

    Attributes:
        model: The underlying model of `artesian.synthesizers`, whose samples are `Dataset`s.
        folder: The folder it was loaded from; None if it was fitted here.
    """

    model: RelationalModel
    _like: Any = field(repr=False)
    folder: Path | None = None

    @property
    def settings(self) -> relational_trees.RelationalTrees:
        """The synthesizer that fitted it, with its settings."""
        return self.model.settings

    @property
    def schema(self) -> DatasetSchema:
        """The schemas of its tables, and the foreign keys."""
        return self.model.schema

    def empty(self) -> dict[str, Any]:
        """The tables without rows, with the columns and types of every sample."""
        return tables_like(self.model.empty, self._like)

    def sample(
        self,
        scale: float = 1.0,
        where: Where | Iterable[str] | None = None,
        *,
        run: Run | None = None,
    ) -> dict[str, Any]:
        """Sample all tables, by name.

        Args:
            scale: Number of rows relative to the source, more than 0.
            where: Conditions on columns of tables: texts such as 'customer.country=FR', or a mapping of
                'customer.country' to a value, a list of values or a `Range`. Rows that belong to others
                follow them.
            run: Seed, progress, cancellation and workers.

        Raises:
            UsageError: `scale` is not more than 0, or a condition names no table.
            ConditionError: a table or column is unknown, or too few rows satisfy the conditions.
            DataError: the rows would take more memory than the limit.
        """
        with self._reading():
            return tables_like(self.model.sample(scale, where, run=run), self._like)

    def for_release(self, *, run: Run | None = None) -> RelatedModel:
        """The release model: the method fitted again, on synthetic tables of this model.

        It reveals no more of the training rows than these tables do, which are as large as the source.
        """
        return replace(self, model=related_release_model(self.model, run=run))

    def facts(self) -> dict[str, Any]:
        """Choices that fitting made from the data: order of tables, suppressed values, orphans."""
        return self.model.facts()

    def _reading(self) -> AbstractContextManager[None]:
        """Errors in the values of a loaded model name its folder."""
        return nullcontext() if self.folder is None else store.reading(self.folder)


def tables_like(dataset: Dataset, source: Any) -> dict[str, Any]:
    """The tables by name, each in the type of its source; Polars frames if that has no dataframes."""
    types = source if isinstance(source, Mapping) and not isinstance(source, Dataset) else {}
    return {
        name: to_dataframe_like(table, types[name]) if name in types else table.frame
        for name, table in dataset.items()
    }


class RelationalTrees(relational_trees.RelationalTrees):
    """Related tables; settings as in `artesian.synthesizers.relational.relational_trees`."""

    def fit(
        self,
        data: Any,
        *,
        methods: Mapping[str, str | Synthesizer] | None = None,
        run: Run | None = None,
    ) -> Any:
        """Fit on a folder, a database, a `Dataset`, or dataframes by the names of their tables.

        Args:
            data: The tables.
            methods: Methods of single tables by the name of the table that they serve, such as
                {'customer': 'gaussian_copula'}; tables whose rows belong to no other one can have one.
            run: Seed, progress, cancellation and workers.
        """
        own = methods_of_tables(methods or {})
        model = super().fit(read_dataset(data), methods=own, run=run)
        return RelatedModel(model=model, _like=data)


class Trees(trees.Trees):
    """Sequential histogram trees; settings as in `artesian.synthesizers.sequential.trees`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a file, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


class Boosted(boosted.Boosted):
    """Boosted sequential trees; settings as in `artesian.synthesizers.sequential.boosted`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a file, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


class Marginals(marginals.Marginals):
    """Independent columns; settings as in `artesian.synthesizers.marginals`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a file, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


def _fitted(fit: Callable[..., Any], data: Any, run: Run | None) -> FittedModel:
    return FittedModel.from_model(fit(read(data), run=run), like=data)
