"""Variational autoencoder of rows with numbers and categories.

TVAE (Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019, "Modeling tabular data using conditional
GAN", section 4.4): mode-specific normalisation, an encoder to normally distributed latent variables,
and a decoder whose outputs are distributions: of the mode of a number, of the code of a category, and
normal ones of positions with learned standard deviations. Rows are drawn from these distributions,
where the authors' program takes the most likely mode and code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.synthesizers.deep.model import (
    Arrays,
    DeepModel,
    Rows,
    fit_networks,
    layer_shapes,
    layers_of,
    named,
)
from artesian.synthesizers.deep.modes import ModeEncoding
from artesian.synthesizers.deep.outputs import Outputs
from artesian.synthesizers.protocol import Capabilities
from artesian.synthesizers.torch_training import (
    Descent,
    Device,
    Network,
    Random,
    Tensor,
    feed_forward,
    initial_layers,
)
from artesian.synthesizers.training import History, identity_of

Loss = Callable[[list[Tensor], Tensor, Random], Tensor]
"""(parameters, rows of shape (n, width), randomness of the latent variables) -> negative evidence lower
bound in nats per row, with the reconstruction weighted. The parameters are the layers of the encoder
and of the decoder, and the logarithms of the standard deviations."""

MIN_DEVIATION = 0.3
"""Minimum standard deviation of a position within a mode, which spans 2. Without it, the latent
variables come to hold exact positions rather than what ties columns together."""

EDGE = 1 - 1e-6
"""Largest magnitude of a position before it is unbounded."""


class VaeModel(DeepModel):
    """The decoder. Arrays:

    decoder.N: Weights and biases of its layers.
    deviations: Standard deviation of the positions of each number, shape (numbers,).
    """

    __slots__ = ()
    last: ClassVar[str] = "decoder"

    def shapes(self, encoding: ModeEncoding) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array of the decoder."""
        widths = [self.settings.latent, *_hidden(self.settings), encoding.width]
        return layer_shapes("decoder", widths) | {"deviations": (len(encoding.numbers),)}

    def outputs(self, rng: np.random.Generator, rows: int) -> Floats:
        """Logits of the indicators and unbounded positions, shape (rows, width)."""
        deviations = self.arrays["deviations"]
        z = rng.standard_normal((rows, self.settings.latent), np.float32)
        y: Floats = feed_forward(layers_of(self.arrays, "decoder"), z)
        if len(deviations):
            position = np.tanh(y[:, -len(deviations) :])
            position += deviations * rng.standard_normal(position.shape, np.float32)
            y[:, -len(deviations) :] = np.arctanh(position.clip(-EDGE, EDGE))
        return y


@dataclass(frozen=True, slots=True, kw_only=True)
class Vae:
    """Settings.

    Attributes:
        epochs: Maximum number of epochs; early stopping on the evidence lower bound of validation rows.
        batch: Rows per batch.
        rate: Learning rate.
        weight_decay: Weight decay (L2 regularisation).
        latent: Dimensions of the latent variables.
        hidden: Width of the hidden layers.
        layers: Number of hidden layers of the encoder and of the decoder.
        reconstruction: Weight of the reconstruction relative to the divergence from the prior.
        modes: Number of modes of a number without frequent values.
        calibrate: Whether sampled columns are given the distributions of the data.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="vae",
        description="variational autoencoder (TVAE); of the deep methods the first to try, for tables "
        "of many rows",
        source="Xu et al. 2019",
        extra="deep",
        device_independent=False,
    )
    model: ClassVar[type[VaeModel]] = VaeModel

    epochs: int = 300
    batch: int = 500
    rate: float = 1e-3
    weight_decay: float = 1e-5
    latent: int = 32
    hidden: int = 128
    layers: int = 2
    reconstruction: float = 2.0
    modes: int = 10
    calibrate: bool = True
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, epochs=1, batch=1, latent=1, hidden=1, layers=0, modes=1)
        at_least(self, rate=0.0, weight_decay=0.0, reconstruction=0.0)

    def fit(self, data: Table, *, run: Run | None = None) -> VaeModel:
        """Train the networks on `data`."""
        return fit_networks(VaeModel, self, data, run or Run(), self._train)

    def _train(
        self, device: Device, encoding: ModeEncoding, rows: Rows, validation: Rows, run: Run
    ) -> tuple[Arrays, History]:
        rng = run.seed.child("initialise").rng()
        initial = [
            *initial_layers((encoding.width, *_hidden(self), 2 * self.latent), rng),
            *initial_layers((self.latent, *_hidden(self), encoding.width), rng),
            np.zeros(len(encoding.numbers)),
        ]
        network = Network(device, initial, rate=self.rate, weight_decay=self.weight_decay)
        train_rows, validation_rows = device.tensor(rows), device.tensor(validation)
        loss_of, fixed = _loss_of(self, encoding, device), run.seed.child("score")

        def epoch(random: Random) -> float:
            total = device.torch.zeros((), device=device.name)
            order = device.torch.randperm(len(rows), generator=random, device=device.name)
            for batch in order.split(self.batch):
                loss = loss_of(network.parameters, train_rows[batch], random)
                network.step(loss)
                total += loss.detach() * len(batch)
            return float(total) / len(rows)

        def score() -> float:
            return float(loss_of(network.averages, validation_rows, device.random(fixed)))

        descent = Descent(
            device=device,
            networks={"vae": network},
            epoch=epoch,
            score=score,
            seed=run.seed.child("train"),
        )
        identity = identity_of(self, run, rows, validation)
        history = descent.train(self.epochs, run=run, identity=identity)
        *layers, deviations = network.to_arrays()
        arrays = named("decoder", layers[2 * self.layers + 2 :])
        return arrays | {"deviations": np.exp(deviations).clip(MIN_DEVIATION)}, history


def _hidden(settings: Vae) -> list[int]:
    return [settings.hidden] * settings.layers


def _loss_of(settings: Vae, encoding: ModeEncoding, device: Device) -> Loss:
    outputs, half = Outputs(device, encoding), 2 * settings.layers + 2

    def loss(parameters: list[Tensor], x: Tensor, random: Random) -> Tensor:
        mean, log_variance = device.feed_forward(parameters[:half], x).chunk(
            2, dim=1
        )  # (n, latent)
        noise = device.torch.randn(mean.shape, generator=random, device=device.name)
        z = mean + (log_variance / 2).exp() * noise
        y = device.feed_forward(parameters[half:-1], z)  # (n, width)
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum() / 2
        error = outputs.reconstruction(y, x, parameters[-1].clamp(np.log(MIN_DEVIATION)))
        return (settings.reconstruction * error + divergence) / len(x)

    return loss
