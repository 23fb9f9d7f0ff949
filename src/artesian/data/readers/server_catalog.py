"""What a database server says about its tables: columns, keys and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from artesian.core.errors import DataError, did_you_mean
from artesian.data.readers.server_address import Address
from artesian.data.schema import ForeignKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What a database says about the tables of a schema."""

    tables: tuple[str, ...]
    views: tuple[str, ...]
    columns: Mapping[str, Sequence[Mapping[str, Any]]]
    primary: Mapping[str, tuple[str, ...]]
    unique: Mapping[str, list[list[str]]]
    indexes: Mapping[str, list[dict[str, Any]]]
    foreign_keys: tuple[ForeignKey, ...]
    foreign_notes: tuple[str, ...]
    notes: Mapping[str, list[str]]

    @classmethod
    def read(cls, connection: Any, address: Address) -> Catalog:
        """Read it, with few queries for all tables.

        Raises:
            DataError: there is no such schema.
        """
        import sqlalchemy

        inspector = sqlalchemy.inspect(connection)
        schema = address.schema
        if schema is not None and schema not in inspector.get_schema_names():
            raise DataError(
                f"{address.shown}: there is no schema {schema!r}",
                hint=did_you_mean(schema, inspector.get_schema_names()),
            )
        hidden = _partitions(connection, schema)
        kind = sqlalchemy.engine.reflection.ObjectKind.ANY
        columns = _by_table(inspector.get_multi_columns(schema=schema, kind=kind))
        tables = [n for n in sorted(inspector.get_table_names(schema=schema)) if n not in hidden]
        views = set(columns) - set(tables) - hidden
        primary = _by_table(inspector.get_multi_pk_constraint(schema=schema))
        foreign, foreign_notes = _foreign_keys(
            _by_table(inspector.get_multi_foreign_keys(schema=schema)), tables, schema
        )
        unique = _by_table(inspector.get_multi_unique_constraints(schema=schema))
        indexes = _by_table(inspector.get_multi_indexes(schema=schema))
        notes: dict[str, list[str]] = {name: [] for name in tables}
        plain: dict[str, list[dict[str, Any]]] = {}
        for name in tables:
            plain[name] = []
            for index in indexes.get(name) or ():
                if index.get("duplicates_constraint"):
                    continue
                if _is_plain(index):
                    entry = {"name": index["name"], "columns": list(index["column_names"])}
                    plain[name].append(entry | {"unique": bool(index.get("unique"))})
                else:
                    notes[name].append(f"the index {index['name']!r} was left out")
        return cls(
            tables=tuple(tables),
            views=tuple(sorted(views)),
            columns=columns,
            primary={
                n: tuple((primary.get(n) or {}).get("constrained_columns") or ()) for n in columns
            },
            unique={n: [list(u["column_names"]) for u in unique.get(n) or ()] for n in columns},
            indexes=plain,
            foreign_keys=foreign,
            foreign_notes=foreign_notes,
            notes=notes,
        )


def _is_plain(index: Mapping[str, Any]) -> bool:
    """Whether an index is on columns alone, without expressions or conditions."""
    options = index.get("dialect_options") or {}
    special = any(
        v for k, v in options.items() if k.endswith(("_where", "_using", "_ops")) and v != "btree"
    )
    return None not in index["column_names"] and not index.get("expressions") and not special


def _by_table(entries: Mapping[tuple[str | None, str], Any]) -> dict[str, Any]:
    return {name: entry for (_, name), entry in entries.items()}


def _foreign_keys(
    entries: Mapping[str, Sequence[Mapping[str, Any]]], tables: Sequence[str], schema: str | None
) -> tuple[tuple[ForeignKey, ...], tuple[str, ...]]:
    """The foreign keys between `tables`, and a note for each one to another schema."""
    keys, notes = [], []
    for child in tables:
        for one in entries.get(child) or ():
            if one.get("referred_schema") not in (None, schema):
                notes.append(
                    f"{child}: the foreign key to the schema {one['referred_schema']!r} was left out"
                )
            elif one["referred_table"] in tables:
                keys.append(
                    ForeignKey(
                        child,
                        tuple(one["constrained_columns"]),
                        one["referred_table"],
                        tuple(one["referred_columns"]),
                    )
                )
    return tuple(keys), tuple(notes)


def _partitions(connection: Any, schema: str | None) -> set[str]:
    """Tables that are parts of others, whose rows the whole one has too."""
    if connection.dialect.name != "postgresql":
        return set()
    import sqlalchemy

    query = (
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE c.relispartition "
        "AND n.nspname = coalesce(:schema, current_schema())"
    )
    return {name for (name,) in connection.execute(sqlalchemy.text(query), {"schema": schema})}
