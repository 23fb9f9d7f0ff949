"""Find which identifying columns belong to the same person, from how their values repeat together.

The rows of a person have one e-mail address, one name and one account, so these columns determine
each other, and they are generated from one entity number. A column whose values belong to one person
each, where a person has several (devices, addresses of visits), is *nested*: its entities are parts
of the person. Where no value repeats, a row is a person, unless names such as 'sender_email' and
'receiver_email' speak of two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from artesian.data.inference.header_words import owner_of
from artesian.data.inference.roles import DIRECT, PRIORITY, UNIQUE
from artesian.data.schema import Column
from artesian.surrogates.mail_names import MailNames
from artesian.surrogates.name_styles import name_parts

_WEAK = ("first_name", "last_name", "street", "city", "company", "job", "country", "postcode")
"""Roles whose values several people share."""

_NAMESAKES = 0.8
"""Minimum fraction of distinct names where a row is a person: the others are those of namesakes."""

SAMPLE = 1_000
"""Number of rows in which names are compared with mail addresses."""

_DETERMINED = 0.9
"""Minimum fraction of rows with the most frequent value of their group."""

_GROUPS = 3
"""Minimum number of values with several rows that are evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCluster:
    """Columns that describe the same person.

    Attributes:
        leader: The column whose values are the entities.
        members: All columns of the cluster that have one value per entity, the leader included.
        nested: Column -> mean number of its values per entity.
    """

    leader: str
    members: tuple[str, ...]
    nested: dict[str, float]


def cluster_columns(frame: pl.DataFrame, columns: Iterable[Column]) -> list[ColumnCluster]:
    """Divide columns with roles into clusters.

    Args:
        frame: Values of any type; equal ones are the same.
    """
    by_name = {column.name: column for column in columns}
    coded = frame.select(pl.col(name).rank("dense") for name in by_name)
    unique = {name: _unique(coded[name]) for name in by_name}
    order = list(by_name)

    def rank(name: str) -> tuple[int, float, int]:
        role = by_name[name].role
        place = PRIORITY.index(role) if role in PRIORITY else len(PRIORITY)
        return place, -unique[name], order.index(name)

    pending = sorted(by_name, key=rank)
    out: list[ColumnCluster] = []
    while pending:
        leader = pending[0]
        members, nested = [leader], {}
        alone = by_name[leader].role not in DIRECT
        for name in pending[1:]:
            if alone:
                break
            if unique[leader] >= UNIQUE:
                named = by_name[leader].role == "email" and by_name[name].role == "name"
                same = named and _fits(frame, leader, name)
                if same or _of_same_row(by_name[name], unique[name], leader, by_name, members):
                    members.append(name)
            elif determines(coded, leader, name):
                members.append(name)
            elif by_name[name].role not in _WEAK and determines(coded, name, leader):
                nested[name] = _values_per_entity(coded, leader, name)
        out.append(
            ColumnCluster(
                leader=leader, members=tuple(n for n in order if n in members), nested=nested
            )
        )
        pending = [n for n in pending if n not in members and n not in nested]
    return out


def _fits(frame: pl.DataFrame, mail: str, name: str) -> bool:
    """Whether mail addresses are made of the names beside them, whoever has the same name."""
    pairs = frame.select(mail, name).cast(pl.String).drop_nulls().unique(maintain_order=True)
    names = [name_parts(text) for text in pairs[name].head(SAMPLE).to_list()]
    learned = MailNames.learn(pairs[mail].head(SAMPLE).to_list(), names, minimum=1)
    return bool(names) and learned.fits


def determines(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether rows with the same value of `one` have the same of `other`, more than by chance."""
    present = frame.select(a=one, b=other).drop_nulls()
    pairs = present.group_by("a", "b").len()
    groups = pairs.group_by("a").agg(rows=pl.col("len").sum(), most=pl.col("len").max())
    groups = groups.filter(pl.col("rows") > 1)
    if groups.height < _GROUPS:
        return False
    fraction = float(groups["most"].sum()) / float(groups["rows"].sum())
    # Of a column that is nearly constant, every group has the same value by chance.
    usual = float(present["b"].value_counts()["count"].max() or 0) / max(present.height, 1)  # type: ignore[arg-type]
    return fraction >= _DETERMINED and fraction - usual >= 0.8 * (1 - usual)


def _of_same_row(
    column: Column,
    unique: float,
    leader: str,
    columns: dict[str, Column],
    members: Sequence[str],
) -> bool:
    """Whether a column describes the person of the row, where a row is a person."""
    minimum = _NAMESAKES if column.role == "name" else UNIQUE
    if unique < minimum and column.role not in _WEAK:
        return False  # its values repeat, so they belong to others
    roles = [c.role for c in columns.values()]
    several = any(roles.count(role) > 1 for role in ("email", "name", "first_name", "last_name"))
    leading, own = owner_of(columns[leader].name), owner_of(column.name)
    if several and leading and own and leading != own:
        return False
    return column.role not in [columns[n].role for n in members] or leading == own


def _unique(series: pl.Series) -> float:
    present = series.drop_nulls()
    return present.n_unique() / max(len(present), 1)


def _values_per_entity(frame: pl.DataFrame, leader: str, name: str) -> float:
    present = frame.select(a=leader, b=name).drop_nulls()
    return present.unique().height / max(present["a"].n_unique(), 1)
