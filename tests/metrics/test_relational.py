"""Planted faults of related tables turn the right metric red; fresh parents turn none."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import polars as pl
import pytest
from tests.metrics import shops as s

from artesian.core.errors import SchemaError, UsageError
from artesian.metrics.relational import RELATIONAL, resolve_relational
from artesian.metrics.relational.cardinality import Cardinality, children_distance
from artesian.metrics.relational.detection import (
    C2STAggregation,
    C2STAggregationRich,
    C2STSingleTable,
)
from artesian.metrics.relational.evaluate import evaluate_dataset
from artesian.metrics.relational.integrity import ReferentialIntegrity
from artesian.metrics.relational.protocol import DatasetComparison
from artesian.metrics.relational.sequences import Autocorrelation, DuplicateTimes, InterEventTimes
from artesian.metrics.relational.trends import KHopTrends

SCHEMA = Path(__file__).parents[2] / "docs" / "scorecard.schema.json"


@pytest.fixture(scope="module")
def fresh():
    return s.comparison()


def test_fresh_parents_are_no_finding(fresh):
    card = evaluate_dataset(fresh)
    assert [finding.code for finding in card.findings] == ["no_holdout"]
    assert card["c2st_agg"].value < 0.62
    assert card["c2st_agg_rich"].value < 0.65
    assert card["referential_integrity"].value == 0
    assert card["k_hop_trends"].value > 85


def test_random_keys_are_seen_by_aggregates_and_cardinality():
    datasets = s.comparison(s.random_key)
    assert C2STAggregation()(datasets).value > 0.95
    cardinality = Cardinality()(datasets)
    assert cardinality.detail["outside"] == ["sale(shop_id) -> shop(shop_id)"]
    assert cardinality.p_value < 0.05
    assert C2STSingleTable()(datasets).parts["sale"] < 0.6


def test_children_of_other_parents_are_seen_by_aggregates_and_not_by_cardinality():
    datasets = s.comparison(s.across_parents)
    assert C2STAggregation()(datasets).value > 0.9
    assert Cardinality()(datasets).detail["outside"] == []


def test_resampled_siblings_are_seen_by_rich_aggregates_and_duplicate_times():
    datasets = s.comparison(s.own_resampled)
    assert C2STAggregationRich()(datasets).value > 0.9
    duplicates = DuplicateTimes()(datasets)
    assert duplicates.value > 0.3
    assert duplicates.p_value < 1e-3


def test_columns_shuffled_within_a_parent_are_seen_by_rich_aggregates_only():
    datasets = s.comparison(s.shuffled_within)
    assert C2STAggregation()(datasets).value < 0.62
    assert C2STAggregationRich()(datasets).value > 0.9
    assert Autocorrelation()(datasets).value > 0.2


def test_orphans_are_an_alarm_however_few():
    datasets = s.comparison(s.orphans)
    result = ReferentialIntegrity()(datasets)
    assert result.detail["parts"]["sale(shop_id) -> shop(shop_id)"]["orphans"] == 3
    card = evaluate_dataset(datasets, metrics=["referential_integrity"])
    assert [(f.code, f.level.value) for f in card.findings if f.code != "no_holdout"] == [
        ("referential_integrity", "alarm")
    ]
    assert card.verdict.startswith("KEYS ARE BROKEN")
    jsonschema.validate(card.to_dict(), json.loads(SCHEMA.read_text()))


def test_duplicate_keys_and_missing_keys_are_counted():
    tables = s.shops(seed=1)
    broken = tables | {
        "shop": pl.concat([tables["shop"], tables["shop"].head(1)]),
        "sale": tables["sale"].with_columns(
            pl.when(pl.col("sale_id") < 3).then(None).otherwise("shop_id").alias("shop_id")
        ),
    }
    real = s.dataset(s.shops())
    result = ReferentialIntegrity()(
        DatasetComparison(real, real.with_frames({n: broken[n] for n in real}))
    )
    parts = result.detail["parts"]
    assert parts["key of shop"]["duplicates"] == 1
    assert parts["sale(shop_id) -> shop(shop_id)"]["missing"] == 2
    assert result.p_value == 0


def test_fewer_children_are_seen_by_cardinality():
    result = Cardinality()(s.comparison(s.more_children))
    assert result.value > 0.5
    assert result.p_value < 1e-4


def test_other_gaps_are_seen():
    result = InterEventTimes()(s.comparison(s.other_gaps))
    assert result.value > 0.2
    assert result.p_value < 1e-3


def test_unrelated_children_lower_the_trends_over_joins():
    fresh, spoilt = (KHopTrends()(s.comparison(change)) for change in (None, s.across_parents))
    assert spoilt.parts["1 hop"] < fresh.parts["1 hop"] - 3
    assert spoilt.parts["within tables"] == pytest.approx(fresh.parts["within tables"], abs=1)


def test_children_distance_is_that_of_the_definition():
    first, second = np.array([0, 0, 1, 5]), np.array([0, 2, 2, 5])
    ks, tv = children_distance(first, second)
    assert ks == 0.5  # at 1: three quarters against a quarter
    assert tv == 0.5


def test_a_copy_is_seen_by_the_entity_attack_and_fresh_data_are_not():
    real = s.dataset(s.shops())
    holdout = s.dataset(s.shops(seed=2))
    attack = RELATIONAL["membership_entity"]()
    copied = attack(DatasetComparison(real, real, holdout, ("region",)))
    assert copied.value > 0.95
    fresh = attack(DatasetComparison(real, s.dataset(s.shops(seed=1)), holdout, ("region",)))
    assert fresh.interval[0] < 0.5 < fresh.interval[1]


def test_utility_of_fresh_data_equals_that_of_real_data():
    datasets = s.comparison(holdout=True)
    utility = RELATIONAL["relational_utility"]()
    fresh = utility(DatasetComparison(*_sides(datasets), ("region",), target="sale.sales"))
    assert fresh.value == pytest.approx(fresh.reference, abs=0.05)
    assert fresh.reference > 0.7
    spoilt = s.comparison(s.across_parents, holdout=True)
    worse = utility(DatasetComparison(*_sides(spoilt), ("region",), target="sale.sales"))
    assert worse.value < fresh.reference - 0.3
    with pytest.raises(UsageError, match="names no table"):
        utility(DatasetComparison(*_sides(datasets), ("region",), target="sales.sales"))


def _sides(datasets):
    return datasets.real, datasets.synthetic, datasets.holdout


def test_tables_that_are_missing_or_lack_columns_are_counted():
    real, fresh = s.shops(), s.shops(seed=1)
    del fresh["region"]
    fresh["sale"] = fresh["sale"].drop("price")
    datasets = DatasetComparison(s.dataset(real), s.dataset(fresh))
    card = evaluate_dataset(datasets, metrics=["cardinality", "c2st_agg"])
    codes = {finding.code: finding.message for finding in card.findings}
    assert "'region'" in codes["missing_tables"]
    assert "shop(region_id) -> region(region_id)" in codes["missing_keys"]
    assert "'price'" in codes["missing_columns"]
    assert card["c2st_agg"].value is not None


def test_another_dataset_is_refused():
    real = s.dataset(s.shops())
    with pytest.raises(SchemaError, match="have 0 of the 3 tables"):
        evaluate_dataset(DatasetComparison(real, s.dataset({"x": real["sale"].frame})))


def test_few_parents_are_skipped_with_the_reason():
    real = s.dataset(s.shops())
    result = Cardinality()(s.comparison())
    assert "region" in str(result.detail["skipped"])
    small = real.with_frames({"shop": real["shop"].frame.head(5)})
    skipped = C2STAggregation()(DatasetComparison(small, small))
    assert "10 are needed" in skipped.skipped


def test_results_do_not_depend_on_the_order_of_parents(fresh):
    real, other = fresh.real, fresh.synthetic
    turned = other.with_frames({"shop": other["shop"].frame.reverse()})
    for metric in (Cardinality(), Autocorrelation()):
        value = metric(DatasetComparison(real, turned)).value
        assert value == pytest.approx(metric(fresh).value, rel=1e-9)


def test_names_and_families_are_resolved():
    assert resolve_relational("integrity") == ("referential_integrity",)
    assert "cardinality" in resolve_relational("fidelity")
    with pytest.raises(UsageError, match="cardinality"):
        resolve_relational("cardinalty")
