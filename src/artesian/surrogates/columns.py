"""Generate columns whose values are never copied: keys, free text and personal data.

A column is generated in two steps, as a pure function of (what was learned, seed, row number): row
number -> entity (`entities`: which rows have the same) -> value (`makers`: one generator per role
and form). Neither step depends on the values of the source, only on their form and frequencies.

A `SurrogateGroup` generates the columns of a table. The columns of one person (`clusters`) have the
same entities, so that the stand-in of a person is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import Unsupported
from artesian.core.run import Seed
from artesian.data.dtypes import read_dtype, write_dtype
from artesian.data.inference.locales import locale_of_all
from artesian.data.inference.roles import DIRECT
from artesian.data.schema import Column, Kind
from artesian.surrogates.clusters import ColumnCluster, cluster_columns
from artesian.surrogates.entities import Entities
from artesian.surrogates.forms import Forms
from artesian.surrogates.genders import Genders, genders_of
from artesian.surrogates.keyed_random import Integers, below, key_of, subkey, uniform
from artesian.surrogates.keys import NumberKeys
from artesian.surrogates.makers import (
    ROLES,
    Maker,
    as_texts,
    is_personal,
    learn_maker,
    maker_from_state,
    maker_state,
)
from artesian.surrogates.personas import People
from artesian.surrogates.values import missing_fraction, output_dtype, people_of, whole_numbers

__all__ = ["Surrogate", "SurrogateGroup"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SurrogateColumn:
    """A generator of one column.

    Attributes:
        name, dtype: As in the source (String for an Enum, whose categories are the source's values).
        role: The semantic type of the texts; decides how they are generated.
        maker: Entity number -> value.
        nested: Number of values that an entity has; 1 for one.
        missing: Fraction of the entities without a value; 0 if that is not a fact of an entity.
        forms: The forms of codes by a category, in place of the maker where they are known.
    """

    name: str
    dtype: pl.DataType
    role: str
    maker: Maker
    nested: int = 1
    missing: float = 0.0
    forms: Forms | None = None

    def make(
        self,
        numbers: Integers,
        rows: Integers,
        key: int,
        genders: NDArray[np.int64] | None = None,
        frame: pl.DataFrame | None = None,
    ) -> pl.Series:
        """The values of entities; `rows` are the row numbers, which choose among nested values."""
        values = self._values(numbers, rows, key, genders)
        if self.forms is not None and frame is not None and self.forms.column in frame.columns:
            form = self.forms.of_rows(frame)
            for at, maker in enumerate(self.forms.makers):
                own = replace(self, maker=maker, forms=None)
                here = np.flatnonzero(form == at)
                values = values.scatter(here, own._values(numbers[here], rows[here], key, None))
        if not self.missing:
            return values
        absent = uniform(numbers, subkey(key, "missing", self.name)) < self.missing
        return values.set(pl.Series(absent), None)

    def _values(
        self, numbers: Integers, rows: Integers, key: int, genders: NDArray[np.int64] | None
    ) -> pl.Series:
        if self.nested > 1:
            part = below(rows, subkey(key, "part", self.name), self.nested).astype(np.uint64)
            numbers = numbers * np.uint64(self.nested) + part
        if isinstance(self.maker, People):
            return self._typed(self.maker.make(numbers, key, genders)[self.name])
        key = subkey(key, "column", self.name)
        if isinstance(self.maker, NumberKeys):
            if self.dtype.is_numeric() or self.dtype.is_temporal():
                return self._typed(self.maker.make(numbers, key))
            return self._typed(self.maker.texts(numbers, key))
        return self._typed(self.maker.make(numbers, key))

    def _typed(self, values: pl.Series | list[str]) -> pl.Series:
        """The values in the source's type and name."""
        if isinstance(values, list):
            values = pl.Series(values, dtype=pl.String)
            if self.dtype.is_numeric():
                values = whole_numbers(values, self.dtype)
        if self.dtype.is_temporal():
            values = values.cast(pl.Int32 if self.dtype == pl.Date else pl.Int64)
        return values.cast(self.dtype).rename(self.name)

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON; without any original value."""
        return {
            "name": self.name,
            "dtype": write_dtype(self.dtype),
            "role": self.role,
            "nested": self.nested,
            "missing": self.missing,
            "forms": None if self.forms is None else self.forms.to_state(),
            **maker_state(self.maker),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], people: People | None = None) -> Self:
        """The surrogate that `to_state` described.

        Args:
            people: The maker of the personal columns of its cluster.

        Raises:
            ModelFileError: the state is of another format.
        """
        shared = people is not None and state["form"] == "people"
        return cls(
            name=state["name"],
            dtype=read_dtype(state["dtype"]),
            role=state["role"],
            maker=people if shared and people is not None else maker_from_state(state),
            nested=state["nested"],
            missing=state["missing"],
            forms=None if state["forms"] is None else Forms.from_state(state["forms"]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class SurrogateCluster:
    """Columns with common entities.

    Attributes:
        new: Whether further rows have further entities (people), or the same (texts of many).
        genders: The column that the first names follow; None if there is none.
    """

    entities: Entities
    new: bool
    surrogates: tuple[SurrogateColumn, ...]
    genders: Genders | None = None

    def make(
        self, first_row: int, rows: int, seed: Seed, frame: pl.DataFrame | None = None
    ) -> list[pl.Series]:
        """Rows `first_row` to `first_row + rows - 1` of the columns."""
        key = key_of(seed.child("cluster", self.surrogates[0].name))
        numbers = np.arange(first_row, first_row + rows, dtype=np.uint64)
        draw = self.entities.new if self.new else self.entities.recurring
        entities = draw(numbers, subkey(key, "entities"))
        genders = None
        if self.genders is not None and frame is not None and self.genders.column in frame.columns:
            genders = self.genders.values(frame)
        return [one.make(entities, numbers, key, genders, frame) for one in self.surrogates]

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON; people are written once."""
        states = [surrogate.to_state() for surrogate in self.surrogates]
        people = next((s["maker"] for s in states if s["form"] == "people"), None)
        return {
            "entities": self.entities.to_state(),
            "new": self.new,
            "people": people,
            "genders": None if self.genders is None else self.genders.to_state(),
            "surrogates": [s | {"maker": {}} if s["form"] == "people" else s for s in states],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        people = None if state["people"] is None else People.from_state(state["people"])
        return cls(
            entities=Entities.from_state(state["entities"]),
            new=state["new"],
            surrogates=tuple(SurrogateColumn.from_state(s, people) for s in state["surrogates"]),
            genders=None if state["genders"] is None else Genders(**state["genders"]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class SurrogateGroup:
    """Generators of all surrogate columns of a table.

    Attributes:
        names: All columns, in order.
    """

    names: tuple[str, ...]
    clusters: tuple[SurrogateCluster, ...]

    @classmethod
    def learn(
        cls,
        frame: pl.DataFrame,
        columns: Iterable[Column],
        *,
        keep_repeats: bool | None = None,
        minimum: int = MIN_COUNT,
        people: pl.Series | None = None,
    ) -> Self:
        """Learn `columns` of `frame`.

        Args:
            keep_repeats: Repeat the values of columns without a role as often as the source does; by
                default texts repeat and keys are unique.
            minimum: Minimum number of people (or else of rows) with a word that may be used again.
            people: The person of each row; by default that which the columns show.

        Raises:
            Unsupported: a column is neither a key nor a text, and has no role.
        """
        columns = tuple(columns)
        for column in columns:
            if column.kind not in (Kind.KEY, Kind.TEXT) and not column.role:
                raise Unsupported(
                    f"column {column.name!r} is a {column.kind.value}: it is modelled, not replaced",
                    hint="give it the kind 'text' or 'key', or a role",
                )
        by_name = {c.name: c for c in columns}
        clusters = cluster_columns(frame, [c for c in columns if c.role in ROLES])
        learned = [_cluster(frame, by_name, cluster, minimum) for cluster in clusters]
        people = people_of(frame, clusters) if people is None else people
        for column in columns:
            if column.role not in ROLES:
                learned.append(_alone(frame, column, keep_repeats, minimum, people))
        return cls(names=tuple(by_name), clusters=tuple(learned))

    @property
    def missing(self) -> frozenset[str]:
        """Columns that are missing for some entities, in all of their rows; others never are."""
        every = (s for cluster in self.clusters for s in cluster.surrogates)
        return frozenset(s.name for s in every if s.missing)

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """The types of the generated columns."""
        return {s.name: s.dtype for cluster in self.clusters for s in cluster.surrogates}

    def make(
        self, first_row: int, rows: int, seed: Seed, frame: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """Rows `first_row` to `first_row + rows - 1` of all columns.

        Args:
            frame: Other columns of these rows, which may show the gender of a name.

        Raises:
            DataError: more unique values are requested than a type can represent.
        """
        parts = (cluster.make(first_row, rows, seed, frame) for cluster in self.clusters)
        series = [each for several in parts for each in several]
        by_name = {each.name: each for each in series}
        return pl.DataFrame([by_name[name] for name in self.names])

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {"names": self.names, "clusters": [c.to_state() for c in self.clusters]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            names=tuple(state["names"]),
            clusters=tuple(SurrogateCluster.from_state(s) for s in state["clusters"]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Surrogate:
    """A generator of one column alone."""

    group: SurrogateGroup

    @classmethod
    def learn(
        cls,
        series: pl.Series,
        column: Column,
        *,
        keep_repeats: bool | None = None,
        minimum: int = MIN_COUNT,
    ) -> Self:
        """Learn one column; the arguments are those of `SurrogateGroup.learn`.

        Raises:
            Unsupported: the column is neither a key nor a text, and has no role.
        """
        frame = series.alias(column.name).to_frame()
        group = SurrogateGroup.learn(frame, [column], keep_repeats=keep_repeats, minimum=minimum)
        return cls(group=group)

    def make(self, first_row: int, rows: int, seed: Seed) -> pl.Series:
        """Rows `first_row` to `first_row + rows - 1`.

        Raises:
            DataError: more unique values are requested than the type can represent.
        """
        return self.group.make(first_row, rows, seed).to_series()

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON; without any original value."""
        return self.group.to_state()

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(group=SurrogateGroup.from_state(state))


def _cluster(
    frame: pl.DataFrame, columns: dict[str, Column], cluster: ColumnCluster, minimum: int
) -> SurrogateCluster:
    """Learn the columns of one person."""
    names = (*cluster.members, *cluster.nested)
    # A first name tells nobody apart, but beside a mail address it need not.
    alone = len(names) == 1
    texts = pl.DataFrame(
        {n: as_texts(frame[n]) for n in names if is_personal(columns[n], alone=alone)}
    )
    people, genders = None, None
    if texts.columns:
        roles = {name: columns[name].role for name in texts.columns}
        locale = locale_of_all((texts[n].drop_nulls(), role) for n, role in roles.items())
        lone = columns[cluster.leader].role
        spread = lone if lone in ("first_name", "last_name") else ""
        genders = genders_of(frame, texts, roles, locale)
        people = People.learn(
            texts,
            roles,
            locale=locale,
            spread=spread,
            minimum=minimum,
            gendered=genders is not None,
        )
    surrogates = []
    for name in names:
        column, values = columns[name], frame[name]
        maker = people if people is not None and name in texts.columns else None

        def learn(present: pl.Series, column: Column = column) -> Maker:
            return learn_maker(present, column, minimum=minimum, repeats=True)

        surrogates.append(
            SurrogateColumn(
                name=name,
                dtype=output_dtype(values),
                role=column.role,
                maker=maker or learn(values.drop_nulls()),
                nested=max(round(cluster.nested.get(name, 1)), 1),
                missing=missing_fraction(frame, cluster, name),
                forms=None if maker is not None else Forms.learn(frame, name, learn),
            )
        )
    keyed = any(columns[name].kind is Kind.KEY for name in cluster.members)
    return SurrogateCluster(
        entities=Entities() if keyed else Entities.from_values(frame[cluster.leader]),
        new=columns[cluster.leader].role in DIRECT,
        surrogates=tuple(surrogates),
        genders=genders,
    )


def _alone(
    frame: pl.DataFrame,
    column: Column,
    keep_repeats: bool | None,
    minimum: int,
    people: pl.Series | None,
) -> SurrogateCluster:
    """Learn a column without a role."""
    values = frame[column.name]
    present = values.drop_nulls()
    repeats = column.kind is not Kind.KEY if keep_repeats is None else keep_repeats
    owners = None if people is None else people.filter(values.is_not_null())
    maker = learn_maker(present, column, minimum=minimum, repeats=repeats, people=owners)

    def of_form(part: pl.Series) -> Maker:
        return learn_maker(part, column, minimum=minimum, repeats=repeats)

    return SurrogateCluster(
        entities=Entities.from_values(present) if repeats else Entities(),
        new=column.kind is Kind.KEY,
        surrogates=(
            SurrogateColumn(
                name=column.name,
                dtype=output_dtype(values),
                role=column.role,
                maker=maker,
                forms=Forms.learn(frame, column.name, of_form, people),
            ),
        ),
    )
