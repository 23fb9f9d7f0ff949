"""Conditional sampling on a real table: the other columns follow the law of the rows that match."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from artesian.core.run import Run
from artesian.data.read import read
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Range
from artesian.synthesizers.store import load, save

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "tabular"
SIDE = 5000
"""Most rows a side that a detector sees."""


def halves(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand")
    data = read(path)
    order = np.random.default_rng(0).permutation(len(data))
    middle = len(data) // 2
    return data.with_frame(data.frame[order[:middle]]), data.frame[order[middle:]]


def detection(one, other):
    """AUC of a detector between rows of two frames, cross-validated; 0.5 is none."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import cross_val_predict

    one, other = one.head(SIDE), other.head(SIDE)
    both = pl.concat([one, other], how="vertical_relaxed")
    features = both.with_columns(
        pl.col(pl.String).rank("dense"), pl.col(pl.Boolean).cast(pl.Int8)
    ).cast(pl.Float64)
    made = np.repeat([1, 0], [one.height, other.height])
    # The leanest detector that tells a Gaussian copula with certainty.
    detector = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=15, random_state=0)
    matrix = features.to_numpy()
    share = cross_val_predict(detector, matrix, made, cv=3, method="predict_proba")[:, 1]
    order = np.argsort(np.argsort(share, kind="stable")) + 1
    rows = one.height
    return (order[made == 1].sum() - rows * (rows + 1) / 2) / (rows * other.height)


CONDITIONS = [
    ({"income": ">50K"}, pl.col("income") == ">50K"),
    ({"age": Range(30, 39)}, pl.col("age").is_between(30, 39)),
    (
        {"sex": "Female", "education": ["Bachelors", "Masters"]},
        (pl.col("sex") == "Female") & pl.col("education").is_in(["Bachelors", "Masters"]),
    ),
]


@pytest.fixture(scope="module", params=["trees", "boosted"])
def fitted(request, tmp_path_factory):
    train, holdout = halves("adult.csv.gz")
    drop = [name for name in ("split",) if name in holdout.columns]
    names = tuple(name for name in holdout.columns if name not in drop)
    model = CATALOG[request.param]().fit(train.select(names), run=Run.of(1))
    folder = tmp_path_factory.mktemp("models") / request.param
    save(model, folder)
    holdout = holdout.select(names)
    again = load(folder)
    return again, holdout, detection(again.sample(SIDE, run=Run.of(2)).frame, holdout)


@pytest.mark.slow
@pytest.mark.parametrize(("where", "holds"), CONDITIONS, ids=["value", "range", "two"])
def test_conditioned_rows_are_no_easier_to_tell_than_others(fitted, where, holds):
    model, holdout, unconditional = fitted
    real = holdout.filter(holds)
    made = model.sample(min(SIDE, real.height), where, run=Run.of(3)).frame
    assert made.select(holds.all()).item()
    assert detection(made, real) < unconditional + 0.05


@pytest.mark.slow
def test_shuffled_columns_are_told_by_the_same_detector(fitted):
    model, holdout, unconditional = fitted
    made = model.sample(SIDE).frame
    shuffled = made.select(pl.col(name).shuffle(i) for i, name in enumerate(made.columns))
    assert detection(shuffled, holdout) > 0.85 > unconditional + 0.2
