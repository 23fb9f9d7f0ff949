"""The summary contains all that the report shows, as JSON, and no row."""

from __future__ import annotations

import json

import polars as pl
from tests.report.people import PROVENANCE, comparison, evaluated, people, scorecard, table

from artesian.data.schema import Column, Kind, Schema
from artesian.data.table import Origin, Table
from artesian.metrics.protocol import Comparison
from artesian.report.summary import summarize


def test_it_is_json_and_contains_no_row() -> None:
    tables, card = evaluated()
    summary = summarize(tables, card, PROVENANCE)
    text = json.dumps(summary, allow_nan=False)
    assert json.loads(text) == summary
    for frame in (tables.real.frame, tables.synthetic.frame, tables.holdout.frame):  # type: ignore[union-attr]
        assert not any(f'"{key}"' in text for key in frame["id"].to_list())
        outermost = (frame["wage"].min(), frame["wage"].max())
        assert not any(repr(value) in text for value in outermost)


def test_every_chart_gets_its_data_from_the_metrics() -> None:
    tables, card = evaluated()
    summary = summarize(tables, card, PROVENANCE)
    for part in ("pairs", "projection", "detector", "utility", "nearest"):
        assert "skipped" not in summary[part], (part, summary[part])
    assert [one["metric"] for one in summary["scorecard"]] == [r.metric for r in card.results]
    assert summary["verdict"] == card.verdict
    assert summary["rows"] == {"train": 200, "synthetic": 200, "holdout": 200}
    assert [bar["side"] for bar in summary["utility"]["bars"]] == ["train", "synthetic"]
    assert len(summary["detector"]["curves"]) == 2
    assert len(summary["nearest"]["series"]) == 3


def test_columns_are_sorted_by_overlap() -> None:
    real = people(300, 1)
    spoilt = real.with_columns(age=real["age"] + 30, town=real["town"].fill_null("Ely"))
    tables = Comparison(table(real), table(spoilt), table(people(300, 2)))
    columns = summarize(tables, scorecard(tables), {})["columns"]
    assert [c["name"] for c in columns[:2]] == ["age", "town"]
    overlaps = [c["overlap"] for c in columns]
    assert overlaps == sorted(overlaps)


def test_skipped_charts_state_the_reason() -> None:
    tables = comparison(100)
    without = Comparison(tables.real, tables.synthetic)
    summary = summarize(without, scorecard(without, "pairs", "c2st_holdout"), {})
    assert summary["detector"] == {"skipped": scorecard(without, "c2st_holdout").results[0].skipped}
    assert summary["utility"] == {"skipped": "the metric was not requested"}
    assert summary["pairs"]["holdout"] is None
    assert summary["rows"]["holdout"] == 0


def test_suppression_is_stated_once_and_not_in_every_explanation() -> None:
    real = pl.DataFrame({"town": ["York"] * 60 + ["Ely"] * 36 + [f"hamlet {n}" for n in range(4)]})
    synthetic = real.with_columns(town=pl.col("town").str.replace("hamlet.*", "(rare)"))
    column = Column(name="town", kind=Kind.CATEGORY, nullable=True, suppressed="(rare)")
    released = Table(synthetic, Schema(columns=(column,)), Origin(name="people"))
    tables = Comparison(table(real), released, table(real))
    card = scorecard(tables, "tv", "category_coverage")
    summary = summarize(tables, card, {})
    notes = [note for note in summary["notes"] if "suppressed" in note]
    assert len(notes) == 1
    assert "4 rare categories of 'town'" in notes[0]
    for score, result in zip(summary["scorecard"], card.results, strict=True):
        assert score["suppression"] == notes[0]
        assert f"{score['explanation']} {notes[0]}" == result.explanation
