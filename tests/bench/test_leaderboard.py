"""The leaderboard: means, intervals, ranks by family, exposure; as JSON, CSV, Markdown, a page."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from statistics import stdev
from typing import Any

import pytest
from scipy.stats import t

from artesian.bench.leaderboard import build_leaderboard
from artesian.bench.methods import Method
from artesian.bench.plan import BenchmarkPlan, Source
from artesian.bench.reasons import MAX_REASONS, missing_values
from artesian.bench.runner import TrialResult
from artesian.pipeline.bench import CSV, HTML, JSON, MARKDOWN, write_leaderboard

METRICS = ("ks", "pairs", "c2st_holdout", "tstr", "dcr_share", "membership_average")
HOSTILE = "</script><img src=x onerror=alert(1)>|`{{ 7*7 }}`"
# What each metric is for a method that copies, one that models, and one that knows no dependence.
TRUTH = {
    "copy": (0.01, 0.01, 0.52, 0.90, 0.70, 0.90),
    "model": (0.02, 0.03, 0.55, 0.88, 0.51, 0.51),
    HOSTILE: (0.03, 0.20, 0.95, 0.50, 0.50, 0.50),
}


def make_example_plan(methods: tuple[str, ...], sources: int = 4, seeds: int = 3) -> BenchmarkPlan:
    made = [
        Source(label=f"s{i}", path=f"/s{i}.csv", target=None, sha256="0" * 64, rows=9, columns=2)
        for i in range(sources)
    ]
    return BenchmarkPlan(
        methods=tuple(Method(label=name, command=("make",)) for name in methods),
        sources=tuple(made),
        seeds=tuple(range(seeds)),
        metrics=METRICS,
    )


def answer(values: tuple[float, ...], shift: float) -> dict[str, Any]:
    metrics = {
        name: {
            "value": value + shift,
            "interval": [value - 0.02, value + 0.02],
            "reference": 0.5,
            "skipped": "",
        }
        for name, value in zip(METRICS, values, strict=True)
    }
    rows = {"train": 8, "holdout": 2, "synthetic": 8}
    seconds = {"fit": 1.0, "evaluate": 2.0}
    return {
        "status": "done",
        "metrics": metrics,
        "seconds": seconds,
        "memory_mb": None,
        "threads": 1,
        "choice": "",
        "rows": rows,
    }


def trials_of(plan: BenchmarkPlan) -> tuple[TrialResult, ...]:
    return tuple(
        TrialResult(
            method=method.label,
            source=source.label,
            seed=seed,
            record=answer(TRUTH[method.label], 0.001 * seed * (1 + (method.label == "copy"))),
        )
        if method.label in TRUTH
        else TrialResult(
            method=method.label, source=source.label, seed=seed, error="Killed", reason="gone"
        )
        for source in plan.sources
        for method in plan.methods
        for seed in plan.seeds
    )


PLAN = make_example_plan((*TRUTH, "broken"))
TRIALS = trials_of(PLAN)


def test_means_have_the_interval_of_the_seeds() -> None:
    found = {one.method: one for one in build_leaderboard(PLAN, TRIALS).standings}
    mean = found["model"].means["ks"]
    assert mean.value == pytest.approx(0.021)
    # Four sources, each with the seeds' 0, 1 and 2 thousandths: pooled, 8 degrees of freedom.
    half = t.ppf(0.975, 8) * stdev([0, 0.001, 0.002]) / (12**0.5)
    assert mean.interval == pytest.approx((0.021 - half, 0.021 + half))
    assert found["copy"].means["ks"].best
    assert not mean.best
    assert found["broken"].means == {}
    assert found["broken"].failed == 12
    assert found["broken"].rank is None


def test_one_seed_has_the_intervals_of_the_metrics() -> None:
    plan = make_example_plan(("model",), sources=4, seeds=1)
    (one,) = build_leaderboard(plan, trials_of(plan)).standings
    assert one.means["ks"].interval == pytest.approx((0.02 - 0.01, 0.02 + 0.01))


def test_families_weigh_alike_and_copying_is_named() -> None:
    found = build_leaderboard(PLAN, TRIALS)
    by_method = {one.method: one for one in found.standings}
    # Likeness 1, usefulness 1, privacy 3 of three; the broken one is always last.
    assert by_method["copy"].rank == pytest.approx(5 / 3)
    assert by_method["model"].rank == pytest.approx((2 + 2 + 2) / 3)
    assert [one.method for one in found.standings][-1] == "broken"
    assert by_method["copy"].exposing
    assert by_method["copy"].exposed == 12
    assert not by_method["model"].exposed


def test_a_mean_over_fewer_trials_is_not_the_best() -> None:
    rows = tuple(
        replace(row, error="Killed", reason="gone", record={})
        if row.method == "copy" and row.source == "s0"
        else row
        for row in TRIALS
    )
    found = {one.method: one for one in build_leaderboard(PLAN, rows).standings}
    assert not found["copy"].means["ks"].best
    assert found["model"].means["ks"].best
    (ks,) = (one for one in build_leaderboard(PLAN, rows).rankings if one.metric == "ks")
    # On the first source the copy and the broken one share the last two ranks.
    assert ks.ranks[ks.methods.index("copy")] == pytest.approx((3 * 1 + 3.5) / 4)


def test_a_metric_that_nobody_has_is_not_ranked() -> None:
    def without(row: TrialResult) -> TrialResult:
        if not row.done:
            return row
        skipped = {"value": None, "interval": None, "reference": None, "skipped": "no target"}
        return replace(
            row, record=row.record | {"metrics": row.record["metrics"] | {"tstr": skipped}}
        )

    rows = tuple(map(without, TRIALS))
    found = build_leaderboard(PLAN, rows)
    assert "tstr" not in {one.metric for one in found.rankings}
    assert all("tstr" not in one.means for one in found.standings)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("board")
    for _ in range(2):  # the second replaces the first
        write_leaderboard(out, PLAN, TRIALS)
    return out


def test_json_holds_it_all(written: Path) -> None:
    results = json.loads((written / JSON).read_text(encoding="utf-8"))
    assert results["trials"] == {"all": 48, "done": 36, "failed": 12, "reused": 0}
    assert len(results["rows"]) == 48
    assert {one["method"]: one["pareto_optimal"] for one in results["leaderboard"]} == {
        "copy": True,
        "model": True,
        HOSTILE: True,
        "broken": False,
    }
    row = results["rows"][0]
    assert row["metrics"]["ks"] == {
        "value": 0.01,
        "interval": [-0.01, 0.03],
        "reference": 0.5,
        "skipped": "",
    }
    assert {one["metric"] for one in results["rankings"]} == set(METRICS)


def test_csv_has_a_line_for_each_trial(written: Path) -> None:
    lines = list(csv.DictReader(io.StringIO((written / CSV).read_text(encoding="utf-8"))))
    assert len(lines) == 48
    assert lines[0]["ks"] == "0.01"
    assert lines[-1]["status"] == "failed"
    assert lines[-1]["reason"] == "gone"
    assert lines[-1]["ks"] == ""


def test_markdown_is_one_table(written: Path) -> None:
    text = (written / MARKDOWN).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    unescaped = [len(re.findall(r"(?<!\\)\|", line)) for line in lines]
    assert len(lines) == 2 + 4 + 1
    assert len(set(unescaped)) == 1
    assert "**0.011** (" in text or "**0.012** (" in text
    assert "but exposes training rows in 12 of 12 trials" in text
    assert "<img" not in text


def test_the_page_is_whole_and_nothing_in_it_is_code(written: Path) -> None:
    page = (written / HTML).read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "7*7" in page  # as it is written, not evaluated
    assert "default-src &#39;none&#39;" in page
    for said in ("copy", "model", "broken", "gone", "exposes rows: 12 of 12", "real holdout rows"):
        assert said in page
    assert page.count('class="plot"') == len(METRICS) + 3


@pytest.mark.parametrize("methods", [("model",), ("broken",), ("model", "broken")])
def test_small_and_failed_benchmarks_have_a_page_too(
    tmp_path: Path, methods: tuple[str, ...]
) -> None:
    plan = make_example_plan(methods, sources=1, seeds=1)
    results = write_leaderboard(tmp_path, plan, trials_of(plan))
    page = (tmp_path / HTML).read_text(encoding="utf-8")
    assert results["trials"]["all"] == len(methods)
    assert ("All trials failed" in page) == (methods == ("broken",))


def test_an_empty_entry_has_its_reason_in_every_output(tmp_path: Path) -> None:
    plan = make_example_plan(("copy", "model"), sources=2, seeds=2)
    trials = []
    for trial in trials_of(plan):
        record = json.loads(json.dumps(trial.record))
        if trial.source == "s0":
            record["metrics"]["tstr"] |= {"value": None, "skipped": "no column can be predicted"}
        if trial.method == "copy":
            record["metrics"]["pairs"] |= {"value": None, "skipped": ""}
        trials.append(replace(trial, record=record))
    trials[-1] = replace(trials[-1], record={}, error="Killed", reason="it used too much memory")
    sentences = missing_values(plan, trials)
    assert "tstr has no value for any method on s0: no column can be predicted" in sentences
    assert "pairs has no value for copy on s1: it gave no number" in sentences
    assert sentences[0] == "model failed on s1: it used too much memory"
    write_leaderboard(tmp_path, plan, tuple(trials))
    assert json.loads((tmp_path / JSON).read_text())["missing"] == sentences
    markdown = (tmp_path / MARKDOWN).read_text()
    for sentence in sentences:
        assert sentence.replace("_", "\\_") in markdown or sentence in markdown


def test_many_reasons_are_counted() -> None:
    plan = make_example_plan(("copy",), sources=40, seeds=1)
    trials = [replace(one, record={}, error="Killed", reason="gone") for one in trials_of(plan)]
    sentences = missing_values(plan, trials)
    assert len(sentences) == MAX_REASONS + 1
    assert sentences[-1] == f"{40 - MAX_REASONS} further reasons are in results.json"
