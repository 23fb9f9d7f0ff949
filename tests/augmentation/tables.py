"""Small tables with a rare class, and generators whose rows are planted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl

import artesian as ar
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.synthesizers.protocol import Capabilities


def two_classes(rows: int = 400, positives: int = 20, shift: float = 1.0, seed: int = 3) -> Table:
    """Three normal columns and a category; rows of the class 'yes' are shifted."""
    rng = np.random.default_rng(seed)
    positive = np.arange(rows) < positives
    return ar.read(_frame(rng, positive, shift))


def _frame(rng: np.random.Generator, positive: np.ndarray, shift: float) -> pl.DataFrame:
    columns: dict[str, Any] = {
        name: rng.normal(size=len(positive)) + shift * positive for name in ("a", "b", "c")
    }
    columns["town"] = rng.choice(["Ulm", "Bonn", "Trier"], len(positive))
    columns["hit"] = np.where(positive, "yes", "no")
    return pl.DataFrame(columns)


@dataclass(frozen=True)
class PlantedModel:
    """Rows of the class from a function."""

    settings: Any
    table: Table

    def sample(self, rows: int, where: Any = None, *, run: Run | None = None) -> Table:
        at = (run or Run()).seed.rng().integers(len(self.table), size=rows)
        return self.table.with_frame(self.table.frame[at])


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """Draws rows of the class from the true distribution, whatever it is fitted on."""

    capabilities: ClassVar[Capabilities] = Capabilities(name="oracle", description="", source="")
    shift: float = 1.0

    def fit(self, data: Table, *, run: Run | None = None) -> Any:
        rng = np.random.default_rng(8)
        rows = _frame(rng, np.ones(2_000, bool), self.shift)
        return PlantedModel(self, data.with_frame(rows))


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """Repeats rows of the class, and records the rows that it is fitted on."""

    capabilities: ClassVar[Capabilities] = Capabilities(name="recorder", description="", source="")
    fitted: list[set[float]] = field(default_factory=list)

    def fit(self, data: Table, *, run: Run | None = None) -> Any:
        self.fitted.append(set(data.frame["a"]))
        rows = data.frame.filter(pl.col("hit") == "yes")
        return PlantedModel(self, data.with_frame(rows))
