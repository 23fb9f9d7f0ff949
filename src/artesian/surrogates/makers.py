"""The generator of one column by its role and form, and how it is saved.

* whole numbers, 'C000123', times: `keys`; UUIDs: `keys`; other codes: `codes`
* phone, postcode, IBAN, card, device and plate numbers: `codes`, with check digits
* national identity and tax numbers: `national_ids`, or `codes` if their scheme is not known
* IP addresses: `ip_addresses`; hardware addresses: `mac_addresses`
* names, mail, addresses, companies, ...: `personas`, in the locale that the values show
* other text: `text_generator`
"""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl

from artesian.core.errors import ModelFileError
from artesian.data.inference.check_digits import are_luhn, is_luhn, item_check
from artesian.data.inference.national_ids import scheme_of
from artesian.data.inference.roles import whole
from artesian.data.inference.uuids import UUID
from artesian.data.schema import Column, Kind
from artesian.surrogates.codes import CHECKS, CodePattern
from artesian.surrogates.ip_addresses import IpAddresses
from artesian.surrogates.keys import NumberKeys, Uuids
from artesian.surrogates.mac_addresses import MacAddresses
from artesian.surrogates.national_ids import NationalIds
from artesian.surrogates.personas import IDENTIFYING, PERSONAL, People
from artesian.surrogates.text_generator import TextGenerator
from artesian.surrogates.text_patterns import TextPattern

CODED = (
    "phone", "postcode", "iban", "credit_card", "ssn", "tax_id", "account_number", "device_id",
    "licence_plate",
)  # fmt: skip
"""Roles whose values are codes with a pattern."""

ROLES = (*PERSONAL, *CODED, "ip", "mac", "uuid")
"""Roles that have a generator of their own."""

Maker = (
    NumberKeys
    | Uuids
    | CodePattern
    | NationalIds
    | IpAddresses
    | MacAddresses
    | People
    | TextGenerator
)

_MAKERS: dict[str, type[Any]] = {
    "numbers": NumberKeys,
    "uuids": Uuids,
    "codes": CodePattern,
    "national_ids": NationalIds,
    "ip": IpAddresses,
    "mac": MacAddresses,
    "people": People,
    "text": TextGenerator,
}
_SAMPLE = 500

_DISTINCT = 0.9
"""Minimum fraction of distinct values of codes."""

_CODE = r"^(?:[^\sa-z]|[a-z]{1,3}(?:[^\sa-z]|$))+$"
"""No white space, and small letters one to three at a time."""


def is_personal(column: Column, *, alone: bool) -> bool:
    """Whether `People` generates the column: a key alone only if its role identifies everybody."""
    return column.role in (IDENTIFYING if column.kind is Kind.KEY and alone else PERSONAL)


def as_texts(series: pl.Series) -> pl.Series:
    """The values as text; whole decimal numbers without a point."""
    return series if series.dtype == pl.String else whole(series).cast(pl.String)


def learn_maker(
    present: pl.Series,
    column: Column,
    *,
    minimum: int,
    repeats: bool,
    people: pl.Series | None = None,
) -> Maker:
    """Learn the generator of a column that `People` does not generate.

    Args:
        present: The values that are not missing.
        people: The person of each value, for texts: words of fewer than `minimum` are not used.
    """
    dtype = present.dtype
    check = "" if column.role else item_check_of(present)
    if not column.role and not check:
        numbers = _numbers(present)
        if numbers is not None:
            return numbers
    texts = as_texts(present)
    if check:
        return CodePattern.learn(texts, minimum=minimum, check=check, number=dtype.is_numeric())
    if column.role == "ip":
        return IpAddresses.learn(texts)
    if column.role == "mac":
        return MacAddresses.learn(texts)
    if len(texts) and texts.str.contains(UUID).all():
        return Uuids(upper=bool((texts == texts.str.to_uppercase()).all()))
    if column.role in ("ssn", "tax_id"):
        distinct = texts.unique(maintain_order=True).head(_SAMPLE).to_list()
        scheme = scheme_of(distinct, number=dtype.is_numeric(), named=(column.role,))
        if scheme is not None:
            return NationalIds.learn(distinct, scheme)
    if column.role in CODED or column.role == "uuid":
        return CodePattern.learn(
            texts,
            minimum=minimum,
            check=_check(texts, column.role),
            head=1 if column.role in ("credit_card", "phone") else 0,
            closed=column.role == "postcode" and column.kind is not Kind.KEY,
            number=dtype.is_numeric(),
        )
    if column.kind is Kind.KEY or dtype.is_numeric():
        numbered = NumberKeys.from_texts(texts, minimum=minimum)
        return CodePattern.learn(texts, minimum=minimum) if numbered is None else numbered
    if _are_codes(texts):
        return CodePattern.learn(texts, minimum=minimum)
    pattern = TextPattern.learn(texts, minimum=minimum, keep_repeats=repeats, people=people)
    return TextGenerator(pattern)


def _are_codes(texts: pl.Series) -> bool:
    """Whether texts are one word each, with digits and without words of small letters, and hardly
    repeat, such as tracking numbers."""
    if len(texts) < 2 or texts.n_unique() < _DISTINCT * len(texts):
        return False
    return bool(texts.str.contains(_CODE).all() and texts.str.contains("[0-9]").all())


def item_check_of(present: pl.Series) -> str:
    """The check digits of trade items, or of other numbers as long as those of cards: a key of
    `CHECKS`; '' for other values."""
    if present.dtype.is_temporal():
        return ""
    distinct = present.unique(maintain_order=True).head(_SAMPLE)
    texts = as_texts(distinct).cast(pl.String).to_list()
    return item_check(texts) or ("luhn" if are_luhn(texts) else "")


def maker_state(maker: Maker) -> dict[str, Any]:
    """The form and content of a maker, as JSON; without any original value."""
    form = next(form for form, kind in _MAKERS.items() if isinstance(maker, kind))
    return {"form": form, "maker": maker.to_state()}


def maker_from_state(state: dict[str, Any]) -> Maker:
    """Restore what `maker_state` returned.

    Raises:
        ModelFileError: the state is of another format.
    """
    form = state["form"]
    if form not in _MAKERS:
        raise ModelFileError(
            f"there is an unknown kind of surrogate: {form!r}",
            hint="read the model with the version of artesian that wrote it",
        )
    maker: Maker = _MAKERS[form].from_state(state["maker"])
    return maker


def _numbers(present: pl.Series) -> NumberKeys | None:
    """The generator of times and whole numbers without a role; None for other types."""
    dtype = present.dtype
    if dtype.is_temporal():
        low, high = -(2**63), 2**63 - 1
        values = present.to_physical().cast(pl.Int64)
        return NumberKeys.learn(values, low=low, high=high, within=_years(present))
    if dtype in (pl.Int128, pl.UInt128):  # beyond the arithmetic of keys: codes of digits
        return None
    if dtype.is_integer():
        low, high = int(present.lower_bound()[0]), int(present.upper_bound()[0])
        return NumberKeys.learn(present, low=max(low, -(2**63)), high=min(high, 2**64 - 1))
    if dtype.is_float() and (present == present.floor()).all():
        return NumberKeys.learn(present.cast(pl.Int64), low=-(2**53), high=2**53)
    return None


def _years(present: pl.Series) -> tuple[int, int] | None:
    """The years of the values as a public range, in physical units; None for durations."""
    if present.is_empty() or present.dtype == pl.Duration:
        return None
    if present.dtype == pl.Time:
        return 0, 24 * 3600 * 10**9 - 1
    years = present.dt.year()
    ends = [
        datetime.datetime(int(years.min()), 1, 1),  # type: ignore[arg-type]
        datetime.datetime(int(years.max()), 12, 31, 23, 59, 59),  # type: ignore[arg-type]
    ]
    plain = pl.Series(ends, dtype=pl.Datetime("us"))
    if present.dtype == pl.Date:
        low, high = plain.cast(pl.Date).to_physical().to_list()
    else:
        low, high = plain.cast(pl.Datetime(present.dtype.time_unit)).to_physical().to_list()  # type: ignore[attr-defined]
    return int(low), int(high)


def _check(texts: pl.Series, role: str) -> str:
    """The check digits of codes of a role: a key of `CHECKS`."""
    if role == "device_id":  # the numbers of mobile phones have a check digit
        sample = texts.head(_SAMPLE).to_list()
        return "luhn" if sample and all(len(t) == 15 and is_luhn(t) for t in sample) else ""
    return role if role in CHECKS else ""
