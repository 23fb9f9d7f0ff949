"""Keys of categories and a time or number ('sensor' and 'time'): no two rows have the same.

Sampled rows repeat times. The inverse moves each time to the nearest free one of its group on the grid
of the source. The rows of a sample fill the source's range of times once; further rows fill an equally
long range after it, and so on, so that a sample of any length has room.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.data.frames import as_text
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.encoding.transforms.combinations import Combinations
from artesian.encoding.transforms.grouping import exchanged
from artesian.encoding.transforms.meters import Meter, decimals_of
from artesian.encoding.transforms.month_numbers import from_integers, is_monthly, to_integers
from artesian.encoding.transforms.protocol import Position
from artesian.relations.search.running import rises

Integers = NDArray[np.int64]

ROWS = 4096
"""Rows of a block, which are restored together."""

MAX_LANES = 64
"""Maximum number of blocks in one range: each takes every so many-th value."""

WHOLE_SOURCE = 1.25
"""Rows of the source for each training row, if a fifth of them is the holdout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """A key of the table whose last column moves.

    Attributes:
        groups: The columns that keep their values; none for a time that is a key by itself.
        moved: The column whose values are distinct within each group.
        step: Spacing of its values, as integers; 0 if it is a category.
        monthly: Whether the integers are months: its values are first days of months.
        low: The first value of the range.
        slots: Number of values in the range.
        period: Number of steps from the start of a range to that of the next one.
        window: Number of rows that fill a range once.
        rows: Number of rows of the source.
        meters: Columns that never fall in the rows of a group, which follow from group and time.
        combinations: What a key of categories may be; None if that is not listed.
    """

    groups: tuple[str, ...]
    moved: str
    step: int
    low: int
    slots: int
    period: int
    window: int
    rows: int
    monthly: bool = False
    meters: Mapping[str, Meter] = field(default_factory=dict)
    combinations: Combinations | None = None

    name: ClassVar[str] = "distinct"

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that moves, and the meters."""
        if self.combinations is not None:
            return (*self.groups, self.moved)
        return (self.moved, *self.meters)

    @classmethod
    def learn(cls, table: Table, *, protect: bool) -> Self | None:
        """The key of the table's schema, unless an identifier that is generated is part of it."""
        key, schema = table.schema.key, table.schema
        if not key or any(schema[name].kind in (Kind.KEY, Kind.TEXT) for name in key):
            return None
        if table.frame.select(key).is_duplicated().any() or not len(table):
            return None
        moved = _moved(table)
        groups = tuple(name for name in key if name != moved)
        series = table.frame[moved]
        if schema[moved].kind not in (Kind.DATETIME, Kind.NUMBER) or not _is_whole(series):
            return cls(
                groups=groups,
                moved=moved,
                step=0,
                low=0,
                slots=1,
                period=1,
                window=ROWS,
                rows=0,
                combinations=Combinations.learn(table, protect=protect),
            )
        monthly = is_monthly(series)
        values = np.sort(to_integers(series, monthly=monthly))
        step = _spacing(values)
        edge = min(MIN_COUNT - 1 if protect else 0, (len(values) - 1) // 2)
        low, high = int(values[edge]), int(values[-1 - edge])
        slots = (high - low) // step + 1
        largest = 1.0
        if groups:
            counts = table.frame.select(pl.len().over(groups)).to_series()
            largest = float(counts.max()) / len(table)  # type: ignore[arg-type]
        window, source = int(slots / largest), math.ceil(WHOLE_SOURCE * len(table))
        if window < source <= 1.5 * window:  # a source without free times: it is one range
            window = source
        period = _period(series, step, monthly, math.ceil(1.6 * slots) + 4 * math.isqrt(slots) + 10)
        return cls(
            groups=groups,
            moved=moved,
            step=step,
            low=low,
            slots=slots,
            period=period,
            window=max(window, 1),
            rows=source,
            monthly=monthly,
            meters=_meters(
                table,
                groups,
                moved,
                (to_integers(series, monthly=monthly) - low) // step,
                protect=protect,
            ),
        )

    def forward(self, table: Table) -> Table:
        """The table without its meters."""
        names = tuple(name for name in table.schema.names if name not in self.meters)
        return table.select(names) if self.meters else table

    def inverse(self, frame: pl.DataFrame, at: Position) -> pl.DataFrame:
        """Rows with distinct values of the column that moves."""
        if self.combinations is not None:
            return self.combinations.separated(frame, at, at.rng("distinct"))
        labels = np.zeros(frame.height, np.int64)
        if self.groups:
            struct = frame.select(pl.struct(self.groups)).to_series()
            labels = struct.rank("dense").to_numpy().astype(np.int64)
        series = frame[self.moved]
        if not self.step:
            moved = series[exchanged(labels, series, at.rng("distinct"))]
            return frame.with_columns(moved.alias(self.moved))
        times = to_integers(series, monthly=self.monthly)
        wanted = np.rint((times - self.low) / self.step).astype(int)
        lanes, lane, era = self._place(at.first_row // ROWS)
        eras = era + np.arange(frame.height) // self.window
        slot = np.empty(frame.height, np.int64)
        for key in np.unique(np.stack([labels, eras]), axis=1).T:
            here = np.flatnonzero((labels == key[0]) & (eras == key[1]))
            slot[here] = free_slots(wanted[here] // lanes, self.slots // lanes) * lanes + lane
        time = slot + eras * self.period
        values = from_integers(self.low + time * self.step, series, monthly=self.monthly)
        frame = frame.with_columns(values)
        names = _series_names(frame, self.groups)
        return frame.with_columns(
            pl.Series(name, meter.at(names, time, name)) for name, meter in self.meters.items()
        )

    def _place(self, block: int) -> tuple[int, int, int]:
        """Number of blocks in one range, which of them this is, and the first range."""
        per_block = math.ceil(ROWS / self.window)
        if per_block > 1:
            return 1, 0, block * per_block
        lanes = max(min(self.window // ROWS, math.ceil(self.rows / ROWS), MAX_LANES), 1)
        return lanes, block % lanes, block // lanes

    def to_state(self) -> dict[str, Any]:
        """Everything `from_state` needs, as JSON types."""
        names = ("groups", "moved", "step", "low", "slots", "period", "window", "rows", "monthly")
        meters = {name: meter.to_state() for name, meter in self.meters.items()}
        listed = None if self.combinations is None else self.combinations.to_state()
        state = {name: getattr(self, name) for name in names}
        return state | {"meters": meters, "combinations": listed}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        meters = {name: Meter.from_state(meter) for name, meter in state["meters"].items()}
        listed = state.get("combinations")
        combinations = None if listed is None else Combinations.from_state(listed)
        groups = tuple(state["groups"])
        return cls(**state | {"groups": groups, "meters": meters, "combinations": combinations})


def _meters(
    table: Table, groups: tuple[str, ...], moved: str, times: Integers, *, protect: bool
) -> dict[str, Meter]:
    """The meters of a table, each in every group; `times` are the steps of the column that moves."""
    frame = table.frame
    order = frame.select(pl.arg_sort_by(*groups, moved)).to_series()
    names = _series_names(frame, groups)
    ranks = pl.Series(names)[order]
    follows = (ranks == ranks.shift(1)).fill_null(False).to_numpy()
    out = {}
    for name in table.schema.of_kind(Kind.NUMBER):
        series = frame[name]
        if name == moved or name in groups or series.has_nulls() or series.dtype.is_decimal():
            continue
        if not series.dtype.is_numeric():
            continue
        values = series.cast(pl.Float64).to_numpy()
        if rises(np.diff(values[order.to_numpy()], prepend=np.nan)[follows]):
            out[name] = Meter.learn(
                names,
                times,
                values,
                decimals_of(series),
                minimum=MIN_COUNT if protect else 1,
            )
    return out


def _series_names(frame: pl.DataFrame, groups: tuple[str, ...]) -> NDArray[np.str_]:
    """The group of each row, as text."""
    if not groups:
        return np.full(frame.height, "", np.str_)
    texts = [as_text(frame[name]).fill_null("\0") for name in groups]
    joined = pl.select(pl.concat_str(texts, separator="\0"))
    return joined.to_series().to_numpy().astype(np.str_)


def free_slots(wanted: Integers, slots: int) -> Integers:
    """Distinct slots, each the free one nearest to that wanted, in the order of the rows.

    Slots 0 to `slots` - 1 are taken first, then those after them.

    >>> free_slots(np.array([2, 2, 2, 0, 9]), 4).tolist()
    [2, 3, 1, 0, 4]
    """
    above: dict[int, int] = {}
    below: dict[int, int] = {}

    def find(links: dict[int, int], slot: int) -> int:
        root = slot
        while root in links:
            root = links[root]
        while slot != root:
            links[slot], slot = root, links[slot]
        return root

    out = np.empty(len(wanted), np.int64)
    for row, slot in enumerate(np.clip(wanted, 0, max(slots - 1, 0)).tolist()):
        up, down = find(above, slot), find(below, slot)
        if up >= slots and down >= 0:
            chosen = down
        elif down < 0:
            chosen = up
        else:
            chosen = up if up - slot <= slot - down else down
        out[row] = chosen
        above[chosen], below[chosen] = chosen + 1, chosen - 1
    return out


def _moved(table: Table) -> str:
    """The column of the key that moves: a time, or else a number, or else the last category."""
    schema, key = table.schema, table.schema.key
    for kind in (Kind.DATETIME, Kind.NUMBER):
        fit = [n for n in key if schema[n].kind is kind and _is_whole(table.frame[n])]
        if fit:
            return max(fit, key=lambda name: table.frame[name].n_unique())
    return max(key, key=lambda name: table.frame[name].n_unique())


def _is_whole(series: pl.Series) -> bool:
    whole = series.dtype.is_integer() or (series.dtype.is_temporal() and series.dtype != pl.Time)
    return whole and not series.has_nulls()


def _spacing(values: Integers) -> int:
    steps = np.diff(np.unique(values))
    return max(int(np.gcd.reduce(steps)), 1) if steps.size else 1


def _period(series: pl.Series, step: int, monthly: bool, steps: int) -> int:
    """At least `steps`, and whole days, weeks or years of a time, so that hours, weekdays and months
    recur."""
    if monthly:
        return math.ceil(steps * step / 12) * 12 // step if 12 % step == 0 else steps
    unit = 0
    if series.dtype == pl.Date:
        unit = 1
    elif isinstance(series.dtype, pl.Datetime):
        unit = 86_400 * {"ms": 10**3, "us": 10**6, "ns": 10**9}[series.dtype.time_unit]
    for length in (7 * unit, unit):
        if unit and length % step == 0 and steps * step >= 3 * length:
            return math.ceil(steps * step / length) * length // step
    return steps
