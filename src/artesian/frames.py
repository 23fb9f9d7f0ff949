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
from artesian.data.door import give_back
from artesian.data.read import read
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.pipeline.where import settle_where
from artesian.synthesizers import boosted, marginals, trees
from artesian.synthesizers.protocol import Model, Synthesizer, Where


def like_source(table: Table, source: Any) -> Any:
    """`table` in the type of what was read; a Polars frame if that was a path."""
    return table.frame if isinstance(source, str | PathLike) else give_back(table, source)


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A fitted model that draws rows of the type it was fitted on.

    Attributes:
        model: The model itself; it draws `Table`s.
    """

    model: Model
    _like: Any = field(repr=False)

    @property
    def settings(self) -> Synthesizer:
        """What it was fitted with."""
        return self.model.settings

    @property
    def schema(self) -> Schema:
        """What the columns mean."""
        return self.model.schema

    def sample(
        self, rows: int, where: Where | Iterable[str] | None = None, *, run: Run | None = None
    ) -> Any:
        """Draw `rows` rows; the given columns hold `where` exactly, the others follow its law.

        Raises:
            SchemaError: a condition on an unknown column.
            ConditionError: a condition that the model cannot meet.
        """
        return like_source(self.model.sample(rows, self._settled(where), run=run), self._like)

    def batches(
        self, rows: int, where: Where | Iterable[str] | None = None, *, run: Run | None = None
    ) -> Iterator[Any]:
        """The rows of `sample`, in pieces, in memory that does not grow with `rows`."""
        for table in self.model.batches(rows, self._settled(where), run=run):
            yield like_source(table, self._like)

    def facts(self) -> dict[str, Any]:
        """What fitting decided."""
        return self.model.facts()

    def write_state(self, folder: Path) -> None:
        """Write the model's state, for `artesian.save`."""
        self.model.write_state(folder)

    def _settled(self, where: Where | Iterable[str] | None) -> Where | None:
        return settle_where(where, self.schema, self.model.sample(0).frame) if where else None


class Trees(trees.Trees):
    """Histogram trees in sequence; the settings are those of `artesian.synthesizers.trees`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a path, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


class Boosted(boosted.Boosted):
    """A chain of boosted trees; the settings are those of `artesian.synthesizers.boosted`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a path, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


class Marginals(marginals.Marginals):
    """Independent columns; the settings are those of `artesian.synthesizers.marginals`."""

    def fit(self, data: Any, *, run: Run | None = None) -> Any:
        """Fit on a path, or on a pandas, Polars, Arrow or DuckDB object."""
        return _fitted(super().fit, data, run)


def _fitted(fit: Callable[..., Any], data: Any, run: Run | None) -> Model | Fitted:
    known = data if isinstance(data, Table) else read(data)
    model: Model = fit(known, run=run)
    return model if known is data else Fitted(model=model, _like=data)
