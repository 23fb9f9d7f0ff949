"""Methods of single tables that serve one of the related tables, through the public doors."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.synthesizers.relational.shops import items, shops

import artesian as ar
from artesian.cli.app import call
from artesian.core.run import Run


@pytest.mark.parametrize("method", ["gaussian_copula", "marginals", "adversarial_forest"])
def test_a_method_serves_a_table_and_its_children_follow(method: str, tmp_path: Path) -> None:
    fitted = ar.RelationalTrees(rounds=0).fit(shops(), methods={"shop": method})
    made = fitted.sample(2.0)
    assert made["shop"].height == 240
    assert made["shop"]["shop_id"].is_unique().all()
    assert set(made["takings"]["shop_id"]) <= set(made["shop"]["shop_id"])
    assert abs(made["takings"].height / (2 * shops()["takings"].frame.height) - 1) < 0.15
    if method != "marginals":  # which knows no dependence between size and level
        level = made["takings"].join(made["shop"], on="shop_id").group_by("size")
        means = dict(level.agg(pl.col("amount").mean()).iter_rows())
        assert means["large"] > 2 * means["small"]
    assert fitted.facts()["methods"] == {"shop": method}
    ar.save(fitted, tmp_path / "model")
    run = Run.from_seed(2)
    again = ar.load(tmp_path / "model").sample(2.0, run=run)
    for name, frame in fitted.sample(2.0, run=run).items():
        assert_frame_equal(frame, again[name])
    large = fitted.sample(where=["shop.size=large"])
    assert set(large["shop"]["size"]) == {"large"}


def test_the_command_line_names_methods_with_settings(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "items"
    source.mkdir()
    for name, table in items().items():
        table.frame.write_csv(source / f"{name}.csv")
    methods = "order=trees(min_leaf=50, rounds=0),product=marginals"
    fit = ["fit", str(source), "-o", str(tmp_path / "model"), "--set", "rounds=0"]
    assert call([*fit, "--method", methods, "--json"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed["choices"]["methods"] == {"order": "trees", "product": "marginals"}
    assert any("'order' are drawn by trees, as requested" in note for note in printed["notes"])
    loaded = ar.load(tmp_path / "model")
    assert loaded.model.methods()["order"].min_leaf == 50
    assert loaded.sample()["order"].height == 300
    release = [*fit, "--method", methods, "--release-model", "--force", "-q"]
    assert call(release) == 0
    assert ar.load(tmp_path / "model").facts()["methods"].keys() == {"order", "product"}


@pytest.mark.parametrize(
    ("method", "problem", "hint"),
    [
        ("line=trees", "its rows depend on line(order_id) -> order(order_id)", "order, product"),
        ("lines=trees", "there is no table 'lines'", "line"),
        ("order=tree", "there is no method 'tree'", "trees"),
        ("order=trees(min_leav=3)", "min_leav", "min_leaf"),
        ("order=auto", "the method of the table 'order' is 'auto'", "leave the table out"),
        ("gaussian_copula", "related tables as a whole", "customer=gaussian_copula"),
    ],
)
def test_a_method_that_cannot_serve_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], method: str, problem: str, hint: str
) -> None:
    source = tmp_path / "items"
    source.mkdir()
    for name, table in items().items():
        table.frame.write_csv(source / f"{name}.csv")
    assert call(["fit", str(source), "-o", str(tmp_path / "m"), "--method", method]) in (1, 2)
    printed = capfd.readouterr().err.splitlines()
    assert problem in printed[-2]
    assert hint in printed[-1]
    assert not (tmp_path / "m").exists()


def test_methods_of_tables_need_tables(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    items()["order"].frame.write_csv(tmp_path / "order.csv")
    fit = ["fit", str(tmp_path / "order.csv"), "-o", str(tmp_path / "m"), "--method", "order=trees"]
    assert call(fit) == 2
    assert "this source is one table" in capfd.readouterr().err
