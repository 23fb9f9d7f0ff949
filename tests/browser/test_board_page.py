"""The leaderboard in a browser: no messages, no requests, readable, sorted by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.bench.test_leaderboard import PLAN, TRIALS
from tests.browser.conftest import Open
from tests.browser.test_report import CONTRAST

from artesian.pipeline.bench import HTML, write_leaderboard

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("board")
    write_leaderboard(out, PLAN, TRIALS)
    return {"people": out / HTML}


def first_column(page: Any) -> list[str]:
    heads = page.locator("#leaders tbody th").all()
    return [head.get_attribute("data-sort") for head in heads]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_messages_or_requests_and_is_readable(
    open_report: Open, scheme: str
) -> None:
    seen = open_report(color_scheme=scheme)
    seen.scroll_through()
    assert seen.troubles == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
    assert seen.page.evaluate(CONTRAST) == []


def test_a_narrow_window_scrolls_the_table_and_not_the_page(open_report: Open) -> None:
    seen = open_report(viewport={"width": 400, "height": 800})
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 400


def test_the_keyboard_sorts_and_walks(open_report: Open) -> None:
    page = open_report().page
    before = first_column(page)
    head = page.locator("#leaders thead th").nth(4)  # c2st_holdout
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    up = first_column(page)
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    down = first_column(page)
    assert up[:3] == down[:3][::-1]
    assert up[0] == "copy"
    assert before[3] == up[3] == down[3] == "broken"  # rows without a value stay last
    plot = page.locator(".plot").first
    plot.scroll_into_view_if_needed()
    page.wait_for_function("plot => plot.dataset.drawn === 'yes'", arg=plot.element_handle())
    plot.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".readout").first.text_content().startswith("copy: likeness 0.5")
