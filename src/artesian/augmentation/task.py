"""The class to augment: a value of a target column, and the rows that it is learned from."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.augmentation.features import FeatureEncoder
from artesian.core.errors import ConditionError, DataError, UsageError, did_you_mean
from artesian.core.run import Seed
from artesian.data.row_groups import entity_groups, entity_of
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.roc import Truth
from artesian.synthesizers.condition_parsing import parse_conditions

MAX_NUMBERS = 20
"""Maximum number of distinct values of a number that is a class."""

MIN_TRAIN = 3
"""Minimum number of rows of the class to train on, two of which remain in an inner split."""


MIN_ENTITIES = 20
"""Minimum number of entities with a row of the class for an inferred entity to keep rows together."""


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
        groups: (rows,) number of the group of each row; a group is not divided between folds.
    """

    table: Table
    target: str
    value: Any
    features: FeatureEncoder
    matrix: Floats
    labels: Ints
    positive: Truth
    groups: Ints

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
        values = rows.frame[target]
        numbers = {one: number for number, one in enumerate(classes[target])}
        labels = np.array([numbers[one] for one in values], np.int64)
        positive = labels == numbers[value]
        matrix = features.matrix(rows.frame)
        return cls(rows, target, value, features, matrix, labels, positive, _groups(rows, positive))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def name(self) -> str:
        """The class as a person writes it: 'outcome = yes'."""
        return f"{self.target} = {class_text(self.value, self.table.schema[self.target])}"

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
            self.groups[rows],
        )

    @property
    def grouped(self) -> bool:
        """Whether a group has several rows."""
        return len(np.unique(self.groups)) < len(self)

    def folds(self, folds: int, seed: Seed) -> Ints:
        """Number of the fold of each row, (rows,); at most as many folds as groups with the class.

        Every fold has as many groups with a row of the class as any other, and as many without one,
        up to one group.
        """
        _, numbered = np.unique(self.groups, return_inverse=True)
        has_class = np.bincount(numbered, weights=self.positive) > 0
        rng, fold_of = seed.rng(), np.empty(len(has_class), np.int64)
        folds = min(folds, int(has_class.sum()))
        for groups in (np.flatnonzero(has_class), np.flatnonzero(~has_class)):
            fold_of[rng.permutation(groups)] = np.arange(len(groups)) % folds
        return fold_of[numbered]

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
        unit = "entity" if self.grouped else "row"
        for rows, name in ((self.positive, self.name), (~self.positive, f"not {self.name}")):
            groups = len(np.unique(self.groups[rows]))
            if groups < folds or groups - -(-groups // folds) < MIN_TRAIN:
                needed = max(folds, MIN_TRAIN + 1 if folds > MIN_TRAIN else 2 * MIN_TRAIN)
                units = {"row": "rows", "entity": "entities"}[unit] if groups != 1 else unit
                fewer = f"use at most {groups} folds, or " if MIN_TRAIN < groups < folds else ""
                raise DataError(
                    f"{groups:,} {units} {'has' if groups == 1 else 'have'} {name}, too few for "
                    f"{folds} folds",
                    hint=f"{fewer}collect {needed} or more: so few do not show a gain",
                )


def _groups(table: Table, positive: Truth) -> Ints:
    """The rows of each entity, if the class has enough entities for folds; else each row."""
    entity = entity_of(table)
    if entity is None:
        return np.arange(len(table))
    groups = np.asarray(entity_groups(table, entity), np.int64)
    inferred = table.schema.entity is None
    if inferred and len(np.unique(groups[positive])) < MIN_ENTITIES:
        return np.arange(len(table))
    return groups


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
        which = (
            f"one class, {class_text(counts[name][0], column)!r}" if counts.height else "no values"
        )
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
    texts = {class_text(value, column): value for value in values}
    if str(minority) in texts:
        return texts[str(minority)]
    with suppress(ConditionError):
        parsed = parse_conditions({column.name: minority}, table.schema, table.frame)[column.name]
        if parsed in values:
            return parsed
    raise DataError(
        f"{column.name!r} has no class {minority!r}", hint=did_you_mean(str(minority), texts)
    )


def class_text(value: Any, column: Column) -> str:
    """A class as its source writes it."""
    if isinstance(value, bool):
        written = column.value_format.true if value else column.value_format.false
        return written or str(value).lower()
    return str(value)
