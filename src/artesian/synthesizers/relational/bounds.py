"""Times and numbers of sampled rows that are not beyond those of the rows they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from artesian.data.schema import ForeignKey
from artesian.encoding.transforms.steps import Hidden, decimals_of
from artesian.relations.across import Across
from artesian.relations.expressions import Floats, numbers
from artesian.relations.orders import Order
from artesian.relations.protocol import Relation
from artesian.synthesizers.relational.following import COMPUTED, with_following
from artesian.synthesizers.relational.plan import Rows

EDGE = 1e-6
"""Error of floating-point arithmetic that is no difference."""


def in_order(
    one: Across,
    frames: Mapping[str, pl.DataFrame],
    rows: Rows,
    within: list[Relation],
    rng: np.random.Generator,
) -> pl.DataFrame | None:
    """The rows with times moved that break an order, or are further from the other time than any real
    row, and the times tied to them; None if none is."""
    frame = frames[one.key.child]
    times, bounds = numbers(frame[one.child]), numbers(frames[one.key.parent][one.parent])
    bound = np.where(rows < 0, np.nan, bounds[np.maximum(rows, 0)]) if len(bounds) else times
    sign = 1.0 if one.kind == "after" else -1.0
    with np.errstate(invalid="ignore"):
        between = sign * (times - bound)
        broken = np.flatnonzero(
            (between < min(one.differences[0], 0.0)) | (between > one.differences[-1] + 1)
        )
    if not len(broken):
        return None
    days = np.interp(
        rng.random(len(broken)), np.linspace(0, 1, len(one.differences)), one.differences
    )
    if frame.schema[one.child] == pl.Date:
        days = np.floor(days)
    shift = np.zeros(len(frame))
    own = bound[broken] + sign * days - times[broken]
    # Whole days keep the time of day, which has a rhythm of its own.
    whole = np.ceil(own) if one.kind == "after" else np.floor(own)
    shift[broken] = np.where(days >= 1, whole, own)
    moved = []
    for name in _tied(one.child, frame, within):
        values = numbers(frame[name]) + shift
        moved.append(Hidden(frame.schema[name], None).series(name, values))
    return with_following(frame.with_columns(moved), {s.name for s in moved}, within)


def _tied(name: str, frame: pl.DataFrame, within: list[Relation]) -> list[str]:
    """The times of a row that are compared with one of them, or computed from it."""
    tied, todo = {name}, [name]
    while todo:
        at = todo.pop()
        for one in within:
            if at in one.columns and isinstance(one, Order | COMPUTED):
                new = {
                    n
                    for n in one.columns
                    if n not in tied and frame.schema[n].base_type() in (pl.Date, pl.Datetime)
                }
                tied |= new
                todo += new
    return [n for n in frame.columns if n in tied]


def within_bound(
    one: Across,
    frames: Mapping[str, pl.DataFrame],
    rows: Rows,
    within: list[Relation],
    rng: np.random.Generator,
) -> pl.DataFrame | None:
    """The rows with new numbers where they are beyond that of the parent; None if none is.

    The new number is as large beside that of the parent as in a real row.
    """
    frame = frames[one.key.child]
    own, bound = numbers(frame[one.child]), _bound(one, frames, rows)
    sign = 1.0 if one.kind == "at most" else -1.0
    with np.errstate(invalid="ignore"):
        broken = np.flatnonzero(sign * (own - bound) > 0)
    if not len(broken):
        return None
    ratio = np.interp(
        rng.random(len(broken)), np.linspace(0, 1, len(one.differences)), one.differences
    )
    decimals = decimals_of(frame[one.child])
    scale = 1.0 if decimals is None else 10.0**decimals
    new = ratio * bound[broken] * scale
    if decimals is not None:
        # Rounded towards the side that is allowed.
        new = np.floor(new + EDGE) if one.kind == "at most" else np.ceil(new - EDGE)
    changed = own.copy()
    changed[broken] = new / scale
    series = Hidden(frame.schema[one.child], decimals).series(one.child, changed)
    return with_following(frame.with_columns(series), {one.child}, within)


def between_bounds(
    one: Across,
    orders: Iterable[Across],
    frames: Mapping[str, pl.DataFrame],
    rows: Mapping[ForeignKey, Rows],
    within: list[Relation],
) -> pl.DataFrame | None:
    """The rows with all times of a row that are tied to each other between all of their bounds.

    Moved together by what one of them needs, another one may leave its own bound. A period that is
    longer than the time between its bounds is shortened to it.
    """
    frame = frames[one.key.child]
    tied = _tied(one.child, frame, within)
    low, high = np.full(len(frame), -np.inf), np.full(len(frame), np.inf)
    broken = np.zeros(len(frame), bool)
    for other in orders:
        if other.child not in tied:
            continue
        bound, own = _bound(other, frames, rows[other.key]), numbers(frame[other.child])
        with np.errstate(invalid="ignore"):
            if other.kind == "after":
                broken |= own < bound
                low = np.fmax(low, bound)
            else:
                broken |= own > bound
                high = np.fmin(high, bound)
    broken &= low <= high
    if not broken.any():
        return None
    times = np.stack([numbers(frame[name]) for name in tied], axis=1)[broken]
    low, high = low[broken], high[broken]
    first, last = np.nanmin(times, axis=1), np.nanmax(times, axis=1)
    length, room = last - first, high - low
    begin = np.clip(first, low, np.maximum(high - length, low))
    shrink = np.where(length > room, room / np.where(length > 0, length, 1.0), 1.0)
    fitted = begin[:, None] + (times - first[:, None]) * shrink[:, None]
    moved = []
    for place, name in enumerate(tied):
        values = numbers(frame[name]).copy()
        # Days are whole: rounded down, no day is after the last one.
        whole = frame.schema[name] == pl.Date
        values[broken] = np.floor(fitted[:, place] + EDGE) if whole else fitted[:, place]
        moved.append(Hidden(frame.schema[name], None).series(name, values))
    return with_following(frame.with_columns(moved), set(tied), within)


def _bound(one: Across, frames: Mapping[str, pl.DataFrame], rows: Rows) -> Floats:
    """The value of the parent of each row, shape (rows,); NaN without one."""
    theirs = numbers(frames[one.key.parent][one.parent])
    if not len(theirs):
        return np.full(len(rows), np.nan)
    return np.where(rows < 0, np.nan, theirs[np.maximum(rows, 0)])
