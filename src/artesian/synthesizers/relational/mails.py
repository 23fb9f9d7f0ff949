"""E-mail addresses that are made of a name in another table, or of one that is replaced later."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.data.inference.word_lists import fold
from artesian.data.schema import ForeignKey, Schema
from artesian.data.table import Table
from artesian.relations.joined import Join, joined_frame, joins_of, rows_of
from artesian.surrogates.characters import TWO_LETTERS
from artesian.surrogates.mail_names import MailNames
from artesian.surrogates.name_styles import name_parts
from artesian.surrogates.personas import DOMAINS
from artesian.synthesizers.relational.plan import Rows

FITS = 0.7
"""Minimum fraction of addresses that are made of a name of another table."""

MIN_ADDRESSES = 20
"""Minimum number of different addresses."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`order.contact_email` is made of `customer.first_name` and `customer.last_name`.

    Attributes:
        table, column: The addresses.
        names: A full name, or a first and a last one; columns of the table, or of `joins_of` it.
        patterns: How addresses are made of names.
    """

    table: str
    column: str
    names: tuple[str, ...]
    patterns: MailNames

    @property
    def target(self) -> tuple[str, str]:
        """Table and column of the addresses."""
        return self.table, self.column

    def __str__(self) -> str:
        return f"{self.table}: {self.column} is made of {' and '.join(self.names)}"


def mails(
    name: str,
    tables: Mapping[str, Table],
    foreign_keys: Collection[ForeignKey],
    rows: Mapping[ForeignKey, Rows],
    computed: Collection[str],
) -> Iterator[Mail]:
    """The addresses of a table that are made of names that its rows do not draw with them.

    Args:
        rows: Parent row of each row, by foreign key.
        computed: Columns of the table that follow from other tables.
    """
    table, joins = tables[name], joins_of(name, foreign_keys)
    addresses = [c.name for c in table.schema if c.role == "email" and c.name not in computed]
    if not addresses:
        return
    sources = [_names(table.schema, None)]
    sources += [_names(tables[join.table].schema, join) for join in joins]
    named = {n for source in sources for names in source for n in names}
    frames = {key: one.frame for key, one in tables.items()}
    frame = joined_frame(table.frame, joins, frames, rows, {*addresses, *named})
    for address in addresses:
        best = _best(frame, address, [names for source in sources for names in source])
        # The table draws an address with a name of its own.
        if best is not None and not (set(best[0]) <= set(table.schema.names) - set(computed)):
            yield Mail(name, address, *best)


def own_mails(table: Table) -> dict[str, tuple[str, ...]]:
    """Addresses that are made of names in the same row, with these."""
    names = _names(table.schema, None)
    addresses = [c.name for c in table.schema if c.role == "email"] if names else []
    every = {address: _best(table.frame, address, names) for address in addresses}
    return {address: best[0] for address, best in every.items() if best is not None}


def _best(
    frame: pl.DataFrame, address: str, candidates: list[tuple[str, ...]]
) -> tuple[tuple[str, ...], MailNames] | None:
    """The names that most addresses are made of, with their patterns; None if few are."""
    best, highest = None, FITS
    for names in candidates:
        people = frame.select(address, *names).cast(pl.String).drop_nulls()
        people = people.unique(maintain_order=True)
        if people[address].n_unique() < MIN_ADDRESSES:
            continue
        parts = [_first_and_last(tuple(row)) for row in people.select(names).iter_rows()]
        learned = MailNames.learn(people[address].to_list(), parts, minimum=MIN_COUNT)
        fraction = sum(learned.weights.values()) / len(people) if learned.fits else 0.0
        if fraction > highest or (best is None and fraction == highest):
            best, highest = (names, learned), fraction
    return best


def _names(schema: Schema, join: Join | None) -> list[tuple[str, ...]]:
    """A first and a last name, and full names, of one table."""
    by_role: dict[str, list[str]] = {}
    for column in schema:
        name = column.name if join is None else join.column(column.name)
        by_role.setdefault(column.role, []).append(name)
    out: list[tuple[str, ...]] = [(name,) for name in by_role.get("name", [])]
    if "first_name" in by_role and "last_name" in by_role:
        out.insert(0, (by_role["first_name"][0], by_role["last_name"][0]))
    return out


def _first_and_last(names: tuple[str, ...]) -> tuple[str, str]:
    return (names[0], names[1]) if len(names) == 2 else name_parts(names[0])


def with_mails(
    one: Mail,
    frames: Mapping[str, pl.DataFrame],
    foreign_keys: Collection[ForeignKey],
    rows: Mapping[ForeignKey, Rows],
    key: int,
) -> pl.Series:
    """The addresses; those of one name are the same in all tables, for the same `key`."""
    own, joins = frames[one.table], joins_of(one.table, foreign_keys)
    columns = joined_frame(own, joins, frames, rows, one.names).select(one.names)
    at = next((rows_of(j, rows) for j in joins if one.names[0].startswith(f"{j.name}.")), None)
    place = np.zeros(len(own), np.int64) if at is None else at
    old = own[one.column]
    people = columns.cast(pl.String).with_columns(pl.Series("", place))
    people = people.with_row_index("row").drop_nulls()
    first = people.unique([*one.names, ""], keep="first", maintain_order=True)
    first = first.sort([*one.names, ""])
    used: dict[str, int] = {}
    written: list[str | None] = []
    for row in first.select(one.names).iter_rows():
        head, tail = (_letters(n, one.patterns.expanded) for n in _first_and_last(row))
        if not head or not tail:
            written.append(None)
            continue
        digest = blake2b(f"{key} {head} {tail}".encode(), digest_size=8).digest()
        chance, domain = int.from_bytes(digest[:6]) / 2**48, DOMAINS[digest[7] % len(DOMAINS)]
        local = one.patterns.write(head, tail, (0, 0), (0, 0), chance)
        used[local] = used.get(local, 0) + 1
        # Namesakes get a number.
        number = str(used[local]) if used[local] > 1 else ""
        written.append(f"{local}{number}@{domain}")
    first = first.with_columns(pl.Series("new", written, dtype=pl.String))
    both = people.join(first.select(*one.names, "", "new"), on=[*one.names, ""], how="left")
    new = pl.DataFrame({"row": pl.Series(np.arange(len(own)), dtype=pl.UInt32)}).join(
        both.select("row", "new"), on="row", how="left", maintain_order="left"
    )["new"]
    return new.fill_null(old.cast(pl.String)).cast(old.dtype, strict=False).alias(one.column)


def _letters(name: str, expanded: bool) -> str:
    text = fold(name.casefold().translate(TWO_LETTERS)) if expanded else fold(name)
    return "".join(c for c in text if "a" <= c <= "z")
