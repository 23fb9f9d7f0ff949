"""What models learn from synthetic rows: linear, together with real ones, by group, in which order."""

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, table

from artesian.metrics.findings import excess
from artesian.metrics.protocol import Better, Comparison
from artesian.metrics.utility.feature_ranking import FeatureRanking
from artesian.metrics.utility.model_ranking import ModelRanking
from artesian.metrics.utility.rank_agreement import rank_agreement
from artesian.metrics.utility.train_on_both import TrainOnBoth
from artesian.metrics.utility.tstr import TSTR, TSTRLinear
from artesian.metrics.utility.tstr_groups import TSTRGroups

METRICS = [TSTR(), TSTRLinear(), TSTRGroups(), TrainOnBoth(), FeatureRanking(), ModelRanking()]


def with_frame(tables, frame):
    return Comparison(tables.real, tables.synthetic.with_frame(frame), tables.holdout)


@pytest.fixture(scope="module")
def fresh():
    return Comparison(people(1500, 1), people(1500, 2), people(1500, 3))


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.spec.name)
def test_rows_of_the_same_law_are_as_good(metric, fresh):
    result = metric(fresh)
    gap, (low, high) = excess(result)
    assert metric.spec.better is Better.HIGHER
    assert low - 0.01 <= 0 <= high + 0.01
    assert abs(gap) < 0.15


@pytest.mark.parametrize(
    "metric", [TSTR(), TSTRLinear(), TSTRGroups(), TrainOnBoth()], ids=lambda one: one.spec.name
)
def test_a_turned_target_is_worse_beyond_the_noise(metric, fresh):
    frame = fresh.synthetic.frame.with_columns(~pl.col("member"))
    result = metric(with_frame(fresh, frame))
    assert excess(result)[1][1] < 0


def test_a_ramp_of_shuffled_targets_costs_more_and_more(fresh):
    values = []
    for share in (0.0, 0.3, 0.6, 1.0):
        rows = round(share * 1500)
        frame = fresh.synthetic.frame
        mixed = pl.concat([frame["member"][:rows].shuffle(seed=0), frame["member"][rows:]])
        values.append(TSTRLinear()(with_frame(fresh, frame.with_columns(mixed))).value)
    assert values == sorted(values, reverse=True)


def test_the_group_that_is_served_badly_is_named():
    def law(rows, seed, *, turned=False):
        rng = np.random.default_rng(seed)
        x, group = rng.normal(size=rows), rng.choice(["many", "few"], rows, p=[0.85, 0.15])
        sign = np.where((group == "few") & turned, -1, 1)
        return table(
            {"x": x, "group": group, "y": sign * x + 0.5 * rng.normal(size=rows) > 0}, target="y"
        )

    tables = Comparison(law(2000, 1), law(2000, 2, turned=True), law(2000, 3))
    result = TSTRGroups()(tables)
    assert result.parts["group = few"] < 0.3
    assert result.parts["group = many"] > 0.9
    assert result.value == result.parts["group = few"]
    assert "group = few" in result.explanation
    assert TSTR()(tables).value > 0.8  # most people are served well


def test_groups_are_those_of_sensitive_columns_where_any_is_marked(fresh):
    from dataclasses import replace

    schema = fresh.real.schema
    schema = schema.with_columns(replace(c, sensitive=c.name == "plan") for c in schema)
    marked = Comparison(
        *(replace(side, schema=schema) for side in (fresh.real, fresh.synthetic, fresh.holdout))
    )
    assert all(name.startswith("plan = ") for name in TSTRGroups()(marked).parts)
    assert any(name.startswith("town = ") for name in TSTRGroups()(fresh).parts)


def test_a_column_that_lost_its_say_falls_in_the_order():
    def law(rows, seed):
        rng = np.random.default_rng(seed)
        a, b, c, d = rng.normal(size=(4, rows))
        y = 2 * a + b + 0.5 * c + 0.3 * rng.normal(size=rows) > 0
        return table({"a": a, "b": b, "c": c, "d": d, "y": y}, target="y")

    tables = Comparison(law(1500, 1), law(1500, 2), law(1500, 3))
    good = FeatureRanking()(tables)
    assert good.value == pytest.approx(1.0)
    assert list(good.parts) == ["a", "b", "c", "d"]
    assert good.parts["a"] > good.parts["b"] > good.parts["c"] > good.parts["d"]
    frame = tables.synthetic.frame.with_columns(pl.col("a").shuffle(seed=0))
    assert FeatureRanking()(with_frame(tables, frame)).value < 0.8


def test_a_relation_made_plain_turns_the_order_of_models():
    """Real rows need trees (an exclusive or); synthetic rows were made by a linear rule."""

    def law(rows, seed, *, linear=False):
        rng = np.random.default_rng(seed)
        a, b, c = rng.normal(size=(3, rows))
        y = a + b + 0.3 * c > 0 if linear else (a > 0) ^ (b > 0)
        return table({"a": a, "b": b, "c": c, "y": y ^ (rng.random(rows) < 0.1)}, target="y")

    good = ModelRanking()(Comparison(law(2000, 1), law(2000, 2), law(2000, 3)))
    bad = ModelRanking()(Comparison(law(2000, 1), law(2000, 2, linear=True), law(2000, 3)))
    assert good.value > 0.9
    assert good.detail["real_scores"]["boosted trees"] > 0.85
    assert good.detail["real_scores"]["linear"] < 0.65
    assert bad.value < good.value


def test_agreement_weighs_pairs_by_their_gap():
    real = np.array([0.9, 0.8, 0.5])
    assert rank_agreement(real, real) == 1.0
    assert rank_agreement(real, -real) == 0.0
    assert rank_agreement(real, np.array([0.8, 0.9, 0.5])) == pytest.approx(1 - 0.1 / 0.8)
    assert rank_agreement(real, np.array([0.7, 0.7, 0.7])) == 0.5


def test_numbers_are_learned_too():
    tables = Comparison(*(table(people(900, seed).frame, target="spent") for seed in (1, 2, 3)))
    for metric in METRICS:
        result = metric(tables)
        assert result.value is not None, result.skipped
        assert abs(result.value - result.reference) < 0.2
