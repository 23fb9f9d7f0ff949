"""Generative adversarial network in the latent space of an autoencoder.

medGAN (Choi, Biswal, Malin, Duke, Stewart and Sun 2017, "Generating multi-label discrete patient
records using generative adversarial networks"): an autoencoder of rows is trained first; a generator
with shortcut connections then gives points of its latent space, which the decoder turns into rows, and
is trained together with the decoder against a discriminator. It sees every row beside the mean of its
batch (minibatch averaging), so that a generator which repeats one row is found out. The paper's columns
are binary; here the decoder gives the distribution of each column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Progress, Run
from artesian.core.settings import at_least
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.synthesizers.deep.adversarial import (
    EPSILON,
    EVERY,
    SCORE_ROWS,
    TEMPERATURE,
    likeness,
)
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
    initial_layers,
)
from artesian.synthesizers.training import History, identity_of


class MedganModel(DeepModel):
    """The generator and the decoder. Arrays:

    generator.N: Weights and biases of its layers, without batch normalisation.
    decoder.N: Weights and biases.
    """

    __slots__ = ()
    last: ClassVar[str] = "decoder"

    def shapes(self, encoding: ModeEncoding) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array of the networks."""
        latent = self.settings.latent
        shapes = layer_shapes("generator", [latent] * (self.settings.layers + 1))
        return shapes | layer_shapes("decoder", [latent, encoding.width])

    def outputs(self, rng: np.random.Generator, rows: int) -> Floats:
        """Logits of the indicators and unbounded positions, shape (rows, width)."""
        z = rng.standard_normal((rows, self.settings.latent), np.float32)
        weights, bias = layers_of(self.arrays, "decoder")
        y: Floats = _shortcuts(layers_of(self.arrays, "generator"), z) @ weights + bias
        return y


@dataclass(frozen=True, slots=True, kw_only=True)
class Medgan:
    """Settings.

    Attributes:
        pretraining: Maximum number of epochs of the autoencoder, which come first.
        epochs: Maximum number of epochs of the adversarial training; early stopping on the likeness of
            pairs of columns.
        batch: Rows per batch.
        rate: Learning rate.
        weight_decay: Weight decay (L2 regularisation).
        averaging: Weight of the former average of the generator's parameters at each step.
        steps: Steps of the discriminator for each of the generator.
        latent: Dimensions of the autoencoder's latent space and of the noise.
        hidden: Width of the discriminator's first layer; the second is half as wide.
        layers: Number of layers of the generator.
        modes: Number of modes of a number without frequent values.
        calibrate: Whether sampled columns are given the distributions of the data.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="medgan",
        description="GAN in the latent space of an autoencoder, made for many binary columns such as "
        "the codes of patient records",
        source="Choi et al. 2017",
        extra="deep",
        device_independent=False,
    )
    model: ClassVar[type[MedganModel]] = MedganModel

    pretraining: int = 100
    epochs: int = 300
    batch: int = 250
    rate: float = 1e-3
    weight_decay: float = 1e-5
    averaging: float = 0.99
    steps: int = 2
    latent: int = 128
    hidden: int = 256
    layers: int = 3
    modes: int = 10
    calibrate: bool = True
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, pretraining=1, epochs=1, batch=2, steps=1, latent=1, hidden=2, layers=1)
        at_least(self, modes=1, rate=0.0, weight_decay=0.0, averaging=0.0)

    def fit(self, data: Table, *, run: Run | None = None) -> MedganModel:
        """Train the networks on `data`."""
        return fit_networks(MedganModel, self, data, run or Run(), self._train)

    def _train(
        self, device: Device, encoding: ModeEncoding, rows: Rows, validation: Rows, run: Run
    ) -> tuple[Arrays, History]:
        total = self.pretraining + self.epochs
        decoder = self._pretrain(device, encoding, rows, validation, _part(run, 0, total))
        return self._adversarial(
            device, encoding, rows, validation, decoder, _part(run, self.pretraining, total)
        )

    def _pretrain(
        self, device: Device, encoding: ModeEncoding, rows: Rows, validation: Rows, run: Run
    ) -> list[NDArray[np.float32]]:
        """Train the autoencoder, and return the weights and biases of its decoder."""
        torch, rng = device.torch, run.seed.child("autoencoder").rng()
        initial = initial_layers((encoding.width, self.latent), rng)
        initial += initial_layers((self.latent, encoding.width), rng)
        network = Network(device, initial, rate=self.rate, weight_decay=self.weight_decay)
        outputs = Outputs(device, encoding)
        unit = torch.zeros(len(encoding.numbers), device=device.name)
        train_rows, validation_rows = device.tensor(rows), device.tensor(validation)

        def loss_of(parameters: list[Tensor], x: Tensor) -> Tensor:
            z = torch.addmm(parameters[1], x, parameters[0]).tanh()  # (n, latent)
            y = torch.addmm(parameters[3], z, parameters[2])  # (n, width)
            return outputs.reconstruction(y, x, unit) / len(x)

        def epoch(random: Random) -> float:
            order = torch.randperm(len(rows), generator=random, device=device.name)
            losses = []
            for batch in order.split(self.batch):
                loss = loss_of(network.parameters, train_rows[batch])
                network.step(loss)
                losses.append(loss.detach())
            return float(torch.stack(losses).mean())

        descent = Descent(
            device=device,
            networks={"autoencoder": network},
            epoch=epoch,
            score=lambda: float(loss_of(network.averages, validation_rows)),
            seed=run.seed.child("pretrain"),
        )
        identity = identity_of(self, run, rows, validation)
        descent.train(self.pretraining, run=run, identity=identity, file="autoencoder.npz")
        return network.to_arrays()[2:]

    def _adversarial(
        self,
        device: Device,
        encoding: ModeEncoding,
        rows: Rows,
        validation: Rows,
        decoder: list[NDArray[np.float32]],
        run: Run,
    ) -> tuple[Arrays, History]:
        torch, rng = device.torch, run.seed.child("initialise").rng()
        outputs, softplus = Outputs(device, encoding), torch.nn.functional.softplus
        initial: list[NDArray[Any]] = []
        for _ in range(self.layers):
            weights, _ = initial_layers((self.latent, self.latent), rng)
            initial += [weights, np.ones(self.latent), np.zeros(self.latent)]
        generator = Network(
            device,
            [*initial, *decoder],
            rate=self.rate,
            weight_decay=self.weight_decay,
            averaging=self.averaging,
        )
        widths = (2 * outputs.seen_width, self.hidden, self.hidden // 2, 1)
        discriminator = Network(
            device, initial_layers(widths, rng), rate=self.rate, weight_decay=self.weight_decay
        )
        train_rows, fixed = device.tensor(rows), run.seed.child("score")
        z = fixed.rng().standard_normal((SCORE_ROWS, self.latent), np.float32)
        compare, score_noise = likeness(device, encoding, validation, fixed), device.tensor(z)
        updates = max(round(len(rows) / self.batch), 1)

        def generate(parameters: list[Tensor], z: Tensor) -> Tensor:
            for layer in range(self.layers):
                weights, scale, shift = parameters[3 * layer : 3 * layer + 3]
                h = torch.nn.functional.batch_norm(
                    z @ weights, None, None, scale, shift, training=True, eps=EPSILON
                )
                z = z + (h.tanh() if layer == self.layers - 1 else h.relu())
            return torch.addmm(parameters[-1], z, parameters[-2])  # (n, width)

        def fake(random: Random) -> Tensor:
            noise = torch.randn(self.batch, self.latent, generator=random, device=device.name)
            return outputs.rows(generate(generator.parameters, noise), random, TEMPERATURE)

        def logits(x: Tensor) -> Tensor:
            """Of rows `x` being real, each beside the mean of the batch."""
            x = outputs.seen(x)
            beside = torch.cat([x, x.mean(0, keepdim=True).expand_as(x)], 1)
            return device.feed_forward(discriminator.parameters, beside)

        def epoch(random: Random) -> float:
            total = torch.zeros((), device=device.name)
            for _ in range(updates):
                for _ in range(self.steps):
                    at = torch.randint(
                        len(rows), (self.batch,), generator=random, device=device.name
                    )
                    with torch.no_grad():
                        synthetic = fake(random)
                    real = softplus(-logits(train_rows[at])).mean()
                    loss = real + softplus(logits(synthetic)).mean()
                    discriminator.step(loss)
                    total += loss.detach()
                generator.step(softplus(-logits(fake(random))).mean())
            return float(total) / (updates * self.steps)

        def score() -> float:
            return compare(outputs.probabilities(generate(generator.averages, score_noise)))

        descent = Descent(
            device=device,
            networks={"generator": generator, "discriminator": discriminator},
            epoch=epoch,
            score=score,
            seed=run.seed.child("train"),
        )
        identity = identity_of(self, run, rows, validation)
        history = descent.train(self.epochs, run=run, identity=identity, every=EVERY)
        parameters = generator.to_arrays()
        arrays = named("generator", _fold(parameters[:-2], z))
        return arrays | named("decoder", parameters[-2:]), history


def _part(run: Run, first: int, total: int) -> Run:
    """The run whose progress begins at epoch `first` of `total`."""
    return replace(
        run,
        on_progress=lambda p: run.on_progress(Progress(p.task, first + p.done, total)),
    )


def _shortcuts(layers: list[NDArray[Any]], z: NDArray[Any]) -> NDArray[Any]:
    """Points of the latent space of noise `z`, both of shape (n, latent), without normalisation."""
    for number, (weights, bias) in enumerate(zip(layers[::2], layers[1::2], strict=True)):
        h = z @ weights + bias
        z = z + (np.tanh(h) if 2 * number == len(layers) - 2 else np.maximum(h, 0))
    return z


def _fold(parameters: list[NDArray[Any]], z: NDArray[Any]) -> list[NDArray[Any]]:
    """Weights and biases without batch normalisation, whose statistics become those of noise `z`."""
    folded: list[NDArray[Any]] = []
    for at in range(0, len(parameters), 3):
        weights, scale, shift = parameters[at : at + 3]
        h = z @ weights
        factor = scale / np.sqrt(h.var(axis=0) + EPSILON)
        folded += [weights * factor, shift - h.mean(axis=0) * factor]
        z = z + np.maximum(h * factor + folded[-1], 0)  # the last of them is not used
    return folded
