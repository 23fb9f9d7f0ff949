"""`artesian score` and `ar.score`: likelihoods of rows, and outliers among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.cli.people import ROWS, Cli, left_beside, write_people

import artesian as ar
from artesian.estimators import FittedModel
from artesian.synthesizers import CATALOG


def test_rows_get_a_likelihood_and_a_percentile(cli: Cli, saved: Path, tmp_path: Path) -> None:
    source = write_people(tmp_path / "people.csv")
    ended = cli("score", source, "--model", saved, "-o", tmp_path / "scored.csv")
    assert ended.code == 0, ended.err
    frame = pl.read_csv(tmp_path / "scored.csv")
    assert frame.columns[-2:] == ["log_likelihood", "outlier_percentile"]
    assert frame.height == ROWS
    lines = [line.rsplit(",", 2)[0] for line in (tmp_path / "scored.csv").read_text().splitlines()]
    assert lines == source.read_text().splitlines()
    # Rows of the training data are like rows of the model.
    assert 35 < frame["outlier_percentile"].median() < 65  # type: ignore[operator]
    assert frame["log_likelihood"].max() < 0  # type: ignore[operator]


def test_rows_that_break_a_dependence_are_outliers() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=2000)
    frame = pl.DataFrame({"x": x, "y": x + 0.1 * rng.normal(size=2000)})
    model = ar.Trees().fit(frame)
    usual = ar.score(frame, model)["outlier_percentile"]
    odd = ar.score(pl.DataFrame({"x": [1.5, -1.5], "y": [-1.5, 1.5]}), model)
    assert odd["outlier_percentile"].max() < 1
    assert 40 < usual.median() < 65  # type: ignore[operator]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda frame: frame.drop("pay"), "a column 'pay' that 'people' does not have"),
        (lambda frame: frame.with_columns(log_likelihood=0.5), "'log_likelihood' already"),
    ],
)
def test_rows_with_other_columns_are_refused(
    cli: Cli, saved: Path, tmp_path: Path, change: object, problem: str
) -> None:
    source = write_people(tmp_path / "people.csv")
    change(pl.read_csv(source)).write_csv(source)  # type: ignore[operator]
    ended = cli("score", source, "--model", saved, "-o", tmp_path / "out.csv")
    assert ended.code == 1
    assert problem in ended.err.splitlines()[0]
    assert left_beside(tmp_path / "out.csv") == []


def test_a_method_without_densities_names_those_that_have_them(
    cli: Cli, people: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    assert cli("fit", people, "-o", model, "--method", "bootstrap", "-q").code == 0
    ended = cli("score", people, "--model", model, "--json")
    error = ended.json["error"]
    assert ended.code == 1
    assert "'bootstrap' states no densities" in error["problem"]
    for name in ("trees", "gaussian_mixture", "gaussian_copula", "adversarial_forest"):
        assert name in error["hint"]
    assert "bootstrap" not in error["hint"]


@pytest.mark.parametrize("method", ["trees", "gaussian_copula", "adversarial_forest"])
def test_what_no_row_of_the_model_has_is_an_outlier(method: str) -> None:
    rng = np.random.default_rng(2)
    part, rest = rng.integers(1, 100, (2, 1000))
    kind = rng.choice(["a", "b", "c"], 1000)
    frame = pl.DataFrame({"part": part, "rest": rest, "total": part + rest, "kind": kind})
    model = FittedModel.from_model(CATALOG[method]().fit(ar.read(frame)), frame)
    usual = ar.score(frame, model)
    odd = pl.DataFrame(
        {"part": [50, 4000], "rest": [20, 30], "total": [90, 4030], "kind": ["a", "b"]}
    )  # a total that is not the sum, and a number beyond all others
    scored = ar.score(odd, model)
    assert scored["outlier_percentile"].max() < 1
    assert scored["log_likelihood"].max() < usual["log_likelihood"].quantile(0.01)
    assert 30 < usual["outlier_percentile"].median() < 75  # type: ignore[operator]
