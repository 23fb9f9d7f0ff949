"""SDV metadata as schemas: single-table and multi-table files of its version 1."""

from __future__ import annotations

import json
from typing import Any

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.schema import Kind, Schema

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
}
"""What SDV calls the types that it makes with Faker, and the role they have here."""


def read_sdv(text: str, shown: str) -> dict[str, Schema]:
    """Schemas by table name; a single-table file gives one table called 'table'.

    Raises:
        SchemaError: this is no SDV metadata, or a column has no sdtype.
    """
    try:
        document = json.loads(text)
    except ValueError as problem:
        raise SchemaError(
            f"{shown} is no valid JSON: {problem}", hint="give an SDV metadata file"
        ) from problem
    if not isinstance(document, dict):
        raise SchemaError(f"{shown} is no SDV metadata", hint="it must hold a JSON object")
    tables = document.get("tables", {"table": document})
    if not isinstance(tables, dict) or not tables:
        raise SchemaError(f"{shown} describes no table", hint="it needs 'tables' or 'columns'")
    return {name: _schema(entry, f"{shown}, table {name!r}") for name, entry in tables.items()}


def _schema(entry: Any, place: str) -> Schema:
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
    return Schema.from_dict(fields, place)


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
