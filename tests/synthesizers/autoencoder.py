"""A regularised autoencoder with a Gaussian mixture over its latent space (Ghosh et al. 2020, "From
variational to deterministic autoencoders"), in PyTorch over the matrix encoding.

It shows, for tests, what a deep method has to bring: a loss, and a model that draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.synthesizers.matrix_model import MatrixModel, encode_for_training, to_probabilities
from artesian.synthesizers.protocol import Capabilities
from artesian.synthesizers.torch_training import (
    feed_forward,
    fit_parameters,
    initial_layers,
    reconstruction_loss,
)


class AutoencoderModel(MatrixModel):
    """Arrays: the decoder's layers, the latent mixture, and the standard deviation of the scores'
    reconstruction errors."""

    __slots__ = ()

    def draw(self, rng, rows):
        a = self.arrays
        component = rng.choice(len(a["weights"]), rows, p=a["weights"])
        noise = rng.normal(size=(rows, a["means"].shape[1]))
        z = a["means"][component] + np.einsum("nij,nj->ni", a["roots"][component], noise)
        y = feed_forward([a[f"layer.{number}"] for number in range(4)], z)  # (rows, width)
        y[:, list(self.codec.scores)] += rng.normal(size=(rows, len(a["error"]))) * a["error"]
        return to_probabilities(self.codec, y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoencoder:
    """Attributes:
    latent, hidden: Dimensions of the latent space and of the hidden layers.
    components: Maximum number of components of the latent mixture.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="autoencoder",
        description="regularised autoencoder with a latent Gaussian mixture",
        source="Ghosh et al. 2020",
        extra="deep",
        device_independent=False,
    )
    model: ClassVar[type[Any]] = AutoencoderModel

    latent: int = 32
    hidden: int = 128
    components: int = 60
    epochs: int = 100
    batch: int = 256
    rate: float = 2e-3
    regularisation: float = 1e-3
    protect: bool = True

    def fit(self, data, *, run=None):
        from sklearn.mixture import GaussianMixture
        from threadpoolctl import threadpool_limits

        run = run or Run()
        codec, x, validation = encode_for_training(data, run, protect=self.protect, max_rows=8_000)
        latent, rng = max(min(self.latent, codec.width), 1), run.seed.child("initialise").rng()

        def loss(parameters, x):
            z = feed_forward(parameters[:4], x)
            y = feed_forward(parameters[4:], z)
            return self.regularisation * z.square().sum(1).mean() + reconstruction_loss(codec, y, x)

        initial = initial_layers((codec.width, self.hidden, latent), rng)
        initial += initial_layers((latent, self.hidden, codec.width), rng)
        parameters, _ = fit_parameters(loss, initial, (x, validation), self, run)
        z = feed_forward(parameters[:4], x)  # (rows, latent)
        error = (feed_forward(parameters[4:], z) - x)[:, list(codec.scores)].std(axis=0)
        enough = min(len(np.unique(z, axis=0)), max(len(z) // (5 * latent + 50), 1))
        mixture = GaussianMixture(
            min(self.components, enough), reg_covar=1e-4, tol=1e-2, random_state=rng.integers(2**31)
        )
        with threadpool_limits(1):  # sums of several threads depend on their order
            mixture.fit(z)
        arrays = {f"layer.{number}": layer for number, layer in enumerate(parameters[4:])}
        arrays |= {"weights": mixture.weights_, "means": mixture.means_, "error": error}
        arrays |= {"roots": np.linalg.cholesky(mixture.covariances_)}
        return AutoencoderModel(self, codec, arrays)
