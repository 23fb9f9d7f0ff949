"""Further sets of unique columns: kept so by a transform; declared ones are refused before the fit
if they cannot be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from artesian.core.errors import SchemaError
from artesian.data.inference.keys import infer_key
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.distinct import Distinct
from artesian.encoding.transforms.entities import Entities
from artesian.encoding.transforms.protocol import Transform
from artesian.relations.protocol import Relation
from artesian.relations.rules import Unique


def with_unique_keys(table: Table, rules: Iterable[Relation]) -> list[Table]:
    """The table with its key, and with each other set of unique columns as its key.

    Beside an identifier of the rows, categories and numbers may be a key too: ward and booth of a
    polling station.
    """
    keys = [table.schema.key]
    keys += [rule.names for rule in rules if isinstance(rule, Unique)]
    if [table.schema[name].kind for name in table.schema.key] == [Kind.KEY]:
        rest = [c for c in table.schema if c.kind in (Kind.CATEGORY, Kind.NUMBER, Kind.DATETIME)]
        natural = infer_key(table.frame.select(c.name for c in rest), rest)
        keys += [natural.columns] if natural is not None and len(natural.columns) > 1 else []
    return [
        replace(table, schema=replace(table.schema, key=key))
        for key in dict.fromkeys(keys)
        if set(key) <= set(table.schema.names)
    ]


def is_undone(transform: Transform, before: Iterable[Transform]) -> bool:
    """Whether unique values would be moved once more by the inverse of an earlier transform."""
    if not isinstance(transform, Distinct):
        return False
    key = {*transform.groups, transform.moved}
    return any(isinstance(one, Distinct) and not key.isdisjoint(one.columns) for one in before)


def refuse_repeated(
    rules: Iterable[Relation], table: Table, transforms: Sequence[Transform]
) -> None:
    """Refuse sets of unique columns that no transform keeps unique.

    Raises:
        SchemaError: names the constraint.
    """
    keys = list(_keys(transforms))
    for rule in rules:
        if isinstance(rule, Unique):
            if _is_generated(rule, table) or any(key <= set(rule.names) for key in keys):
                continue
            if table.frame.select(rule.names).is_duplicated().any():
                why = "rows of the source have the same values"
            else:
                why = "its columns are no key, nor categories, times or whole numbers"
            raise SchemaError(
                f"the constraint {str(rule)!r} cannot be kept: {why}",
                hint="make its columns the key of the schema, or leave the constraint out",
            )


def _keys(transforms: Iterable[Transform]) -> Iterator[set[str]]:
    """Sets of columns of which no two rows have the same values."""
    for one in transforms:
        if isinstance(one, Distinct) and (one.step or one.combinations is not None):
            yield {*one.groups, one.moved}
        for entity in one.entities if isinstance(one, Entities) else ():
            for name in (*entity.step, *entity.columns.counters):
                yield {entity.columns.identifying[0], name}


def _is_generated(rule: Unique, table: Table) -> bool:
    """Whether one of the columns is a key whose values are generated, each for one row."""
    return any(
        table.schema[name].kind is Kind.KEY and not table.frame[name].is_duplicated().any()
        for name in rule.names
    )
