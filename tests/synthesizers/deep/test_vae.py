"""How deep methods train, shown by `vae`: devices, checkpoints, divergence, calibration, files."""

import numpy as np
import pytest

from artesian.core.errors import DataError, ModelFileError, UsageError
from artesian.core.run import Run, Seed
from artesian.core.training import Training
from artesian.pipeline.fit import FitConfig, fit
from artesian.synthesizers import CATALOG
from artesian.synthesizers.deep.model import FILE as NETWORKS
from artesian.synthesizers.deep.vae import Vae
from artesian.synthesizers.store import load, save
from artesian.synthesizers.training import FILE
from artesian.testing.tables import people

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow

TINY = {"epochs": 4, "hidden": 16, "latent": 4, "batch": 100}


def test_it_resumes_from_a_checkpoint_and_gives_the_same_rows(tmp_path):
    data, frames = people(300), []
    for checkpoints in (None, tmp_path, tmp_path):
        run = Run(seed=Seed(1), training=Training(checkpoints=checkpoints, validation=0.2))
        frames.append(Vae(**TINY).fit(data, run=run).sample(100).frame)
    assert (tmp_path / FILE).is_file()
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


def test_a_stopped_run_continues_with_the_optimiser_where_it_was(tmp_path):
    class Stopped(Exception):
        pass

    def stop(progress):
        if progress.done == 2 and progress.total == TINY["epochs"]:
            raise Stopped

    data, training = people(300), Training(checkpoints=tmp_path)
    with pytest.raises(Stopped):
        Vae(**TINY).fit(data, run=Run(seed=Seed(1), on_progress=stop, training=training))
    resumed = Vae(**TINY).fit(data, run=Run(seed=Seed(1), training=training))
    whole = Vae(**TINY).fit(data, run=Run(seed=Seed(1)))
    assert resumed.sample(100).frame.equals(whole.sample(100).frame)


@pytest.mark.parametrize("device", ["meta", "cuda:77", "gpu"])
def test_a_device_that_torch_cannot_use_is_named(device):
    with pytest.raises(UsageError, match=device) as caught:
        Vae(**TINY).fit(people(50), run=Run(training=Training(device=device)))
    assert "cpu" in caught.value.hint


def test_the_number_of_threads_is_that_of_before():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        Vae(**TINY).fit(people(50))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_early_stopping_ends_training_and_keeps_the_best_epoch():
    run = Run(seed=Seed(1), training=Training(patience=3, validation=0.3))
    facts = Vae(**TINY | {"epochs": 400, "rate": 0.02}).fit(people(100), run=run).facts()
    assert facts["epochs"] < 400
    assert facts["best_epoch"] == facts["epochs"] - 3
    assert "diverged" not in facts


def test_a_fit_that_diverges_later_keeps_its_best_epoch(monkeypatch):
    from artesian.synthesizers.torch_training import Descent

    original = Descent.train_epoch
    monkeypatch.setattr(
        Descent, "train_epoch", lambda d, epoch: np.nan if epoch == 2 else original(d, epoch)
    )
    model = Vae(**TINY).fit(people(100), run=Run(seed=Seed(1)))
    assert model.facts()["epochs"] == 3, "training ends"
    assert model.facts()["best_epoch"] in (1, 2)
    assert "lower the learning rate" in model.facts()["diverged"]
    assert len(model.sample(20)) == 20


def test_a_fit_that_diverges_at_once_is_refused_with_advice():
    with pytest.raises(DataError, match="loss is") as caught:
        Vae(**TINY | {"rate": 1e30, "batch": 10}).fit(people(100))
    assert "learning rate" in caught.value.hint


@pytest.mark.parametrize("method", ["vae", "ctgan", "adsgan"])
def test_a_huge_learning_rate_is_refused_with_the_setting_to_change(method):
    small = TINY if method == "vae" else {"epochs": 5, "hidden": 16, "batch": 40}
    with pytest.raises(
        DataError, match=r"training diverged: the loss is .* after epoch 1"
    ) as caught:
        CATALOG[method](**small | {"rate": 1e6}).fit(people(100))
    assert "--set rate=" in caught.value.hint


def test_a_fit_that_diverges_later_says_so_in_its_notes(monkeypatch, tmp_path):
    from artesian.synthesizers.torch_training import Descent

    original = Descent.train_epoch
    # A critic without bound has a loss that is finite for long.
    monkeypatch.setattr(
        Descent, "train_epoch", lambda d, epoch: 1e9 if epoch == 3 else original(d, epoch)
    )
    config = FitConfig(source=people(100).frame, method=Vae(**TINY), out=tmp_path / "model")
    (note,) = [one for one in fit(config, Run.from_seed(1)).notes if "diverged" in one]
    assert "training diverged in epoch 4 and was stopped" in note
    assert "the networks are those of epoch" in note
    assert "lower the learning rate (--set rate=" in note


def test_calibration_gives_the_frequencies_of_the_data():
    data = people(2000)
    want = (data.frame["plan"] == "gold").mean()
    got = {}
    for calibrated in (True, False):
        model = Vae(**TINY | {"epochs": 1, "calibrate": calibrated}).fit(data)
        got[calibrated] = (model.sample(8000).frame["plan"] == "gold").mean()
    assert abs(got[True] - want) < 0.02 < abs(got[False] - want)


def test_models_whose_arrays_do_not_fit_are_refused(tmp_path):
    from safetensors.numpy import load_file, save_file
    from tests.hostile.models import reseal

    model = Vae(**TINY).fit(people(100))
    changes = {
        "another width": lambda a: a | {"decoder.0": a["decoder.0"][:, :-1]},
        "transposed": lambda a: a | {"decoder.0": np.ascontiguousarray(a["decoder.0"].T)},
        "not a number": lambda a: a | {"decoder.0": np.full_like(a["decoder.0"], np.nan)},
        "whole numbers": lambda a: a | {"decoder.0": a["decoder.0"].astype(np.int64)},
        "absent": lambda a: {n: x for n, x in a.items() if n != "decoder.3"},
        "falling quantiles": lambda a: a | {"quantiles": -a["quantiles"]},
        "another history": lambda a: a | {"history": a["history"][:2]},
        "endless history": lambda a: a | {"history": np.full_like(a["history"], np.inf)},
    }
    for number, (what, change) in enumerate(changes.items()):
        folder = tmp_path / str(number)
        save(model, folder)
        save_file(change(load_file(folder / NETWORKS)), folder / NETWORKS)
        reseal(folder)
        with pytest.raises(ModelFileError):
            pytest.fail(f"{what} was loaded as {type(load(folder)).__name__}")


def test_bytes_that_are_no_safetensors_are_refused(tmp_path):
    from tests.hostile.models import reseal

    save(Vae(**TINY).fit(people(100)), tmp_path / "m")
    path = tmp_path / "m" / NETWORKS
    whole = path.read_bytes()
    for content in (b"", b"\xff" * 40, (2**62).to_bytes(8, "little") + whole[8:], whole[:-9]):
        path.write_bytes(content)
        reseal(tmp_path / "m")
        with pytest.raises(ModelFileError, match="do not fit together"):
            load(tmp_path / "m")
