"""Measured tables and sentences of the docs are written from the results, and checked against them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import figures
from docs_tables import KINDS, ROOT, documents, find_blocks, main
from markdown_text import number, paragraph, percent

BLOCK = "# Why\n\n<!-- table: exposure -->\n<!-- /table -->\n\nThe end.\n"
ATTACKS = [f"membership_{attack}" for attack in figures.ATTACKS]
EXPOSURE = {
    "means": {
        name: dict(zip(ATTACKS, areas, strict=True))
        for name, *areas in (
            ("fresh", 0.5128, 0.5004, 0.4971, 0.5116),
            ("boosted", 0.5531, 0.55, 0.5129, 0.55),
            ("trees", 0.5402, 0.538, 0.5156, 0.5615),
        )
    }
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one page and one result, its table written."""
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "benchmarks" / "results" / "exposure.json").write_text(json.dumps(EXPOSURE))
    (tmp_path / "docs" / "why.md").write_text(BLOCK)
    assert main(tmp_path, check=False) == 0
    return tmp_path


def test_a_table_is_written_between_its_markers(root: Path) -> None:
    lines = (root / "docs" / "why.md").read_text().splitlines()
    assert lines[:3] == ["# Why", "", "<!-- table: exposure -->"]
    assert lines[5:8] == [
        "| fresh real | 0.513 | 0.500 | 0.497 | 0.512 |",
        "| `boosted` | 0.553 | 0.550 | 0.513 | 0.550 |",
        "| `trees` | 0.540 | 0.538 | 0.516 | 0.562 |",
    ]
    assert lines[8:] == ["<!-- /table -->", "", "The end."]
    assert main(root, check=True) == 0


def test_a_changed_result_makes_the_check_fail(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = json.dumps(EXPOSURE).replace("0.5129", "0.5329")
    (root / "benchmarks" / "results" / "exposure.json").write_text(changed)
    assert main(root, check=True) == 1
    assert "docs/why.md:7: out of date" in capsys.readouterr().out
    assert "0.513" in (root / "docs" / "why.md").read_text(), "a check writes nothing"
    assert main(root, check=False) == 0
    assert "0.533" in (root / "docs" / "why.md").read_text()


def test_a_table_edited_by_hand_makes_the_check_fail(root: Path) -> None:
    page = root / "docs" / "why.md"
    page.write_text(page.read_text().replace("0.550", "0.505"))
    assert main(root, check=True) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- table: missing -->\n<!-- /table -->\n", "unknown table 'missing'"),
        ("<!-- sentence: exposure -->\n<!-- /sentence -->\n", "unknown sentence 'exposure'"),
        ("0.52<!-- bench: exposure.json#means -->\n", "unknown marker"),
        ("<!-- table: exposure -->\n", "is not closed"),
        ("<!-- table: exposure -->\n<!-- /sentence -->\n", "closes nothing"),
        ("<!-- /table -->\n", "closes nothing"),
        ("<!-- table: exposure -->\n<!-- table: exposure -->\n<!-- /table -->\n", "not closed"),
        ("<!-- sentence: leaks -->\n<!-- /sentence -->\n", "FileNotFoundError"),
    ],
)
def test_wrong_markers_and_missing_results_are_errors(
    root: Path, text: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "README.md").write_text("\n" + text)
    assert main(root, check=False) == 1
    assert "README.md:" in (printed := capsys.readouterr().out)
    assert problem in printed


def test_a_result_without_the_figure_is_an_error(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "benchmarks" / "results" / "exposure.json").write_text("{}")
    assert main(root, check=True) == 1
    assert "KeyError: 'means'" in capsys.readouterr().out


def test_numbers_are_rounded_half_to_even_as_printed() -> None:
    assert [number(0.5615, 3), number(0.5625, 3), number(0.55, 3)] == ["0.562", "0.562", "0.550"]
    assert [number(3582517, 0), number(-0.031, 2)] == ["3,582,517", "-0.03"]
    assert [percent(0.035), percent(0.9524)] == ["3.5 %", "95.2 %"]


def test_a_paragraph_keeps_code_on_one_line() -> None:
    text = paragraph("word " * 20 + "`artesian synth people.csv -o out` and more")
    assert "`artesian synth people.csv -o out`" in text
    assert max(map(len, text.splitlines())) <= 110


def test_the_docs_of_this_repository_are_up_to_date() -> None:
    assert main(check=True) == 0


def test_every_table_and_sentence_is_in_the_docs() -> None:
    used = {
        (block.kind, block.name)
        for page in documents(ROOT)
        for block in find_blocks(page.read_text(encoding="utf-8"))
    }
    assert used == {(kind, name) for kind, names in KINDS.items() for name in names}


def test_every_result_that_the_docs_quote_counts(tmp_path: Path) -> None:
    """No document stays up to date when the results behind it are gone."""
    for page in documents(ROOT):
        copy = tmp_path / page.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, copy)
    assert main(tmp_path, check=True) == 1
