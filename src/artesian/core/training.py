"""How iterative methods train; a part of the run, so that settings describe the model alone."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from pathlib import Path

from artesian.core.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Read by methods that train in epochs, ignored by all others.

    Attributes:
        device: Where tensors live, in the words of the method's library: 'cpu', 'cuda', 'cuda:1', ...
        validation: Fraction of the rows in [0, 1) that early stopping judges by, or a table of them.
        patience: Epochs without improvement on the validation rows after which training stops.
        checkpoints: Folder that keeps the state after every epoch. Training resumes from it if it
            holds one of the same settings, data and seed. None keeps no state.

    >>> Training(validation=0.2, patience=5).device
    'cpu'
    """

    device: str = "cpu"
    validation: float | Sized = 0.1
    patience: int = 20
    checkpoints: Path | None = None

    def __post_init__(self) -> None:
        if isinstance(self.validation, int | float) and not 0 <= self.validation < 1:
            raise UsageError(
                f"validation is {self.validation}", hint="give a fraction from 0 up to below 1"
            )
        if self.patience < 1:
            raise UsageError(f"patience is {self.patience}", hint="give 1 epoch or more")
