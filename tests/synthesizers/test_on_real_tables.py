"""Conditional sampling on a real table: the other columns follow the law of the rows that match."""

import numpy as np
import polars as pl
import pytest
from tests.real_tables import path

from artesian.core.run import Run
from artesian.data.read import read
from artesian.synthesizers import CATALOG
from artesian.synthesizers.protocol import Range
from artesian.synthesizers.store import load, save

SIDE = 5000
"""Most rows a side that a detector sees."""

SEEDS = 3
NOISE = 0.01
"""Two standard errors of the difference of two detections, each the mean of SEEDS samples."""


def halves(name):
    data = read(path(name))
    order = np.random.default_rng(0).permutation(len(data))
    middle = len(data) // 2
    return data.with_frame(data.frame[order[:middle]]), data.frame[order[middle:]]


def detection(one, other):
    """AUC of a detector between rows of two frames, cross-validated; 0.5 is none."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import cross_val_predict
    from threadpoolctl import threadpool_limits

    one, other = one.head(SIDE), other.head(SIDE)
    both = pl.concat([one, other], how="vertical_relaxed")
    features = both.with_columns(
        pl.col(pl.String).rank("dense"), pl.col(pl.Boolean).cast(pl.Int8)
    ).cast(pl.Float64)
    made = np.repeat([1, 0], [one.height, other.height])
    detector = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=15, random_state=0)
    matrix = features.to_numpy()
    with threadpool_limits(1):  # on a busy machine waiting threads cost more than they bring
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


def detected(model, train, real, where=None):
    """How much easier made rows are to tell from `real` ones than the rows of `train` are."""
    rows = min(SIDE, real.height)
    samples = (model.sample(rows, where, run=Run.from_seed(seed)).frame for seed in range(SEEDS))
    return float(np.mean([detection(made, real) for made in samples])) - detection(train, real)


@pytest.fixture(scope="module", params=["trees", "boosted"])
def fitted(request, tmp_path_factory):
    train, holdout = halves("adult")
    model = CATALOG[request.param]().fit(train, run=Run.from_seed(1))
    folder = tmp_path_factory.mktemp("models") / request.param
    save(model, folder)
    return load(folder), train.frame, holdout


@pytest.fixture(scope="module")
def unconditional(fitted):
    return detected(*fitted)


@pytest.mark.slow
@pytest.mark.parametrize(("where", "holds"), CONDITIONS, ids=["value", "range", "two"])
def test_conditioned_rows_are_hardly_easier_to_tell_than_others(
    fitted, unconditional, where, holds
):
    model, train, holdout = fitted
    assert model.sample(2000, where).frame.select(holds.all()).item()
    matching = train.filter(holds), holdout.filter(holds)
    assert detected(model, *matching, where) < unconditional + 0.05 + NOISE


@pytest.mark.slow
def test_conditioning_is_as_good_as_throwing_away(fitted):
    """What a condition gives is what is left of a long sample when the other rows are dropped."""
    model, *_ = fitted
    where, holds = CONDITIONS[0]
    kept = model.sample(8 * SIDE, run=Run.from_seed(4)).frame.filter(holds)
    made = model.sample(kept.height, where, run=Run.from_seed(5)).frame
    assert abs(detection(made, kept) - 0.5) < 0.02


@pytest.mark.slow
def test_the_detector_tells_shuffled_columns(fitted, unconditional):
    model, _, holdout = fitted
    made = model.sample(SIDE).frame
    shuffled = made.select(pl.col(name).shuffle(i) for i, name in enumerate(made.columns))
    assert detection(shuffled, holdout) > 0.85 > 0.5 + unconditional + 0.2
