"""SDV metadata as schemas: single-table and multi-table files of its version 1."""

from __future__ import annotations

import json
from typing import Any

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.schema import Column, Kind, Schema, Spelling

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
    key = tuple(primary) if isinstance(primary, list) else (primary,) if primary else ()
    entity, time = entry.get("sequence_key"), entry.get("sequence_index")
    return Schema(
        columns=tuple(_column(n, e, f"{place}, column {n!r}") for n, e in columns.items()),
        key=key,
        entity=entity if isinstance(entity, str) else None,
        time=time if isinstance(time, str) else None,
    )


def _column(name: str, entry: Any, place: str) -> Column:
    sdtype = entry.get("sdtype") if isinstance(entry, dict) else None
    if not isinstance(sdtype, str):
        raise SchemaError(f"{place} has no sdtype", hint=did_you_mean("", list(KINDS)))
    pattern = entry.get("datetime_format")
    domain = entry.get("order")
    return Column(
        name=name,
        # Any other sdtype is one of Faker's providers: personal text.
        kind=KINDS.get(sdtype, Kind.TEXT),
        role=ROLES.get(sdtype, ""),
        ordered=isinstance(domain, list),
        domain=tuple(domain) if isinstance(domain, list) else None,
        spelling=Spelling(pattern=pattern if isinstance(pattern, str) else None),
    )
