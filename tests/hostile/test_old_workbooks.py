"""Binary workbooks (.xls, .xlsb): read as others are, and within the limit of memory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from tests.hostile.old_workbooks import cells_of, write_xls, write_xlsb

from artesian.core.errors import DataError
from artesian.data.read import read
from artesian.data.readers import isolated

FRAME = pl.DataFrame({"id": range(30), "town": ["Ulm", "Köln", "Bonn"] * 10, "x": [1.5] * 30})
CELLS = cells_of(FRAME)
FORMS = {"xls": write_xls, "xlsb": write_xlsb}


@pytest.mark.parametrize("form", FORMS)
def test_a_table(tmp_path: Path, form: str) -> None:
    table = read(FORMS[form](tmp_path / f"t.{form}", CELLS))
    assert table.frame.equals(FRAME)
    assert table.origin.options == {"suffix": ".xlsx", "sheet": "Sheet1"}


@pytest.mark.parametrize("form", FORMS)
def test_errors_are_those_of_the_reader(tmp_path: Path, form: str) -> None:
    path = FORMS[form](tmp_path / f"t.{form}", CELLS)
    with pytest.raises(DataError, match="no sheet 'Sheet2'") as caught:
        read(f"{path}::Sheet2")
    assert caught.value.hint == "did you mean 'Sheet1'?"


FAR = {(0, 0): "a", (1, 0): 1.0, (2**20 - 1, 2**14 - 1): 1.0}


def test_a_far_cell_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "300MB")
    path = write_xlsb(tmp_path / "t.xlsb", FAR)
    assert path.stat().st_size < 2_000
    with pytest.raises(DataError, match="takes more memory than the limit of 300 MB") as caught:
        read(path)
    assert "set ARTESIAN_MAX_MEMORY=" in caught.value.hint


def test_many_sheets_of_two_cells_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "500MB")
    far = {(0, 0): "a", (1, 0): 1.0, (65_535, 255): 1.0}
    path = write_xls(tmp_path / "t.xls", far, sheets=200)
    with pytest.raises(DataError, match="takes more memory than the limit of 500 MB"):
        read(path)


@pytest.mark.parametrize("size", [(2**32 - 1, 65_535), (2**31, 256), (0, 0), (5, 2)])
@pytest.mark.parametrize("form", FORMS)
def test_a_size_that_is_not_true(tmp_path: Path, form: str, size: tuple[int, int]) -> None:
    path = FORMS[form](tmp_path / f"t.{form}", CELLS, size=size)
    with suppress(DataError):  # and neither a crash nor another exception
        assert read(path).frame.equals(FRAME)


@pytest.mark.parametrize("form", FORMS)
def test_a_part_of_a_file(tmp_path: Path, form: str) -> None:
    whole = FORMS[form](tmp_path / f"t.{form}", CELLS).read_bytes()
    path = tmp_path / f"part.{form}"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read as excel") as caught:
        read(path)
    assert caught.value.hint


def test_more_columns_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    cells = {(row, at): float(row) if row else f"c{at}" for row in range(8) for at in (0, 1, 300)}
    with pytest.raises(DataError, match="a cell beyond 65536 rows or 256 columns"):
        read(write_xls(tmp_path / "t.xls", cells))


def test_a_small_file_that_takes_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated, "MIN_SECONDS", 1.0)
    path = write_xls(tmp_path / "t.xls", {(0, 0): "a", (1, 0): 1.0, (60, 65_000): 1.0})
    with pytest.raises(DataError, match="reading it takes more than 1 s"):
        read(path)
