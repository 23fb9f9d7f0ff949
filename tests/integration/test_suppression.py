"""What Artesian suppresses by default is not reported as damage, whichever way the rows are judged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar

ROWS = 600
RARE = 20


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    """Twenty towns with two rows each among three frequent ones; three rare codes among frequent."""
    rng = np.random.default_rng(3)
    town = rng.choice(["Ulm", "Bonn", "Köln"], ROWS).tolist()
    for at in range(RARE):
        town[2 * at] = town[2 * at + 1] = f"Hamlet {at}"
    age = rng.integers(18, 70, ROWS)
    return pl.DataFrame({"age": age, "town": town, "pay": age * 100 + rng.integers(0, 900, ROWS)})


@pytest.fixture(scope="module")
def result(people: pl.DataFrame) -> ar.Synthesis:
    return ar.synth(people, method="trees", seed=1, metrics=["fidelity", "validity"])


def test_synth_does_not_count_suppressed_towns_as_lost_or_invalid(result: ar.Synthesis) -> None:
    assert result.table.schema["town"].suppressed == "(rare)"
    card = result.scorecard
    assert card["category_coverage"].value == 1.0
    assert card["validity"].parts["town (category)"] == 1.0
    assert card["rare_categories"].value is None or card["rare_categories"].value > 0.9
    assert not {"rare_categories", "validity", "category_coverage"} & {
        finding.code for finding in card.findings
    }


@pytest.mark.parametrize("metric", ["tv", "category_coverage", "jensen_shannon", "pairs"])
def test_suppression_is_stated_apart_with_its_size(result: ar.Synthesis, metric: str) -> None:
    found = result.scorecard[metric]
    stated = found.detail["suppressed"]["town"]
    assert 10 <= stated["categories"] <= RARE  # some towns have no training row
    assert 0.03 < stated["real"] < 0.1
    assert "not counted as loss" in found.explanation
    assert "'town'" in found.explanation


def test_validity_states_the_rows_with_a_suppressed_category(result: ar.Synthesis) -> None:
    found = result.scorecard["validity"]
    assert found.detail["suppressed"]["town"] == pytest.approx(0.067, abs=0.03)
    assert "Suppressed categories are valid" in found.explanation


def test_compare_sees_it_for_returned_rows_saved_files_and_tables(
    people: pl.DataFrame, result: ar.Synthesis, tmp_path: Path
) -> None:
    saved = tmp_path / "synthetic.csv"
    result.data.write_csv(saved)
    for synthetic in (result.data, result.data.to_pandas(), saved, result.table):
        card = ar.compare(people, synthetic, metrics=["category_coverage", "validity"])
        assert card["category_coverage"].value == 1.0
        assert card["validity"].parts["town (category)"] == 1.0


def test_the_saved_schema_declares_it_and_compare_reads_the_declaration(
    people: pl.DataFrame, tmp_path: Path
) -> None:
    source = tmp_path / "people.csv"
    people.write_csv(source)
    out = tmp_path / "out"
    ar.synth(source, method="marginals", metrics=["tv"], out=out, keep_model=True)
    assert 'suppressed = "(rare)"' in (out / "dataset.toml").read_text()
    assert ar.load(out / "model").schema["town"].suppressed == "(rare)"
    card = ar.compare(
        source, out / "data" / "people.csv", schema=out / "dataset.toml", metrics=["validity"]
    )
    assert card["validity"].parts["town (category)"] == 1.0
    assert "suppressed" in json.loads((out / "manifest.json").read_text())["choices"]


def test_another_tool_declares_its_own_mark(people: pl.DataFrame, tmp_path: Path) -> None:
    other = people.with_columns(
        pl.when(pl.col("town").str.starts_with("Hamlet"))
        .then(pl.lit("Other"))
        .otherwise("town")
        .alias("town")
    )
    schema = tmp_path / "dataset.toml"
    schema.write_text(
        '[tables.t.columns.town]\nkind = "category"\nsuppressed = "Other"\nsuppressed_below = 10\n'
    )
    metrics = ["category_coverage", "validity", "tv"]
    plain = ar.compare(people, other, metrics=metrics)
    assert plain["category_coverage"].value == pytest.approx(3 / 23)
    declared = ar.compare(people, other, schema=schema, metrics=metrics)
    assert declared["category_coverage"].value == 1.0
    assert declared["validity"].value == 1.0
    assert declared["tv"].parts["town"] == 0.0


def test_a_frequent_category_that_is_lost_stays_a_loss(people: pl.DataFrame) -> None:
    lost = people.with_columns(pl.col("town").replace({"Ulm": "(rare)"}))
    found = ar.compare(people, lost, metrics=["tv", "category_coverage"])
    assert found["tv"].parts["town"] > 0.25
    assert found["category_coverage"].value is not None
    assert found["category_coverage"].value < 1


def test_rare_numeric_categories_that_were_replaced_are_no_loss() -> None:
    rng = np.random.default_rng(4)
    code = rng.choice([100, 200, 300], ROWS).tolist()
    code[:6] = [110, 110, 210, 210, 310, 310]
    codes = pl.DataFrame({"code": code, "x": rng.normal(size=ROWS)})
    schema = ar.Schema(
        columns=(
            ar.Column(name="code", kind=ar.Kind.CATEGORY),
            ar.Column(name="x", kind=ar.Kind.NUMBER),
        )
    )
    result = ar.synth(codes, method="marginals", schema=schema, holdout=0, metrics=["fidelity"])
    column = result.table.schema["code"]
    assert (column.suppressed, column.suppressed_below) == (None, 5)
    found = result.scorecard["category_coverage"]
    assert found.value == 1.0
    assert found.detail["suppressed"]["code"]["categories"] == 3
