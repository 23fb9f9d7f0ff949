"""Fitted networks: from their outputs to rows, their files, and the calibration of their margins.

Networks are sampled with numpy, so that a saved model needs no torch. Their state is a safetensors
file: names, shapes and numbers, and nothing that could run.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from artesian.core.extras import require
from artesian.core.memory import require_memory
from artesian.core.run import Run
from artesian.core.validated import require as demand
from artesian.core.validated import require_range, require_shape
from artesian.data.schema import Schema
from artesian.data.table import Table
from artesian.encoding.codec_files import read_codec, write_codec
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.deep.modes import ModeEncoding
from artesian.synthesizers.matrix_model import MatrixModel, encode_for_training
from artesian.synthesizers.torch_training import Device, device_of
from artesian.synthesizers.training import ADVICE, History

FILE = "networks.safetensors"

MAX_ROWS = 50_000
"""Rows that a network is trained on."""

CALIBRATION_ROWS = 8_000
CALIBRATION_STEPS = 30
TOLERANCE = 1e-3
"""Error of a frequency at which calibration ends."""

KNOTS = 65
"""Quantiles of a number's positions that are kept."""

MAX_WEIGHT = 1e6
"""Magnitude from which the weights of a file are refused."""

Arrays = dict[str, NDArray[Any]]
Rows = NDArray[np.float32]
Outputs = Callable[[np.random.Generator, int], Floats]
"""(rng, rows) -> logits of the indicators and unbounded positions, shape (rows, width)."""


class DeepModel(MatrixModel):
    """Networks by name.

    Arrays:
        quantiles: What the network gives as position of each number, as quantiles from 0 to 1 over
            its own rows, shape (numbers, KNOTS); without rows if the margins are not calibrated.
        history: Epochs trained, the one that was kept, its score, and whether training diverged.
    """

    __slots__ = ()
    last: ClassVar[str]
    """Name of the layers that give the outputs."""

    @abstractmethod
    def outputs(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw logits of the indicators and unbounded positions, shape (rows, width)."""

    @abstractmethod
    def shapes(self, encoding: ModeEncoding) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array of the networks by its name."""

    def encoding(self) -> ModeEncoding:
        """Between the rows of the networks and those of the codec."""
        return ModeEncoding.from_codec(self.codec, self.settings.modes)

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        """Draw a matrix of shape (rows, width)."""
        encoding = self.encoding()
        y = self.outputs(rng, rows)
        values = y[:, encoding.indicators :]
        positions = (np.tanh(values) + 1) / 2
        for number, knots in enumerate(self.arrays["quantiles"]):
            positions[:, number] = np.interp(
                values[:, number], knots, np.linspace(0, 1, len(knots))
            )
        return encoding.decode(probabilities(encoding, y), positions, rng)

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest."""
        epochs, best, score, diverged = self.arrays.get("history", np.zeros(4)).tolist()
        facts = {
            **MatrixModel.facts(self),
            "epochs": int(epochs),
            "best_epoch": int(best),
            "validation_loss": round(score, 4),
        }
        if diverged:
            facts["diverged"] = (
                f"training diverged in epoch {int(epochs)} and was stopped; the networks are those of "
                f"epoch {int(best)}, the best one: {ADVICE}"
            )
            facts["warnings"] = (facts["diverged"],)
        return facts

    def check_values(self) -> None:
        """Check that the arrays have the shapes that the settings and the columns require."""
        if not self.codec.width:
            return
        encoding = self.encoding()
        quantiles = self.arrays["quantiles"]
        demand(quantiles.dtype.kind == "f", "quantiles are no floats")
        require_shape(quantiles, (None, KNOTS), "quantiles")
        demand(len(quantiles) in (0, len(encoding.numbers)), "quantiles are of other numbers")
        require_range(quantiles, -MAX_WEIGHT, MAX_WEIGHT, "quantiles")
        demand((np.diff(quantiles) >= 0).all(), "quantiles fall")
        history = self.arrays["history"]
        require_shape(history, (4,), "history")
        require_range(history[[0, 1, 3]], 0, 1e9, "history")
        require_range(history, -1e12, 1e12, "history")
        for name, shape in self.shapes(encoding).items():
            array = self.arrays[name]
            demand(array.dtype.kind == "f", f"{name} holds no floats")
            require_shape(array, shape, name)
            require_range(array, -MAX_WEIGHT, MAX_WEIGHT, name)

    def write_state(self, folder: Path) -> None:
        """Write everything `read_state` needs into `folder`."""
        write_codec(self.codec.codec, folder)
        safetensors = _safetensors("saving a neural network")
        safetensors.save_file(
            {name: np.ascontiguousarray(array) for name, array in self.arrays.items()},
            folder / FILE,
        )

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        """Read what `write_state` wrote."""
        path = folder / FILE
        require_memory(path.stat().st_size, f"{path}")
        arrays = _safetensors("loading a neural network").load_file(path)
        return cls(settings, MatrixCodec.from_codec(read_codec(folder, schema)), arrays)


def _safetensors(purpose: str) -> Any:
    return require("safetensors.numpy", extra="deep", purpose=purpose)


M = TypeVar("M", bound=DeepModel)

Train = Callable[[Device, ModeEncoding, Rows, Rows, Run], tuple[Arrays, History]]
"""(device, encoding, training rows, validation rows, run) -> arrays of the networks, and their history.
The rows are of shape (n, width); small tables, which have no validation rows, are validated on their
training rows."""


def fit_networks(kind: type[M], settings: Any, data: Table, run: Run, train: Train) -> M:
    """Train the networks of a model on `data`, and calibrate their margins.

    Args:
        kind: The class of the model.
        settings: The synthesizer; its `modes`, `calibrate` and `protect` are read here.

    Raises:
        MissingExtra: torch is not installed.
        UsageError: torch cannot compute on the device of `run.training`.
        DataError: there are no rows, or the loss diverges before there is a best epoch.
        ModelFileError: the checkpoint is damaged, or of another fit.
    """
    with device_of(run, settings.capabilities.name) as device:
        codec, *parts = encode_for_training(data, run, protect=settings.protect, max_rows=MAX_ROWS)
        encoding = ModeEncoding.from_codec(codec, settings.modes)
        if not codec.width:
            for _ in run.track(range(1), "fit"):
                pass
            return kind(settings, codec, {})
        rows, validation = (encoding.encode(part) for part in parts)
        other = validation if len(validation) else rows
        arrays, history = train(device, encoding, rows, other, run)
        kept = (len(history.train), history.best + 1, history.validation[history.best])
        arrays["history"] = np.array([*kept, history.diverged], np.float64)
        arrays["quantiles"] = np.zeros((0, KNOTS))
        model = kind(settings, codec, arrays)
        if settings.calibrate:
            every = np.concatenate([rows, validation])
            bias = layers_of(arrays, model.last)[-1]
            arrays["quantiles"] = calibrate(encoding, bias, model.outputs, every, run)
        return model


def layer_shapes(name: str, widths: list[int]) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays that `named` gives for linear layers between `widths`."""
    shapes: dict[str, tuple[int, ...]] = {}
    for number, (inputs, outputs) in enumerate(pairwise(widths)):
        shapes |= {
            f"{name}.{2 * number}": (inputs, outputs),
            f"{name}.{2 * number + 1}": (outputs,),
        }
    return shapes


def named(name: str, layers: list[NDArray[Any]]) -> Arrays:
    """Weights and biases by name."""
    return {f"{name}.{number}": layer.astype(np.float32) for number, layer in enumerate(layers)}


def layers_of(arrays: Mapping[str, NDArray[Any]], name: str) -> list[NDArray[Any]]:
    """The layers that `named` gave, in their order."""
    count = sum(key.startswith(f"{name}.") for key in arrays)
    return [arrays[f"{name}.{number}"] for number in range(count)]


def probabilities(encoding: ModeEncoding, y: Floats) -> Floats:
    """Probabilities of the indicators, shape (n, indicators), of logits, shape (n, width)."""
    start = np.array(encoding.starts[:-1])
    widths = np.diff(encoding.starts)
    logits = y[:, : encoding.indicators].astype(np.float64)
    if not len(start):
        return logits
    logits -= np.repeat(np.maximum.reduceat(logits, start, axis=1), widths, axis=1)
    weights = np.exp(logits, out=logits)
    weights /= np.repeat(np.add.reduceat(weights, start, axis=1), widths, axis=1)
    return weights


def calibrate(
    encoding: ModeEncoding, bias: NDArray[Any], outputs: Outputs, rows: Floats, run: Run
) -> NDArray[np.float64]:
    """Give the rows of a network the margins of `rows`, which are known exactly.

    Iterative proportional fitting of the biases of the last layer until the mean probability of each
    indicator is its frequency; positions are replaced by their ranks among those of the network.

    Args:
        bias: Biases of the last layer, shape (width,), which are changed in place.
        outputs: What the network gives before, `bias` included.
        rows: Rows of the data, shape (n, width).

    Returns:
        Quantiles of the positions, shape (numbers, KNOTS).
    """
    rng = run.seed.child("calibrate").rng()
    y = outputs(rng, CALIBRATION_ROWS).astype(np.float64)
    end = encoding.indicators
    wanted = rows[:, :end].mean(axis=0, dtype=np.float64)
    for _ in range(CALIBRATION_STEPS):
        run.check("fit")
        weights = probabilities(encoding, y)
        got = weights.mean(axis=0)
        if np.abs(got - wanted).max(initial=0) < TOLERANCE:
            break
        step = np.clip(np.log((wanted + 1e-9) / (got + 1e-9)), -2, 2)
        y[:, :end] += step
        bias[:end] += step.astype(bias.dtype)
    weights = probabilities(encoding, y) @ encoding.positioned
    quantiles = np.zeros((len(encoding.numbers), KNOTS))
    for number, weight in enumerate(weights.T):
        order = np.argsort(y[:, end + number])
        cumulative = np.cumsum(weight[order]) - weight[order] / 2
        at = cumulative / max(weight.sum(), 1e-300)
        quantiles[number] = np.interp(np.linspace(0, 1, KNOTS), at, y[order, end + number])
    return quantiles
