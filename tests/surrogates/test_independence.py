"""Stand-ins are independent of the source: its values occur as often as if nobody had seen them.

For every recogniser, a generator learned from one source is compared with a control learned from a
disjoint one: both must generate the values of the first source at the same rate.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Seed
from artesian.data.inference.national_ids import SCHEMES
from artesian.data.schema import Column, Kind
from artesian.surrogates.columns import SurrogateGroup
from artesian.surrogates.makers import CODED, ROLES
from artesian.surrogates.national_ids import NationalIds

GENERATED = {
    "phone": "phone_number", "street": "street_address", "username": "user_name",
    "credit_card": "credit_card_number", "ip": "ipv4", "uuid": "uuid4", "mac": "mac_address",
    "account_number": "bban", "device_id": "uuid4", "licence_plate": "license_plate",
}  # fmt: skip
LOCALES = ("en_US", "de_DE", "it_IT", "ja_JP")
ROWS = 400
PUBLIC = ("first_name", "last_name", "company", "country", "job", "city", "street", "name")
"""Roles whose values are in public lists, so a saved model may have them."""


def values_of(role: str, locale: str, seed: int, rows: int = ROWS) -> list[str]:
    from faker import Faker

    if role == "tax_id":
        scheme = SCHEMES["it_piva" if locale == "it_IT" else "de_ust"]
        return NationalIds.learn([], scheme).make(np.arange(rows, dtype=np.uint64), seed)
    fake = Faker(locale)
    fake.seed_instance(seed)
    return [str(getattr(fake, GENERATED.get(role, role))()) for _ in range(rows)]


def learned(values: list[str], column: Column) -> SurrogateGroup:
    return SurrogateGroup.learn(pl.DataFrame({column.name: values}), [column])


def assert_at_chance(one: list[str], two: list[str], column: Column, rows: int = 4000) -> None:
    """Generators learned from `one` and from `two` generate the values of `one` equally often."""
    rare = {v for v in one if one.count(v) < 5} - set(two)
    hits = []
    for source in (one, two):
        generated = learned(source, column).make(0, rows, Seed(7)).to_series()
        hits.append(int(generated.cast(pl.String).is_in(list(rare)).sum()))
    assert abs(hits[0] - hits[1]) <= 4 * (sum(hits) + 1) ** 0.5, hits


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("role", ROLES)
def test_no_recogniser_prefers_or_avoids_the_values_of_its_source(role: str, locale: str) -> None:
    one, two = values_of(role, locale, 9), values_of(role, locale, 10)
    column = Column(name=role, kind=Kind.TEXT, role=role)
    if role in ("first_name", "last_name", "city", "country", "job", "company"):
        # The control has seen other values of the same public list, so overlaps count in both.
        rows = learned(one, column).make(0, 4000, Seed(7)).to_series()
        control = learned(two, column).make(0, 4000, Seed(7)).to_series()
        rates = [each.is_in(list(set(one))).mean() for each in (rows, control)]
        assert abs(rates[0] - rates[1]) < 0.1
    else:
        assert_at_chance(one, two, column)
    if role not in PUBLIC:
        state = json.dumps(learned(one, column).to_state(), ensure_ascii=False)
        assert not [v for v in set(one) if one.count(v) < 5 and f'"{v}"' in state]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_national_identity_numbers_are_drawn_without_the_source(scheme: str) -> None:
    make = NationalIds.learn([], SCHEMES[scheme])
    one, two = (make.make(np.arange(n, n + 300, dtype=np.uint64), n) for n in (0, 1000))
    assert all(SCHEMES[scheme].is_valid(number) for number in one)
    assert len(set(one)) >= 299  # of a few bodies no check digit is valid, so the next is taken
    column = Column(name="n", kind=Kind.TEXT, role=SCHEMES[scheme].role)
    assert_at_chance(one, two, column)
    assert learned(one, column).to_state() == learned(two, column).to_state()


def small_spaces() -> Iterator[tuple[str, Callable[[np.random.Generator], list[str]]]]:
    """Codes of which a table has a large part of all there can be."""
    yield "two digits", lambda g: [f"K{n:02d}" for n in g.permutation(100)[:50]]
    yield "three digits", lambda g: [f"{n}-X" for n in g.permutation(900)[:300] + 100]
    yield (
        "letters",
        lambda g: [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in g.permutation(676)[:200]],
    )
    yield "numbers", lambda g: [str(n) for n in g.permutation(9_000)[:500] + 1_000]


@pytest.mark.parametrize(("form", "draw"), list(small_spaces()))
@pytest.mark.parametrize("kind", [Kind.KEY, Kind.TEXT])
def test_in_small_spaces_the_source_occurs_at_the_chance_rate(
    form: str, draw: Callable[[np.random.Generator], list[str]], kind: Kind
) -> None:
    column = Column(name="code", kind=kind, role="account_number" if kind is Kind.TEXT else "")
    one = draw(np.random.default_rng(1))
    space = {code for seed in range(60) for code in draw(np.random.default_rng(seed))}
    rows = min(len(space) // 2, 300)
    hits = [
        int(learned(one, column).make(0, rows, Seed(seed)).to_series().is_in(one).sum())
        for seed in range(20)
    ]
    expected = rows * len(one) / len(space)
    spread = (expected * (1 - len(one) / len(space)) / len(hits)) ** 0.5
    assert abs(np.mean(hits) - expected) < 5 * spread + 0.02 * expected


@pytest.mark.parametrize(
    "role", [*CODED, "ip", "mac", "uuid", "email", "username", "address", "url"]
)
def test_whether_somebody_was_in_the_source_does_not_show_in_the_model(role: str) -> None:
    one = values_of(role, "en_US", 9, rows=600)
    two = [values_of(role, "en_US", 11, rows=1)[0], *one[1:]]
    column = Column(name=role, kind=Kind.TEXT, role=role)
    states = [json.dumps(learned(values, column).to_state()) for values in (one, two)]
    numbers = [
        sorted(part for part in state.split('"') if part.strip(", :[]{}")) for state in states
    ]
    # Counts may differ by one; nothing else does.
    assert [p for p in numbers[0] if not _counts(p)] == [p for p in numbers[1] if not _counts(p)]


def _counts(part: str) -> bool:
    return not any(c.isalpha() for c in part)
