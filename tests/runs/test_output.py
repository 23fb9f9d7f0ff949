"""Files of the output folder: whole or not at all, and whatever text they are given."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from artesian.core.errors import OutputError
from artesian.runs.output import write_json, write_text


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    for text in ("first", "second"):
        write_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_lone_surrogate_is_replaced(tmp_path: Path) -> None:
    write_text(tmp_path / "a.md", "x\ud800y\n")
    assert (tmp_path / "a.md").read_bytes() == b"x?y\n"


def test_json_refuses_nan_and_keeps_the_older_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"größe": Path("x")})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"größe": "x"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"value": float("nan")})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"größe": "x"}


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="closed"):
        write_text(closed / "a.md", "x")
