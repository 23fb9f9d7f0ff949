"""Nothing in the built site is loaded from elsewhere: `python docs/check_site.py build/site`.

Links that a reader follows may lead anywhere. Scripts, styles, fonts, images and frames may not.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

LOADING = {
    ("script", "src"), ("img", "src"), ("img", "srcset"), ("iframe", "src"), ("source", "src"),
    ("source", "srcset"), ("video", "src"), ("audio", "src"), ("embed", "src"), ("object", "data"),
    ("image", "href"), ("use", "href"),
}  # fmt: skip
LINKED = {"stylesheet", "icon", "shortcut", "preload", "prefetch", "preconnect", "dns-prefetch"}
REMOTE = re.compile(r"^\s*(https?:)?//")
IN_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


class Page(HTMLParser):
    """Collects what a page loads from another host."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.remote: list[str] = []
        self.feed(text)
        self.remote += IN_STYLE.findall(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an address of another host that the browser would load by itself."""
        values = dict(attrs)
        relations = set((values.get("rel") or "").lower().split())
        for name, value in attrs:
            loads = (tag, name) in LOADING
            loads |= tag == "link" and name == "href" and bool(relations & LINKED)
            if loads and REMOTE.match(value or ""):
                self.remote.append(value or "")


def remote(folder: Path) -> dict[str, list[str]]:
    """What each page and style sheet below `folder` loads from another host."""
    places = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".html":
            places[str(path)] = Page(path.read_text("utf-8")).remote
        elif path.suffix == ".css":
            places[str(path)] = IN_STYLE.findall(path.read_text("utf-8"))
    return {path: urls for path, urls in places.items() if urls}


def main() -> int:
    """Print what is loaded from elsewhere; 1 if there is any, or no page at all."""
    folder = Path(sys.argv[1])
    pages = len(list(folder.rglob("*.html")))
    loading = remote(folder)
    for path, urls in loading.items():
        print(f"{path} loads {', '.join(urls)}", file=sys.stderr)
    print(f"{pages} pages, {len(loading)} of them load something from elsewhere")
    return int(bool(loading) or not pages)


if __name__ == "__main__":
    sys.exit(main())
