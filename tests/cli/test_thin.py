"""Verbs of the command line and functions of the API only parse, call and show."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import artesian
from artesian.cli.app import VERBS

PACKAGE = Path(artesian.__file__).parent
MAX_LINES = 60


def code_lines(node: ast.AST, text: str) -> int:
    """Lines of code: without docstrings, comments and empty lines."""
    lines = set()
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        number
        for one in ast.walk(node)
        if isinstance(one, documented) and ast.get_docstring(one) is not None
        for number in range(one.body[0].lineno, (one.body[0].end_lineno or 0) + 1)
    }
    start, end = getattr(node, "lineno", 1), getattr(node, "end_lineno", len(text.splitlines()))
    for number, line in enumerate(text.splitlines()[start - 1 : end], start):
        if line.strip() and not line.lstrip().startswith("#") and number not in docstrings:
            lines.add(number)
    return len(lines)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_of_the_command_line_is_short(verb: str) -> None:
    text = (PACKAGE / "cli" / f"{verb}.py").read_text(encoding="utf-8")
    assert code_lines(ast.parse(text), text) < MAX_LINES


def test_functions_of_the_api_are_short() -> None:
    names = set()
    for file in (PACKAGE / "api").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        for one in ast.walk(ast.parse(text)):
            if isinstance(one, ast.FunctionDef):
                names.add(one.name)
                assert code_lines(one, text) < MAX_LINES, one.name
    assert names >= {"synth", "compare", "canaries", "forecast", "benchmark"}
