"""Conditional generative adversarial network of rows.

CTGAN (Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019, "Modeling tabular data using conditional
GAN"): mode-specific normalisation; a conditional vector that names one code of one category, drawn by
the logarithm of its frequency, so that rare codes are trained too; real rows that have this code
(training by sampling); a critic of packs of rows with gradient penalty. Sampling draws the conditional
vector by the frequencies of the data. The averaged parameters of the generator are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

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
    packed,
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


class CtganModel(DeepModel):
    """The generator. Arrays:

    generator.N: Weights and biases of its layers, without batch normalisation.
    frequencies: Frequency of each code of each category, in the order of the conditional vector.
    """

    __slots__ = ()
    last: ClassVar[str] = "generator"

    def shapes(self, encoding: ModeEncoding) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array of the generator."""
        own, codes = self.settings, len(_condition_columns(encoding))
        shapes = generator_shapes(own.latent + codes, own.hidden, own.layers, encoding.width)
        return shapes | {"frequencies": (codes,)}

    def outputs(self, rng: np.random.Generator, rows: int) -> Floats:
        """Logits of the indicators and unbounded positions, shape (rows, width)."""
        z = _noise(self.encoding(), self.arrays["frequencies"], self.settings.latent, rng, rows)
        return generated(layers_of(self.arrays, "generator"), z)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ctgan:
    """Settings.

    Attributes:
        epochs: Maximum number of epochs; early stopping on the likeness of pairs of columns.
        batch: Rows per batch.
        pack: Rows that the critic judges together (PacGAN); 10 in the paper.
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
        name="ctgan",
        description="conditional GAN that trains rare categories as often as frequent ones; slow, and "
        "seldom closer than `vae`: for comparison with the literature",
        source="Xu et al. 2019",
        extra="deep",
        device_independent=False,
    )
    model: ClassVar[type[CtganModel]] = CtganModel

    epochs: int = 300
    batch: int = 500
    pack: int = 1
    rate: float = 5e-4
    averaging: float = 0.99
    latent: int = 128
    hidden: int = 256
    layers: int = 2
    modes: int = 10
    calibrate: bool = True
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, epochs=1, batch=1, pack=1, latent=1, hidden=1, layers=1, modes=1)
        at_least(self, rate=0.0, averaging=0.0)

    def fit(self, data: Table, *, run: Run | None = None) -> CtganModel:
        """Train the networks on `data`."""
        return fit_networks(CtganModel, self, data, run or Run(), self._train)

    def _train(
        self, device: Device, encoding: ModeEncoding, rows: Rows, validation: Rows, run: Run
    ) -> tuple[Arrays, History]:
        torch, rng = device.torch, run.seed.child("initialise").rng()
        codes = len(_condition_columns(encoding))
        size = packed(self.batch, self.pack)
        generate = Generator(device, self.latent + codes, self.hidden, self.layers, encoding.width)
        outputs, conditions = Outputs(device, encoding), Conditions(device, encoding, rows)
        judge = Critic(device, outputs.seen_width + codes, self.pack, self.hidden, self.layers)
        generator = Network(
            device, generate.initial(rng), rate=self.rate, betas=BETAS, averaging=self.averaging
        )
        critic = Network(device, judge.initial(rng), rate=self.rate, betas=BETAS)
        train_rows = outputs.seen(device.tensor(rows))
        frequencies = _frequencies(encoding, np.concatenate([rows, validation]))
        fixed = run.seed.child("score")
        z = _noise(encoding, frequencies, self.latent, fixed.rng(), SCORE_ROWS)
        compare, score_noise = likeness(device, encoding, validation, fixed), device.tensor(z)
        steps = max(round(len(rows) / size), 1)

        def synthetic(condition: Tensor, random: Random) -> tuple[Tensor, Tensor]:
            """Outputs, and rows beside their conditional vectors."""
            noise = torch.randn(size, self.latent, generator=random, device=device.name)
            y = generate(generator.parameters, torch.cat([noise, condition], 1))
            return y, torch.cat([outputs.seen(outputs.rows(y, random, TEMPERATURE)), condition], 1)

        def epoch(random: Random) -> float:
            total = torch.zeros((), device=device.name)
            for _ in range(steps):
                condition, _, at = conditions.draw(size, random)
                with torch.no_grad():
                    _, fake = synthetic(condition, random)
                real = torch.cat([train_rows[at], condition], 1)
                loss = judge.loss(critic.parameters, real, fake, random)
                critic.step(loss)
                # Rows that the critic has just been trained on would teach its errors.
                condition, drawn, _ = conditions.draw(size, random)
                y, fake = synthetic(condition, random)
                scores, _ = judge(critic.parameters, judge.packs(fake), random)
                generator.step(conditions.loss(y, drawn) - scores.mean())
                total += loss.detach()
            return float(total) / steps

        def score() -> float:
            return compare(outputs.probabilities(generate(generator.averages, score_noise)))

        descent = Descent(
            device=device,
            networks={"generator": generator, "critic": critic},
            epoch=epoch,
            score=score,
            seed=run.seed.child("train"),
        )
        identity = identity_of(self, run, rows, validation)
        history = descent.train(self.epochs, run=run, identity=identity, every=EVERY)
        z = _noise(encoding, frequencies, self.latent, fixed.rng(), SCORE_ROWS)
        layers = generate.fold(generator.to_arrays(), z)
        return named("generator", layers) | {"frequencies": frequencies}, history


class Conditions:
    """Conditional vectors, and real rows that satisfy them."""

    def __init__(self, device: Device, encoding: ModeEncoding, rows: Rows) -> None:
        self.device, self.columns = device, device.tensor(_condition_columns(encoding))
        groups = list(encoding.slices())
        self.parts = [groups[number] for number in encoding.categories]
        widths = [part.stop - part.start for part in self.parts]
        self.widest = max(widths, default=1)
        self.first = device.tensor(np.cumsum([0, *widths])[:-1])
        count, n = len(self.parts), len(rows)
        cumulative = np.ones((count, self.widest), np.float64)
        starts = np.zeros((count, self.widest), np.int64)
        counts = np.ones((count, self.widest), np.int64)
        order = np.zeros((count, n), np.int64)
        members = np.zeros((count, self.widest), np.int64)
        for column, part in enumerate(self.parts):
            code = rows[:, part].argmax(axis=1)
            frequency = np.bincount(code, minlength=widths[column])
            weight = np.log1p(frequency)
            cumulative[column, : widths[column]] = np.cumsum(weight) / weight.sum()
            starts[column, : widths[column]] = np.cumsum(frequency) - frequency
            counts[column, : widths[column]] = np.maximum(frequency, 1)
            order[column] = np.argsort(code, kind="stable")
            members[column, : widths[column]] = np.arange(part.start, part.stop)
        self.rows = n
        self.cumulative, self.starts = device.tensor(cumulative), device.tensor(starts)
        self.counts, self.order = device.tensor(counts), device.tensor(order)
        self.members = device.tensor(members)
        absent = np.arange(self.widest) >= np.array(widths)[:, None] if count else members > 0
        self.absent = device.tensor(np.where(absent, -1e9, 0.0))

    def draw(self, size: int, random: Random) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """Conditional vectors, shape (size, codes); their column and code; and a row for each.

        Without categories the vectors have no entries, and the rows are drawn at random.
        """
        torch, name = self.device.torch, self.device.name
        uniform = torch.rand(3, size, generator=random, device=name)
        if not self.parts:
            at = (uniform[2] * self.rows).long().clamp_(max=self.rows - 1)
            return uniform.new_zeros(size, 0), (at, at), at
        column = (uniform[0] * len(self.parts)).long().clamp_(max=len(self.parts) - 1)
        code = (uniform[1][:, None] > self.cumulative[column]).sum(1).clamp_(max=self.widest - 1)
        within = (uniform[2] * self.counts[column, code]).long()
        within = torch.minimum(within, self.counts[column, code] - 1)
        at = self.order[column, (self.starts[column, code] + within).clamp_(max=self.rows - 1)]
        vector = uniform.new_zeros(size, len(self.columns))
        return vector.scatter_(1, (self.first[column] + code)[:, None], 1.0), (column, code), at

    def loss(self, y: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        """Mean cross entropy in nats of the conditioned columns of outputs `y`, shape (n, width)."""
        if not self.parts:
            return y.new_zeros(())
        column, code = drawn
        logits = y.gather(1, self.members[column]) + self.absent[column]
        return self.device.torch.nn.functional.cross_entropy(logits, code)


def _condition_columns(encoding: ModeEncoding) -> NDArray[np.int64]:
    """The indicators that a conditional vector has entries for."""
    slices = list(encoding.slices())
    parts = [np.arange(slices[n].start, slices[n].stop) for n in encoding.categories]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _frequencies(encoding: ModeEncoding, rows: Rows) -> Rows:
    counted = rows[:, _condition_columns(encoding)].mean(axis=0, dtype=np.float64)
    return np.asarray(counted, np.float32)


def _noise(
    encoding: ModeEncoding, frequencies: Rows, latent: int, rng: np.random.Generator, rows: int
) -> Floats:
    """Noise and conditional vectors by the frequencies of the data, shape (rows, latent + codes)."""
    noise = rng.standard_normal((rows, latent), np.float32)
    column, uniform = rng.integers(max(len(encoding.categories), 1), size=rows), rng.random(rows)
    vector = np.zeros((rows, len(frequencies)), np.float32)
    start = 0
    for number, group in enumerate(encoding.categories):
        width = encoding.groups[group].width
        at = np.flatnonzero(column == number)
        cumulative = np.cumsum(frequencies[start : start + width], dtype=np.float64)
        code = np.searchsorted(cumulative, uniform[at] * cumulative[-1], side="right")
        vector[at, start + np.minimum(code, width - 1)] = 1
        start += width
    return np.concatenate([noise, vector], axis=1)
