"""Generative adversarial network that keeps synthetic rows away from real ones.

ADS-GAN (Yoon, Drumright and van der Schaar 2020, "Anonymization through data synthesis using generative
adversarial networks"): a Wasserstein GAN with gradient penalty whose generator is also penalised for
identifiability. A real row is identifiable if a synthetic row is nearer to it than its nearest other
real row, with columns weighted by the inverse of their entropy. The paper's generator takes a real
row as input and is penalised for the likeness of its output to it, so that sampling would need the
real rows. This one takes noise alone, and the penalty follows the definition itself: how far each
synthetic row is within the distance at which real rows become identifiable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.data.table import Table
from artesian.encoding.segments import Floats
from artesian.synthesizers.deep.adversarial import (
    BETAS,
    EVERY,
    SCORE_ROWS,
    TEMPERATURE,
    Critic,
    Generator,
    generated,
    generator_shapes,
    likeness,
)
from artesian.synthesizers.deep.model import (
    Arrays,
    DeepModel,
    Rows,
    fit_networks,
    layers_of,
    named,
)
from artesian.synthesizers.deep.modes import ModeEncoding
from artesian.synthesizers.deep.outputs import Outputs
from artesian.synthesizers.protocol import Capabilities
from artesian.synthesizers.torch_training import Descent, Device, Network, Random, Tensor
from artesian.synthesizers.training import History, identity_of

REFERENCES = 10_000
"""Real rows that the penalty keeps synthetic rows away from."""

BATCH = 1_000
"""Real rows, at random, of the penalty of one step."""


class AdsganModel(DeepModel):
    """The generator. Arrays:

    generator.N: Weights and biases of its layers, without batch normalisation.
    """

    __slots__ = ()
    last: ClassVar[str] = "generator"

    def shapes(self, encoding: ModeEncoding) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array of the generator."""
        own = self.settings
        return generator_shapes(own.latent, own.hidden, own.layers, encoding.width)

    def outputs(self, rng: np.random.Generator, rows: int) -> Floats:
        """Logits of the indicators and unbounded positions, shape (rows, width)."""
        z = rng.standard_normal((rows, self.settings.latent), np.float32)
        return generated(layers_of(self.arrays, "generator"), z)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adsgan:
    """Settings.

    Attributes:
        penalty: Weight of the identifiability penalty; the higher, the fewer real rows have a
            synthetic row nearer than their nearest other real row, and the less alike the rows are.
        epochs: Maximum number of epochs; early stopping on the likeness of pairs of columns and on the
            penalty.
        batch: Rows per batch.
        rate: Learning rate.
        averaging: Weight of the former average of the generator's parameters at each step.
        latent: Dimensions of the noise.
        hidden: Width of the hidden layers.
        layers: Number of hidden layers of the generator and of the critic.
        modes: Number of modes of a number without frequent values.
        calibrate: Whether sampled columns are given the distributions of the data.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="adsgan",
        description="GAN with a penalty on identifiability, to exchange likeness for distance from "
        "real rows; the penalty is no guarantee: measure with the privacy metrics",
        source="Yoon et al. 2020",
        extra="deep",
        device_independent=False,
    )
    model: ClassVar[type[AdsganModel]] = AdsganModel

    penalty: float = 1.0
    epochs: int = 300
    batch: int = 250
    rate: float = 5e-4
    averaging: float = 0.99
    latent: int = 64
    hidden: int = 256
    layers: int = 2
    modes: int = 10
    calibrate: bool = True
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, epochs=1, batch=2, latent=1, hidden=1, layers=1, modes=1)
        at_least(self, penalty=0.0, rate=0.0, averaging=0.0)

    def fit(self, data: Table, *, run: Run | None = None) -> AdsganModel:
        """Train the networks on `data`."""
        return fit_networks(AdsganModel, self, data, run or Run(), self._train)

    def _train(
        self, device: Device, encoding: ModeEncoding, rows: Rows, validation: Rows, run: Run
    ) -> tuple[Arrays, History]:
        torch, rng = device.torch, run.seed.child("initialise").rng()
        generate = Generator(device, self.latent, self.hidden, self.layers, encoding.width)
        outputs, near = Outputs(device, encoding), Identifiability(device, encoding, rows, rng)
        judge = Critic(device, outputs.seen_width, 1, self.hidden, self.layers)
        generator = Network(
            device, generate.initial(rng), rate=self.rate, betas=BETAS, averaging=self.averaging
        )
        critic = Network(device, judge.initial(rng), rate=self.rate, betas=BETAS)
        train_rows = outputs.seen(device.tensor(rows))
        fixed = run.seed.child("score")
        z = fixed.rng().standard_normal((SCORE_ROWS, self.latent), np.float32)
        compare, score_noise = likeness(device, encoding, validation, fixed), device.tensor(z)
        steps = max(round(len(rows) / self.batch), 1)

        def synthetic(random: Random) -> Tensor:
            noise = torch.randn(self.batch, self.latent, generator=random, device=device.name)
            return outputs.rows(generate(generator.parameters, noise), random, TEMPERATURE)

        def epoch(random: Random) -> float:
            total = torch.zeros((), device=device.name)
            for _ in range(steps):
                at = torch.randint(len(rows), (self.batch,), generator=random, device=device.name)
                with torch.no_grad():
                    fake = synthetic(random)
                loss = judge.loss(critic.parameters, train_rows[at], outputs.seen(fake), random)
                critic.step(loss)
                fake = synthetic(random)
                scores, _ = judge(critic.parameters, outputs.seen(fake), random)
                generator.step(self.penalty * near.penalty(fake, random) - scores.mean())
                total += loss.detach()
            return float(total) / steps

        def score() -> float:
            y, random = generate(generator.averages, score_noise), device.random(fixed)
            penalty = near.penalty(outputs.rows(y, random, TEMPERATURE), random)
            return compare(outputs.probabilities(y)) + self.penalty * float(penalty)

        descent = Descent(
            device=device,
            networks={"generator": generator, "critic": critic},
            epoch=epoch,
            score=score,
            seed=run.seed.child("train"),
        )
        identity = identity_of(self, run, rows, validation)
        history = descent.train(self.epochs, run=run, identity=identity, every=EVERY)
        return named("generator", generate.fold(generator.to_arrays(), z)), history


class Identifiability:
    """How near synthetic rows are to real ones, relative to the nearest other real row."""

    def __init__(
        self, device: Device, encoding: ModeEncoding, rows: Rows, rng: np.random.Generator
    ) -> None:
        references = rows[np.sort(rng.permutation(len(rows))[:REFERENCES])]
        scale = entropy_weights(encoding, rows)
        self.device, self.scale = device, device.tensor(scale)
        self.points = device.tensor(references * scale)
        # A row with a duplicate has the radius 0: nothing is nearer to it.
        self.radius = device.tensor(nearest_other(references * scale).clip(1e-6))

    def penalty(self, fake: Tensor, random: Random) -> Tensor:
        """Mean over synthetic rows of the depth, from 0 to 1, within the radii of real rows, added up.

        The radius of a real row is the distance to its nearest other real row.
        """
        torch = self.device.torch
        at = torch.randperm(len(self.points), generator=random, device=self.device.name)[:BATCH]
        points, radius = self.points[at], self.radius[at]
        squared = (
            (fake * self.scale).square().sum(1, keepdim=True)
            + points.square().sum(1)
            - 2 * (fake * self.scale) @ points.T
        )
        depth = (1 - (squared.clamp(min=1e-12).sqrt()) / radius).relu()  # (n, references)
        return depth.sum(1).mean() * (len(self.points) / len(at))


def entropy_weights(encoding: ModeEncoding, rows: Rows) -> NDArray[np.float32]:
    """Scale of each column of a network's rows: the inverse of the entropy in nats of its table column.

    The entropy of a number is that of its modes. Two different codes of a category are one unit apart
    before the weights, as are the two ends of a mode.
    """
    scale = np.zeros(encoding.width, np.float32)
    for number, part in enumerate(encoding.slices()):
        p = rows[:, part].mean(axis=0, dtype=np.float64)
        entropy = -np.sum(p * np.log(np.maximum(p, 1e-300)))
        weight = 1 / max(entropy, 0.1)
        scale[part] = weight * 0.5**0.5
        if number in encoding.numbers:
            scale[encoding.indicators + encoding.numbers.index(number)] = weight / 2
    return scale


def nearest_other(points: NDArray[Any]) -> NDArray[np.float64]:
    """Distance of each row to its nearest other row, shape (n,)."""
    points = points.astype(np.float64)
    squares = (points**2).sum(axis=1)
    nearest = np.full(len(points), np.inf)
    for start in range(0, len(points), BATCH):
        block = points[start : start + BATCH]
        squared = (block**2).sum(axis=1)[:, None] + squares - 2 * (block @ points.T)
        squared[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        nearest[start : start + BATCH] = np.sqrt(np.maximum(squared.min(axis=1), 0))
    return nearest
