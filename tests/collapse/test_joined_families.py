"""Families of several datasets as one: keys, references, numbers of children, proportions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collapse.related_tables import departments, regions, require_valid
from tests.synthesizers.relational.shops import items, shops

import artesian as ar
from artesian.collapse.policies import Policy, parse_policy
from artesian.collapse.stress.distinct_keys import can_be_replaced, distinct_between_parts, largest
from artesian.collapse.stress.families import FamilyPlan, Part
from artesian.collapse.stress.joined_families import JoinedFamilies, join_families
from artesian.collapse.stress.reassignment import nearest_chosen
from artesian.collapse.stress.training_families import (
    choose_families,
    training_families,
    training_parts,
    with_families,
)
from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey

SOURCES: dict[str, Callable[[int], Dataset]] = {
    "shops": lambda seed: shops(40, seed),
    "items": items,
    "regions": regions,
    "departments": departments,
}


def parts_of(name: str, count: int) -> tuple[FamilyPlan, list[Part]]:
    parts = [Part.from_dataset(SOURCES[name](seed)) for seed in range(count)]
    return FamilyPlan.from_part(parts[0]), parts


def joined(name: str, text: str, seed: int, count: int = 3) -> tuple[list[Part], JoinedFamilies]:
    policy = parse_policy(text)
    plan, parts = parts_of(name, count)
    parts = [parts[k] for k in training_parts(policy, count)]
    return parts, training_families(plan, policy, parts, Seed(seed))


@pytest.mark.hypothesis
@settings(max_examples=30)
@given(
    name=st.sampled_from(list(SOURCES)),
    text=st.sampled_from(["mix=0.1", "mix=0.5", "subsample", "accumulate"]),
    seed=st.integers(0, 2**32),
)
def test_keys_are_unique_and_every_reference_has_its_row(name: str, text: str, seed: int) -> None:
    parts, one = joined(name, text, seed)
    require_valid(one.dataset, parts[0].dataset)
    assert sum(one.left_out.values()) <= 0.02 * sum(len(t) for t in one.dataset.values())


@settings(max_examples=15)
@given(
    name=st.sampled_from(list(SOURCES)),
    real=st.sampled_from([0.0, 0.01, 0.1, 0.33, 0.5, 1.0]),
    seed=st.integers(0, 2**32),
)
def test_the_proportion_of_real_families_is_exact(name: str, real: float, seed: int) -> None:
    policy = Policy(name="mix", real=real)
    plan, parts = parts_of(name, 2)
    chosen = choose_families(plan, policy, parts, Seed(seed))
    for one in plan:
        if plan.owner(one) is None:
            size = len(parts[0].dataset[one.name])
            own, other = (len(rows) for rows in chosen[one.name])
            assert own == policy.real_rows(size)
            assert own + other == size


@settings(max_examples=15)
@given(
    name=st.sampled_from(["shops", "items", "departments"]),
    text=st.sampled_from(["mix=0.3", "subsample", "accumulate"]),
    seed=st.integers(0, 2**32),
)
def test_chosen_rows_keep_their_numbers_of_children(name: str, text: str, seed: int) -> None:
    """The numbers differ by no more than there are children too many or too few."""
    parts, one = joined(name, text, seed)
    now = Part.from_dataset(one.dataset)
    for key in one.dataset.foreign_keys:
        if key.child == key.parent:
            continue
        part, row = one.origins[key.parent]
        before = [_degrees(p, key) for p in parts]
        wanted = np.array([before[k][r] for k, r in zip(part, row, strict=True)])
        degrees = _degrees(now, key)
        surplus = abs(int(degrees.sum() - wanted.sum()))
        assert np.abs(degrees - wanted).sum() <= surplus + 2 + 0.02 * len(degrees), str(key)


def _degrees(part: Part, key: ForeignKey) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    parents = part.parents[key]
    return np.bincount(parents[parents >= 0], minlength=len(part.dataset[key.parent]))


def test_rows_of_a_family_stay_together_and_keep_their_values() -> None:
    parts, one = joined("shops", "mix=0.3", 1)
    part, row = one.origins["takings"]
    owner = one.dataset.foreign_keys[0]
    shop_part, shop_row = one.origins["shop"]
    now = Part.from_dataset(one.dataset).parents[owner]
    for k, source in enumerate(parts):
        own = part == k
        assert (shop_part[now[own]] == k).all()
        assert (shop_row[now[own]] == source.parents[owner][row[own]]).all()
        values = source.dataset["takings"].frame[row[own]]["amount"]
        assert one.dataset["takings"].frame.filter(pl.Series(own))["amount"].equals(values)


def test_references_to_the_own_table_go_to_the_nearest_chosen_ancestor() -> None:
    #          0 - 1 - 2 - 3,  4 - 4 (itself) - 5,  6 and 7 refer to each other, 8 to 7
    parents = np.array([-1, 0, 1, 2, 4, 4, 7, 6, 7])
    everything = np.ones(9, bool)
    assert (nearest_chosen(parents, everything) == parents).all()
    some = np.array([True, False, False, True, False, True, False, False, True])
    found = nearest_chosen(parents, some)
    assert found[[0, 3, 5, 8]].tolist() == [-1, 0, 5, -1]
    line = np.arange(-1, 999)
    ends = np.arange(1000) % 100 == 0
    assert nearest_chosen(line, ends)[950] == 900


def test_hierarchies_have_no_cycles() -> None:
    for seed in range(3):
        _, one = joined("shops", "subsample", seed)
        key = next(k for k in one.dataset.foreign_keys if k.child == k.parent)
        above = Part.from_dataset(one.dataset).parents[key]
        rows = np.arange(len(above))
        for _ in range(len(above)):
            rows = np.append(above, -1)[rows]
        assert (rows == -1).all()


def test_references_without_a_row_stay_so() -> None:
    parts, one = joined("shops", "accumulate", 0)
    before = sum(part.dataset["note"].frame["shop_id"].null_count() for part in parts)
    assert one.dataset["note"].frame["shop_id"].null_count() == before
    assert one.reassigned == dict.fromkeys(one.reassigned, 0)  # every row is chosen


def test_an_order_refers_to_a_product_of_its_region() -> None:
    _, one = joined("regions", "mix=0.5", 3)
    orders, products = one.dataset["order"].frame, one.dataset["product"].frame
    both = orders.join(products, on=["region", "product_no"], how="inner")
    assert len(both) == len(orders)
    assert one.reassigned["order"] > 0


def test_one_to_one_references_stay_so() -> None:
    for seed in range(3):
        _, one = joined("regions", "subsample", seed)
        orders = one.dataset["coupon"].frame["order_id"].drop_nulls()
        assert orders.n_unique() >= 0.98 * len(orders)


def test_a_row_without_a_possible_reference_is_left_out_and_counted() -> None:
    """No product of the north is chosen, and a product is required."""
    plan, parts = parts_of("regions", 1)
    (part,) = parts
    chosen = {one.name: [plan.roots(one, part)] for one in plan if not one.kept}
    products = part.dataset["product"].frame["region"].to_numpy()
    chosen["product"] = [np.flatnonzero(products != "north")]
    one = join_families(plan, parts, chosen, np.random.default_rng(0))
    require_valid(one.dataset, part.dataset)
    north = (part.dataset["order"].frame["region"] == "north").sum()
    assert one.left_out["order"] == north
    assert len(one.dataset["order"]) == len(part.dataset["order"]) - north


def test_keys_of_dates_are_not_changed() -> None:
    """A calendar has one row for each date, so of two equal ones that of the source stays."""
    dates = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 9), eager=True)
    frame = pl.DataFrame({"day": dates, "kind": ["a", "b"] * 20})
    table = shops(10)["shop"]
    calendar = ar.read(frame)
    calendar = replace(calendar, schema=replace(calendar.schema, key=("day",)))
    source = Dataset({"day": calendar, "shop": table})
    part = Part.from_dataset(source)
    plan = FamilyPlan.from_part(part)
    chosen = {one.name: [plan.roots(one, part)] * 2 for one in plan}
    one = join_families(plan, [part, part], chosen, np.random.default_rng(0))
    assert one.left_out == {"day": 40, "shop": 0}
    assert one.dataset["day"].frame["day"].equals(dates)
    require_valid(one.dataset, source)


def test_new_keys_have_the_type_and_the_form_of_the_others() -> None:
    rng = np.random.default_rng(0)
    parts = np.repeat([0, 1], 50)
    numbers = pl.Series(np.tile(np.arange(50), 2), dtype=pl.Int16)
    new = distinct_between_parts(numbers, parts, 2**15 - 1, rng)
    assert new.dtype == pl.Int16
    assert new.n_unique() == 100
    assert new[:50].equals(numbers[:50])
    codes = pl.Series([f"AB-{k:03d}" for k in range(50)] * 2)
    new = distinct_between_parts(codes, parts, 0, rng)
    assert new.n_unique() == 100
    assert new.str.contains(r"^AB-\d{3}$").all()
    repeated = pl.Series([1, 1, 2, 1, 1, 2])
    new = distinct_between_parts(repeated, np.repeat([0, 1], 3), 2**63 - 1, rng)
    assert new.to_list() == [1, 1, 2, 3, 3, 4]
    full = distinct_between_parts(pl.Series([5, 126, 127, 126]), np.array([0, 0, 0, 1]), 127, rng)
    assert full.n_unique() == 4
    assert full.max() <= 127
    few = pl.Series(np.tile(np.arange(1, 128), 2), dtype=pl.Int8)
    with pytest.raises(DataError, match="can represent"):
        distinct_between_parts(few, np.repeat([0, 1], 127), 127, rng)


@pytest.mark.parametrize(
    "values",
    [
        pl.Series(["a1", "b2", "c3", "d4", "e5"], dtype=pl.Categorical),
        pl.Series([Decimal(k) for k in range(5)], dtype=pl.Decimal(4, 0)),
        pl.Series([2**64 - 1 - k for k in range(5)], dtype=pl.UInt64),
        pl.Series([-5, -4, -3, -2, -1], dtype=pl.Int8),
        pl.Series([f"{k}f0e8c1a-0000-4000-8000-00000000000{k}" for k in range(5)]),
        pl.Series([None, "", "b", "é✓", "x y"]),
    ],
)
def test_every_type_of_key_gets_new_values(values: pl.Series) -> None:
    twofold = pl.concat([values, values])
    assert can_be_replaced(values.dtype)
    new = distinct_between_parts(
        twofold, np.repeat([0, 1], 5), largest(values.dtype), np.random.default_rng(0)
    )
    assert new.dtype == values.dtype
    assert new[:5].equals(values)
    assert new[5:].is_null().equals(values.is_null())
    assert new.drop_nulls().n_unique() == 2 * values.drop_nulls().len()
    if values.dtype == pl.String and not values.has_nulls():
        assert new.str.contains(r"^[0-9a-f]{8}-0000-4000-8000-0{11}[0-9a-f]$").all()


def test_short_texts_become_longer_when_their_form_is_used_up() -> None:
    digits = pl.Series([str(k) for k in range(10)] * 2)
    new = distinct_between_parts(digits, np.repeat([0, 1], 10), 0, np.random.default_rng(0))
    assert new.n_unique() == 20


def test_few_families_are_chosen_with_references_among_them() -> None:
    plan, (part,) = parts_of("shops", 1)
    few = with_families(plan, part, 25, Run.from_seed(0))
    assert len(few["shop"]) == 25
    assert len(few["employee"]) == 25
    require_valid(few, part.dataset)
    assert few["note"].frame["employee_id"].null_count() == 0
    assert with_families(plan, part, None, Run.from_seed(0)) is part.dataset


def test_a_table_that_stays_empty_is_named() -> None:
    plan, parts = parts_of("shops", 2)
    empty = parts[0].dataset.with_frames({"note": parts[0].dataset["note"].frame.clear()})
    nothing = Part.from_dataset(empty)
    with pytest.raises(DataError, match="'note'"):
        training_families(plan, parse_policy("mix=50%"), [nothing, nothing], Seed(0))
