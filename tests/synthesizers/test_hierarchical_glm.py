"""Hierarchical regressions: what they are fitted to, and planted group effects that come back."""

import importlib.util
import sys

import numpy as np
import polars as pl
import pytest

from artesian.core.errors import MissingExtra, UsageError
from artesian.core.run import Run
from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Table
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.bayesian.chain import MASK, SCORE, links, responses
from artesian.synthesizers.bayesian.draws import warnings
from artesian.synthesizers.bayesian.groups import choose_group
from artesian.synthesizers.bayesian.hierarchical_glm import HierarchicalGLM
from artesian.synthesizers.bayesian.laplace import GROUP, INTERCEPT, SLOPE, approximate
from artesian.synthesizers.bayesian.nuts import Regression, sample_posteriors
from artesian.testing.tables import people, table

needs_numpyro = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("numpyro") is None, reason="numpyro is not installed"
    ),
]


def _visits(persons: int = 40, each: int = 5) -> Table:
    """Rows of persons, whose key is the entity; a region of six levels."""
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(persons), each)
    rows = len(person)
    frame = pl.DataFrame(
        {
            "person": person + 1000,
            "region": rng.choice(list("abcdef"), rows),
            "level": (rng.normal(size=persons)[person] * 2 + rng.normal(size=rows)).round(4),
            "flag": rng.random(rows) < 0.5,
        }
    )
    kinds = {"person": Kind.KEY, "region": Kind.CATEGORY, "level": Kind.NUMBER}
    columns = tuple(Column(name=n, kind=kinds.get(n, Kind.BOOLEAN)) for n in frame.columns)
    return Table(frame, Schema(columns=columns, entity="person"))


def test_a_missing_extra_is_named_with_its_install_line(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "numpyro", None)
    with pytest.raises(MissingExtra, match="the method 'hierarchical_glm' needs") as caught:
        HierarchicalGLM().fit(people(100))
    assert caught.value.hint == "pip install 'artesian[bayes]'"


def test_categories_come_first_then_missing_values_then_numbers() -> None:
    data = people(300)
    codec = MatrixCodec.from_data(data)
    names = codec.codec.names
    chain = links(codec, names.index("plan"))
    assert [names[link.slot] for link in chain if link.kind == 0][:2] == ["plan", "city"]
    assert [link.kind for link in chain] == sorted(
        (link.kind for link in chain), key=[0, MASK, SCORE].index
    )
    matrix = codec.encode(data, np.random.default_rng(0))
    found = responses(codec, matrix, names.index("plan"), 100)
    own = {names[one.slot]: one for one in found if one.level == SCORE}
    present = data.frame["rating"].is_not_null().arg_true().to_list()
    assert own["rating"].rows.tolist() == present
    assert {one.level for one in found if names[one.slot] == "city"} <= {0, 1, 2}
    # City has three levels, two of which are responses; the second is observed where the first is not.
    first, second = (one for one in found if names[one.slot] == "city")
    assert len(second.rows) == len(first.rows) - first.values.sum()


def test_predictors_are_the_most_associated_columns() -> None:
    data = people(500)
    codec = MatrixCodec.from_data(data)
    matrix = codec.encode(data, np.random.default_rng(0))
    found = responses(codec, matrix, None, 3)
    names = codec.codec.names
    (income,) = (one for one in found if names[one.slot] == "income" and one.level == SCORE)
    age = codec.slots[names.index("age")].score
    assert age in income.features
    assert len(income.features) <= 3


def test_groups_are_the_entity_or_the_category_of_most_levels_or_none() -> None:
    data = _visits()
    codec = MatrixCodec.from_data(data)
    chosen = choose_group("auto", data, codec)
    assert (chosen.name, chosen.count, chosen.new) == ("person", 40, True)
    rows = chosen.rows(np.random.default_rng(0), 100)
    persons = data.frame["person"].gather(rows)
    assert persons.value_counts()["count"].to_list() == [5] * 20  # whole persons
    lone = data.select(("region", "level", "flag"))
    chosen = choose_group("auto", lone, MatrixCodec.from_data(lone))
    assert (chosen.name, chosen.count, chosen.new) == ("region", 6, False)
    assert choose_group("none", data, codec).name == ""
    few = data.select(("level", "flag"))
    assert choose_group("auto", few, MatrixCodec.from_data(few)).count == 0


@pytest.mark.parametrize(
    ("group", "problem"),
    [("level", "numbers"), ("regoin", "regoin"), ("id", "every row has another value")],
)
def test_columns_that_cannot_group_rows_are_refused(group: str, problem: str) -> None:
    data = _visits()
    if group == "id":
        data = people(50)
    with pytest.raises(UsageError, match=problem) as caught:
        choose_group(group, data, MatrixCodec.from_data(data))
    assert "'auto' or 'none'" in caught.value.hint


@pytest.mark.parametrize(
    "settings", [{"draws": 8}, {"warmup": -1}, {"max_rows": 1}, {"max_features": -1}]
)
def test_settings_out_of_range_are_refused(settings) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        HierarchicalGLM(**settings)


def test_the_normal_approximation_is_exact_given_the_scales() -> None:
    rng = np.random.default_rng(0)
    design = np.hstack(
        [np.ones((400, 1)), rng.normal(size=(400, 6)), np.eye(5)[np.arange(400) % 5]]
    )
    part = np.repeat([INTERCEPT, SLOPE, GROUP], [1, 6, 5])
    values = design @ rng.normal(size=12) + 0.5 * rng.normal(size=400)
    found = approximate(design, values, part, gaussian=True)
    scales = np.array([5.0, *np.exp(found.log_scales[:2])])[part]
    noise = np.exp(found.log_scales[2])
    precision = design.T @ design / noise**2 + np.diag(scales**-2)
    mean = np.linalg.solve(precision, design.T @ values / noise**2)
    assert found.centre * scales == pytest.approx(mean, abs=0.01)
    covariance = found.factor @ found.factor.T * scales[:, None] * scales[None, :]
    assert covariance == pytest.approx(np.linalg.inv(precision), rel=0.05, abs=1e-5)
    assert noise == pytest.approx(0.5, rel=0.1)


def test_warnings_name_the_worst_column_and_say_what_to_do() -> None:
    columns = {
        "a": {"r_hat": 1.01, "ess": 300.0, "divergences": 0},
        "b": {"r_hat": 1.8, "ess": 4.0, "divergences": 30},
    }
    high, many = warnings(columns, 400)
    assert "1 of 2 columns have not converged: R-hat of 'b' is 1.80" in high
    assert "30 of them for 'b'" in many
    assert "--set warmup=" in high
    assert not warnings({"a": columns["a"]}, 400)


def _planted(gaussian: bool, rng: np.random.Generator) -> tuple[Regression, np.ndarray]:
    """One predictor and twelve groups of 5 to 60 rows, with N(0, 0.7) effects."""
    sizes = rng.integers(5, 60, 12)
    groups = np.repeat(np.arange(12), sizes)
    effects = rng.normal(0, 0.7, 12)
    x = rng.normal(size=(len(groups), 1))
    eta = 0.3 + 0.8 * x[:, 0] + effects[groups]
    if gaussian:
        values = eta + 0.6 * rng.normal(size=len(eta))
    else:
        values = (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    return Regression(x, groups, values, gaussian), 0.3 + effects


class TestWithNumpyro:
    pytestmark = needs_numpyro

    @pytest.mark.parametrize("gaussian", [True, False])
    def test_intervals_of_planted_group_effects_have_their_coverage(self, gaussian: bool) -> None:
        rng = np.random.default_rng(0)
        planted = [_planted(gaussian, rng) for _ in range(24)]
        run = Run.from_seed(1)
        found = sample_posteriors([one for one, _ in planted], 12, warmup=150, draws=100, run=run)
        inside = []
        for (_, effects), posterior in zip(planted, found, strict=True):
            drawn = posterior.intercepts[:, None] + posterior.groups
            low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
            inside.append((low <= effects) & (effects <= high))
            assert posterior.r_hat < 1.15
        coverage = np.mean(inside, axis=1)  # of each replicate; effects of one share its intercept
        error = coverage.std(ddof=1) / len(coverage) ** 0.5
        assert abs(coverage.mean() - 0.9) < 2.5 * error + 0.005
        assert error < 0.04

    def test_small_groups_are_pooled_more(self) -> None:
        rng = np.random.default_rng(0)
        sizes = np.repeat([4, 200], [20, 6])
        groups = np.repeat(np.arange(26), sizes)
        effects = rng.normal(0, 0.5, 26)
        values = effects[groups] + rng.normal(size=len(groups))
        regression = Regression(np.zeros((len(groups), 0)), groups, values, True)
        (found,) = sample_posteriors([regression], 26, warmup=150, draws=100, run=Run.from_seed(1))
        means = np.bincount(groups, values) / sizes
        pooled = (found.intercepts[:, None] + found.groups).mean(axis=0)
        centre = found.intercepts.mean()
        kept = np.polyfit(means[:20] - centre, pooled[:20] - centre, 1)[0]
        # The factor of a normal model: tau^2 / (tau^2 + sigma^2 / n).
        assert kept == pytest.approx(0.25 / (0.25 + 1 / 4), abs=0.15)
        assert pooled[20:] == pytest.approx(means[20:], abs=0.08)
        assert np.abs(pooled - effects)[:20].mean() < np.abs(means - effects)[:20].mean()

    def test_a_table_comes_back_with_its_groups(self) -> None:
        rng = np.random.default_rng(0)
        group = rng.integers(0, 8, 1500)
        logits = np.linspace(-2, 2, 8)
        frame = pl.DataFrame(
            {
                "ward": np.array([f"ward {k}" for k in range(8)])[group],
                "flag": rng.random(1500) < 1 / (1 + np.exp(-logits[group])),
                "x": (0.8 * logits[group] + rng.normal(size=1500)).round(4),
            }
        )
        model = HierarchicalGLM().fit(table(frame), run=Run.from_seed(1))
        facts = model.facts()
        assert facts["group"] == "ward"
        assert facts["warnings"] == []
        assert max(one["r_hat"] for one in facts["convergence"].values()) < 1.1
        effects = model.group_effects("x")
        assert sorted(effects) == [f"ward {k}" for k in range(8)]
        means = [effects[f"ward {k}"].mean() for k in range(8)]
        assert np.corrcoef(means, logits)[0, 1] > 0.98
        rows = model.sample(20_000, run=Run.from_seed(2)).frame
        for one, two in zip(
            *(f.group_by("ward").mean().sort("ward").iter_rows() for f in (frame, rows)),
            strict=True,
        ):
            assert one[1:] == pytest.approx(two[1:], abs=0.15)

    def test_rows_of_a_key_have_new_groups_of_the_same_spread(self) -> None:
        data = _visits(100)
        model = HierarchicalGLM(draws=100).fit(data, run=Run.from_seed(1))
        assert model.facts()["group"] == "person"
        rows = model.sample(10_000, run=Run.from_seed(2)).frame
        assert rows["level"].std() == pytest.approx(data.frame["level"].std(), rel=0.1)

    def test_a_sampler_without_warm_up_warns_with_advice(self) -> None:
        model = HierarchicalGLM(warmup=0, draws=16).fit(people(200), run=Run.from_seed(1))
        (first, *_) = model.facts()["warnings"]
        assert "have not converged" in first
        assert "--set warmup=" in first
        assert len(model.sample(100)) == 100
