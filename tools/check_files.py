"""Are these text files whole? `python tools/check_files.py FILE...`, as pre-commit calls it.

Each ends with one line end, no line ends with whitespace, none is a mark of a merge conflict, and TOML,
JSON, notebooks and YAML parse.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)
TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def _yaml(text: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        YAML(typ="safe").load(text)
    except YAMLError as problem:
        raise ValueError(" ".join(str(problem).split())) from problem


PARSERS: dict[str, Callable[[str], object]] = {
    ".toml": tomllib.loads,
    ".json": json.loads,
    ".ipynb": json.loads,
    ".yml": _yaml,
    ".yaml": _yaml,
    ".cff": _yaml,
}
DATA = {".csv", ".tsv", ".jsonl", ".svg"}
"""Data and drawings are kept as they came."""

WHITESPACE_MATTERS = {".html"}
"""In a template it is part of what it writes."""


def problems_of(path: Path) -> list[str]:
    """What is wrong with the text file at `path`."""
    if path.suffix in DATA:
        return []
    text = path.read_text(encoding="utf-8")
    problems = []
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        problems.append("does not end with exactly one line end")
    for name, pattern in (("whitespace at the end of", TRAILING), ("a conflict mark in", CONFLICT)):
        if pattern is TRAILING and path.suffix in WHITESPACE_MATTERS:
            continue
        if at := pattern.search(text):
            problems.append(f"has {name} line {text.count(chr(10), 0, at.start()) + 1}")
    try:
        PARSERS.get(path.suffix, str)(text)
    except ValueError as problem:
        problems.append(f"does not parse: {problem}")
    return problems


def main() -> int:
    """Print what is wrong with each file; 1 if anything is."""
    lines = [f"{name}: {what}" for name in sys.argv[1:] for what in problems_of(Path(name))]
    print("\n".join(lines), end="\n" if lines else "")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
