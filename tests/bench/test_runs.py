"""Runs of cells: what fails is a row, what is finished is kept, what decides a cell names it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.bench.tools import TOOLS, rows_of, small_order
from tests.cli.people import write_people
from tests.engine.test_engines import gone

import artesian
from artesian.bench.methods import methods
from artesian.bench.plan import ordered
from artesian.bench.runner import Row, run_order
from artesian.core.errors import Cancelled, OutputError
from artesian.core.run import Run
from artesian.engine.local import Local


def cells(out: Path) -> set[str]:
    return {path.name for path in (out / "cells").glob("*.json")}


def test_what_fails_is_a_row_with_its_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    failing = ("fails", "silent", "writes_nothing", "writes_rubbish", "drops_a_column")
    order = small_order(
        tmp_path, "marginals", tools=(*failing, "kills_its_parent", "copy"), seeds=1
    )
    rows = rows_of(order, tmp_path / "out")
    assert {name: row.error for name, row in rows.items() if row.done} == {
        "marginals": "",
        "copy": "",
    }
    assert rows["fails"].reason == "the command ended with code 1: it could not"
    assert rows["silent"].reason == "the command ended with code 3: it said nothing"
    assert "no {out}" in rows["writes_nothing"].reason
    assert "no rows" in rows["writes_rubbish"].reason
    assert "'age'" in rows["drops_a_column"].reason
    assert rows["kills_its_parent"].error == "Killed"
    assert rows["copy"].value("exact_copies") == 1.0
    assert rows["marginals"].found["rows"] == {"train": 192, "holdout": 48, "made": 192}
    assert set(rows["marginals"].found["seconds"]) == {"fit", "sample", "judge"}


def test_a_cell_that_takes_too_long_is_a_row(tmp_path: Path) -> None:
    rows = rows_of(small_order(tmp_path, tools=("sleeps",)), tmp_path / "out", limit=1.0)
    assert rows["sleeps"].error == "TimeLimit"
    assert "time limit" in rows["sleeps"].reason


def test_a_program_that_is_not_there_is_a_row(tmp_path: Path) -> None:
    found = methods([], {"absent": "no-such-program {train} {out}"})
    order = ordered(found, [str(write_people(tmp_path / "p.csv"))], seeds=1, metrics=["ks"])
    row = rows_of(order, tmp_path / "out")["absent"]
    assert row.error == "CommandFailed"
    assert "no-such-program" in row.reason


def test_a_second_run_does_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, runs = tmp_path / "out", tmp_path / "counts.runs"
    order = small_order(tmp_path, tools=("counts", "fails"))
    first = rows_of(order, out)
    again = rows_of(order, out)
    assert runs.read_text() == "x"
    assert again["counts"].kept
    assert again["counts"].found["metrics"] == first["counts"].found["metrics"]
    assert again["fails"].kept
    assert not rows_of(order, out, retry_failed=True)["fails"].kept
    rows_of(small_order(tmp_path, tools=("counts",), seeds=2), out)
    assert runs.read_text() == "xx"
    rows_of(small_order(tmp_path, tools=("counts",), metrics=["ks"]), out)
    assert runs.read_text() == "xxx"
    monkeypatch.setitem(TOOLS, "counts", TOOLS["counts"] + "  # another script")
    rows_of(small_order(tmp_path, tools=("counts",), metrics=["ks"]), out)
    assert runs.read_text() == "xxxx"
    people = tmp_path / "people.csv"
    people.write_text(people.read_text() + "30,Ulm,2020-01-01,yes,>50K\n")
    order = ordered(order.methods, [str(people)], seeds=1, metrics=["ks", "exact_copies"])
    assert not rows_of(order, out)["counts"].kept


def test_what_decides_a_cell_is_its_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rows_of(small_order(tmp_path, "marginals"), out)
    one = cells(out)
    rows_of(small_order(tmp_path, "marginals(protect=true)"), out)  # the default
    assert cells(out) == one
    for more in ({"holdout": 0.3}, {"rows": 100}, {"targets": ["pay"]}, {"first_seed": 5}):
        before = cells(out)
        rows_of(small_order(tmp_path, "marginals", **more), out)
        assert len(cells(out) - before) == 1


def test_a_damaged_cell_is_run_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    order = small_order(tmp_path, "marginals")
    rows_of(order, out)
    (cell,) = (out / "cells").glob("*.json")
    cell.write_text(cell.read_text()[:50])
    assert not rows_of(order, out)["marginals"].kept
    assert json.loads(cell.read_text())["status"] == "done"


def test_a_stop_keeps_the_finished_cells(tmp_path: Path) -> None:
    out, run = tmp_path / "out", Run()
    order = small_order(tmp_path, "marginals", tools=("sleeps",))

    def stop(row: Row, done: int, total: int) -> None:
        assert (row.method, done, total) == ("marginals", 1, 2)
        run.cancel()

    with pytest.raises(Cancelled, match="after 1 of 2 cells") as caught:
        run_order(order, out, engine=Local(workers=1), run=run, told=stop)
    assert "goes on" in caught.value.hint
    assert len(cells(out)) == 1


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    order = small_order(tmp_path, "marginals")
    rows_of(order, out)  # an empty folder is taken
    (other := tmp_path / "other").mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="not the folder of a benchmark"):
        rows_of(order, other)
    assert (other / "thesis.txt").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not the folder of a benchmark"):
        rows_of(order, tmp_path / "file")
    assert not rows_of(order, out, force=True)["marginals"].kept


def test_workers_do_not_change_what_is_found(tmp_path: Path) -> None:
    order = small_order(tmp_path, "trees", "auto", seeds=2)
    found = [
        run_order(order, tmp_path / f"out{workers}", engine=Local(workers=workers), run=Run())
        for workers in (1, 2)
    ]
    metrics = [[(r.method, r.seed, r.found["metrics"]) for r in rows] for rows in found]
    assert metrics[0] == metrics[1]
    assert {r.found["choice"] for r in found[0] if r.method == "auto"} == {"boosted"}


def test_the_front_door_gives_what_results_json_holds(tmp_path: Path) -> None:
    people = write_people(tmp_path / "people.csv")
    told = artesian.benchmark(
        ["marginals", artesian.Trees(rounds=0)],
        [people],
        out=tmp_path / "out",
        seeds=1,
        metrics=["ks"],
        target="pay",
        workers=1,
        run=Run.of(3),
    )
    assert told == json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [row["method"] for row in told["rows"]] == ["marginals", "trees(rounds=0)"]
    assert told["order"]["seeds"] == [3]
    assert told["cells"]["failed"] == 0


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
