"""Forecast report in a browser: no console output, no requests, accessible, working levers."""

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
def test_report_opens_without_messages_or_requests_and_has_sufficient_contrast(
    open_report: Open, scheme: str
) -> None:
    report = open_report(color_scheme=scheme)
    report.scroll_through()
    assert report.troubles == []
    assert [url for url in report.requests if not url.startswith(("file:", "data:"))] == []
    assert report.page.evaluate(CONTRAST) == []


def test_narrow_window_does_not_scroll_horizontally(open_report: Open) -> None:
    report = open_report(viewport={"width": 400, "height": 800})
    assert report.page.evaluate("document.documentElement.scrollWidth") == 400


def test_levers_respond_to_the_keyboard_and_reset_restores_them(open_report: Open) -> None:
    page = open_report().page

    def median() -> float:
        match = re.search(r"Exhausted in (\d+\.\d)", page.locator("#answer").inner_text())
        assert match is not None
        return float(match.group(1))

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
