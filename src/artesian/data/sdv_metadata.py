"""SDV metadata: read and write single-table and multi-table files of its version 1."""

from __future__ import annotations

import json
from typing import Any

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.dataset import DatasetSchema
from artesian.data.schema import Column, Kind

KINDS = {
    "numerical": Kind.NUMBER,
    "categorical": Kind.CATEGORY,
    "boolean": Kind.BOOLEAN,
    "datetime": Kind.DATETIME,
    "id": Kind.KEY,
    "text": Kind.TEXT,
    "unknown": Kind.TEXT,
}
ROLES = {
    "email": "email",
    "phone_number": "phone",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "address": "address",
    "street_address": "street",
    "city": "city",
    "postcode": "postcode",
    "country": "country",
    "country_code": "country",
    "company": "company",
    "url": "url",
    "ipv4_address": "ip",
    "ipv6_address": "ip",
    "iban": "iban",
    "credit_card_number": "credit_card",
    "ssn": "ssn",
    "user_name": "username",
    "mac_address": "mac",
    "license_plate": "licence_plate",
    "uuid4": "uuid",
}
"""The role of columns whose values SDV generates with Faker, by their sdtype."""


SDTYPES = {
    Kind.NUMBER: "numerical",
    Kind.CATEGORY: "categorical",
    Kind.BOOLEAN: "boolean",
    Kind.DATETIME: "datetime",
    Kind.KEY: "id",
    Kind.TEXT: "text",
}
PERSONAL = {role: sdtype for sdtype, role in reversed(ROLES.items())}
"""The sdtype that is written for a role."""

VERSION = "V1"


def entries_of_sdv(text: str, shown: str) -> dict[str, Any]:
    """The entries of `DatasetSchema.from_dict`; a single-table file gives a table called 'table'.

    Raises:
        SchemaError: this is not SDV metadata, or a column has no sdtype.
    """
    try:
        document = json.loads(text)
        json.dumps(document, ensure_ascii=False).encode()  # half a character, as in "\\ud800"
    except (ValueError, RecursionError) as problem:
        raise SchemaError(
            f"{shown} is not valid JSON: {problem}", hint="give an SDV metadata file"
        ) from problem
    if not isinstance(document, dict):
        raise SchemaError(f"{shown} is not SDV metadata", hint="it must be a JSON object")
    tables = document.get("tables", {"table": document})
    if not isinstance(tables, dict) or not tables:
        raise SchemaError(f"{shown} describes no table", hint="it needs 'tables' or 'columns'")
    entries: dict[str, Any] = {
        "tables": {
            name: _table(entry, f"{shown}, table {name!r}") for name, entry in tables.items()
        }
    }
    relationships = document.get("relationships")
    if isinstance(relationships, list):
        entries["foreign_keys"] = [
            _foreign_key(entry, f"{shown}, relationship {number}")
            for number, entry in enumerate(relationships, 1)
        ]
    return entries


def to_sdv(schema: DatasetSchema) -> dict[str, Any]:
    """SDV metadata (version 1) of a schema, ready to be written as JSON.

    SDV has no place for composite keys: they are left out, and so are foreign keys to them.
    """
    tables: dict[str, Any] = {}
    for name, table in schema.tables.items():
        tables[name] = {"columns": {column.name: _sdv_column(column) for column in table}}
        if len(table.key) == 1:
            tables[name]["primary_key"] = table.key[0]
        for field, theirs in (("entity", "sequence_key"), ("time", "sequence_index")):
            if getattr(table, field) is not None:
                tables[name][theirs] = getattr(table, field)
    relationships = [
        {
            "parent_table_name": key.parent,
            "child_table_name": key.child,
            "parent_primary_key": key.parent_columns[0],
            "child_foreign_key": key.columns[0],
        }
        for key in schema.foreign_keys or ()
        if len(key.columns) == 1
    ]
    return {"tables": tables, "relationships": relationships, "METADATA_SPEC_VERSION": VERSION}


def _sdv_column(column: Column) -> dict[str, Any]:
    personal = PERSONAL.get(column.role) if column.kind is Kind.TEXT else None
    entry: dict[str, Any] = {"sdtype": personal or SDTYPES[column.kind]}
    if column.kind is Kind.DATETIME and column.value_format.pattern is not None:
        entry["datetime_format"] = column.value_format.pattern
    if column.ordered and column.domain is not None:
        entry["order"] = list(column.domain)
    return entry


def _foreign_key(entry: Any, place: str) -> dict[str, Any]:
    """The relationship in the terms of `ForeignKey.from_dict`."""
    names = {
        "child": "child_table_name",
        "columns": "child_foreign_key",
        "parent": "parent_table_name",
        "parent_columns": "parent_primary_key",
    }
    if not isinstance(entry, dict):
        raise SchemaError(
            f"{place} is not a JSON object", hint=f"it needs {', '.join(names.values())}"
        )
    fields: dict[str, Any] = {}
    for field, theirs in names.items():
        if theirs not in entry:
            raise SchemaError(f"{place} has no {theirs}", hint="give an SDV metadata file")
        value = entry[theirs]
        single = field.endswith("columns") and not isinstance(value, list)
        fields[field] = [value] if single else value
    return fields


def _table(entry: Any, place: str) -> dict[str, Any]:
    """The table in the terms of `Schema.from_dict`."""
    columns = entry.get("columns") if isinstance(entry, dict) else None
    if not isinstance(columns, dict) or not columns:
        raise SchemaError(f"{place} has no columns", hint="give an SDV metadata file of version 1")
    primary = entry.get("primary_key")
    fields: dict[str, Any] = {
        "key": primary if isinstance(primary, list) else [primary] if primary else [],
        "columns": {n: _column(e, f"{place}, column {n!r}") for n, e in columns.items()},
    }
    for field, theirs in (("entity", "sequence_key"), ("time", "sequence_index")):
        if isinstance(entry.get(theirs), str):  # a key of several columns has no counterpart here
            fields[field] = entry[theirs]
    return fields


def _column(entry: Any, place: str) -> dict[str, Any]:
    """The column in the terms of `Column.from_dict`."""
    sdtype = entry.get("sdtype") if isinstance(entry, dict) else None
    if not isinstance(sdtype, str):
        raise SchemaError(f"{place} has no sdtype", hint=did_you_mean("", list(KINDS)))
    # Any other sdtype is one of Faker's providers: personal text.
    fields: dict[str, Any] = {"kind": KINDS.get(sdtype, Kind.TEXT).value}
    if sdtype in ROLES:
        fields["role"] = ROLES[sdtype]
    if isinstance(entry.get("order"), list):
        fields |= {"ordered": True, "domain": entry["order"]}
    if isinstance(entry.get("datetime_format"), str):
        fields["pattern"] = entry["datetime_format"]
    return fields
