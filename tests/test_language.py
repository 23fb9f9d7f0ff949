"""Names, docstrings, messages and docs use the words of the field."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests import language


@pytest.mark.parametrize(
    "path", language.files([]), ids=lambda p: str(p.relative_to(language.ROOT))
)
def test_no_word_of_the_glossary_is_left(path: Path) -> None:
    assert [str(offence) for offence in language.offences(path)] == []


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("a.py", "def rows_told(x):\n    return x\n", "told"),
        ("a.py", "class MadeRows:\n    pass\n", "made"),
        ("a.py", "share = 1\n", "share"),
        ("a.py", "def f(my_corpus):\n    return my_corpus\n", "my"),
        ("a.py", '"""The given columns hold the condition, the others follow its law."""\n', "law"),
        ("a.py", 'raise ValueError("the name stands for a person")\n', "stands for"),
        ("a.py", "x = 1  # of the unseen rows\n", "unseen"),
        ("a.md", "The share of rows after the slash.\n", "share of"),
        ("a.html", "<p>held-out rows</p>\n", "held-out"),
    ],
)
def test_a_planted_word_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, word: str
) -> None:
    monkeypatch.setattr(language, "ROOT", tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert word in {offence.word for offence in language.offences(tmp_path / name)}


def test_every_exception_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    exceptions = dict(language.EXCEPTIONS)
    monkeypatch.setattr(language, "EXCEPTIONS", {})
    needed = {
        (offence.path, offence.word.lower())
        for path in {name for name, _ in exceptions}
        for offence in language.offences(language.ROOT / path)
    }
    assert set(exceptions) <= needed
    assert all(exceptions.values()), "an exception states why"
