"""The judge on real tables: what thirds of one table score against each other."""

import polars as pl
import pytest
from tests.metrics.tables import table
from tests.real_tables import path

from artesian.metrics.evaluate import evaluate
from artesian.metrics.protocol import Comparison


def thirds(name, **read):
    rows = pl.read_csv(path(name), **read).sample(fraction=1, shuffle=True, seed=0)
    size = rows.height // 3
    return [rows[i * size : (i + 1) * size] for i in range(3)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "target", "at_least"),
    [("adult", "income", 0.9), ("california_housing", "median_house_value", 0.7)],
)
def test_a_third_of_a_real_table_is_hard_to_tell_from_another(name, target, at_least):
    parts = thirds(name, null_values="?")
    card = evaluate(Comparison(*(table(part) for part in parts)), metrics=["quick"])
    assert card.verdict.startswith("Hard to tell from real rows"), card.verdict
    assert f"useful for predicting {target!r}" in card.verdict
    assert card["tstr"].reference > at_least
    assert card["tstr"].value == pytest.approx(card["tstr"].reference, abs=0.03)
    assert card["dcr_share"].value == pytest.approx(0.5, abs=0.03)
    for metric in ("ks", "tv", "pairs"):
        assert card[metric].value == pytest.approx(card[metric].reference, abs=0.01)


@pytest.mark.slow
def test_shuffled_columns_of_a_real_table_are_easy_to_tell():
    real, other, holdout = thirds("adult", null_values="?")
    shuffled = other.with_columns(pl.col(c).shuffle(seed=i) for i, c in enumerate(other.columns))
    card = evaluate(Comparison(table(real), table(shuffled), table(holdout)))
    assert card.verdict.startswith("Easily detected as synthetic")
    assert card["c2st"].value > 0.95
    assert card["tstr"].value < 0.65
    assert card["ks"].value < 0.02
