"""Report of a stress test in a browser: offline, readable at every width, answers first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.browser.conftest import Open
from tests.browser.test_report import CONTRAST
from tests.collapse.tables import Inline, Resampling, stress, towns
from tests.synthesizers.relational.shops import shops

from artesian.collapse.policies import Policy
from artesian.collapse.stress.related import RelatedPlan, run_related_stress
from artesian.core.run import Run
from artesian.report.related_stress import render_related
from artesian.report.stress import render
from artesian.synthesizers.relational.relational_trees import RelationalTrees

CLIPPED = (
    "[...document.querySelectorAll('.scroll.whole')]"
    ".filter(x => x.scrollWidth > x.clientWidth + 1).length"
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("stress")
    result = stress(
        towns(400),
        folder / "generations",
        generator=Resampling(method="sharpened", temperature=0.8),
        generations=11,
        replicates=2,
        bisect=True,
        controls=5,
        level=0.8,
    )
    page = folder / "report.html"
    page.write_text(render(result, {"kind": "artesian stress"}), encoding="utf-8")
    plan = RelatedPlan(
        source=shops(30),
        method=RelationalTrees(rounds=0),
        policies=(Policy(name="replace"), Policy(name="mix", real=0.5)),
        generations=2,
        replicates=1,
        level=0.9,
        controls=5,
    )
    related = folder / "related.html"
    tables = run_related_stress(plan, folder / "generations", Inline(), Run.from_seed(0))
    related.write_text(render_related(tables, {"kind": "artesian stress"}), encoding="utf-8")
    return {"people": page, "related": related}


@pytest.mark.parametrize("name", ["people", "related"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_opens_without_messages_or_requests_and_has_sufficient_contrast(
    open_report: Open, scheme: str, name: str
) -> None:
    report = open_report(name, color_scheme=scheme)
    report.scroll_through()
    assert report.troubles == []
    assert [url for url in report.requests if not url.startswith(("file:", "data:"))] == []
    assert report.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("name", ["people", "related"])
@pytest.mark.parametrize("width", [400, 800, 1400])
def test_the_page_fits_its_window_and_no_table_is_clipped(
    open_report: Open, width: int, name: str
) -> None:
    page = open_report(name, viewport={"width": width, "height": 900}).page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CLIPPED) == 0


def test_the_answers_are_on_the_first_screen(open_report: Open) -> None:
    page = open_report(viewport={"width": 1400, "height": 900}).page
    cards = page.locator(".answers li")
    texts = cards.all_inner_texts()
    assert [text.splitlines()[0] for text in texts] == [
        "What dies?",
        "When?",
        "How much real data?",
        "Why?",
    ]
    assert "town = " in texts[0]
    assert re.search(r"generation", texts[1])
    box = cards.last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900
    assert not page.get_by_text("Of the rare categories").last.is_visible()
    page.get_by_text("The verdict in full").click()
    assert page.get_by_text("Lost in most replicates").last.is_visible()


def test_generations_are_written_as_whole_numbers(open_report: Open) -> None:
    report = open_report()
    labels = report.chart("Survival of categories by").locator("text").all_text_contents()
    assert "10" in labels
    assert not any("e+" in label for label in labels)
