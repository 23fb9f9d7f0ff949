"""A model is the same to its user whether it was fitted, synthesized or loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import artesian as ar


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"x": rng.random(200), "town": rng.choice(["Ulm", "Bonn"], 200)})


@pytest.fixture(scope="module")
def models(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = ar.Marginals()
    fitted = settings.fit(frame)
    folder: Path = tmp_path_factory.mktemp("models") / "model"
    ar.save(fitted, folder)
    return {
        "fit": fitted,
        "synth": ar.synth(frame, method=settings, holdout=0, metrics=["tv"]).model,
        "load": ar.load(folder),
        "fit on a table": settings.fit(ar.read(frame)),
    }


WAYS = ("fit", "synth", "load", "fit on a table")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "where",
    [["x=0..0.5", "town=Ulm"], ("x=0..0.5", "town=Ulm"), {"x": ar.Range(0, 0.5), "town": "Ulm"}],
)
def test_every_model_takes_the_same_conditions(
    models: dict[str, Any], way: str, where: Any
) -> None:
    model = models[way]
    assert type(model) is ar.FittedModel
    rows = model.sample(50, where=where)
    rows = rows.frame if isinstance(rows, ar.Table) else rows
    assert (np.asarray(rows["x"]) <= 0.5).all()
    assert set(rows["town"]) == {"Ulm"}


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        ("fit", pd.DataFrame),
        ("synth", pd.DataFrame),
        ("load", pl.DataFrame),
        ("fit on a table", ar.Table),
    ],
)
def test_rows_have_the_type_of_the_data(models: dict[str, Any], way: str, kind: type) -> None:
    assert isinstance(models[way].sample(3), kind)
    assert isinstance(next(models[way].batches(3)), kind)


@pytest.mark.parametrize("way", WAYS)
def test_every_model_can_be_saved_and_gives_the_same_rows_again(
    models: dict[str, Any], way: str, tmp_path: Path
) -> None:
    ar.save(models[way], tmp_path / "m")
    rows = models[way].sample(30)
    plain = rows.frame if isinstance(rows, ar.Table) else pl.DataFrame(rows)
    assert ar.load(tmp_path / "m").sample(30).equals(plain)


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_condition_is_refused_alike(models: dict[str, Any], way: str) -> None:
    for where in (["x"], ["y=3"], ["x=abc"]):
        with pytest.raises(ar.ArtesianError) as caught:
            models[way].sample(3, where=where)
        assert caught.value.hint
