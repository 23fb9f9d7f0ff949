"""Generate fictitious people: names, addresses, mail and more, consistent within a row.

A keyed permutation maps an entity number to a position in the grid of first by last names (then two
first names and a last one, and so on), so every person is distinct, and every personal column uses
the same position. 'Ana', 'Lund', 'Ana Lund' and 'ana.lund@example.org' are in one row if one
`People` generates the columns. Towns, occupations and the like are drawn by entity number.

Mail and web addresses have domains that RFC 2606 reserves for examples: they reach nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.surrogates.keyed_random import LARGEST, Integers, below, random_integers, subkey
from artesian.surrogates.name_pools import pool, slugs
from artesian.surrogates.originals import Originals
from artesian.surrogates.slots import Slots

DOMAINS = ("example.com", "example.org", "example.net")
FAMILY_FIRST = ("ja_JP", "zh_CN", "zh_TW", "ko_KR", "hu_HU")
PERSONAL = (
    "name", "first_name", "last_name", "email", "username", "url",
    "company", "job", "street", "address", "city", "country",
)  # fmt: skip
"""Roles that `People` generates."""
IDENTIFYING = ("name", "email", "username", "url", "address")
"""Roles that identify a person; none of their originals is generated, however common."""

_DRAWN = ("first_name", "last_name", "city", "street", "company", "job", "country")
_POOL, _SMALLEST = 2_000, 50
_NUMBERS = 400
_TRIED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personal:
    """One personal column: its role, its style in the source, and its original values.

    Style keys: case ('upper', 'lower'), order ('last, first'), joint (of a user name), number
    ('first', 'last', '' for none: the house number), parts (',' or a line break before the town),
    start (of a web address), unique ('yes': companies do not repeat).
    """

    name: str
    role: str
    style: dict[str, str]
    originals: Originals

    @classmethod
    def learn(cls, values: pl.Series, role: str, minimum: int) -> Self:
        """Learn the style of a column of texts without missing values."""
        counts = values.alias("value").value_counts()
        style = _style(values, role, len(counts) / max(len(values), 1))
        identifying = role in IDENTIFYING or bool(style.get("number")) or bool(style.get("unique"))
        kept = counts if identifying else counts.filter(pl.col("count") < minimum)
        listed = sorted(kept["value"].to_list())
        return cls(
            name=values.name, role=role, style=style, originals=Originals.from_values(listed)
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """People of a locale, and the columns that describe them."""

    locale: str
    pools: dict[str, tuple[str, ...]]
    columns: tuple[Personal, ...]

    @classmethod
    def learn(
        cls, values: Mapping[str, tuple[pl.Series, str]], *, locale: str, minimum: int = MIN_COUNT
    ) -> Self:
        """Learn from column name -> (its texts without missing values, its role)."""
        columns = tuple(Personal.learn(v, role, minimum) for v, role in values.values())
        pools = {role: pool(locale, role, _POOL) for role in _needed(columns)}
        for column, (texts, role) in zip(columns, values.values(), strict=True):
            if role in pools:
                # A column of few names is generated from few names; none of them a rare original.
                size = min(max(texts.n_unique(), _SMALLEST), _POOL)
                is_original = column.originals.hit([_cased(v, column.style) for v in pools[role]])
                fresh = [
                    v for v, hit in zip(pools[role], is_original.tolist(), strict=True) if not hit
                ]
                pools[role] = tuple(fresh[:size]) or pools[role]
        return cls(locale=locale, pools=pools, columns=columns)

    def make(self, numbers: Integers, key: int) -> dict[str, list[str]]:
        """Column name -> one text for every entity number."""
        texts_by_column = self._attempt(numbers, 0, key)
        open_rows = np.arange(len(numbers))
        again = texts_by_column
        for attempt in range(1, self._slots.attempts + 1):
            hit = np.zeros(len(open_rows), dtype=bool)
            for column in self.columns:
                hit |= column.originals.hit(again[column.name])
            open_rows = open_rows[hit]
            if not open_rows.size or attempt == self._slots.attempts:
                break
            again = self._attempt(numbers[open_rows], attempt, key)
            for name, texts in again.items():
                for row, text in zip(open_rows.tolist(), texts, strict=True):
                    texts_by_column[name][row] = text
        return texts_by_column

    def _attempt(self, numbers: Integers, attempt: int, key: int) -> dict[str, list[str]]:
        level, place = self._slots.at(numbers, attempt, subkey(key, "place"))
        persons = _Persons(self, numbers, subkey(key, "drawn", attempt), level.tolist(), place)
        return {column.name: persons.texts(column) for column in self.columns}

    @cached_property
    def _slots(self) -> Slots:
        first, last = len(self.pools["first_name"]), len(self.pools["last_name"])
        sizes = [first * last]
        while sizes[-1] < LARGEST and len(sizes) < 6:
            sizes.append(sizes[-1] * first)
        # The number of persons in the source is estimated by a trial: most originals cannot be
        # generated from these pools.
        numbers = np.arange(_TRIED, dtype=np.uint64)
        places = random_integers(numbers, 0) % np.uint64(sizes[0])
        tried = _Persons(self, numbers, 0, [0] * _TRIED, places)
        hit = np.zeros(_TRIED, dtype=bool)
        for column in self.columns:
            hit |= column.originals.hit(tried.texts(column))
        return Slots.over(tuple(sizes), sizes[0] * int(hit.sum() + 2) // _TRIED)

    @cached_property
    def first_slugs(self) -> tuple[str, ...]:
        """First names in the letters of mail addresses."""
        return slugs(self.pools["first_name"])

    @cached_property
    def last_slugs(self) -> tuple[str, ...]:
        """Last names in the letters of mail addresses."""
        return slugs(self.pools["last_name"])

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {
            "locale": self.locale,
            "pools": self.pools,
            "columns": [
                {
                    "name": c.name,
                    "role": c.role,
                    "style": c.style,
                    "originals": c.originals.to_state(),
                }
                for c in self.columns
            ],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            locale=state["locale"],
            pools={role: tuple(values) for role, values in state["pools"].items()},
            columns=tuple(
                Personal(
                    name=c["name"],
                    role=c["role"],
                    style=c["style"],
                    originals=Originals.from_state(c["originals"]),
                )
                for c in state["columns"]
            ),
        )


class _Persons:
    """The persons of one call, and the values of their columns."""

    def __init__(
        self, people: People, numbers: Integers, key: int, level: list[int], place: Integers
    ) -> None:
        self.people, self.pools = people, people.pools
        self.numbers, self.key, self.level, self.place = numbers, key, level, place
        firsts, lasts = len(self.pools["first_name"]), len(self.pools["last_name"])
        self.first = (place % np.uint64(firsts)).astype(np.int64).tolist()
        rest = place // np.uint64(firsts)
        self.last = (rest % np.uint64(lasts)).astype(np.int64).tolist()
        self.more = (
            rest // np.uint64(lasts)
        ).tolist()  # further first names, encoded as one number

    def texts(self, column: Personal) -> list[str]:
        """The value of a column for each person, in the style of the source."""
        texts = self._values(column)
        return [_cased(t, column.style) for t in texts] if column.style.get("case") else texts

    def _values(self, column: Personal) -> list[str]:
        style, role = column.style, column.role
        if role == "first_name":
            return [self.pools[role][i] for i in self.first]
        if role == "last_name":
            return [self.pools[role][i] for i in self.last]
        if role == "name":
            firsts = self._firsts(self.pools["first_name"], " ")
            lasts = [self.pools["last_name"][i] for i in self.last]
            if style.get("order") == "last, first":
                return [f"{b}, {a}" for a, b in zip(firsts, lasts, strict=True)]
            if self.people.locale in FAMILY_FIRST:
                return [f"{b} {a}" for a, b in zip(firsts, lasts, strict=True)]
            return [f"{a} {b}" for a, b in zip(firsts, lasts, strict=True)]
        if role == "email":
            ends = self._draw("domain", DOMAINS)
            return [f"{a}@{b}" for a, b in zip(self._slugs("."), ends, strict=True)]
        if role == "username":
            if style.get("joint"):
                return self._slugs(style["joint"])
            # A number distinguishes names without a separator between their parts.
            count = (self.place // np.uint64(len(self.pools["first_name"]))).tolist()
            tails = (f"{n}{'x' * k}" for n, k in zip(count, self.level, strict=True))
            heads = (self.people.first_slugs[i] for i in self.first)
            return [a + b for a, b in zip(heads, tails, strict=True)]
        if role == "url":
            ends = self._draw("domain", DOMAINS)
            start = style.get("start", "https://")
            return [f"{start}{a}.{b}" for a, b in zip(self._slugs("-"), ends, strict=True)]
        if role == "company" and style.get("unique"):
            firsts = self._firsts(self.pools["first_name"], " ")
            ends = self._draw("suffix", self.pools["suffix"])
            lasts = [self.pools["last_name"][i] for i in self.last]
            if self.people.locale in FAMILY_FIRST[:1]:  # 株式会社後藤篤司
                return [f"{c}{b}{a}" for a, b, c in zip(firsts, lasts, ends, strict=True)]
            return [f"{a} {b} {c}" for a, b, c in zip(firsts, lasts, ends, strict=True)]
        if role == "street":
            return self._streets(style)
        if role == "address":
            town = self._draw("city", self.pools["city"])
            code = self._draw("postcode", self.pools["postcode"])
            between = style.get("parts", ", ")
            parts = zip(self._streets(style), code, town, strict=True)
            if self.people.locale.startswith("en_"):
                return [f"{a}{between}{c} {b}" for a, b, c in parts]
            return [f"{a}{between}{b} {c}" for a, b, c in parts]
        return self._draw(role, self.pools[role])

    def _firsts(self, names: tuple[str, ...], between: str) -> list[str]:
        """The first name of each person, or several where one is not enough."""
        out = [names[i] for i in self.first]
        for row in np.flatnonzero(np.array(self.level)).tolist():
            more = self.more[row]
            for _ in range(self.level[row]):
                out[row] += between + names[more % len(names)]
                more //= len(names)
        return out

    def _slugs(self, between: str) -> list[str]:
        firsts = self._firsts(self.people.first_slugs, between)
        last = self.people.last_slugs
        return [f"{a}{between}{last[i]}" for a, i in zip(firsts, self.last, strict=True)]

    def _streets(self, style: dict[str, str]) -> list[str]:
        streets = self.pools["street"]
        if not style.get("number"):
            return self._draw("street", streets)
        count = np.uint64(len(streets))
        name = (self.place % count).astype(np.int64).tolist()
        number = (self.place // count).tolist()
        out = []
        for i, n, k in zip(name, number, self.level, strict=True):
            house = f"{n % _NUMBERS + 1}"
            if n >= _NUMBERS or k:  # all house numbers are used: add a flat, then a floor
                house += f"-{n // _NUMBERS}" + (f"/{k}" if k else "")
            first = style["number"] == "first"
            out.append(f"{house} {streets[i]}" if first else f"{streets[i]} {house}")
        return out

    def _draw(self, what: str, values: tuple[str, ...]) -> list[str]:
        picks = below(self.numbers, subkey(self.key, what), len(values))
        return [values[i] for i in picks.tolist()]


def _needed(columns: tuple[Personal, ...]) -> tuple[str, ...]:
    needed = {"first_name", "last_name"}
    for column in columns:
        needed |= {column.role} & set(_DRAWN)
        needed |= {"suffix"} if column.style.get("unique") else set()
        needed |= {"street", "city", "postcode"} if column.role == "address" else set()
    return tuple(sorted(needed))


def _cased(text: str, style: dict[str, str]) -> str:
    case = style.get("case")
    return text.upper() if case == "upper" else text.lower() if case == "lower" else text


def _style(values: pl.Series, role: str, distinct: float) -> dict[str, str]:
    texts = values.head(500)
    if texts.is_empty():
        return {}

    def fraction(mask: pl.Series) -> float:
        return float(mask.sum()) / len(texts)

    style: dict[str, str] = {}
    cased = texts.str.to_uppercase() != texts.str.to_lowercase()
    if role not in ("email", "url", "username") and fraction(cased) > 0.5:
        if fraction(texts == texts.str.to_uppercase()) > 0.9:
            style["case"] = "upper"
        elif fraction(texts == texts.str.to_lowercase()) > 0.9:
            style["case"] = "lower"
    if role == "name" and fraction(texts.str.contains(",", literal=True)) > 0.5:
        style["order"] = "last, first"
    if role == "username":
        joints = {c: fraction(texts.str.contains(c, literal=True)) for c in "._-"}
        best = max(joints, key=lambda c: joints[c])
        style |= {"joint": best} if joints[best] > 0.3 else {}
    if role == "url":
        www = fraction(texts.str.contains(r"^(https?://)?www\.")) > 0.5
        scheme = "https://" if fraction(texts.str.starts_with("https")) > 0.5 else "http://"
        scheme = scheme if fraction(texts.str.contains("://", literal=True)) > 0.5 else ""
        style["start"] = scheme + ("www." if www else "")
    if role == "company" and distinct > 0.5:
        style["unique"] = "yes"
    if role in ("street", "address") and fraction(texts.str.contains(r"\d")) > 0.5:
        style["number"] = "first" if fraction(texts.str.contains(r"^\s*\d")) > 0.5 else "last"
    if role == "address":
        style["parts"] = "\n" if fraction(texts.str.contains("\n", literal=True)) > 0.5 else ", "
    return style
