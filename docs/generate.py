"""Write the pages of the docs that follow from the code: docs/catalog.md.

With --check nothing is written, and the exit code is 1 if a page is not up to date.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from artesian.metrics import CATALOG as METRICS
from artesian.synthesizers import CATALOG as SYNTHESIZERS

PAGE = Path(__file__).parent / "catalog.md"


def catalog() -> str:
    """Every synthesizer with its settings, and every metric."""
    lines = [
        "# Catalog",
        "",
        "Written by `make docs` from the code. Which synthesizer serves your data best, "
        "`artesian bench` [measures](bench.md).",
        "",
        "## Synthesizers",
    ]
    for name, make in SYNTHESIZERS.items():
        traits = make.traits
        lines += ["", f"### {name}", "", f"{_sentence(traits.means)} Follows {traits.source}.", ""]
        lines += ["| setting | default |", "|---|---|"]
        lines += [f"| `{f.name}` | `{f.default!r}` |" for f in dataclasses.fields(make)]
    lines += ["", "## Metrics", "", "| metric | family | better | what it means | source |"]
    lines += ["|---|---|---|---|---|"]
    for make in METRICS.values():
        spec = make.spec
        cells = (f"`{spec.name}`", spec.family, spec.better.value, spec.means, spec.source)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


if __name__ == "__main__":
    new = catalog()
    if "--check" not in sys.argv:
        PAGE.write_text(new, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != new:
        sys.exit(f"{PAGE.name} is not up to date: run make docs")
