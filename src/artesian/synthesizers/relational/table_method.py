"""A synthesizer of single tables that serves one of the related tables.

It is fitted on the columns of the table and, as further numbers, on what the rows have from their
children, so that these depend on the row as they do with sequential trees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.core.validated import require
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.protocol import Synthesizer, Where
from artesian.synthesizers.relational.items import Extra
from artesian.synthesizers.relational.plan import Plan

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TableMethod:
    """A fitted model of single tables.

    Attributes:
        model: The model, of the columns of the table and of its numbers of children.
        extras: The columns with these numbers.
    """

    model: Any
    extras: tuple[str, ...]

    @classmethod
    def fit(
        cls,
        synthesizer: Synthesizer,
        table: Table,
        extras: Sequence[Extra],
        codes: Codes,
        run: Run,
    ) -> TableMethod:
        """Fit `synthesizer`.

        Args:
            table: The columns that it draws.
            extras: What the rows have from their children.
            codes: Of these numbers, shape (extras, rows).
        """
        mark = "children "
        while any(name.startswith(mark) for name in table.schema.names):
            mark += "_"
        names = tuple(f"{mark}{number}" for number in range(len(extras)))
        # Their codes are ranks: no transform takes them for amounts, and no tail is rounded again.
        columns = [
            pl.Series(name, own, dtype=pl.Int64).set(pl.Series(own >= len(extra.codec.floor)), None)
            for extra, own, name in zip(extras, codes, names, strict=True)
        ]
        schema = replace(
            table.schema,
            columns=(
                *table.schema.columns,
                *(Column(name=name, kind=Kind.NUMBER, nullable=True) for name in names),
            ),
            entity=None,
            time=None,
        )
        whole = replace(table, frame=table.frame.with_columns(columns), schema=schema)
        return cls(synthesizer.fit(whole, run=run), names)

    def check_values(self) -> None:
        """Check that the model has the columns of the numbers."""
        require(set(self.extras) <= set(self.model.schema.names), "the method lacks numbers")

    def draw(
        self,
        rows: int,
        codec: TableCodec,
        extras: Sequence[Extra],
        where: Where | None,
        run: Run,
    ) -> tuple[Codes, pl.DataFrame]:
        """Codes of own columns and extras, and the rows.

        Args:
            where: Conditions on own columns.
        """
        drawn = self.model.sample(rows, where, run=run)
        own = Table(drawn.frame.drop(self.extras), codec.schema, codec.origin)
        numbers = [
            drawn.frame[name].fill_null(extra.codec.levels - 1).clip(0, extra.codec.levels - 1)
            for extra, name in zip(extras, self.extras, strict=True)
        ]
        coded = codec.coded_table(own).codes
        return np.concatenate([coded, *(one.to_numpy()[None] for one in numbers)]).astype(
            np.uint8
        ), own.frame


def require_tables(methods: Mapping[str, Synthesizer], plan: Plan) -> None:
    """Refuse methods of tables that they cannot serve.

    Raises:
        UsageError: the rows of the table belong to those of another one, or it is kept, or the method
            takes no conditions.
    """
    free = [one.name for one in plan if one.owner is None and not one.kept]
    for name, method in methods.items():
        capabilities = method.capabilities
        if name not in free:
            reasons = {
                one.name: f"it is kept: {one.kept}"
                if one.kept
                else f"its rows depend on {one.owner}"
                for one in plan
            }
            raise UsageError(
                f"the table {name!r} cannot have a method of its own: {reasons[name]}",
                hint=f"tables that can: {', '.join(free) or 'none'}",
            )
        if not capabilities.conditions or "table" not in capabilities.inputs:
            raise UsageError(
                f"the method {capabilities.name!r} takes no conditions, so it cannot serve {name!r}",
                hint="use another method, such as trees or gaussian_copula",
            )
