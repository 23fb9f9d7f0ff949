"""The suite itself is tested: each fault, seen in a real library, turns its check red."""

import pickle
import random
from dataclasses import fields, replace
from typing import ClassVar

import numpy as np
import polars as pl
import pytest

from artesian.core import fingerprint
from artesian.core.errors import ArtesianError
from artesian.core.run import Run
from artesian.synthesizers.sequential.model import SequentialModel
from artesian.synthesizers.sequential.trees import Trees
from artesian.testing import synthesizer_checks


class SoundModel(SequentialModel):
    """A chain whose rows are changed by `spoil`."""

    def spoil(self, frame, where):
        return frame

    def sample(self, rows, where=None, *, run=None):
        table = SequentialModel.sample(self, rows, where, run=run)
        return table.with_frame(self.spoil(table.frame, where))

    def batches(self, rows, where=None, *, run=None):
        for table in SequentialModel.batches(self, rows, where, run=run):
            yield table.with_frame(self.spoil(table.frame, where))


class Sound(Trees):
    """Trees that fit a model of another class."""

    model: ClassVar = SoundModel

    def fit(self, data, *, run=None):
        model = Trees.fit(self, data, run=run)
        return self.model(**{field.name: getattr(model, field.name) for field in fields(model)})


def spoils(change):
    """A fault that changes a sample's frame."""

    class Model(SoundModel):
        def spoil(self, frame, where):
            return change(frame)

    return type(change.__name__, (Sound,), {"model": Model})


def samples(draw):
    """A fault in `sample`: `draw(model, rows, where, run)` gives the table."""

    class Model(SequentialModel):
        def sample(self, rows, where=None, *, run=None):
            return draw(self, rows, where, run or Run())

        def batches(self, rows, where=None, *, run=None):
            yield draw(self, rows, where, run or Run())

    return type(draw.__name__, (Sound,), {"model": Model})


def saves(write):
    """A fault in `write_state`."""

    class Model(SoundModel):
        def write_state(self, folder):
            SequentialModel.write_state(self, folder)
            write(folder)

    return type(write.__name__, (Sound,), {"model": Model})


class SeedsTheGlobalGenerator(Sound):
    def fit(self, data, *, run=None):
        np.random.seed(0)  # noqa: NPY002
        return Sound.fit(self, data, run=run)


class FitsByTheClock(Sound):
    def fit(self, data, *, run=None):
        # Rows without order: which are left out differs from call to call.
        kept = [i for i in range(len(data)) if random.SystemRandom().random() < 0.9]
        return Sound.fit(self, data.with_frame(data.frame[kept]) if kept else data, run=run)


class Meddles(Sound):
    def fit(self, data, *, run=None):
        if "income" in data.frame.columns:
            at = data.frame.columns.index("income")
            data.frame.replace_column(at, data.frame["income"].log().alias("income"))
        return Sound.fit(self, data, run=run)


class TellsNothing(Sound):
    def fit(self, data, *, run=None):
        return Sound.fit(self, data, run=replace(run, on_progress=lambda _: None) if run else None)


class IsDeaf(Sound):
    def fit(self, data, *, run=None):
        return Sound.fit(self, data, run=Run(seed=run.seed) if run else None)


class ShowsEverything(Sound):
    def fit(self, data, *, run=None):
        return Sound.fit(replace(self, protect=False), data, run=run)


class AlwaysProtects(Sound):
    def fit(self, data, *, run=None):
        return Sound.fit(replace(self, protect=True), data, run=run)


class NeedsTenRows(Sound):
    def fit(self, data, *, run=None):
        if len(data) < 10:
            raise ZeroDivisionError
        return Sound.fit(self, data, run=run)


class NeedsTwoColumns(Sound):
    def fit(self, data, *, run=None):
        np.stack([data.frame[name].is_null().to_numpy() for name in data.schema.names[1:]])
        return Sound.fit(self, data, run=run)


class NeedsMoreRowsThanColumns(Sound):
    def fit(self, data, *, run=None):
        numbers = data.frame.select(pl.col(pl.Float64)).to_numpy()
        if len(data) and numbers.shape[1] > 1:
            np.linalg.cholesky(np.cov(numbers, rowvar=False))
        return Sound.fit(self, data, run=run)


class CopiesRowsModel(SoundModel):
    source: ClassVar = {}

    def sample(self, rows, where=None, *, run=None):
        frame = self.source["frame"]
        chosen = (run or Run()).seed.rng().integers(0, frame.height, rows)
        return SequentialModel.sample(self, rows, where, run=run).with_frame(frame[chosen])


class CopiesRows(Sound):
    model: ClassVar = CopiesRowsModel

    def fit(self, data, *, run=None):
        CopiesRowsModel.source["frame"] = data.frame
        return Sound.fit(self, data, run=run)


class ForgetsItsSettingsModel(SoundModel):
    @classmethod
    def read_state(cls, folder, settings, schema):
        return super().read_state(folder, replace(settings, temperature=2.0), schema)


class ForgetsItsSettings(Sound):
    model: ClassVar = ForgetsItsSettingsModel


def plain(model, rows, where, run):
    return SequentialModel.sample(model, rows, where, run=run)


class MisstatesItsTypes(Sound):
    class model(SoundModel):
        def empty(self):
            table = SoundModel.empty(self)
            return table.with_frame(table.frame.cast(pl.String))


@samples
def FixedSeed(model, rows, where, run):
    return plain(model, rows, where, run=replace(run, seed=Run().seed))


@samples
def LengthDependent(model, rows, where, run):
    return plain(model, rows, where, run.child(rows))


@samples
def LengthDependentWhereConditioned(model, rows, where, run):
    return plain(model, rows, where, run.child(rows) if where else run)


@samples
def OneGreatPiece(model, rows, where, run):
    return plain(model, rows, where, run)


@samples
def SeedsEveryWorker(model, rows, where, run):
    return plain(model, rows, where, run.child(run.workers or 0))


@samples
def IgnoresWhere(model, rows, where, run):
    return plain(model, rows, None, run)


@samples
def AcceptsAnything(model, rows, where, run):
    try:
        return plain(model, rows, where, run)
    except ArtesianError:
        return plain(model, rows, None, run)


@samples
def OverwritesTheColumn(model, rows, where, run):
    table = plain(model, rows, None, run)
    given = plain(model, rows, where, run).frame if where else table.frame
    return table.with_frame(table.frame.with_columns(given[name] for name in where or ()))


@spoils
def DropsDuplicates(frame):
    return frame.unique(maintain_order=True)


@spoils
def FavoursTheFrequent(frame):
    if "city" not in frame.columns:
        return frame
    return frame.with_columns(city=pl.col("city").replace("Lima", "Rome"))


@spoils
def LosesNulls(frame):
    return frame.fill_null(strategy="forward").fill_null(strategy="backward")


@spoils
def DrawsEvenly(frame):
    if "income" not in frame.columns or not frame.height:
        return frame
    return frame.with_columns(income=pl.Series(np.linspace(500, 3000, frame.height)).round(2))


@spoils
def ForgetsTypes(frame):
    return frame.with_columns(pl.col(pl.Int8, pl.Int16, pl.Int32).cast(pl.Int64))


@spoils
def WritesFractions(frame):
    return frame.with_columns(pl.col(pl.Float64) * 1.000001)


@spoils
def GoesFarOut(frame):
    return frame.with_columns(pl.col(pl.Int64).exclude("id") - 60)


@spoils
def ShufflesColumns(frame):
    rng = np.random.default_rng(0)
    return frame.select(
        pl.col(name).gather(rng.permutation(frame.height)) for name in frame.columns
    )


@spoils
def RepeatsKeys(frame):
    return frame.with_columns(pl.col("number", "code").gather_every(2).repeat_by(2).explode())


@spoils
def InventsValues(frame):
    return frame.with_columns(pl.col(pl.Int64, pl.Float64).fill_null(0))


@spoils
def KeepsTheFirstCategories(frame):
    if "code" not in frame.columns:
        return frame
    kept = frame["code"].unique(maintain_order=True).head(250)
    return frame.with_columns(
        code=pl.when(pl.col("code").is_in(kept.implode()))
        .then("code")
        .otherwise(pl.lit(kept.first()))
    )


@saves
def Pickles(folder):
    (folder / "state.pkl").write_bytes(pickle.dumps({"a": 1}))


@saves
def PicklesWithin(folder):
    np.savez(folder / "state.npz", objects=np.array([{"a": 1}], dtype=object))


FAULTS = [
    (DropsDuplicates, "check_schema_and_row_count"),
    (MisstatesItsTypes, "check_schema_and_row_count"),
    (MisstatesItsTypes, "check_types"),
    (FixedSeed, "check_same_seed_same_rows"),
    (LengthDependent, "check_rows_do_not_depend_on_how_many"),
    (OneGreatPiece, "check_batches_are_the_sample"),
    (SeedsEveryWorker, "check_workers_do_not_matter"),
    (FitsByTheClock, "check_fit_is_deterministic"),
    (SeedsTheGlobalGenerator, "check_leaves_global_randomness_alone"),
    (Meddles, "check_leaves_its_input_alone"),
    (TellsNothing, "check_reports_progress"),
    (IsDeaf, "check_can_be_cancelled"),
    (FavoursTheFrequent, "check_category_frequencies"),
    (LosesNulls, "check_null_rates"),
    (DrawsEvenly, "check_number_distributions"),
    (ForgetsTypes, "check_types"),
    (WritesFractions, "check_integers_and_decimals"),
    (GoesFarOut, "check_bounds"),
    (ForgetsItsSettings, "check_save_load_round_trip"),
    (Pickles, "check_files_hold_no_code"),
    (PicklesWithin, "check_files_hold_no_code"),
    (ShowsEverything, "check_rare_categories_stay_hidden"),
    (ShowsEverything, "check_extremes_are_not_copied"),
    (CopiesRows, "check_texts_and_keys_are_generated"),
    (CopiesRows, "check_rare_categories_stay_hidden"),
    (RepeatsKeys, "check_keys_are_unique"),
    (AlwaysProtects, "check_protection_can_be_turned_off"),
    (NeedsTenRows, "check_few_rows"),
    (NeedsTwoColumns, "check_one_column"),
    (InventsValues, "check_nothing_to_learn"),
    (NeedsMoreRowsThanColumns, "check_more_columns_than_rows"),
    (KeepsTheFirstCategories, "check_very_many_categories"),
    (ShufflesColumns, "check_dependence"),
    (IgnoresWhere, "check_where_is_exact"),
    (LengthDependentWhereConditioned, "check_where_keeps_rows_the_same"),
    (AcceptsAnything, "check_where_refuses_impossible_conditions"),
    (OverwritesTheColumn, "check_where_follows_the_conditional_distribution"),
]

CHECKS = {check.__name__: check for check in synthesizer_checks(Sound)}


@pytest.mark.parametrize(
    ("fault", "red"), FAULTS, ids=[f"{fault.__name__}-{red}" for fault, red in FAULTS]
)
def test_the_fault_turns_its_check_red(fault, red):
    told = None
    try:
        CHECKS[red](fault)
    except Exception as problem:
        told = problem
    assert told is not None, f"{fault.__name__} passes {red}"
    assert str(told) or not isinstance(told, AssertionError), "it is red and does not say why"


def test_every_check_has_a_fault_that_turns_it_red():
    elsewhere = {"check_damaged_files_are_refused"}  # a fault of the store, below
    assert set(CHECKS) == {red for _, red in FAULTS} | elsewhere


@pytest.mark.parametrize("trusted", ["hash_file", "hash_json"])
def test_a_store_that_trusts_its_files_is_noticed(trusted, monkeypatch):
    monkeypatch.setattr(fingerprint, trusted, lambda thing: "trusted")
    with pytest.raises(AssertionError, match="without an error"):
        CHECKS["check_damaged_files_are_refused"](Sound)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_the_faultless_one_passes(check):
    check(Sound)
