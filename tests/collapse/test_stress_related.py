"""The stress test of related tables: every table, the number of children, families, resume."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.collapse.tables import Inline
from tests.synthesizers.relational.shops import shops

import artesian as ar
from artesian.collapse.stress.bias import bias_by_stratum, bias_counts
from artesian.collapse.stress.control import simulate_families
from artesian.collapse.stress.profile import Profile
from artesian.collapse.stress.related import (
    RelatedPlan,
    families_of,
    run_related_stress,
    with_children,
    with_families,
)
from artesian.collapse.stress.related_result import RelatedStressResult
from artesian.core.errors import UsageError
from artesian.core.run import Run, Seed
from artesian.synthesizers.relational.relational_trees import RelationalTrees


def run_test(folder: Path, generations: int = 2) -> RelatedStressResult:
    plan = RelatedPlan(
        source=shops(60),
        method=RelationalTrees(rounds=0),
        generations=generations,
        replicates=2,
        level=0.9,
        controls=10,
    )
    return run_related_stress(plan, folder, Inline(), Run.from_seed(0))


def test_every_table_and_its_numbers_of_children_are_followed(tmp_path: Path) -> None:
    result = run_test(tmp_path)
    assert set(result.tables) == {"shop", "takings", "employee", "note"}
    shop = result.tables["shop"].profile
    assert any("rows of takings by shop_id" in shop.name(k) for k in range(len(shop.rows)))
    facts = result.to_dict()
    json.dumps(facts, allow_nan=False)
    assert {"verdict", "bias", "survival", "first_loss_generation", "safe_budget"} <= set(facts)
    assert {row["table"] for row in facts["survival"]} == set(result.tables)
    assert set(facts["first_loss_generation"]) == set(result.tables)
    assert "replace" in facts["skipped"]["smallest proportion of real data"]
    assert facts["verdict"].startswith(f"{result.worst}: ")


def test_a_continued_test_gives_the_same_result(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    whole = run_test(tmp_path / "a").to_dict()
    run_test(tmp_path / "b", generations=1)
    parts = sorted((tmp_path / "b").rglob("measures.json"))
    before = [part.stat().st_mtime_ns for part in parts]
    assert run_test(tmp_path / "b").to_dict() == whole
    assert [part.stat().st_mtime_ns for part in parts] == before


def test_numbers_of_children_and_families_are_those_of_the_keys() -> None:
    dataset = shops(40)
    frames = {name: table.frame for name, table in with_children(dataset).items()}
    counts = frames["takings"].group_by("shop_id").len()
    joined = frames["shop"].join(counts, on="shop_id", how="left")["len"].fill_null(0)
    assert joined.to_list() == frames["shop"]["rows of takings by shop_id"].to_list()
    families, kept = families_of(dataset)
    own, number = families["takings"]
    assert number == 40
    assert (own == dataset["takings"].frame["shop_id"].to_numpy() - 10).all()
    assert set(kept) == set(dataset)


def test_few_rows_are_chosen_with_all_that_belongs_to_them() -> None:
    dataset = shops(40)
    few = with_families(dataset, 10, Run.from_seed(0))
    assert len(few["shop"]) == 10
    chosen = few["shop"].frame["shop_id"]
    own = dataset["takings"].frame.filter(pl.col("shop_id").is_in(chosen.implode()))
    assert few["takings"].frame.equals(own)
    assert with_families(dataset, None, Run.from_seed(0)) is dataset


def test_whole_families_are_resampled_without_false_alarms() -> None:
    """Rows of a family are alike, so rows alone would give far more than 5 % of alarms."""
    rng = np.random.default_rng(0)
    families = np.repeat(np.arange(100), 20)
    kind = rng.permutation(["a"] * 50 + ["b"] * 44 + ["c"] * 6)
    table = ar.read(pl.DataFrame({"kind": kind[families]}))
    alone = Profile.from_table(table)
    profile = replace(alone, families=families, family_count=100)
    alarms = {"families": 0, "rows": 0}
    for trial in range(100):
        chosen = rng.integers(100, size=100)
        rows = np.concatenate([np.flatnonzero(families == family) for family in chosen])
        record = bias_counts(profile, profile.coded.take(rows))
        for name, one in (("families", profile), ("rows", alone)):
            tested = bias_by_stratum(one, [record], Seed(trial))
            alarms[name] += any(stratum.biased for stratum in tested)
    assert alarms["families"] <= 10
    assert alarms["rows"] > 40
    control = simulate_families(profile, 3, Run.from_seed(0), replicates=200)
    assert control.counts[:, 0].mean(axis=0) == pytest.approx(profile.rows, rel=0.1)
    spread = control.counts[:, 0, 0].std()
    assert spread == pytest.approx(20 * np.sqrt(100 * 0.5 * 0.5), rel=0.25)


def test_suppressed_categories_do_not_come_back() -> None:
    families = np.arange(60)
    table = ar.read(pl.DataFrame({"kind": ["a"] * 30 + ["b"] * 24 + ["c"] * 6}))
    profile = replace(Profile.from_table(table), families=families, family_count=60)
    control = simulate_families(profile, 6, Run.from_seed(0), suppress=True, replicates=50)
    rare = control.counts[:, :, int(profile.rows.argmin())]
    below = (rare[:, :-1] > 0) & (rare[:, :-1] < 5)
    assert below.any()
    assert (rare[:, 1:][below] == 0).all()


@pytest.mark.slow
def test_a_folder_of_tables_is_tested_and_reported(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name, table in shops(60).items():
        table.frame.write_csv(tmp_path / "data" / f"{name}.csv")
    settings = {"generations": 2, "replicates": 2, "rounds": 0}
    outcome = ar.stress(tmp_path / "data", out=tmp_path / "out", **settings)
    written = json.loads((tmp_path / "out" / "stress.json").read_text())
    assert written == outcome.result.to_dict()
    assert (tmp_path / "out" / "safe_budget.json").is_file()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "What dies in related tables" in page
    for wrong in ({"method": "vine_copula"}, {"policies": ["mix=10%"]}, {"command": "x {train}"}):
        with pytest.raises(UsageError, match="related tables cannot be tested with"):
            ar.stress(tmp_path / "data", out=tmp_path / "out", **wrong)
