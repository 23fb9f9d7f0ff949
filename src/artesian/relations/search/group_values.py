"""Search for values that follow from all rows of a group, and for sums that balance within it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.data.row_groups import label_ids, numbering, repeating_ids
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.relations.expressions import Floats
from artesian.relations.group_values import (
    Balanced,
    GroupValue,
    group_codes,
    rank,
    since_previous,
)
from artesian.relations.protocol import MIN_HOLDS
from artesian.relations.search.fitting import round_up
from artesian.relations.search.rows import NumericColumns

MIN_GROUPS = 12
"""Minimum number of groups of several rows."""

MIN_COVERED = 0.2
"""Minimum fraction of the groups that have an extreme value."""

MIN_DISTINCT = 5
"""Minimum number of distinct values of a target, and of totals that balance."""

MAX_CATEGORIES = 12
"""Maximum number of categories whose rows are tried as groups."""

MAX_COLUMNS = 60
"""Maximum number of numbers that are looked at."""

MAX_LABELS = 40
"""Maximum number of labels of a category that may decide which rows have an extreme value."""

HEAD = 1_000
"""Number of rows in which a number must be constant for a category to make groups."""

MAX_ROWS = 100_000
"""Maximum number of rows that are looked at, in whole groups."""

_ROWS = "\0rows"

GroupRelation = GroupValue | Balanced


def group_values(table: Table) -> Iterator[GroupRelation]:
    """Relations of the rows of identifiers, and of categories that few rows share."""
    names = [n for n in table.schema.of_kind(Kind.NUMBER) if table.frame[n].dtype.is_numeric()]
    times = [n for n in table.schema.of_kind(Kind.DATETIME) if table.frame[n].dtype != pl.Time]
    ids = repeating_ids(table)
    groups = [*ids, *label_ids(table)]
    categories = table.schema.of_kind(Kind.CATEGORY)
    head = table.frame.head(HEAD)
    groups += [
        n
        for n in [n for n in categories if n not in groups][:MAX_CATEGORIES]
        if _has_constant(head, n, names) or _has_places(table.frame, n, names)
    ]
    if not groups or not names or len(names) + len(times) > MAX_COLUMNS:
        return
    frame = table.frame.select(*dict.fromkeys([*names, *times, *groups]))
    values = frame.select(*names, *times)
    whole = NumericColumns.from_frame(values, 0) if frame.height <= MAX_ROWS else None
    done: set[str] = set()
    for group in groups:
        codes, number = group_codes(frame[group])
        size = np.bincount(codes, minlength=number + 1)
        size[number] = 0
        if (size > 1).sum() < MIN_GROUPS:
            continue
        columns = whole
        if columns is None:
            chosen = np.cumsum(size) <= MAX_ROWS
            chosen[number] = False
            rows = np.flatnonzero(chosen[codes])
            columns = NumericColumns.from_frame(values[rows], 0)
            codes, size = codes[rows], np.where(chosen, size, 0)
        amounts = len(set(columns.names) & set(names))
        each = _Groups(group, codes, number, size)
        counters = numbering(table, group) if group in ids else ()
        placed = (one for one in _places(each, columns, amounts) if one.target not in counters)
        for one in (*_of_group(each, columns, amounts), *placed):
            target = one.target if isinstance(one, GroupValue) else one.right
            # The lowest total of a product is its price, if anybody bought only one.
            chance = isinstance(one, GroupValue) and one.function in ("min", "max")
            if target in done or (chance and group not in ids):
                continue
            # Rows that belong to no group would have no value.
            outside = table.frame[group].is_null() & table.frame[target].is_not_null()
            if int(outside.sum()) > (1 - MIN_HOLDS) * table.frame.height:
                continue
            if not (chance and isinstance(one, GroupValue) and _is_decided(table, one)):
                done.add(target)
                yield one


def _is_decided(table: Table, one: GroupValue) -> bool:
    """Whether a category decides which rows have the extreme value: the bonus of one month is a wage,
    and not the wage the highest bonus."""
    frame = table.frame
    if one.function == "max" and frame[one.target].has_nulls():
        steps = frame.select(pl.col(one.source).diff().over(one.group)).to_series().drop_nulls()
        rising = (steps.to_physical() > 0).mean()
        if isinstance(rising, float) and rising >= MIN_HOLDS:
            return False  # of amounts that rise, the last one is the highest in any case
    equal = (frame[one.source] == frame[one.target]).fill_null(False)
    for name in table.schema.of_kind(Kind.CATEGORY, Kind.BOOLEAN):
        rate = pl.DataFrame({"label": frame[name].cast(pl.String), "equal": equal})
        rate = rate.group_by("label").agg(pl.col("equal").mean())
        if (
            rate.height <= MAX_LABELS
            and ((rate["equal"] >= MIN_HOLDS) | (rate["equal"] <= 1 - MIN_HOLDS)).all()
        ):
            return True
    return False


def _has_constant(head: pl.DataFrame, group: str, names: list[str]) -> bool:
    """Whether a number that varies is the same in all rows of each group of the first rows."""
    each = head.drop_nulls(group).group_by(group)
    ends = each.agg(pl.col(names).max() == pl.col(names).min(), pl.len().alias(_ROWS))
    several = ends.filter(pl.col(_ROWS) > 1).drop(group, _ROWS)
    return several.height > 0 and any(one.all() for one in several if head[one.name].n_unique() > 1)


def _has_places(frame: pl.DataFrame, group: str, names: list[str]) -> bool:
    """Whether a number begins at 1 in each group, and never exceeds the number of its rows."""
    whole = [n for n in names if frame[n].dtype.is_integer() and frame[n].min() == 1]
    if not whole:
        return False
    each = frame.drop_nulls(group).group_by(group)
    ends = each.agg((pl.col(whole).min() == 1) & (pl.col(whole).max() <= pl.len()))
    return ends.height >= MIN_GROUPS and any(bool(ends[n].all()) for n in whole)


class _Groups:
    """The rows of one column's values.

    Args:
        name: The column.
        codes: The group of each row; `number` without one.
        number: Number of groups.
        size: Rows of each group, and 0 for those without one.
    """

    def __init__(
        self, name: str, codes: NDArray[np.int64], number: int, size: NDArray[np.int64]
    ) -> None:
        self.name, self.codes, self.number, self.size = name, codes, number, size
        self.several = size > 1
        self.rows = self.several[codes]

    def total(self, values: Floats) -> Floats:
        """Sums of the groups, shape (groups + 1,)."""
        filled = np.nan_to_num(np.asarray(values, float))
        return np.bincount(self.codes, filled, minlength=self.number + 1).astype(float)

    def extreme(self, values: Floats, sign: float) -> Floats:
        """The highest value of each group, or the lowest for -1, shape (groups + 1,)."""
        out = np.full(self.number + 1, -np.inf)
        present = ~np.isnan(values)
        np.maximum.at(out, self.codes[present], sign * values[present])
        return np.asarray(sign * out)

    def agree(
        self, one: Floats, other: Floats, within: Floats | float, covered: float = MIN_HOLDS
    ) -> bool:
        """Whether two values are equal in nearly all groups of several rows, the later ones too.

        Args:
            covered: Minimum fraction of these groups that have both.
        """
        both = self.several & np.isfinite(one) & np.isfinite(other)
        if both.sum() < MIN_GROUPS or both.sum() < covered * self.several.sum():
            return False
        limit = within + 1e-9 * np.maximum(np.abs(one[both]), 1.0)
        right = np.abs(one[both] - other[both]) <= limit
        half = len(right) // 2
        return bool(min(right[:half].mean(), right[half:].mean()) >= MIN_HOLDS)

    def in_some(self, values: Floats, high: Floats, low: Floats) -> bool:
        """Whether all rows of a group have the same value or none, and groups of both kinds exist."""
        absent = np.isnan(values)
        if not absent.any() or absent.all():
            return False
        missing = np.bincount(self.codes, absent, minlength=self.number + 1)
        whole = (missing == 0) | (missing == self.size)
        return bool(whole[self.several].all()) and self.agree(high, low, 0.0, MIN_COVERED)


def _of_group(groups: _Groups, columns: NumericColumns, amounts: int) -> Iterator[GroupRelation]:
    """Relations of one group column.

    Args:
        columns: Numbers, then times.
        amounts: How many of them are numbers.
    """
    values, names = columns.values, columns.names
    high = [groups.extreme(values[:, j], 1.0) for j in range(len(names))]
    low = [groups.extreme(values[:, j], -1.0) for j in range(len(names))]
    constant = [
        groups.agree(a, b, 1e-9 * float(np.nanmax(np.abs(v), initial=0.0)))
        for a, b, v in zip(high, low, values.T, strict=True)
    ]
    varying = [j for j, is_constant in enumerate(constant) if not is_constant]
    totals = {j: groups.total(values[:, j]) for j in varying if j < amounts}
    for target, is_constant in enumerate(constant):
        level = high[target][groups.several]
        if is_constant and len(np.unique(level[np.isfinite(level)])) > 1:
            yield from _constant(groups, columns, target, high, low, totals, varying, amounts)
        elif groups.in_some(values[:, target], high[target], low[target]):
            yield from _extreme_of_some(groups, columns, target, (high, low), varying)
        elif not is_constant and target < amounts:
            yield from _of_row(groups, columns, target, totals, low, varying, amounts)
    yield from _balanced(groups, columns, totals)


def _extreme_of_some(
    groups: _Groups,
    columns: NumericColumns,
    target: int,
    extremes: tuple[list[Floats], list[Floats]],
    varying: list[int],
) -> Iterator[GroupValue]:
    """Of what a value that only some groups have is the extreme: an unsold lot has no price."""
    level, names = extremes[0][target], columns.names
    if len(np.unique(level[np.isfinite(level)])) < MIN_DISTINCT:
        return
    for j in (j for j in varying if columns.temporal[j] == columns.temporal[target]):
        for function, values in zip(("max", "min"), extremes, strict=True):
            if j != target and groups.agree(level, values[j], 0.0, MIN_COVERED):
                yield GroupValue(names[target], function, names[j], 0.0, groups.name)
                return


def _constant(
    groups: _Groups,
    columns: NumericColumns,
    target: int,
    high: list[Floats],
    low: list[Floats],
    totals: dict[int, Floats],
    varying: list[int],
    amounts: int,
) -> Iterator[GroupValue]:
    """What one value for all rows of a group is computed from."""
    level, names = high[target], columns.names
    half = round_up(float(columns.grid[target]) / 2)
    if target < amounts:
        for j, total in totals.items():
            if groups.agree(level, total, 1e-6):
                yield GroupValue(names[target], "sum", names[j], 0.0, groups.name)
                return
        if groups.agree(level, groups.size.astype(float), 0.0):
            yield GroupValue(names[target], "count", "", 0.0, groups.name)
            return
    if len(np.unique(level[np.isfinite(level)])) < MIN_DISTINCT:
        return
    alike = [j for j in varying if columns.temporal[j] == columns.temporal[target]]
    for j in alike:
        for function, extremes in (("max", high), ("min", low)):
            if groups.agree(level, extremes[j], 0.0):
                yield GroupValue(names[target], function, names[j], 0.0, groups.name)
                return
    if not columns.grid[target]:
        return
    for j in (j for j in alike if j < amounts):
        rows = groups.total(~np.isnan(columns.values[:, j]))
        mean = np.divide(totals[j], rows, out=np.full(len(rows), np.nan), where=rows > 0)
        if groups.agree(level, mean, half):
            yield GroupValue(names[target], "mean", names[j], half, groups.name)
            return


def _of_row(
    groups: _Groups,
    columns: NumericColumns,
    target: int,
    totals: dict[int, Floats],
    low: list[Floats],
    varying: list[int],
    amounts: int,
) -> Iterator[GroupValue]:
    """What a value of each row is computed from, given the other rows of its group."""
    names, v = columns.names, columns.values[groups.rows]
    codes, half = groups.codes[groups.rows], round_up(float(columns.grid[target]) / 2)
    actual = v[:, target]
    whole = groups.total(columns.values[:, target])[groups.several]
    # Rounding errors add up.
    room = half * float(groups.size.max()) + 1e-6
    parts = [
        (whole_is, function)
        for whole_is, function in ((1.0, "share"), (100.0, "percent"))
        if np.mean(np.abs(whole - whole_is) <= room) >= MIN_HOLDS
    ]
    times = [j for j in varying if j >= amounts] if columns.grid[target] == 1 else []
    if not (parts or times):
        return
    if np.isnan(actual).mean() > 1 - MIN_HOLDS or len(np.unique(actual)) < MIN_DISTINCT:
        return
    for whole_is, function in parts:
        for j in totals:
            if j == target or np.nanmin(v[:, j]) < 0:
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                computed = whole_is * v[:, j] / totals[j][codes]
            if _equal(actual, computed, half + 1e-9):
                yield GroupValue(names[target], function, names[j], half, groups.name)
                return
    for j in times if np.nanmin(actual) >= 0 else ():
        if _equal(actual, v[:, j] - low[j][codes], 1e-6):
            yield GroupValue(names[target], "since_first", names[j], 0.0, groups.name)
            return


def _places(groups: _Groups, columns: NumericColumns, amounts: int) -> Iterator[GroupValue]:
    """Places among the rows of a group, and days since the row before, which the first one has not."""
    names, codes = columns.names, groups.codes[groups.rows]
    v = columns.values[groups.rows]
    if not len(v):
        return
    for target in range(amounts):
        actual = v[:, target]
        present = actual[~np.isnan(actual)]
        if columns.grid[target] != 1 or len(np.unique(present)) < MIN_DISTINCT or present.min() < 0:
            continue
        chosen = _place(groups, columns, target, amounts)
        if chosen is not None:
            yield chosen
            continue
        for j in range(amounts, len(names)):
            computed = since_previous(codes, v[:, j])
            later = ~np.isnan(computed)
            first = actual[~later & ~np.isnan(v[:, j])]
            constant = np.isnan(first).all() or (first == first[0]).all()
            if constant and later.any() and _equal(actual[later], computed[later], 1e-6):
                yield GroupValue(names[target], "since_previous", names[j], 0.0, groups.name)
                break


def _place(
    groups: _Groups, columns: NumericColumns, target: int, amounts: int
) -> GroupValue | None:
    """Of which number a column is the rank within the group."""
    actual = columns.values[groups.rows, target]
    if np.nanmin(actual) != 1 or np.nanmax(actual) > groups.size.max():
        return None
    first = groups.extreme(columns.values[:, target], -1.0)[groups.several]
    if np.mean(first == 1) < MIN_HOLDS:
        return None
    codes = groups.codes[groups.rows]
    for j in range(amounts):
        values = columns.values[groups.rows, j]
        if j == target or columns.distinct[j] < MIN_DISTINCT:
            continue
        for function, sign in (("rank_desc", -1.0), ("rank", 1.0)):
            if _equal(actual, rank(codes, sign * values), 0.0):
                return GroupValue(
                    columns.names[target], function, columns.names[j], 0.0, groups.name
                )
    return None


def _equal(one: Floats, other: Floats, within: float) -> bool:
    """Whether two values are equal in nearly all rows, the later ones too."""
    both = ~np.isnan(one) & ~np.isnan(other)
    if both.mean() < MIN_HOLDS:
        return False
    right = np.abs(one[both] - other[both]) <= within
    half = len(right) // 2
    return bool(min(right[:half].mean(), right[half:].mean()) >= MIN_HOLDS)


def _balanced(
    groups: _Groups, columns: NumericColumns, totals: dict[int, Floats]
) -> Iterator[Balanced]:
    """Two amounts that differ in the rows and have the same sum in every group."""
    usable = [j for j in totals if np.nanmin(columns.values[:, j]) >= 0]
    for at, left in enumerate(usable):
        for right in usable[at + 1 :]:
            if not groups.agree(totals[left], totals[right], 1e-6):
                continue
            a, b = (np.nan_to_num(columns.values[groups.rows, j]) for j in (left, right))
            if np.mean(a != b) < 0.5:
                continue
            if len(np.unique(totals[left][groups.several])) >= MIN_DISTINCT:
                yield Balanced(columns.names[left], columns.names[right], groups.name)
