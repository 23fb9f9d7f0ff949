"""`artesian synth` of related tables through the public doors: folders, databases, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.data.shop import write_shop
from tests.synthesizers.relational.shops import items

import artesian as ar
from artesian.cli.app import call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("related") / "items"
    path.mkdir()
    for name, table in items().items():
        table.frame.write_csv(path / f"{name}.csv")
    return path


def test_a_folder_gives_a_folder_with_report_and_scorecard(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert call(["synth", str(folder), "-o", str(out), "--set", "rounds=2"]) == 0
    assert "order" in capfd.readouterr().out
    assert {file.name for file in out.iterdir()} == {
        *("data", "dataset.toml", "manifest.json", "report.html", "scorecard.json"),
    }
    made = {file.stem: pl.read_csv(file) for file in (out / "data").iterdir()}
    assert set(made) == {"line", "order", "product"}
    for name, key in (("order", "order_id"), ("product", "product_id")):
        assert set(made["line"][key]) <= set(made[name][key])
        assert made[name][key].n_unique() == made[name].height
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["rows"]["synthetic"]["line"] == made["line"].height
    assert json.loads((out / "scorecard.json").read_text())["kind"] == "dataset"
    assert call(["compare", str(folder), str(out / "data"), "--json", "-q"]) == 0


def test_a_database_gives_a_database(tmp_path: Path) -> None:
    source = write_shop(tmp_path / "shop.db")
    made = ar.synth_related(source, scale=2.0, out=tmp_path / "out", rounds=0)
    assert set(made.data) == {"staff", "customer", "invoice", "line"}
    assert made.data["invoice"].select("year", "no").n_unique() == made.data["invoice"].height
    (file,) = (tmp_path / "out" / "data").iterdir()
    again = ar.read_dataset(file)
    assert {str(key) for key in again.foreign_keys} == {
        str(key) for key in ar.read_dataset(source).foreign_keys
    }


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--where", "channel=web"], "the condition 'channel=web' names no table"),
        (
            ["--where", "order.channel=fax"],
            "table 'order': channel: the model gives no value 'fax'",
        ),
        (["--where", "ordre.channel=web"], "names a table 'ordre' that does not exist"),
        (["--where", "order.chanel=web"], "table 'order': there is no column 'chanel'"),
        (["--where", "line.order_id=1000"], "'order_id' refers to another table"),
        (["--where", "order.order_id=1000"], "'order_id' has generated values"),
        (["--rows", "10"], "related tables do not have rows yet"),
        (["--method", "gaussian_copula"], "cannot be fitted with the method 'gaussian_copula'"),
        (["--split", "ordre"], "cannot split related tables by 'ordre'"),
        (["--set", "min_leav=3"], "min_leav"),
        (["--scale", "0"], "must be more than 0"),
    ],
)
def test_what_related_tables_do_not_have_is_refused(
    folder: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    options: list[str],
    problem: str,
) -> None:
    assert call(["synth", str(folder), "-o", str(tmp_path / "out"), *options]) in (1, 2)
    assert problem in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_table_is_refused_where_several_are_needed(folder: Path) -> None:
    with pytest.raises(ar.ArtesianError, match="is one table"):
        ar.synth_related(folder / "order.csv")
    assert call(["synth", str(folder / "order.csv"), "--scale", "2", "--json", "-q"]) == 2
