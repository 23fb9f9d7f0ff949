"""Labels: identifiers of few things with many rows each ('product_id'), under other names.

A label is a category: what a product costs is modelled for each product. Only its name is another one,
of the same form and in the public range of the source's. Which name a label gets depends on all labels
of the table and is not stored, so a model gives no way back to the labels of the source. Texts that are
made of a label, such as 'P12-4' of 'P12', are made of the new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Seed
from artesian.data.row_groups import label_ids
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.transforms.protocol import Position
from artesian.relations.parse import is_relation, parse_relation
from artesian.relations.protocol import MIN_HOLDS, Relation
from artesian.relations.search.texts import texts
from artesian.relations.texts import Template
from artesian.surrogates.columns import Surrogate
from artesian.surrogates.keyed_random import key_of
from artesian.surrogates.makers import item_check_of
from artesian.surrogates.public_ids import PublicIds


@dataclass(frozen=True, slots=True)
class Labels:
    """Replaces the labels of some columns before anything else is done to them.

    Attributes:
        names: The columns.
        minimum: Minimum number of rows of a label; rarer ones share one.
        texts: The texts that are made of labels.
    """

    names: tuple[str, ...]
    minimum: int
    texts: tuple[Template, ...] = ()

    name: ClassVar[str] = "labels"

    @property
    def columns(self) -> tuple[str, ...]:
        """None: labels are sampled as they are."""
        return ()

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The identifiers that are labels; None if there are none."""
        names = label_ids(table)
        minimum = MIN_COUNT if protect else 1
        return cls(names, minimum, _texts_of(table, names)) if names else None

    def forward(self, table: Table) -> Table:
        """The table with other labels, as categories."""
        columns = [
            replace(table.schema[name], kind=Kind.CATEGORY, domain=None) for name in self.names
        ]
        frame = table.frame.with_columns(
            _relabelled(table.frame[name], table.schema[name], self.minimum) for name in self.names
        )
        frame = frame.with_columns(_rewritten(text, table.frame, frame) for text in self.texts)
        return replace(table, frame=frame, schema=table.schema.with_columns(columns))

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """The rows as they are."""
        return frame

    def to_state(self) -> dict[str, Any]:
        """The columns, and the texts that are made of them."""
        return {
            "names": self.names,
            "minimum": self.minimum,
            "texts": [{"relation": str(text), "columns": text.columns} for text in self.texts],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        texts = (parse_relation(one["relation"], tuple(one["columns"])) for one in state["texts"])
        return cls(
            tuple(state["names"]),
            state["minimum"],
            tuple(text for text in texts if isinstance(text, Template)),
        )


def _texts_of(table: Table, names: tuple[str, ...]) -> tuple[Template, ...]:
    """The texts that are made of labels: those that the schema lists, or else those in the data."""
    listed, columns = table.schema.relations, table.schema.names
    candidates: Iterable[Relation]
    if listed is None:
        candidates = (
            text
            for text in texts(
                table.frame.select(*names, pl.col(pl.String).exclude(*names)), sources=names
            )
            if (text.holds(table.frame).mean() or 0.0) >= MIN_HOLDS  # type: ignore[operator]
        )
    else:
        candidates = (
            parse_relation(text, columns) for text in listed if is_relation(text, columns)
        )
    return tuple(
        one
        for one in candidates
        if isinstance(one, Template) and one.target not in names and set(one.sources) <= set(names)
    )


def _rewritten(text: Template, before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    """The texts with new labels; those that are not made of the old ones are unchanged."""
    old, new = text.compute(before), text.compute(after)
    both = pl.DataFrame({"text": before[text.target], "old": old, "new": new})
    rest = pl.col("text").str.slice(pl.col("old").str.len_chars())
    begins = pl.col("text").str.starts_with(pl.col("old"))
    return both.select(
        pl.when(begins).then(pl.col("new") + rest).otherwise("text").alias(text.target)
    ).to_series()


def _relabelled(series: pl.Series, column: Column, minimum: int) -> pl.Series:
    """The values with a new label for each frequent one; rare ones are merged until they are not."""
    counts = series.drop_nulls().alias("value").value_counts(name="rows").sort("value")
    values = counts["value"].cast(pl.String)
    digest = hashlib.blake2b(digest_size=16)
    for value, rows in zip(values.to_list(), counts["rows"].to_list(), strict=True):
        digest.update(f"{value}\0{rows}\0".encode("utf-8", "surrogatepass"))
    seed = Seed(int.from_bytes(digest.digest(), "big"))
    label = _merged(counts["rows"].to_numpy().astype(np.int64), minimum, seed.rng())
    count = int(label.max()) + 1
    form = None if item_check_of(series.drop_nulls()) else PublicIds.from_values(series)
    if form is not None:
        labels = form.make(np.arange(count, dtype=np.uint64), key_of(seed))
    else:
        text = series.cast(pl.String) if isinstance(series.dtype, pl.Enum) else series
        labels = Surrogate.learn(text, column, keep_repeats=False).make(0, count, seed)
    dtype = pl.String() if isinstance(series.dtype, pl.Enum) else series.dtype
    joined = (
        series.cast(pl.String)
        .to_frame("value")
        .join(
            pl.DataFrame({"value": values, "label": labels[label]}),
            on="value",
            how="left",
            maintain_order="left",
        )
    )
    return joined["label"].cast(dtype).alias(series.name)


def _merged(rows: NDArray[np.int64], minimum: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A label for each value, in random order; values of less than `minimum` rows share one."""
    groups: list[list[int]] = [[at] for at in np.flatnonzero(rows >= minimum).tolist()]
    waiting: list[int] = []
    for at in rng.permutation(np.flatnonzero(rows < minimum)).tolist():
        waiting.append(at)
        if rows[waiting].sum() >= minimum:
            groups.append(waiting)
            waiting = []
    if groups:
        groups[-1] += waiting
    else:
        groups.append(waiting)
    out = np.empty(len(rows), np.int64)
    for label, group in zip(rng.permutation(len(groups)).tolist(), groups, strict=True):
        out[group] = label
    return out
