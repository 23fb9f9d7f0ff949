"""A model folder that somebody edited: its digests fit, and nothing else is sure."""

import json
import shutil
import sqlite3
import zipfile

import duckdb
import numpy as np
import pytest
from tests.hostile.amounts import amount
from tests.hostile.isolation import outcomes
from tests.hostile.model_calls import sampled
from tests.hostile.models import edits, number_edits, reseal

import artesian as ar
from artesian.core.errors import ArtesianError, DataError, ModelFileError
from artesian.core.run import Run
from artesian.pipeline.sample import SampleConfig, sample


@pytest.fixture
def copy(fitted, tmp_path):
    """A copy of a model, and a function that changes one array or one JSON file of it."""

    def make(name, file="", change=None):
        folder = tmp_path / name
        shutil.copytree(fitted[name], folder)
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


@pytest.mark.parametrize("suffix", [".duckdb", ".sqlite"])
def test_a_declared_type_runs_no_sql(copy, tmp_path, suffix):
    planted = tmp_path / "planted.csv"
    sql = f"VARCHAR); COPY (SELECT 42) TO '{planted}'; CREATE TEMP TABLE z(a INT"

    def change(state):
        state["origin"]["format"] = suffix[1:]
        declared = state["origin"]["options"]["declared"]
        declared |= {"town": sql, "net": "INT REFERENCES x", "paid": "BOOLEAN COLLATE y"}

    folder = copy("marginals", "codec.json", change)
    out = tmp_path / f"out{suffix}"
    sample(SampleConfig(model=folder, rows=20, out=str(out)), Run())
    assert not planted.exists()
    with duckdb.connect(str(out)) if suffix == ".duckdb" else sqlite3.connect(out) as base:
        assert base.execute("SELECT count(*) FROM events").fetchone() == (20,)
    base.close()


def test_a_file_without_digest_is_refused(copy):
    folder = copy("marginals", "model.json", lambda state: state.update(files={}))
    with pytest.raises(ModelFileError, match="does not list"):
        ar.load(folder)


def _first_tree(arrays):
    return next(n.partition("/")[0] for n in arrays if n.endswith("/left") and arrays[n].size > 3)


CHANGES = {
    "a child that is its own parent": ("left", lambda a: a * 0),
    "a child beyond the last node": ("left", lambda a: a + 10**6),
    "a feature that is none": ("feature", lambda a: np.where(a >= 0, 30_000, a).astype(a.dtype)),
    "a column that is none": ("predictors", lambda a: a + 10**9),
    "a negative column": ("predictors", lambda a: a - 10**9),
    "a leaf without distribution": ("row_of", lambda a: a + 10**6),
    "bits of other nodes": ("bits", lambda a: a[:1]),
    "a text": ("cdf", lambda a: a.astype(str)),
    "probabilities that fall": ("cdf", lambda a: a[:, ::-1]),
}
SCORES = {
    "a split on a feature that is none": ("view", lambda a: a + 900),
    "a score's child beyond the last node": ("left", lambda a: a + 900),
    "a path of a billion steps": ("deepest", lambda a: a + 10**9),
    "a table too short": ("table", lambda a: a[:, :9]),
    "a score of a column that is none": ("column_of", lambda a: a + 10**9),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_tree_with_wrong_indices_is_refused(copy, what):
    name, change = CHANGES[what]

    def edit(arrays):
        key = f"{_first_tree(arrays)}/{name}"
        arrays[key] = change(arrays[key])

    with pytest.raises(ModelFileError, match="do not fit together"):
        ar.load(copy("trees", "chain.npz", edit))


@pytest.mark.parametrize("what", SCORES)
def test_an_ensemble_with_wrong_indices_is_refused(copy, what):
    name, change = SCORES[what]

    def edit(arrays):
        key = next(n for n in arrays if n.endswith(f"/score.0.0.{name}"))
        arrays[key] = change(arrays[key])

    with pytest.raises(ModelFileError, match="do not fit together"):
        ar.load(copy("boosted", "chain.npz", edit))


def test_an_order_that_repeats_a_column_is_refused(copy):
    folder = copy("trees", "chain.npz", lambda a: a.update(order=a["order"] * 0))
    with pytest.raises(ModelFileError, match="order lacks a column"):
        ar.load(folder)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("coded", "net", "decimals"), "two"),
        (("coded", "net", "decimals"), 10**9),
        (("coded", "net", "base"), 10**60),
        (("coded", "net", "dtype"), {"type": "Decimal", "precision": 10**9, "scale": 10**9}),
        (("coded", "net", "dtype"), {"type": "Datetime", "unit": "us", "zone": "../../etc/passwd"}),
        (("coded", "town", "classes"), {"x": 10**9}),
        (("coded", "town", "values"), [1, 2, 3]),
        (("surrogates", "clusters", 0, "surrogates", 0, "name"), 7),
        (("surrogates", "clusters", 0, "surrogates", 0, "maker", "width"), 10**9),
        (("surrogates", "clusters", 0, "entities", "singles"), "all"),
        (("transforms",), [{"name": "templates", "columns": {"a": 1}}]),
        (("transforms",), "templates"),
    ],
)
def test_a_value_of_another_type_or_size_is_refused(copy, place, value):
    def change(state):
        for step in place[:-1]:
            state = state[step]
        state[place[-1]] = value

    folder = copy("marginals", "codec.json", change)
    with pytest.raises(ModelFileError):
        ar.load(folder).sample(10)


def test_a_billion_entities_take_no_memory(copy, monkeypatch):
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "8GB")

    def change(state):
        entities = state["surrogates"]["clusters"][0]["entities"]
        entities |= {"counts": [10.0**12], "members": [10**9]}

    with pytest.raises(DataError, match=r"29\.8 GB of memory"):
        ar.load(copy("marginals", "codec.json", change))


def test_a_json_of_a_hundred_thousand_brackets_is_refused(copy):
    folder = copy("marginals")
    (folder / "codec.json").write_text("[" * 100_000)
    reseal(folder)
    with pytest.raises(ModelFileError, match="nested too deeply"):
        ar.load(folder)


def test_an_archive_is_not_unpacked_beyond_the_limit(copy, monkeypatch):
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "20MB")
    folder = copy("marginals", "marginals.npz", lambda a: a.update(extra=np.zeros(4_000_000)))
    assert (folder / "marginals.npz").stat().st_size < 100_000
    with pytest.raises(DataError, match=r"30\.5 MB of memory, and the limit is 20 MB") as caught:
        ar.load(folder)
    assert "ARTESIAN_MAX_MEMORY=" in caught.value.hint


@pytest.mark.parametrize("what", ["cut", "a lying header", "pickled objects", "another file"])
def test_a_damaged_archive_is_refused(copy, what):
    folder = copy("marginals")
    path = folder / "codec.npz"
    data = path.read_bytes()
    if what == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif what == "another file":
        path.write_bytes(b"x" * 1_000)
    elif what == "pickled objects":
        np.savez(path, a=np.array([{}, None]))
    else:
        head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
        head = head.ljust(117) + b"\n"
        with zipfile.ZipFile(path, "w") as archive:
            text = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"\0" * 80
            archive.writestr("0.mass.npy", text)
    reseal(folder)
    with pytest.raises(ModelFileError, match="do not fit together"):
        ar.load(folder)


def test_what_fails_while_sampling_names_the_folder(copy):
    folder = copy("marginals", "codec.json", lambda s: s.update(transforms=[{"patterns": {}}]))
    with pytest.raises(ModelFileError, match="marginals do not fit together"):
        ar.load(folder).sample(10)


def _check(results):
    wrong = [
        f"{edit}: {result}"
        for edit, result in results
        if result in ("crash", "hang") or result.startswith("fault")
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_edited_models_end_with_an_error_or_with_rows(fitted):
    few = [fitted["marginals"], fitted["trees"]]
    _check(outcomes(sampled, edits(few, 100, seed=3)))


@pytest.mark.slow
def test_many_edited_models_end_with_an_error_or_with_rows(fitted):
    _check(outcomes(sampled, edits(list(fitted.values()), amount(500, 2_000), seed=7)))


@pytest.mark.slow
def test_numbers_of_any_size_end_with_an_error_or_with_rows(fitted):
    _check(outcomes(sampled, number_edits(fitted["marginals"])))


def test_the_edits_reach_every_field_and_array(fitted):
    places = {(e.file, e.place) for e in edits([fitted["marginals"]], 2_000, seed=1)}
    state = json.loads((fitted["marginals"] / "codec.json").read_text())
    assert {("codec.json", (name,)) for name in state} <= places
    with np.load(fitted["marginals"] / "codec.npz") as stored:
        assert {("codec.npz", (name,)) for name in stored.files} <= places


def test_an_unedited_model_samples(fitted):
    for folder in fitted.values():
        try:
            assert len(ar.load(folder).sample(10)) == 10
        except ArtesianError as problem:
            pytest.fail(f"{folder.name}: {problem}")
