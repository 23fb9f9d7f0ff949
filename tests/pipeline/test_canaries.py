"""Audit with shadow models: a method that copies rows is detected, one that samples columns
independently is not."""

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
from artesian.metrics.privacy.attacks.canaries import draw_canaries, find_isolated
from artesian.metrics.privacy.attacks.shadow_models import (
    COPIES,
    assign,
    measure_exposure,
    standardize,
)
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
        seed = (run or Run()).seed.child("copies").integer() % 2**32
        return self.table.with_frame(
            self.table.frame.sample(rows, with_replacement=True, shuffle=True, seed=seed)
        )


@dataclass(frozen=True, kw_only=True)
class Copier:
    """A method that copies training rows."""

    capabilities: ClassVar[Capabilities] = Capabilities(name="copier", description="", source="")
    model: ClassVar[type[Any]] = CopiedRows

    def fit(self, data: Table, *, run: Run | None = None) -> Any:
        return CopiedRows(self, data)


@dataclass(frozen=True)
class RowsNearby:
    """Samples rows of the training table with noise, which no exact match shows."""

    settings: Any
    table: Table

    def sample(self, rows: int, where: Any = None, *, run: Run | None = None) -> Table:
        rng = (run or Run()).seed.child("nearby").rng()
        frame = self.table.frame[rng.integers(len(self.table), size=rows)]
        noise = [
            (pl.col(name) + pl.Series(scale * rng.normal(size=rows))).alias(name)
            for name, scale in (("age", 1.0), ("spent", 0.1))
        ]
        return self.table.with_frame(frame.with_columns(noise))


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A method that adds noise to training rows."""

    capabilities: ClassVar[Capabilities] = Capabilities(name="neighbour", description="", source="")
    model: ClassVar[type[Any]] = RowsNearby

    def fit(self, data: Table, *, run: Run | None = None) -> Any:
        return RowsNearby(self, data)


def audit(source: Table, method: Any = "marginals", seed: int = 3, **options: Any) -> CanaryResult:
    config = CanaryConfig(source=source, method=method, **options)
    return run_canaries(config, Run.from_seed(seed))


def test_a_method_that_copies_is_detected() -> None:
    result = audit(people(), Copier(), count=100, models=4)
    assert result.memorised
    assert result.method == "copier"
    for kind in ("isolated rows", "canaries"):
        one = result.exposures[kind]
        assert one.targets == 100
        assert one.memorised
        # a row of the training data is drawn with probability 1 - 1 / e
        assert one.copies_in == pytest.approx(0.63 * 200, abs=30)
        assert one.copies_out == 0
        assert one.auc > 0.75
        assert one.rates[0.01] > 0.5
        assert 2 < one.epsilon < 6
    assert "Synthetic rows reveal training rows." in result.message
    assert "epsilon would be at least" in result.message


def test_a_method_that_adds_noise_to_rows_is_detected_without_any_exact_copy() -> None:
    result = audit(people(), Neighbour(), count=100, models=4)
    isolated = result.exposures["isolated rows"]
    assert isolated.copies_in == isolated.copies_out == 0
    assert isolated.memorised
    assert isolated.interval[0] > 0.55


def test_independent_columns_are_not_detected() -> None:
    source = people(8_000)
    results = [audit(source, count=100, models=4, seed=seed) for seed in range(2)]
    assert sum(result.memorised for result in results) <= 1  # one in twenty is, by chance
    assert not any(result.epsilon for result in results)
    assert any("no memorisation" in result.message for result in results)
    for result in results:
        for one in result.exposures.values():
            assert one.auc == pytest.approx(0.5, abs=0.08)


@pytest.mark.slow
def test_independent_columns_of_many_rows_are_not_detected() -> None:
    source = people(20_000)
    results = [audit(source, seed=seed) for seed in range(4)]
    assert sum(result.memorised for result in results) == 0
    assert max(result.epsilon for result in results) == 0
    for result in results:
        for one in result.exposures.values():
            assert one.auc == pytest.approx(0.5, abs=0.06)


def test_scores_that_ignore_the_training_rows_raise_no_alarm() -> None:
    """The error rate of an audit, of all its attacks together, is at most 5 %."""
    rng = np.random.default_rng(0)
    kinds = np.repeat(["isolated rows", "canaries"], 60)
    alarms = bounds = 0
    for trial in range(100):
        included = assign(4, 120, Run.from_seed(trial).seed)
        typical, noise = rng.normal(size=120), rng.normal(size=(2, 4, 120))
        scores = {
            "distance": 3 * typical + noise[0] * np.exp(typical) + rng.normal(size=(4, 1)),
            "density": typical + noise[1],
            COPIES: (rng.random((4, 120)) < 0.02).astype(float),
        }
        found = measure_exposure(scores, included, kinds, Run.from_seed(trial).seed).values()
        alarms += any(one.memorised for one in found)
        bounds += any(one.epsilon > 0 for one in found)
    assert alarms <= 8
    assert bounds <= 8


def test_randomized_response_has_at_most_its_epsilon() -> None:
    """Scores that state with probability e / (1 + e) whether a row was included have epsilon 1."""
    rng, seed = np.random.default_rng(1), Run.from_seed(1).seed
    kinds = np.repeat(["canaries"], 2_000)
    included = assign(8, 2_000, seed)
    truthful = rng.random(included.shape) < np.e / (1 + np.e)
    answers = (included == truthful).astype(float)
    scores = {"distance": answers, "density": answers, COPIES: np.zeros(included.shape)}
    (one,) = measure_exposure(scores, included, kinds, seed).values()
    assert one.auc > 0.6
    assert one.epsilon < 1
    scores[COPIES] = answers  # the plain answer, without standardization
    (one,) = measure_exposure(scores, included, kinds, seed).values()
    assert 0.85 < one.epsilon < 1


def test_each_pair_of_models_has_each_target_once() -> None:
    included = assign(6, 500, Run.from_seed(1).seed)
    assert included.shape == (6, 500)
    assert (included.reshape(3, 2, 500).sum(axis=1) == 1).all()
    assert abs(included.mean(axis=1) - 0.5).max() < 0.1
    assert not (included[0] == included[2]).all()


def test_standardized_scores_are_those_of_the_row_and_not_of_how_typical_it_is() -> None:
    rng = np.random.default_rng(0)
    typical, noise = 100 * rng.normal(size=50), rng.normal(size=(6, 50))
    z = standardize(typical + noise)
    assert z.mean(axis=1) == pytest.approx(np.zeros(6))
    assert np.abs(z).max() < 10
    assert z == pytest.approx(standardize(noise + 7.0))


def test_canaries_are_new_rows_of_existing_values() -> None:
    source = people()
    canaries = draw_canaries(source, 100, Run.from_seed(1).seed)
    assert len(canaries) == 100
    assert canaries.frame.is_unique().all()
    assert canaries.frame.join(source.frame, on=source.frame.columns, how="inner").is_empty()
    for name in source.frame.columns:
        assert canaries.frame[name].is_in(source.frame[name].implode()).all()


def test_isolated_rows_are_far_from_others_and_unique() -> None:
    source = people()
    far = pl.DataFrame(
        {"age": [150.0, 190.0, 170.0, 170.0], "spent": [900.0, 700.0, 800.0, 800.0],
         "town": ["Ulm"] * 4, "plan": ["gold"] * 4}
    )  # fmt: skip
    table = ar.read(pl.concat([source.frame, far]))
    positions = find_isolated(table, 30, Run.from_seed(0))
    assert len(set(positions.tolist())) == 30
    assert {1500, 1501} <= set(positions.tolist())
    assert not {1502, 1503} & set(positions.tolist())  # one of two equal rows is not removed alone


def test_an_impossible_audit_is_refused() -> None:
    with pytest.raises(UsageError, match="3 canaries are too few"):
        audit(people(), count=3)
    with pytest.raises(UsageError, match="0 times"):
        audit(people(), repeats=0)
    with pytest.raises(UsageError, match="5 models cannot be paired"):
        audit(people(), models=5)
    with pytest.raises(DataError, match="too few"):
        audit(people(100))
    few = ar.read(pl.DataFrame({"a": ["x", "y"] * 200, "b": ["u", "v"] * 200}))
    with pytest.raises(DataError, match="too few rows that the table does not contain"):
        audit(few)


def test_a_table_without_unique_rows_has_canaries_alone() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({name: rng.integers(0, 9, 300).astype(str) for name in "abcd"})
    result = audit(ar.read(pl.concat([frame, frame])), count=20, models=2)
    assert list(result.exposures) == ["canaries"]


def test_it_is_a_function_of_the_api() -> None:
    result: Mapping[str, Any] = ar.canaries(
        people(), method="marginals", count=50, seed=2, models=2
    ).to_dict()
    assert result["models"] == 2
    for kind in ("isolated rows", "canaries"):
        one = result["targets"][kind]
        assert one["targets"] == 50
        assert one["interval"][0] <= one["auc"] <= one["interval"][1]
        assert set(one["rates"]) == {"0.01", "0.1"}
    again = ar.canaries(people(), method="marginals", count=50, seed=2, models=2).to_dict()
    assert again["targets"] == result["targets"]
