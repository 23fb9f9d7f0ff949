"""Generate fictitious people: names, addresses, mail and more, consistent within a row.

A keyed permutation maps an entity number to a position in the grid of first by last names (then two
first names and a last one, and so on), so every person is distinct, and every personal column uses
the same position. 'Ana', 'Lund', 'Ana Lund' and 'ana.lund@example.org' are in one row if one
`People` generates the columns. Towns, occupations and the like are drawn by entity number. Names come
from public lists of the locale: those of the source occur as often as in any other table.

Mail and web addresses have domains that RFC 2606 reserves for examples: they reach nobody.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.disclosure import MIN_COUNT
from artesian.surrogates.keyed_random import (
    LARGEST,
    Integers,
    below,
    subkey,
    uniform,
)
from artesian.surrogates.mail_names import MailNames
from artesian.surrogates.name_pools import (
    latin,
    of_distinct_letters,
    pairs_of_names,
    pool,
    slugs,
)
from artesian.surrogates.name_styles import cased, name_parts, style_of
from artesian.surrogates.positions import Positions, spread_names

DOMAINS = ("example.com", "example.org", "example.net")
FAMILY_FIRST = ("ja_JP", "zh_CN", "zh_TW", "ko_KR", "hu_HU")
PERSONAL = (
    "name", "first_name", "last_name", "email", "username", "url",
    "company", "job", "street", "address", "city", "country",
)  # fmt: skip
"""Roles that `People` generates."""
IDENTIFYING = ("name", "email", "username", "url", "address")
"""Roles whose values are distinct for distinct people."""

_DRAWN = ("first_name", "last_name", "city", "street", "company", "job", "country")
_LETTERED = {"email", "username", "url"}
"""Roles that are made of the letters a-z of names."""

_POOL, _SMALLEST = 2_000, 50
_NUMBERS = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personal:
    """One personal column: its role, and its style in the source.

    Attributes:
        style: What `style_of` found.
        variant: 0 for the first column of a role; a second one describes somebody else.
    """

    name: str
    role: str
    style: dict[str, str]
    variant: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """People of a locale, and the columns that describe them.

    Attributes:
        mails: How addresses are made of names.
        logins: How user names are; None if they are not, or the table has no names.
        spread: The role whose values are distinct for distinct people although they are in a short
            list: 'first_name' or 'last_name' if a table has only that of them; '' otherwise.
    """

    locale: str
    pools: dict[str, tuple[str, ...]]
    columns: tuple[Personal, ...]
    mails: MailNames
    logins: MailNames | None = None
    spread: str = ""
    gendered: bool = False

    @classmethod
    def learn(
        cls,
        frame: pl.DataFrame,
        roles: Mapping[str, str],
        *,
        locale: str,
        spread: str = "",
        minimum: int = MIN_COUNT,
        gendered: bool = False,
    ) -> Self:
        """Learn the styles of the text columns `roles` (name -> role) of `frame`."""
        columns: list[Personal] = []
        for name, role in roles.items():
            texts = frame[name].drop_nulls()
            variant = sum(column.role == role for column in columns)
            style = style_of(texts, role)
            columns.append(Personal(name=name, role=role, style=style, variant=variant))
        mails = _mail_names(frame, columns, "email", minimum) or MailNames(
            fits=True, weights={"F.L": 1}
        )
        logins = _mail_names(frame, columns, "username", minimum)
        expanded = mails.expanded or (logins is not None and logins.expanded)
        mails = replace(mails, expanded=expanded)
        pools = {role: pool(locale, role, _POOL) for role in _needed(columns)}
        if gendered:
            pools["first_name"] = pairs_of_names(locale)
        for role in ("first_name", "last_name") if set(roles.values()) & _LETTERED else ():
            pools[role] = of_distinct_letters(
                pools[role], expanded=expanded, pairs=gendered and role == "first_name"
            )
        persons = frame.n_unique()
        for column in columns:
            if column.role in pools:  # a column of few names is generated from few names
                size = _pool_size(frame[column.name].n_unique(), persons)
                size += size % 2
                pools[column.role] = pools[column.role][:size]
        return cls(
            locale=locale,
            pools=pools,
            columns=tuple(columns),
            mails=mails,
            logins=logins if logins is not None and logins.fits and logins.named else None,
            spread=spread,
            gendered=gendered,
        )

    def make(
        self, numbers: Integers, key: int, genders: NDArray[np.int64] | None = None
    ) -> dict[str, list[str]]:
        """Column name -> one text for every entity number.

        Args:
            genders: 0 for a woman, 1 for a man and -1 for either, of people who are `gendered`.
        """
        out: dict[str, list[str]] = {}
        persons: dict[int, _Persons] = {}
        for column in self.columns:
            variant = column.variant
            if column.role == "email" and not self.mails.fits:
                variant = -1 - variant  # addresses are made of other names
            if variant not in persons:
                own = key if variant == 0 else subkey(key, "variant", variant)
                whose = genders if self.gendered and variant == 0 else None
                persons[variant] = self._persons(numbers, own, whose)
            out[column.name] = persons[variant].texts(column)
        return out

    def _persons(
        self, numbers: Integers, key: int, genders: NDArray[np.int64] | None = None
    ) -> _Persons:
        firsts, lasts = len(self.pools["first_name"]), len(self.pools["last_name"])
        firsts = firsts // 2 if self.gendered else firsts
        sizes = [firsts * lasts]
        while sizes[-1] < LARGEST and len(sizes) < 6:
            sizes.append(sizes[-1] * firsts)
        level, place = Positions(tuple(sizes)).at(numbers, subkey(key, "place"))
        if self.spread:
            place = spread_names(numbers, place, firsts, lasts, key, self.spread)
        if self.gendered:  # a pair of names, of which the gender chooses one
            drawn = below(numbers, subkey(key, "gender"), 2).astype(np.int64)
            own = drawn if genders is None else np.where(genders < 0, drawn, genders)
            place = place * np.uint64(2) + own.astype(np.uint64)
        return _Persons(self, numbers, subkey(key, "drawn"), level.tolist(), place)

    @cached_property
    def first_slugs(self) -> tuple[str, ...]:
        """First names in the letters of mail addresses."""
        names = latin(self.locale, "first_name", self.pools["first_name"])
        return slugs(names, expanded=self.mails.expanded)

    @cached_property
    def last_slugs(self) -> tuple[str, ...]:
        """Last names in the letters of mail addresses."""
        names = latin(self.locale, "last_name", self.pools["last_name"])
        return slugs(names, expanded=self.mails.expanded)

    @cached_property
    def ranks(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Which of the names with its first letter each first and each last name is, from 0."""
        return _ranks(self.first_slugs), _ranks(self.last_slugs)

    def to_state(self) -> dict[str, Any]:
        """What was learned, as JSON."""
        return {
            "locale": self.locale,
            "pools": self.pools,
            "mails": self.mails.to_state(),
            "logins": None if self.logins is None else self.logins.to_state(),
            "spread": self.spread,
            "gendered": self.gendered,
            "columns": [
                {"name": c.name, "role": c.role, "style": c.style, "variant": c.variant}
                for c in self.columns
            ],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Restore what `to_state` returned."""
        return cls(
            locale=state["locale"],
            pools={role: tuple(values) for role, values in state["pools"].items()},
            mails=MailNames.from_state(state["mails"]),
            logins=None if state["logins"] is None else MailNames.from_state(state["logins"]),
            spread=state["spread"],
            gendered=state["gendered"],
            columns=tuple(Personal(**column) for column in state["columns"]),
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
        return [cased(t, column.style) for t in texts] if column.style.get("case") else texts

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
                between = style.get("between", " ")
                return [f"{b}{between}{a}" for a, b in zip(firsts, lasts, strict=True)]
            return [f"{a} {b}" for a, b in zip(firsts, lasts, strict=True)]
        if role == "email":
            ends = self._draw("domain", DOMAINS[: int(style.get("domains", len(DOMAINS)))])
            names = self._mail_names(self.people.mails)
            return [f"{a}@{b}" for a, b in zip(names, ends, strict=True)]
        if role == "username":
            if self.people.logins is not None:
                return self._mail_names(self.people.logins)
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

    def _mail_names(self, form: MailNames) -> list[str]:
        firsts = self._firsts(self.people.first_slugs, "")
        lasts, (rank_first, rank_last) = self.people.last_slugs, self.people.ranks
        write = form.write
        u = uniform(self.numbers, subkey(self.key, "mail")).tolist()
        size = len(rank_first)
        out = []
        for a, f, i, more, level, x in zip(
            firsts, self.first, self.last, self.more, self.level, u, strict=True
        ):
            further = size * (more + level)  # several first names are one number
            out.append(
                write(a, lasts[i], (rank_first[f] + further, rank_last[i]), (f + further, i), x)
            )
        return out

    def _slugs(self, between: str) -> list[str]:
        firsts = self._firsts(self.people.first_slugs, between)
        last = self.people.last_slugs
        return [f"{a}{between}{last[i]}" for a, i in zip(firsts, self.last, strict=True)]

    def _streets(self, style: dict[str, str]) -> list[str]:
        streets = self._draw("street", self.pools["street"])
        if not style.get("number"):
            return streets
        houses = (below(self.numbers, subkey(self.key, "house"), _NUMBERS) + 1).tolist()
        first = style["number"] == "first"
        pairs = zip(streets, houses, strict=True)
        return [f"{house} {street}" if first else f"{street} {house}" for street, house in pairs]

    def _draw(self, what: str, values: tuple[str, ...]) -> list[str]:
        picks = below(self.numbers, subkey(self.key, what), len(values))
        return [values[i] for i in picks.tolist()]


def _needed(columns: list[Personal]) -> tuple[str, ...]:
    needed = {"first_name", "last_name"}
    for column in columns:
        needed |= {column.role} & set(_DRAWN)
        needed |= {"suffix"} if column.style.get("unique") else set()
        needed |= {"street", "city", "postcode"} if column.role == "address" else set()
    return tuple(sorted(needed))


def _pool_size(distinct: int, persons: int) -> int:
    """Number of names of which `persons` draw about `distinct` different ones.

    >>> _pool_size(632, 1000), _pool_size(1000, 1000)
    (1000, 2000)
    """
    low, high = _SMALLEST, _POOL
    while low < high:
        middle = (low + high) // 2
        if -middle * math.expm1(-persons / middle) < distinct:
            low = middle + 1
        else:
            high = middle
    return low


def _mail_names(
    frame: pl.DataFrame, columns: list[Personal], role: str, minimum: int
) -> MailNames | None:
    """The patterns of the first column of a role, from the first columns of names; None without one."""
    by_role = {column.role: column.name for column in reversed(columns)}
    if role not in by_role:
        return None
    named = [by_role[r] for r in ("name", "first_name", "last_name") if r in by_role]
    people = frame.select(by_role[role], *named).drop_nulls().unique(maintain_order=True)
    texts = people[by_role[role]].to_list()
    if {"first_name", "last_name"} <= set(by_role):
        names = list(people.select(by_role["first_name"], by_role["last_name"]).iter_rows())
    elif "name" in by_role:
        names = [name_parts(text) for text in people[by_role["name"]].to_list()]
    else:
        return MailNames.learn(texts, None, minimum=minimum)
    return MailNames.learn(texts, names, minimum=minimum)


def _ranks(slugs: tuple[str, ...]) -> tuple[int, ...]:
    seen: dict[str, int] = {}
    out = []
    for slug in slugs:
        out.append(seen.get(slug[:1], 0))
        seen[slug[:1]] = out[-1] + 1
    return tuple(out)
