"""Families of related tables: a row that belongs to no generated row, with all that belongs to it.

The rows of a family are alike, so families are what the bootstrap resamples and what policies choose.
Rows that belong to a row of a kept table are families of their own: the kept table is the same in every
generation, and does not grow with its families.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from artesian.collapse.stress.profile import Ints
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.synthesizers.relational.plan import Plan, TablePlan, parent_rows


@dataclass(frozen=True, slots=True)
class Part:
    """A dataset of which families are chosen: the source, or a generation.

    Attributes:
        dataset: The tables.
        parents: Row of the parent for each row of the child, -1 for none, by foreign key.
    """

    dataset: Dataset
    parents: Mapping[ForeignKey, Ints]

    @classmethod
    def from_dataset(cls, dataset: Dataset) -> Self:
        """A dataset with the parent rows of its foreign keys."""
        return cls(dataset, {key: parent_rows(dataset, key) for key in dataset.foreign_keys})


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """Which rows belong together. The plan of the source holds for all generations.

    Attributes:
        tables: The tables, parents first, with the foreign keys of each.
    """

    tables: tuple[TablePlan, ...]

    @classmethod
    def from_part(
        cls, source: Part, keep: tuple[str, ...] = (), generate: tuple[str, ...] = ()
    ) -> Self:
        """The plan of the source.

        Args:
            keep, generate: Tables that the method keeps, or generates, although it would not otherwise.

        Raises:
            UsageError: A table cannot be kept or generated.
        """
        return cls(Plan.from_dataset(source.dataset, source.parents, keep, generate).tables)

    def __iter__(self) -> Iterator[TablePlan]:
        return iter(self.tables)

    @property
    def kept(self) -> dict[str, str]:
        """Tables that are kept as they are -> the reason."""
        return {one.name: one.kept for one in self.tables if one.kept}

    def owner(self, one: TablePlan) -> ForeignKey | None:
        """The foreign key to the generated rows that the rows of a table belong to; None for none."""
        return None if one.owner is None or one.owner.parent in self.kept else one.owner

    def roots(self, one: TablePlan, part: Part) -> Ints:
        """The rows of a table that belong to no generated row, each of which begins a family."""
        owner = self.owner(one)
        if owner is None:
            return np.arange(len(part.dataset[one.name]))
        return np.flatnonzero(part.parents[owner] < 0)


def families_of(plan: FamilyPlan, source: Part) -> dict[str, tuple[Ints, int]]:
    """Of each table the family of its rows, and the number of families; a row without its owner is a
    family of its own.
    """
    families: dict[str, tuple[Ints, int]] = {}
    for one in plan:
        owner, size = plan.owner(one), len(source.dataset[one.name])
        if owner is None:
            families[one.name] = np.arange(size), size
            continue
        above, number = families[owner.parent]
        parents = source.parents[owner]
        own = np.append(above, -1)[parents]
        lone = own < 0
        own[lone] = number + np.arange(lone.sum())
        families[one.name] = own, number + int(lone.sum())
    return families
