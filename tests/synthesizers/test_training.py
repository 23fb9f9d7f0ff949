"""The training loop: early stopping keeps the best epoch, and resuming changes nothing."""

import numpy as np
import pytest

from artesian.core.errors import Cancelled, DataError, ModelFileError, UsageError
from artesian.core.run import Progress, Run, Seed
from artesian.core.training import Training
from artesian.synthesizers.marginals import Marginals
from artesian.synthesizers.training import FILE, identity_of, split_validation, train
from artesian.testing.tables import people


class Descent:
    """Gradient descent on (x - 3)^2 with noise of the epoch's own; validation prefers x = 2."""

    def __init__(self, stop_after=None):
        self.x, self.epochs, self.stop_after = np.zeros(1), [], stop_after

    def train_epoch(self, epoch):
        if epoch == self.stop_after:
            raise Cancelled("fit was stopped")
        self.epochs.append(epoch)
        noise = Seed(1).child("epoch", epoch).rng().normal() * 0.01
        self.x = self.x - 0.1 * (self.x - 3) + noise
        return float(((self.x - 3) ** 2).sum())

    def validation_loss(self):
        return float(((self.x - 2) ** 2).sum())

    def to_arrays(self):
        return {"x": self.x.copy()}

    def load_arrays(self, arrays):
        self.x = arrays["x"].copy()


def run_with(**training):
    return Run(training=Training(**training))


def test_the_best_epoch_on_the_validation_rows_is_kept():
    descent = Descent()
    history = train(descent, 100, run=run_with(patience=5), identity="a")
    assert abs(descent.x[0] - 2) < 0.15
    assert len(history.train) == history.best + 6, "five epochs without improvement end it"
    assert history.validation[history.best] == min(history.validation)


def test_patience_beyond_the_epochs_trains_all_of_them():
    descent = Descent()
    assert len(train(descent, 30, run=run_with(patience=1000), identity="a").train) == 30


def test_a_resumed_run_gives_what_an_uninterrupted_one_does(tmp_path):
    whole, broken, resumed = Descent(), Descent(stop_after=7), Descent()
    expected = train(whole, 40, run=run_with(patience=5), identity="a")
    run = run_with(patience=5, checkpoints=tmp_path)
    with pytest.raises(Cancelled):
        train(broken, 40, run=run, identity="a")
    history = train(resumed, 40, run=run, identity="a")
    assert resumed.epochs[0] == 7, "what is done is not done again"
    assert history == expected
    assert resumed.x == whole.x
    again = Descent()
    assert train(again, 40, run=run, identity="a") == expected
    assert not again.epochs, "a finished training is only read"
    assert again.x == whole.x


def test_a_checkpoint_of_another_fit_is_refused(tmp_path):
    run = run_with(checkpoints=tmp_path)
    train(Descent(), 3, run=run, identity="a")
    with pytest.raises(ModelFileError, match="another fit"):
        train(Descent(), 3, run=run, identity="b")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"text"])
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ModelFileError, match="cannot be read"):
        train(Descent(), 3, run=run_with(checkpoints=tmp_path), identity="a")


def test_a_loss_that_is_not_finite_ends_with_a_reason():
    descent = Descent()
    descent.x = np.array([np.nan])
    with pytest.raises(DataError, match="loss is") as caught:
        train(descent, 3, run=Run(), identity="a")
    assert caught.value.hint


def test_progress_ends_at_its_total_when_training_stops_early():
    seen = []
    train(
        Descent(), 100, run=Run(on_progress=seen.append, training=Training(patience=2)), identity=""
    )
    assert seen[-1] == Progress("fit", 100, 100)
    assert len(seen) < 60


def test_the_identity_is_that_of_settings_rows_seed_and_device():
    rows = np.arange(6.0).reshape(2, 3)
    same = identity_of(Marginals(), Run.from_seed(1), rows)
    assert same == identity_of(Marginals(), Run.from_seed(1), rows.copy())
    others = [
        identity_of(Marginals(protect=False), Run.from_seed(1), rows),
        identity_of(Marginals(), Run.from_seed(1), rows + 1),
        identity_of(Marginals(), Run.from_seed(1), rows.reshape(3, 2)),
        identity_of(Marginals(), Run.from_seed(2), rows),
        identity_of(Marginals(), run_with(device="cuda"), rows),
        identity_of(Marginals(), Run.from_seed(1), rows, rows),
    ]
    assert len({same, *others}) == 7


def test_validation_rows_are_a_fraction_or_a_table():
    data = people(100)
    train_rows, validation = split_validation(data, run_with(validation=0.25))
    assert (len(train_rows), len(validation)) == (75, 25)
    ids = [*train_rows.frame["id"], *validation.frame["id"]]
    assert sorted(ids) == sorted(data.frame["id"]), "every row is on one side"
    assert len(split_validation(people(3), Run())[1]) == 0
    other = people(20, seed=1)
    assert split_validation(data, run_with(validation=other)) == (data, other)
    with pytest.raises(DataError, match="list"):
        split_validation(data, run_with(validation=[1, 2]))


def test_a_child_run_trains_in_the_same_way():
    run = run_with(device="cuda", patience=3)
    assert run.child("part").training is run.training


@pytest.mark.parametrize("training", [{"validation": 1.0}, {"validation": -0.1}, {"patience": 0}])
def test_impossible_training_is_refused(training):
    with pytest.raises(UsageError):
        Training(**training)
