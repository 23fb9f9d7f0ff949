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
LIKENESS = [name for name in CATALOG if CATALOG[name].spec.family == "fidelity"]


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


def scattered(seed):
    """Values from far beyond the real range, which no real row lies near."""
    rng = np.random.default_rng(seed)
    return noise(seed).with_columns(size=rng.uniform(-9, 9, ROWS), cost=rng.uniform(0, 60, ROWS))


# Noise within a corner of the real rows is as typical as they come: these look at nothing else.
BAD = {"precision": scattered, "density": scattered, "clipped_density": scattered}


@pytest.mark.parametrize("metric", LIKENESS)
def test_noise_moves_it_all_the_way(metric):
    kinds = {"note": Kind.CATEGORY}
    real, holdout = table(law(1), **kinds), table(law(2), **kinds)
    good, bad = law(3), BAD.get(metric, noise)(4)
    gaps = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        cut = round(share * ROWS)
        mixed = pl.concat([bad[:cut], good[cut:]])
        result = CATALOG[metric]()(
            Comparison(real, table(mixed, **kinds), holdout), run=Run.from_seed(1)
        )
        gaps.append(result.value - result.reference)
    if CATALOG[metric].spec.better is Better.HIGHER:
        gaps = [-gap for gap in gaps]
    assert abs(gaps[0]) < 0.2 * gaps[-1], gaps
    assert all(a < b + 0.03 * gaps[-1] for a, b in pairwise(gaps)), gaps
