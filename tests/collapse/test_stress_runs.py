"""Runs of the stress test: results, resume, parallel runs, commands, bad input."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import polars as pl
import pytest
from tests.collapse.tables import FEW, Inline, Resampling, stress, tool, towns

import artesian as ar
from artesian.collapse.policies import parse_policy
from artesian.collapse.stress.chain import Generator
from artesian.core.errors import ArtesianError, DataError, UsageError
from artesian.data.read import read
from artesian.runs.external import parse_command


def test_an_unbiased_generator_is_like_its_control(tmp_path: Path) -> None:
    result = stress(towns(1000), tmp_path / "c", "replace", replicates=3)
    assert not any(one.biased for one in result.bias)
    assert result.causes["bias"] < 0.15
    facts = result.to_dict()
    json.dumps(facts, allow_nan=False)
    for row in facts["survival"]:
        if row["measure"] == "alive":
            low, high = row["interval"]
            assert low - 0.12 <= row["control"] <= high + 0.12, row
    assert "No bias" in facts["verdict"]


def test_a_sharpened_method_is_biased_and_loses_more(tmp_path: Path) -> None:
    generator = Resampling(method="sharpened", temperature=0.7)
    result = stress(towns(), tmp_path / "c", generator=generator, generations=4, replicates=3)
    assert any(one.biased and one.observed < one.expected for one in result.bias)
    assert result.causes["bias"] > 0.2
    names = {one["category"] for one in result.lost_names(result.main)}
    assert {"town = Vey", "town = Wim"} & names
    text = json.dumps(result.to_dict())
    assert not any(town in text for town in FEW)


def test_suppression_is_reported_apart(tmp_path: Path) -> None:
    generator = Resampling(method="suppressing", below=5)
    result = stress(towns(600), tmp_path / "c", generator=generator)
    facts = result.suppression
    assert facts["below"] == 5
    assert facts["categories"] == 1
    assert facts["losses"]["suppressed"] > 0
    assert result.causes["suppression"] > 0


def test_results_are_the_same_after_a_stop_and_generations_are_not_repeated(tmp_path: Path) -> None:
    table, few = towns(400), {"replicates": 1, "controls": 5}
    whole = stress(table, tmp_path / "a", "replace", "mix=50%", "subsample", **few).to_dict()
    stress(table, tmp_path / "b", "replace", generations=2, **few)
    parts = sorted((tmp_path / "b").rglob("measures.json"))
    before = {part: part.stat().st_mtime_ns for part in parts}
    again = stress(table, tmp_path / "b", "replace", "mix=50%", "subsample", **few).to_dict()
    assert again == whole
    assert before == {part: part.stat().st_mtime_ns for part in parts}


def test_a_damaged_part_is_computed_again(tmp_path: Path) -> None:
    few = {"replicates": 1, "generations": 2}
    whole = stress(towns(400), tmp_path / "a", **few).to_dict()
    part = next((tmp_path / "a").glob("replace-*/generation-0002"))
    (part / "measures.json").unlink()
    assert stress(towns(400), tmp_path / "a", **few).to_dict() == whole


def test_parts_hold_generated_rows_only(tmp_path: Path) -> None:
    generator = Generator(method="trees")
    table = towns(600)
    stress(table, tmp_path / "c", "mix=50%", generator=generator, generations=2, replicates=1)
    for file in (tmp_path / "c").rglob("*"):
        assert file.is_dir() or file.name in ("rows.parquet", "measures.json")
    for file in (tmp_path / "c").rglob("rows.parquet"):
        rows = pl.read_parquet(file)
        assert "Secret" not in rows["town"]
        assert len(rows.join(table.frame, on=table.frame.columns, how="semi")) < 0.2 * len(rows)


def test_more_real_data_keeps_more_and_the_budget_follows(tmp_path: Path) -> None:
    result = stress(towns(400), tmp_path / "c", generations=4, bisect=True, level=0.97)
    found = result.proportion
    assert found is not None
    budget = result.safe_budget
    assert budget.generations == 4
    assert budget.real_proportion >= (found.value if not found.censored else 0)
    assert budget.generations_without_real is not None
    assert budget.generations_without_real < 4
    facts = result.to_dict()["min_real_proportion"]
    assert set(facts) >= {"value", "interval"}


def test_an_external_command_is_tested_like_a_method(tmp_path: Path) -> None:
    command = parse_command(tool(tmp_path, "resample"))
    result = stress(towns(400), tmp_path / "c", generator=Generator(command=command), generations=2)
    assert len(result.to_dict()["survival"]) > 0
    assert result.label == "the command"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("too_few", "49 of 400 rows"),
        ("other_columns", "town"),
        ("hangs", "time limit of 1 seconds"),
    ],
)
def test_a_failing_command_names_its_generation(tmp_path: Path, name: str, problem: str) -> None:
    generator = Generator(command=parse_command(tool(tmp_path, name)), limit=1.0)
    with pytest.raises(ArtesianError, match=problem) as caught:
        stress(towns(400), tmp_path / "c", generator=generator, generations=2, replicates=1)
    assert "generation 1" in caught.value.problem


def test_earlier_generations_of_a_failing_command_are_kept(tmp_path: Path) -> None:
    generator = Generator(command=parse_command(tool(tmp_path, "fails_in_generation_2")))
    with pytest.raises(ArtesianError, match="generation 3") as caught:
        stress(towns(400), tmp_path / "c", generator=generator, generations=4, replicates=1)
    assert "memory" in caught.value.problem
    assert "kept" in caught.value.hint
    assert len(list((tmp_path / "c").rglob("rows.parquet"))) == 2


def test_a_source_of_numbers_is_tested_on_its_tails(tmp_path: Path) -> None:
    table = towns(500).select(("pay", "age"))
    generator = Generator(method="marginals")
    result = stress(table, tmp_path / "c", generator=generator, generations=2, bisect=True)
    assert "survival of categories" in result.skipped
    assert result.first_loss(result.main) is None
    assert result.causes == {}
    assert "outer" in result.sentences[0]
    json.dumps(result.to_dict(), allow_nan=False)


def test_without_rare_categories_and_tails_no_proportion_is_stated(tmp_path: Path) -> None:
    """Four of 400 rows are in the outer 1 %, too few to follow; those of the outer 5 % are followed."""
    generator = Generator(method="marginals")
    table = towns(400).select(("pay",))
    result = stress(table, tmp_path / "c", generator=generator, generations=2, bisect=True)
    assert result.proportion is None
    assert result.generations_without_real is None
    assert "smallest proportion of real data" in result.skipped
    assert not any("real data" in sentence for sentence in result.sentences)
    assert result.safe_budget.generations == 0


def test_a_source_with_nothing_to_follow_is_refused(tmp_path: Path) -> None:
    keys = read(pl.DataFrame({"id": [f"x{k}-{k * 7919 % 1000}" for k in range(100)]}))
    with pytest.raises(DataError, match="no column has a category"):
        stress(keys, tmp_path / "c")
    with pytest.raises(DataError, match="5 rows"):
        stress(towns(400).with_frame(towns(400).frame.head(5)), tmp_path / "c")


@pytest.mark.parametrize(
    "wrong",
    [
        {"generations": 0},
        {"replicates": 0},
        {"level": 0.0},
        {"level": 1.5},
        {"level": float("nan")},
    ],
)
def test_sizes_out_of_range_are_refused(tmp_path: Path, wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError) as caught:
        stress(towns(400), tmp_path / "c", **wrong)
    assert caught.value.hint


def test_a_policy_given_more_than_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="more than once"):
        stress(towns(400), tmp_path / "c", "replace", "replace")
    assert parse_policy("mix = 0.1") == parse_policy("mix=10%")


def test_the_first_generation_is_shared_by_the_policies(tmp_path: Path) -> None:
    engine = Inline()
    stress(towns(400), tmp_path / "c", "replace", "subsample", engine=engine, generations=1)
    firsts = list((tmp_path / "c").glob("first-*/generation-0001"))
    assert len(firsts) == 2
    assert not list((tmp_path / "c").glob("replace-*/generation-0001"))


@pytest.mark.slow
def test_processes_give_the_same_result_and_write_a_report(tmp_path: Path) -> None:
    table = towns(500)
    settings = {"generations": 2, "replicates": 2, "find_proportion": False, "method": "marginals"}
    one = ar.stress(table.frame, out=tmp_path / "a", policies=["replace"], workers=1, **settings)
    two = ar.stress(table.frame, out=tmp_path / "b", policies=["replace"], workers=2, **settings)
    assert one.result.to_dict() == two.result.to_dict()
    page = (tmp_path / "a" / "report.html").read_text()
    assert "What dies" in page
    assert not any(town in page for town in FEW)
    again = ar.stress(table.frame, out=tmp_path / "a", policies=["replace"], workers=1, **settings)
    assert again.result.to_dict() == one.result.to_dict()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_text("")
    with pytest.raises(ArtesianError, match="not the folder of a stress test"):
        ar.stress(table.frame, out=tmp_path / "other", **settings)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed here")
@pytest.mark.filterwarnings("ignore")  # of Ray's own
def test_ray_gives_the_same_rows(tmp_path: Path) -> None:
    settings = {"generations": 2, "replicates": 2, "find_proportion": False, "method": "marginals"}
    settings |= {"policies": ["replace"], "workers": 2}
    local = ar.stress(towns(400).frame, out=tmp_path / "local", **settings)
    remote = ar.stress(towns(400).frame, out=tmp_path / "ray", engine="ray", **settings)
    assert local.result.to_dict() == remote.result.to_dict()
    parts = sorted((tmp_path / "local" / "generations").rglob("rows.parquet"))
    assert len(parts) == 4
    for part in parts:
        other = tmp_path / "ray" / part.relative_to(tmp_path / "local")
        assert pl.read_parquet(part).equals(pl.read_parquet(other))
