"""The page: valid HTML, self-contained, escaped and small."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.report.people import (
    HOSTILE,
    PROVENANCE,
    evaluated,
    hostile,
    html,
    people,
    scorecard,
    shuffled,
    table,
)

from artesian.data.schema import Kind
from artesian.metrics.protocol import Comparison
from artesian.report.html import render, render_report
from artesian.report.page import MIN_SHOWN
from artesian.report.page import page as build_context
from artesian.report.summary import summarize

LINKS = {"src", "srcset", "action", "formaction", "data", "poster", "background", "ping"}
VOID = {"meta", "link", "img", "input", "br", "hr"}


class Page(HTMLParser):
    """Elements and texts of a page in order; `open` lists elements that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        else:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.scripts[0])
        return data


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html())


def test_elements_are_closed_and_ids_are_unique(page: Page) -> None:
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_no_external_resource_is_loaded(page: Page) -> None:
    for tag, attrs in page.elements:
        assert tag not in ("iframe", "object", "embed", "base", "img")
        assert not LINKS & set(attrs), (tag, attrs)
        assert not any(name.startswith("on") for name in attrs)
    places = [attrs["href"] or "" for _, attrs in page.elements if "href" in attrs]
    ids = {attrs.get("id") for _, attrs in page.elements}
    for place in places:
        assert place == "data:," or place[1:] in ids
    style = next(text for text in page.texts if "--paper" in text)
    assert "url(" not in style
    assert "@import" not in style


def test_only_the_scripts_of_the_page_may_run(page: Page) -> None:
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m) or ""
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    kinds = [attrs.get("type") for attrs in page.all("script")]
    assert kinds == ["application/json", None, None]
    for script in page.scripts[1:]:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_it_contains_the_verdict_and_every_result(page: Page) -> None:
    text = " ".join(" ".join(page.texts).split())
    _, card = evaluated()
    for clause in re.split(r"(?<=[;.]) ", card.verdict):
        assert clause in text
    for result in card.results:
        assert (result.skipped or result.explanation) in text
    for fact in ("Method shuffled columns", "fit_seconds 0.250", "age, town", "Extra not set"):
        assert fact in text


def test_every_chart_has_a_position_a_text_alternative_and_a_table(page: Page) -> None:
    charts = page.data["charts"]
    plots = {a["id"]: a for a in page.all("div") if a.get("class") == "plot"}
    assert set(plots) == set(charts)
    kinds = {chart["template"].partition("-")[0] for chart in charts.values()}
    assert kinds == {"histogram", "bars", "heat", "density", "roc", "utility", "nearest"}
    assert {c["template"] for c in charts.values()} <= set(page.data["templates"])
    for attrs in plots.values():
        assert attrs["role"] == "img"
        assert attrs["tabindex"] == "0"
        assert re.search(r"\d", attrs["aria-label"] or "")
    numbers = [a for a in page.all("details") if a.get("class") == "numbers"]
    assert len(numbers) == len(plots) - 4 + 1  # one table for the four heat maps


def test_scores_with_findings_are_shown_and_all_others_can_be_unfolded() -> None:
    tables, card = evaluated()
    groups = build_context(summarize(tables, card, {}))["families"]
    visible = {score["metric"] for group in groups for score in group["scores"]}
    folded = {score["metric"] for group in groups for score in group["folded"]}
    metrics = {result.metric for result in card.results}
    assert metrics & {finding.code for finding in card.findings} <= visible
    assert visible | folded == metrics
    assert not visible & folded
    assert all(len(group["scores"]) >= MIN_SHOWN for group in groups if group["folded"])


def test_headings_descend_one_step_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_hostile_names_and_values_stay_text() -> None:
    tables = hostile()
    provenance = {
        HOSTILE[0]: HOSTILE[1],
        "list": list(HOSTILE),
        "map": dict.fromkeys(HOSTILE, HOSTILE[0]),
    }
    text = render(summarize(tables, scorecard(tables), provenance))
    page = Page(text)
    assert page.open == []
    assert len(page.all("script")) == 3
    assert page.all("img") == []
    assert "49" not in page.texts  # {{ 7 * 7 }} was not computed
    shown = {text.strip() for text in page.texts}
    assert {name for name in HOSTILE if name} <= shown
    assert "(no name)" in shown
    names = next(c["matrix"]["names"] for c in page.data["charts"].values() if "matrix" in c)
    assert set(names) <= set(HOSTILE)


@pytest.mark.parametrize(
    "left", ["no holdout", "empty holdout", "one column", "one row", "no synthetic rows"]
)
def test_little_data_still_renders_a_page(left: str) -> None:
    frame = people(1 if left == "one row" else 120, 1)
    if left == "one column":
        frame = frame.select("age")
    real = table(frame)
    synthetic = real.with_frame(shuffled(frame)[: 0 if left == "no synthetic rows" else None])
    holdout = {"no holdout": None, "empty holdout": real.with_frame(frame[:0])}.get(left, real)
    tables = Comparison(real, synthetic, holdout)
    page = Page(render(summarize(tables, scorecard(tables), {})))
    assert page.open == []
    assert any("Not shown: " in text for text in page.texts)
    if left == "one row":
        assert not any(str(frame["wage"][0]) in text for text in (*page.texts, *page.scripts[:1]))


def wide(columns: int, rows: int = 3000) -> Comparison:
    """Numbers of many shapes and categories with long names."""
    rng = np.random.default_rng(1)
    levels = np.array([f"a level of many words, number {k}" for k in range(30)])
    kinds, frame = {}, {}
    for k in range(columns):
        name = f"a column with a long name {k}"
        kinds[name] = Kind.CATEGORY if k % 2 else Kind.NUMBER
        frame[name] = levels[rng.integers(0, 30, rows)] if k % 2 else rng.normal(k, 1 + k, rows)
    both = pl.DataFrame(frame)
    half = rows // 2
    parts = (both[:half], shuffled(both[:half]), both[half:])
    return Comparison(*(table(part, kinds) for part in parts))


def test_fifty_columns_stay_below_two_megabytes_and_five_seconds() -> None:
    tables = wide(50)
    card = scorecard(tables)
    start = time.process_time()
    page = render_report(tables, card, PROVENANCE)
    assert time.process_time() - start < 5
    assert len(page.encode()) < 1_700_000  # detector and others: under 0.1 MB


def test_columns_beyond_the_limit_are_rows_of_a_table() -> None:
    tables = wide(230, rows=200)
    summary = summarize(tables, scorecard(tables, "ks"), {})
    page = Page(render(summary))
    assert len(summary["columns"]) == 200
    assert len(summary["more_columns"]) == 30
    shown = {text.strip() for text in page.texts}
    assert set(tables.real.schema.names) <= shown
