"""Every figure that the docs quote equals the committed benchmark result it names.

A quoted figure carries an invisible mark right behind it:

    detection 0.52<!-- bench: single_table.json#means/adult/trees/detection_holdout -->

The path behind '#' leads through the JSON file below benchmarks/results; list items go by number.
The figure must be the value rounded as printed; with '%' behind the figure, the value times 100.

Run it with no arguments: it looks through README.md, CHANGELOG.md and docs/**/*.md.
"""

from __future__ import annotations

import json
import re
import sys
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MARK = re.compile(
    r"(?:(?P<figure>[-−]?\d[\d,]*(?:\.\d+)?)(?P<percent>\s?%)?\**)?<!--\s*bench:(?P<place>[^>]*?)-->"
)


def main(root: Path = ROOT) -> int:
    """Print every figure that is wrong; return 1 if there is one."""
    documents = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").rglob("*.md"))]
    wrong, checked = [], 0
    for document in documents:
        if not document.is_file():
            continue
        text = document.read_text(encoding="utf-8")
        for mark in MARK.finditer(text):
            checked += 1
            problem = _problem(mark, root / "benchmarks" / "results")
            if problem:
                line = text.count("\n", 0, mark.start()) + 1
                wrong.append(f"{document.relative_to(root)}:{line}: {problem}")
    print("\n".join([*wrong, f"{checked} figures checked, {len(wrong)} wrong"]))
    return 1 if wrong else 0


def _problem(mark: re.Match[str], results: Path) -> str:
    place = mark["place"].strip()
    if mark["figure"] is None:
        return f"no figure stands right before the mark {place!r}"
    try:
        value = Decimal(str(_look_up(place, results)))
    except (OSError, LookupError, ValueError, ArithmeticError) as problem:
        return f"{place!r} leads nowhere: {type(problem).__name__}: {problem}"
    printed = Decimal(mark["figure"].replace(",", "").replace("−", "-"))
    value = value * 100 if mark["percent"] else value
    rounded = value.quantize(printed, rounding=ROUND_HALF_EVEN)
    return "" if rounded == printed else f"{mark['figure']} is {value} in {place}"


def _look_up(place: str, results: Path) -> Any:
    name, _, path = place.partition("#")
    found = json.loads((results / name).read_text(encoding="utf-8"))
    for step in path.split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError(f"{found!r} is no number")
    return found


if __name__ == "__main__":
    sys.exit(main())
