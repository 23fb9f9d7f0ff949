"""Canaries: a method that copies rows is detected, one that samples columns independently is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import DataError, UsageError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.metrics.privacy.attacks.canaries import draw_canaries
from artesian.pipeline.canaries import CanaryConfig, CanaryResult, run_canaries
from artesian.synthesizers.protocol import Capabilities


def people(rows: int = 1500) -> Table:
    rng = np.random.default_rng(0)
    taste = rng.normal(size=rows)
    frame = pl.DataFrame(
        {
            "age": np.round(40 + 12 * taste + 4 * rng.normal(size=rows)),
            "spent": np.round(np.exp(taste + 0.3 * rng.normal(size=rows)), 2),
            "town": rng.choice(["Ulm", "Bonn", "Kiel"], rows),
            "plan": np.where(taste > 0.4, "gold", "basic"),
        }
    )
    return ar.read(frame)


@dataclass(frozen=True)
class CopiedRows:
    """Samples rows of the training table."""

    settings: Any
    table: Table

    def sample(self, rows: int, where: Any = None, *, run: Run | None = None) -> Table:
        return self.table.with_frame(
            self.table.frame.sample(rows, with_replacement=True, shuffle=True, seed=1)
        )


@dataclass(frozen=True, kw_only=True)
class Copier:
    """A method that copies training rows."""

    capabilities: ClassVar[Capabilities] = Capabilities(name="copier", description="", source="")
    model: ClassVar[type[Any]] = CopiedRows

    def fit(self, data: Table, *, run: Run | None = None) -> Any:
        return CopiedRows(self, data)


def canary_test(
    source: Table, method: Any = "marginals", seed: int = 3, **options: Any
) -> CanaryResult:
    config = CanaryConfig(source=source, method=method, **options)
    return run_canaries(config, Run.from_seed(seed))


def test_a_method_that_copies_is_detected() -> None:
    result = canary_test(people(), Copier(), count=100)
    assert result.memorised
    assert result.attack.inserted_copies > 40
    assert result.attack.control_copies == 0
    assert result.attack.auc > 0.75
    assert result.method == "copier"
    assert "memorises rows" in result.message


def test_independent_columns_are_not_detected() -> None:
    source = people()
    alarms = 0
    for seed in range(8):
        alarms += canary_test(source, count=100, seed=seed).attack.interval[0] > 0.5
    assert alarms <= 1


def test_canaries_are_new_rows_of_existing_values() -> None:
    source = people()
    canaries = draw_canaries(source, 100, Run.from_seed(1).seed)
    assert len(canaries.inserted) == len(canaries.control) == 100
    both = pl.concat([canaries.inserted.frame, canaries.control.frame])
    assert both.is_unique().all()
    assert both.join(source.frame, on=source.frame.columns, how="inner").is_empty()
    for name in source.frame.columns:
        assert both[name].is_in(source.frame[name].implode()).all()


def test_an_impossible_test_is_refused() -> None:
    with pytest.raises(UsageError, match="3 canaries are too few"):
        canary_test(people(), count=3)
    with pytest.raises(UsageError, match="0 times"):
        canary_test(people(), repeats=0)
    with pytest.raises(DataError, match="too few"):
        canary_test(people(100))
    few = ar.read(pl.DataFrame({"a": ["x", "y"] * 200, "b": ["u", "v"] * 200}))
    with pytest.raises(DataError, match="too few rows that the table does not contain"):
        canary_test(few)


def test_it_is_a_function_of_the_api() -> None:
    result: Mapping[str, Any] = ar.canaries(
        people(), method="marginals", count=50, seed=2
    ).to_dict()
    assert result["inserted"] == 50
    assert result["interval"][0] <= result["auc"] <= result["interval"][1]
