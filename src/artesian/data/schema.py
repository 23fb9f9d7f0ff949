"""What columns mean, and how tables hang together. No data here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Self

from artesian.core.errors import SchemaError, did_you_mean


class Kind(Enum):
    """What a column means, not how it is stored."""

    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a text source writes a column's values, so that synthetic data is written alike.

    Attributes:
        missing: How a missing value stands in the source ('' for an empty field, '?', 'NA', ...).
        true, false: How a boolean's values stand ('Yes', 'No'); None for the format's own.
        pattern: strftime pattern of a date or time; None for ISO 8601.
        decimals: Digits behind the point that the source always writes; None where it varies.
        width: Zero-padded width of whole numbers ('00042'); 0 for none.
    """

    missing: str = ""
    true: str | None = None
    false: str | None = None
    pattern: str | None = None
    decimals: int | None = None
    width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        nullable: Values may be missing.
        sensitive: A protected attribute (sex, race, ...): fairness and attribute inference look here.
        quasi_identifier: Outsiders may know it of a person: k-anonymity and linkability look here.
        domain: Public knowledge of what may stand here: all categories, or (low, high) of a number.
        ordered: The categories of `domain` have an order.
        role: What a text is about ('name', 'email', 'phone', 'address', ...); '' if nothing known.
        spelling: How the source writes the values.
    """

    name: str
    kind: Kind
    nullable: bool = False
    sensitive: bool = False
    quasi_identifier: bool = False
    domain: tuple[Any, ...] | None = None
    ordered: bool = False
    role: str = ""
    spelling: Spelling = field(default_factory=Spelling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The columns of one table, and what some of them are for.

    Attributes:
        key: Columns that identify a row.
        target: The column a model would predict; None if not known.
        event: Of a target that is a time until something happens: the column that says whether it
            was seen to happen (1) or the row was lost sight of before (0).
        entity: The column that says whose row it is, where one subject has several rows.
        time: The column that orders an entity's rows.
        constraints: Rules every row keeps, as text ('low <= high').
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    target: str | None = None
    event: str | None = None
    entity: str | None = None
    time: str | None = None
    constraints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        twice = [name for name, count in Counter(self.names).items() if count > 1]
        if twice:
            raise SchemaError(
                f"the column name {twice[0]!r} stands more than once",
                hint="give every column a name of its own",
            )
        for name in (*self.key, self.target, self.event, self.entity, self.time):
            if name is not None:
                self[name]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise SchemaError(f"there is no column {name!r}", hint=did_you_mean(name, self.names))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def of_kind(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the columns that have one of `kinds`, in order."""
        return tuple(column.name for column in self.columns if column.kind in kinds)

    def with_columns(self, columns: Iterable[Column]) -> Self:
        """The same schema with the columns of these names replaced."""
        new = {column.name: column for column in columns}
        return replace(self, columns=tuple(new.get(c.name, c) for c in self.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A foreign key: what stands in `child.columns` is a key of `parent`, or missing."""

    child: str
    columns: tuple[str, ...]
    parent: str
