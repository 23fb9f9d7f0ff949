"""The stress test of related tables: every table, the number of children, families, resume."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.collapse.tables import Inline
from tests.synthesizers.relational.shops import shops

import artesian as ar
from artesian.collapse.policies import Policy, parse_policy
from artesian.collapse.stress.bias import bias_by_stratum, bias_counts
from artesian.collapse.stress.control import simulate
from artesian.collapse.stress.families import FamilyPlan, Part, families_of
from artesian.collapse.stress.family_control import simulate_families, training_copies
from artesian.collapse.stress.joined_families import join_families
from artesian.collapse.stress.profile import Profile
from artesian.collapse.stress.related import RelatedPlan, run_related_stress
from artesian.collapse.stress.related_chain import with_children
from artesian.collapse.stress.related_result import RelatedStressResult
from artesian.collapse.stress.survival import alive
from artesian.core.errors import Cancelled, UsageError
from artesian.core.run import Run, Seed
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey
from artesian.synthesizers.relational.relational_trees import RelationalTrees

REPLACE = Policy(name="replace")
EVERY = ("replace", "mix=50%", "subsample", "accumulate")


def run_test(
    folder: Path, *policies: str, generations: int = 2, engine: Any = None, **more: Any
) -> RelatedStressResult:
    settings: dict[str, Any] = {"replicates": 2, "level": 0.9, "controls": 10, "bisect": False}
    plan = RelatedPlan(
        source=shops(60),
        method=RelationalTrees(rounds=0),
        policies=tuple(parse_policy(text) for text in policies or ("replace",)),
        generations=generations,
        **(settings | more),
    )
    folder.mkdir(exist_ok=True)
    return run_related_stress(plan, folder, engine or Inline(), Run.from_seed(0))


class Stopped(Inline):
    """An engine that is stopped after some parts."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def map(self, task: Any, parts: Any, *, run: Run) -> Any:
        for outcome in super().map(task, parts, run=run):
            if self.parts > self.after:
                raise Cancelled("the work was stopped")
            yield outcome


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
    assert facts["min_real_proportion"] is None
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


def test_every_policy_is_followed_and_continues_after_an_interruption(tmp_path: Path) -> None:
    whole = run_test(tmp_path / "a", *EVERY, generations=3)
    facts = whole.to_dict()
    labels = {parse_policy(text).label for text in EVERY}
    assert {row["policy"] for row in facts["survival"]} == labels
    assert all(set(own) == labels for own in facts["joining"].values())
    assert facts["joining"]["note"]["mix, 50 % real"]["reassigned"] > 0
    assert facts["joining"]["note"]["accumulate"] == {"reassigned": 0.0, "rows_left_out": 0.0}
    firsts = list((tmp_path / "a").glob("*/generation-0001"))
    assert [folder.parent.name.split("-")[1] for folder in firsts] == ["first", "first"]
    for text in ("replace", "mix", "subsample", "accumulate"):
        for folder in (tmp_path / "a").glob(f"related-{text}-*/generation-0003"):
            for place, name in enumerate(("shop", "takings", "employee", "note")):
                rows = len(pl.read_parquet(folder / f"{place:03d}-rows.parquet"))
                size = len(whole.tables[name].profile.coded)
                assert rows == pytest.approx(size, rel=0.3), (text, name)
    with pytest.raises(Cancelled, match="stress test was stopped"):
        run_test(tmp_path / "b", *EVERY, generations=3, engine=Stopped(5))
    parts = sorted((tmp_path / "b").rglob("measures.json"))
    assert parts
    before = [part.stat().st_mtime_ns for part in parts]
    # What a killed process leaves of a generation is computed again.
    torn = next((tmp_path / "b").glob("related-replace-*/generation-0003"))
    (torn / "measures.json").unlink()
    again = run_test(tmp_path / "b", *EVERY, generations=3)
    assert again.to_dict() == facts
    same = [p.stat().st_mtime_ns for p in parts if p.parent != torn]
    assert same == [t for t, p in zip(before, parts, strict=True) if p.parent != torn]


def test_the_smallest_proportion_holds_in_all_tables(tmp_path: Path) -> None:
    result = run_test(tmp_path / "c", "replace", generations=4, level=0.95, bisect=True)
    facts = result.to_dict()
    smallest = facts["min_real_proportion"]
    assert set(smallest["tables"]) == set(result.tables)
    assert result.proportion is not None
    tried = dict(result.proportion.tried)
    assert {0.0, 1.0} <= set(tried)
    for x, level in tried.items():
        own = [dict(one.proportion.tried)[x] for one in result.tables.values() if one.proportion]
        assert level.value == min(one.value for one in own)
    for one in result.tables.values():
        if one.proportion is not None and result.proportion.censored != "more than":
            assert one.proportion.value <= result.proportion.value
    budget = facts["safe_budget"]
    if smallest["value"] is not None and budget["generations_without_real"] < 4:
        assert budget["real_proportion"] >= smallest["value"]
        assert "real families in every generation" in facts["verdict"]
    json.dumps(facts, allow_nan=False)


def test_the_policy_verified_is_for_one_table() -> None:
    with pytest.raises(UsageError, match="verified") as caught:
        RelatedPlan(
            source=shops(10),
            method=RelationalTrees(),
            policies=(Policy(name="verified"),),
            generations=1,
            replicates=1,
            level=0.9,
        )
    for name in ("replace", "mix=10%", "accumulate", "subsample"):
        assert name in caught.value.hint


def test_numbers_of_children_and_families_are_those_of_the_keys() -> None:
    dataset = shops(40)
    frames = {name: table.frame for name, table in with_children(dataset).items()}
    counts = frames["takings"].group_by("shop_id").len()
    joined = frames["shop"].join(counts, on="shop_id", how="left")["len"].fill_null(0)
    assert joined.to_list() == frames["shop"]["rows of takings by shop_id"].to_list()
    part = Part.from_dataset(dataset)
    plan = FamilyPlan.from_part(part)
    families = families_of(plan, part)
    own, number = families["takings"]
    assert number == 40
    assert (own == dataset["takings"].frame["shop_id"].to_numpy() - 10).all()
    assert set(families) == set(dataset)


def test_rows_of_a_kept_table_are_no_family() -> None:
    """Labels are the same in every generation; what belongs to one is chosen row by row."""
    labels = pl.DataFrame({"label_id": range(20), "label": [f"name of {k}" for k in range(20)]})
    things = pl.DataFrame(
        {"thing_id": range(200), "label_id": [k % 20 for k in range(200)], "x": ["a", "b"] * 100}
    )
    inferred = ar.read_dataset({"label": labels, "thing": things})
    key = ForeignKey("thing", ("label_id",), "label", ("label_id",))
    part = Part.from_dataset(Dataset(inferred.tables, (key,), inferred.origin))
    plan = FamilyPlan.from_part(part)
    assert set(plan.kept) == {"label"}
    assert families_of(plan, part)["thing"][1] == 200


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
    control = simulate_families(profile, REPLACE, 3, Run.from_seed(0), replicates=200)
    assert control.counts[:, 0].mean(axis=0) == pytest.approx(profile.rows, rel=0.1)
    spread = control.counts[:, 0, 0].std()
    assert spread == pytest.approx(20 * np.sqrt(100 * 0.5 * 0.5), rel=0.25)


def test_suppressed_categories_do_not_come_back() -> None:
    families = np.arange(60)
    table = ar.read(pl.DataFrame({"kind": ["a"] * 30 + ["b"] * 24 + ["c"] * 6}))
    profile = replace(Profile.from_table(table), families=families, family_count=60)
    control = simulate_families(profile, REPLACE, 6, Run.from_seed(0), suppress=True, replicates=50)
    rare = control.counts[:, :, int(profile.rows.argmin())]
    below = (rare[:, :-1] > 0) & (rare[:, :-1] < 5)
    assert below.any()
    assert (rare[:, 1:][below] == 0).all()


@pytest.mark.parametrize("text", ["replace", "mix=20%", "subsample", "accumulate"])
def test_families_of_one_row_are_resampled_like_rows(text: str) -> None:
    """The bootstrap of copies and that of rows are the same process."""
    rng = np.random.default_rng(1)
    table = ar.read(pl.DataFrame({"kind": rng.choice([f"k{i}" for i in range(60)], 600)}))
    rows = Profile.from_table(table)
    families = replace(rows, families=np.arange(600), family_count=600)
    policy, run = parse_policy(text), Run.from_seed(3)
    one = simulate(rows, None, policy, 6, run, replicates=150)
    other = simulate_families(families, policy, 6, run, replicates=150)
    everything = np.ones(len(rows.rows), bool)
    survived, also = alive(one.counts, everything)[0], alive(other.counts, everything)[0]
    assert also == pytest.approx(survived, abs=0.02)
    spread = one.counts[:, -1].std(axis=0).mean()
    assert other.counts[:, -1].std(axis=0).mean() == pytest.approx(spread, rel=0.15)


def test_copies_in_the_training_rows_add_up() -> None:
    rng = np.random.default_rng(0)
    copies = rng.multinomial(100, np.full(100, 0.01), size=3)
    totals = {"replace": 100, "mix=30%": 100, "subsample": 100, "accumulate": 400}
    for text, total in totals.items():
        chosen = training_copies(parse_policy(text), copies, rng)
        assert chosen.sum() == total
        assert (chosen <= 1 + copies.sum(axis=0)).all()


@dataclass(frozen=True)
class Bootstrap:
    """A method that resamples whole families, so that it is unbiased."""

    orphans: str = "null"
    keep: tuple[str, ...] = ()
    generate: tuple[str, ...] = ()

    def fit(self, data: Dataset, *, run: Run) -> FittedBootstrap:
        return FittedBootstrap(data)


@dataclass(frozen=True)
class FittedBootstrap:
    data: Dataset

    def sample(self, scale: float, *, run: Run) -> Dataset:
        part = Part.from_dataset(self.data)
        plan, rng = FamilyPlan.from_part(part), run.seed.rng()
        roots = {one.name: plan.roots(one, part) for one in plan}
        copies = {
            name: np.bincount(
                rng.integers(max(len(rows), 1), size=round(len(rows) * scale)), minlength=len(rows)
            )
            for name, rows in roots.items()
        }
        rounds = max(int(own.max(initial=0)) for own in copies.values())
        chosen = {
            name: [rows[copies[name] > k] for k in range(rounds)] for name, rows in roots.items()
        }
        return join_families(plan, [part] * rounds, chosen, rng).dataset


@pytest.mark.slow
def test_an_unbiased_method_is_like_its_control_under_every_policy(tmp_path: Path) -> None:
    """Joining adds nothing that the bootstrap of families does not have."""
    plan = RelatedPlan(
        source=shops(60),
        method=Bootstrap(),  # type: ignore[arg-type]
        policies=tuple(parse_policy(text) for text in (*EVERY, "mix=20%")),
        generations=5,
        replicates=12,
        level=0.9,
        bisect=False,
    )
    result = run_related_stress(plan, tmp_path, Inline(), Run.from_seed(0))
    for name, one in result.tables.items():
        assert not any(row.biased for row in one.bias), name
        everything = np.ones(len(one.profile.rows), bool)
        for policy, chains in one.chains.items():
            own = alive(chains.counts, everything)[0]
            control = alive(one.controls[policy].counts, everything)[0]
            assert own == pytest.approx(control, abs=0.04), (name, policy.label)
            mean = chains.counts[:, -1].mean(axis=0)
            assert mean == pytest.approx(one.profile.rows, rel=0.5, abs=6), (name, policy.label)
    assert result.joining["note"][Policy(name="subsample")]["reassigned"] > 0.5


@pytest.mark.slow
def test_a_folder_of_tables_is_tested_and_reported(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name, table in shops(60).items():
        table.frame.write_csv(tmp_path / "data" / f"{name}.csv")
    settings: dict[str, Any] = {"generations": 2, "replicates": 2, "rounds": 0}
    outcome = ar.stress(tmp_path / "data", out=tmp_path / "out", workers=2, **settings)
    alone = ar.stress(tmp_path / "data", out=tmp_path / "alone", workers=1, **settings)
    assert alone.result.to_dict() == outcome.result.to_dict()
    written = json.loads((tmp_path / "out" / "stress.json").read_text())
    assert written == outcome.result.to_dict()
    assert (tmp_path / "out" / "safe_budget.json").is_file()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "What dies in related tables" in page
    assert "How much real data" in page
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["policies"] == ["replace", "mix=0.1", "subsample"]
    for wrong in (
        {"method": "vine_copula"},
        {"policies": ["verified"]},
        {"command": "x {train}"},
    ):
        with pytest.raises(UsageError, match="related tables cannot be tested with"):
            ar.stress(tmp_path / "data", out=tmp_path / "out", **wrong)
