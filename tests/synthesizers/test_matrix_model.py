"""What methods over a float matrix share: rows to train on, and probabilities of outputs."""

import numpy as np
import pytest

from artesian.core.errors import DataError
from artesian.core.run import Run, Seed
from artesian.core.training import Training
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.matrix_model import encode_for_training, to_probabilities
from artesian.testing.tables import people


def test_logits_become_probabilities_and_scores_stay():
    codec = MatrixCodec.from_data(people(200))
    logits = np.random.default_rng(1).normal(size=(50, codec.width)) * 300
    matrix = to_probabilities(codec, logits)
    scores, masks = list(codec.scores), list(codec.masks)
    assert np.array_equal(matrix[:, scores], logits[:, scores])
    assert np.array_equal(matrix[:, masks] > 0.5, logits[:, masks] > 0)
    for group in codec.indicators:
        assert np.allclose(matrix[:, group].sum(axis=1), 1)
        assert np.array_equal(matrix[:, group].argmax(axis=1), logits[:, group].argmax(axis=1))


def test_the_matrices_are_those_of_the_split():
    run = Run(seed=Seed(1), training=Training(validation=0.25))
    codec, rows, validation = encode_for_training(people(100), run)
    assert rows.shape == (75, codec.width)
    assert validation.shape == (25, codec.width)
    assert len(encode_for_training(people(100), run, max_rows=10)[1]) == 10


def test_one_row_is_duplicated_and_none_is_refused():
    _, rows, validation = encode_for_training(people(1), Run(), protect=False)
    assert len(rows) == 2
    assert not len(validation)
    with pytest.raises(DataError, match="no rows"):
        encode_for_training(people(1).with_frame(people(1).frame.clear()), Run())
