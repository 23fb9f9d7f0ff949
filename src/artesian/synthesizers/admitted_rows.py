"""Rows that satisfy what their codes do not guarantee: constraints, and conditions on columns that a
transform restores.

Rows that a method draws are decoded and checked, and those that break a constraint are drawn again. It
is done here for every method, whatever it draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from artesian.core.errors import ConditionError
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.encoding.numeric import NumberCodec
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import ColumnCodec, TableCodec
from artesian.relations.protocol import Relation
from artesian.relations.ranges import Bounds, ranges_of
from artesian.relations.rules import is_of_rows, parse_rules
from artesian.synthesizers.conditions import CodeCondition, satisfies
from artesian.synthesizers.protocol import Where
from artesian.synthesizers.rejection_sampling import Candidates, rejection_sample, select
from artesian.synthesizers.sampling import Block

MAX_ROUNDS = 100
"""Number of times that the rows of a block are checked. A row may change with others of its block, so
that a row which was accepted alone breaks a constraint in its place."""

HINT = "correct the constraint, or leave it out; rows that break one are drawn again"

Draw = Callable[[int], tuple[Candidates, Floats]]
"""Number of candidates -> the candidates, and the probability to accept each."""


@dataclass(slots=True)
class Tally:
    """How many of the rows that were checked satisfy each constraint.

    Attributes:
        where: Conditions on the rows, for messages.
    """

    rules: tuple[Relation, ...]
    where: Where | None = None
    rows: int = 0
    accepted: int = 0
    satisfied: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.satisfied = [0] * len(self.rules)

    @contextmanager
    def named(self) -> Iterator[None]:
        """Errors name the constraint that the smallest number of rows satisfies, or the conditions.

        Raises:
            ConditionError: in place of another one.
        """
        try:
            yield
        except ConditionError as problem:
            worst = int(np.argmin(self.satisfied)) if self.rules else 0
            if not self.rules or self.satisfied[worst] == self.rows:
                given = f"{dict(self.where)}: " if self.where else ""
                raise ConditionError(f"{given}{problem.problem}", hint=problem.hint) from problem
            count, rate = self.satisfied[worst], self.satisfied[worst] / self.rows
            under = f" under the conditions {dict(self.where)}" if self.where else ""
            together = f"; {self.accepted:,} satisfy all" if len(self.rules) > 1 else ""
            raise ConditionError(
                f"the constraint {str(self.rules[worst])!r} cannot be kept{under}: {count:,} of "
                f"{self.rows:,} sampled rows satisfy it ({100 * rate:.2g} %){together}",
                hint=HINT,
            ) from problem


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What decoded rows have to satisfy, beyond what their codes guarantee.

    Attributes:
        where: Conditions on columns that a transform restores.
        rules: Constraints of the schema.
    """

    where: Where
    rules: tuple[Relation, ...]

    def __bool__(self) -> bool:
        return bool(self.where or self.rules)

    def accepts(self, frame: pl.DataFrame, tally: Tally) -> Floats:
        """1 for rows that satisfy everything, else 0, shape (rows,).

        Raises:
            SchemaError: a constraint compares values of different types.
        """
        kept = np.ones(frame.height, bool)
        if self.where:
            kept &= frame.select(satisfies(self.where).fill_null(False)).to_series().to_numpy()
        for number, rule in enumerate(self.rules):
            satisfied = rule.holds(frame).fill_null(True).to_numpy()
            tally.satisfied[number] += int(satisfied.sum())
            kept &= satisfied
        tally.rows += frame.height
        tally.accepted += int(kept.sum())
        return kept.astype(np.float64)


def rules_of_rows(schema: Schema) -> tuple[Relation, ...]:
    """The constraints of a schema that each row satisfies by itself.

    Raises:
        SchemaError: a constraint cannot be parsed.
    """
    return tuple(rule for rule in parse_rules(schema.constraints, schema.names) if is_of_rows(rule))


@dataclass(frozen=True, slots=True)
class AdmittedRows:
    """Draws blocks of rows that satisfy a filter.

    Attributes:
        restricted: Codecs that decode to admitted values only, by column.
        weights: Whether each code of a column has values in the range of its constraints, shape
            (levels,), by position of the column.
        where: All conditions, for messages.
    """

    codec: TableCodec
    needed: RowFilter
    restricted: Mapping[str, ColumnCodec]
    weights: Mapping[int, Floats]
    where: Where | None

    @classmethod
    def from_codec(
        cls,
        codec: TableCodec,
        where: Where | None,
        conditions: Mapping[str, CodeCondition],
        restored: Where,
    ) -> AdmittedRows:
        """The rows of `codec` that satisfy the constraints of its schema.

        Args:
            where: All conditions.
            conditions: Those on columns that have codes of their own.
            restored: Those on other columns.

        Raises:
            SchemaError: a constraint cannot be parsed.
            ConditionError: the model has no value in the range of a constraint.
        """
        rules = rules_of_rows(codec.schema)
        restricted = {name: one.codec for name, one in conditions.items()}
        weights: dict[int, Floats] = {}
        for name, bounds in ranges_of(rules).items():
            column = codec.coded.get(name)
            own = name not in codec.transforms.columns and name not in restricted
            if own and isinstance(column, NumberCodec) and column.dtype.is_numeric():
                restricted[name], kept = _within(column, name, bounds)
                weights[codec.names.index(name)] = kept
        return cls(codec, RowFilter(restored, rules), restricted, weights, where)

    def draw(self, candidates: Draw, block: Block, rng: np.random.Generator) -> Table:
        """The rows of a block.

        Raises:
            ConditionError: too few candidates satisfy the constraints and conditions.
        """
        tally = Tally(self.needed.rules, self.where)

        def decode(parts: Candidates, *, arranged: bool) -> Table:
            return self.codec.decode(
                *parts, block.first_row, block.seed, self.restricted, arranged=arranged
            )

        def inside(count: int) -> tuple[Candidates, Floats]:
            parts, probability = candidates(count)
            for column, kept in self.weights.items():
                probability = probability * kept[parts[0][column]]
            return parts, probability

        def checked(count: int) -> tuple[Candidates, Floats]:
            parts, probability = inside(count)
            parts = select(parts, np.flatnonzero(rng.random(count) < probability))
            return parts, self.needed.accepts(decode(parts, arranged=False).frame, tally)

        with tally.named():
            if self.where or self.weights:
                codes, positions = _joined(rejection_sample(inside, select, block.rows, rng))
            else:
                (codes, positions), _ = candidates(block.rows)
            if not self.needed:
                return decode((codes, positions), arranged=True)
            rate = 1.0
            for number in range(MAX_ROUNDS):
                rows = decode((codes, positions), arranged=False)
                accepted = self.needed.accepts(rows.frame, tally)
                wrong = np.flatnonzero(accepted == 0)
                rate = rate if number else float(accepted.mean())
                if not len(wrong):
                    if not self.codec.transforms.arranges:
                        return rows
                    return decode((codes, positions), arranged=True)
                again = rejection_sample(checked, select, len(wrong), rng, rate=rate)
                codes[:, wrong], positions[:, wrong] = _joined(again)
            raise ConditionError(
                f"{len(wrong):,} of {block.rows:,} rows break it whenever they are drawn again",
                hint=HINT,
            )


def _within(column: NumberCodec, name: str, bounds: Bounds) -> tuple[NumberCodec, Floats]:
    """The codec of the values within the bounds, and 1 for each code that has some, or is missing."""
    try:
        codec, fraction = column.restrict_range(bounds.low, bounds.high)
    except ConditionError as problem:
        raise ConditionError(
            f"the constraint {bounds.text!r} cannot be kept: of {name!r}, {problem.problem}",
            hint=problem.hint,
        ) from problem
    kept = (fraction > 0).astype(np.float64)
    if column.missing:
        kept[-1] = 1.0
    return codec, kept


def _joined(batches: list[Candidates]) -> Candidates:
    codes, positions = (np.concatenate(part, axis=1) for part in zip(*batches, strict=True))
    return codes, positions
