"""Whom real rows are about: rows of the same entity are not independent of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from artesian.core.run import Seed
from artesian.data.row_groups import entity_of
from artesian.data.schema import Kind
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.encoding import Rows, encode
from artesian.metrics.common.roc import Truth
from artesian.metrics.protocol import Comparison

NAMING = 0.8
"""Minimum fraction of the entities that have a value of their own in a column that names them."""


MAX_SHARED = 0.1
"""Maximum fraction of the entities of a holdout, split by entity, that have training rows too."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """The entity of each real row; a row without one is an entity by itself.

    Attributes:
        entity: The column of the entity; None if no two rows have the same.
        train, holdout: (rows,) numbers of the entities, in the order of the tables; the latter is
            empty without a holdout.
    """

    entity: str | None
    train: Ints
    holdout: Ints

    def halved(self, seed: Seed) -> Ints:
        """(entities,) a random half, 0 or 1, of each entity.

        The halves have equally many holdout entities and training entities, but for one.
        """
        half = np.zeros(1 + max(self.train.max(initial=0), self.holdout.max(initial=0)), np.int64)
        holdout = np.unique(self.holdout)
        for name, members in (
            ("holdout", holdout),
            ("train", np.setdiff1d(self.train, holdout, assume_unique=False)),
        ):
            order = seed.child(name).rng().permutation(len(members))
            half[members[order]] = np.arange(len(members)) % 2
        return half


def find_subjects(tables: Comparison) -> Subjects:
    """Number the entities of training and holdout rows together; cached per comparison."""
    return tables.cached(("subjects",), lambda: _numbered(tables))


def _numbered(tables: Comparison) -> Subjects:
    encoded = encode(tables)
    real = [(tables.real, encoded.real)]
    if tables.holdout is not None and encoded.holdout is not None:
        real.append((tables.holdout, encoded.holdout))
    height = len(tables.real)
    # Numbers follow the order of the encoded rows, so that they do not depend on that of the input.
    order = np.concatenate([at * height + rows.positions for at, (_, rows) in enumerate(real)])
    entity = find_entity(tables)
    ordered = np.arange(len(order))
    if entity is not None:
        both = pl.concat([table.frame[entity].cast(pl.String) for table, _ in real])
        rows = pl.DataFrame({"entity": both[order]}).with_row_index("row").drop_nulls("entity")
        first = rows.select(pl.col("row").first().over("entity"))["row"].to_numpy()
        ordered[rows["row"].to_numpy()] = first
        _, ordered = np.unique(ordered, return_inverse=True)
    numbers = np.empty(len(order), np.int64)
    numbers[order] = ordered
    return Subjects(entity, numbers[:height], numbers[height:])


def find_entity(tables: Comparison) -> str | None:
    """The column that identifies whom a real row is about; None if no two rows have the same.

    It is inferred from training and holdout rows together, as when these were split. Cached.
    """
    return tables.cached(("entity",), lambda: _entity(tables))


def _entity(tables: Comparison) -> str | None:
    real = tables.real
    if real.schema.entity is not None or tables.holdout is None:
        return entity_of(real)
    try:
        frame = pl.concat([real.frame, tables.holdout.frame.select(real.frame.columns)])
    except pl.exceptions.PolarsError:  # columns of other types, which other metrics report
        return entity_of(real)
    entity = entity_of(real.with_frame(frame))
    # A key that begins anew in the holdout repeats in both together, but nobody has several rows.
    repeats = entity is not None and real.frame[entity].drop_nulls().is_duplicated().any()
    return entity if repeats else entity_of(real)


def find_groups(tables: Comparison, side: int, rows: Rows) -> Ints | None:
    """(rows,) the number of the entity of some rows of one table; None if no real rows share one, or
    if training rows and holdout have the same entities.

    Args:
        side: 0 for training rows, 1 for synthetic rows, 2 for the holdout.
    """
    entity = find_entity(tables)
    table = (tables.real, tables.synthetic, tables.holdout)[side]
    if entity is None or table is None or entity not in table.frame.columns:
        return None
    subjects = find_subjects(tables)
    holdout = np.unique(subjects.holdout)
    if len(holdout) and np.isin(holdout, subjects.train).mean() > MAX_SHARED:
        return None
    texts = table.frame[entity].cast(pl.String)[rows.positions]
    first = pl.DataFrame({"entity": texts}).with_row_index("row")
    of = first.select(
        pl.when(pl.col("entity").is_null())
        .then("row")
        .otherwise(pl.col("row").first().over("entity"))
    )
    return np.unique(of.to_series().to_numpy(), return_inverse=True)[1].astype(np.int64)


def subsample_entities(tables: Comparison, side: int, rows: Rows, size: int, seed: Seed) -> Rows:
    """At most `size` random rows of a table, those of whole entities but for the last one.

    Of random rows, customers of the larger table would be more, and have fewer rows each.

    Args:
        side: As in `find_groups`.
    """
    of = find_groups(tables, side, rows)
    if of is None or rows.height <= size:
        return rows.subsample(size, seed)
    place = seed.rng().permutation(int(of.max()) + 1)
    return rows.take(np.sort(np.argsort(place[of], kind="stable")[:size]))


def columns_naming_entities(tables: Comparison) -> frozenset[str]:
    """Categories of the real rows that are another name of the entity, which no other table has."""
    entity = find_entity(tables)
    if entity is None:
        return frozenset()
    frame = tables.real.frame
    number, out = frame[entity].n_unique(), []
    for name in tables.real.schema.of_kind(Kind.CATEGORY):
        many = name != entity and frame[name].n_unique() >= NAMING * number
        if many and frame.select(entity, name).n_unique() <= number / NAMING:
            out.append(name)
    return frozenset(out)


def mean_by_subject(
    of: Ints, train: Truth, scores: Sequence[Floats]
) -> tuple[Truth, tuple[Floats, ...]]:
    """The mean of each of `scores`, (rows,), over the rows with the same entity.

    Args:
        of: (rows,) numbers of the entities.
        train: (rows,) whether the row is a training row; one entity may have rows of both kinds.

    Returns:
        (entities,) whether it has the training rows of an entity, and the means, in the same order.
    """
    _, first, group = np.unique(2 * of + train, return_index=True, return_inverse=True)
    counts = np.bincount(group)
    return train[first], tuple(np.bincount(group, each) / counts for each in scores)


def largest_by_subject(of: Ints, train: Truth, scores: Floats) -> Ints:
    """(entities,) position of the row with the largest of `scores`, (rows,), of each entity, in the
    order of `mean_by_subject`.

    Args:
        of, train: As in `mean_by_subject`.
    """
    order = np.lexsort([scores, 2 * of + train])
    ends = np.flatnonzero(np.diff((2 * of + train)[order], append=-1))
    return np.asarray(order[ends])
