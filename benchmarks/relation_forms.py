"""Text forms of relations between the columns of a table, and the rows in which each holds.

A column is a plain word or stands in double quotes. The forms:

    a = b                               a = 1.8 * b + 32 (terms: numbers, columns, products of both)
    a <= b, a + b <= c, a < b           a = b * c, a = b / c, a = b - c; ... within 0.01
    a = year(b)                         also month, day, hour, weekday (Monday is 1)
    a = days(b - c), a = age(b, c)      a = minutes(b - c) of clock times such as 1345
    a -> b, a, b -> c                   a = bin(b + c): the value of c is cut into ranges
    missing(a) = missing(b)             missing(a) if missing(b)
    missing(a) if b = 'v'               the rows in which b is v
    missing(a) exactly if b = 'v'       ... and no others; `exactly unless`: all others
    a = 0 if b = 0, a = 'u' if b = 'v'  a = 0 if missing(b); `exactly if` as above
    exactly one of (a, b, c)            at most one of (a, b, c): so many are not 0
    a ~ text("{b}-...")                 a = text("{b}-{c}"): `...` is any text

A row in which a value that the form needs is missing is one to which the form does not apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from relation_values import (
    NAME,
    SLACK,
    Flags,
    FormError,
    Numbers,
    Terms,
    floats,
    names_in,
    numbers,
    ranked,
    times,
    unit,
)

_VALUE = r"(?:'[^']*'|-?\d+(?:\.\d+)?)"
_PARTS = {
    "year": lambda when: when.dt.year(),
    "month": lambda when: when.dt.month(),
    "day": lambda when: when.dt.day(),
    "hour": lambda when: when.dt.hour(),
    "weekday": lambda when: when.dt.weekday(),
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Rows in which a relation holds, among those to which it applies; both of shape (rows,)."""

    holds: Flags
    applies: Flags

    @property
    def share(self) -> float | None:
        """None if it applies to no row."""
        return float(self.holds[self.applies].mean()) if self.applies.any() else None

    @property
    def rows(self) -> int:
        return int(self.applies.sum())


@dataclass(frozen=True, kw_only=True)
class Form:
    """One relation.

    Attributes:
        kind: The family: equal, arithmetic, order, date, dependency, bins, missing, implied,
            one of, text.
        columns: Every column named, in order.
        text: The form as it was written.
    """

    kind: str
    columns: tuple[str, ...]
    text: str
    _judge: Callable[[pl.DataFrame, pl.DataFrame], Outcome]

    def judge(self, frame: pl.DataFrame, learned_on: pl.DataFrame | None = None) -> Outcome:
        """Where it holds in `frame`.

        Dependencies and bins have values to learn: those of `learned_on`, else of `frame`. Rows
        whose values `learned_on` does not know are rows to which the relation does not apply.
        """
        return self._judge(frame, frame if learned_on is None else learned_on)


def parse(text: str) -> Form:
    """The form that `text` writes.

    Raises:
        FormError: it writes none.
    """
    for reader in (_one_of, _skip, _text, _dependency, _dated, _binned, _compared):
        form = reader(text.strip())
        if form is not None:
            return form
    raise FormError(f"{text!r} is no relation")


def _one_of(text: str) -> Form | None:
    found = re.fullmatch(r"(exactly|at most) one of \((.+)\)", text)
    if found is None:
        return None
    columns = names_in(found[2])
    exact = found[1] == "exactly"

    def judge(frame: pl.DataFrame, _: pl.DataFrame) -> Outcome:
        values = np.stack([numbers(frame, name) for name in columns], axis=1)
        marked = (np.nan_to_num(values) != 0).sum(axis=1)
        whole = np.asarray(~np.isnan(values).any(axis=1))
        return Outcome(holds=marked == 1 if exact else marked <= 1, applies=whole)

    return Form(kind="one of", columns=columns, text=text, _judge=judge)


def _skip(text: str) -> Form | None:
    """What is so if something else is: missing values and implied values."""
    event = rf"(?:missing\({NAME}\)|{NAME} = {_VALUE})"
    found = re.fullmatch(rf"({event}) (if|exactly if|exactly unless|unless) ({event})", text)
    same = re.fullmatch(rf"(missing\({NAME}\)) = (missing\({NAME}\))", text)
    if same is not None:
        left, link, right = same[1], "exactly if", same[2]
    elif found is not None:
        left, link, right = found[1], found[2], found[3]
    else:
        return None
    columns = (names_in(left)[0], names_in(right)[0])

    def judge(frame: pl.DataFrame, _: pl.DataFrame) -> Outcome:
        (then, known), (cause, given) = _event(frame, left), _event(frame, right)
        if link.endswith("unless"):
            cause = ~cause
        if link.startswith("exactly"):
            return Outcome(holds=then == cause, applies=known & given)
        return Outcome(holds=then, applies=cause & known & given)

    kind = "missing" if left.startswith("missing") else "implied"
    return Form(kind=kind, columns=columns, text=text, _judge=judge)


def _event(frame: pl.DataFrame, text: str) -> tuple[Flags, Flags]:
    """(it is so, it can be told) in each row."""
    series = frame[names_in(text)[0]]
    gone = series.is_null().to_numpy()
    if text.startswith("missing"):
        return gone, np.ones(frame.height, dtype=bool)
    value = text.rsplit(" = ", 1)[1].strip("'")
    if series.dtype.is_numeric():
        is_so = series.cast(pl.Float64).fill_null(np.nan).to_numpy() == float(value)
    else:
        is_so = (series.cast(pl.String) == value).fill_null(False).to_numpy()
    return is_so, ~gone


def _text(text: str) -> Form | None:
    found = re.fullmatch(rf'({NAME}) [=~] text\("(.*)"\)', text)
    if found is None:
        return None
    whole = names_in(found[1])[0]
    pieces = re.split(r"(\{[^}]+\}|\.\.\.)", found[2])
    inner = tuple(piece[1:-1] for piece in pieces if piece.startswith("{"))

    def judge(frame: pl.DataFrame, _: pl.DataFrame) -> Outcome:
        texts = frame.select(pl.col(whole, *inner).cast(pl.String))
        holds = [_written(row, pieces) for row in texts.iter_rows(named=True)]
        applies = texts.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
        return Outcome(
            holds=np.array([one(whole) for one in holds], dtype=bool), applies=applies.to_numpy()
        )

    return Form(kind="text", columns=(whole, *inner), text=text, _judge=judge)


def _written(row: dict[str, str | None], pieces: Sequence[str]) -> Callable[[str], bool]:
    def fits(name: str) -> bool:
        pattern = "".join(
            ".*"
            if piece == "..."
            else re.escape(row[piece[1:-1]] or "")
            if piece.startswith("{")
            else re.escape(piece)
            for piece in pieces
        )
        return re.fullmatch(pattern, row[name] or "", re.DOTALL) is not None

    return fits


def _dependency(text: str) -> Form | None:
    left, arrow, right = text.rpartition(" -> ")
    if not arrow:
        return None
    keys, value = names_in(left), names_in(right)[0]

    def judge(frame: pl.DataFrame, known: pl.DataFrame) -> Outcome:
        usual = _usual(known, keys, value)
        joined = _plain(frame, (*keys, value)).join(
            usual, on=list(keys), how="left", nulls_equal=True, maintain_order="left"
        )
        holds = joined[value].eq_missing(joined["__usual"]).to_numpy()
        given = joined.select(pl.all_horizontal(pl.col(keys).is_not_null())).to_series().to_numpy()
        return Outcome(holds=holds, applies=given & joined["__known"].fill_null(False).to_numpy())

    return Form(kind="dependency", columns=(*keys, value), text=text, _judge=judge)


def _usual(known: pl.DataFrame, keys: tuple[str, ...], value: str) -> pl.DataFrame:
    """The most frequent value for each key; of equally frequent ones the least."""
    counted = _plain(known, (*keys, value)).group_by(*keys, value).len(name="__rows")
    ordered = counted.sort("__rows", value, descending=[True, False], nulls_last=True)
    usual = ordered.group_by(*keys, maintain_order=True).first()
    return usual.select(*keys, pl.col(value).alias("__usual"), pl.lit(True).alias("__known"))


def _plain(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Numbers as Float64 and the rest as text, so that frames from two files can be compared."""
    return frame.select(
        pl.col(name).cast(pl.Float64 if frame.schema[name].is_numeric() else pl.String)
        for name in dict.fromkeys(columns)
    )


def _dated(text: str) -> Form | None:
    found = re.fullmatch(rf"({NAME}) = (\w+)\(({NAME})(?:(?: -|,) ({NAME}))?\)", text)
    if found is None or (found[2] == "bin"):
        return None
    columns = names_in(" ".join(filter(None, [found[1], found[3], found[4]])), split=r"\s+")
    what = found[2]
    if what not in (*_PARTS, "days", "age", "minutes"):
        return None

    def judge(frame: pl.DataFrame, _: pl.DataFrame) -> Outcome:
        return _near(numbers(frame, columns[0]), _date_number(frame, what, columns[1:]), 0.0)

    return Form(kind="date", columns=columns, text=text, _judge=judge)


def _date_number(frame: pl.DataFrame, what: str, columns: Sequence[str]) -> Numbers:
    if what == "minutes":
        late, planned = (_clock(numbers(frame, name)) for name in columns)
        return (late - planned + 720) % 1440 - 720
    moments = [times(frame[name]) for name in columns]
    if what in _PARTS:
        return floats(_PARTS[what](moments[0]))
    if what == "days":
        return floats(moments[0].dt.date().to_physical() - moments[1].dt.date().to_physical())
    born, on = moments
    days = [floats(when.dt.month()) * 100 + floats(when.dt.day()) for when in (on, born)]
    return floats(on.dt.year() - born.dt.year()) - (days[0] < days[1])


def _clock(values: Numbers) -> Numbers:
    """Minutes since midnight of a time such as 1345."""
    return np.asarray(values // 100 * 60 + values % 100)


def _binned(text: str) -> Form | None:
    found = re.fullmatch(rf"({NAME}) = bin\((.+)\)", text)
    if found is None:
        return None
    name = names_in(found[1])[0]
    terms = Terms.of(found[2])

    def judge(frame: pl.DataFrame, known: pl.DataFrame) -> Outcome:
        labels, value = numbers(frame, name), terms.value(frame)
        learned, at = numbers(known, name), terms.value(known)
        names = np.unique(learned[~np.isnan(learned)])
        # A row belongs to the bin whose least learned value is the last one not above its own.
        starts = np.array([np.nanmin(at[learned == one]) for one in names])
        place = np.clip(np.searchsorted(starts, value + SLACK, "right") - 1, 0, None)
        return Outcome(holds=names[place] == labels, applies=~(np.isnan(labels) | np.isnan(value)))

    return Form(kind="bins", columns=(name, *terms.columns), text=text, _judge=judge)


def _compared(text: str) -> Form | None:
    """Equality, arithmetic and order."""
    body, _, within = text.partition(" within ")
    found = re.fullmatch(r"(.+?) (<=|>=|<|>|=) (.+)", body)
    if found is None:
        return None
    left, sign, right = found[1], found[2], found[3]
    if sign in (">", ">="):
        left, sign, right = right, sign.replace(">", "<"), left
    lower, upper = Terms.of(left), Terms.of(right)
    columns = (*lower.columns, *upper.columns)
    alone = lower.lone and upper.lone

    def judge(frame: pl.DataFrame, _: pl.DataFrame) -> Outcome:
        if alone and not all(frame.schema[name].is_numeric() for name in columns):
            low, high = ranked(frame[columns[0]], frame[columns[1]])
        else:
            low, high = lower.value(frame), upper.value(frame)
        if sign == "=":
            step = unit(frame[columns[0]]) if lower.lone and not alone else 0.0
            return _near(low, high, float(within) if within else step / 2)
        holds = low < high - SLACK if sign == "<" else low <= high + SLACK
        return Outcome(holds=holds, applies=~(np.isnan(low) | np.isnan(high)))

    kind = "order" if sign != "=" else "equal" if alone else "arithmetic"
    return Form(kind=kind, columns=columns, text=text, _judge=judge)


def _near(value: Numbers, expected: Numbers, tolerance: float) -> Outcome:
    size = np.maximum(np.abs(np.nan_to_num(expected)), 1.0)
    holds = np.abs(value - expected) <= tolerance + SLACK * size
    return Outcome(holds=holds, applies=~(np.isnan(value) | np.isnan(expected)))
