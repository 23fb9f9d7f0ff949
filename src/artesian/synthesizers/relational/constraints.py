"""Constraints of related tables, as the schema of each table declares them.

What a row keeps by itself is translated into relations where possible, as for one table; rows that
break the rest are drawn again, each given its owner and the sibling before it. What is decided later,
by keys and by rows of other tables, is checked when it is: rows that break it are left out, with all
that refers to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import ConditionError, SchemaError
from artesian.core.run import Seed
from artesian.data.dataset import Dataset
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.encoding.table_codec import TableCodec
from artesian.relations.declared import declared_rules, describe_violations
from artesian.relations.protocol import Relation, count
from artesian.relations.rules import Unique, is_of_rows, parse_rules
from artesian.synthesizers.admitted_rows import AdmittedRows, Tally
from artesian.synthesizers.relational.plan import Plan, TablePlan, parent_rows

MAX_ROUNDS, MAX_CANDIDATES = 20, 16
"""How often a row that breaks a constraint is drawn again in its place, and as often in other places,
and how many candidates at a time."""

MIN_LEFT = 0.01
"""Minimum proportion of the rows of a table that are left when constraints are checked at last."""

HINT = "correct the constraint, or leave it out; rows that break one are drawn again or left out"

Codes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Rules = Mapping[str, Sequence[Relation]]

Draw = Callable[[Ints, Ints], Codes]
"""Positions of rows, and of the rows in whose place they are drawn -> codes."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What the drawn rows of one table have to satisfy by themselves.

    Attributes:
        rows: The constraints, and codecs that give values in their ranges only.
        first: Number of drawn columns before those of the codec.
    """

    rows: AdmittedRows
    first: int

    @classmethod
    def of(cls, codec: TableCodec | None, own_columns: int) -> Self | None:
        """The constraints on columns that are drawn; None if there are none.

        Args:
            own_columns: Number of drawn columns of the table, those of the codec last.

        Raises:
            ConditionError: the model has no value in the range of a constraint.
        """
        if codec is None or not codec.schema.constraints:
            return None
        rows = AdmittedRows.from_codec(codec, None, {}, {})
        return cls(rows, own_columns - len(codec.names)) if rows.needed else None

    @property
    def weights(self) -> dict[int, Floats]:
        """Whether each code has admitted values, by position among the drawn columns."""
        return {self.first + column: kept for column, kept in self.rows.weights.items()}

    def draw(
        self, draw: Draw, count: int, seed: Seed, rng: np.random.Generator
    ) -> tuple[Codes, Floats]:
        """Codes of rows that satisfy the constraints, and the positions of values within them.

        A row that breaks one whenever it is drawn, because its owner leaves no choice, is drawn as if
        it were in the place of another one. If it still does, it remains for `without_broken`.
        """
        every = np.arange(count)
        codes = draw(every, every)
        positions = rng.random((len(self.rows.codec.names), count))
        wrong = np.flatnonzero(~self._accepted(codes, positions, seed))
        rate = 1 - len(wrong) / max(count, 1)
        for number in range(2 * MAX_ROUNDS):
            if not len(wrong):
                break
            rows = np.repeat(wrong, int(np.clip(2 / max(rate, 1e-3), 1, MAX_CANDIDATES)))
            right = np.setdiff1d(every, wrong) if number >= MAX_ROUNDS else wrong
            elsewhere = number >= MAX_ROUNDS and len(right) > 0
            new = draw(rows, rng.choice(right, len(rows)) if elsewhere else rows)
            within = rng.random((len(positions), len(rows)))
            accepted = np.flatnonzero(self._accepted(new, within, seed))
            place, first = np.unique(rows[accepted], return_index=True)
            codes[:, place] = new[:, accepted[first]]
            positions[:, place] = within[:, accepted[first]]
            wrong = np.setdiff1d(wrong, place)
        return codes, positions

    def _accepted(self, codes: Codes, positions: Floats, seed: Seed) -> NDArray[np.bool_]:
        kept = np.ones(codes.shape[1], bool)
        for column, weights in self.weights.items():
            kept &= weights[codes[column]] > 0
        there = np.flatnonzero(kept)
        if len(there):
            own = np.ascontiguousarray(codes[self.first :][: len(positions), there])
            rows = self.rows.codec.decode(
                own, positions[:, there], 0, seed, self.rows.restricted, arranged=False
            )
            kept[there] = self.accepts(rows.frame)
        return kept

    def accepts(self, frame: pl.DataFrame) -> NDArray[np.bool_]:
        """Which rows satisfy the constraints."""
        return self.rows.needed.accepts(frame, Tally(self.rows.needed.rules)) > 0


@contextmanager
def of_table(name: str) -> Iterator[None]:
    """Errors about a schema begin with the name of the table."""
    try:
        yield
    except SchemaError as problem:
        raise SchemaError(f"table {name!r}: {problem.problem}", hint=problem.hint) from problem


def require_keepable(data: Dataset, plan: Plan) -> None:
    """Refuse constraints that contradict each other, or that no rows of the tables can keep.

    Raises:
        SchemaError: names the table and the constraint.
    """
    for one in plan:
        table = data[one.name]
        if not table.schema.constraints:
            continue
        with of_table(one.name):
            for rule in declared_rules(table):
                _require_rule(rule, table, one)


def _require_rule(rule: Relation, table: Table, plan: TablePlan) -> None:
    keys = [name for name in rule.columns if name in plan.linked]
    if keys and not is_of_rows(rule) and not isinstance(rule, Unique):
        raise SchemaError(
            f"the constraint {str(rule)!r} cannot be kept: rows get their {keys[0]!r}, a foreign key, "
            "when their other values are drawn",
            hint="leave it out; unique(...) and comparisons may name foreign keys",
        )
    rows, broken = count(rule, table.frame)
    if plan.kept and broken:
        raise SchemaError(
            f"the constraint {str(rule)!r} cannot be kept: {broken:,} of {rows:,} rows break it, and "
            f"the table is kept as it is: {plan.kept}",
            hint=f"correct the rows, leave the constraint out, or generate the table "
            f"(generate={plan.name})",
        )


def tied_columns(schema: Schema) -> frozenset[str]:
    """Columns that a constraint compares with others of the same row."""
    rules = parse_rules(schema.constraints, schema.names)
    return frozenset(n for rule in rules if len(rule.columns) > 1 for n in rule.columns)


def describe_broken(data: Mapping[str, Table]) -> tuple[str, ...]:
    """One sentence for each constraint that rows of the source break."""
    return tuple(
        f"table {name!r}: {sentence}"
        for name, table in data.items()
        for sentence in describe_violations(table)
    )


def rules_of(data: Mapping[str, Table]) -> dict[str, list[Relation]]:
    """The constraints of the tables that have some."""
    return {
        name: parse_rules(table.schema.constraints, table.schema.names)
        for name, table in data.items()
        if table.schema.constraints
    }


def broken_rows(frame: pl.DataFrame, rules: Sequence[Relation], name: str) -> NDArray[np.bool_]:
    """Which rows break a constraint; of rows with the same values, all but the first.

    Constraints on columns that the frame does not have yet are left for later.

    Raises:
        ConditionError: nearly all rows do.
    """
    broken = np.zeros(len(frame), bool)
    counts: dict[str, int] = {}
    for rule in rules:
        if not set(rule.columns) <= set(frame.columns):
            continue
        kept = rule.holds(frame).fill_null(True).to_numpy()
        if isinstance(rule, Unique):
            kept = (
                kept
                | frame.select(pl.struct(rule.names).is_first_distinct()).to_series().to_numpy()
            )
        counts[str(rule)] = int((~kept).sum())
        broken |= ~kept
    if len(frame) and broken.mean() > 1 - MIN_LEFT:
        text = max(counts, key=counts.__getitem__)
        raise ConditionError(
            f"table {name!r}: the constraint {text!r} cannot be kept: {counts[text]:,} of "
            f"{len(frame):,} drawn rows break it",
            hint=HINT,
        )
    return broken


def without_broken(dataset: Dataset, rules: Rules) -> Dataset | None:
    """The dataset without rows that break a constraint, and all that refers to them; None if none do.

    Raises:
        ConditionError: nearly all rows of a table break one.
    """
    kept = {name: np.ones(len(table), bool) for name, table in dataset.items()}
    for name, own in rules.items():
        kept[name] = ~broken_rows(dataset[name].frame, own, name)
    if all(one.all() for one in kept.values()):
        return None
    return dataset.select_rows(with_referring(dataset, kept))


def never_kept(dataset: Dataset, rules: Rules) -> ConditionError:
    """The error where rows break constraints again whenever others are left out."""
    names = [n for n, own in rules.items() if broken_rows(dataset[n].frame, own, n).any()]
    return ConditionError(
        f"the constraints of the tables {', '.join(map(repr, names))} cannot be kept with the "
        "relations between tables: rows break them again whenever others are left out",
        hint=HINT,
    )


def with_referring(
    dataset: Dataset, kept: Mapping[str, NDArray[np.bool_]]
) -> dict[str, NDArray[np.bool_]]:
    """The rows that are kept, without those that refer to a row that is not."""
    out = dict(kept)
    rows = {key: parent_rows(dataset, key) for key in dataset.foreign_keys}
    changed = True
    while changed:
        changed = False
        for key, parents in rows.items():
            lost = out[key.child] & (parents >= 0) & ~out[key.parent][parents]
            out[key.child] = out[key.child] & ~lost
            changed |= bool(lost.any())
    return out
