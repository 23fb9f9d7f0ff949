"""From rows of the law itself to noise, every measure of likeness falls or rises throughout."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from tests.metrics.tables import table

from artesian.core.run import Run
from artesian.data.schema import Kind
from artesian.metrics import CATALOG
from artesian.metrics.protocol import Better, Comparison

ROWS = 1500
LIKENESS = (
    "wasserstein",
    "jensen_shannon",
    "hellinger",
    "range_coverage",
    "category_coverage",
    "missingness",
    "correlations",
    "mutual_information",
    "rare_categories",
    "tail_mass",
)


def law(seed):
    rng = np.random.default_rng(seed)
    size, town = rng.normal(size=ROWS), rng.zipf(1.7, ROWS)
    gaps = rng.random(ROWS) < 0.2
    return pl.DataFrame(
        {
            "size": pl.Series(size).set(pl.Series(gaps), None),
            "cost": np.exp(size + 0.3 * rng.normal(size=ROWS)),
            "plan": np.where(size + 0.3 * rng.normal(size=ROWS) > 0.5, "gold", "basic"),
            "town": pl.Series(np.minimum(town, 40)).cast(pl.String),
            "note": pl.Series(["x"] * ROWS).set(pl.Series(gaps), None),
        }
    )


def noise(seed):
    """Values of few kinds, within a narrow range, that know nothing of each other."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "size": rng.uniform(0.5, 1.0, ROWS),
            "cost": rng.uniform(2.0, 3.0, ROWS),
            "plan": rng.choice(["gold", "basic"], ROWS),
            "town": rng.choice(["1", "2"], ROWS),
            "note": ["x"] * ROWS,
        }
    )


@pytest.mark.parametrize("metric", LIKENESS)
def test_noise_moves_it_all_the_way(metric):
    kinds = {"note": Kind.CATEGORY}
    real, holdout = table(law(1), **kinds), table(law(2), **kinds)
    good, bad = law(3), noise(4)
    values = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        cut = round(share * ROWS)
        mixed = pl.concat([bad[:cut], good[cut:]])
        result = CATALOG[metric]()(Comparison(real, table(mixed, **kinds), holdout), run=Run.of(1))
        values.append(result.value)
        if share == 0.0:
            reference = result.reference
    if CATALOG[metric].spec.better is Better.HIGHER:
        values, reference = [1 - value for value in values], 1 - reference
    assert values == sorted(values), values
    assert values[0] <= 2 * reference + 0.02
    assert values[-1] > 2 * reference
    assert all(a < b for a, b in pairwise(values[1:])), values
