"""The judge tells copies, shuffles and honest rows apart, and gives the same numbers every time."""

import numpy as np
import polars as pl
import pytest

pytest.importorskip("lightgbm", reason="the judge of the benchmarks is LightGBM")

from protocol import Judge, judge_protocol, nearest


def law(rows: int, seed: int) -> pl.DataFrame:
    """Two numbers tied to each other, a word and a label tied to both; some values missing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    y = x + 0.3 * rng.normal(size=rows)
    word = np.array(["low", "mid", "high"])[np.digitize(y, [-0.5, 0.5])]
    label = (x + y + rng.normal(size=rows) > 0).astype(int)
    frame = pl.DataFrame({"x": x, "y": y, "word": word, "label": label})
    gone = pl.Series(rng.random(rows) < 0.05)
    return frame.with_columns(y=pl.when(gone).then(None).otherwise(pl.col("y")))


@pytest.fixture(scope="module")
def train() -> pl.DataFrame:
    return law(1500, 1)


@pytest.fixture(scope="module")
def holdout() -> pl.DataFrame:
    return law(1500, 2)


@pytest.fixture(scope="module")
def judge(train: pl.DataFrame, holdout: pl.DataFrame) -> Judge:
    return Judge(train, holdout, target="label")


def test_fresh_rows_of_the_same_law_cannot_be_told_apart_and_lie_no_nearer(judge: Judge) -> None:
    figures = judge.judge(law(1500, 3))
    assert figures["detection_holdout"] == pytest.approx(0.5, abs=0.04)
    assert figures["real_vs_real"] == pytest.approx(0.5, abs=0.04)
    assert figures["dcr_share"] == pytest.approx(0.5, abs=0.05)
    assert figures["copies"] == 0
    assert figures["tstr"] == pytest.approx(figures["trtr"], abs=0.03)


def test_copied_rows_are_counted_and_lie_nearest_to_train(
    judge: Judge, train: pl.DataFrame
) -> None:
    figures = judge.judge(train.sample(fraction=1.0, shuffle=True, seed=4))
    assert figures["copies"] == 1
    assert figures["dcr_share"] > 0.99
    assert figures["detection_train"] < figures["detection_holdout"]


def test_columns_shuffled_apart_are_caught_and_useless(judge: Judge, train: pl.DataFrame) -> None:
    loose = train.select(pl.col(name).shuffle(seed=at) for at, name in enumerate(train.columns))
    figures = judge.judge(loose)
    assert figures["detection_holdout"] > 0.8
    assert abs(figures["tstr"] - 0.5) < 0.1 < figures["trtr"] - 0.5


def test_rows_that_train_and_holdout_share_count_half() -> None:
    same = pl.DataFrame({"word": ["a", "b"] * 300, "number": [1, 2] * 300})
    figures = Judge(same, same).judge(same)
    assert figures["dcr_share"] == 0.5
    assert figures["copies"] == figures["copies_reference"] == 1
    assert figures["tstr"] is None


def test_same_inputs_give_the_same_numbers_in_any_column_order_and_from_pandas(
    train: pl.DataFrame, holdout: pl.DataFrame
) -> None:
    made = law(1500, 5)
    first = judge_protocol(train, holdout, made, target="label")
    turned = made.select(reversed(made.columns))
    assert judge_protocol(train, holdout, turned, target="label") == first
    pandas = made.to_pandas()
    assert judge_protocol(train.to_pandas(), holdout, pandas, target="label") == first


def test_a_word_no_real_row_has_is_seen_by_the_detector(judge: Judge) -> None:
    strange = law(1500, 6).with_columns(word=pl.lit("never seen"))
    assert judge.judge(strange)["detection_holdout"] > 0.99


def test_a_label_with_one_value_teaches_nothing(judge: Judge) -> None:
    assert judge.judge(law(1500, 7).with_columns(label=pl.lit(1)))["tstr"] == 0.5


def test_nearest_is_the_exact_smallest_distance() -> None:
    rng = np.random.default_rng(0)
    points, pool = rng.normal(size=(50, 6)) + 100, rng.normal(size=(200, 6)) + 100
    slow = ((points[:, None] - pool[None]) ** 2).sum(axis=2).min(axis=1)
    assert nearest(points, pool) == pytest.approx(slow, rel=1e-9)
    assert nearest(pool, pool).max() == 0
