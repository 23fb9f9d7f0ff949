"""A holdout of other rows than the training data: nothing is called memorised because of it."""

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import people, table

import artesian as ar
from artesian.core.run import Run, Seed
from artesian.data.schema import Kind
from artesian.data.table import Table
from artesian.metrics import CATALOG
from artesian.metrics.common.holdout_difference import holdout_difference
from artesian.metrics.evaluate import evaluate
from artesian.metrics.protocol import Comparison

PRIVACY = ("membership_worst", "membership_average", "dcr_share", "authenticity", "exact_copies")


def readings(seed: int, first: float, last: float, rows: int = 600) -> Table:
    """Readings whose level rises with time, from `first` to `last`."""
    rng = np.random.default_rng(seed)
    time = rng.uniform(first, last, rows)
    return table(
        {
            "level": (time + rng.normal(0, 0.5, rows)).round(2),
            "noise": rng.normal(size=rows).round(3),
            "site": np.where(rng.random(rows) < time / 4, "new", "old"),
        }
    )


def test_later_rows_are_no_reference_for_privacy() -> None:
    tables = Comparison(readings(1, 0, 2), readings(2, 0, 2), readings(3, 2, 3))
    card = evaluate(tables, metrics=[*PRIVACY, "ks"])
    assert "the holdout differs from the training rows" in card.verdict
    assert "holdout_differs" in [finding.code for finding in card.findings]
    for name in PRIVACY[:-1]:
        assert "ROC AUC of" in card[name].skipped, name
    assert card["exact_copies"].reference is None
    assert card["ks"].value is not None
    for words in ("EXPOSED", "CLOSER", "COPIES"):
        assert words not in card.verdict


def test_copies_are_counted_all_the_same() -> None:
    real = readings(1, 0, 2)
    card = evaluate(Comparison(real, real, readings(3, 2, 3)), metrics=[*PRIVACY])
    assert card["exact_copies"].value == 1
    assert card.verdict.startswith("NOT SYNTHETIC")


@pytest.mark.parametrize("rows", [60, 300, 3_000])
def test_a_random_holdout_does_not_differ(rows: int) -> None:
    for seed in range(8 if rows < 1_000 else 2):
        real, synthetic, holdout = (people(rows, 3 * seed + k) for k in range(3))
        tables = Comparison(real, synthetic, holdout)
        assert not holdout_difference(tables, Run(seed=Seed(seed))).matters


def test_other_entities_do_not_differ() -> None:
    """Every entity has a level of its own, which says nothing about unseen entities."""
    rng = np.random.default_rng(0)
    account = np.repeat(np.arange(120), 20)
    level = rng.normal(size=120)[account] + 0.05 * rng.normal(size=len(account))
    frame = pl.DataFrame({"account": account, "level": level})
    whole = table(frame.to_dict(), account=Kind.KEY)
    rows = account < 80
    tables = Comparison(*(whole.with_frame(frame.filter(each)) for each in (rows, rows, ~rows)))
    assert not holdout_difference(tables, Run()).matters


def test_metrics_alone_are_skipped_too() -> None:
    tables = Comparison(readings(1, 0, 2), readings(2, 0, 2), readings(3, 2, 3))
    result = CATALOG["dcr_share"]()(tables)
    assert result.skipped.startswith("the holdout differs from the training rows")


def test_there_is_no_difference_without_a_holdout_or_with_few_rows() -> None:
    real = readings(1, 0, 2)
    assert not holdout_difference(Comparison(real, real), Run()).matters
    few = Comparison(real, real, readings(3, 2, 3, rows=12))
    assert holdout_difference(few, Run()).p_value == 1.0


def test_categories_that_are_suppressed_by_the_training_rows_do_not_count() -> None:
    """Of 180 trains with six stops each, those with five training rows or more were kept."""
    stops = pl.DataFrame(
        {
            "train": [f"IC {100 + k // 6}" for k in range(1_080)],
            "stop": [k % 6 + 1 for k in range(1_080)],
            "delay": np.random.default_rng(1).poisson(2, 1_080),
        }
    )
    synthesis = ar.synth(stops, method="marginals", metrics=["dcr_share"], seed=1)
    assert synthesis.scorecard["dcr_share"].value is not None
