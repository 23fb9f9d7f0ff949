"""Gradient descent in PyTorch on parameters that are arrays before and after it.

A method gives initial arrays and a loss; device, batches, the optimiser (Adam, Kingma & Ba 2015), early
stopping and checkpoints are shared. Torch is imported when training starts; sampling can do without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from artesian.core.extras import require
from artesian.core.run import Run, Seed
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.protocol import Synthesizer
from artesian.synthesizers.training import History, identity_of, train

Tensor = Any
"""A `torch.Tensor`; torch is optional and has no place in the types of the package."""

Loss = Callable[[Sequence[Tensor], Tensor], Tensor]
"""(parameters, rows of shape (batch, width)) -> mean loss, a tensor without dimensions."""


class TorchSettings(Synthesizer, Protocol):
    """Settings of a method that is trained by gradient descent."""

    @property
    def epochs(self) -> int:
        """Maximum number of epochs."""
        ...

    @property
    def batch(self) -> int:
        """Rows per batch."""
        ...

    @property
    def rate(self) -> float:
        """Learning rate."""
        ...


def fit_parameters(
    loss: Loss,
    initial: Sequence[NDArray[Any]],
    rows: tuple[Floats, Floats],
    settings: TorchSettings,
    run: Run,
) -> tuple[list[NDArray[Any]], History]:
    """Minimise `loss` over the parameters, and return them after their best epoch.

    Args:
        loss: Mean loss of a batch.
        initial: Parameters before the first epoch.
        rows: Matrices of the training rows and of the validation rows, which may be none.
        run: `run.training` gives the device, early stopping and checkpoints.

    Raises:
        MissingExtra: torch is not installed.
        DataError: the loss is not finite.
        ModelFileError: the checkpoint is damaged, or of another fit.
    """
    from threadpoolctl import threadpool_limits

    purpose = f"the method {settings.capabilities.name!r}"
    torch = require("torch", extra="deep", purpose=purpose)

    def tensor(array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array.astype(np.float32)).to(run.training.device)

    parameters = [tensor(array).requires_grad_() for array in initial]
    training, validation = map(tensor, rows)
    descent = _Descent(
        loss=loss,
        parameters=parameters,
        optimiser=torch.optim.Adam(parameters, lr=settings.rate),
        rows=training,
        validation=validation if len(validation) else training,
        batch=settings.batch,
        seed=run.seed.child("train"),
    )
    identity = identity_of(settings, run, *rows, *initial)
    with threadpool_limits(1):  # sums of several threads depend on their order
        history = train(descent, settings.epochs, run=run, identity=identity)
    return [_to_array(parameter) for parameter in parameters], history


@dataclass(frozen=True, kw_only=True)
class _Descent:
    """A `Trainee`: parameters, their optimiser, and the rows on the device."""

    loss: Loss
    parameters: list[Tensor]
    optimiser: Any
    rows: Tensor
    validation: Tensor
    batch: int
    seed: Seed

    def train_epoch(self, epoch: int) -> float:
        order = self.seed.child("epoch", epoch).rng().permutation(len(self.rows))
        total = 0.0
        for start in range(0, len(order), self.batch):
            batch = order[start : start + self.batch]
            self.optimiser.zero_grad()
            loss = self.loss(self.parameters, self.rows[batch])
            loss.backward()
            self.optimiser.step()
            total += loss.item() * len(batch) / len(order)
        return total

    def validation_loss(self) -> float:
        constants = [parameter.detach() for parameter in self.parameters]
        return float(self.loss(constants, self.validation).item())

    def to_arrays(self) -> Mapping[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {}
        for number, parameter in enumerate(self.parameters):
            tensors = {"parameter": parameter, **self.optimiser.state[parameter]}
            arrays |= {f"{name}.{number}": _to_array(value) for name, value in tensors.items()}
        return arrays

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        for number, parameter in enumerate(self.parameters):
            own = {
                name.partition(".")[0]: parameter.new_tensor(array)
                for name, array in arrays.items()
                if name.endswith(f".{number}")
            }
            parameter.data.copy_(own.pop("parameter"))
            # Adam counts its steps on the CPU, wherever the parameters are.
            self.optimiser.state[parameter] = {
                name: value.cpu() if name == "step" else value for name, value in own.items()
            }


def _to_array(tensor: Tensor) -> NDArray[Any]:
    return np.asarray(tensor.detach().cpu().numpy().copy())


def initial_layers(widths: Sequence[int], rng: np.random.Generator) -> list[NDArray[Any]]:
    """Weights and biases of linear layers between `widths` (He et al. 2015), biases being zero."""
    parameters: list[NDArray[Any]] = []
    for inputs, outputs in pairwise(widths):
        scale = (2 / max(inputs, 1)) ** 0.5
        parameters += [rng.normal(size=(inputs, outputs)) * scale, np.zeros(outputs)]
    return parameters


def feed_forward(parameters: Sequence[Any], x: Any) -> Any:
    """Linear layers with a ReLU between them; of arrays as of tensors.

    Args:
        parameters: Weights and biases in turn, as `initial_layers` gives them.
        x: Inputs, shape (n, widths[0]).
    """
    x = x @ parameters[0] + parameters[1]
    for weights, bias in zip(parameters[2::2], parameters[3::2], strict=True):
        x = x.clip(0) @ weights + bias
    return x


def reconstruction_loss(codec: MatrixCodec, y: Tensor, x: Tensor) -> Tensor:
    """Mean loss of the reconstructions `y` of rows `x`, each of shape (n, width).

    Squared error of scores, and cross entropy of masks and indicators, for which `y` holds logits.
    """
    functional = require("torch", extra="deep", purpose="training").nn.functional
    scores, masks = list(codec.scores), list(codec.masks)
    loss = (y[:, scores] - x[:, scores]).square().sum(1).mean()
    if masks:
        loss = loss + functional.binary_cross_entropy_with_logits(y[:, masks], x[:, masks])
    for group in codec.indicators:
        loss = loss + functional.cross_entropy(y[:, group], x[:, group])
    return loss
