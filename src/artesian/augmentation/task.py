"""The class to augment: a value of a target column, and the rows that it is learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.augmentation.features import FeatureEncoder
from artesian.core.errors import DataError, UsageError, did_you_mean
from artesian.core.formatting import count
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.roc import Truth
from artesian.synthesizers.condition_parsing import parse_conditions

MAX_NUMBERS = 20
"""Maximum number of distinct values of a number that is a class."""

MIN_CLASS = 4
"""Minimum number of rows of the class: half of them must allow an inner split."""


@dataclass(frozen=True, slots=True)
class ClassTask:
    """A class of a table against all other classes.

    Attributes:
        table: The rows with a value of the target.
        target: Name of the target column.
        value: The class.
        features: Encoding of the other columns.
        matrix: (rows, features) the encoded rows.
        labels: (rows,) number of the class of each row.
        positive: (rows,) the rows of the class.
    """

    table: Table
    target: str
    value: Any
    features: FeatureEncoder
    matrix: Floats
    labels: Ints
    positive: Truth

    @classmethod
    def from_table(cls, table: Table, target: str, minority: Any = None) -> Self:
        """The task of telling rows of `minority`, or of the rarest class, from all others.

        Args:
            minority: A value of the target, or text that denotes one; None for the rarest.

        Raises:
            SchemaError: There is no column `target`.
            DataError: It has one class, or no class `minority`, or nothing predicts it.
            UsageError: Its values are not classes.
        """
        column = table.schema[target]
        values = table.frame[target]
        rows = table.with_frame(table.frame.filter(values.is_not_null()))
        classes = _classes(rows.frame[target], column, table)
        value = classes.row(0)[0] if minority is None else _value(minority, classes, column, rows)
        features = FeatureEncoder.from_table(rows, without=target)
        if not features.features.columns:
            raise DataError(
                f"there is nothing to predict {target!r} from",
                hint="give a table with other numbers, dates or categories",
            )
        labels = rows.frame[target].rank("dense").cast(pl.Int64).to_numpy() - 1
        return cls(
            rows,
            target,
            value,
            features,
            features.matrix(rows.frame),
            labels,
            (rows.frame[target] == pl.lit(value)).to_numpy()
            if not isinstance(value, str)
            else (rows.frame[target].cast(pl.String) == value).to_numpy(),
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def name(self) -> str:
        """The class as a person writes it: 'outcome = yes'."""
        return f"{self.target} = {self.value}"

    def subset(self, rows: Ints) -> Self:
        """The task of the rows at these positions, shape (n,), with the same encoding."""
        return type(self)(
            self.table.with_frame(self.table.frame[rows]),
            self.target,
            self.value,
            self.features,
            self.matrix[rows],
            self.labels[rows],
            self.positive[rows],
        )

    @property
    def missing_rows(self) -> int:
        """Rows of the class that are missing to be as many as those of the largest other class."""
        others = np.bincount(self.labels[~self.positive])
        return max(int(others.max(initial=0)) - int(self.positive.sum()), 0)

    def require_rows(self, folds: int) -> None:
        """Check that the class and the others have enough rows for a cross-validation.

        Raises:
            DataError: They do not.
        """
        positives = int(self.positive.sum())
        for rows, name in ((positives, self.name), (len(self) - positives, f"not {self.name}")):
            if rows < max(folds, MIN_CLASS):
                enough = f"at most {rows} folds" if rows >= MIN_CLASS else f"{MIN_CLASS} rows or more"
                raise DataError(
                    f"{count(rows, 'row')} {'has' if rows == 1 else 'have'} {name}, too few for "
                    f"{folds} folds",
                    hint=f"use {enough}, or collect more rows: so few do not show a gain",
                )


def _classes(values: pl.Series, column: Column, table: Table) -> pl.DataFrame:
    """The classes with their numbers of rows, the rarest first."""
    name = column.name
    if column.kind in (Kind.TEXT, Kind.KEY):
        raise UsageError(
            f"the target {name!r} is a {column.kind.value} column, not a class",
            hint=_class_hint(table, name),
        )
    counts = values.value_counts(name="count").sort("count", name)
    if column.kind in (Kind.NUMBER, Kind.DATETIME) and counts.height > MAX_NUMBERS:
        kind = "number" if column.kind is Kind.NUMBER else "time"
        raise UsageError(
            f"the target {name!r} is a {kind} with {counts.height:,} values, not a class",
            hint=_class_hint(table, name),
        )
    if counts.height < 2:
        which = f"one class, {counts[name][0]!r}" if counts.height else "no values"
        raise DataError(
            f"the target {name!r} has {which}", hint="a model needs rows of two classes or more"
        )
    return counts


def _class_hint(table: Table, target: str) -> str:
    names = [n for n in table.schema.of_kind(Kind.CATEGORY, Kind.BOOLEAN) if n != target]
    if not names:
        return "add a column of classes, such as a number above a threshold: yes or no"
    return f"name a column of classes, such as {names[-1]!r}, or add one from a threshold"


def _value(minority: Any, classes: pl.DataFrame, column: Column, table: Table) -> Any:
    """The class that `minority` denotes, in the type of the column."""
    values = classes[column.name].to_list()
    if minority in values:
        return minority
    texts = {str(value): value for value in values}
    if str(minority) in texts:
        return texts[str(minority)]
    parsed = parse_conditions({column.name: minority}, table.schema, table.frame)[column.name]
    if parsed in values:
        return parsed
    raise DataError(
        f"{column.name!r} has no class {minority!r}", hint=did_you_mean(str(minority), texts)
    )
