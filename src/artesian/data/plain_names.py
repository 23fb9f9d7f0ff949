"""Names that expressions over columns would read as patterns, and names in their place.

Polars reads `*` and `^...$` as several columns, and has no column without a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from artesian.data.frames import frame_of
from artesian.data.table import Table


def pattern_names(names: tuple[str, ...]) -> dict[str, str]:
    """Names that are empty or patterns -> names that are neither, and that no other column has.

    >>> pattern_names(("a", "*"))
    {'*': 'column 2'}
    """
    out: dict[str, str] = {}
    for at, name in enumerate(names):
        if name in ("", "*") or (name.startswith("^") and name.endswith("$")):
            plain = f"column {at + 1}"
            while plain in names or plain in out.values():
                plain += "'"
            out[name] = plain
    return out


def renamed(table: Table, names: Mapping[str, str]) -> Table:
    """The table with other names of some columns; constraints and relations keep their text."""
    if not names:
        return table
    schema, other = table.schema, names.get
    columns = tuple(replace(c, name=other(c.name, c.name)) for c in schema)

    def role(name: str | None) -> str | None:
        return None if name is None else other(name, name)

    new = replace(
        schema,
        columns=columns,
        key=tuple(other(name, name) for name in schema.key),
        target=role(schema.target),
        event=role(schema.event),
        entity=role(schema.entity),
        time=role(schema.time),
    )
    frame = frame_of(s.alias(other(s.name, s.name)) for s in table.frame)
    return replace(table, frame=frame, schema=new)
