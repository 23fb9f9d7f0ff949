"""Which table a column's name points at: 'customer_id' at 'customers', 'home_team_id' at 'teams'.

A name does so in one of four ways (`Pointing`): as the key or the table is called, the same with a role
in front, by a role alone ('manager_id'), or only in its last word ('home_team'), where values must say
more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from artesian.data.inference.column_names import split_name
from artesian.data.inference.id_names import is_member_name, is_noun_name

ID_PARTS = frozenset(
    (
        "id", "ids", "key", "code", "no", "nr", "nbr", "num", "number", "nummer", "numero", "nro",
        "ref", "fk", "uuid", "guid", "idx", "kennung", "kode", "codigo", "codice",
    )
)  # fmt: skip
"""Words behind the noun that say that a column identifies something."""

LEADING = frozenset({"id", "fk", "ref", "code", "codigo", "codice", "numero", "kode"})
"""The same in front of the noun; without 'num' and 'no', with which counts begin ('num_orders')."""

GENERIC = frozenset(
    (
        "id", "key", "no", "nr", "code", "number", "index", "name", "date", "year", "uid", "pk",
        "row", "rowid", "rowno", "rownr", "record", "recordid", "recordno", "line", "lineno",
        "linenr", "position", "pos", "seq", "sequence", "nummer", "uuid", "guid",
    )
)  # fmt: skip
"""Column names that point at no table; such a key is referred to as 'store_id'."""

PREFIXES = frozenset(
    (
        "tbl", "table", "tab", "t", "dim", "fact", "fct", "stg", "raw", "src", "data", "dataset",
        "export", "list", "csv", "dbo", "public", "all", "master",
    )
)  # fmt: skip
"""Words of a table's name that do not belong to what its rows are."""

GLUED = ("nummer", "number", "numero", "kennung", "code", "key", "nr", "no", "id")
"""Endings that are written without a boundary: 'kundennr'."""

OWN_ROLES = frozenset(
    (
        "parent", "predecessor", "previous", "prev", "successor", "ancestor", "root", "original",
        "replaces", "replacedby", "supersedes", "supersededby", "replyto", "inreplyto", "duplicateof",
        "mother", "father", "dam", "sire", "referrer", "referredby", "recommendedby", "invitedby",
        "vorganger", "vorgaenger", "nachfolger", "ubergeordnet", "uebergeordnet", "obergruppe",
        "oberkategorie", "mutter", "vater", "eltern", "padre", "madre", "pere", "mere", "genitore",
    )
)  # fmt: skip
"""Roles of another row of the same table; words without case, accents and boundaries."""

STAFF_ROLES = frozenset(
    (
        "manager", "supervisor", "boss", "superior", "mentor", "reportsto", "reportto", "reportingto",
        "vorgesetzter", "vorgesetzte", "vorgesetzten", "chef", "chefin", "leiter", "leiterin",
        "betreuer", "responsable", "superieur", "jefe", "supervisore", "rep", "salesrep",
        "salesperson",
    )
)  # fmt: skip
"""Roles of somebody who is one of the staff."""

STAFF = frozenset(
    (
        "employee", "emp", "staff", "worker", "person", "personnel", "mitarbeiter", "personal",
        "angestellter", "angestellte", "salarie", "employe", "empleado", "dipendente", "medewerker",
    )
)  # fmt: skip
"""What tables of staff are called."""

ELSEWHERE = frozenset(
    {"external", "extern", "ext", "legacy", "old", "alt", "source", "sap", "crm", "erp"}
)
"""Words of identifiers that another system gave."""

AT_WORK = frozenset(
    (
        "doctor", "physician", "nurse", "teacher", "agent", "officer", "seller", "salesman", "arzt",
        "lehrer", "verkaufer", "fahrer", "berater", "consultant", "engineer", "pilot", "crew",
    )
)  # fmt: skip
"""Who may have a superior of the same kind."""

IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman"}

ENDINGS = ("s", "es", "n", "en", "e", "er")
"""Endings of plurals, in English, German and Romance languages."""

MIN_FORM = 3
"""Minimum number of letters of a word without its ending."""


class Pointing(IntEnum):
    """How a column's name points at a table, the least sure first."""

    VALUES = 0
    """It does not; only values that no chance explains do."""
    LAST_WORD = 1
    ROLE_ALONE = 2
    ROLE = 3
    NAME = 4


@dataclass(frozen=True, slots=True)
class Stem:
    """A column's name without the words for an identifier.

    Attributes:
        parts: What is left of the name.
        identifies: Whether the name has a word for an identifier.
    """

    parts: tuple[str, ...]
    identifies: bool


@lru_cache(maxsize=65_536)
def name_parts(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and numbers; the name itself where there are none.

    >>> name_parts("VerkäuferNr2"), name_parts("IDKunde"), name_parts("顧客")
    (('verkaufer', 'nr'), ('id', 'kunde'), ('顧客',))
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    if not plain.isascii():
        return (name.casefold(),)
    return tuple(w for w in split_name(plain) if not w.isdigit()) or (name.casefold(),)


@lru_cache(maxsize=65_536)
def stems(name: str) -> tuple[Stem, ...]:
    """The name without words for an identifier, in every way in which it can be read.

    >>> [s.parts for s in stems("kundennr")], stems("id_client")[0].parts, stems("atom1_id")[0].parts
    ([('kunden',), ('kundennr',)], ('client',), ('atom',))
    """
    parts = name_parts(name)
    rest = parts
    while len(rest) > 1 and rest[-1] in ID_PARTS:
        rest = rest[:-1]
    if rest == parts and len(rest) > 1 and rest[0] in LEADING:
        rest = rest[1:]
    if rest != parts:
        return (Stem(rest, True),)
    glued = [e for e in GLUED if parts[-1].endswith(e) and len(parts[-1]) >= len(e) + MIN_FORM]
    first = [Stem((*parts[:-1], parts[-1].removesuffix(end)), True) for end in glued[:1]]
    return (*first, Stem(parts, False))


@lru_cache(maxsize=4_096)
def forms(table: str) -> frozenset[str]:
    """What one row of a table may be called: its name and its singular in several languages.

    >>> "category" in forms("tbl_Categories"), "filial" in forms("Filialen"), "land" in forms("Länder")
    (True, True, True)
    """
    parts = name_parts(table)
    nouns = tuple(word for word in parts if word not in PREFIXES) or parts
    name = "".join(nouns)
    out = {name, *(name[: -len(end)] for end in ENDINGS if name.endswith(end))}
    if name.endswith("ies"):
        out.add(name[:-3] + "y")
    # 'Aerzte' and 'Ärzte' are several of 'Arzt'.
    out |= {re.sub("([aou])e", r"\1", form) for form in out}
    if nouns[-1] in IRREGULAR:
        out.add("".join(nouns[:-1]) + IRREGULAR[nouns[-1]])
    return frozenset(form for form in out if len(form) >= MIN_FORM or form == name)


def names_table(column: str, table: str) -> bool:
    """Whether a column's name is that of one row of the table: 'store', 'storeid', 'store_code'."""
    return any(
        "".join(stem.parts) in forms(table) and (stem.identifies or not _is_plural(stem, table))
        for stem in stems(column)
    )


def is_derived(table: str, other: str) -> bool:
    """Whether a table's name is that of another with more parts: 'customer_profiles', 'customers'."""
    parts, base = name_parts(table), forms(other)
    return any(
        "".join(parts[:end]) in base or "".join(parts[-end:]) in base
        for end in range(1, len(parts))
    )


class PointedTables:
    """What the names of columns may point at: (table, column) of all tables."""

    def __init__(self) -> None:
        self._keyed: dict[str, list[tuple[str, str]]] = {}
        self._columns: dict[str, list[tuple[str, str]]] = {}
        self._keys: dict[str, str] = {}

    def add(self, table: str, column: str, *, key: bool) -> None:
        """Add a column that others may refer to.

        Args:
            key: Whether it is the key, which names may point at without its own name.
        """
        called = "".join(name_parts(column))
        for form in forms(table):
            self._columns.setdefault(form + called, []).append((table, column))
            if key:
                self._keyed.setdefault(form, []).append((table, column))
        if called not in GENERIC and (key or names_table(column, table)):
            self._columns.setdefault(called, []).append((table, column))
        if key:
            self._keys[table] = column

    def pointed_at(self, child: str, column: str) -> Iterator[tuple[Pointing, str, str]]:
        """(how, table, column) of all that the name of a column of `child` points at."""
        pointed: dict[tuple[str, str], Pointing] = {}

        def add(how: Pointing, pairs: Iterable[tuple[str, str]]) -> None:
            for pair in pairs:
                if pair != (child, column):
                    pointed[pair] = max(how, pointed.get(pair, how))

        def others(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
            return (pair for pair in pairs if pair[0] != child)

        parts = name_parts(column)
        add(Pointing.NAME, others(self._columns.get("".join(parts), ())))
        identifies = any(stem.identifies for stem in stems(column))
        # The noun is last in 'home_team_id', first in 'id_team_home' and 'team_id_home'.
        leading = parts[0] in LEADING and parts[-1] not in ID_PARTS
        with_role = Pointing.ROLE if identifies and not leading else Pointing.LAST_WORD
        with_role = Pointing.LAST_WORD if ELSEWHERE & {*parts} else with_role
        for start in range(1, len(parts)):
            add(with_role, self._columns.get("".join(parts[start:]), ()))
        if not ELSEWHERE & {*parts}:
            for head in _heads(parts):
                add(Pointing.ROLE, self._keyed.get("".join(head), ()))
        for stem in stems(column):
            for pair in others(self._keyed.get("".join(stem.parts), ())):
                counts = not stem.identifies and _is_plural(stem, pair[0])
                add(Pointing.LAST_WORD if counts else Pointing.NAME, [pair])
            for start in range(1, len(stem.parts)):
                add(with_role, self._keyed.get("".join(stem.parts[start:]), ()))
        if not pointed:
            add(Pointing.ROLE_ALONE, self._of_role(child, column))
        for (table, key), how in pointed.items():
            yield how, table, key

    def _of_role(self, child: str, column: str) -> Iterator[tuple[str, str]]:
        """What a role points at: the same table, or the staff."""
        for stem in stems(column):
            role = "".join(stem.parts)
            if role in OWN_ROLES and child in self._keys:
                yield child, self._keys[child]
            if role in STAFF_ROLES or (stem.identifies and stem.parts[-1] in STAFF_ROLES):
                yield from self._staff(child)

    def _staff(self, child: str) -> Iterator[tuple[str, str]]:
        """The table itself if its rows are staff, or else the one table of staff, or else of people."""
        staff = [table for table in self._keys if forms(table) & STAFF]
        own = self._keys.get(child)
        if own is not None and child not in staff and len(staff) != 1:
            staff = [child] if is_member_name(own) or _is_of_people(child) else []
        if child in staff or len(staff) == 1:
            table = child if child in staff else staff[0]
            yield table, self._keys[table]


def _heads(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words between those for an identifier and a role behind them."""
    if parts[0] in LEADING:
        yield from (parts[1:end] for end in range(2, len(parts)))
    yield from (parts[:at] for at in range(1, len(parts) - 1) if parts[at] in ID_PARTS)


def _is_of_people(table: str) -> bool:
    return any(is_noun_name(form) or form in AT_WORK for form in forms(table))


def _is_plural(stem: Stem, table: str) -> bool:
    """Whether a column without a word for an identifier may count rows: 'orders' of a customer."""
    name = "".join(stem.parts)
    plural = name.endswith(("s", "en")) and not name.endswith(("ss", "us", "is"))
    return plural and name == "".join(w for w in name_parts(table) if w not in PREFIXES)
