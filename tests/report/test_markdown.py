"""The scorecard as Markdown: a line a metric, and no markup out of the data."""

from __future__ import annotations

from dataclasses import replace

from tests.report.people import comparison, evaluated, scorecard

from artesian.metrics.protocol import Comparison
from artesian.report.markdown import to_markdown


def test_one_row_for_each_metric() -> None:
    _, card = evaluated()
    lines = to_markdown(card).splitlines()
    head, rows = lines[: -len(card.results)], lines[-len(card.results) :]
    assert lines[0].startswith("**")
    assert head[-2].startswith("| metric |")
    for row, result in zip(rows, card.results, strict=True):
        assert f"`{result.metric}`" in row
        assert row.replace("\\|", "").count("|") == 6


def test_what_was_skipped_keeps_its_row_and_says_why() -> None:
    tables = comparison(60)
    card = scorecard(Comparison(tables.real, tables.synthetic), "c2st_holdout")
    assert f"| skipped |  |  | {card.results[0].skipped} |" in to_markdown(card)


def test_markup_in_names_stays_text() -> None:
    card = scorecard(comparison(60), "ks")
    sly = replace(card.results[0], explanation="a|b\n<b>*c*</b> [d](e) `f` \\|")
    text = to_markdown(replace(card, verdict="x", results=(sly,)))
    assert r"a\|b &lt;b>\*c\*&lt;/b> \[d\](e) \`f\` \\\|" in text
    assert len(text.splitlines()) == 5
