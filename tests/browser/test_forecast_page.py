"""The forecast's page in a real browser: silent, offline, readable, its levers move the dates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.browser.conftest import Open
from tests.browser.test_report import CONTRAST

import artesian as ar

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("forecast") / "out"
    ar.forecast(draws=2_000, out=out)
    return {"people": out / "report.html"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_a_word_or_a_request_and_can_be_read(
    open_report: Open, scheme: str
) -> None:
    seen = open_report(color_scheme=scheme)
    seen.scroll_through()
    assert seen.troubles == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
    assert seen.page.evaluate(CONTRAST) == []


def test_a_narrow_window_scrolls_no_page(open_report: Open) -> None:
    seen = open_report(viewport={"width": 400, "height": 800})
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 400


def test_levers_answer_by_the_keyboard_and_reset_puts_them_back(open_report: Open) -> None:
    page = open_report().page

    def median() -> float:
        found = re.search(r"Exhausted in (\d+\.\d)", page.locator("#answer").inner_text())
        assert found is not None
        return float(found.group(1))

    before = median()
    lever = page.locator("input#opt_out")
    lever.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    assert median() < before
    page.locator("input#opt_out").press("Home")
    assert median() == before
    page.locator("input#curation_yield").press("End")
    assert median() > before
    page.locator("#reset").click()
    assert median() == before
