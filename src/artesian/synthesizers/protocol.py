"""What a synthesizer is: settings that fit, and the model that samples. Two types, so an unfitted
model cannot exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table

BLOCK = 4096
"""Rows drawn from one random stream: row i of a sample depends on (model, seed, i // BLOCK,
conditions) and on nothing else, so `sample(10)` is a prefix of `sample(1_000_000)`."""

Input = Literal["table", "related tables", "sequences"]
"""What a method is fitted on: one table, tables with foreign keys, or rows ordered within entities."""

Where = Mapping[str, Any]
"""Conditions: column -> a value, a list of values, or a `Range`."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers or times from `low` to `high`, both included; None is open."""

    low: Any = None
    high: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a method can do, for the catalog and the conformance suite.

    Attributes:
        name: Its name in the catalog.
        description: One line: what it is, and when to take it.
        source: The paper or text it follows.
        conditions: `sample(where=...)` works.
        joint: It models dependence between columns.
        extra: The extra it needs, or ''.
        inputs: What `fit` takes.
        device_independent: The rows for a seed are the same on every device.
    """

    name: str
    description: str
    source: str
    conditions: bool = True
    joint: bool = True
    extra: str = ""
    inputs: tuple[Input, ...] = ("table",)
    device_independent: bool = True


@runtime_checkable
class Model(Protocol):
    """A fitted synthesizer: draws rows, and can be written down."""

    @property
    def settings(self) -> Synthesizer: ...

    @property
    def schema(self) -> Schema:
        """The schema of its rows."""
        ...

    @property
    def origin(self) -> Origin:
        """Where the training data came from, so that its rows can be written in the same form."""
        ...

    def empty(self) -> Table:
        """A table of no rows with the schema, the types and the origin of every sample."""
        ...

    def sample(self, rows: int, where: Where | None = None, *, run: Run | None = None) -> Table:
        """Draw `rows` rows; the given columns hold `where` exactly, the others follow its law."""
        ...

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        """The rows of `sample`, in pieces, in memory that does not grow with `rows`."""
        ...

    def facts(self) -> dict[str, Any]:
        """What fitting decided, for the manifest: choices made from data, protected values, ..."""
        ...

    def write_state(self, folder: Path) -> None:
        """Write everything `read_state` needs, as JSON, npz without pickle, Parquet or safetensors."""
        ...

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self: ...


@runtime_checkable
class Synthesizer(Protocol):
    """A frozen, keyword-only dataclass of settings."""

    capabilities: ClassVar[Capabilities]
    model: ClassVar[type[Model]]

    def fit(self, data: Table, *, run: Run | None = None) -> Model:
        """Fit on `data`.

        Args:
            run: Seed, progress, cancelling and workers; `run.training` gives iterative methods their
                device, validation rows, early stopping and checkpoints.

        Raises:
            DataError: `data` cannot be fitted, such as a table without rows.
        """
        ...
