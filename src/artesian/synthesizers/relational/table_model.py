"""The fitted model of one table of a dataset, and how its rows are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.memory import require_memory
from artesian.core.run import Run
from artesian.core.validated import Rows
from artesian.data.schema import ForeignKey
from artesian.encoding.coded_table import CodedTable
from artesian.encoding.table_codec import ColumnCodec, TableCodec
from artesian.synthesizers.relational.checks import check_table
from artesian.synthesizers.relational.clock import Clock
from artesian.synthesizers.relational.conditions import TableCondition, nothing_left
from artesian.synthesizers.relational.constraints import Admission
from artesian.synthesizers.relational.drawing import draw_independent, draw_owned
from artesian.synthesizers.relational.drift import Drift
from artesian.synthesizers.relational.items import Extra
from artesian.synthesizers.relational.lanes import taken
from artesian.synthesizers.relational.plan import TablePlan
from artesian.synthesizers.relational.references import Reference, assign
from artesian.synthesizers.relational.siblings import Siblings
from artesian.synthesizers.relational.state import (
    MAX_CONTEXT,
    State,
    ancestors_of,
    at,
    levels_at,
    no_owner,
)
from artesian.synthesizers.relational.table_method import TableMethod
from artesian.synthesizers.sequential.conditioned import CANDIDATES
from artesian.synthesizers.sequential.given import GivenChain, joined

MAX_ROUNDS, MAX_EMPTY, MAX_REJECTED = 200, 20, 100
"""Number of times that as many rows as asked for are drawn under a condition; after `MAX_EMPTY` of them
it ends if fewer than 1 in `MAX_REJECTED` satisfy it."""

BYTES_PER_VALUE = 40
"""Bytes that a value takes while it is drawn, about: code, position within it, and the value itself."""

Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TableModel:
    """One fitted table.

    Attributes:
        plan: Where its rows belong.
        kept: The rows as they are; None if rows are drawn.
        template: A frame of no rows with all columns of the table.
        codec: Codes of the columns that are drawn; None if there are none.
        references: Foreign keys that are assigned after drawing.
        extras: Numbers that other rows determine.
        siblings: What a row sees of the siblings before it; None without an owner.
        clock: The time that orders the rows of an owner; None without one.
        chain: The distribution of own columns and extras given all else; None if the table is kept.
        increments: That of the increment between two rows; None without a clock.
        constant: Own columns that are the same for all siblings.
        same: Columns of the table whose values are the same for all siblings.
        drifts: Columns that are drawn as differences between siblings.
        own: The own columns without rows.
        rows: Number of rows that it was fitted on.
        unowned: How many of them belong to no row.
        owner_rows: Number of rows of the table of its owners.
        fixed: The state of a kept table.
        method: The method of single tables that draws the rows; None for sequential trees.
    """

    plan: TablePlan
    kept: pl.DataFrame | None
    template: pl.DataFrame
    codec: TableCodec | None
    references: tuple[Reference, ...]
    extras: tuple[Extra, ...]
    siblings: Siblings | None
    clock: Clock | None
    chain: GivenChain | None
    increments: GivenChain | None
    constant: Ints
    same: tuple[str, ...]
    drifts: tuple[Drift, ...]
    own: CodedTable
    rows: Rows
    unowned: Rows
    owner_rows: Rows
    fixed: State | None = None
    method: TableMethod | None = None

    def with_fixed(self, own: Codes, extras: Codes) -> TableModel:
        """The model of a kept table with the codes of its rows, both of shape (columns, rows)."""
        rows = own.shape[1] if own.ndim == 2 else 0
        fixed = State(self.own.with_codes(own), self.extras_coded(extras), *no_owner(rows))
        return replace(self, fixed=fixed)

    @property
    def drawn(self) -> CodedTable:
        """Own columns and extras, without rows."""
        extras = self.extras_coded(np.zeros((len(self.extras), 0), np.uint8))
        return joined([self.own, extras], 0)

    def context_levels(self, inherited: Ints) -> Ints:
        """Numbers of codes of what rows that belong to these rows depend on.

        Args:
            inherited: The same of their own owners.
        """
        return levels_at(np.concatenate([self.drawn.levels, inherited])[:MAX_CONTEXT])

    def check_values(self) -> None:
        """Check what drawing takes for granted within the table."""
        check_table(self)

    def draw(
        self,
        scale: float,
        states: Mapping[str, State],
        models: Mapping[str, TableModel],
        run: Run,
        condition: TableCondition | None = None,
    ) -> tuple[State, pl.DataFrame]:
        """Draw the rows of the table given those of its parents.

        Args:
            condition: What all rows satisfy; see `conditions`.

        Returns:
            The rows as codes, and a frame of all columns but those of foreign keys.

        Raises:
            ConditionError: too few rows satisfy the condition.
        """
        if self.method is not None and self.codec is not None:
            where = None if condition is None else condition.where
            rows = self._expected_rows(scale, states, models)
            self.require_memory(rows)
            levels = [
                *(level for one in self.references for level in one.levels.tolist()),
                *(one.codec.levels for one in self.extras),
            ]
            own_run = run.child("rows", self.plan.name)
            codes, frame = self.method.draw(round(rows), self.codec, levels, where, own_run)
            return self._state(codes), frame
        if condition is None or not condition.where:
            return self._draw_all(scale, states, models, run)
        if self.plan.owner is None and self.fixed is None:
            return self._draw_satisfying(round(self.rows * scale), condition, run)
        state, frame = self._draw_all(scale, states, models, run)
        there = np.flatnonzero(condition.mask(frame).to_numpy())
        if not len(there):
            raise nothing_left(self.plan.name, condition.where)
        return state.select(there), frame[there]

    def _expected_rows(
        self, scale: float, states: Mapping[str, State], models: Mapping[str, TableModel]
    ) -> float:
        """Number of rows of a table without owner: as many per row of its first parent as there are."""
        unit = self.plan.unit
        if unit is None:
            return self.rows * scale
        parent = models[unit.parent]
        parents = len(states[unit.parent]) / max(parent.rows, 1)
        return self.rows * parents * (1.0 if parent.kept is None else scale)

    def _draw_satisfying(
        self, rows: int, condition: TableCondition, run: Run
    ) -> tuple[State, pl.DataFrame]:
        """Draw rows without owner under a condition; what codes cannot state is met by rejection."""
        assert self.chain is not None
        self.require_memory(rows * CANDIDATES)
        rng = run.seed.child("rows", self.plan.name).rng()
        admission = self.admission()
        weights, codecs = condition.weights, condition.codecs
        if admission is not None:
            weights = {**admission.weights, **weights}
            codecs = {**admission.rows.restricted, **codecs}
        states, frames, count = [], [], 0
        for number in range(MAX_ROUNDS):
            run.check("sample")
            codes = self.chain.draw_conditioned(max(rows, 1), weights, rng)
            state = self._state(codes)
            frame = self._frame(state, None, run, number * rows, codecs)
            satisfied = condition.mask(frame).to_numpy()
            if admission is not None:
                satisfied = satisfied & admission.accepts(frame)
            there = np.flatnonzero(satisfied)[: rows - count]
            states.append(state.select(there))
            frames.append(frame[there])
            count += len(there)
            if count >= rows:
                break
            if number + 1 >= MAX_EMPTY and count <= number * rows / MAX_REJECTED:
                break
        if count < rows:
            constraints = () if self.codec is None else self.codec.schema.constraints
            raise nothing_left(self.plan.name, condition.where, constraints)
        own, extras = (
            np.concatenate([getattr(one, part).codes for one in states], axis=1)
            for part in ("own", "extras")
        )
        return self._state(np.concatenate([own, extras])), pl.concat(frames)

    def _state(self, codes: Codes) -> State:
        """Rows without owner, of the codes of own columns and extras."""
        own = self.own.with_codes(np.ascontiguousarray(codes[: self.own.columns]))
        extras = self.extras_coded(np.ascontiguousarray(codes[self.own.columns :]))
        return State(own, extras, *no_owner(codes.shape[1]))

    def _draw_all(
        self, scale: float, states: Mapping[str, State], models: Mapping[str, TableModel], run: Run
    ) -> tuple[State, pl.DataFrame]:
        rng = run.seed.child("rows", self.plan.name).rng()
        if self.fixed is not None:
            assert self.kept is not None
            return self.fixed, self.kept
        steps: Ints | None = None
        numbers: dict[tuple[str, int], pl.Series] = {}
        admission = self.admission()
        if self.plan.owner is None:
            self.require_memory(self.rows * scale)
            codes, positions = draw_independent(self, round(self.rows * scale), rng, run, admission)
            owners = np.full(codes.shape[1], -1, np.int64)
            inherited = joined([], codes.shape[1])
        else:
            parent = states[self.plan.owner.parent]
            numbers = models[self.plan.owner.parent].decoded(parent, self.plan.owner, rng)
            kept = models[self.plan.owner.parent].kept is not None
            codes, positions, owners, steps = draw_owned(
                self, scale, parent, numbers, rng, run, admission, owner_kept=kept
            )
        own_columns = self.own.columns
        if self.plan.owner is not None:
            # In the order of their owners, those without one last.
            place = np.argsort(np.where(owners < 0, len(parent), owners), kind="stable")
            codes, owners = codes[:, place], owners[place]
            steps = None if steps is None else steps[place]
            positions = None if positions is None else positions[:, place]
            inherited = at(parent.context(), owners)
        own = self.own.with_codes(np.ascontiguousarray(codes[:own_columns]))
        extras = self.extras_coded(np.ascontiguousarray(codes[own_columns:]))
        state = State(own, extras, inherited, owners)
        if self.plan.owner is not None:
            parents = ancestors_of(self.plan.owner.parent, owners, states[self.plan.owner.parent])
            state = replace(state, ancestors=parents, rows={self.plan.owner: owners})
        restricted = None if admission is None else admission.rows.restricted
        frame = self._frame(state, steps, run, 0, restricted, positions)
        for number, one in enumerate(self.drifts):
            starts = taken(numbers["base", number].cast(pl.Float64).to_numpy(), owners)
            starts = np.where(np.isnan(starts), np.nanmean(starts), starts)
            frame = frame.with_columns(one.restored(frame[one.name], starts, owners))
        return state, frame

    def extras_coded(self, codes: Codes) -> CodedTable:
        """The extras as a coded table."""
        count = len(self.extras)
        return CodedTable(
            tuple(f"{one.key} ({one.kind} {one.item})" for one in self.extras),
            codes,
            np.array([one.codec.levels for one in self.extras], np.int64),
            np.ones(count, bool),
            np.array([one.codec.missing for one in self.extras], bool),
        )

    def decoded(
        self, state: State, key: ForeignKey, rng: np.random.Generator
    ) -> dict[tuple[str, int], pl.Series]:
        """The numbers that rows of this table have from the rows of one foreign key."""
        return {
            (one.kind, one.item): one.codec.decode(
                state.extras.codes[place], rng.random(len(state))
            )
            for place, one in enumerate(self.extras)
            if one.key == key
        }

    def require_memory(self, rows: float) -> None:
        """Refuse more rows than memory has room for."""
        columns = len(self.template.columns) + self.own.columns + len(self.extras)
        require_memory(
            rows * columns * BYTES_PER_VALUE, f"a sample of the table {self.plan.name!r}"
        )

    def admission(self) -> Admission | None:
        """The constraints on the columns that are drawn; None if there are none.

        Raises:
            ConditionError: the model has no value in the range of a constraint.
        """
        return Admission.of(self.codec, self.own.columns)

    def _frame(
        self,
        state: State,
        steps: Ints | None,
        run: Run,
        first_row: int = 0,
        restricted: Mapping[str, ColumnCodec] | None = None,
        positions: Floats | None = None,
    ) -> pl.DataFrame:
        """The columns that codes and steps give.

        Args:
            first_row: Number of rows before, from which keys derive.
            restricted: Codecs of conditioned columns, in place of their own.
            positions: Positions of the values within their codes; None draws them.
        """
        seed = run.seed.child("values", self.plan.name)
        columns: dict[str, pl.Series] = {}
        if self.codec is not None:
            first = self.own.columns - len(self.codec.names)
            codes = state.own.codes[first:]
            drawn = seed.child("round", first_row) if first_row else seed
            uniforms = drawn.rng().random(codes.shape) if positions is None else positions
            decoded = self.codec.decode(
                codes, uniforms, first_row, seed, restricted, arranged=False
            )
            columns = {series.name: series for series in decoded.frame}
        if steps is not None and self.clock is not None:
            columns[self.clock.scale.name] = self.clock.scale.series(steps)
        frame = pl.DataFrame(columns)
        same = [name for name in self.same if name in columns]
        if same:
            own = np.where(state.owners < 0, -1 - np.arange(len(state)), state.owners)
            _, start, number = np.unique(own, return_index=True, return_inverse=True)
            siblings = frame.select(same)[start[number]]
            frame = frame.with_columns(siblings)
        if not columns:
            return pl.DataFrame({"": np.zeros(len(state), np.int8)})
        return frame

    def assign(
        self,
        state: State,
        reference: Reference,
        states: Mapping[str, State],
        models: Mapping[str, TableModel],
        fixed: tuple[Ints, Ints] | None,
        run: Run,
    ) -> State:
        """The drawn rows with one reference assigned; see `references.assign`."""
        rng = run.seed.child("references", self.plan.name, str(reference.key)).rng()
        before = self.references[: self.references.index(reference)]
        place = sum(len(one.columns) for one in before)
        wanted = state.own.codes[place : place + len(reference.columns)]
        parent = states[reference.key.parent]
        numbers = models[reference.key.parent].decoded(parent, reference.key, rng)
        degrees = numbers["count", 0].fill_null(0).cast(pl.Int64).to_numpy()
        return assign(reference, wanted, degrees, state, parent, fixed, rng)
