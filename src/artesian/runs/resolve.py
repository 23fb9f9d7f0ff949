"""Resolve the name of a method and its settings to a synthesizer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from artesian.core.errors import UsageError, did_you_mean
from artesian.data.table import Table
from artesian.runs.settings import parse_assignments, parse_method, split_list, typed_settings
from artesian.synthesizers import CATALOG, RELATED
from artesian.synthesizers.protocol import Synthesizer

AUTO = "auto"

Method = str | Synthesizer | Mapping[str, str | Synthesizer]
"""The name of a method, 'auto', a synthesizer, or methods of tables; see `methods_of_tables`."""


def resolve_method(
    method: Method, settings: Mapping[str, Any], table: Table
) -> tuple[Synthesizer, str]:
    """The synthesizer to fit, and why this one.

    Args:
        method: A name in the catalog, 'auto' to choose from the data, or a synthesizer as it is.
        settings: Settings of the method by name; text is converted to the type of the setting.
        table: The rows it will be fitted on.

    Raises:
        UsageError: The method or a setting does not exist, or a value is not possible.
    """
    if methods_of_tables(method) is not None:
        raise UsageError(
            "methods of tables are for related tables; this source is one table",
            hint="name one method",
        )
    if method != AUTO:
        return check_method(method, settings), "as requested"
    from artesian.synthesizers.selection import choose

    name, reason = choose(table)
    chosen = _names(CATALOG[name])
    for setting in settings:
        if setting not in chosen:
            if any(setting in _names(one) for one in RELATED.values()):
                raise UsageError(
                    f"{setting!r} is a setting of related tables; this source is one table",
                    hint="leave it out",
                )
            others = [other for other in CATALOG if setting in _names(CATALOG[other])]
            raise UsageError(
                f"the automatically selected method {name!r} has no setting {setting!r}",
                hint=f"select a method that has it: {', '.join(others)}",
            )
    return check_method(name, settings), reason


def methods_of_tables(method: Method) -> dict[str, Synthesizer] | None:
    """The methods of single tables.

    Args:
        method: A text such as 'customer=gaussian_copula, product=trees(min_leaf=9)', or a mapping of
            tables to names of methods or synthesizers.

    Returns:
        The synthesizers by table; None for a method of all tables.

    Raises:
        UsageError: A method or setting does not exist, or a table is named more than once.
    """
    given: Mapping[str, Any]
    if isinstance(method, Mapping):
        given = method
    elif isinstance(method, str) and "=" in method.partition("(")[0]:
        given = parse_assignments(split_list(method), example="customer=gaussian_copula")
    else:
        return None
    synthesizers = {}
    for table, one in given.items():
        name, settings = parse_method(one) if isinstance(one, str) else (one, {})
        if name == AUTO:
            raise UsageError(
                f"the method of the table {table!r} is {AUTO!r}",
                hint="leave the table out, or name a method",
            )
        synthesizers[table] = check_method(name, settings)
    return synthesizers


def check_method(method: Method, settings: Mapping[str, Any]) -> Any:
    """The synthesizer with its settings; None for 'auto', where the data decide which it is, and for
    methods of tables.

    Raises:
        UsageError: The method or a setting does not exist, or a value is not possible.
    """
    if methods_of_tables(method) is not None:
        return None
    if not isinstance(method, str):
        typed = typed_settings(type(method), settings)
        return cast(Any, dataclasses).replace(method, **typed)
    if method == AUTO:
        makers = (*CATALOG.values(), *RELATED.values())
        names = {name for make in makers for name in _names(make)}
        for name in settings:
            if name not in names:
                raise UsageError(
                    f"no method has a setting {name!r}", hint=did_you_mean(name, sorted(names))
                )
        return None
    if method not in CATALOG:
        raise UsageError(
            f"there is no method {method!r}", hint=did_you_mean(method, [*CATALOG, AUTO])
        )
    make = CATALOG[method]
    return make(**typed_settings(make, settings))


def unprotected(method: Synthesizer, settings: Mapping[str, Any]) -> Synthesizer:
    """The method without suppression of rare values, unless the settings ask for it.

    For rows that are put beside the real ones, which hold the rare values anyway.
    """
    if "protect" not in _names(method) or "protect" in settings:
        return method
    return cast(Synthesizer, cast(Any, dataclasses).replace(method, protect=False))


def _names(method: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(method)]
