"""A regularised autoencoder with a Gaussian mixture over its latent space (Ghosh et al. 2020, "From
variational to deterministic autoencoders"), in PyTorch over the matrix encoding.

It shows, for tests, what a deep method has to bring, and uses the shared training loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from artesian.core.errors import DataError
from artesian.core.extras import require
from artesian.core.run import Run
from artesian.encoding.codec_files import read_codec, write_codec
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.matrix_sampling import matrix_sampler
from artesian.synthesizers.protocol import Capabilities
from artesian.synthesizers.training import identity_of, split_validation, train

MAX_ROWS = 8_000


def forward(layers, x):
    """Two linear layers, a ReLU between them."""
    first, first_bias, second, second_bias = layers
    return (x @ first + first_bias).clamp(min=0) @ second + second_bias


class Trainee:
    """Encoder and decoder of two layers each, with their optimiser."""

    def __init__(self, settings, codec, train_rows, validation_rows, run):
        self.torch = torch = require("torch", extra="deep", purpose="the autoencoder")
        self.settings, self.codec, self.seed = settings, codec, run.seed.child("train")
        self.device = run.training.device
        self.rows, self.validation = (
            torch.from_numpy(rows.astype(np.float32)).to(self.device)
            for rows in (train_rows, validation_rows)
        )
        latent, hidden, width = min(settings.latent, codec.width), settings.hidden, codec.width
        shapes = [(width, hidden), (hidden,), (hidden, latent), (latent,)]
        shapes += [(latent, hidden), (hidden,), (hidden, width), (width,)]
        rng = run.seed.child("initialise").rng()
        self.parameters = [
            torch.tensor(
                rng.normal(size=shape) * (2 / shape[0]) ** 0.5 * (len(shape) > 1),
                dtype=torch.float32,
                device=self.device,
                requires_grad=True,
            )
            for shape in shapes
        ]
        self.optimiser = torch.optim.Adam(self.parameters, lr=settings.rate)

    def encode(self, x):
        return forward(self.parameters[:4], x)

    def decode(self, z):
        return forward(self.parameters[4:], z)

    def loss(self, x):
        functional = self.torch.nn.functional
        z = self.encode(x)
        y = self.decode(z)
        scores, masks = list(self.codec.scores), list(self.codec.masks)
        loss = self.settings.regularisation * z.square().sum(1).mean()
        loss = loss + (y[:, scores] - x[:, scores]).square().sum(1).mean()
        if masks:
            loss = loss + functional.binary_cross_entropy_with_logits(y[:, masks], x[:, masks])
        for group in self.codec.indicators:
            loss = loss + functional.cross_entropy(y[:, group], x[:, group])
        return loss

    def train_epoch(self, epoch):
        order = self.seed.child("epoch", epoch).rng().permutation(len(self.rows))
        total = 0.0
        for start in range(0, len(order), self.settings.batch):
            batch = order[start : start + self.settings.batch]
            self.optimiser.zero_grad()
            loss = self.loss(self.rows[batch])
            loss.backward()
            self.optimiser.step()
            total += loss.item() * len(batch) / len(order)
        return total

    def validation_loss(self):
        with self.torch.no_grad():
            return self.loss(self.validation if len(self.validation) else self.rows).item()

    def to_arrays(self):
        arrays = {}
        for at, parameter in enumerate(self.parameters):
            tensors = {"parameter": parameter.detach(), **self.optimiser.state[parameter]}
            arrays |= {f"{name}.{at}": t.cpu().numpy().copy() for name, t in tensors.items()}
        return arrays

    def load_arrays(self, arrays):
        for at, parameter in enumerate(self.parameters):
            own = {
                name.split(".")[0]: self.torch.from_numpy(array.copy())
                for name, array in arrays.items()
                if name.endswith(f".{at}")
            }
            parameter.data.copy_(own.pop("parameter"))
            self.optimiser.state[parameter] = own


@dataclass(frozen=True, slots=True)
class AutoencoderModel:
    """Attributes:
    arrays: The decoder's layers; weights, means and roots of the latent mixture; the standard
        deviation of the scores' reconstruction errors.
    """

    settings: Autoencoder
    codec: MatrixCodec
    arrays: dict[str, np.ndarray]

    @property
    def schema(self):
        return self.codec.codec.schema

    @property
    def origin(self):
        return self.codec.codec.origin

    def empty(self):
        return self.codec.codec.empty()

    def draw(self, rng, rows):
        torch, a = require("torch", extra="deep", purpose="the autoencoder"), self.arrays
        if not self.codec.width:
            return np.zeros((rows, 0))
        component = rng.choice(len(a["weights"]), rows, p=a["weights"])
        noise = rng.normal(size=(rows, a["means"].shape[1]))
        z = a["means"][component] + np.einsum("nij,nj->ni", a["roots"][component], noise)
        layers = [torch.from_numpy(a[f"layer.{at}"]) for at in range(4)]
        y = forward(layers, torch.from_numpy(z.astype(np.float32)))  # (rows, width)
        for group in self.codec.indicators:
            y[:, group] = torch.softmax(y[:, group], 1)
        masks, scores = list(self.codec.masks), list(self.codec.scores)
        y[:, masks] = torch.sigmoid(y[:, masks])
        matrix = y.numpy().astype(np.float64)
        matrix[:, scores] += rng.normal(size=(rows, len(scores))) * a["error"]
        return matrix

    def sample(self, rows, where=None, *, run=None):
        return matrix_sampler(self.codec, self.draw, where, threads=False).sample(rows, run)

    def batches(self, rows, where=None, *, run=None):
        return matrix_sampler(self.codec, self.draw, where, threads=False).batches(rows, run)

    def facts(self):
        return {"epochs": int(self.arrays.get("epochs", 0))}

    def write_state(self, folder):
        write_codec(self.codec.codec, folder)
        np.savez(folder / "autoencoder.npz", **self.arrays)

    @classmethod
    def read_state(cls, folder, settings, schema):
        with np.load(folder / "autoencoder.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(settings, MatrixCodec.from_codec(read_codec(folder, schema)), arrays)


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
    components: int = 24
    epochs: int = 100
    batch: int = 256
    rate: float = 2e-3
    regularisation: float = 1e-3
    protect: bool = True

    def fit(self, data, *, run=None):
        from sklearn.mixture import GaussianMixture
        from threadpoolctl import threadpool_limits

        run = run or Run()
        if not len(data):
            raise DataError("there are no rows to fit on", hint="give at least one row")
        run.check("fit")
        codec = MatrixCodec.from_data(data, protect=self.protect)
        rng = run.seed.child("encode").rng()
        rows, validation = (
            codec.encode(part, rng)[:MAX_ROWS] for part in split_validation(data, run)
        )
        if len(rows) < 2:
            rows = np.repeat(rows, 2, axis=0)
        if not codec.width:
            list(run.track(range(1), "fit"))
            return AutoencoderModel(self, codec, {})
        trainee = Trainee(self, codec, rows, validation, run)
        with threadpool_limits(1):  # sums of several threads depend on their order
            history = train(
                trainee, self.epochs, run=run, identity=identity_of(self, run, rows, validation)
            )
        with trainee.torch.no_grad():
            z = trainee.encode(trainee.rows)
            scores = list(codec.scores)
            error = (trainee.decode(z) - trainee.rows)[:, scores].cpu().numpy().std(axis=0)
        z = z.cpu().numpy().astype(np.float64)
        components = min(len(np.unique(z, axis=0)), max(len(z) // (5 * z.shape[1] + 50), 1))
        mixture = GaussianMixture(
            min(self.components, components),
            reg_covar=1e-4,
            tol=1e-2,
            random_state=int(rng.integers(2**32)),
        )
        with threadpool_limits(1):
            mixture.fit(z)
        layers = [p.detach().cpu().numpy() for p in trainee.parameters[4:]]
        arrays = {f"layer.{at}": layer for at, layer in enumerate(layers)}
        arrays |= {"weights": mixture.weights_, "means": mixture.means_, "error": error}
        arrays |= {"roots": np.linalg.cholesky(mixture.covariances_)}
        arrays |= {"epochs": np.array(len(history.train))}
        return AutoencoderModel(self, codec, arrays)
