"""Identifiers by number: of the source's form, counted where those of the source were."""

import numpy as np
import polars as pl
import pytest

from artesian.core.disclosure import MIN_COUNT
from artesian.surrogates.public_ids import PublicIds

rng = np.random.default_rng(5)


def made(values, number):
    ids = PublicIds.from_values(pl.Series(values))
    assert PublicIds.from_state(ids.to_state()) == ids
    return ids.make(np.arange(number, dtype=np.uint64), 7)


@pytest.mark.parametrize(("first", "last"), [(1, 333), (0, 59), (1001, 1400), (20, 90)])
def test_a_count_stays_a_count(first, last):
    source = rng.permutation(np.arange(first, last + 1))[: int(0.8 * (last - first + 1))]
    values = made(source, len(source))
    assert values.n_unique() == len(source)
    assert values.min() >= first // 10 * 10
    assert values.max() <= last
    assert (values.diff().drop_nulls() != 1).any(), "in random order"


def test_further_entities_continue_the_count():
    values = made(np.arange(1, 101), 250)
    assert values.n_unique() == 250
    assert values.min() == 1
    assert values.max() <= 250 + MIN_COUNT


def test_a_count_with_prefix_and_zeros():
    source = [f"U{n:05d}" for n in rng.permutation(np.arange(1, 301))[:240]]
    values = made(source, 300)
    assert values.str.contains(r"^U00[0-3]\d\d$").all()
    assert values.n_unique() == 300


def test_the_ends_are_those_of_several_identifiers():
    ids = PublicIds.from_values(pl.Series([*range(1, 200), 290]))
    assert ids.high == 200 - MIN_COUNT + 1


def test_scattered_identifiers_keep_their_number_of_digits():
    values = made(rng.choice(90_000, 400, replace=False) + 10_000, 400)
    assert values.min() >= 10_000
    assert values.max() <= 99_999
    assert values.n_unique() == 400


@pytest.mark.parametrize("rare", [-(2**63), 2**63 - 1])
def test_identifiers_at_the_end_of_64_bits_are_generated(rare):
    ids = pl.Series([rare, *range(0, 10**6, 25_013)])
    form = PublicIds.from_values(ids)
    made = form.make(np.arange(100, dtype=np.uint64), 1)
    assert made.n_unique() == 100
