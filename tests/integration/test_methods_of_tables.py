"""Methods of single tables that serve one of the related tables, through the public doors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.synthesizers.relational.shops import items, shops

import artesian as ar
from artesian.cli.app import call
from artesian.core.run import Run
from artesian.data.dataset import Dataset
from artesian.data.schema import ForeignKey


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


@pytest.mark.parametrize("method", ["trees", "gaussian_copula", "adversarial_forest"])
def test_a_method_serves_children(method: str, tmp_path: Path) -> None:
    source = shops()
    fitted = ar.RelationalTrees(rounds=0).fit(source, methods={"takings": method, "shop": method})
    made = fitted.sample(2.0)
    takings = made["takings"]
    assert takings.height == 2 * source["takings"].frame.height
    assert takings["takings_id"].is_unique().all()
    assert set(takings["shop_id"]) <= set(made["shop"]["shop_id"])
    assert takings["shop_id"].null_count() == 0
    # The level of a shop is that of its size, and shops have from 5 to 24 days.
    level = takings.join(made["shop"], on="shop_id").group_by("size").agg(pl.col("amount").mean())
    means = dict(level.iter_rows())
    assert means["large"] > 2 * means["small"]
    days = takings.group_by("shop_id").len()["len"]
    assert 12 < float(days.mean() or 0) < 17  # type: ignore[arg-type]
    assert int(days.max() or 0) < 40  # type: ignore[call-overload]
    ar.save(fitted, tmp_path / "model")
    again = ar.load(tmp_path / "model").sample(2.0, run=Run.from_seed(2))
    assert_frame_equal(fitted.sample(2.0, run=Run.from_seed(2))["takings"], again["takings"])
    fridays = fitted.sample(where=["takings.weekday=Fri", "shop.size=large"])
    assert set(fridays["takings"]["weekday"]) == {"Fri"}
    assert set(fridays["shop"]["size"]) == {"large"}


def test_rows_that_refer_to_none_and_to_two_tables_are_served() -> None:
    source = shops()
    made = ar.RelationalTrees(rounds=0).fit(source, methods={"note": "trees"}).sample(4.0)
    real, note = source["note"].frame, made["note"]
    assert note["shop_id"].null_count() / len(note) == pytest.approx(
        real["shop_id"].null_count() / len(real), abs=0.05
    )
    assert set(note["employee_id"]) <= set(made["employee"]["employee_id"])
    seen = note.drop_nulls("shop_id").join(made["shop"], on="shop_id")
    audits = seen.filter(pl.col("size") == "large")["kind"] == "audit"
    assert float(audits.mean() or 0) > 0.8  # type: ignore[arg-type]


def test_values_of_one_parent_alone_are_not_shown_to_a_method_of_children() -> None:
    source = shops()
    takings = source["takings"].frame.with_columns(
        till=pl.when(pl.col("shop_id") == 12).then(pl.lit("Platinum-9")).otherwise(pl.lit("plain")),
        owed=pl.when(pl.col("shop_id") == 12).then(987_654).otherwise(pl.col("takings_id") % 50),
    )
    assert (takings["till"] == "Platinum-9").sum() >= 5
    data = ar.read_dataset({"shop": source["shop"].frame, "takings": takings})
    for method in ("trees", "marginals"):
        made = ar.RelationalTrees(rounds=0).fit(data, methods={"takings": method}).sample(3.0)
        assert "Platinum-9" not in set(made["takings"]["till"])
        assert int(made["takings"]["owed"].max()) < 900_000  # type: ignore[arg-type]


@pytest.mark.parametrize("methods", [{}, {"line": "trees"}])
def test_lines_are_numbered_within_their_order(methods: dict[str, str], tmp_path: Path) -> None:
    lines = items()["line"].frame.with_columns(
        line_no=pl.int_range(1, pl.len() + 1).over("order_id")
    )
    notes = lines.sample(200, seed=1).select("order_id", "line_no").with_columns(stars=pl.lit(4))
    data = ar.read_dataset({"order": items()["order"].frame, "line": lines, "note": notes})
    schema = replace(data["line"].schema, key=("order_id", "line_no"))
    keys = (
        ForeignKey("line", ("order_id",), "order", ("order_id",)),
        ForeignKey("note", ("order_id", "line_no"), "line", ("order_id", "line_no")),
    )
    tables = {**data.tables, "line": replace(data["line"], schema=schema)}
    fitted = ar.RelationalTrees(rounds=0).fit(Dataset(tables, keys, data.origin), methods=methods)
    ar.save(fitted, tmp_path / "model")
    made = ar.load(tmp_path / "model").sample()
    groups = made["line"].group_by("order_id").agg(pl.col("line_no").sort())
    assert all(numbers == [*range(1, len(numbers) + 1)] for _, numbers in groups.iter_rows())
    pairs = set(made["line"].select("order_id", "line_no").iter_rows())
    assert len(pairs) == made["line"].height
    assert set(made["note"].select("order_id", "line_no").iter_rows()) <= pairs


@pytest.mark.parametrize(
    ("method", "problem", "hint"),
    [
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
