"""What adversarial methods share: generator, critic, and the likeness by which training stops.

Wasserstein distance with gradient penalty (Gulrajani et al. 2017, "Improved training of Wasserstein
GANs"), on packs of rows (Lin et al. 2018, "PacGAN").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Seed
from artesian.encoding.segments import Floats
from artesian.synthesizers.deep.modes import ModeEncoding
from artesian.synthesizers.torch_training import Device, Random, Tensor, initial_layers

SLOPE = 0.2
"""Slope of the leaky ReLU for negative inputs."""

DROPOUT = 0.5
"""Fraction of the critic's hidden units that a batch leaves out."""

PENALTY = 10.0
"""Weight of the gradient penalty."""

BETAS = (0.5, 0.9)
"""Of the optimisers."""

EPSILON = 1e-5
"""Added to variances of batch normalisation."""

TEMPERATURE = 0.2
"""Temperature of the Gumbel-softmax."""

EVERY = 5
"""Epochs from one measurement of likeness to the next."""

SCORE_ROWS = 2_000
"""Synthetic rows whose likeness is measured."""

SCORE_INDICATORS = 1_000
"""Indicators, of groups at random, whose pairs are compared."""


class Generator:
    """Noise to outputs: hidden layers with batch normalisation, each output joined to its input."""

    def __init__(self, device: Device, inputs: int, hidden: int, layers: int, outputs: int) -> None:
        self.device, self.inputs, self.hidden = device, inputs, hidden
        self.layers, self.outputs = layers, outputs

    def initial(self, rng: np.random.Generator) -> list[NDArray[Any]]:
        """Parameters before training: weights, scale and shift of each layer; weights and biases."""
        parameters: list[NDArray[Any]] = []
        width = self.inputs
        for _ in range(self.layers):
            weights, _ = initial_layers((width, self.hidden), rng)
            parameters += [weights, np.ones(self.hidden), np.zeros(self.hidden)]
            width += self.hidden
        return [*parameters, *initial_layers((width, self.outputs), rng)]

    def __call__(self, parameters: Sequence[Tensor], z: Tensor) -> Tensor:
        """Outputs, shape (n, outputs), of noise, shape (n, inputs)."""
        torch = self.device.torch
        for layer in range(self.layers):
            weights, scale, shift = parameters[3 * layer : 3 * layer + 3]
            h = torch.nn.functional.batch_norm(
                z @ weights, None, None, scale, shift, training=True, eps=EPSILON
            )
            z = torch.cat([h.relu(), z], 1)
        return torch.addmm(parameters[-1], z, parameters[-2])

    def fold(self, parameters: Sequence[NDArray[Any]], z: NDArray[Any]) -> list[NDArray[Any]]:
        """Weights and biases without batch normalisation, whose statistics become those of `z`."""
        folded: list[NDArray[Any]] = []
        for layer in range(self.layers):
            weights, scale, shift = parameters[3 * layer : 3 * layer + 3]
            h = z @ weights
            factor = scale / np.sqrt(h.var(axis=0) + EPSILON)
            folded += [weights * factor, shift - h.mean(axis=0) * factor]
            z = joined(folded[-2:], z)
        return [*folded, *parameters[-2:]]


def joined(layers: Sequence[NDArray[Any]], z: NDArray[Any]) -> NDArray[Any]:
    """Hidden layers with a ReLU, each output joined to its input."""
    for weights, bias in zip(layers[::2], layers[1::2], strict=True):
        z = np.concatenate([np.maximum(z @ weights + bias, 0), z], axis=1)
    return z


def generated(layers: Sequence[NDArray[Any]], z: NDArray[Any]) -> Floats:
    """Outputs of a folded generator, shape (n, outputs), of noise, shape (n, inputs)."""
    return np.asarray(joined(layers[:-2], z) @ layers[-2] + layers[-1])


def generator_shapes(
    inputs: int, hidden: int, layers: int, outputs: int
) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays "generator.N" of a folded generator."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(layers + 1):
        width = hidden if layer < layers else outputs
        shapes[f"generator.{2 * layer}"] = (inputs + layer * hidden, width)
        shapes[f"generator.{2 * layer + 1}"] = (width,)
    return shapes


class Critic:
    """Packs of rows to scores: hidden layers with leaky ReLU and dropout."""

    def __init__(self, device: Device, width: int, pack: int, hidden: int, layers: int) -> None:
        self.device, self.pack = device, pack
        self.widths = [width * pack, *[hidden] * layers, 1]

    def initial(self, rng: np.random.Generator) -> list[NDArray[Any]]:
        """Parameters before training."""
        return initial_layers(self.widths, rng)

    def packs(self, x: Tensor) -> Tensor:
        """Rows, shape (n, width), as packs, shape (n / pack, width * pack)."""
        return x.reshape(-1, self.widths[0])

    def __call__(
        self, parameters: Sequence[Tensor], x: Tensor, random: Random
    ) -> tuple[Tensor, list[Tensor]]:
        """Scores of packs, shape (m, 1), and the slopes of the activations, shape (m, hidden) each."""
        torch = self.device.torch
        slopes = []
        for weights, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            h = torch.addmm(bias, x, weights)
            kept = torch.empty_like(h).bernoulli_(1 - DROPOUT, generator=random)
            slopes.append(torch.where(h > 0, kept, kept * SLOPE).div_(1 - DROPOUT).detach())
            x = h * slopes[-1]
        return torch.addmm(parameters[-1], x, parameters[-2]), slopes

    def loss(
        self, parameters: Sequence[Tensor], real: Tensor, fake: Tensor, random: Random
    ) -> Tensor:
        """Wasserstein loss with the gradient penalty on points between real and fake packs.

        The score is linear wherever the slopes are constant, so that its gradient is a product of the
        weights and slopes: the penalty needs no second derivative.
        """
        torch = self.device.torch
        real, fake = self.packs(real), self.packs(fake)
        scores, _ = self(parameters, torch.cat([fake, real]), random)
        distance = scores[: len(fake)].mean() - scores[len(fake) :].mean()
        with torch.no_grad():
            at = torch.rand(len(real), 1, generator=random, device=self.device.name)
            _, slopes = self(parameters, torch.lerp(fake, real, at), random)
        gradient = parameters[-2].T  # (1, hidden)
        for weights, slope in zip(parameters[-4::-2], reversed(slopes), strict=True):
            gradient = (gradient * slope) @ weights.T
        norm = (gradient.square().sum(1) + 1e-12).sqrt()
        return distance + PENALTY * (norm - 1).square().mean()


def likeness(
    device: Device, encoding: ModeEncoding, validation: NDArray[np.float32], seed: Seed
) -> Callable[[Tensor], float]:
    """Score of synthetic rows by the mean total variation distance of pairs of columns.

    Returns:
        Probabilities of indicators, shape (n, indicators) -> the mean over pairs of groups, and over
        single groups, of the total variation distance of their joint frequencies to those of
        `validation`, rows of shape (m, width); 0 is best and 1 worst.
    """
    order = seed.rng().permutation(len(encoding.groups))
    widths = np.array([group.width for group in encoding.groups])
    chosen = order[np.cumsum(widths[order]) <= max(SCORE_INDICATORS, widths[order[0]])]
    starts = np.array(encoding.starts[:-1])
    columns = np.concatenate([starts[one] + np.arange(widths[one]) for one in chosen])
    at = device.tensor(columns)
    member = device.tensor(np.repeat(np.eye(len(chosen)), widths[chosen], axis=0))

    def frequencies(x: Tensor) -> tuple[Tensor, Tensor]:
        x = x[:, at]
        return x.T @ x / len(x), x.mean(0)

    with device.torch.no_grad():
        real, real_single = frequencies(device.tensor(validation))

    def score(probabilities: Tensor) -> float:
        pairs, single = frequencies(probabilities)
        distances = member.T @ (pairs - real).abs() @ member / 2
        own = (single - real_single).abs() @ member / 2
        distances.diagonal().copy_(own)
        return float(distances.mean())

    return score


def packed(batch: int, pack: int) -> int:
    """The largest number of rows up to `batch` that fills whole packs, and at least two packs."""
    return max(batch // pack, 2) * pack
