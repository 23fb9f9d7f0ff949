"""What is written of relations: the words of the source, and what is not searched."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run
from artesian.data.boolean_texts import with_source_texts, with_stored_texts
from artesian.data.schema_io import read_schema
from artesian.pipeline.inspect import InspectConfig, inspect_source
from artesian.pipeline.synth import SynthesisConfig, synthesize


def stays(yes: str, no: str, rows: int = 400) -> pl.DataFrame:
    """A date of death of those who died."""
    rng = np.random.default_rng(1)
    died = rng.random(rows) < 0.2
    days = rng.integers(0, 700, rows).tolist()
    dates = [date(2022, 1, 1) + timedelta(days=d) for d in days]
    return pl.DataFrame(
        {
            "alter": rng.integers(20, 95, rows),
            "verstorben": [yes if one else no for one in died],
            "todesdatum": [day if one else None for day, one in zip(dates, died, strict=True)],
        }
    )


@pytest.mark.parametrize(("yes", "no"), [("ja", "nein"), ("oui", "non"), ("Y", "N")])
def test_booleans_are_listed_in_the_words_of_the_source(yes: str, no: str, tmp_path: Path) -> None:
    path, listed = tmp_path / "stays.csv", tmp_path / "dataset.toml"
    stays(yes, no).write_csv(path)
    result = inspect_source(InspectConfig(source=path, out=listed), Run.from_seed(1))
    wanted = f"missing(todesdatum) = verstorben in ('{no}')"
    assert wanted in [one.relation for one in result.relations["stays"]]
    line = next(text for text in listed.read_text().splitlines() if wanted in text)
    assert "holds in 400 of 400 rows" in line
    stored = read_schema(listed).relations
    assert "missing(todesdatum) = verstorben in ('false')" in (stored or ())
    synthesis = ar.synth(path, schema=listed, method="trees", seed=1, metrics=("relations",))
    rows = synthesis.table.frame
    assert (rows["todesdatum"].is_null() == ~rows["verstorben"]).all()
    assert synthesis.scorecard["relations"].parts[wanted] == 0


def test_words_of_one_column_are_replaced() -> None:
    table = ar.read(stays("it's so", "no"))
    texts = (
        "missing(a) = verstorben not in ('false', 'true')",
        "b = 0 if verstorben = 'true'",
        "verstorben2 in ('false') -> b",
    )
    written = tuple(with_source_texts(text, table.schema) for text in texts)
    if table.schema["verstorben"].value_format.true is not None:
        assert written[0] == "missing(a) = verstorben not in ('no', 'it''s so')"
        assert written[1] == "b = 0 if verstorben = 'it''s so'"
    assert written[2] == texts[2]
    assert tuple(with_stored_texts(text, table.schema) for text in written) == texts


@pytest.mark.parametrize(("rows", "stated"), [(7, True), (11, True), (12, False)])
def test_few_rows_are_searched_for_formulas_only(rows: int, stated: bool, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    pl.DataFrame({"pay": range(1_000, 1_000 + rows), "year": range(7, 7 + rows)}).write_csv(path)
    result = inspect_source(InspectConfig(source=path), Run.from_seed(1))
    config = SynthesisConfig(source=path, method="trees", holdout=0, metrics=())
    notes = synthesize(config, Run.from_seed(1)).notes
    for texts in (result.protection["few"], notes):
        assert any("only exact formulas are searched" in text for text in texts) == stated
