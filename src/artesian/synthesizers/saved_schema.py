"""The schema in the header of a saved model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from artesian.data.schema import Schema

TEMPORAL: dict[str, Any] = {"date": date, "datetime": datetime, "time": time}


def read_schema(header: dict[str, Any]) -> Schema:
    """The schema that was written with `to_json` for what JSON cannot represent."""
    for column in header["columns"].values():
        if "domain" in column:
            column["domain"] = [
                _temporal(v) if isinstance(v, dict) else v for v in column["domain"]
            ]
    return replace(Schema.from_dict(header), partial=False)


def to_json(value: Any) -> Any:
    """A value that JSON cannot represent: the times of a domain, as `read_schema` reads them."""
    if type(value).__name__ in TEMPORAL:
        return {type(value).__name__: value.isoformat()}
    return str(value)


def _temporal(entry: dict[str, str]) -> Any:
    ((form, text),) = entry.items()
    return TEMPORAL[form].fromisoformat(text)
