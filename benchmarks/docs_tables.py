"""Write the measured tables and sentences of the docs from the results of the benchmarks.

A block is a pair of comments on lines of their own; what is between them belongs to this program:

    <!-- table: exposure -->
    | rows | ... |
    <!-- /table -->

`table` and `sentence` name a function of TABLES or SENTENCES, which reads benchmarks/results/*.json.

    python benchmarks/docs_tables.py            write every block of README.md, CHANGELOG.md and docs/
    python benchmarks/docs_tables.py --check    write nothing; exit with 1 if a block is out of date
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import attack_tables
import augmentation_tables
import collapse_tables
import figures
import method_tables
import peer_tables

ROOT = Path(__file__).resolve().parent.parent

MARKER = re.compile(
    r"<!--[ \t]*(?P<end>/?)(?P<kind>[a-z]+)(?::[ \t]*(?P<name>[^>]*?))?[ \t]*-->\n?"
)


class Results(dict[str, Any]):
    """The JSON files in a folder, by name without suffix, read on first use."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Any:
        text = (self.folder / f"{name}.json").read_text(encoding="utf-8")
        self[name] = json.loads(text)
        return self[name]


Render = Callable[[Mapping[str, Any]], str]

TABLES: Mapping[str, Render] = {
    "peers": peer_tables.summary,
    "single_table": peer_tables.data_sets,
    "adversarial_forest": peer_tables.adversarial_forest,
    "exposure": figures.exposure,
    "leaderboard": figures.leaderboard,
    "constraints": figures.constraints,
    "all_methods": method_tables.all_methods,
    "augmentation": augmentation_tables.gains,
    "collapse_remedies": collapse_tables.remedies,
    "forecast_back_test": figures.forecast_back_test,
    "forecast_horizons": figures.forecast_horizons,
    "forecast_definitions": figures.forecast_definitions,
    "memorisation": attack_tables.memorisation,
    "release_models": attack_tables.release_models,
    "tradeoff": attack_tables.tradeoff,
    "tabsyn_detection": attack_tables.tabsyn_detection,
    "tabsyn_likeness": attack_tables.tabsyn_likeness,
    "tabsyn_attacks": attack_tables.tabsyn_attacks,
}

SENTENCES: Mapping[str, Render] = {
    "protocol": peer_tables.protocol,
    "augmentation": augmentation_tables.conclusion,
    "collapse_power": collapse_tables.power,
    "collapse_speed": collapse_tables.speed,
    "million_rows": figures.million_rows,
    "leaks": attack_tables.leaks,
    "false_alarms": figures.false_alarms,
    "false_findings": figures.false_findings,
    "evaluation_time": figures.evaluation_time,
    "forecast_coverage": figures.forecast_coverage,
    "forecast_outcomes": figures.forecast_outcomes,
    "forecast_speed": figures.forecast_speed,
    "conditions": method_tables.conditions,
}

KINDS: Mapping[str, Mapping[str, Render]] = {"table": TABLES, "sentence": SENTENCES}


class BlockError(Exception):
    """A marker is unknown or has no partner, or the results do not contain what its block needs."""


def main(root: Path = ROOT, *, check: bool) -> int:
    """Write or check every block below `root`, print each problem, return 1 if there is one."""
    results = Results(root / "benchmarks" / "results")
    problems, blocks = [], 0
    for path in documents(root):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root)
        try:
            blocks += sum(1 for _ in find_blocks(text))
            written = rewrite(text, results)
        except BlockError as error:
            problems.append(f"{name}:{error}")
            continue
        if written != text and check:
            problems.append(
                f"{name}:{first_difference(text, written)}: out of date: run make tables"
            )
        elif written != text:
            path.write_text(written, encoding="utf-8")
    print("\n".join([*problems, f"{blocks} blocks, {len(problems)} problems"]))
    return 1 if problems else 0


def documents(root: Path) -> list[Path]:
    """README.md, CHANGELOG.md and the Markdown pages of docs/."""
    pages = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").rglob("*.md"))]
    return [page for page in pages if page.is_file()]


@dataclass(frozen=True)
class Block:
    """Where the content of a block starts and ends in its document, and what writes it."""

    kind: str
    name: str
    start: int
    end: int
    line: int


def find_blocks(text: str) -> Iterator[Block]:
    """The blocks of a document.

    Raises:
        BlockError: a marker is unknown, or is not closed.
    """
    opened: re.Match[str] | None = None
    for marker in MARKER.finditer(text):
        line = text.count("\n", 0, marker.start()) + 1
        kind, name = marker["kind"], marker["name"] or ""
        if kind not in KINDS:
            raise BlockError(f"{line}: unknown marker {marker[0].strip()!r}")
        if marker["end"]:
            if opened is None or opened["kind"] != kind:
                raise BlockError(f"{line}: {marker[0].strip()!r} closes nothing")
            yield Block(kind, opened["name"], opened.end(), marker.start(), line)
            opened = None
        elif opened is not None:
            raise BlockError(f"{line}: {opened[0].strip()!r} is not closed before this marker")
        elif name not in KINDS[kind]:
            raise BlockError(f"{line}: unknown {kind} {name!r}; there are {', '.join(KINDS[kind])}")
        else:
            opened = marker
    if opened is not None:
        line = text.count("\n", 0, opened.start()) + 1
        raise BlockError(f"{line}: {opened[0].strip()!r} is not closed")


def rewrite(text: str, results: Results) -> str:
    """`text` with every block written from `results`.

    Raises:
        BlockError: a marker is wrong, or the results do not contain what a block needs.
    """
    parts, end = [], 0
    for block in find_blocks(text):
        try:
            content = KINDS[block.kind][block.name](results)
        except (OSError, LookupError, TypeError, ValueError, ArithmeticError) as error:
            problem = f"{type(error).__name__}: {error}"
            raise BlockError(f"{block.line}: {block.kind} {block.name!r}: {problem}") from error
        parts += [text[end : block.start], content.strip("\n") + "\n"]
        end = block.end
    return "".join([*parts, text[end:]])


def first_difference(old: str, new: str) -> int:
    """The number of the first line of `old` that `new` does not have in its place."""
    pairs = zip(old.splitlines(), new.splitlines(), strict=False)
    same = next((n for n, (a, b) in enumerate(pairs) if a != b), old.count("\n"))
    return same + 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if out of date")
    sys.exit(main(check=parser.parse_args().check))
