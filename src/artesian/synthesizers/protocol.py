"""The contract of synthesizers: settings that can be fitted, and the fitted model that can be sampled.

They are two types, so that an unfitted model cannot exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from artesian.core.run import Run
from artesian.data.schema import Schema
from artesian.data.table import Origin, Table
from artesian.encoding.segments import Floats

BLOCK = 4096
"""Rows drawn from one random stream. Row i of a sample depends on (model, seed, i // BLOCK, conditions)
and on nothing else, so `sample(10)` is a prefix of `sample(1_000_000)`."""

MIN_PROBABILITY = 1e-7
"""Minimum probability of a code in log-densities."""

Input = Literal["table", "related tables", "sequences"]
"""What a method is fitted on: one table, tables with foreign keys, or rows ordered within entities."""

Where = Mapping[str, Any]
"""Conditions: column -> a value, a list of values, or a `Range`."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers or times from `low` to `high`, both included; None is unbounded."""

    low: Any = None
    high: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a method can do, for the catalog and the conformance suite.

    Attributes:
        name: Name in the catalog.
        description: One line: what the method is, and when to use it.
        source: The publication it follows.
        conditions: Whether `sample(where=...)` is supported.
        joint: Whether dependence between columns is modelled.
        extra: Name of the extra that installs its libraries, or ''.
        inputs: What `fit` takes.
        device_independent: Whether the rows for a seed are the same on every device.
        control: Whether it copies rows of the training data, so that metrics can be tested with it;
            such a method is run only where it is named.
    """

    name: str
    description: str
    source: str
    conditions: bool = True
    joint: bool = True
    extra: str = ""
    inputs: tuple[Input, ...] = ("table",)
    device_independent: bool = True
    control: bool = False


@runtime_checkable
class Model(Protocol):
    """A fitted synthesizer, which can be sampled and saved."""

    @property
    def settings(self) -> Synthesizer:
        """The synthesizer that was fitted."""
        ...

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
        """Sample `rows` rows. Every row satisfies `where` exactly; the other columns are sampled
        conditionally on it.

        Raises:
            UsageError: fewer than 0 rows.
            SchemaError: `where` names an unknown column.
            ConditionError: `where` cannot be satisfied.
        """
        ...

    def batches(
        self, rows: int, where: Where | None = None, *, run: Run | None = None
    ) -> Iterator[Table]:
        """The rows of `sample` in batches, in memory that does not grow with `rows`."""
        ...

    def facts(self) -> dict[str, Any]:
        """Choices made from the data, for the manifest: order of columns, suppressed values, ..."""
        ...

    def write_state(self, folder: Path) -> None:
        """Write all that `read_state` needs, as JSON, npz without pickle, Parquet or safetensors."""
        ...

    @classmethod
    def read_state(cls, folder: Path, settings: Any, schema: Schema) -> Self:
        """The model that `write_state` wrote."""
        ...


@runtime_checkable
class DensityModel(Model, Protocol):
    """A model that states how likely rows are, for attacks on the model itself."""

    def log_densities(self, table: Table, *, run: Run | None = None) -> Floats:
        """Log-density of each row of `table` by column, in nats, shape (terms, n).

        Models of the same method and with the same codec have the same terms.
        """
        ...


@runtime_checkable
class Synthesizer(Protocol):
    """Settings of a method: a frozen dataclass with keyword-only fields."""

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
