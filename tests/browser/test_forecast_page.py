"""Forecast report in a browser: no console output, no requests, accessible, working levers."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from tests.browser.conftest import Open
from tests.browser.test_report import CONTRAST

import artesian as ar
from artesian.cli.app import call

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


def test_moved_levers_give_a_command_to_copy(open_report: Open) -> None:
    page = open_report().page
    assert page.locator("#command").inner_text() == "artesian forecast"
    page.locator("input#opt_out").fill("30")
    page.locator("input#user_growth").fill("5")
    command = page.locator("#command").inner_text()
    assert command == "artesian forecast --set levers.opt_out=0.3 --set levers.user_growth=5%/year"
    assert not call([*command.split()[1:], "--draws", "500", "--quiet"])


def test_the_sliders_agree_with_the_headline(open_report: Open) -> None:
    page = open_report().page
    found = [
        re.search(r"Exhausted in (\d+\.\d)", page.locator(place).inner_text())
        for place in (".verdict", "#answer")
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert float(found[0][1]) == pytest.approx(float(found[1][1]), abs=0.11)


def test_every_chart_can_be_saved_as_csv(open_report: Open) -> None:
    page = open_report().page
    buttons = page.locator("button.csv")
    assert buttons.count() == page.locator("figure.chart").count() == 4
    for number in range(4):
        page.locator("details.numbers").nth(number).locator("summary").click()
        with page.expect_download() as saving:
            buttons.nth(number).click()
        table = pl.read_csv(saving.value.path(), infer_schema=False)
        assert table.height >= 5
        assert saving.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize("width", [1400, 800, 400])
def test_no_table_is_cut_off(open_report: Open, width: int) -> None:
    report = open_report(viewport={"width": width, "height": 900})
    cut = report.page.evaluate(
        "[...document.querySelectorAll('.scroll.whole')].filter(e => e.scrollWidth > e.clientWidth + 1"
        " || e.scrollHeight > e.clientHeight + 1).map(e => e.getAttribute('aria-label'))"
    )
    assert cut == []


def median_of(answer: str) -> float | None:
    """The median that the page shows; None if it is after the last year."""
    found = re.search(r"Exhausted in (?:after \d+|(\d+\.\d))", answer)
    assert found is not None, answer
    return None if found[1] is None else float(found[1])


SCENARIOS = {
    "people": [],
    "ramped": ["--set", "levers.opt_out=30% from 2028"],
    "corpus": shlex.split(
        "--corpus '5B to 8B' --corpus-quality 0.4 --corpus-growth 5%"
        " --corpus-demand 500M --corpus-demand-growth 30..60%/year"
    ),
    "images": ["--modality", "images"],
}
MOVES: list[dict[str, str]] = [
    {"curation_yield": "0.4"},
    {"training_epochs": "12"},
    {"opt_out": "75"},
    {"user_growth": "12"},
    {"user_growth": "-5", "from": "2031"},
    {"demand_growth": "250"},
    {"demand_growth": "50", "from": "2031"},
    {"synthetic_fraction": "85"},
    {"rephrased_fraction": "45"},
    {"data_efficiency": "5", "from": "2031"},
    {"overtraining": "15"},
    {"opt_out": "90", "from": "2027"},
    {"opt_out": "90", "from": "2030"},
    {"opt_out": "30", "synthetic_fraction": "50", "training_epochs": "8"},
    {"opt_out": "35", "overtraining": "3", "curation_yield": "1.5", "from": "2031"},
]


@pytest.mark.parametrize("name", SCENARIOS)
def test_moved_sliders_show_the_date_of_the_command_that_they_give(
    name: str,
    reports: dict[str, Path],
    open_report: Open,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    draws = ["--draws", "2000", "--quiet"]
    assert not call(["forecast", *SCENARIOS[name], *draws, "-o", str(tmp_path / "out")])
    reports[name] = tmp_path / "out" / "report.html"
    page = open_report(name).page
    moves = [one for one in MOVES if all(page.locator(f"input#{lever}").count() for lever in one)]
    assert len(moves) >= 8
    for move in moves:
        page.locator("#reset").click()
        for slider, value in move.items():
            page.locator(f"input#{slider}").fill(value)
        command = page.locator("#command").inner_text()
        capsys.readouterr()
        assert not call([*shlex.split(command)[1:], *draws, "--json"]), command
        exhaustion = json.loads(capsys.readouterr().out)["exhaustion"]
        expected = exhaustion["median"]
        ends = re.search(
            r"interval (?:(\d+\.\d)|after \d+) to (?:(\d+\.\d)|after \d+)\)",
            page.locator("#answer").inner_text(),
        )
        assert ends is not None, command
        last = exhaustion["horizon"][1]
        for shown, end, within in zip(
            ends.groups(), exhaustion["interval80"], (0.15, 0.2), strict=True
        ):
            if shown is None or end is None:
                # One is after the horizon, and the other is near it.
                assert all(one is None or float(one) > last - 2 for one in (shown, end)), command
            else:
                assert float(shown) == pytest.approx(end, abs=within), command
        found = re.search(
            r"Exhausted in (?:after \d+|(\d+\.\d))", page.locator("#answer").inner_text()
        )
        assert found is not None, command
        if expected is None:
            assert found[1] is None, command
        else:
            assert float(found[1]) == pytest.approx(expected, abs=0.11), command
