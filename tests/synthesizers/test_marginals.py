"""The baseline: each column's own distribution, and nothing between them."""

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Run
from artesian.synthesizers.marginals import Marginals
from artesian.synthesizers.memorisation import budget
from artesian.synthesizers.protocol import Range
from artesian.testing.tables import purchases, table


def test_columns_are_independent():
    made = Marginals().fit(purchases()).sample(10_000, run=Run.from_seed(1)).frame
    north = made["region"] == "north"
    assert made.filter(north)["buys"].mean() == pytest.approx(made["buys"].mean(), abs=0.03)
    assert abs(np.corrcoef(made["spent"], made["buys"])[0, 1]) < 0.03


def test_a_condition_leaves_the_other_columns_alone():
    model = Marginals().fit(purchases())
    free = model.sample(10_000, run=Run.from_seed(1)).frame
    bound = model.sample(10_000, {"buys": True}, run=Run.from_seed(1)).frame
    assert bound["buys"].all()
    assert bound["spent"].mean() == pytest.approx(free["spent"].mean(), abs=0.2)


def test_the_fitted_tail_alone_can_be_asked_for():
    values = np.r_[np.full(200, 50), 61, 70, 95, 180]
    frame = pl.DataFrame({"pay": values, "kind": pl.Series(["a", None] * 102)})
    model = Marginals().fit(table(frame))
    top = model.sample(20_000).frame["pay"].max()
    made = model.sample(500, {"pay": Range(top, None)}).frame
    assert made["pay"].null_count() == 0
    assert made["pay"].min() >= top


def test_marginals_are_probabilities_of_codes():
    model = Marginals().fit(purchases())
    for marginal, levels in zip(model.probabilities, model.codec.levels, strict=True):
        assert len(marginal) == levels
        assert marginal.sum() == pytest.approx(1)


def numbers(columns, rows=1000, seed=0):
    rng = np.random.default_rng(seed)
    return table(pl.DataFrame({f"x{j}": rng.normal(size=rows) for j in range(columns)}))


def test_what_many_columns_memorise_falls_with_the_level_and_is_stated():
    rows = 5000
    train, holdout, many = (numbers(36, n, seed) for seed, n in enumerate((rows, rows, 10 * rows)))
    gaps, stated = [], []
    for privacy in ("low", "high"):
        model = Marginals(privacy=privacy).fit(train)
        # Relative to nearly true frequencies, since bins of equal frequency differ in their width.
        true = model.settings.fit_encoded(many, model.codec)
        own, other = (
            (model.log_densities(part) - true.log_densities(part)).sum(axis=0).mean()
            for part in (train, holdout)
        )
        gaps.append(own - other)
        stated.append(model.facts()["memorised"]["nats"])
    assert gaps[0] > 2 * gaps[1] > 0
    assert stated[0] > budget("default", rows)
    assert stated[1] <= budget("high", rows)
    assert stated == pytest.approx(gaps, rel=0.25)


def test_a_narrow_table_has_the_same_bins_at_every_level():
    bins = {Marginals(privacy=p).fit(numbers(2)).codec.levels.tolist()[0] for p in ("low", "high")}
    assert len(bins) == 1
