"""Functional dependencies by value: rows that agree in some columns agree in another."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from artesian.data.frames import as_text
from artesian.relations.expressions import listed, quoted


@dataclass(frozen=True, slots=True)
class Dependency:
    """`sources -> target`; a missing value counts as a value of the target.

    Attributes:
        values: Values of the single source, as text, to which the dependency is confined
            (`kind in ('fee') -> amount`: every fee has the same amount); all if there are none.
    """

    sources: tuple[str, ...]
    target: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        left = ", ".join(map(quoted, self.sources))
        return f"{left}{listed(self.values)} -> {quoted(self.target)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Sources and target."""
        return *self.sources, self.target

    def holds(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row has its group's most frequent value; null where the group has one row."""
        keys = [f"s{at}" for at in range(len(self.sources))]
        rows = frame.select(
            *(pl.col(name).alias(key) for name, key in zip(self.sources, keys, strict=True)),
            pl.col(self.target).alias("t"),
            self._listed(frame).alias("listed"),
        )
        applies = pl.all_horizontal(pl.col(key).is_not_null() for key in keys)
        applies &= pl.col("listed")
        ranks = rows.with_columns(n=pl.len().over([*keys, "t"]), total=pl.len().over(keys))
        # Of values equally frequent in a group, the first in the order of values is the right one.
        best = pl.col("t").sort_by(pl.col("n"), pl.col("t"), descending=True, nulls_last=True)
        right = ranks.select(
            pl.when(applies & (pl.col("total") > 1)).then(
                pl.col("t").eq_missing(best.first().over(keys))
            )
        )
        return right.to_series().alias(str(self))

    def _listed(self, frame: pl.DataFrame) -> pl.Series:
        """Whether a row has one of the values to which the dependency is confined."""
        if not self.values:
            return pl.repeat(True, frame.height, eager=True)
        return as_text(frame[self.sources[0]]).is_in(list(self.values)).fill_null(False)

    def lookup(
        self, frame: pl.DataFrame, minimum: int, entities: pl.Series | None = None
    ) -> pl.DataFrame:
        """The target's value for every combination of source values with at least `minimum` rows.

        Args:
            entities: The entity of each row, if rows of the same one count once.

        Returns:
            One row per combination, the sources and the target as columns.
        """
        rows = frame.select(*self.sources, self.target)
        each = pl.len() if entities is None else pl.col("\0entity").n_unique()
        if entities is not None:
            rows = rows.with_columns(entities.alias("\0entity"))
        rows = rows.filter(self._listed(frame)).drop_nulls(self.sources)
        return (
            rows.group_by(*self.sources)
            .agg(
                each.alias("\0rows"),
                pl.col(self.target).value_counts(sort=True, name="\0n").first().alias("\0best"),
            )
            .filter(pl.col("\0rows") >= minimum)
            .with_columns(pl.col("\0best").struct.field(self.target))
            .select(*self.sources, self.target)
            .sort(self.sources)
        )
