"""Some rows of a table, with derived values that several features share computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import polars as pl

from artesian.data.frames import as_text
from artesian.metrics.common.arrays import Floats, Ints

Shared = TypeVar("Shared")


@dataclass(frozen=True, slots=True)
class View:
    """Rows to derive features of.

    Attributes:
        frame: The rows, as many for each compared table.
        whole: All rows of the table that `frame` was drawn from.
        positions: (rows,) positions of `frame` in `whole`.
        folds: (rows,) the fold of each row; a detector is tested on one and trained on the others.
    """

    frame: pl.DataFrame
    whole: pl.DataFrame
    positions: Ints
    folds: Ints
    _cache: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def shared(self, key: Any, compute: Callable[[], Shared]) -> Shared:
        """`compute()`, computed once per `key`."""
        if key not in self._cache:
            self._cache[key] = compute()
        value: Shared = self._cache[key]
        return value

    def texts(self, name: str) -> pl.Series:
        """(rows,) the values of a column as text."""
        return self.shared(("texts", name), lambda: as_text(self.frame[name]))


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature.

    Attributes:
        label: What it is of its columns, as in 'the length of the text'.
        owners: The columns that it is derived from; the label is about the first one.
        values: View -> (rows,) values, NaN where there is none.
        discrete: Whether the values are codes of categories.
    """

    label: str
    owners: tuple[str, ...]
    values: Callable[[View], Floats]
    discrete: bool = False
