"""A synthesizer of single tables that serves one of the related tables.

It is fitted on the columns of the table and, as further numbers, on what the rows have from their
children, so that these depend on the row as they do with sequential trees, and on values of the rows
that they refer to, by which they get their parents afterwards.
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
from artesian.data.dataset import Dataset
from artesian.data.schema import Column, Kind
from artesian.data.table import Table
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.protocol import Synthesizer, Where
from artesian.synthesizers.relational.items import Extra
from artesian.synthesizers.relational.plan import Plan, TablePlan

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TableMethod:
    """A fitted model of single tables.

    Attributes:
        model: The model, of the columns of the table and of further numbers.
        referred: The columns with codes of referred rows.
        extras: The columns with what the rows have from their children.
    """

    model: Any
    referred: tuple[str, ...]
    extras: tuple[str, ...]

    @classmethod
    def fit(
        cls,
        synthesizer: Synthesizer,
        table: Table,
        profiles: CodedTable | None,
        extras: Sequence[Extra],
        codes: Codes,
        run: Run,
    ) -> TableMethod:
        """Fit `synthesizer`.

        Args:
            table: The columns that it draws.
            profiles: Values of the referred rows, the last code of each meaning no row.
            extras: What the rows have from their children.
            codes: Of these numbers, shape (extras, rows).
        """
        mark = "related "
        while any(name.startswith(mark) for name in table.schema.names):
            mark += "_"
        own, limits = [*codes], [len(extra.codec.floor) for extra in extras]
        if profiles is not None:
            own, limits = [*profiles.codes, *own], [*(profiles.levels - 1).tolist(), *limits]
        names = tuple(f"{mark}{number}" for number in range(len(own)))
        # Their codes are ranks: no transform takes them for amounts, and no tail is rounded again.
        columns = [
            pl.Series(name, one, dtype=pl.Int64).set(pl.Series(one >= limit), None)
            for name, one, limit in zip(names, own, limits, strict=True)
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
        referred = 0 if profiles is None else profiles.columns
        return cls(synthesizer.fit(whole, run=run), names[:referred], names[referred:])

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns of the model that are not those of the table."""
        return (*self.referred, *self.extras)

    def check_values(self) -> None:
        """Check that the model has the columns of the numbers."""
        require(set(self.numbers) <= set(self.model.schema.names), "the method lacks numbers")

    def draw(
        self,
        rows: int,
        codec: TableCodec,
        levels: Sequence[int],
        where: Where | None,
        run: Run,
    ) -> tuple[Codes, pl.DataFrame]:
        """Codes of referred rows, own columns and extras, and the rows.

        Args:
            levels: Numbers of codes of referred rows and of extras.
            where: Conditions on own columns.
        """
        drawn = self.model.sample(rows, where, run=run)
        own = Table(drawn.frame.drop(self.numbers), codec.schema, codec.origin)
        numbers = [
            drawn.frame[name].fill_null(count - 1).clip(0, count - 1).to_numpy()[None]
            for count, name in zip(levels, self.numbers, strict=True)
        ]
        place = len(self.referred)
        coded = [*numbers[:place], codec.coded_table(own).codes, *numbers[place:]]
        return np.concatenate(coded).astype(np.uint8), own.frame


def require_tables(methods: Mapping[str, Synthesizer], plan: Plan, dataset: Dataset) -> None:
    """Refuse methods of tables that they cannot serve.

    Raises:
        UsageError: the table is kept, or has no columns but keys, or the method takes no conditions.
    """
    reasons = {one.name: _reason(one, dataset[one.name]) for one in plan}
    free = [name for name, reason in reasons.items() if not reason]
    for name, method in methods.items():
        capabilities = method.capabilities
        if reasons[name]:
            raise UsageError(
                f"the table {name!r} cannot have a method of its own: {reasons[name]}",
                hint=f"tables that can: {', '.join(free) or 'none'}",
            )
        if not capabilities.conditions or "table" not in capabilities.inputs:
            raise UsageError(
                f"the method {capabilities.name!r} takes no conditions, so it cannot serve {name!r}",
                hint="use another method, such as trees or gaussian_copula",
            )


def _reason(plan: TablePlan, table: Table) -> str:
    """Why no method of single tables can serve a table; '' if one can."""
    if plan.kept:
        return f"it is kept: {plan.kept}"
    return "it has no columns but keys" if set(table.schema.names) <= plan.linked else ""
