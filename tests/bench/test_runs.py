"""Runs of cells: what fails is a row, what is finished is kept, what decides a trial names it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.bench.tools import TOOLS, rows_of, small_plan
from tests.cli.people import write_people
from tests.engine.test_engines import gone

import artesian
from artesian.bench.methods import methods
from artesian.bench.plan import make_plan
from artesian.bench.runner import TrialResult, _record, run_plan
from artesian.core.errors import Cancelled, MissingExtra, OutputError
from artesian.core.run import Run
from artesian.engine.local import Local
from artesian.engine.protocol import Outcome


def trial_files(out: Path) -> set[str]:
    return {path.name for path in (out / "trials").glob("*.json")}


def test_a_failure_is_a_result_with_its_reason_and_the_others_continue(tmp_path: Path) -> None:
    failing = ("fails", "silent", "writes_nothing", "writes_rubbish", "drops_a_column")
    plan = small_plan(tmp_path, "marginals", tools=(*failing, "kills_its_parent", "copy"), seeds=1)
    rows = rows_of(plan, tmp_path / "out")
    assert {name: row.error for name, row in rows.items() if row.done} == {
        "marginals": "",
        "copy": "",
    }
    assert rows["fails"].reason == "the command ended with exit code 1: it could not"
    assert rows["silent"].reason == "the command ended with exit code 3: it printed no message"
    assert "no {out}" in rows["writes_nothing"].reason
    assert "no rows" in rows["writes_rubbish"].reason
    assert "'age'" in rows["drops_a_column"].reason
    assert rows["kills_its_parent"].error == "Killed"
    assert rows["copy"].value("exact_copies") == 1.0
    assert rows["marginals"].record["rows"] == {"train": 192, "holdout": 48, "synthetic": 192}
    assert set(rows["marginals"].record["seconds"]) == {"fit", "sample", "evaluate"}


def test_a_trial_over_its_time_limit_is_a_result(tmp_path: Path) -> None:
    rows = rows_of(small_plan(tmp_path, tools=("sleeps",)), tmp_path / "out", limit=1.0)
    assert rows["sleeps"].error == "TimeLimit"
    assert "time limit" in rows["sleeps"].reason


def test_a_missing_program_is_a_result(tmp_path: Path) -> None:
    found = methods([], {"absent": "no-such-program {train} {out}"})
    plan = make_plan(found, [str(write_people(tmp_path / "p.csv"))], seeds=1, metrics=["ks"])
    row = rows_of(plan, tmp_path / "out")["absent"]
    assert row.error == "CommandFailed"
    assert "no-such-program" in row.reason


def test_a_second_run_does_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, runs = tmp_path / "out", tmp_path / "counts.runs"
    plan = small_plan(tmp_path, tools=("counts", "fails"))
    first = rows_of(plan, out)
    again = rows_of(plan, out)
    assert runs.read_text() == "x"
    assert again["counts"].reused
    assert again["counts"].record["metrics"] == first["counts"].record["metrics"]
    assert again["fails"].reused
    assert not rows_of(plan, out, retry_failed=True)["fails"].reused
    rows_of(small_plan(tmp_path, tools=("counts",), seeds=2), out)
    assert runs.read_text() == "xx"
    rows_of(small_plan(tmp_path, tools=("counts",), metrics=["ks"]), out)
    assert runs.read_text() == "xxx"
    monkeypatch.setitem(TOOLS, "counts", TOOLS["counts"] + "  # another script")
    rows_of(small_plan(tmp_path, tools=("counts",), metrics=["ks"]), out)
    assert runs.read_text() == "xxxx"
    people = tmp_path / "people.csv"
    people.write_text(people.read_text() + "30,Ulm,2020-01-01,yes,>50K\n")
    plan = make_plan(plan.methods, [str(people)], seeds=1, metrics=["ks", "exact_copies"])
    assert not rows_of(plan, out)["counts"].reused


def test_what_decides_a_cell_is_its_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rows_of(small_plan(tmp_path, "marginals"), out)
    one = trial_files(out)
    rows_of(small_plan(tmp_path, "marginals(protect=true)"), out)  # the default
    assert trial_files(out) == one
    for more in ({"holdout": 0.3}, {"rows": 100}, {"targets": ["pay"]}, {"first_seed": 5}):
        before = trial_files(out)
        rows_of(small_plan(tmp_path, "marginals", **more), out)
        assert len(trial_files(out) - before) == 1


def test_a_damaged_cell_is_run_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    plan = small_plan(tmp_path, "marginals")
    rows_of(plan, out)
    (trial,) = (out / "trials").glob("*.json")
    trial.write_text(trial.read_text()[:50])
    assert not rows_of(plan, out)["marginals"].reused
    assert json.loads(trial.read_text())["status"] == "done"


def test_a_stop_keeps_the_finished_trials(tmp_path: Path) -> None:
    out, run = tmp_path / "out", Run()
    plan = small_plan(tmp_path, "marginals", tools=("sleeps",))

    def stop(row: TrialResult, done: int, total: int) -> None:
        assert (row.method, done, total) == ("marginals", 1, 2)
        run.cancel()

    with pytest.raises(Cancelled, match="after 1 of 2 trials") as caught:
        run_plan(plan, out, engine=Local(workers=1), run=run, on_trial=stop)
    assert "to continue" in caught.value.hint
    assert len(trial_files(out)) == 1


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    plan = small_plan(tmp_path, "marginals")
    rows_of(plan, out)  # an empty folder is taken
    (other := tmp_path / "other").mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="not the folder of a benchmark"):
        rows_of(plan, other)
    assert (other / "thesis.txt").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not the folder of a benchmark"):
        rows_of(plan, tmp_path / "file")
    assert not rows_of(plan, out, force=True)["marginals"].reused


def test_workers_do_not_change_what_is_found(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, "trees", "auto", seeds=1)
    found = [
        run_plan(plan, tmp_path / f"out{workers}", engine=Local(workers=workers), run=Run())
        for workers in (1, 2)
    ]
    metrics = [[(r.method, r.seed, r.record["metrics"]) for r in rows] for rows in found]
    assert metrics[0] == metrics[1]
    assert {r.record["choice"] for r in found[0] if r.method == "auto"} == {"boosted"}


def test_the_front_door_gives_what_results_json_holds(tmp_path: Path) -> None:
    people = write_people(tmp_path / "people.csv")
    results = artesian.benchmark(
        ["marginals", artesian.Trees(rounds=0)],
        [people],
        out=tmp_path / "out",
        seeds=1,
        metrics=["ks"],
        target="pay",
        workers=1,
        run=Run.from_seed(3),
    )
    assert results == json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [row["method"] for row in results["rows"]] == ["marginals", "trees(rounds=0)"]
    assert results["plan"]["seeds"] == [3]
    assert results["trials"]["failed"] == 0


def test_workers_end_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    code = (
        "from artesian.core.run import Run; from artesian.engine.local import Local; "
        "from tests.engine.tasks import work; "
        f"list(Local(workers=1).map(work, ['child:{place}'], run=Run()))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=-1) as caller:
        deadline = time.monotonic() + 60
        while not (place.exists() and place.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        caller.kill()
    assert gone(int(place.read_text()))


def test_a_missing_extra_fails_with_its_install_line() -> None:
    problem = MissingExtra(
        "the method 'vae' needs 'torch': gone", hint="pip install 'artesian[deep]'"
    )
    record = _record(Outcome(place=0, problem=problem))
    assert record["error"] == "MissingExtra"
    assert record["reason"].endswith("pip install 'artesian[deep]'")
