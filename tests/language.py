"""Find words that the field does not use, in identifiers, docstrings, messages and docs.

    python tests/language.py [PATH ...]

prints one line an occurrence. `CONTRIBUTING.md` has the glossary: which word is used instead.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

INSTEAD = {
    "law": "distribution",
    "share": "proportion, fraction",
    "shares": "proportions, fractions, distribution",
    "least": "min_*",
    "fewest": "min_*",
    "most": "max_*",
    "gap": "missing value, or difference",
    "gaps": "missing values, or differences",
    "blank": "missing value, or empty",
    "blanks": "missing values, or empty",
    "twice": "duplicates",
    "protected": "suppressed, or sensitive",
    "told": "to_dict, describe, message, or a name for the thing",
    "tells": "to_dict, describe, message",
    "telling": "describe, summary",
    "said": "a name for the thing",
    "words": "message, description, or a name for the thing",
    "made": "synthetic, generated",
    "known": "a name for the thing",
    "found": "a name for the thing",
    "held": "holdout, or a name for the thing",
    "unseen": "holdout",
    "unbeaten": "pareto_optimal",
    "mine": "a name for the thing",
    "my": "corpus, or a name for the thing",
    "passes": "epochs",
    "cell": "trial, bin, slot, ...",
    "cells": "trials, bins, slots, ...",
}
"""Part of an identifier -> what to write in its place."""

PHRASES = {
    r"\blaws?\b": "distribution",
    r"\bshares? of\b": "proportion, fraction",
    r"\b(?:the|a|an|this|that|its|each|whose|their|same|mean|as) shares?\b": "proportion, fraction",
    r"\bstands? (?:for|in|beside|there)\b|\bstood in\b|\bstanding (?:for|in)\b": "represent; appear",
    r"\bfewest\b": "minimum",
    r"\bgaps?\b": "missing value; difference",
    r"\bblanks?\b": "missing value; empty",
    r"\btwice\b": "two times; duplicates",
    r"\bprotected (?:value|attribute|categor\w+|one)s?\b": "suppressed (value), sensitive (attribute)",
    r"\btold\b|\btells? of\b|\btell(?:s|ing)? apart\b": "described, reported, distinguished",
    r"\brows? (?:are |is |were )?made\b|\bmade (?:rows?|anew)\b": "synthetic rows, generated",
    r"\bunseen\b|\bheld[- ]out\b|\bheld back\b|\bkept aside\b|\bput aside\b": "holdout",
    r"\bunbeaten\b|\bnot beaten\b": "Pareto-optimal",
    r"\bbehind the stroke\b": "after the slash",
    r"\bhand(?:s|ed)? on\b|\blean(?:s|ed)? on\b": "are memorised, copied",
    r"\bmine\b": "the user's, the corpus",
    r"\blies? (?:behind|nearer)\b|\bas things are\b|\bwhat is wanted\b": "say it plainly",
}
"""Pattern in prose, letter case aside -> what to write in its place."""

GLOSSARY = "| write | not |"
"""Head of the table in CONTRIBUTING.md that lists these words."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("src/artesian/core/settings.py", "least"): "part of 'at least', as in 'at least one worker'",
    ("src/artesian/forecasting/inputs/inputs.toml", "law"): "Moore's law",
    ("src/artesian/forecasting/inputs/inputs.toml", "mine"): "names of random streams",
    ("src/artesian/forecasting/series/bundled_data.py", "words"): "words of a text",
    ("src/artesian/forecasting/studies/besiroglu_2022.py", "law"): "Moore's law",
    ("src/artesian/metrics/common/linear.py", "least"): "least squares",
    ("src/artesian/metrics/privacy/dcr.py", "share"): "the DCR share, a name of the literature",
    ("src/artesian/metrics/common/neighbours.py", "unseen"): "name of a random stream",
    ("src/artesian/metrics/privacy/attacks/attack_control.py", "unseen"): "name of a random stream",
    ("src/artesian/metrics/utility/coefficients.py", "unseen"): "name of a random stream",
    ("src/artesian/metrics/utility/prediction_task.py", "unseen"): "name of a random stream",
}
"""(path below the root, word) -> why the word is the field's own there."""


@dataclass(frozen=True)
class Offence:
    path: str
    line: int
    word: str
    instead: str
    where: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.where}: {self.word!r} -> {self.instead}"


def offences(path: Path) -> Iterator[Offence]:
    """Every word in the file at `path` that the glossary replaces."""
    name = path.relative_to(ROOT).as_posix()
    text = path.read_text(encoding="utf-8")
    pieces = _python(text) if path.suffix == ".py" else _plain(text, path.suffix)
    for line, where, piece in pieces:
        hits = _in_identifier(piece) if where == "name" else _in_prose(piece)
        for word, instead in hits:
            if (name, word.lower()) not in EXCEPTIONS:
                yield Offence(name, line, word, instead, where if where != "name" else piece)


def _in_identifier(name: str) -> list[tuple[str, str]]:
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [(part.lower(), INSTEAD[part.lower()]) for part in parts if part.lower() in INSTEAD]


def _in_prose(text: str) -> list[tuple[str, str]]:
    return [
        (match.group(0), instead)
        for pattern, instead in PHRASES.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def _python(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, 'name', 'docstring', 'text' or 'comment', what is written there)."""
    tree = ast.parse(text)
    docs = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                docs.add(id(body[0].value))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, "name", node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, "name", node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, "name", node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, "name", node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, "docstring" if id(node) in docs else "text", node.value
    for number, line in enumerate(text.splitlines(), 1):
        _, mark, comment = line.partition("  # ") if "  # " in line else ("", "", "")
        if not mark and line.lstrip().startswith("# "):
            comment = line.lstrip()[2:]
        if comment:
            yield number, "comment", comment


def _plain(text: str, suffix: str) -> Iterator[tuple[int, str, str]]:
    kind = "text" if suffix in (".html", ".toml", ".js") else "docs"
    in_glossary = False  # the table of replaced words contains them
    for number, line in enumerate(text.splitlines(), 1):
        in_glossary = line == GLOSSARY or (in_glossary and line.startswith("|"))
        if not in_glossary:
            yield number, kind, line


def files(paths: list[str]) -> list[Path]:
    """The checked files: the package, the docs and the example notebooks' folder texts."""
    roots = [ROOT / path for path in paths] or [
        ROOT / "src" / "artesian",
        ROOT / "docs",
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
    ]
    found = []
    for root in roots:
        found += [root] if root.is_file() else sorted(root.rglob("*"))
    suffixes = (".py", ".md", ".html", ".js", ".toml")
    return [path for path in found if path.suffix in suffixes and "__pycache__" not in path.parts]


if __name__ == "__main__":
    count = 0
    for file in files(sys.argv[1:]):
        for offence in offences(file):
            print(offence)
            count += 1
    print(f"{count} words to replace")
