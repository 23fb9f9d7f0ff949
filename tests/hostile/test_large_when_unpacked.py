"""Small files that unpack to large tables, and workbooks of two cells in opposite corners."""

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
import xlsxwriter

from artesian.core.errors import DataError, UsageError
from artesian.core.memory import max_memory, require_memory
from artesian.data.read import read

FILES = Path(__file__).parent / "files"


@pytest.fixture
def limit(monkeypatch):
    """A limit of 30 MB."""
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "30MB")


def _refused(path, limit="30 MB"):
    assert path.stat().st_size < 2_000_000
    with pytest.raises(DataError, match=f"of memory, and the limit is {limit}") as caught:
        read(path)
    assert "set ARTESIAN_MAX_MEMORY=" in caught.value.hint


@pytest.mark.parametrize("opened", [gzip.open, bz2.open, lzma.open])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_compressed_text(tmp_path, monkeypatch, opened, suffix):
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "3MB")
    path = tmp_path / f"t.{suffix}.{ {gzip.open: 'gz', bz2.open: 'bz2', lzma.open: 'xz'}[opened] }"
    line = b"1,2\n" if suffix == "csv" else b'{"a": 1, "b": 2}\n'
    with opened(path, "wb") as file:
        file.write(b"a,b\n" if suffix == "csv" else line)
        file.write(line * (2_400_000 // len(line)))
    _refused(path, "3 MB")


@pytest.mark.parametrize("what", ["numbers", "texts"])
@pytest.mark.parametrize("form", ["parquet", "feather"])
def test_columns_of_one_value(tmp_path, limit, form, what):
    values = np.zeros(5_000_000) if what == "numbers" else ["x" * 50_000] * 800
    path = tmp_path / f"t.{form}"
    write = pa.parquet.write_table if form == "parquet" else pa.feather.write_feather
    write(pa.table({"a": values}), path, compression="zstd")
    _refused(path)


def test_a_workbook(tmp_path, limit):
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"\0" * 20_000_000)
    _refused(path)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("stray_corner.xlsx", "1048576 x 16384 cells"),
        ("cell_beyond.xlsx", "a cell beyond"),
        ("rows_repeated.ods", "a cell beyond"),
        ("columns_repeated.ods", "a cell beyond"),
        ("text_spaces.ods", "4000000000 spaces"),
    ],
)
def test_a_sheet_larger_than_it_looks(name, problem):
    with pytest.raises(DataError, match=problem) as caught:
        read(FILES / name)
    assert caught.value.hint


@pytest.mark.parametrize("mark", ['"', "'"])
def test_a_far_cell_in_any_spelling(tmp_path, mark):
    source = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(source) as book:
        book.add_worksheet().write_column(0, 0, ["a", 1, 2])
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if "sheet1.xml" in member.filename:
                data = data.replace(b'r="A3"', f"r={mark}xfd1048576{mark}".encode())
            new.writestr(member, data)
    with pytest.raises(DataError, match="1048576 x 16384 cells"):
        read(path)


def test_a_common_workbook_is_read(tmp_path):
    path = tmp_path / "t.xlsx"
    frame = pl.DataFrame({"a": range(30), "b": ["x", "y", "z"] * 10})
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(2, 3, frame.columns)
        for at, row in enumerate(frame.iter_rows()):
            sheet.write_row(3 + at, 3, row)
    assert read(path).frame.equals(frame)


def test_the_limit_is_half_of_the_memory_or_the_variable(monkeypatch):
    monkeypatch.delenv("ARTESIAN_MAX_MEMORY", raising=False)
    assert max_memory() > 100_000_000
    for text, size in [("2GB", 2 << 30), ("1.5 gib", 3 << 29), ("700000", 700_000)]:
        monkeypatch.setenv("ARTESIAN_MAX_MEMORY", text)
        assert max_memory() == size
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "much")
    with pytest.raises(UsageError, match="'much', not a size"):
        require_memory(1, "nothing")


def test_the_hint_names_a_limit_that_suffices(monkeypatch):
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", "1MB")
    with pytest.raises(DataError) as caught:
        require_memory(5_000_000_000, "a file")
    monkeypatch.setenv("ARTESIAN_MAX_MEMORY", caught.value.hint.partition("=")[2].split()[0])
    require_memory(5_000_000_000, "a file")


def test_what_exceeds_the_machine_is_not_tried_with_a_higher_limit() -> None:
    with pytest.raises(DataError) as caught:
        require_memory(2.0**50, "a sheet")
    assert "=" not in caught.value.hint
    assert "this machine has" in caught.value.hint
