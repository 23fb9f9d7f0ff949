"""The summary holds all that the report shows, as JSON, and no row."""

from __future__ import annotations

import json

from tests.report.people import MADE, comparison, judged, people, scorecard, table

from artesian.metrics.protocol import Comparison
from artesian.report.summary import summarize


def test_it_is_json_and_holds_no_row() -> None:
    tables, card = judged()
    told = summarize(tables, card, MADE)
    text = json.dumps(told, allow_nan=False)
    assert json.loads(text) == told
    for frame in (tables.real.frame, tables.synthetic.frame, tables.holdout.frame):  # type: ignore[union-attr]
        assert not any(f'"{key}"' in text for key in frame["id"].to_list())
        outermost = (frame["wage"].min(), frame["wage"].max())
        assert not any(repr(value) in text for value in outermost)


def test_every_chart_finds_what_the_metrics_bring() -> None:
    tables, card = judged()
    told = summarize(tables, card, MADE)
    for part in ("pairs", "projection", "detector", "utility", "nearest"):
        assert "skipped" not in told[part], (part, told[part])
    assert [one["metric"] for one in told["scorecard"]] == [r.metric for r in card.results]
    assert told["verdict"] == card.verdict
    assert told["rows"] == {"real": 200, "synthetic": 200, "holdout": 200}
    assert [bar["of"] for bar in told["utility"]["bars"]] == ["real", "synthetic"]
    assert len(told["detector"]["curves"]) == 2
    assert len(told["nearest"]["series"]) == 3


def test_columns_stand_worst_first_and_those_without_overlap_last() -> None:
    real = people(300, 1)
    spoilt = real.with_columns(age=real["age"] + 30, town=real["town"].fill_null("Ely"))
    tables = Comparison(table(real), table(spoilt), table(people(300, 2)))
    columns = summarize(tables, scorecard(tables), {})["columns"]
    assert [c["name"] for c in columns[:2]] == ["age", "town"]
    overlaps = [c["overlap"] for c in columns]
    assert overlaps == sorted(overlaps)


def test_what_is_not_measured_says_why() -> None:
    tables = comparison(100)
    without = Comparison(tables.real, tables.synthetic)
    told = summarize(without, scorecard(without, "pairs", "c2st_holdout"), {})
    assert told["detector"] == {"skipped": scorecard(without, "c2st_holdout").results[0].skipped}
    assert told["utility"] == {"skipped": "its metric was not asked for"}
    assert told["pairs"]["holdout"] is None
    assert told["rows"]["holdout"] == 0
