"""Columns that are made anew, never copied: keys, free text, and what tells of a person.

`Surrogate.learn` reads one column; `make` gives any stretch of rows, as a pure function of (what
was learned, seed, row number): row number -> entity (`entities`: who stands in several rows) ->
value, which is made by

* whole numbers, 'C000123', times: `keys`; UUIDs: `keys`; other codes: `codes`
* phone, postcode, IBAN, card and social security numbers: `codes`, with check digits
* IP addresses: `ip_addresses`
* names, mail, addresses, companies, ...: `people`, in the locale that the values show
* other text: `text_patterns`

A `SurrogateGroup` makes the columns of a table together, so that the person in a row is the same in
all of its personal columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.errors import ModelFileError, Unsupported
from artesian.core.run import Seed
from artesian.data.dtypes import read_dtype, write_dtype
from artesian.data.inference import check_digits
from artesian.data.inference.locales import locale_of, locale_of_all
from artesian.data.inference.uuids import UUID
from artesian.data.schema import Column, Kind
from artesian.surrogates.codes import CodePattern
from artesian.surrogates.entities import Entities
from artesian.surrogates.ip_addresses import IpAddresses
from artesian.surrogates.keyed_random import Words, key_of
from artesian.surrogates.keys import NumberKeys, Uuids
from artesian.surrogates.personas import PERSONAL, TELLING, People
from artesian.surrogates.text_generator import TextMaker
from artesian.surrogates.text_patterns import TextPattern

CODED = ("phone", "postcode", "iban", "credit_card", "ssn")
"""Roles whose values are codes of a pattern."""

Maker = NumberKeys | Uuids | CodePattern | IpAddresses | People | TextMaker


@dataclass(frozen=True, kw_only=True, eq=False)
class Surrogate:
    """One column, ready to be made.

    Attributes:
        name, dtype: As in the source (an Enum becomes String: its values would be the source's).
        role: What the texts are about; decides how they are made.
        entities: How often values repeat; keys do not.
    """

    name: str
    dtype: pl.DataType
    role: str
    entities: Entities
    maker: Maker

    @classmethod
    def learn(
        cls,
        series: pl.Series,
        column: Column,
        *,
        keep_repeats: bool | None = None,
        minimum: int = MIN_COUNT,
        locale: str | None = None,
    ) -> Self:
        """Learn how a column's values look.

        Args:
            keep_repeats: Let values stand in several rows as often as the source's do; by default
                texts do, and keys are unique.
            minimum: Rows that a word has to stand in to be used again.
            locale: A Faker locale; by default the one that the values show.

        Raises:
            Unsupported: the column is neither a key nor a text, and has no role.
        """
        if column.kind not in (Kind.KEY, Kind.TEXT) and not column.role:
            raise Unsupported(
                f"column {column.name!r} is a {column.kind.value}: it is modelled, not made anew",
                hint="give it the kind 'text' or 'key', or a role",
            )
        present = series.drop_nulls()
        repeats = column.kind is not Kind.KEY if keep_repeats is None else keep_repeats
        maker = _learn(present, column, minimum, repeats, locale)
        entities = Entities.of(present) if repeats else Entities()
        dtype = pl.String() if isinstance(series.dtype, pl.Enum) else series.dtype
        return cls(name=column.name, dtype=dtype, role=column.role, entities=entities, maker=maker)

    def make(self, first_row: int, rows: int, seed: Seed) -> pl.Series:
        """Rows `first_row` to `first_row + rows - 1`, none of them missing.

        Raises:
            DataError: more unique values are asked for than the type can hold.
        """
        key = key_of(seed.child("surrogate"))
        numbers = self.entities.draw(_rows(first_row, rows), key)
        return self._typed(self._made(numbers, key))

    def _made(self, numbers: Words, key: int) -> pl.Series | list[str]:
        if isinstance(self.maker, NumberKeys):
            if self.dtype.is_numeric() or self.dtype.is_temporal():
                return self.maker.make(numbers, key)
            return self.maker.texts(numbers, key)
        if isinstance(self.maker, People):
            return self.maker.make(numbers, key)[self.name]
        return self.maker.make(numbers, key)

    def _typed(self, values: pl.Series | list[str]) -> pl.Series:
        """The values in the source's type and name."""
        if isinstance(values, list):
            values = pl.Series(values, dtype=pl.String)
            if self.dtype.is_integer():
                values = values.str.replace_all(r"\D", "")
        if self.dtype.is_temporal():
            values = values.cast(pl.Int32 if self.dtype == pl.Date else pl.Int64)
        return values.cast(self.dtype).rename(self.name)

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON can hold it; no original value is in it."""
        if isinstance(self.maker, Uuids):
            inner: dict[str, Any] = {"upper": self.maker.upper}
        elif isinstance(self.maker, TextMaker):
            inner = self.maker.pattern.to_state()
        else:
            inner = self.maker.to_state()
        return {
            "name": self.name,
            "dtype": write_dtype(self.dtype),
            "role": self.role,
            "entities": self.entities.to_state(),
            "form": _FORMS[type(self.maker)],
            "maker": inner,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """What `state` wrote.

        Raises:
            ModelFileError: the state is of another format.
        """
        form, inner, role = state["form"], state["maker"], state["role"]
        maker: Maker
        if form == "numbers":
            maker = NumberKeys.from_state(inner)
        elif form == "uuids":
            maker = Uuids(upper=inner["upper"])
        elif form == "codes":
            maker = CodePattern.from_state(inner, _FINISH.get(role))
        elif form == "ip":
            maker = IpAddresses.from_state(inner)
        elif form == "people":
            maker = People.from_state(inner)
        elif form == "text":
            maker = TextMaker(TextPattern.from_state(inner))
        else:
            raise ModelFileError(
                f"column {state['name']!r} is made in a way that is not known here: {form!r}",
                hint="read the model with the version of artesian that wrote it",
            )
        return cls(
            name=state["name"],
            dtype=read_dtype(state["dtype"]),
            role=role,
            entities=Entities.from_state(state["entities"]),
            maker=maker,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class SurrogateGroup:
    """The columns of one table that are made anew; its personal columns tell of the same people.

    Attributes:
        names: All columns, in order.
        single: Those that are made on their own.
        personal: Those that are made together; their maker is the same `People`.
    """

    names: tuple[str, ...]
    single: tuple[Surrogate, ...]
    personal: tuple[Surrogate, ...]

    @classmethod
    def learn(
        cls, frame: pl.DataFrame, columns: Iterable[Column], *, minimum: int = MIN_COUNT
    ) -> Self:
        """Learn `columns` of `frame`; who stands in several rows is told by the column that tells
        people apart best (mail before first names)."""
        columns = tuple(columns)
        texts = {c.name: _texts(frame[c.name].drop_nulls()) for c in columns if _is_personal(c)}
        single = [
            Surrogate.learn(frame[c.name], c, minimum=minimum)
            for c in columns
            if c.name not in texts
        ]
        personal: list[Surrogate] = []
        if texts:
            told = {c.name: (texts[c.name], c.role) for c in columns if c.name in texts}
            people = People.learn(told, locale=locale_of_all(told.values()), minimum=minimum)
            keyed = any(c.kind is Kind.KEY for c in columns if c.name in told)
            telling = [n for n, (_, role) in told.items() if role in TELLING] or list(told)
            best = max(telling, key=lambda n: texts[n].n_unique() / max(len(texts[n]), 1))
            entities = Entities() if keyed else Entities.of(texts[best])
            for column in columns:
                if column.name in told:
                    dtype = frame.schema[column.name]
                    personal.append(
                        Surrogate(
                            name=column.name,
                            dtype=pl.String() if isinstance(dtype, pl.Enum) else dtype,
                            role=column.role,
                            entities=entities,
                            maker=people,
                        )
                    )
        return cls(
            names=tuple(c.name for c in columns), single=tuple(single), personal=tuple(personal)
        )

    def make(self, first_row: int, rows: int, seed: Seed) -> pl.DataFrame:
        """Rows `first_row` to `first_row + rows - 1` of all columns; each column has a stream of
        its own, and the personal ones share one."""
        made = {s.name: s.make(first_row, rows, seed.child("column", s.name)) for s in self.single}
        if self.personal:
            first = self.personal[0]
            assert isinstance(first.maker, People)
            key = key_of(seed.child("people"))
            numbers = first.entities.draw(_rows(first_row, rows), key)
            texts = first.maker.make(numbers, key)
            made |= {s.name: s._typed(texts[s.name]) for s in self.personal}
        return pl.DataFrame([made[name] for name in self.names])

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON can hold it; the people are written once."""
        personal = [s.to_state() for s in self.personal]
        return {
            "names": self.names,
            "single": [s.to_state() for s in self.single],
            "personal": [{**s, "maker": {}} for s in personal],
            "people": personal[0]["maker"] if personal else None,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        personal: list[Surrogate] = []
        if state["people"] is not None:
            people = People.from_state(state["people"])
            read = (
                Surrogate.from_state({**s, "maker": state["people"]}) for s in state["personal"]
            )
            personal = [replace(s, maker=people) for s in read]
        return cls(
            names=tuple(state["names"]),
            single=tuple(Surrogate.from_state(s) for s in state["single"]),
            personal=tuple(personal),
        )


_FORMS: dict[type, str] = {
    NumberKeys: "numbers",
    Uuids: "uuids",
    CodePattern: "codes",
    IpAddresses: "ip",
    People: "people",
    TextMaker: "text",
}


def _learn(
    present: pl.Series, column: Column, minimum: int, repeats: bool, locale: str | None
) -> Maker:
    dtype = present.dtype
    if dtype.is_temporal() and not column.role:
        return NumberKeys.learn(present.to_physical().cast(pl.Int64), **_TIMES, digits=False)
    if dtype.is_integer() and not column.role:
        low, high = int(present.lower_bound()[0]), int(present.upper_bound()[0])
        return NumberKeys.learn(present, low=max(low, -(2**63)), high=min(high, 2**64 - 1))
    if dtype.is_float() and not column.role and (present == present.floor()).all():
        return NumberKeys.learn(present.cast(pl.Int64), low=-(2**53), high=2**53)
    texts = _texts(present)
    if _is_personal(column):
        place = locale or locale_of(texts, column.role)
        return People.learn({column.name: (texts, column.role)}, locale=place, minimum=minimum)
    if column.role == "ip":
        return IpAddresses.learn(texts)
    if len(texts) and texts.str.contains(UUID).all():
        return Uuids(upper=bool((texts == texts.str.to_uppercase()).all()))
    if column.role in CODED:
        body = _BODY.get(column.role, _texts)
        finish = _FINISH.get(column.role)
        return CodePattern.learn(
            texts,
            minimum=minimum,
            bodies=body(texts),
            finish=finish,
            head=1 if column.role == "credit_card" else 0,
            closed=column.role == "postcode" and column.kind is not Kind.KEY,
        )
    if column.kind is Kind.KEY or dtype.is_numeric():
        known = NumberKeys.of_texts(texts, minimum=minimum)
        return CodePattern.learn(texts, minimum=minimum) if known is None else known
    return TextMaker(TextPattern.learn(texts, minimum=minimum, keep_repeats=repeats))


def _is_personal(column: Column) -> bool:
    # A key has to be unique, and only these roles tell everybody apart.
    return column.role in (TELLING if column.kind is Kind.KEY else PERSONAL)


def _texts(present: pl.Series) -> pl.Series:
    return present if present.dtype == pl.String else present.cast(pl.String)


def _rows(first: int, rows: int) -> Words:
    return np.arange(first, first + rows, dtype=np.uint64)


def _social(text: str) -> str:
    """Numbers of the United States that begin with 9 were never given to anybody."""
    return "9" + text[1:] if len(text) == 11 and text[3] == text[6] == "-" else text


_TIMES = {"low": -(2**63), "high": 2**63 - 1}
_BODY: dict[str, Callable[[pl.Series], pl.Series]] = {
    "credit_card": lambda texts: texts.str.replace(r".$", ""),
    "iban": lambda texts: texts.str.slice(0, 2) + "00" + texts.str.slice(4),
    "ssn": lambda texts: texts.str.replace(r"^\d(\d\d-\d\d-\d{4})$", "9${1}"),
}
_FINISH: dict[str, Callable[[str], str]] = {
    "credit_card": lambda body: body + check_digits.luhn_digit(body),
    "iban": check_digits.iban_with_check,
    "ssn": _social,
}
