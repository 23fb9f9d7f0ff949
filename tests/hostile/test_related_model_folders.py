"""A model of related tables that somebody edited: its digests fit, and nothing else is sure."""

import json
import shutil

import numpy as np
import polars as pl
import pytest
from tests.hostile.amounts import amount
from tests.hostile.isolation import outcomes
from tests.hostile.models import edits, reseal
from tests.hostile.related_models import sampled_tables, table_numbers

import artesian as ar
from artesian.core.errors import ArtesianError, DataError, ModelFileError


@pytest.fixture
def copy(fitted_tables, tmp_path):
    """A copy of the model, with one JSON file or archive changed."""

    def make(file="", change=None):
        folder = tmp_path / "model"
        shutil.copytree(fitted_tables, folder)
        path = folder / file
        if file.endswith(".json"):
            state = json.loads(path.read_text(encoding="utf-8"))
            change(state)
            path.write_text(json.dumps(state), encoding="utf-8")
        elif file:
            with np.load(path) as stored:
                arrays = {key: stored[key] for key in stored.files}
            change(arrays)
            np.savez_compressed(path, **arrays)
        reseal(folder)
        return folder

    return make


def place_of(folder, table):
    structure = json.loads((folder / "structure.json").read_text())
    return f"tables/{[one['name'] for one in structure['tables']].index(table)}"


def test_the_model_has_every_form(fitted_tables):
    model = ar.load(fitted_tables).model
    plans = {one.name: one for one in model.plan}
    assert plans["country"].kept
    assert plans["customer"].deferred
    assert plans["line"].references
    assert model.models["order"].clock is not None
    assert model.models["order"].drifts
    assert model.models["line"].clock is not None
    made = ar.load(fitted_tables).sample()
    assert set(made["customer"]["code"]) <= set(made["country"]["code"])


@pytest.mark.parametrize("name", ["../out", "tables/../../x", "/etc/passwd", "tables//0"])
def test_a_file_outside_the_folder_is_not_read(copy, name):
    def change(state):
        state["files"][name] = "0" * 64

    with pytest.raises(ModelFileError, match="lacks its file"):
        ar.load(copy("model.json", change))


def test_a_suffix_names_no_folder(copy, tmp_path):
    def change(state):
        for one in state["tables"]:
            one["origin"]["options"] = {"suffix": "/../../planted.csv"}
            one["origin"]["format"] = "csv"

    from artesian.cli.app import call

    out = tmp_path / "deep" / "out"
    out.parent.mkdir()
    assert call(["sample", str(copy("structure.json", change)), "-o", str(out), "-q"]) == 0
    assert not list(tmp_path.glob("planted*"))
    assert all("planted" in file.name for file in out.glob("*.csv"))


CHANGES = {
    "a predictor that is none": ("chain.0/predictors", lambda a: a + 10_000),
    "an order that repeats a column": ("chain.order", lambda a: a * 0),
    "too many given columns": ("chain.given", lambda a: a + 1),
    "other codes of columns": ("own.levels", lambda a: a + 1),
    "scores of other codes": ("item.0", lambda a: a[:-1]),
    "constant columns that are none": ("constant", lambda a: np.array([10**9])),
    "increments of other columns": ("increments.given", lambda a: a * 0),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_table_with_wrong_indices_is_refused(copy, fitted_tables, what):
    name, change = CHANGES[what]

    def edit(arrays):
        key = name if name in arrays else next(k for k in arrays if k.endswith(name[-10:]))
        arrays[key] = change(arrays[key])

    folder = copy(f"{place_of(fitted_tables, 'order')}/arrays.npz", edit)
    with pytest.raises(ModelFileError, match="do not fit together"):
        ar.load(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["tables"].reverse(),
        lambda s: s["tables"].pop(),
        lambda s: s["tables"][-1].update(owner=99),
        lambda s: s["tables"][-1].update(owner=None),
        lambda s: s["tables"][0].update(name="other"),
        lambda s: s["hierarchies"].clear(),
        lambda s: s["hierarchies"]["1"].update(fractions=[0.5, 0.5] * 1000),
        lambda s: s["names"].append("x"),
    ],
)
def test_a_structure_that_does_not_fit_is_refused(copy, change):
    with pytest.raises(ModelFileError):
        ar.load(copy("structure.json", change))


def test_a_billion_rows_take_no_memory(copy, fitted_tables, monkeypatch):
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "1GB")
    file = f"{place_of(fitted_tables, 'good')}/table.json"
    model = ar.load(copy(file, lambda s: s.update(rows=10**9)))
    with pytest.raises(DataError, match=r"a sample of the table 'good' takes .* of memory"):
        model.sample()


def test_kept_rows_of_other_columns_are_refused(copy, fitted_tables):
    folder = copy()
    path = folder / place_of(fitted_tables, "country") / "rows.parquet"
    pl.read_parquet(path).rename({"country": "x"}).write_parquet(path)
    reseal(folder)
    with pytest.raises(ModelFileError, match="other columns"):
        ar.load(folder)


def _check(results):
    wrong = [
        f"{edit}: {result}"
        for edit, result in results
        if result in ("crash", "hang") or result.startswith("fault")
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_edited_tables_end_with_an_error_or_with_rows(fitted_tables):
    _check(outcomes(sampled_tables, edits([fitted_tables], 15, seed=3)))


@pytest.mark.slow
def test_many_edited_tables_end_with_an_error_or_with_rows(fitted_tables):
    _check(outcomes(sampled_tables, edits([fitted_tables], amount(600, 3_000), seed=7)))


@pytest.mark.slow
def test_numbers_of_tables_of_any_size_end_with_an_error_or_with_rows(fitted_tables):
    _check(outcomes(sampled_tables, table_numbers(fitted_tables)))


def test_an_unedited_model_of_tables_samples(fitted_tables):
    try:
        assert ar.load(fitted_tables).sample(0.5)["order"].height > 10
    except ArtesianError as problem:
        pytest.fail(str(problem))
