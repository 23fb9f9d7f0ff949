"""Related tables: keys, numbers of children, and what siblings have in common."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.synthesizers.relational.shops import items, shops

import artesian as ar
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.synthesizers.relational.relational_trees import RelationalTrees


@pytest.fixture(scope="module")
def pair() -> tuple[Dataset, Dataset]:
    real = shops()
    model = RelationalTrees(rounds=5).fit(real, run=Run.from_seed(1))
    return real, model.sample(run=Run.from_seed(2))


@pytest.fixture(scope="module")
def ordered() -> tuple[Dataset, Dataset]:
    real = items()
    model = RelationalTrees(rounds=5).fit(real, run=Run.from_seed(1))
    return real, model.sample(run=Run.from_seed(2))


def orphans(dataset: Dataset) -> int:
    count = 0
    for key in dataset.foreign_keys:
        child, parent = dataset.key_values(key)
        present = child.filter(pl.all_horizontal(pl.all().is_not_null()))
        count += present.join(parent.unique(), on=child.columns, how="anti").height
    return count


def test_every_foreign_key_refers_to_a_row(pair: tuple[Dataset, Dataset]) -> None:
    real, synthetic = pair
    assert list(synthetic) == list(real)
    assert orphans(synthetic) == 0
    for name in real:
        assert synthetic[name].frame.schema == real[name].frame.schema
        (key,) = real[name].schema.key
        assert synthetic[name].frame[key].n_unique() == len(synthetic[name])


def test_numbers_of_children_and_of_missing_parents_are_those_of_the_source(
    pair: tuple[Dataset, Dataset],
) -> None:
    real, synthetic = pair
    sizes = [d["takings"].frame.group_by("shop_id").len()["len"] for d in (real, synthetic)]
    assert sizes[0].mean() == pytest.approx(sizes[1].mean(), rel=0.15)
    assert sizes[1].max() <= 30
    missing = [d["note"].frame["shop_id"].null_count() / len(d["note"]) for d in (real, synthetic)]
    assert missing[0] == pytest.approx(missing[1], abs=0.07)


def test_days_of_a_shop_follow_each_other(pair: tuple[Dataset, Dataset]) -> None:
    for dataset in pair:
        frame = dataset["takings"].frame
        gaps = frame.select(
            (pl.col("day").diff().over("shop_id")).dt.total_days().alias("gap")
        ).drop_nulls()
        assert (gaps["gap"] == 1).all()
        weekday = frame["day"].dt.strftime("%a")
        assert (weekday == frame["weekday"]).mean() > 0.999


def test_siblings_share_the_level_of_their_parent(pair: tuple[Dataset, Dataset]) -> None:
    shares = []
    for dataset in pair:
        frame = dataset["takings"].frame.filter(pl.col("weekday") != "Sun")
        logs = frame.with_columns(pl.col("amount").log())
        between = logs.group_by("shop_id").agg(pl.col("amount").mean())["amount"].var()
        within = logs.group_by("shop_id").agg(pl.col("amount").var())["amount"].mean()
        shares.append(between / (between + within))
    assert shares[0] > 0.9
    assert shares[1] > 0.8


def test_rows_depend_on_the_rows_that_they_refer_to(pair: tuple[Dataset, Dataset]) -> None:
    _, synthetic = pair
    joined = synthetic["note"].frame.join(synthetic["shop"].frame, on="shop_id")
    audits = joined.group_by("size").agg((pl.col("kind") == "audit").mean())
    values = dict(audits.iter_rows())
    assert values["large"] > 0.9
    assert values["small"] < 0.1


def test_managers_form_no_cycle(pair: tuple[Dataset, Dataset]) -> None:
    _, synthetic = pair
    managers = dict(synthetic["employee"].frame.select("employee_id", "manager_id").iter_rows())
    assert sum(manager is None for manager in managers.values()) >= 1
    for employee in managers:
        seen = set()
        while employee is not None:
            assert employee not in seen
            seen.add(employee)
            employee = managers[employee]


def test_products_are_distinct_within_an_order(ordered: tuple[Dataset, Dataset]) -> None:
    real, synthetic = ordered
    assert orphans(synthetic) == 0
    pairs = synthetic["line"].frame.select("order_id", "product_id")
    assert pairs.n_unique() == len(pairs)
    without = [
        1 - dataset["line"].frame["order_id"].n_unique() / len(dataset["order"])
        for dataset in (real, synthetic)
    ]
    assert without[0] == pytest.approx(without[1], abs=0.07)


def test_the_same_seed_gives_the_same_tables_and_scale_more_of_them() -> None:
    real = items(seed=3)
    model = RelationalTrees(rounds=0).fit(real, run=Run.from_seed(1))
    again = RelationalTrees(rounds=0).fit(real, run=Run.from_seed(1))
    one, other = (each.sample(run=Run.from_seed(2)) for each in (model, again))
    for name in real:
        assert one[name].frame.equals(other[name].frame)
    twice = model.sample(2.0, run=Run.from_seed(2))
    assert len(twice["order"]) == 2 * len(real["order"])
    assert len(twice["line"]) == pytest.approx(2 * len(real["line"]), rel=0.15)
    assert orphans(twice) == 0


def test_a_table_without_rows_is_refused() -> None:
    real = items()
    empty = real.with_frames({"line": real["line"].frame.clear()})
    with pytest.raises(ar.ArtesianError, match="the table 'line' has no rows"):
        RelationalTrees().fit(empty)


def test_orphans_of_the_source_are_counted_and_get_no_parent() -> None:
    real = shops()
    frame = real["note"].frame.with_columns(
        pl.when(pl.col("note_id") <= 10).then(999_999).otherwise(pl.col("shop_id")).alias("shop_id")
    )
    model = RelationalTrees(rounds=0).fit(real.with_frames({"note": frame}), run=Run.from_seed(1))
    assert model.facts()["orphans"] == {"note(shop_id) -> shop(shop_id)": 10}
    assert orphans(model.sample(run=Run.from_seed(2))) == 0


def test_columns_that_are_constant_within_an_owner_stay_so() -> None:
    real = shops()
    frame = (
        real["takings"]
        .frame.join(
            real["shop"].frame.with_columns(
                tax=pl.Series(
                    np.random.default_rng(1).choice([5.0, 7.5, 10.0, 19.0], len(real["shop"]))
                )
            ),
            on="shop_id",
        )
        .drop("size")
    )
    read = ar.read_dataset({"shop": real["shop"].frame, "takings": frame})
    dataset = Dataset(read.tables, real.foreign_keys[:1], read.origin)
    synthetic = RelationalTrees(rounds=0).fit(dataset, run=Run.from_seed(1)).sample()
    rates = synthetic["takings"].frame.group_by("shop_id").agg(pl.col("tax").n_unique())["tax"]
    assert (rates == 1).all()


def test_values_of_one_owner_are_not_frequent_because_it_has_many_rows() -> None:
    rng = np.random.default_rng(0)
    customers = 60
    words = ["".join(rng.choice(list("abcdefghijklmnop"), 9)) for _ in range(2 * customers)]
    streets, towns = words[:customers], words[customers:]
    of = np.repeat(np.arange(customers), 8)
    frames = {
        "customer": pl.DataFrame(
            {"customer_id": np.arange(customers) + 1, "x": rng.normal(size=60)}
        ),
        "bill": pl.DataFrame(
            {
                "bill_id": np.arange(len(of)) + 1,
                "customer_id": of + 1,
                "street": [streets[k] for k in of],
                "town": [towns[k] for k in of],
                "income": (rng.lognormal(10, 1, customers).round(0) + 0.37)[of],
                "total": rng.lognormal(3, 1, len(of)).round(2),
            }
        ),
    }
    read = ar.read_dataset(frames)
    assert [str(key) for key in read.foreign_keys] == ["bill(customer_id) -> customer(customer_id)"]
    synthetic = RelationalTrees(rounds=0).fit(read, run=Run.from_seed(1)).sample()["bill"].frame
    for name in ("street", "town"):
        assert not set(synthetic[name]) & set(frames["bill"][name]), name
    assert not set(synthetic["income"]) & set(frames["bill"]["income"])
