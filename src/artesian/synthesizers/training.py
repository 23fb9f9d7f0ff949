"""The training loop of methods that learn in epochs: early stopping, checkpoints, progress.

Training is a pure function of (settings, data, seed): an epoch's randomness derives from its number, so
that a resumed run gives the model of one that was never interrupted.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from artesian.core import fingerprint
from artesian.core.atomic import staged_file
from artesian.core.errors import DataError, ModelFileError
from artesian.core.run import Progress, Run
from artesian.data.table import Table

Arrays = Mapping[str, NDArray[Any]]

FILE = "checkpoint.npz"

ADVICE = "lower the learning rate (--set rate=...), or look for extreme values in the data"
"""What to do about training that diverges."""

MAX_LOSS = 1e6
"""Magnitude of a loss from which training has diverged: a critic whose loss grows without bound stays
finite for long. Losses per row are of the order of its columns, some thousands in the first epoch."""


class Trainee(Protocol):
    """What a method supplies to be trained."""

    def train_epoch(self, epoch: int) -> float:
        """Go through the training rows once; the mean loss. Its randomness derives from `epoch`."""
        ...

    def validation_loss(self) -> float:
        """The mean loss on the validation rows, or on the training rows if there are none."""
        ...

    def to_arrays(self) -> Arrays:
        """Copies of the parameters and of the optimiser's state."""
        ...

    def load_arrays(self, arrays: Arrays) -> None:
        """Return to the state that `to_arrays` gave."""
        ...


@dataclass(frozen=True, slots=True)
class History:
    """Attributes:
    train, validation: Mean loss after each epoch; between two validations that of the former.
    best: Epoch whose parameters were kept, from 0; -1 before the first.
    diverged: Whether training ended because the loss was no longer finite, or beyond `MAX_LOSS`.
    """

    train: tuple[float, ...] = ()
    validation: tuple[float, ...] = ()
    best: int = -1
    diverged: bool = False


def train(
    trainee: Trainee, epochs: int, *, run: Run, identity: str, every: int = 1, file: str = FILE
) -> History:
    """Train until `epochs` or until the patience of `run.training` ends; keep the best parameters.

    A loss that is no longer finite, or beyond `MAX_LOSS`, ends training too.

    Args:
        identity: Digest of all that decides the result; a checkpoint of another one is refused.
        every: Epochs from one validation to the next.
        file: Name of the checkpoint, for methods that train in several stages.

    Raises:
        DataError: training diverges before the first validation.
        ModelFileError: the checkpoint is damaged, or of another fit.
    """
    history, best = History(), trainee.to_arrays()
    folder, patience = run.training.checkpoints, run.training.patience
    if folder is not None and (folder / file).exists():
        history, current, best = _read(folder / file, identity)
        trainee.load_arrays(current)
    for epoch in range(len(history.train), epochs):
        if history.diverged or (history.best >= 0 and epoch - history.best > patience):
            break
        run.check("fit")
        run.on_progress(Progress("fit", epoch, epochs))
        loss = trainee.train_epoch(epoch)
        due = (epoch + 1) % every == 0 or epoch + 1 == epochs
        validation = trainee.validation_loss() if due else (*history.validation, loss)[-1]
        diverged = not (abs(loss) <= MAX_LOSS and abs(validation) <= MAX_LOSS)
        if diverged and history.best < 0:
            raise DataError(
                f"training diverged: the loss is {loss:.3g} after epoch {epoch + 1}, before any epoch "
                "could be kept",
                hint=ADVICE,
            )
        best_before = history.validation[history.best] if history.best >= 0 else math.inf
        improved = due and not diverged and validation < best_before
        if improved:
            best = trainee.to_arrays()
        history = History(
            (*history.train, loss),
            (*history.validation, validation),
            epoch if improved else history.best,
            diverged,
        )
        if folder is not None:
            _write(folder / file, identity, history, trainee.to_arrays(), best)
    run.on_progress(Progress("fit", epochs, epochs))
    trainee.load_arrays(best)
    return history


def identity_of(settings: Any, run: Run, *rows: NDArray[Any]) -> str:
    """A digest of what determines a fit: settings, seed, device, and encoded rows.

    Args:
        rows: The encoded training rows and validation rows.
    """
    return fingerprint.hash_json(
        {
            "method": settings.capabilities.name,
            "settings": dataclasses.asdict(settings),
            "rows": [hashlib.sha256(np.ascontiguousarray(r).tobytes()).hexdigest() for r in rows],
            "shapes": [r.shape for r in rows],
            "seed": [run.seed.entropy, *run.seed.path],
            "device": run.training.device,
        }
    )


def split_validation(data: Table, run: Run) -> tuple[Table, Table]:
    """The rows to train on, and those to validate on, as `run.training` asks.

    A fraction is rounded down to whole rows, so that small tables may have no validation rows.
    """
    validation = run.training.validation
    if isinstance(validation, Table):
        return data, validation
    if not isinstance(validation, int | float):
        raise DataError(
            f"the validation rows are a {type(validation).__name__}, not a table",
            hint="give a fraction, or the rows as artesian.read() returns them",
        )
    order = run.seed.child("validation").rng().permutation(len(data))
    count = int(validation * len(data))
    rows = np.sort(order[count:]), np.sort(order[:count])
    train, other = (data.with_frame(data.frame[part]) for part in rows)
    return train, other


def _write(path: Path, identity: str, history: History, current: Arrays, best: Arrays) -> None:
    arrays: dict[str, Any] = {
        "identity": np.array(identity),
        "train": np.array(history.train),
        "validation": np.array(history.validation),
        "best": np.array(history.best),
        "diverged": np.array(history.diverged),
    }
    arrays |= {f"current/{name}": array for name, array in current.items()}
    arrays |= {f"best/{name}": array for name, array in best.items()}
    with staged_file(path, force=True) as stage:
        np.savez(stage, **arrays)


def _read(path: Path, identity: str) -> tuple[History, Arrays, Arrays]:
    try:
        # numpy leaves a file open that it opened itself and cannot read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        same = str(arrays["identity"]) == identity
        history = History(
            tuple(arrays["train"].tolist()),
            tuple(arrays["validation"].tolist()),
            int(arrays["best"]),
            bool(arrays["diverged"]),
        )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as problem:
        raise ModelFileError(
            f"{path} cannot be read: {problem}", hint="delete it to train from the start"
        ) from problem
    if not same:
        raise ModelFileError(
            f"{path} is the checkpoint of another fit: settings, data or seed differ",
            hint="choose another folder for checkpoints, or delete the file",
        )
    parts = (
        {name.removeprefix(part): array for name, array in arrays.items() if name.startswith(part)}
        for part in ("current/", "best/")
    )
    current, best = parts
    return history, current, best
