"""Dependencies between the parts of an address, which are known before any data are seen.

A postal code lies in one town, a town in one state, a state in one country. Few customers with the same
postal code may not be evidence enough of that by themselves, but no exception is needed either: it is
listed where the names of columns say what they are, and the data do not contradict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from artesian.data.inference.header_words import header_roles, owner_of, split_header
from artesian.relations.dependencies import Dependency
from artesian.relations.protocol import MIN_HOLDS

STATE = frozenset(
    ("state", "province", "region", "county", "bundesland", "departement", "provincia", "estado",
     "lan", "fylke", "kanton", "canton", "wojewodztwo", "prefecture", "oblast", "regione",
     "comunidad")
)  # fmt: skip
"""Words for what lies between a town and a country."""

WIDER = {"postcode": ("city", "state"), "city": ("state", "country"), "state": ("country",)}
"""What each part of an address lies in."""


def places(
    frame: pl.DataFrame, categories: Collection[str], listed: Collection[Dependency]
) -> Iterator[Dependency]:
    """The dependencies between columns of one address that the data do not contradict.

    Args:
        categories: The columns that may be parts of an address.
        listed: Dependencies that are listed already.
    """
    addresses: dict[str, dict[str, str]] = {}
    for name in (name for name in frame.columns if name in categories):
        level = _level(name)
        if level:
            # Of two columns with the same words, the first one is meant.
            addresses.setdefault(_owner(name), {}).setdefault(level, name)
    for columns in addresses.values():
        for level, wider in WIDER.items():
            present = [columns[other] for other in wider if other in columns]
            # A town may have no state, but what has a postal code has a town.
            for other in present[:1] if level == "postcode" else present:
                one = Dependency((columns.get(level, ""),), other)
                if level not in columns or one in listed:
                    continue
                holds = one.holds(frame).drop_nulls()
                if len(holds) and int(holds.sum()) >= MIN_HOLDS * len(holds):
                    yield one


def _level(name: str) -> str:
    """Which part of an address a column is, by its name; '' for none.

    >>> _level("billing_city"), _level("ShipPostalCode"), _level("home_state"), _level("city_code")
    ('city', 'postcode', 'state', '')
    """
    roles = set(header_roles(name) & {*WIDER, "country"})
    if len(roles) == 1:
        return roles.pop()
    parts = split_header(name)
    return "state" if parts and parts[-1] in STATE and not roles else ""


def _owner(name: str) -> str:
    """Whose address a column is of, by the other words of its name.

    >>> _owner("billing_postal_code"), _owner("ShipState"), _owner("country")
    ('billing', 'ship', '')
    """
    return " ".join(word for word in owner_of(name).split() if word not in STATE)
