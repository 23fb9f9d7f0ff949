"""Planted rows: a method that hands rows on is found out, one that learns columns is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import DataError, UsageError
from artesian.core.run import Run
from artesian.data.table import Table
from artesian.pipeline import canaries as mode
from artesian.pipeline.canaries import look_for_canaries
from artesian.pipeline.synth import SynthesisConfig
from artesian.runs.steps import Steps


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
class Copier:
    """Draws rows of the training table."""

    table: Table
    settings: Any = None

    def sample(self, rows: int, where: Any = None, *, run: Run | None = None) -> Table:
        return self.table.with_frame(
            self.table.frame.sample(rows, with_replacement=True, shuffle=True, seed=1)
        )


def looked(monkeypatch: pytest.MonkeyPatch | None, **settings: Any) -> mode.Canaries:
    if monkeypatch is not None:

        class Capabilities:
            name = "copier"

        class Settings:
            capabilities = Capabilities

        def fit(table: Table, order: SynthesisConfig, steps: Steps) -> tuple[Copier, str]:
            return Copier(table, Settings), "for the test"

        monkeypatch.setattr(mode, "fit_model", fit)
    return look_for_canaries(
        people(), SynthesisConfig(method="trees"), Steps(Run.of(3)), **settings
    )


def test_a_method_that_copies_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = looked(monkeypatch, count=100)
    assert found.found
    assert found.copied > 40
    assert found.aside_copied == 0
    assert found.auc > 0.75
    assert "hands rows on" in found.words


def test_independent_columns_keep_no_row() -> None:
    source = people()
    order = SynthesisConfig(method="marginals")
    alarms = 0
    for seed in range(8):
        found = look_for_canaries(source, order, Steps(Run.of(seed)), count=100)
        alarms += found.interval[0] > 0.5
    assert alarms <= 1


def test_canaries_are_rows_of_real_values_that_are_not_there() -> None:
    source = people()
    planted, aside = mode._made(source, 100, Run.of(1).seed)
    assert len(planted) == len(aside) == 100
    both = pl.concat([planted.frame, aside.frame])
    assert both.is_unique().all()
    assert both.join(source.frame, on=source.frame.columns, how="inner").is_empty()
    for name in source.frame.columns:
        assert both[name].is_in(source.frame[name].implode()).all()


def test_what_cannot_be_looked_for_is_refused() -> None:
    with pytest.raises(UsageError, match="say nothing"):
        looked(None, count=3)
    with pytest.raises(UsageError, match="0 times"):
        looked(None, repeats=0)
    steps = Steps(Run.of(1))
    with pytest.raises(DataError, match="too few"):
        look_for_canaries(people(100), SynthesisConfig(), steps)
    few = ar.read(pl.DataFrame({"a": ["x", "y"] * 200, "b": ["u", "v"] * 200}))
    with pytest.raises(DataError, match="hardly ever"):
        look_for_canaries(few, SynthesisConfig(), steps)


def test_it_is_a_verb_of_the_api() -> None:
    told: Mapping[str, Any] = ar.canaries(people(), method="marginals", count=50, seed=2).to_dict()
    assert told["planted"] == 50
    assert told["interval"][0] <= told["auc"] <= told["interval"][1]
