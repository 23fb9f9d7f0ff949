"""Rows as networks see them: every value has a mode, and the way back gives the values again."""

import numpy as np
import polars as pl
import pytest

from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.deep.modes import ModeEncoding
from artesian.testing.tables import every_type, people, secrets, table


def encoded(data, modes=10):
    codec = MatrixCodec.from_data(data)
    matrix = codec.encode(data, np.random.default_rng(1))
    encoding = ModeEncoding.from_codec(codec, modes)
    return codec, encoding, matrix, encoding.encode(matrix)


def group_of(encoding, codec, name):
    slot = codec.slots[codec.codec.names.index(name)]
    return next(n for n, group in enumerate(encoding.groups) if group.slot is slot)


@pytest.mark.parametrize("data", [people(500), secrets(500), every_type(300)])
def test_a_row_has_one_indicator_per_column_and_positions_within_its_modes(data):
    _, encoding, _, rows = encoded(data)
    indicators, positions = np.split(rows, [encoding.indicators], axis=1)
    for part in encoding.slices():
        assert (indicators[:, part].sum(axis=1) == 1).all()
    assert np.abs(positions).max() <= 1
    assert not positions[indicators @ encoding.positioned == 0].any()


@pytest.mark.parametrize("data", [people(500), every_type(300)])
def test_the_way_back_gives_the_codes_of_the_rows(data):
    codec, encoding, matrix, rows = encoded(data)
    rng = np.random.default_rng(2)
    again = encoding.decode(
        rows[:, : encoding.indicators].astype(float),
        (rows[:, encoding.indicators :].astype(float) + 1) / 2,
        rng,
    )
    one, two = (codec.to_codes(each, np.random.default_rng(3))[0] for each in (matrix, again))
    assert (one == two).mean() > 0.999, "single precision moves some values at ends of codes"


def test_frequent_values_have_modes_of_their_own_and_others_share_them_evenly():
    rng = np.random.default_rng(0)
    gain = np.where(rng.random(4000) < 0.8, 0.0, np.exp(7 + rng.normal(size=4000)))
    codec, encoding, _, rows = encoded(
        table(pl.DataFrame({"gain": gain, "x": rng.normal(size=4000)}))
    )
    number = group_of(encoding, codec, "gain")
    group, part = encoding.groups[number], list(encoding.slices())[number]
    assert group.width == 3, "the value 0, and two modes for the other fifth"
    assert group.points.tolist() == [True, False, False]
    assert np.allclose(rows[:, part].mean(axis=0), [0.8, 0.1, 0.1], atol=0.02)
    spread = rows[:, list(encoding.slices())[group_of(encoding, codec, "x")]].mean(axis=0)
    assert len(spread) == 10
    assert np.allclose(spread, 0.1, atol=0.01)


def test_a_missing_number_has_a_mode_without_position():
    codec, encoding, _, rows = encoded(people(500))
    number = group_of(encoding, codec, "rating")
    part = list(encoding.slices())[number]
    absent = people(500).frame["rating"].is_null().to_numpy()
    assert np.array_equal(rows[:, part][:, -1] == 1, absent)


def test_scores_are_the_quantiles_of_numbers():
    codec, encoding, matrix, rows = encoded(people(500))
    scores = rows @ encoding.scores
    assert scores.shape[1] == len(codec.scores)
    for score in scores.T:
        assert abs(score.std() - 1) < 0.15
        others = [abs(np.corrcoef(score, matrix[:, column])[0, 1]) for column in codec.scores]
        assert max(others) > 0.85, "the place of a missing number is at random"


def test_columns_without_values_or_with_one_have_at_most_one_indicator():
    frame = pl.DataFrame(
        {"one": [1.5] * 60, "none": pl.Series([None] * 60, dtype=pl.Float64), "word": ["a"] * 60}
    )
    _, encoding, matrix, rows = encoded(table(frame))
    assert rows.shape == (60, encoding.width)
    assert encoding.width <= 1
    assert not encoding.numbers
    decoded = encoding.decode(rows.astype(float), np.zeros((60, 0)), np.random.default_rng(1))
    assert decoded.shape == matrix.shape
