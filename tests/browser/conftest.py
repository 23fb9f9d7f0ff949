"""A Chromium without a network, and reports opened in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.report.people import hostile, html, scorecard

from artesian.report.html import render
from artesian.report.summary import summarize

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


@dataclass
class Opened:
    """A page, with all error messages and requests since it was opened."""

    page: Any
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def chart(self, label: str) -> Any:
        """Return a drawn chart by the start of its accessible name."""
        plot = self.page.locator(f'.plot[aria-label^="{label}"]').first
        plot.scroll_into_view_if_needed()
        self.page.wait_for_function(
            "plot => plot.dataset.drawn === 'yes'", arg=plot.element_handle()
        )
        return plot

    def scroll_through(self) -> None:
        for plot in self.page.locator(".plot").all():
            plot.scroll_into_view_if_needed()
        self.page.locator(".plot:not([data-drawn=yes])").first.wait_for(state="detached")


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser. Without one, skip with the reason, or fail if one is required."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as problem:
        _absent(f"playwright is not installed: {problem}")
    place = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as tool:
        try:
            browser = tool.chromium.launch(executable_path=place, args=list(FLAGS))
        except Error as problem:
            _absent(f"no Chromium: {problem.message.splitlines()[0]}")
        yield browser
        browser.close()


def _absent(reason: str) -> None:
    if os.environ.get("ARTESIAN_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    evil = hostile()
    texts = {"people": html(), "hostile": render(summarize(evil, scorecard(evil), {}))}
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture
def open_report(chromium: Any, reports: dict[str, Path]) -> Iterator[Open]:
    """Open 'people' or 'hostile'; keyword arguments are passed to the browser context."""
    with ExitStack() as closing:

        def opened(name: str = "people", **settings: Any) -> Opened:
            settings = {"viewport": {"width": 1200, "height": 800}} | settings
            context = chromium.new_context(offline=True, **settings)
            closing.callback(context.close)
            seen = Opened(context.new_page())
            page = seen.page
            page.on("pageerror", lambda problem: seen.troubles.append(str(problem)))
            page.on("dialog", lambda box: (seen.troubles.append(box.message), box.dismiss()))
            page.on(
                "console",
                lambda line: line.type in ("error", "warning") and seen.troubles.append(line.text),
            )
            page.on("request", lambda request: seen.requests.append(request.url))
            page.goto(reports[name].as_uri())
            return seen

        yield opened
