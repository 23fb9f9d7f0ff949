"""Schemas: what columns mean, and the foreign keys between tables."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any, Self

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.value_format import FORMAT_FIELDS, ValueFormat, differences


class Kind(Enum):
    """What a column means, not how it is stored."""

    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        nullable: Values may be missing.
        sensitive: A sensitive attribute (sex, race, ...), used by fairness and attribute inference.
        quasi_identifier: An attacker may know it about a person; used by k-anonymity and linkability.
        domain: Publicly known values: all categories, or (low, high) of a number.
        ordered: The categories of `domain` have an order.
        role: Semantic type of a text ('name', 'email', 'phone', 'address', ...); '' for none.
        suppressed: The value that represents rare categories which were suppressed to protect the
            people behind them; None if no value does.
        suppressed_below: Categories with fewer rows than this were suppressed; 0 if none were.
            Numeric categories are replaced by the nearest frequent one, so `suppressed` is None.
        generalised: Suppressed categories were replaced by made-up ones of the same form, or by a
            class that contains them.
        value_format: How the source writes the values.
    """

    name: str
    kind: Kind
    nullable: bool = False
    sensitive: bool = False
    quasi_identifier: bool = False
    domain: tuple[Any, ...] | None = None
    ordered: bool = False
    role: str = ""
    suppressed: str | None = None
    suppressed_below: int = 0
    generalised: bool = False
    value_format: ValueFormat = field(default_factory=ValueFormat)

    def __post_init__(self) -> None:
        if self.suppressed is not None and not self.suppressed_below:
            object.__setattr__(self, "suppressed_below", MIN_COUNT)

    def to_dict(self) -> dict[str, Any]:
        """The kind and every field that differs from its default, those of the value format included.

        >>> Column(name="town", kind=Kind.CATEGORY, nullable=True).to_dict()
        {'kind': 'category', 'nullable': True}
        """
        plain = type(self)(name=self.name, kind=self.kind, suppressed=self.suppressed)
        out: dict[str, Any] = {"kind": self.kind.value}
        for name in _COLUMN_FIELDS:
            value = getattr(self, name)
            if name == "suppressed":
                out |= {} if value is None else {name: value}
            elif name != "kind" and value != getattr(plain, name):
                out[name] = list(value) if isinstance(value, tuple) else value
        return out | differences(self.value_format)

    @classmethod
    def from_dict(cls, name: str, entry: Any, place: str = "") -> Self:
        """The column that `to_dict` described.

        Args:
            place: Where the entry is written, for error messages.

        Raises:
            SchemaError: an unknown field, a value of the wrong type, or no kind.
        """
        place = place or f"column {name!r}"
        _check_fields(entry, {**_COLUMN_FIELDS, **FORMAT_FIELDS}, place)
        kinds = [kind.value for kind in Kind]
        if "kind" not in entry:
            raise SchemaError(
                f"{place} has no kind", hint=f'add kind = "{Kind.NUMBER.value}" or another kind'
            )
        if entry["kind"] not in kinds:
            raise SchemaError(
                f"{place}: there is no kind {entry['kind']!r}",
                hint=did_you_mean(entry["kind"], kinds),
            )
        given = {field: _frozen(entry[field]) for field in _COLUMN_FIELDS if field in entry}
        try:
            value_format = ValueFormat(**{f: entry[f] for f in FORMAT_FIELDS if f in entry})
        except SchemaError as problem:
            raise SchemaError(f"{place}: {problem.problem}", hint=problem.hint) from problem
        return cls(
            **given | {"name": name, "kind": Kind(entry["kind"]), "value_format": value_format}
        )


@dataclass(frozen=True, kw_only=True)  # without slots, for the cached properties
class Schema:
    """The columns of one table, and the roles of some of them.

    Attributes:
        key: Columns that identify a row.
        target: The column that models predict; None if not given.
        event: For a time-to-event target, the event indicator: 1 if the event was observed, 0 if
            censored.
        entity: The column that identifies the subject of a row, where a subject has several rows.
        time: The column that orders an entity's rows.
        constraints: Rules that every row satisfies, as text ('low <= high').
        relations: Relations between columns that hold in every row, as text ('gross = 1.25 * net');
            None if they have not been looked for.
        partial: Other columns than `columns` exist, as in a schema file that states only what inference
            cannot know; key and roles may name them.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    target: str | None = None
    event: str | None = None
    entity: str | None = None
    time: str | None = None
    constraints: tuple[str, ...] = ()
    relations: tuple[str, ...] | None = None
    partial: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        duplicates = [name for name, count in Counter(self.names).items() if count > 1]
        if duplicates:
            raise SchemaError(
                f"duplicate column name {duplicates[0]!r}",
                hint="give every column a distinct name",
            )
        for name in (*self.key, self.target, self.event, self.entity, self.time):
            if name is not None and not self.partial:
                self[name]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, name: str) -> Column:
        column = self._by_name.get(name)
        if column is None:
            raise SchemaError(f"there is no column {name!r}", hint=did_you_mean(name, self.names))
        return column

    @cached_property
    def _by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def of_kind(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the columns that have one of `kinds`, in order."""
        return tuple(column.name for column in self.columns if column.kind in kinds)

    def with_columns(self, columns: Iterable[Column]) -> Self:
        """The same schema with the columns of these names replaced."""
        new = {column.name: column for column in columns}
        return replace(self, columns=tuple(new.get(c.name, c) for c in self.columns))

    def select(self, names: Sequence[str]) -> Self:
        """The schema of these columns, in this order, with the roles of columns that remain.

        A composite key remains only if all its columns do, an event only beside its target, and a
        constraint only if it mentions no column that was left out.

        Raises:
            SchemaError: there is no such column.
        """
        columns = tuple(self[name] for name in names)
        target = self.target if self.target in names else None
        lost = [name for name in self.names if name not in names]
        return replace(
            self,
            columns=columns,
            key=self.key if set(self.key) <= set(names) else (),
            target=target,
            event=self.event if target is not None and self.event in names else None,
            entity=self.entity if self.entity in names else None,
            time=self.time if self.time in names else None,
            constraints=tuple(
                text for text in self.constraints if not any(mentions(text, name) for name in lost)
            ),
            relations=None
            if self.relations is None
            else tuple(
                text for text in self.relations if not any(mentions(text, name) for name in lost)
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Every field that differs from its default, with the columns by name.

        Values are those of TOML: text, numbers, booleans, lists, and the dates of a domain.
        """
        out: dict[str, Any] = {}
        for name in _SCHEMA_FIELDS:
            value = getattr(self, name)
            # An empty list of relations says that there are none.
            if name != "columns" and (value or (name == "relations" and value is not None)):
                out[name] = list(value) if isinstance(value, tuple) else value
        return out | {"columns": {column.name: column.to_dict() for column in self}}

    @classmethod
    def from_dict(cls, entry: Any, place: str = "the schema") -> Self:
        """The schema that `to_dict` described.

        Args:
            place: Where the entry is written, for error messages.

        Raises:
            SchemaError: an unknown field, or a value of the wrong type.
        """
        _check_fields(entry, _SCHEMA_FIELDS, place)
        given = {field: _frozen(entry[field]) for field in _SCHEMA_FIELDS if field in entry}
        columns = entry.get("columns", {})
        before, after = (
            (f"{place[:-1]}.columns.", "]") if place.endswith("]") else (place + ", column ", "")
        )
        given["columns"] = tuple(
            Column.from_dict(name, column, f"{before}{name}{after}")
            for name, column in columns.items()
        )
        try:
            return cls(**given, partial=True)
        except SchemaError as problem:
            raise SchemaError(f"{place}: {problem.problem}", hint=problem.hint) from problem


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference between tables: `columns` of `child` contain values of `parent_columns` of `parent`.

    A row of the child whose foreign key has a missing value refers to no row.

    Raises:
        SchemaError: no columns, or not as many as the parent has.
    """

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.columns or len(self.columns) != len(self.parent_columns):
            raise SchemaError(
                f"the foreign key {self} has {len(self.columns)} columns in the child "
                f"and {len(self.parent_columns)} in the parent",
                hint="list the same number of columns on both sides, at least one",
            )

    def __str__(self) -> str:
        child, parent = ", ".join(self.columns), ", ".join(self.parent_columns)
        return f"{self.child}({child}) -> {self.parent}({parent})"

    def to_dict(self) -> dict[str, Any]:
        """The four fields, with columns as lists.

        >>> ForeignKey("order", ("shop",), "shop", ("id",)).to_dict()
        {'child': 'order', 'columns': ['shop'], 'parent': 'shop', 'parent_columns': ['id']}
        """
        return {
            "child": self.child,
            "columns": list(self.columns),
            "parent": self.parent,
            "parent_columns": list(self.parent_columns),
        }

    @classmethod
    def from_dict(cls, entry: Any, place: str = "the foreign key") -> Self:
        """The foreign key that `to_dict` described.

        Args:
            place: Where the entry is written, for error messages.

        Raises:
            SchemaError: an unknown or missing field, or a value of the wrong type.
        """
        _check_fields(entry, _FOREIGN_KEY_FIELDS, place)
        for name in _FOREIGN_KEY_FIELDS:
            if name not in entry:
                raise SchemaError(
                    f"{place} has no entry {name!r}",
                    hint="a foreign key needs child, columns, parent and parent_columns",
                )
        try:
            return cls(**{name: _frozen(entry[name]) for name in _FOREIGN_KEY_FIELDS})
        except SchemaError as problem:
            raise SchemaError(f"{place}: {problem.problem}", hint=problem.hint) from problem


_Types = Mapping[str, type]

_VALUES: tuple[type, ...] = (str, int, float, datetime.date, datetime.time)
"""Types of the values of a domain, booleans and datetimes among them."""

MAX_RULES = 10_000
"""Maximum number of constraints and of relations: each is compared with every row."""

_COLUMN_FIELDS: _Types = {
    "kind": str,
    "nullable": bool,
    "sensitive": bool,
    "quasi_identifier": bool,
    "domain": list,
    "ordered": bool,
    "role": str,
    "suppressed": str,
    "suppressed_below": int,
    "generalised": bool,
}
_SCHEMA_FIELDS: _Types = {
    "key": list,
    "target": str,
    "event": str,
    "entity": str,
    "time": str,
    "constraints": list,
    "relations": list,
    "columns": dict,
}
_FOREIGN_KEY_FIELDS: _Types = {"child": str, "columns": list, "parent": str, "parent_columns": list}
"""The fields of a schema in a file, with the type of each."""


def _check_fields(entry: Any, types: _Types, place: str) -> None:
    """Refuse an entry that is not a mapping, an unknown field and a value of the wrong type."""
    if not isinstance(entry, dict):
        raise SchemaError(
            f"{place} is a {type(entry).__name__}, not a section", hint="use [section] headers"
        )
    for name, value in entry.items():
        if name not in types:
            raise SchemaError(
                f"{place}: there is no entry {name!r}", hint=did_you_mean(name, list(types))
            )
        right = isinstance(value, types[name]) and not (
            types[name] is int and isinstance(value, bool)
        )
        if not right or isinstance(value, datetime.datetime):
            raise SchemaError(
                f"{place}: {name} = {_short(value)} is a {type(value).__name__}",
                hint=f"write a {types[name].__name__}",
            )
        if isinstance(value, list):
            _check_list(name, value, place)


def _check_list(name: str, values: list[Any], place: str) -> None:
    """Refuse a list of anything but names and rules, or of anything but values in a domain."""
    rules = name in ("constraints", "relations")
    if name == "domain":
        admitted, wanted = _VALUES, "values"
        hint = "write a list of texts, numbers, booleans or times"
    else:
        admitted, wanted = (str,), "rules" if rules else "column names"
        hint = f'write {"rules" if rules else "names"} in quotes, such as ["store"]'
    if not all(isinstance(value, admitted) for value in values):
        raise SchemaError(
            f"{place}: {name} = {_short(values)} is not a list of {wanted}", hint=hint
        )
    if rules and len(values) > MAX_RULES:
        raise SchemaError(
            f"{place} has {len(values)} {name}", hint=f"write at most {MAX_RULES} of them"
        )


def _short(value: Any) -> str:
    """The value for a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def mentions(constraint: str, name: str) -> bool:
    """Whether the text of a constraint names the column, bare or in double quotes."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", constraint) is not None
