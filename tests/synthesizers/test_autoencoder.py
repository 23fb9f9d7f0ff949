"""The contract carries a deep method: a PyTorch autoencoder passes the whole suite."""

import pytest
from tests.synthesizers.autoencoder import Autoencoder

from artesian.core.run import Run, Seed
from artesian.core.training import Training
from artesian.synthesizers.training import FILE
from artesian.testing import synthesizer_checks
from artesian.testing.tables import people

pytest.importorskip("torch")
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("check", synthesizer_checks(Autoencoder), ids=lambda c: c.__name__)
def test_autoencoder(check):
    check(Autoencoder)


def test_it_resumes_from_a_checkpoint_and_gives_the_same_rows(tmp_path):
    data, frames = people(300), []
    for checkpoints in (None, tmp_path, tmp_path):
        run = Run(seed=Seed(1), training=Training(checkpoints=checkpoints, validation=0.2))
        frames.append(Autoencoder(epochs=5).fit(data, run=run).sample(100).frame)
    assert (tmp_path / FILE).is_file()
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


def test_the_device_is_that_of_the_run():
    run = Run(training=Training(device="meta"))
    with pytest.raises(NotImplementedError, match="meta"):
        Autoencoder(epochs=1).fit(people(50), run=run)
