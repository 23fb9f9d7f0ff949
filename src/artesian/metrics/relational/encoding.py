"""Related tables as aligned arrays: the columns of every table, and the parent row of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.run import Seed
from artesian.data.dataset import comparable, in_common_type
from artesian.data.row_groups import numbering
from artesian.data.schema import ForeignKey, Kind
from artesian.data.table import Table
from artesian.metrics.common.arrays import Floats, Hashes, Ints, encode_categories, floats
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.features import Features
from artesian.metrics.protocol import Comparison
from artesian.metrics.relational.alignment import aligned
from artesian.metrics.relational.protocol import MIN_PARENTS, DatasetComparison

MAX_UNIQUE = 0.5
"""Categories with more distinct values than this fraction of the rows name rows: no features."""

MAX_COLUMNS = 200
"""Maximum number of columns of a table that are compared; of more, a random choice."""

_KINDS = (Kind.NUMBER, Kind.DATETIME, Kind.CATEGORY, Kind.BOOLEAN)


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """One table of all sides.

    Attributes:
        rows: Side -> its rows, in the order of the table.
        features: Which columns a learner sees, and how. Neither keys nor columns that name rows.
        order: Side -> (rows,) what orders the rows of one parent: the time, or a line number; None if
            no column does.
        time: The column of the time; None if there is none, or several with an equal claim.
        sequence: The foreign key to the parent whose rows are ordered; None for the entity.
    """

    encoded: Encoded
    rows: Mapping[str, Rows]
    features: Features
    order: Mapping[str, Floats] | None
    time: str | None
    sequence: ForeignKey | None

    def matrix(self, side: str) -> Floats:
        """(rows, features)"""
        return self.features.matrix(self.rows[side])


@dataclass(frozen=True, slots=True)
class Link:
    """The foreign key of one side.

    Attributes:
        parent: (child rows,) position of the parent row, -1 without one.
        orphans: (child rows,) whether the row has a key that no parent has.
        children: (parent rows,) number of child rows.
    """

    parent: Ints
    orphans: np.ndarray
    children: Ints


@dataclass(frozen=True, slots=True)
class EncodedDataset:
    """All tables and foreign keys of a comparison with one encoding.

    Attributes:
        sides: 'real', 'synthetic', and 'holdout' if there is one.
        links: Foreign key -> side -> its link.
        owners: Child table -> the foreign key to the parent that its rows depend on most.
        groups: Table -> side -> (rows,) number of the independent unit that a row belongs to: its
            ancestor by `owners`, the entity of its schema, or the row itself.
        identities: Table -> side -> (rows,) hash of the columns of that ancestor, or of the row. Sides
            may have the same parents, as where a reference table is kept.
    """

    sides: tuple[str, ...]
    tables: Mapping[str, EncodedTable]
    links: Mapping[ForeignKey, Mapping[str, Link]]
    owners: Mapping[str, ForeignKey]
    groups: Mapping[str, Mapping[str, Ints]]
    identities: Mapping[str, Mapping[str, Hashes]]
    shared: frozenset[str]

    def children_of(self, name: str) -> list[ForeignKey]:
        """The foreign keys that refer to the table `name`."""
        return [key for key in self.links if key.parent == name]

    def parents_of(self, name: str) -> list[ForeignKey]:
        """The foreign keys of the table `name`."""
        return [key for key in self.links if key.child == name]

    def height(self, side: str, name: str) -> int:
        """The number of rows of a table."""
        return self.tables[name].rows[side].height

    def has_holdout(self, *names: str) -> bool:
        """Whether the holdout has other rows than the training data in each of these tables."""
        return "holdout" in self.sides and not self.shared & set(names)


def encode_dataset(datasets: DatasetComparison) -> EncodedDataset:
    """Encode all tables and link all foreign keys; cached per comparison.

    Raises:
        SchemaError: the synthetic data lack most tables or columns.
    """
    return datasets.cached(("encoded",), lambda: _encoded(datasets))


def link(child: Table, parent: Table, key: ForeignKey) -> Link:
    """Find the parent row of every child row; of parents with equal keys, the first one."""
    names = [f"key_{position}" for position in range(len(key.columns))]
    pairs = [
        _in_one_type(child.frame[c], parent.frame[p])
        for c, p in zip(key.columns, key.parent_columns, strict=True)
    ]
    left = pl.DataFrame({name: pair[0] for name, pair in zip(names, pairs, strict=True)})
    right = pl.DataFrame({name: pair[1] for name, pair in zip(names, pairs, strict=True)})
    first = right.with_row_index("parent").unique(names, keep="first")
    joined = left.join(first, on=names, how="left", maintain_order="left")["parent"]
    positions = joined.cast(pl.Int64).fill_null(-1).to_numpy().astype(np.int64)
    absent = left.select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy()
    children = np.bincount(positions[positions >= 0], minlength=parent.frame.height).astype(
        np.int64
    )
    return Link(positions, (positions < 0) & ~absent, children)


def _in_one_type(child: pl.Series, parent: pl.Series) -> tuple[pl.Series, pl.Series]:
    if comparable(child.dtype, parent.dtype):
        return in_common_type(child, parent)
    return child.cast(pl.String).str.strip_chars(), parent.cast(pl.String).str.strip_chars()


def _encoded(datasets: DatasetComparison) -> EncodedDataset:
    both = aligned(datasets)
    sides = tuple(both.tables)
    links = {
        key: {
            side: link(both.tables[side][key.child], both.tables[side][key.parent], key)
            for side in sides
        }
        for key in both.foreign_keys
    }
    shared = frozenset(datasets.shared)
    owners = _owners(links, shared, {n: len(t) for n, t in both.tables["real"].items()})
    tables = {
        name: _encoded_table(
            {side: both.tables[side][name] for side in sides}, links, name, owners.get(name)
        )
        for name in both.tables["real"]
    }
    units = {
        name: {side: _groups(both.tables[side], links, owners, side, name) for side in sides}
        for name in tables
    }
    groups = {name: {side: one[0] for side, one in by.items()} for name, by in units.items()}
    identities = {
        name: {side: _identity(tables, side, name, *one[1:]) for side, one in by.items()}
        for name, by in units.items()
    }
    return EncodedDataset(sides, tables, links, owners, groups, identities, shared)


def _encoded_table(
    tables: Mapping[str, Table],
    links: Mapping[ForeignKey, Mapping[str, Link]],
    name: str,
    owner: ForeignKey | None,
) -> EncodedTable:
    real = tables["real"]
    single = {real.schema.key[0]} if len(real.schema.key) == 1 else set()
    for key in links:
        if len(key.columns) == 1:
            single |= {key.columns[0]} if key.child == name else set()
            single |= {key.parent_columns[0]} if key.parent == name else set()
    single |= {real.schema.entity} if real.schema.entity is not None else set()
    names = tuple(
        column.name
        for column in real.schema
        if column.kind in _KINDS
        and column.name not in single
        and not _names_rows(real, column.name)
    )
    encoded = _encode_columns(tables, names)
    rows = {side: getattr(encoded, side) for side in tables}
    rows = {side: each.take(np.argsort(each.positions)) for side, each in rows.items()}
    keys = [key for key in links if key.child == name and key.parent != name and key != owner]
    keys.sort(key=lambda key: (_filled(links[key]["real"]), str(key)))
    column, time, sequence = _order(real, names, [owner, *keys] if owner is not None else [None])
    order = (
        {side: floats(table.frame[column]) for side, table in tables.items()} if column else None
    )
    features = Features.from_encoded(encoded, MAX_COLUMNS, Seed(0).child("columns", name))
    return EncodedTable(encoded, rows, features, order, time, sequence)


def _encode_columns(tables: Mapping[str, Table], names: tuple[str, ...]) -> Encoded:
    """Encode some columns; a table of keys only has none."""
    if names:
        selected = {side: table.select(names) for side, table in tables.items()}
        return encode(Comparison(selected["real"], selected["synthetic"], selected.get("holdout")))
    rows = {side: Rows(len(table), {}, {}, np.arange(len(table))) for side, table in tables.items()}
    return Encoded((), {}, {}, rows["real"], rows["synthetic"], rows.get("holdout"))


def _names_rows(table: Table, name: str) -> bool:
    """Whether a category has so many distinct values that it names rows, as titles do."""
    if table.schema[name].kind is not Kind.CATEGORY or len(table) < 2 * MIN_PARENTS:
        return False
    return table.frame[name].n_unique() > MAX_UNIQUE * len(table)


def _order(
    table: Table, names: tuple[str, ...], keys: Sequence[ForeignKey | None]
) -> tuple[str | None, str | None, ForeignKey | None]:
    """What orders the rows of a parent, the same if it is a time, and the foreign key to that parent.

    Args:
        keys: Foreign keys in the order of preference; None for the entity.
    """
    for key in keys:
        if (time := _time(table, names, key)) is not None:
            return time, time, key
    owner = keys[0]
    if owner is not None and len(owner.columns) == 1:
        lines = numbering(table, owner.columns[0])
        if lines:
            return lines[0], None, owner
    return None, None, None


def _time(table: Table, names: tuple[str, ...], owner: ForeignKey | None) -> str | None:
    """The time of the schema, or else the only date that differs between rows of the same parent."""
    schema = table.schema
    if schema.time is not None:
        return schema.time if schema.time in names else None
    if owner is None and schema.entity is None:
        return None
    by = list(owner.columns) if owner is not None else [str(schema.entity)]
    dates = [name for name in names if schema[name].kind is Kind.DATETIME and name not in by]
    varies = [
        name
        for name in dates
        if table.frame.select(*by, name).n_unique() > table.frame.select(by).n_unique()
    ]
    return varies[0] if len(varies) == 1 else None


def _owners(
    links: Mapping[ForeignKey, Mapping[str, Link]],
    shared: frozenset[str],
    heights: Mapping[str, int],
) -> dict[str, ForeignKey]:
    """For every child table the foreign key whose parents have most of its rows in few groups.

    A parent that differs between training data and holdout comes first; one with too few rows for
    independent groups comes last.
    """
    owners: dict[str, ForeignKey] = {}
    for name in heights:
        keys = [key for key in links if key.child == name and key.parent != name]
        if keys and name not in owners:
            owners[name] = min(
                keys,
                key=lambda key: (
                    key.parent in shared,
                    _filled(links[key]["real"]) < 2 * MIN_PARENTS,
                    _filled(links[key]["real"]) if key.parent not in shared else 0,
                    str(key),
                ),
            )
    return owners


def _filled(one: Link) -> int:
    return int((one.children > 0).sum())


def _groups(
    tables: Mapping[str, Table],
    links: Mapping[ForeignKey, Mapping[str, Link]],
    owners: Mapping[str, ForeignKey],
    side: str,
    name: str,
) -> tuple[Ints, str, Ints]:
    """(rows,) the unit of every row: the farthest ancestor of which there are enough. Also the table
    of the ancestors, and (rows,) their positions, -1 without one."""
    table = tables[name]
    groups = np.arange(len(table), dtype=np.int64)
    visited = {name}
    at, rows = name, groups.copy()  # the ancestor of every row, -1 without one
    while at in owners and owners[at].parent not in visited:
        key = owners[at]
        if _filled(links[key]["real"]) < 2 * MIN_PARENTS:
            break
        parent = links[key][side].parent
        rows = np.where(rows >= 0, parent[rows], -1)
        at = key.parent
        visited.add(at)
        groups = np.where(rows >= 0, rows + len(table), np.arange(len(table)))
    entity = table.schema.entity
    if at == name and entity is not None:
        _, (codes,) = encode_categories([table.frame[entity].cast(pl.String)])
        groups = np.where(codes >= 0, codes + len(table), np.arange(len(table)))
    return np.unique(groups, return_inverse=True)[1].astype(np.int64), at, rows


def _identity(
    tables: Mapping[str, EncodedTable], side: str, name: str, ancestor: str, rows: Ints
) -> Hashes:
    """(rows,) hashes of the columns of the ancestor, or of the row where it has none."""
    own = tables[name].rows[side].hashes()
    if ancestor == name or not tables[ancestor].rows[side].height:
        return own
    return np.where(rows >= 0, tables[ancestor].rows[side].hashes()[np.maximum(rows, 0)], own)
