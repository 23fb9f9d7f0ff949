"""The report in a browser: no messages, no requests, lazy charts, light and dark, keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from tests.browser.conftest import Open

from artesian.report.page import SECTIONS

pytestmark = pytest.mark.browser

CONTRAST = """
() => {
  const dot = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = colour;
    dot.fillRect(0, 0, 1, 1);
    return [...dot.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("main *, header *, footer *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest("script,style,.visually-hidden")) continue;
    const style = getComputedStyle(node);
    const ink = light(rgb(node instanceof SVGElement ? style.fill : style.color));
    const paper = light(ground(node));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    const start = node.textContent.slice(0, 40);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${node.tagName} ${start}`);
  }
  return poor;
}
"""


def test_it_opens_without_messages_or_requests(open_report: Open) -> None:
    seen = open_report()
    seen.scroll_through()
    assert seen.troubles == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []
    assert seen.page.locator(".plot svg").count() == seen.page.locator(".plot").count()


def test_charts_are_drawn_when_they_come_into_view(open_report: Open) -> None:
    seen = open_report()
    seen.page.wait_for_timeout(300)
    last = seen.page.locator(".plot").last
    assert last.get_attribute("data-drawn") is None
    assert last.locator("svg").count() == 0
    last.scroll_into_view_if_needed()
    last.locator("svg").wait_for()


def test_no_value_of_the_data_is_executed(open_report: Open) -> None:
    seen = open_report("hostile")
    seen.scroll_through()
    assert seen.troubles == []
    assert seen.page.locator(".plot img, main img, main script").count() == 0
    bars = seen.page.locator(".chart-bars .plot").first
    box = bars.bounding_box()
    assert box is not None
    for part in range(1, 12):
        seen.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * part / 12)
        seen.page.wait_for_timeout(30)
    tooltip = seen.page.locator("#vg-tooltip-element")
    assert tooltip.locator("img, script").count() == 0
    assert seen.troubles == []
    heat = seen.chart("Train. Heat map")
    assert "__proto__" in heat.text_content()
    assert "</script>" in heat.text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(open_report: Open, scheme: str) -> None:
    seen = open_report(color_scheme=scheme)
    seen.scroll_through()
    assert seen.page.evaluate(CONTRAST) == []


def test_the_theme_button_changes_page_and_charts(open_report: Open) -> None:
    seen = open_report(color_scheme="light")
    page = seen.page
    chart = seen.chart("age")
    label = chart.locator(".role-axis-label text").first

    def colours() -> tuple[Any, Any]:
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return paper, label.get_attribute("fill")

    before = colours()
    from playwright.sync_api import expect

    button = page.get_by_role("button", name="Dark")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    expect(label).not_to_have_attribute("fill", before[1])
    assert button.get_attribute("aria-pressed") == "true"
    assert all(new != old for new, old in zip(colours(), before, strict=True))
    seen.scroll_through()
    assert page.evaluate(CONTRAST) == []
    assert seen.troubles == []


def test_the_keyboard_reaches_everything_in_reading_order(open_report: Open) -> None:
    seen = open_report()
    page = seen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "verdict"
    reached = []
    for _ in range(400):
        page.keyboard.press("Tab")
        here = page.evaluate("[document.activeElement.tagName, document.activeElement.id]")
        if here[0] == "BODY":
            break
        reached.append(here[1])
    plots = [id for id in reached if id.startswith("chart-")]
    assert plots == [f"chart-{n}" for n in range(page.locator(".plot").count())]


def test_arrows_walk_through_the_values_of_a_chart(open_report: Open) -> None:
    seen = open_report()
    for label in ("age", "town", "Train. Heat map", "Synthetic. Synthetic rows", "Detection"):
        chart = seen.chart(label)
        chart.focus()
        readout = chart.locator("xpath=following-sibling::p")
        seen.page.keyboard.press("End")
        last = readout.text_content()
        seen.page.keyboard.press("Home")
        first = readout.text_content()
        seen.page.keyboard.press("ArrowRight")
        second = readout.text_content()
        assert len({first, second, last}) == 3
        assert all(any(c.isdigit() for c in text) for text in (first, second, last))
        seen.page.keyboard.press("Escape")
        assert readout.text_content() == ""
    for label in ("Prediction", "Distance to"):
        seen.chart(label).focus()
        seen.page.keyboard.press("End")
        readout = seen.page.locator(".plot:focus + .readout")
        assert any(c.isdigit() for c in readout.text_content())
    assert seen.troubles == []


def test_the_keyboard_reads_the_same_numbers_as_the_table(open_report: Open) -> None:
    seen = open_report()
    chart = seen.chart("town")
    chart.focus()
    seen.page.keyboard.press("Home")
    announced = chart.locator("xpath=following-sibling::p").text_content()
    row = chart.locator("xpath=..").locator("tbody tr").first.locator("td").all_text_contents()
    assert announced == f"{row[0]}: train {row[1]}, synthetic {row[2]}, holdout {row[3]}"


def test_every_chart_control_and_section_has_a_name(open_report: Open) -> None:
    seen = open_report()
    seen.scroll_through()
    page = seen.page
    page.locator("details.fold").evaluate_all(
        "folds => folds.forEach(fold => { fold.open = true })"
    )
    # By role and a non-empty name, as a screen reader lists them.
    named = page.get_by_role("img").and_(page.locator('[aria-label]:not([aria-label=""])'))
    assert named.count() == page.locator(".plot, .dots").count()
    for role in ("button", "link", "searchbox"):
        for one in page.get_by_role(role).all():
            name = one.evaluate("n => (n.labels ? n.labels[0]?.textContent : 0) || n.textContent")
            assert name.strip(), one
    sections = page.get_by_role("region")
    assert sections.count() == page.locator("section").count() == len(SECTIONS)


def test_the_pointer_reads_a_value(open_report: Open) -> None:
    seen = open_report()
    chart = seen.chart("age")
    box = chart.bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    tooltip = seen.page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    text = tooltip.text_content()
    assert "train" in text
    assert "synthetic" in text
    assert "%" in text


def test_a_series_can_be_hidden(open_report: Open) -> None:
    seen = open_report()
    page = seen.page
    marks = seen.chart("age").locator(".holdout_marks path")
    assert marks.first.is_visible()
    key = page.get_by_role("button", name="holdout")
    key.click()
    assert key.get_attribute("aria-pressed") == "false"
    assert not marks.first.is_visible()
    key.click()
    assert marks.first.is_visible()


def test_columns_can_be_filtered_by_name(open_report: Open) -> None:
    page = open_report("hostile").page
    page.get_by_label("Find a column").fill("PROTO")
    assert page.locator(".column:visible h3").all_text_contents() == ["__proto__ category"]
    assert page.locator("#find-count").text_content() == "1 of 12"


def test_printing_draws_every_chart_in_light_colours_first(open_report: Open) -> None:
    seen = open_report(color_scheme="dark")
    page = seen.page
    # The print dialog is out of reach, but not the state of the page when it opens.
    page.evaluate(
        "window.print = () => { window.was = [document.documentElement.dataset.theme, "
        "document.querySelectorAll('.plot:not([data-drawn=yes])').length] }"
    )
    page.get_by_role("button", name="Print").click()
    page.locator("html:not([data-theme])").wait_for()
    assert page.evaluate("window.was") == ["light", 0]
    assert seen.troubles == []


def test_it_fits_a_narrow_window(open_report: Open) -> None:
    seen = open_report(viewport={"width": 400, "height": 800})
    seen.scroll_through()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 400
    for plot in seen.page.locator(".plot svg").all():
        assert plot.bounding_box()["width"] <= 380


def test_without_scripts_texts_and_tables_remain(open_report: Open) -> None:
    seen = open_report(java_script_enabled=False)
    page = seen.page
    assert page.locator(".verdict").is_visible()
    assert "need JavaScript" in page.locator("#verdict").text_content()
    page.locator("details.numbers summary").first.click()
    assert page.locator("details.numbers table").first.is_visible()
    assert seen.requests[1:] == [] or all(u.startswith("data:") for u in seen.requests[1:])
