"""Save what rows have in common with those of other tables, and restore it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artesian.core.validated import require
from artesian.data.dataset import Dataset
from artesian.relations.across import Across
from artesian.relations.formulas import Copy, Formula
from artesian.relations.joined import Joined, joins_of
from artesian.relations.parse import parse_relation
from artesian.relations.repeated import Repeated
from artesian.relations.texts import Template
from artesian.surrogates.mail_names import MailNames
from artesian.synthesizers.relational.across import Between
from artesian.synthesizers.relational.mails import Mail


def between_to_dict(between: Between, empty: Dataset) -> dict[str, Any]:
    """As JSON types, with foreign keys as places among those of the dataset."""
    keys = empty.foreign_keys
    return {
        "pairs": [{"key": keys.index(one.key), **one.to_dict()} for one in between.pairs],
        "joined": [{"table": one.table, "relation": str(one.relation)} for one in between.joined],
        "repeated": [one.to_dict(keys) for one in between.repeated],
        "mails": [
            {
                "table": one.table,
                "column": one.column,
                "names": list(one.names),
                "patterns": one.patterns.to_state(),
            }
            for one in between.mails
        ],
    }


def between_from_dict(entry: Mapping[str, Any], empty: Dataset) -> Between:
    """Restore what `between_to_dict` returned."""
    keys = empty.foreign_keys
    for each in entry["pairs"]:
        require(0 <= each["key"] < len(keys), "there is no such foreign key")
    for each in entry["repeated"]:
        places = [place for place in each["within"] or () if place is not None]
        require(all(0 <= place < len(keys) for place in places), "there is no such foreign key")
    return Between(
        tuple(Across.from_dict(keys[each["key"]], each) for each in entry["pairs"]),
        tuple(_joined(empty, each) for each in entry["joined"]),
        tuple(Repeated.from_dict(each, keys) for each in entry["repeated"]),
        tuple(
            Mail(
                each["table"],
                each["column"],
                tuple(each["names"]),
                MailNames.from_state(each["patterns"]),
            )
            for each in entry["mails"]
        ),
    )


def _joined(empty: Dataset, entry: Mapping[str, Any]) -> Joined:
    """The relation of a row with those that it refers to."""
    require(entry["table"] in empty, "a relation of a table that does not exist")
    names = joined_names(empty, entry["table"])
    relation = parse_relation(entry["relation"], names)
    require(isinstance(relation, Copy | Formula | Template), "a relation that computes nothing")
    assert isinstance(relation, Copy | Formula | Template)
    return Joined(entry["table"], relation)


def joined_names(empty: Dataset, table: str) -> tuple[str, ...]:
    """The columns of a table and of those that are joined to it."""
    joins = joins_of(table, empty.foreign_keys)
    further = [join.column(n) for join in joins for n in empty[join.table].schema.names]
    return (*empty[table].schema.names, *further)
