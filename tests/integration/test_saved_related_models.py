"""Saved models of related tables through the public doors: fit, synth --keep-model, sample, load."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.data.shop import write_shop
from tests.synthesizers.relational.shops import items, shops

import artesian as ar
from artesian.cli.app import call
from artesian.core.errors import ModelFileError
from artesian.core.run import Run


def write_folder(folder: Path, dataset: ar.Dataset) -> Path:
    folder.mkdir(parents=True)
    for name, table in dataset.items():
        table.frame.write_csv(folder / f"{name}.csv")
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("saved") / "items", items())


@pytest.fixture(scope="module")
def model(source: Path) -> Path:
    out = source.parent / "model"
    assert call(["fit", str(source), "-o", str(out), "--set", "rounds=0", "-q"]) == 0
    return out


def read_folder(folder: Path) -> dict[str, pl.DataFrame]:
    return {file.stem: pl.read_csv(file) for file in sorted(folder.glob("*.csv"))}


def test_fit_and_sample_give_a_folder_of_tables(
    model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert call(["sample", str(model), "-o", str(out), "--scale", "2"]) == 0
    made = read_folder(out)
    assert set(made) == {"line", "order", "product"}
    assert made["order"].height == 600
    assert set(made["line"]["product_id"]) <= set(made["product"]["product_id"])
    assert f"{sum(map(len, made.values())):,} rows" in capfd.readouterr().out
    keys = {str(key) for key in ar.read_dataset(out).foreign_keys}
    assert keys == {"line(order_id) -> order(order_id)", "line(product_id) -> product(product_id)"}
    assert call(["sample", str(model), "-o", str(out)]) == 1
    assert "exists" in capfd.readouterr().err
    assert call(["sample", str(model), "-o", str(out), "--force", "-q"]) == 0
    assert read_folder(out)["order"].height == 300


@pytest.mark.parametrize("data", [items, shops], ids=["items", "shops"])
def test_a_loaded_model_gives_the_same_rows(data: object, tmp_path: Path) -> None:
    frames = {name: table.frame for name, table in data().items()}  # type: ignore[operator]
    fitted = ar.RelationalTrees(rounds=1).fit(frames)
    ar.save(fitted, tmp_path / "model")
    loaded = ar.load(tmp_path / "model")
    run = Run.from_seed(5)
    first, second = fitted.sample(1.5, run=run), loaded.sample(1.5, run=run)
    assert set(first) == set(frames)
    for name, frame in first.items():
        assert_frame_equal(frame, second[name])
    assert loaded.schema == fitted.schema
    assert loaded.facts() == fitted.facts()
    assert loaded.empty()["order" if "order" in first else "shop"].is_empty()


def test_synth_keeps_the_model_whose_sample_is_the_output(source: Path, tmp_path: Path) -> None:
    made = ar.synth_related(source, out=tmp_path / "out", keep_model=True, seed=4, rounds=0)
    assert made.manifest["model"] == "model"
    assert any("as sensitive as the rows" in note for note in made.notes)
    rows = sum(len(table) for table in items().values())
    factor = rows / sum(made.manifest["rows"]["train"].values())
    again = ar.load(tmp_path / "out" / "model").sample(factor, run=Run.from_seed(4))
    for name, frame in made.data.items():
        assert_frame_equal(frame, again[name])


def test_a_database_is_sampled_into_a_database(tmp_path: Path) -> None:
    source = write_shop(tmp_path / "shop.db")
    fitted = ["fit", str(source), "-o", str(tmp_path / "model"), "--set", "rounds=0", "-q"]
    assert call(fitted) == 0
    out = tmp_path / "new.duckdb"
    assert call(["sample", str(tmp_path / "model"), "-o", str(out), "-q"]) == 0
    again = ar.read_dataset(out)
    assert {str(key) for key in again.foreign_keys} == {
        str(key) for key in ar.read_dataset(source).foreign_keys
    }


def test_a_release_model_holds_no_table_of_the_source(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    fit = ["fit", str(source), "-o", str(out), "--release-model", "--set", "rounds=0", "--json"]
    assert call([*fit, "-q"]) == 0
    made = ar.load(out).sample()
    assert made["order"].height == 300
    assert abs(made["line"].height - items()["line"].frame.height) < 120
    assert set(made["line"]["order_id"]) <= set(made["order"]["order_id"])


def test_rows_as_json(model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["sample", str(model), "--scale", "0.1", "--json", "-q"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed["rows"]["order"] == 30 == len(printed["data"]["order"])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--rows", "10", "-o", "x"], "related tables have no single number of rows"),
        (["-o", "-"], "several tables cannot be written to standard output"),
        (["--scale", "0", "-o", "x"], "must be more than 0"),
    ],
)
def test_options_of_single_tables_are_refused(
    model: Path, capfd: pytest.CaptureFixture[str], options: list[str], problem: str
) -> None:
    assert call(["sample", str(model), *options]) == 2
    assert problem in capfd.readouterr().err


def test_a_model_of_related_tables_is_refused_where_one_table_is_needed(
    model: Path, source: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["score", str(source / "order.csv"), "--model", str(model), "--json"]) != 0
    assert "is a model of related tables (" in capfd.readouterr().err


def test_a_model_of_one_table_has_no_scale(
    source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = ["fit", str(source / "order.csv"), "-o", str(tmp_path / "m"), "-q"]
    assert call([*one, "--method", "marginals"]) == 0
    assert call(["sample", str(tmp_path / "m"), "--scale", "2", "-o", str(tmp_path / "x")]) == 2
    assert "a scale is for related tables" in capfd.readouterr().err
    assert call(["sample", str(tmp_path / "m"), "-o", str(tmp_path / "x")]) == 2
    assert "the number of rows is missing" in capfd.readouterr().err


def test_a_changed_file_is_refused(model: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    path = folder / "tables" / "0" / "table.json"
    path.write_text(path.read_text().replace("{", "{ ", 1))
    with pytest.raises(ModelFileError, match="was changed or cut short"):
        ar.load(folder)
    path.unlink()
    with pytest.raises(ModelFileError, match="lacks its file"):
        ar.load(folder)
