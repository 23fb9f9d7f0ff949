"""Keys of several categories: no combination occurs in two rows, such as two teams in a season.

Rows are sampled one by one, so that some repeat a combination. Of these, as few and as loosely related
values as possible are replaced, so that the row has a combination that no other row has. What
determines a replaced value, as a date does the season, is that of another row with the new value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.validated import require
from artesian.data.inference.keys import is_unordered
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.dependency_steps import LookupStep
from artesian.encoding.transforms.lookup_steps import Lookups
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.step_state import step_from_state, step_to_state
from artesian.relations.dependencies import Dependency
from artesian.relations.search.agreement import determines
from artesian.relations.search.dependencies import MIN_CLEAN
from artesian.relations.search.ranges import in_ranges
from artesian.relations.search.rows import dense_codes

MAX_COMBINATIONS = 200_000

MIN_COVERED = 0.99
"""Minimum fraction of the rows with frequent pairs of two columns for others not to be generated."""

MIN_POSSIBLE = 0.8
"""Fraction of the pairs of two columns from which all of them are possible."""

CLASSES = 10
"""Number of classes of numbers and times in which their association is measured."""

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Combinations:
    """The combinations that rows may have.

    Attributes:
        columns: The columns of the key; the first ones are replaced first.
        values: Values of each column that enough rows have.
        pairs: Positions of two columns, and the pairs of values that they may have.
        owners: For each column those that determine it, and not the reverse.
        decided: Lookups of what the first ones of them decide.
        alike: Lookups of columns that determine a column of the key and are determined by it.
        unordered: Positions of two columns whose values may not occur in exchanged order either.
    """

    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    pairs: tuple[tuple[int, int, tuple[tuple[str, str], ...]], ...]
    owners: tuple[tuple[str, ...], ...]
    decided: tuple[LookupStep, ...]
    alike: tuple[LookupStep, ...]
    unordered: tuple[int, int] | None

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The combinations of a key of categories; None if a column is none or there are too many."""
        key, frame = table.schema.key, table.frame
        if any(frame[name].dtype != pl.String or frame[name].has_nulls() for name in key):
            return None
        minimum = MIN_COUNT if protect else 1
        columns = tuple(sorted(key, key=lambda name: _association(frame, name, key)))
        values = []
        for name in columns:
            counts = frame[name].alias("value").value_counts(name="rows")
            values.append(tuple(counts.filter(pl.col("rows") >= minimum)["value"].sort()))
        if prod(map(len, values)) > MAX_COMBINATIONS:
            return None
        pairs = [
            (i, j, listed)
            for (i, a), (j, b) in combinations(enumerate(columns), 2)
            if (listed := _frequent_pairs(frame, a, b, minimum)) is not None
        ]
        unordered = next(
            (
                (i, j)
                for (i, a), (j, b) in combinations(enumerate(columns), 2)
                if is_unordered(frame, key, a, b)
            ),
            None,
        )
        lookups = Lookups(table, protect)
        owners: list[tuple[str, ...]] = []
        decided: list[LookupStep] = []
        alike: list[LookupStep] = []
        for name in columns:
            determining = _owners(table, name)
            mutual = [one for one in determining if _owners(table, one, (name,))]
            owners.append(tuple(one for one in determining if one not in mutual))
            steps = (lookups.step(Dependency((one,), name)) for one in owners[-1])
            decided += [one for one in steps if one is not None][:1]
            steps = (lookups.step(Dependency((name,), one)) for one in mutual)
            alike += [one for one in steps if one is not None]
        return cls(
            columns,
            tuple(values),
            tuple(pairs),
            tuple(owners),
            tuple(decided),
            tuple(alike),
            unordered,
        )

    def check_values(self) -> None:
        """Check that every list belongs to the columns."""
        number = len(self.columns)
        require(number > 1, "a key has one column")
        require(len(self.values) == len(self.owners) == number, "the lists are of other columns")
        require(prod(map(len, self.values)) <= MAX_COMBINATIONS, "there are too many combinations")
        places = [place for i, j, _ in self.pairs for place in (i, j)]
        require(
            all(0 <= place < number for place in (*places, *(self.unordered or ()))), "no column"
        )

    def separated(
        self, frame: pl.DataFrame, at: Position, rng: np.random.Generator
    ) -> pl.DataFrame:
        """The rows; as many as there are combinations have one of their own, then as many more."""
        for step in self.decided:
            frame = frame.with_columns(step.restore(frame, at).alias(step.target))
        before: list[Row] = [tuple(row) for row in frame.select(self.columns).iter_rows()]
        rows = before.copy()
        allowed = list(self._allowed())
        size = max(len({self._canonical(row) for row in allowed}), 1)
        for first in range(0, len(rows), size):
            rows[first : first + size] = self._separated(rows[first : first + size], allowed, rng)
        for place, owners in enumerate(self.owners):
            donors: dict[str, list[int]] = {}
            for number, row in enumerate(before):
                donors.setdefault(row[place], []).append(number)
            chosen = [
                number
                if row[place] == old[place] or row[place] not in donors
                else donors[row[place]][int(rng.integers(len(donors[row[place]])))]
                for number, (row, old) in enumerate(zip(rows, before, strict=True))
            ]
            frame = frame.with_columns(frame[name][chosen] for name in owners)
        frame = frame.with_columns(
            pl.Series(name, [row[place] for row in rows], dtype=frame.schema[name])
            for place, name in enumerate(self.columns)
        )
        for step in self.alike:
            frame = frame.with_columns(step.restore(frame, at).alias(step.target))
        return frame

    def _separated(
        self, rows: list[Row], allowed: list[Row], rng: np.random.Generator
    ) -> list[Row]:
        """The rows, of which those with a combination of an earlier one have another one."""
        used: set[Row] = set()
        repeated = []
        # Values that were made up in place of rare ones are in no list.
        excluded = set(product(*self.values)) - set(allowed)
        for at, row in enumerate(rows):
            if self._canonical(row) in used or row in excluded:
                repeated.append(at)
            else:
                used.add(self._canonical(row))
        if not repeated:
            return rows
        free = [row for row in allowed if self._canonical(row) not in used]
        rng.shuffle(free)
        for replaced in _subsets(len(self.columns)):
            kept = [at for at in range(len(self.columns)) if at not in replaced]
            places: dict[Row, list[Row]] = {}
            for row in free:
                places.setdefault(tuple(row[at] for at in kept), []).append(row)
            left = []
            for at in repeated:
                choices = places.get(tuple(rows[at][k] for k in kept), [])
                while choices and self._canonical(choices[-1]) in used:
                    choices.pop()
                if choices:
                    rows[at] = choices.pop()
                    used.add(self._canonical(rows[at]))
                else:
                    left.append(at)
            repeated = left
            free = [row for row in free if self._canonical(row) not in used]
        return rows

    def _canonical(self, row: Row) -> Row:
        """The same for a row whose unordered columns are exchanged."""
        if self.unordered is None:
            return row
        i, j = self.unordered
        out = list(row)
        out[i], out[j] = sorted((row[i], row[j]))
        return tuple(out)

    def _allowed(self) -> Iterator[Row]:
        sets = [(i, j, frozenset(listed)) for i, j, listed in self.pairs]
        for row in product(*self.values):
            if all((row[i], row[j]) in listed for i, j, listed in sets):
                yield row

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        return {
            "columns": list(self.columns),
            "values": [list(one) for one in self.values],
            "pairs": [[i, j, [list(pair) for pair in listed]] for i, j, listed in self.pairs],
            "owners": [list(one) for one in self.owners],
            "decided": [step_to_state(step) for step in self.decided],
            "alike": [step_to_state(step) for step in self.alike],
            "unordered": None if self.unordered is None else list(self.unordered),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        groups = [
            [step_from_state(one, _names(one)) for one in state[name]]
            for name in ("decided", "alike")
        ]
        decided, alike = (
            tuple(one for one in group if isinstance(one, LookupStep)) for group in groups
        )
        return cls(
            tuple(state["columns"]),
            tuple(tuple(one) for one in state["values"]),
            tuple((i, j, tuple((a, b) for a, b in listed)) for i, j, listed in state["pairs"]),
            tuple(tuple(one) for one in state["owners"]),
            decided,
            alike,
            None if state["unordered"] is None else (state["unordered"][0], state["unordered"][1]),
        )


def _owners(table: Table, name: str, others: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Those of the columns outside of the key, or of `others`, that determine a column."""
    kinds = (Kind.CATEGORY, Kind.NUMBER, Kind.DATETIME, Kind.BOOLEAN)
    if others is None:
        others = tuple(n for n in table.schema.of_kind(*kinds) if n not in table.schema.key)
    codes = {one: dense_codes(table.frame[one]) for one in (name, *others)}
    ordered = table.schema.of_kind(Kind.NUMBER, Kind.DATETIME)
    return tuple(
        one
        for one in others
        if determines(codes[one], codes[name], len(others), MIN_CLEAN)
        or (one in ordered and in_ranges(codes[one], codes[name]))
    )


def _names(step: dict[str, Any]) -> tuple[str, ...]:
    """The columns of a saved lookup."""
    return tuple(step["columns"])


def _subsets(columns: int) -> Iterator[frozenset[int]]:
    """Sets of columns that are replaced together: a later column only if no earlier ones suffice."""
    for number in range(1, 2**columns):
        yield frozenset(at for at in range(columns) if number >> at & 1)


def _frequent_pairs(
    frame: pl.DataFrame, a: str, b: str, minimum: int
) -> tuple[tuple[str, str], ...] | None:
    """The pairs of values that two columns may have; None if they may have all of them.

    Values of the same things are never equal if they never are in the source.
    """
    possible = set(product(frame[a].unique(), frame[b].unique()))
    if set(frame[a]) & set(frame[b]) and not (frame[a] == frame[b]).any():
        possible = {(one, two) for one, two in possible if one != two}
    counts = frame.group_by(a, b).len()
    if counts.height < MIN_POSSIBLE * len(possible):
        frequent = counts.filter(pl.col("len") >= minimum)
        if frequent["len"].sum() >= MIN_COVERED * frame.height:
            return tuple(frequent.sort(a, b).select(a, b).iter_rows())
    complete = len(possible) == frame[a].n_unique() * frame[b].n_unique()
    return None if complete else tuple(sorted(possible))


def _association(frame: pl.DataFrame, name: str, key: tuple[str, ...]) -> float:
    """Mutual information of a column with all others that it does not determine, in nats."""
    codes = _classes(frame[name])
    total = 0.0
    for other in frame.columns:
        if other in key or frame.select(name, other).n_unique() == frame[name].n_unique():
            continue
        second = _classes(frame[other])
        joint = codes * (int(second.max()) + 1) + second
        entropies = [_entropy(one) for one in (codes, second, joint)]
        levels = [len(np.unique(one)) for one in (codes, second)]
        bias = (levels[0] - 1) * (levels[1] - 1) / (2 * frame.height)
        total += max(entropies[0] + entropies[1] - entropies[2] - bias, 0.0)
    return total


def _classes(series: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Dense codes, of numbers and times those of their quantiles."""
    ranks = series.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    if series.dtype.is_numeric() or series.dtype.is_temporal() or ranks.max() > MAX_COMBINATIONS:
        average = series.rank("average").fill_null(0).to_numpy()
        ranks = np.minimum(average * CLASSES // (len(series) + 1), CLASSES).astype(np.int64)
    return np.asarray(ranks, np.int64)


def _entropy(codes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    counts = np.unique(codes, return_counts=True)[1] / len(codes)
    return float(-(counts * np.log(counts)).sum())
