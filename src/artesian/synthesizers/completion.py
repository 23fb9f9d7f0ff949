"""Imputation: missing values of given rows, drawn conditionally on their other values.

A method supplies a function that draws the missing codes; this module does what all methods share.
Values that are present are never changed. What a transform ties together is kept: the modelled columns
of the real row are completed and restored, so that a missing total is the sum of the real parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.segments import Codes, Floats
from artesian.encoding.table_codec import TableCodec
from artesian.encoding.transforms.formula_steps import FormulaStep
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.relations import RelationSteps
from artesian.encoding.transforms.steps import Hidden, decimals_of
from artesian.relations.formulas import Formula
from artesian.relations.parse import relations_of
from artesian.relations.rules import is_of_rows, parse_rules
from artesian.relations.signed import SignedSum

Mask = NDArray[np.bool_]

DrawMissing = Callable[[NDArray[np.int64], Mask, np.random.Generator], tuple[Codes, Floats]]
"""(positions of r rows, which of their codes are missing (p, r), rng) -> codes and positions within
them, each of shape (p, r); the missing ones are drawn, and no missing one means a missing value."""

TRIES = 21
"""Number of times rows are drawn until they keep the relations and constraints of the table. In the
second half the number of candidates of a row doubles each time."""

MAX_CANDIDATES = 50_000
"""Candidates that are drawn at once."""

GENERATED = (Kind.TEXT, Kind.KEY)
"""Kinds of columns whose values are generated anew, so that a missing one is not imputed."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A table with its missing values drawn.

    Attributes:
        table: The table.
        contradicted: Positions of rows in which a known value was not used, because it is modelled by
            its relation to a missing one, and does not follow from what was drawn.
    """

    table: Table
    contradicted: NDArray[np.int64]


@runtime_checkable
class CompletingModel(Protocol):
    """A model that draws missing values conditionally on the known values of their row."""

    def complete(
        self,
        table: Table,
        imputations: int,
        *,
        relations: Sequence[str] | None = None,
        run: Run | None = None,
    ) -> Iterator[Completed]:
        """Yield `table` with its missing values drawn, `imputations` times.

        Present values are unchanged. Values of texts and keys remain missing.

        Args:
            relations: Relations for which rows that do not keep them are drawn again; None for those
                of the model.
        """
        ...


def impute(
    method: Any, train: Table, table: Table, imputations: int, run: Run
) -> Iterator[tuple[Table, int]]:
    """Fit `method` on `train`, and draw the missing values of `table`, `imputations` times.

    A model of columns by their relations does not use the end of an interval whose start is missing.
    Rows in which that contradicts a known value are drawn from a model without relations and
    constraints instead, until they keep them.

    Yields:
        The table, and the number of its rows that do not keep a relation or constraint.
    """
    model = method.fit(train, run=run)
    relations = model.schema.relations or ()
    free: Iterator[Completed] | None = None
    for one in model.complete(table, imputations, run=run):
        frame = one.table.frame
        if free is None and len(one.contradicted):
            plain = replace(train, schema=replace(train.schema, relations=(), constraints=()))
            other = method.fit(plain, run=run)
            free = other.complete(table, imputations, relations=relations, run=run.child("free"))
        if free is not None:
            others, rows = next(free).table.frame[one.contradicted], one.contradicted
            frame = pl.DataFrame(_at(series, rows, others[series.name]) for series in frame)
            frame = _with_computed(frame, table.frame, relations)
        yield table.with_frame(frame), len(_violating(relations, table, frame))


def _with_computed(
    frame: pl.DataFrame, real: pl.DataFrame, relations: Sequence[str]
) -> pl.DataFrame:
    """The rows with what a formula gives where the real value is missing."""
    for one in relations_of(relations, tuple(frame.columns)):
        if isinstance(one, Formula | SignedSum) and real[one.target].has_nulls():
            old = frame[one.target]
            values = Hidden(old.dtype, decimals_of(real[one.target])).series(
                old.name, one.compute(frame)
            )
            frame = frame.with_columns(
                old.zip_with(real[one.target].is_not_null() | values.is_null(), values)
            )
    return frame


def complete(
    codec: TableCodec,
    table: Table,
    draw: DrawMissing,
    imputations: int,
    relations: Sequence[str] | None,
    run: Run,
) -> Iterator[Completed]:
    """The shared part of `CompletingModel.complete`."""
    present = _present_columns(codec)
    modelled = codec.transforms.forward(table).frame
    # What is computed from known values is not drawn, and does not remain missing.
    unknown = [pl.when(pl.col(name)).then(True).alias(name) for name in present]
    modelled = modelled.with_columns(unknown)
    missing = _missing(codec, modelled)
    rows = np.flatnonzero(missing.any(axis=0))
    kept = codec.transforms.relations(table.schema.names) if relations is None else relations
    filled = [table.frame] * imputations
    contradicted = np.zeros((imputations, len(table)), bool)
    left = [rows] * imputations
    for attempt in run.track(range(TRIES), "impute"):
        if not any(map(len, left)):
            continue
        # All imputations at once: many methods take as long for few rows as for many.
        copies = _copies(attempt, sum(map(len, left)))
        every = np.repeat(np.concatenate(left), copies)
        rng = run.seed.child("draw", attempt).rng()
        codes, positions = draw(every, missing[:, every], rng)
        ends = np.cumsum([len(one) * copies for one in left])
        for number, rows in enumerate(left):
            at = np.repeat(rows, copies)
            part = slice(ends[number] - len(at), ends[number])
            drawn = codes[:, part], positions[:, part]
            restored = _restored(
                codec, table, modelled, present, at, drawn, run.child("restore", number)
            )
            own = table.with_frame(table.frame[at])
            candidates = _put(own.frame, own.frame, restored, np.arange(len(at)))
            wrong = np.zeros(len(at), bool)
            wrong[_violating(kept, own, candidates)] = True
            # Another draw from the same model does not help rows whose known values it does not use.
            lost = _contradicted(codec, table, restored, at)
            chosen = _first_best(wrong & ~lost, copies)
            filled[number] = _put(filled[number], table.frame, restored[chosen], rows)
            contradicted[number, rows] = lost[chosen]
            left[number] = rows[(wrong & ~lost)[chosen]]
    for frame, wrong in zip(filled, contradicted, strict=True):
        yield Completed(table.with_frame(frame), np.flatnonzero(wrong))


def _copies(attempt: int, rows: int) -> int:
    """Number of candidates of each row that is still to be drawn: few rows keep a narrow constraint
    only with a small probability, and are worth many."""
    doublings = max(attempt - TRIES // 2, 0)
    return max(min(1 << doublings, MAX_CANDIDATES // max(rows, 1)), 1)


def _first_best(wrong: Mask, copies: int) -> NDArray[np.int64]:
    """For each row, the position of the first of its candidates that is not wrong, or of the first."""
    best = wrong.reshape(-1, copies).argmin(axis=1)
    return np.asarray(np.arange(len(best)) * copies + best, np.int64)


def _present_columns(codec: TableCodec) -> list[str]:
    """The modelled columns that say whether a computed column has a value."""
    return [
        step.present
        for one in codec.transforms.transforms
        if isinstance(one, RelationSteps)
        for step in one.steps
        if isinstance(step, FormulaStep) and step.present is not None
    ]


def _missing(codec: TableCodec, modelled: pl.DataFrame) -> Mask:
    """Which modelled values are missing and can be drawn, (p, n)."""
    missing = np.zeros((len(codec.names), modelled.height), bool)
    for row, (name, column) in enumerate(codec.coded.items()):
        drawable = name not in codec.surrogates.names and len(column.mass())
        if drawable:
            missing[row] = modelled[name].is_null().to_numpy()
    return missing


def _restored(
    codec: TableCodec,
    table: Table,
    modelled: pl.DataFrame,
    present: list[str],
    rows: NDArray[np.int64],
    drawn: tuple[Codes, Floats],
    run: Run,
) -> pl.DataFrame:
    """All columns of `table` at `rows`, with the drawn values where the modelled ones are missing."""
    if not len(rows):
        return table.frame[rows]
    rest = modelled[rows]
    direct: dict[str, pl.Series] = {}
    for row, (name, column) in enumerate(codec.coded.items()):
        if name in codec.surrogates.names or not rest[name].null_count():
            continue
        values = column.decode(drawn[0][row], drawn[1][row]).cast(rest[name].dtype)
        direct[name] = rest[name].fill_null(values.alias(name))
    rest = rest.with_columns(direct.values()).with_columns(pl.lit(True).alias(n) for n in present)
    inverse = codec.transforms.inverse(rest, Position(0, run.seed, arranged=False))
    columns = []
    for name in table.schema.names:
        dtype = table.frame[name].dtype
        if table.schema[name].kind in GENERATED:
            columns.append(table.frame[name][rows])
            continue
        values = inverse[name].cast(dtype)
        if name in direct:
            values = values.fill_null(direct[name].cast(dtype))
        columns.append(values.alias(name))
    return pl.DataFrame(columns)


def _at(series: pl.Series, rows: NDArray[np.int64], values: pl.Series) -> pl.Series:
    """The series with other values at `rows`, of any type: decimals cannot be scattered."""
    if not len(rows):
        return series
    place, chosen = np.zeros(len(series), np.int64), np.zeros(len(series), bool)
    place[rows], chosen[rows] = np.arange(len(rows)), True
    return values[place].zip_with(pl.Series(chosen), series).alias(series.name)


def _put(
    frame: pl.DataFrame, real: pl.DataFrame, restored: pl.DataFrame, rows: NDArray[np.int64]
) -> pl.DataFrame:
    """`frame` with the values of `restored` at `rows` where those of the `real` frame are missing."""
    columns = []
    for series in frame:
        own = real[series.name][rows]
        if own.null_count():
            series = _at(series, rows, own.zip_with(own.is_not_null(), restored[series.name]))
        columns.append(series)
    return pl.DataFrame(columns)


def _contradicted(
    codec: TableCodec, table: Table, restored: pl.DataFrame, rows: NDArray[np.int64]
) -> Mask:
    """Whether a known value of each of `rows` does not follow from the drawn ones by its relation."""
    wrong = np.zeros(len(rows), bool)
    tied = {
        name
        for one in codec.transforms.transforms
        if isinstance(one, RelationSteps)
        for name in one.columns
    }
    for name in tied.intersection(table.schema.names):
        real, drawn = table.frame[name][rows], restored[name]
        same = (
            (real - drawn).abs() <= 1e-6 * real.abs() + 1e-9
            if real.dtype.is_numeric()
            else real == drawn
        )
        wrong |= (~same & real.is_not_null()).fill_null(False).to_numpy()
    return wrong


def _violating(relations: Sequence[str], table: Table, filled: pl.DataFrame) -> NDArray[np.int64]:
    """Positions of the rows in which a relation, or a constraint of the schema, does not hold that held
    before or did not apply."""
    wrong = np.zeros(filled.height, bool)
    rules = parse_rules(table.schema.constraints, table.schema.names)
    own = [rule for rule in rules if is_of_rows(rule)]
    for relation in (*relations_of(relations, table.schema.names), *own):
        before = ~relation.holds(table.frame).fill_null(True)
        now = ~relation.holds(filled).fill_null(True)
        wrong |= (now & ~before).to_numpy()
    return np.flatnonzero(wrong)
