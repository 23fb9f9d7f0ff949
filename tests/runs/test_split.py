"""The holdout: disjoint from the training data, the same for the same seed, groups kept whole."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import SchemaError, UsageError
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.schema import Column, ForeignKey, Kind, Schema
from artesian.data.table import Table
from artesian.runs.split import MIN_ROWS, hold_out


def table(rows: int) -> Table:
    schema = Schema(columns=(Column(name="x", kind=Kind.NUMBER),))
    return Table(pl.DataFrame({"x": range(rows)}, schema={"x": pl.Int64}), schema)


@given(rows=st.integers(0, 400), fraction=st.floats(0, 0.99), seed=st.integers(0, 9))
def test_the_two_sides_are_disjoint_and_complete(rows: int, fraction: float, seed: int) -> None:
    split = hold_out(table(rows), fraction, Run.from_seed(seed))
    train = split.train.frame["x"].to_list()
    holdout_rows = [] if split.holdout is None else split.holdout.frame["x"].to_list()
    assert sorted(train + holdout_rows) == list(range(rows))
    assert train == sorted(train)
    if split.holdout is not None:
        assert len(holdout_rows) == round(rows * fraction) >= MIN_ROWS
        assert len(train) >= MIN_ROWS
    assert bool(split.note) == (split.holdout is None and fraction > 0)


def test_the_seed_decides() -> None:
    def holdout_rows(seed: int) -> list[int]:
        holdout = hold_out(table(200), 0.2, Run.from_seed(seed)).holdout
        assert holdout is not None
        return holdout.frame["x"].to_list()

    assert holdout_rows(1) == holdout_rows(1) != holdout_rows(2)
    assert max(holdout_rows(1)) - min(holdout_rows(1)) > 100


@pytest.mark.parametrize("fraction", [1.0, -0.1, float("nan")])
def test_an_impossible_fraction_is_refused(fraction: float) -> None:
    with pytest.raises(UsageError):
        hold_out(table(100), fraction, Run())


def test_a_random_split_has_not_changed() -> None:
    split = hold_out(table(60), 0.2, Run.from_seed(7))
    assert split.holdout is not None
    assert split.holdout.frame["x"].to_list() == [3, 12, 19, 21, 22, 23, 39, 44, 45, 50, 58, 59]


def rows_of(entities: list[int | None], times: list[int | None] | None = None) -> Table:
    """A table with a column for the entity, the time and the row number."""
    times = times or [0] * len(entities)
    schema = Schema(
        columns=(
            Column(name="who", kind=Kind.KEY, nullable=True),
            Column(name="at", kind=Kind.NUMBER, nullable=True),
            Column(name="x", kind=Kind.NUMBER),
        ),
        entity="who",
        time="at",
    )
    columns = {"who": entities, "at": times, "x": list(range(len(entities)))}
    return Table(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64)), schema)


ENTITIES = st.lists(st.none() | st.integers(0, 40), min_size=0, max_size=300)
FRACTIONS = st.floats(0.01, 0.9)


@given(entities=ENTITIES, fraction=FRACTIONS, seed=st.integers(0, 9))
def test_no_entity_is_on_both_sides(entities: list[int | None], fraction: float, seed: int) -> None:
    split = hold_out(rows_of(entities), fraction, Run.from_seed(seed))
    if split.holdout is None:
        assert "too few" in split.note
        return
    train, holdout = split.train.frame, split.holdout.frame
    assert sorted([*train["x"], *holdout["x"]]) == list(range(len(entities)))
    assert not set(train["who"].drop_nulls()) & set(holdout["who"].drop_nulls())
    largest = max(1, *(entities.count(who) for who in set(entities) if who is not None), 1)
    assert abs(len(holdout) - fraction * len(entities)) <= largest / 2
    assert min(len(train), len(holdout)) >= MIN_ROWS


def test_one_entity_cannot_be_split() -> None:
    split = hold_out(rows_of([1] * 300), 0.2, Run())
    assert split.holdout is None
    assert "too few to hold out 20%" in split.note


@given(times=st.lists(st.none() | st.integers(0, 30), min_size=1, max_size=300), fraction=FRACTIONS)
def test_the_holdout_by_time_is_the_latest_rows(times: list[int | None], fraction: float) -> None:
    split = hold_out(rows_of([1] * len(times), times), fraction, Run(), by="time")
    if split.holdout is None:
        return
    train, holdout = split.train.frame["at"], split.holdout.frame["at"]
    assert holdout.null_count() == 0
    if train.count():
        assert train.drop_nulls().to_list() == [
            at for at in train.drop_nulls() if at < min(holdout)
        ]
    ties = max(times.count(at) for at in set(times) if at is not None)
    present = sum(at is not None for at in times)
    assert abs(len(holdout) - min(fraction * len(times), present)) <= ties


def test_how_to_split_must_fit_the_table() -> None:
    with pytest.raises(SchemaError, match="names no time to split by"):
        hold_out(table(100), 0.2, Run(), by="time")
    with pytest.raises(SchemaError, match="names no entity to split by"):
        hold_out(table(100), 0.2, Run(), by="entity")
    with pytest.raises(UsageError, match="by 'tim'\nhint: did you mean 'time'"):
        hold_out(table(100), 0.2, Run(), by="tim")
    by_rows = hold_out(rows_of([1] * 100), 0.2, Run(), by="random").holdout
    assert by_rows is not None
    assert len(by_rows) == 20


def keyed(**columns: list[int | None]) -> Table:
    schema = Schema(columns=tuple(Column(name=n, kind=Kind.KEY, nullable=True) for n in columns))
    return Table(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64)), schema)


def shop(customers: int, orders: list[int | None], items: list[int | None]) -> Dataset:
    """Customers with orders with items of products, and a table that stands alone."""
    return Dataset(
        {
            "product": keyed(id=list(range(5))),
            "customer": keyed(id=list(range(customers))),
            "order": keyed(id=list(range(len(orders))), customer=orders),
            "item": keyed(order=items, product=[n % 5 for n in range(len(items))]),
            "alone": keyed(id=list(range(400))),
        },
        (
            ForeignKey("order", ("customer",), "customer", ("id",)),
            ForeignKey("item", ("order",), "order", ("id",)),
            ForeignKey("item", ("product",), "product", ("id",)),
        ),
    )


@given(data=st.data(), fraction=st.floats(0.1, 0.6), seed=st.integers(0, 9))
def test_children_are_where_their_parents_are(
    data: st.DataObject, fraction: float, seed: int
) -> None:
    customers = data.draw(st.integers(20, 80))
    orders = data.draw(
        st.lists(st.none() | st.integers(0, customers - 1), min_size=50, max_size=99)
    )
    numbers = st.none() | st.integers(0, len(orders) - 1)
    dataset = shop(customers, orders, data.draw(st.lists(numbers, min_size=50, max_size=150)))
    split = hold_out(dataset, fraction, Run.from_seed(seed), by="customer")
    if split.holdout is None or "customer" in split.shared:
        return
    assert split.shared == ("product",)
    assert "product" in split.note
    for name in ("customer", "order", "item", "alone"):
        sides = (split.train[name], split.holdout[name])
        assert (
            pl.concat([side.frame for side in sides])
            .sort(pl.all())
            .equals(dataset[name].frame.sort(pl.all()))
        )
    for side in (split.train, split.holdout):
        for key in side.foreign_keys:
            child, parent = side.key_values(key)
            assert child.drop_nulls().join(parent, on=parent.columns, how="anti").is_empty()
        assert side["product"].frame.equals(dataset["product"].frame)
    rows = sum(len(dataset[name]) for name in ("customer", "order", "item"))
    holdout_rows = sum(len(split.holdout[name]) for name in ("customer", "order", "item"))
    assert abs(holdout_rows - fraction * rows) <= 0.5 * fraction * rows


def test_tables_that_one_row_ties_together_are_not_split() -> None:
    split = hold_out(shop(1, [0] * 50, [3] * 100), 0.2, Run(), by="customer")
    assert "customer" in split.shared
    tied = keyed(id=list(range(50)), up=[max(0, n - 1) for n in range(50)])
    dataset = Dataset(
        {"staff": tied, "pay": keyed(staff=list(range(50)))},
        (
            ForeignKey("staff", ("up",), "staff", ("id",)),
            ForeignKey("pay", ("staff",), "staff", ("id",)),
        ),
    )
    split = hold_out(dataset, 0.2, Run())
    assert split.shared == ("staff",)


def test_an_entity_of_a_related_table_stays_whole() -> None:
    orders = rows_of([n % 30 for n in range(120)])
    items = keyed(order=[n % 120 for n in range(300)])
    dataset = Dataset(
        {"order": orders, "item": items}, (ForeignKey("item", ("order",), "order", ("x",)),)
    )
    split = hold_out(dataset, 0.3, Run.from_seed(3))
    assert split.holdout is not None
    assert split.shared == ()
    who = [set(side["order"].frame["who"]) for side in (split.train, split.holdout)]
    assert not who[0] & who[1]
    with pytest.raises(UsageError, match="did you mean 'order'"):
        hold_out(dataset, 0.3, Run(), by="orders")


@given(
    times=st.lists(st.none() | st.integers(0, 40), min_size=60, max_size=120),
    fraction=st.floats(0.1, 0.5),
)
def test_related_tables_are_split_by_the_latest_rows(
    times: list[int | None], fraction: float
) -> None:
    visits = rows_of(list(range(len(times))), times)
    tests = keyed(visit=[n % len(times) for n in range(2 * len(times))])
    dataset = Dataset(
        {"visit": visits, "test": tests}, (ForeignKey("test", ("visit",), "visit", ("x",)),)
    )
    split = hold_out(dataset, fraction, Run(), by="time")
    if split.holdout is None:
        return
    train, holdout = split.train["visit"].frame["at"], split.holdout["visit"].frame["at"]
    assert holdout.null_count() == 0
    assert all(at < min(holdout) for at in train.drop_nulls())
    assert set(split.holdout["test"].frame["visit"]) == set(split.holdout["visit"].frame["x"])
    assert set(split.train["test"].frame["visit"]) == set(split.train["visit"].frame["x"])


def test_related_tables_without_a_time_are_not_split_by_time() -> None:
    with pytest.raises(SchemaError, match="no table of 'dataset' has a time to split by"):
        hold_out(shop(30, [0] * 50, [1] * 50), 0.2, Run(), by="time")


def test_a_dataset_of_one_is_split_as_its_table() -> None:
    one = table(200)
    split, plain = (
        hold_out(Dataset.from_table(one), 0.2, Run.from_seed(2)),
        hold_out(one, 0.2, Run.from_seed(2)),
    )
    assert split.holdout is not None
    assert plain.holdout is not None
    assert split.holdout["table"].frame.equals(plain.holdout.frame)
    assert hold_out(Dataset.from_table(one), 0, Run()).holdout is None
    few = hold_out(Dataset.from_table(table(12)), 0.2, Run())
    assert few.holdout is None
    assert few.note.startswith("12 rows are too few")
