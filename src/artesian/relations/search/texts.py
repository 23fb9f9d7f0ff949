"""Search for texts that are made of other columns, with constant text between them, or begin so."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import polars as pl

from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.rows import neighbours
from artesian.relations.texts import Field, Template

PROBES = 200

HEAD = 1000
"""Number of first rows among which those with a text are looked for."""

MIN_ROWS = 8

MIN_LENGTH = 2
"""Minimum mean length of a value that may begin another by more than chance."""

CHANCE = 1e-4
"""Maximum probability, over all columns and places, that a column is within a text by chance."""

MAX_TRIED = 400
"""Maximum number of beginnings of a text that are continued."""

PARTS = {"year": 4, "iso_year": 4, "short_year": 2, "quarter": 1, "month": 2, "week": 2, "day": 2}
"""Parts of times that texts are made of, with their number of digits."""

MAX_WIDTH = 6
"""Maximum number of digits to which numbers are filled up with zeros."""

Values = list[str | None]


def texts(
    frame: pl.DataFrame, skip: Collection[str] = (), sources: Collection[str] | None = None
) -> Iterator[Template]:
    """The best template of every column of texts that has one.

    Args:
        skip: Columns that are computed from others already; they may be part of further ones.
        sources: Columns that texts may be made of, as they are; by default all, and parts of times.
    """
    targets = [
        s.name
        for s in frame
        if s.dtype == pl.String and s.name not in skip and s.drop_nulls().n_unique() > 1
    ]
    if not targets:
        return
    fields = [one for s in frame if sources is None or s.name in sources for one in _fields(s)]
    if sources is not None:
        fields = [one for one in fields if not one.function]
    of_column: dict[str, list[Field]] = {}
    for one in fields:
        of_column.setdefault(one.name, []).append(one)
    head = frame.head(HEAD)
    written = cache(lambda one: one.written(head).to_list())
    for target in targets:
        rows = np.flatnonzero(head[target].is_not_null().to_numpy())[:PROBES].tolist()
        chosen = head
        if len(rows) < PROBES < frame.height:
            chosen = frame.filter(pl.col(target).is_not_null()).head(PROBES)
            rows = list(range(chosen.height))
        if len(rows) < MIN_ROWS:
            continue
        actual: list[str] = chosen[target][rows].to_list()
        place = frame.columns.index(target)
        near = neighbours(place, [at for at in range(frame.width) if at != place])
        candidates: dict[Field, Values] = {}
        for one in (one for at in near for one in of_column.get(frame.columns[at], ())):
            every = written(one) if chosen is head else one.written(chosen).to_list()
            values = [every[row] for row in rows]
            if values != actual and any(values):
                candidates[one] = values
        for template in _Search(target, actual, candidates).templates():
            holds = template.holds(frame)
            rate = holds.mean()
            if isinstance(rate, float) and rate >= MIN_HOLDS and _explains(template, frame, holds):
                yield template
                break


def _explains(template: Template, frame: pl.DataFrame, holds: pl.Series) -> bool:
    """Whether the fields have values wherever there is a text, if nothing else is in it."""
    present = int(frame[template.target].count())
    return template.open or int(holds.count()) >= MIN_HOLDS * present


def _fields(series: pl.Series) -> Iterator[Field]:
    """The forms in which a column may be part of a text."""
    dtype = series.dtype
    if dtype in (pl.String, pl.Categorical, pl.Enum) or dtype.is_integer() or dtype == pl.Date:
        yield Field(series.name)
    if dtype.is_integer():
        low, high = series.min(), series.max()
        if isinstance(low, int) and isinstance(high, int) and low >= 0:
            for width in range(max(len(str(low)) + 1, len(str(high))), MAX_WIDTH + 1):
                yield Field(series.name, width=width)
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        for function, digits in PARTS.items():
            if function != "short_year":
                yield Field(series.name, function)
            if digits == 2:
                yield Field(series.name, function, 2)


@dataclass
class _Search:
    """Depth first: each text is read from its start, one column or common character at a time.

    Attributes:
        actual: The texts of some rows.
        candidates: What may be in them, in the same rows.
    """

    target: str
    actual: list[str]
    candidates: dict[Field, Values]
    tried: int = 0
    closed: list[Template] = field(default_factory=list)
    started: dict[Template, float] = field(default_factory=dict)

    def templates(self) -> list[Template]:
        """Templates of the whole text, then of the longest beginnings."""
        # Of two columns of which one begins the other, the longer one says more.
        self.lengths = {one: _mean_length(values) for one, values in self.candidates.items()}
        self.order = sorted(
            self.candidates, key=lambda one: (-self.lengths[one], bool(one.function))
        )
        self.needed = float(np.log(max(len(self.order), 1) * 20 / CHANCE))
        self._continue((), list(range(len(self.actual))), [0] * len(self.actual))
        return [*self.closed, *sorted(self.started, key=lambda one: -self.started[one])[:5]]

    def _continue(self, parts: tuple[str | Field, ...], rows: list[int], at: list[int]) -> None:
        """Try what may follow `parts`, which end at `at` in each of `rows`."""
        self.tried += 1
        if self.closed or self.tried > MAX_TRIED:
            return
        constant = ""
        while True:
            if all(at[row] == len(self.actual[row]) for row in rows):
                done = (*parts, constant) if constant else parts
                if any(isinstance(part, Field) for part in done):
                    self.closed.append(Template(self.target, done))
                return
            for one in self.order:
                left = self._after(one, rows, at)
                if left is not None:
                    ends = at.copy()
                    for row in left:
                        ends[row] += len(self.candidates[one][row] or "")
                    self._continue(
                        (*parts, constant, one) if constant else (*parts, one), left, ends
                    )
                    if self.closed or self.tried > MAX_TRIED:
                        return
            first = self.actual[rows[0]][at[rows[0]] : at[rows[0]] + 1]
            if not first or any(not self.actual[row].startswith(first, at[row]) for row in rows):
                break
            constant += first
            at = [place + 1 for place in at]
        # Digits go on in what follows: they are the start of a number that only happens to be common.
        shorter = constant.rstrip("0123456789")
        begun = (*parts, shorter) if shorter else parts
        if any(isinstance(p, Field) and self.lengths[p] >= MIN_LENGTH for p in begun):
            template = Template(self.target, begun, open=True)
            self.started[template] = float(np.mean([at[row] for row in rows]))

    def _after(self, one: Field, rows: list[int], at: list[int]) -> list[int] | None:
        """The rows with the value of a column at this place; None if it is not there, or by chance."""
        values, actual = self.candidates[one], self.actual
        left = []
        for row in rows:
            value = values[row]
            if value is None:
                continue
            if not value or not actual[row].startswith(value, at[row]):
                return None
            left.append(row)
        if len(left) < max(MIN_ROWS, len(rows) // 2):
            return None
        _, counts = np.unique([str(values[row]) for row in left], return_counts=True)
        chance = float(((counts / len(left)) ** 2).sum())
        return left if -len(left) * np.log(chance) > self.needed else None


def _mean_length(values: Values) -> float:
    present = [len(value) for value in values if value is not None]
    return sum(present) / len(present) if present else 0.0
