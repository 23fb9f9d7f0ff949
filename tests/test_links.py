"""Every relative link of the documentation leads to a file, and every anchor to a heading."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
)

FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?\s*\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def links(text: str) -> list[str]:
    """Targets of links and images, outside of code; web addresses excluded."""
    targets = LINK.findall(CODE.sub("", FENCE.sub("", text)))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    count: Counter[str] = Counter()
    slugs = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        slugs.add(f"{slug}-{count[slug]}" if count[slug] else slug)
        count[slug] += 1
    return slugs


def problems(page: Path) -> list[str]:
    """What is wrong with the links of a page, one line each."""
    wrong = []
    for target in links(page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        goal = page if not path else (page.parent / path).resolve()
        if not goal.exists():
            wrong.append(f"{target}: no such file")
        elif anchor and anchor not in anchors(goal.read_text(encoding="utf-8")):
            wrong.append(f"{target}: no such heading")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert problems(page) == []


def test_wrong_links_and_anchors_are_seen(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# One two\n\n## `c2st_holdout`: why?\n\n## One two\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[a](other.md#one-two) [b](other.md#c2st_holdout-why) [c](other.md#one-two-1)\n"
        "[d](#here) ![e](missing.png) [f](other.md#three) [g](#there) [h](https://example.org/x)\n"
        "`[i](code.md)`\n```\n# Not a heading\n[j](block.md)\n```\n"
    )
    assert problems(page) == [
        "missing.png: no such file",
        "other.md#three: no such heading",
        "#there: no such heading",
    ]
