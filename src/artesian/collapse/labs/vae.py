"""A variational autoencoder on images, trained on its own samples (Shumailov et al. 2024).

The images are the 8 x 8 digits that scikit-learn ships, or those of a file (npz with 'images',
(n, h, w)). Published for MNIST: the deviation of the latent means falls from .674 to .433 over five
generations. Requires the extra `deep`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from artesian.collapse.labs.results import LabResult, Panel, curve_of
from artesian.collapse.labs.torch_threads import one_thread
from artesian.collapse.policies import Policy, parse_policy
from artesian.collapse.stress.measures import vendi_score
from artesian.collapse.stress.training import training_rows
from artesian.collapse.theory import Floats
from artesian.core.errors import DataError
from artesian.core.extras import require
from artesian.core.run import Run, Seed
from artesian.core.settings import at_least

HIDDEN = 128
PUBLISHED = (0.674, 0.608, 0.527, 0.468, 0.433)
"""Deviation of the latent means of five generations on MNIST."""

CLUSTERS, RARE = 60, 0.008
VENDI_ROWS = 300
Tensor = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class VaeLab:
    """Settings.

    Attributes:
        images: npz file of images; empty for the digits of scikit-learn.
        policies: Policies.
        generations: Number of generations.
        replicates: Number of chains of each policy.
        latent: Latent dimensions.
        epochs: Epochs of each generation.
        batch: Images of a batch.
        rate: Learning rate of Adam.
    """

    images: str = ""
    policies: tuple[str, ...] = ("replace", "mix=10%", "accumulate")
    generations: int = 5
    replicates: int = 3
    latent: int = 20
    epochs: int = 120
    batch: int = 256
    rate: float = 1e-3

    def __post_init__(self) -> None:
        at_least(self, generations=1, replicates=2, latent=1, epochs=1, batch=1, rate=0.0)

    def run(self, run: Run) -> LabResult:
        """Train every policy; measures are those of real images, and of generated ones."""
        require("torch", extra="deep", purpose="the experiment 'vae'")
        images = _images(self.images)
        order = run.seed.child("vae", "split").rng().permutation(len(images))
        real, test = images[order[len(images) // 5 :]], images[order[: len(images) // 5]]
        scene = _Clusters.from_images(real, run.seed.child("vae", "clusters"))
        policies = [parse_policy(text) for text in self.policies]
        with one_thread():
            kept = {
                p: np.stack(
                    [
                        self._chain(p, real, test, scene, run.seed.child("vae", p.text, r))
                        for r in run.track(range(self.replicates), p.label)
                    ],
                    axis=-1,
                )
                for p in policies
            }
        titles = (
            ("Deviation of the latent means", "standard deviation", "Of holdout images under the "
             "encoder of each generation. Published for MNIST, replace: "
             + ", ".join(f"{x:.3f}" for x in PUBLISHED) + "."),
            ("Rare-cluster recall", "proportion of rare clusters", "Rare clusters of the real images "
             "that have a generated image."),
            ("Vendi score", "relative to the real images", "Effective number of different images."),
            ("Loss on holdout images", "negative evidence bound, nats", "Of the model of each "
             "generation; it rises as the model forgets real images."),
        )  # fmt: skip
        at = list(range(1, self.generations + 1))
        return LabResult(
            name="vae",
            title="A variational autoencoder trained on its own images",
            source="Shumailov et al. 2024; digits of scikit-learn",
            findings=tuple(
                f"{p.label}: rare-cluster recall {values[1, 0].mean():.2f} in generation 1, "
                f"{values[1, -1].mean():.2f} in generation {self.generations}; loss on holdout images "
                f"{values[3, 0].mean():.1f} to {values[3, -1].mean():.1f} nats."
                for p, values in kept.items()
            ),
            panels=tuple(
                Panel(
                    title=title,
                    y=y,
                    note=note,
                    curves=tuple(curve_of(p.label, at, values[k]) for p, values in kept.items()),
                )
                for k, (title, y, note) in enumerate(titles)
            ),
            settings=asdict(self),
        )

    def _chain(
        self, policy: Policy, real: Floats, test: Floats, scene: _Clusters, seed: Seed
    ) -> Floats:
        """(measures, generations) of one chain."""
        generated: list[Floats] = []
        kept = []
        train = real
        for g in range(self.generations):
            own = seed.child(g)
            model = _train(train, self, own)
            images = _sample(model, len(real), self.latent, own.child("sample"))
            deviation, loss = _evaluate(model, test, own.child("evaluate"))
            kept.append([deviation, *scene.measures(images, own), loss])
            generated.append(images)
            sizes = [len(real)] * (g + 2)
            pieces = training_rows(policy, sizes, own.child("training").rng())
            train = np.concatenate([[real, *generated][k][rows] for k, rows in pieces])
        return np.array(kept).T


@dataclass(frozen=True, slots=True)
class _Clusters:
    """Clusters of the real images.

    Attributes:
        model: Fitted k-means.
        rare: Rare clusters.
        base: Vendi score of the real images.
    """

    model: Any
    rare: Any
    base: float

    @classmethod
    def from_images(cls, images: Floats, seed: Seed) -> _Clusters:
        from sklearn.cluster import KMeans

        model = KMeans(CLUSTERS, n_init=1, random_state=seed.integer() % 2**32).fit(images)
        sizes = np.bincount(model.labels_, minlength=CLUSTERS)
        limit = max(RARE * len(images), float(np.sort(sizes)[CLUSTERS // 5]))
        some = images[seed.rng().permutation(len(images))[:VENDI_ROWS]]
        return cls(model, np.flatnonzero(sizes <= limit), vendi_score(some))

    def measures(self, images: Floats, seed: Seed) -> tuple[float, float]:
        """Rare-cluster recall, and Vendi score relative to the real images."""
        recalled = np.isin(self.rare, self.model.predict(images)).mean()
        some = images[seed.child("vendi").rng().permutation(len(images))[:VENDI_ROWS]]
        return float(recalled), vendi_score(some) / self.base


def _images(file: str) -> Floats:
    """(n, pixels) images with values in [0, 1]."""
    if not file:
        from sklearn.datasets import load_digits

        digits: Floats = load_digits().data / 16
        return digits
    try:
        with np.load(Path(file), allow_pickle=False) as arrays:
            images = np.asarray(arrays["images"], np.float64)
    except (OSError, ValueError, KeyError) as problem:
        raise DataError(
            f"{file} holds no images: {problem}", hint="give an npz file with the array 'images'"
        ) from problem
    flat = images.reshape(len(images), -1)
    highest = float(flat.max()) if flat.size else 0.0
    if len(flat) < 200 or highest <= 0 or not np.isfinite(flat).all() or flat.min() < 0:
        raise DataError(
            f"{file} holds {len(flat)} images, or values that are no brightness",
            hint="give 200 images or more, with values from 0 up",
        )
    return flat / highest


def _train(images: Floats, lab: VaeLab, seed: Seed) -> Sequence[Tensor]:
    """Parameters after training by Adam."""
    import torch

    generator = torch.Generator().manual_seed(seed.integer() % 2**63)
    pixels = images.shape[1]
    shapes = [
        (pixels, HIDDEN), (HIDDEN, 2 * lab.latent), (lab.latent, HIDDEN), (HIDDEN, pixels),
    ]  # fmt: skip
    parameters: list[Any] = []
    for rows, columns in shapes:
        weight = torch.randn(rows, columns, generator=generator) * (2 / rows) ** 0.5 * 0.7
        parameters += [weight.requires_grad_(), torch.zeros(columns, requires_grad=True)]
    optimiser = torch.optim.Adam(parameters, lr=lab.rate)
    data = torch.tensor(images, dtype=torch.float32)
    for _ in range(lab.epochs):
        order = torch.randperm(len(data), generator=generator)
        for start in range(0, len(data), lab.batch):
            batch = data[order[start : start + lab.batch]]
            loss = _loss(parameters, batch, generator).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return parameters


def _encode(parameters: Sequence[Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and log variance of the latents, (batch, latent) each."""
    import torch

    w1, b1, w2, b2 = parameters[:4]
    mean, log_variance = (torch.relu(x @ w1 + b1) @ w2 + b2).chunk(2, dim=1)
    return mean, log_variance.clamp(-8, 8)


def _decode(parameters: Sequence[Tensor], z: Tensor) -> Tensor:
    """Logits of the pixels, (batch, pixels)."""
    import torch

    w3, b3, w4, b4 = parameters[4:]
    return torch.relu(z @ w3 + b3) @ w4 + b4


def _loss(parameters: Sequence[Tensor], x: Tensor, generator: Any) -> Tensor:
    """(batch,) negative evidence lower bound, with Bernoulli pixels."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    mean, log_variance = _encode(parameters, x)
    noise = torch.randn(mean.shape, generator=generator)
    logits = _decode(parameters, mean + noise * torch.exp(log_variance / 2))
    divergence = 0.5 * (mean**2 + log_variance.exp() - log_variance - 1).sum(dim=1)
    return cross_entropy(logits, x, reduction="none").sum(dim=1) + divergence


def _sample(parameters: Sequence[Tensor], rows: int, latent: int, seed: Seed) -> Floats:
    import torch

    generator = torch.Generator().manual_seed(seed.integer() % 2**63)
    with torch.no_grad():
        logits = _decode(parameters, torch.randn(rows, latent, generator=generator))
        images: Floats = torch.sigmoid(logits).double().numpy()
    return images


def _evaluate(parameters: Sequence[Tensor], images: Floats, seed: Seed) -> tuple[float, float]:
    """Mean standard deviation of the latent means, and mean loss."""
    import torch

    generator = torch.Generator().manual_seed(seed.integer() % 2**63)
    x = torch.tensor(images, dtype=torch.float32)
    with torch.no_grad():
        mean, _ = _encode(parameters, x)
        return float(mean.std(dim=0).mean()), float(_loss(parameters, x, generator).mean())
