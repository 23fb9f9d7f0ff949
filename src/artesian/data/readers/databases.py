"""Shared by the readers of databases: quoted names, and the choice of a table."""

from __future__ import annotations

from artesian.core.errors import DataError, did_you_mean
from artesian.data.readers.location import Location


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def chosen_table(place: Location, tables: list[str]) -> str:
    """The table named after '::', or the only one.

    Raises:
        DataError: no such table, no table at all, or several and none named.
    """
    if place.part is not None:
        if place.part not in tables:
            raise DataError(
                f"{place.shown} has no table {place.part!r}", hint=did_you_mean(place.part, tables)
            )
        return place.part
    if not tables:
        raise DataError(f"{place.shown} has no table", hint="is it the right file?")
    if len(tables) > 1:
        listed = ", ".join(tables[:12]) + (", ..." if len(tables) > 12 else "")
        raise DataError(
            f"{place.shown} has {len(tables)} tables and none was named",
            hint=f"name one with {place.shown}::TABLE ({listed}), "
            "or read all of them with read_dataset()",
        )
    return tables[0]
