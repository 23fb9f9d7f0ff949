"""Gradient descent in PyTorch on parameters that are arrays before and after it.

A method gives networks, an epoch and a score; device, threads, optimisers, early stopping and
checkpoints are shared. Torch is imported when training starts; sampling does without.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.errors import UsageError
from artesian.core.extras import require
from artesian.core.run import Run, Seed
from artesian.synthesizers.training import FILE, History, train

Tensor = Any
"""A `torch.Tensor`; torch is optional and has no place in the types of the package."""

Random = Any
"""A `torch.Generator`, from which all random numbers of one epoch are drawn."""

Arrays = list[NDArray[np.float32]]
State = dict[str, NDArray[Any]]


class Network:
    """Parameters on a device and their optimiser: Adam (Kingma & Ba 2015).

    All parameters are views of one vector, so that a step is a few operations on vectors.

    Attributes:
        parameters: What a loss is differentiated by.
        averages: Exponential moving averages of the parameters over the steps (Yazici et al. 2019,
            "The unusual effectiveness of averaging in GAN training"); the parameters if not averaged.
    """

    def __init__(
        self,
        device: Device,
        initial: Sequence[NDArray[Any]],
        *,
        rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: float = 0.0,
        averaging: float = 0.0,
    ) -> None:
        """A network of `initial` parameters.

        Args:
            rate, betas, weight_decay: Of the optimiser.
            averaging: Weight of the previous average at each step, 0 for none.
        """
        self._torch, self._rate, self._betas = device.torch, rate, betas
        self._weight_decay, self._averaging = weight_decay, averaging
        vector = device.tensor(np.concatenate([array.ravel() for array in initial]))
        zeros = [device.torch.zeros_like(vector) for _ in range(2)]
        self._state = {"vector": vector, "mean": zeros[0], "square": zeros[1]}
        self._state["average"] = vector.clone() if averaging else vector
        self._state["steps"] = device.torch.zeros((), dtype=device.torch.float64)
        shapes = [array.shape for array in initial]
        self.parameters = [part.requires_grad_() for part in _views(vector, shapes)]
        self.averages = _views(self._state["average"], shapes)

    def step(self, loss: Tensor) -> None:
        """Change the parameters by the gradient of `loss`; other networks get no gradient."""
        torch, state = self._torch, self._state
        gradients = torch.autograd.grad(loss, self.parameters)
        with torch.no_grad():
            vector, mean, square = state["vector"], state["mean"], state["square"]
            gradient = torch.cat([part.reshape(-1) for part in gradients])
            gradient.add_(vector, alpha=self._weight_decay)
            state["steps"] += 1
            first, second = (1 - beta ** float(state["steps"]) for beta in self._betas)
            mean.lerp_(gradient, 1 - self._betas[0])
            square.mul_(self._betas[1]).addcmul_(gradient, gradient, value=1 - self._betas[1])
            scale = (square / second).sqrt_().add_(1e-8)
            vector.addcdiv_(mean, scale, value=-self._rate / first)
            if self._averaging:
                state["average"].lerp_(vector, 1 - self._averaging)

    def to_arrays(self) -> Arrays:
        """Copies of the averaged parameters."""
        return [_to_array(average) for average in self.averages]

    def state(self) -> State:
        """Copies of all that decides the next step."""
        return {name: _to_array(tensor) for name, tensor in self._state.items()}

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Return to what `state` gave."""
        with self._torch.no_grad():
            for name, tensor in self._state.items():
                tensor.copy_(self._torch.from_numpy(state[name]))


def _views(vector: Tensor, shapes: Sequence[tuple[int, ...]]) -> list[Tensor]:
    """Consecutive parts of `vector` in these shapes."""
    parts = vector.split([math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


@dataclass(frozen=True, slots=True)
class Device:
    """Where tensors live.

    Attributes:
        torch: The module.
        name: As in `Training.device`.
    """

    torch: Any
    name: str

    def tensor(self, array: NDArray[Any]) -> Tensor:
        """A copy of `array` in single precision, or of indices as they are."""
        kind = np.int64 if array.dtype.kind in "iu" else np.float32
        return self.torch.tensor(np.ascontiguousarray(array, kind), device=self.name)

    def feed_forward(self, parameters: Sequence[Tensor], x: Tensor) -> Tensor:
        """`feed_forward` of tensors, with products and sums in one operation each."""
        x = self.torch.addmm(parameters[1], x, parameters[0])
        for weights, bias in zip(parameters[2::2], parameters[3::2], strict=True):
            x = self.torch.addmm(bias, x.relu(), weights)
        return x

    def random(self, seed: Seed) -> Random:
        """A generator at the start of the stream of `seed`."""
        return self.torch.Generator(self.name).manual_seed(seed.integer() % 2**63)


@contextmanager
def device_of(run: Run, method: str) -> Iterator[Device]:
    """The device of `run.training`, where one thread computes: the sums of several differ.

    Raises:
        MissingExtra: torch is not installed.
        UsageError: torch cannot compute there.
    """
    from threadpoolctl import threadpool_limits

    torch = require("torch", extra="deep", purpose=f"the method {method!r}")
    name = run.training.device
    try:
        torch.Generator(name)
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError) as problem:  # AssertionError: built without CUDA
        first = str(problem).strip().splitlines()[0]
        raise UsageError(
            f"torch cannot compute on the device {name!r}: {first}",
            hint="use 'cpu', or install a build of torch for that device",
        ) from problem
    threads = torch.get_num_threads()
    try:
        with threadpool_limits(1):
            torch.set_num_threads(1)
            yield Device(torch, name)
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True, kw_only=True)
class Descent:
    """A `Trainee` of networks.

    Attributes:
        device: Where the networks are.
        networks: By name.
        epoch: Goes through the training rows once; the mean loss.
        score: The loss on validation rows.
        seed: An epoch's randomness is that of its number below this.
    """

    device: Device
    networks: Mapping[str, Network]
    epoch: Callable[[Random], float]
    score: Callable[[], float]
    seed: Seed

    def train(
        self, epochs: int, *, run: Run, identity: str, every: int = 1, file: str = FILE
    ) -> History:
        """See `training.train`."""
        return train(self, epochs, run=run, identity=identity, every=every, file=file)

    def train_epoch(self, epoch: int) -> float:
        """Train for one epoch; the mean loss."""
        return self.epoch(self.device.random(self.seed.child("epoch", epoch)))

    def validation_loss(self) -> float:
        """The loss on validation rows."""
        with self.device.torch.no_grad():
            return self.score()

    def to_arrays(self) -> Mapping[str, NDArray[Any]]:
        """Copies of the parameters and of the optimisers' states."""
        return {
            f"{name}/{part}": array
            for name, network in self.networks.items()
            for part, array in network.state().items()
        }

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Return to the state that `to_arrays` gave."""
        for name, network in self.networks.items():
            own = {
                key.partition("/")[2]: arrays[key] for key in arrays if key.startswith(f"{name}/")
            }
            network.load(own)


def _to_array(tensor: Tensor) -> NDArray[Any]:
    return np.asarray(tensor.detach().cpu().numpy().copy())


def initial_layers(widths: Sequence[int], rng: np.random.Generator) -> list[NDArray[Any]]:
    """Weights and biases of linear layers between `widths`, uniform as torch's own layers begin."""
    parameters: list[NDArray[Any]] = []
    for inputs, outputs in pairwise(widths):
        bound = max(inputs, 1) ** -0.5
        parameters += [
            rng.uniform(-bound, bound, (inputs, outputs)),
            rng.uniform(-bound, bound, outputs),
        ]
    return parameters


def feed_forward(parameters: Sequence[Any], x: Any) -> Any:
    """Linear layers with a ReLU between them.

    Args:
        parameters: Weights and biases in turn, as `initial_layers` gives them.
        x: Inputs, shape (n, widths[0]).
    """
    x = x @ parameters[0] + parameters[1]
    for weights, bias in zip(parameters[2::2], parameters[3::2], strict=True):
        x = x.clip(0) @ weights + bias
    return x
