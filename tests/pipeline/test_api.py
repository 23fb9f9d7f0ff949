"""The Python front door: the type that comes in goes out, and nothing passed in is changed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import UsageError
from artesian.metrics import resolve_metrics

ROWS = 300


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    rng = np.random.default_rng(1)
    age = rng.integers(18, 70, ROWS)
    return pl.DataFrame(
        {
            "age": age,
            "score": np.round(rng.normal(age / 10, 1), 2),
            "town": pl.Series(rng.choice(["Ulm", "Bonn", "<b>"], ROWS)),
            "born": [date(2024, 1, 1) - timedelta(days=365 * int(a)) for a in age],
            "pay": pl.Series(np.where(age + rng.normal(0, 9, ROWS) > 45, ">50K", "<=50K")),
        }
    )


@pytest.fixture(scope="module")
def made(frame: pl.DataFrame) -> ar.Synthesis:
    return ar.synth(frame, method="marginals", seed=4, target="pay")


def as_type(frame: pl.DataFrame, kind: str) -> Any:
    if kind == "polars":
        return frame
    if kind == "lazy":
        return frame.lazy()
    if kind == "pandas":
        pytest.importorskip("pandas", reason="pandas is not part of the base install")
        return frame.to_pandas()
    if kind == "arrow":
        return frame.to_arrow()
    duckdb = pytest.importorskip("duckdb")
    return duckdb.from_arrow(frame.to_arrow())


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "arrow", "duckdb"])
def test_the_type_that_comes_in_goes_out(frame: pl.DataFrame, kind: str) -> None:
    given = as_type(frame, kind)
    found = ar.synth(given, 20, method="marginals", holdout=0).data
    assert type(found) is type(given)
    plain = found.collect() if kind == "lazy" else found
    columns = plain.column_names if kind == "arrow" else list(plain.columns)
    assert columns == frame.columns
    assert len(plain) == 20


def test_what_is_passed_in_is_not_changed(frame: pl.DataFrame) -> None:
    pytest.importorskip("pandas", reason="pandas is not part of the base install")
    given = frame.to_pandas().set_index(np.arange(ROWS) * 3)
    before = given.copy(deep=True)
    ar.synth(given, 5, method="marginals", holdout=0)
    assert given.equals(before)
    assert given.index.equals(before.index)


def test_a_synthesis_holds_everything(made: ar.Synthesis, frame: pl.DataFrame) -> None:
    assert made.data.columns == frame.columns
    assert len(made.data) == ROWS
    assert made.holdout is not None
    assert len(made.holdout) == ROWS // 5
    assert {result.metric for result in made.scorecard.results} == set(resolve_metrics("quick"))
    assert made.manifest["seed"] == 4
    assert made.manifest["target"] == "pay"


def test_the_report_is_html_or_a_path(
    made: ar.Synthesis, frame: pl.DataFrame, tmp_path: Path
) -> None:
    assert isinstance(made.report, str)
    assert made.report.lstrip().lower().startswith("<!doctype html>")
    again = ar.synth(frame, method="marginals", seed=4, target="pay", out=tmp_path / "out")
    assert again.report == tmp_path / "out" / "report.html"
    assert again.data.equals(made.data)


def test_the_model_is_saved_only_on_request(frame: pl.DataFrame, tmp_path: Path) -> None:
    options: dict[str, Any] = {"method": "marginals", "metrics": ["tv"]}
    ar.synth(frame, out=tmp_path / "out", **options)
    assert not (tmp_path / "out" / "model").exists()
    made = ar.synth(frame, out=tmp_path / "saved", keep_model=True, **options)
    again = ar.load(tmp_path / "saved" / "model")
    assert again.sample(30).equals(made.model.sample(30))
    with pytest.raises(UsageError, match="no output folder"):
        ar.synth(frame, keep_model=True, **options)


def test_the_notebook_view_is_small_and_escaped(made: ar.Synthesis) -> None:
    shown = made._repr_html_()
    assert made.scorecard.verdict.split("(")[0].strip() in shown
    assert "<b>'" not in shown
    assert "<script" not in shown
    assert len(shown) < 10_000


def test_the_seed_decides(made: ar.Synthesis, frame: pl.DataFrame) -> None:
    other = ar.synth(frame, 30, method="marginals", seed=5, holdout=0)
    assert not other.data.equals(made.data.head(30))


def test_conditions_hold_from_the_call_and_from_a_saved_model(
    made: ar.Synthesis, frame: pl.DataFrame, tmp_path: Path
) -> None:
    where = {"age": ar.Range(30, 40), "town": ["Ulm", "Bonn"], "born": ar.Range("1970-01-01", None)}
    asked = ar.synth(frame, 40, method="marginals", where=where).data
    assert asked["age"].is_between(30, 40).all()
    assert asked["town"].is_in(["Ulm", "Bonn"]).all()
    assert (asked["born"] >= date(1970, 1, 1)).all()
    ar.save(made.model, tmp_path / "model")
    kept = ar.load(tmp_path / "model").sample(40, where={"age": ar.Range(30, 40)})
    assert kept["age"].is_between(30, 40).all()


def test_compare_judges_tables_of_any_type(made: ar.Synthesis, frame: pl.DataFrame) -> None:
    card = ar.compare(frame.to_arrow(), made.data, target="pay")
    assert card.verdict
    assert card["ks"].value is not None
    assert card["c2st"].skipped
    card = ar.compare(frame, made.data.rename({"age": "aeg"}), metrics=["ks"])
    named = {finding.code: finding.message for finding in card.findings}
    assert "'age'" in named["missing_columns"]
    assert "'aeg'" in named["surplus_columns"]


def test_a_synthesizer_with_its_settings_is_a_method(frame: pl.DataFrame) -> None:
    found = ar.synth(frame, 10, method=ar.Marginals(protect=False), holdout=0)
    assert found.manifest["method"]["settings"] == {"protect": False, "privacy": "default"}
    with pytest.raises(ar.ArtesianError, match="temperatur"):
        ar.synth(frame, 10, method="marginals", temperatur=2)


@pytest.mark.parametrize("kind", ["polars", "pandas", "arrow"])
def test_a_method_takes_and_gives_any_type(frame: pl.DataFrame, tmp_path: Path, kind: str) -> None:
    given = as_type(frame, kind)
    model = ar.Marginals().fit(given)
    drawn = model.sample(50, where={"pay": ">50K"})
    assert type(drawn) is type(given)
    assert set(drawn["pay"].to_list() if kind != "arrow" else drawn["pay"].to_pylist()) == {">50K"}
    assert sum(len(piece) for piece in model.batches(70_000)) == 70_000
    ar.save(model, tmp_path / "model")
    kept = ar.load(tmp_path / "model").sample(50, where={"pay": ">50K"})
    assert kept["age"].to_list() == list(ar.Marginals().fit(frame).sample(50, ["pay=>50K"])["age"])


def test_trees_follow_the_condition(frame: pl.DataFrame) -> None:
    model = ar.Trees(min_leaf=10).fit(frame)
    rich, poor = (model.sample(2000, where={"pay": pay})["age"] for pay in (">50K", "<=50K"))
    real = dict(frame.group_by("pay").agg(pl.col("age").mean()).iter_rows())
    assert abs(rich.mean() - real[">50K"]) < 3
    assert abs(poor.mean() - real["<=50K"]) < 3


def test_a_stopped_run_leaves_nothing(frame: pl.DataFrame, tmp_path: Path) -> None:
    run = ar.Run()
    run.on_progress = lambda progress: run.cancel() if progress.task == "sample" else None
    with pytest.raises(ar.ArtesianError, match="stopped"):
        ar.synth(frame, method="marginals", out=tmp_path / "out", run=run)
    assert list(tmp_path.iterdir()) == []
