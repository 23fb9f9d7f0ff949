"""Arithmetic over columns, parsed from text and never executed as code.

    sum     = term (("+" | "-") term)*
    term    = factor (("*" | "/") factor)*
    factor  = number | column | function "(" sum ("," sum)* ")" | "(" sum ")" | "-" factor

Every value is a float: dates and times are days since 1970, durations are days, booleans 0 and 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.errors import SchemaError, did_you_mean
from artesian.data.calendar_years import FIRST_DAY, LAST_DAY

Floats = NDArray[np.float64]

DAY = 86_400_000_000
"""Microseconds."""

MAX_TOKENS = 600
"""Maximum number of numbers, names and signs of an expression, which is evaluated recursively."""

_PLAIN = re.compile(r"[^\W\d]\w*")
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number> \d+ (?:\.\d*)? (?:[eE][+-]?\d+)? | \.\d+ (?:[eE][+-]?\d+)? )
      | (?P<quoted> "[^"]+" )
      | (?P<word> [^\W\d]\w* )
      | (?P<sign> [-+*/(),] )
    )""",
    re.VERBOSE,
)


def quoted(name: str) -> str:
    """A column's name as it is written in a relation: in double quotes unless it is a plain word.

    >>> quoted("unit price")
    '"unit price"'
    """
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def listed(values: tuple[str, ...]) -> str:
    """Values as they are written in a relation; nothing for none.

    >>> listed(("a", "b's"))
    " in ('a', 'b''s')"
    """
    if not values:
        return ""
    return " in (" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + ")"


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float

    def __str__(self) -> str:
        return f"{self.value:.12g}"

    @property
    def columns(self) -> tuple[str, ...]:
        """No columns."""
        return ()

    def evaluate(self, frame: pl.DataFrame) -> Floats:
        """The constant in every row."""
        return np.full(frame.height, self.value)


@dataclass(frozen=True, slots=True)
class Ref:
    """A column."""

    name: str

    def __str__(self) -> str:
        return quoted(self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """This column."""
        return (self.name,)

    def evaluate(self, frame: pl.DataFrame) -> Floats:
        """Its values as floats, NaN where missing."""
        return numbers(frame[self.name])


@dataclass(frozen=True, slots=True)
class Binary:
    """A sum, difference, product or quotient."""

    sign: str
    left: Expression
    right: Expression

    def __str__(self) -> str:
        if self.sign == "*" and self.left == Number(-1.0) and not _is_binary(self.right):
            return f"-{self.right}"
        strong = self.sign in "*/"
        left, right = str(self.left), str(self.right)
        if strong and _is_sum(self.left):
            left = f"({left})"
        nested = strong or self.sign == "-"
        if (nested and _is_sum(self.right)) or (self.sign == "/" and _is_binary(self.right)):
            right = f"({right})"
        return f"{left} {self.sign} {right}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of both sides."""
        return tuple(dict.fromkeys((*self.left.columns, *self.right.columns)))

    def evaluate(self, frame: pl.DataFrame) -> Floats:
        """The result in every row; NaN for a division by zero."""
        left, right = self.left.evaluate(frame), self.right.evaluate(frame)
        if self.sign == "/":
            return np.divide(left, np.where(right == 0, np.nan, right))
        return _ARITHMETIC[self.sign](left, right)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of expressions."""

    function: str
    arguments: tuple[Expression, ...]

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))})"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of all arguments."""
        return tuple(dict.fromkeys(name for one in self.arguments for name in one.columns))

    def evaluate(self, frame: pl.DataFrame) -> Floats:
        """The function in every row."""
        return FUNCTIONS[self.function](*(one.evaluate(frame) for one in self.arguments))


Expression = Number | Ref | Binary | Call


def parse_expression(text: str, columns: tuple[str, ...]) -> Expression:
    """Parse `text` over a table with these columns.

    Raises:
        SchemaError: a syntax error, an unknown column or function.

    >>> str(parse_expression("1.8 * celsius + 32", ("celsius",)))
    '1.8 * celsius + 32'
    """
    parser = _Parser(text, _tokens(text), columns)
    try:
        parsed = parser.sum()
    except RecursionError:
        raise _error(text, "it has too many brackets in one another") from None
    if parser.rest:
        raise _error(text, f"{parser.rest[0][1]!r} is not expected")
    return parsed


def numbers(series: pl.Series) -> Floats:
    """A column as floats, shape (rows,), NaN where missing; times in days."""
    dtype = series.dtype
    if dtype == pl.Date:
        series = series.to_physical()
    elif isinstance(dtype, pl.Datetime):
        series = series.dt.replace_time_zone(None).dt.cast_time_unit("us").to_physical() / DAY
    elif dtype == pl.Time:
        series = series.to_physical() / (DAY * 1000)
    elif dtype == pl.Duration:
        series = series.dt.total_microseconds() / DAY
    return np.asarray(series.cast(pl.Float64, strict=False).to_numpy(), dtype=np.float64)


def _without_calendar(days: Floats) -> NDArray[np.bool_]:
    """Whether times are missing, or beyond the calendar."""
    return ~((days >= FIRST_DAY) & (days < LAST_DAY + 1))


def _part(code: str) -> Callable[[Floats], Floats]:
    """A calendar part of times in days."""

    def part(days: Floats) -> Floats:
        absent = _without_calendar(days)
        times = pl.Series(np.where(absent, 0.0, np.round(days * DAY))).cast(pl.Int64)
        values = getattr(times.cast(pl.Datetime("us")).dt, code)().cast(pl.Float64).to_numpy()
        return np.where(absent, np.nan, values)

    return part


def _bound(every: str, *, end: bool = False) -> Callable[[Floats], Floats]:
    """The first day of the week, month or quarter of times in days; `end` for the last of a month."""

    def bound(days: Floats) -> Floats:
        absent = _without_calendar(days)
        dates = pl.Series(np.where(absent, 0.0, np.floor(days))).cast(pl.Int32).cast(pl.Date)
        first = dates.dt.month_end() if end else dates.dt.truncate(every)
        values = first.to_physical().cast(pl.Float64).to_numpy()
        return np.where(absent, np.nan, values)

    return bound


def _age(birth: Floats, at: Floats) -> Floats:
    """Full years between two times."""
    month = [_part("month")(days) * 100 + _part("day")(days) for days in (birth, at)]
    return _part("year")(at) - _part("year")(birth) - (month[1] < month[0])


def _add_months(start: Floats, months: Floats) -> Floats:
    """The same day some months later, or the last day of that month if it has no such day."""
    absent = np.isnan(start) | np.isnan(months)
    days = np.where(absent, 0.0, np.floor(start)).astype(np.int64).astype("datetime64[D]")
    first = days.astype("datetime64[M]")
    later = first + np.where(absent, 0.0, np.round(months)).astype(np.int64)
    length = (later + 1).astype("datetime64[D]") - later.astype("datetime64[D]")
    day = np.minimum(days - first.astype("datetime64[D]"), length - 1)
    shifted = (later.astype("datetime64[D]") + day).astype(np.int64).astype(float)
    return np.where(absent, np.nan, shifted + (start - np.floor(start)))


def _mod(values: Floats, divisor: Floats) -> Floats:
    """The remainder of a division, with the sign of the divisor; NaN for a divisor of 0."""
    return np.mod(values, np.where(divisor == 0, np.nan, divisor))


def _clock(days: Floats) -> Floats:
    """The time of day, in [0, 1), to the microsecond."""
    return np.mod(np.round(days * DAY), DAY) / DAY


def _hhmm(days: Floats) -> Floats:
    """The time of day as a number such as 1345, without seconds."""
    minutes = np.floor(_clock(days) * 1440 + 1e-6)
    return np.asarray(minutes // 60 * 100 + minutes % 60)


def _from_hhmm(values: Floats) -> Floats:
    """Days since midnight of a number such as 1345."""
    return np.asarray((values // 100 * 60 + values % 100) / 1440)


def _time(hour: Floats, minute: Floats, second: Floats | float = 0.0) -> Floats:
    """Days since midnight of hours, minutes and seconds."""
    return np.asarray(((hour * 60 + minute) * 60 + second) / 86_400)


def annuity(principal: Floats, rate: Floats, periods: Floats) -> Floats:
    """The constant payment that repays a principal with interest in equal periods."""
    with np.errstate(all="ignore"):
        repaid = -np.expm1(-periods * np.log1p(rate))
        payment = np.where(rate == 0, principal / periods, principal * rate / repaid)
    return np.asarray(np.where(np.isfinite(payment), payment, np.nan))


FUNCTIONS: Mapping[str, Callable[..., Floats]] = {
    "year": _part("year"),
    "iso_year": _part("iso_year"),
    "short_year": lambda days: np.mod(_part("year")(days), 100),
    "month": _part("month"),
    "day": _part("day"),
    "hour": _part("hour"),
    "minute": _part("minute"),
    "second": _part("second"),
    "weekday": _part("weekday"),
    "quarter": _part("quarter"),
    "week": _part("week"),
    "day_of_year": _part("ordinal_day"),
    "date": np.floor,
    "week_start": _bound("1w"),
    "month_start": _bound("1mo"),
    "month_end": _bound("1mo", end=True),
    "quarter_start": _bound("1q"),
    "floor": np.floor,
    "abs": np.abs,
    "max": lambda *values: np.maximum.reduce(values),
    "min": lambda *values: np.minimum.reduce(values),
    "age": _age,
    "annuity": annuity,
    "add_months": _add_months,
    "mod": _mod,
    "clock": _clock,
    "hhmm": _hhmm,
    "from_hhmm": _from_hhmm,
    "time": _time,
    "days": lambda values: values,
    "or_zero": np.nan_to_num,
}
"""Functions by name; calendar parts take times, `or_zero` reads a missing value as 0."""

_ARITHMETIC: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
}


def _is_binary(node: Expression) -> bool:
    return isinstance(node, Binary)


def _is_sum(node: Expression) -> bool:
    return isinstance(node, Binary) and node.sign in "+-"


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _error(text, f"{text[at : at + 40].strip()[:20]!r} is not understood")
        if len(tokens) >= MAX_TOKENS:
            raise _error(text, f"it has more than {MAX_TOKENS} words and signs")
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return tokens


@dataclass(slots=True)
class _Parser:
    text: str
    rest: list[tuple[str, str]]
    columns: tuple[str, ...]

    def sum(self) -> Expression:
        return self._chain("+-", lambda: self._chain("*/", self._factor))

    def _chain(self, signs: str, operand: Callable[[], Expression]) -> Expression:
        node = operand()
        while self.rest and self.rest[0][1] in signs and self.rest[0][0] == "sign":
            sign = self.rest.pop(0)[1]
            node = Binary(sign, node, operand())
        return node

    def _factor(self) -> Expression:
        if not self.rest:
            raise _error(self.text, "it ends too early")
        kind, word = self.rest.pop(0)
        if kind == "number":
            return Number(float(word))
        if word == "-":
            inner = self._factor()
            if isinstance(inner, Number):
                return Number(-inner.value)
            return Binary("*", Number(-1.0), inner)
        if word == "(":
            node = self.sum()
            self._expect(")")
            return node
        if kind == "word" and word in FUNCTIONS and self.rest[:1] == [("sign", "(")]:
            self._expect("(")
            arguments = [self.sum()]
            while self.rest[:1] == [("sign", ",")]:
                self.rest.pop(0)
                arguments.append(self.sum())
            self._expect(")")
            return Call(word, tuple(arguments))
        if kind in ("word", "quoted"):
            name = word.strip('"')
            if name in self.columns:
                return Ref(name)
            valid_names = [*self.columns, *FUNCTIONS]
            raise _error(self.text, f"there is no column {name!r}", did_you_mean(name, valid_names))
        raise _error(self.text, f"{word!r} is not expected")

    def _expect(self, sign: str) -> None:
        if self.rest[:1] != [("sign", sign)]:
            raise _error(self.text, f"{sign!r} is missing")
        self.rest.pop(0)


def _error(text: str, why: str, hint: str | None = None) -> SchemaError:
    return SchemaError(
        f"the expression {text!r} cannot be parsed: {why}",
        hint=hint or "write arithmetic over columns, such as price * (1 - discount)",
    )
