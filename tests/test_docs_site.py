"""The docs site: docstrings are valid markup, and nothing is loaded from another host."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PROGRAM = DOCS / "check_site.py"
sys.path.insert(0, str(DOCS))


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, PROGRAM, folder], capture_output=True, text=True)


def test_links_and_local_files_are_fine(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<link rel="stylesheet" href="style.css"><link rel="next" href="https://example.org">'
        '<a href="https://example.org">there</a><img src="a.png"><script src="x.js"></script>'
    )
    (tmp_path / "style.css").write_text("a { background: url('a.png') }")
    assert checked(tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.html", '<link rel="stylesheet" href="https://example.org/style.css">'),
        ("a.html", '<link rel="preconnect" href="//example.org">'),
        ("a.html", '<script src="http://example.org/x.js"></script>'),
        ("a.html", '<img src="//example.org/a.png">'),
        ("a.html", "<style>@import 'https://example.org/style.css'</style>"),
        ("a.css", "@font-face { src: url(https://example.org/font.woff2) }"),
    ],
)
def test_what_comes_from_elsewhere_is_named(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "index.html").write_text("<p>fine</p>")
    (tmp_path / file).write_text(text)
    ended = checked(tmp_path)
    assert ended.returncode == 1
    assert "example.org" in ended.stderr
    assert file in ended.stderr


def test_an_empty_folder_is_no_site(tmp_path: Path) -> None:
    assert checked(tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("docstring", "text"),
    [
        ("2 * 3 | 4, a_ and b_c", r"2 \* 3 \| 4, a\_ and b_c"),
        ("`a * b` and ``c_``", "`a * b` and ``c_``"),
        ("all `Table`s", r"all `Table`\ s"),
        ("code `over\nlines`.", "code `over\nlines`."),
        (">>> 2 * 3\n6 * 1", ">>> 2 * 3\n6 \\* 1"),
    ],
)
def test_only_code_is_markup_in_a_docstring(docstring: str, text: str) -> None:
    from docstrings import plain_text

    assert plain_text(docstring) == text
