"""A workbook gives the values back that were written into it, or is refused."""

from __future__ import annotations

import datetime as dt
import tempfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from artesian.core.errors import OutputError
from artesian.data.dataframes import from_dataframe
from artesian.data.read import read
from artesian.data.write import writer

AT = dt.datetime(2024, 1, 1, 10, 20, 30)


def written(folder: Path, *values: Any, name: str = "v", dtype: Any = None) -> Path:
    """A workbook of two columns, the second of which has these values."""
    return written_column(folder, pl.Series(name, values, dtype=dtype))


def written_column(folder: Path, column: pl.Series) -> Path:
    table = from_dataframe(pl.DataFrame([pl.Series("k", range(len(column))), column]))
    path = folder / "t.xlsx"
    with writer(path, table.origin, force=True) as out:
        out.write(table)
    return path


KEPT: dict[str, tuple[Any, ...]] = {
    "formulas": ("=1+1", "{=1}", "+1", "-x", "@a"),
    "texts of digits": ("007", "1e5", "42"),
    "addresses": ("http://x.y", "mailto:a@b.c"),
    "spaces": (" a ", "a\r\nb", "\t", "a  b"),
    "escapes": ("_x0041_", "\x01", "<&>"),
    "digits": (0.1 + 0.2, 1 / 3, 5e-324, -1e300),
    "large whole numbers": (2**53, -(2**53), 2**60),
    "small and large": (1, 10**15 + 1, -5),
    "dates": (dt.date(1900, 1, 1), dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(9999, 1, 1)),
    "times": (AT, AT.replace(microsecond=999_000), dt.datetime(1900, 3, 1)),
    "times of day": (dt.time(0, 0), dt.time(23, 59, 59, 999_000)),
    "durations": (dt.timedelta(days=400), dt.timedelta(seconds=-5)),
    "decimals": (Decimal("1.10"), Decimal("-99999999.99")),
    "booleans": (True, False, None),
}


@pytest.mark.parametrize("what", KEPT)
def test_values_come_back(tmp_path: Path, what: str) -> None:
    values = KEPT[what]
    back = read(written(tmp_path, *values)).frame["v"]
    assert back.cast(pl.Series(values).dtype).to_list() == list(values)


CHANGED: dict[str, tuple[Any, str]] = {
    "long text": ("a" * 40_000, "of 40,000 characters would be 'aaa"),
    "long text of pairs": ("\U0001f600" * 20_000, "of 20,000 characters would be"),
    "whole number": (2**53 + 1, "row 2: 9007199254740993 would be 9007199254740992"),
    "date before 1900": (dt.date(1899, 12, 31), "has a date of the year 1899, and an Excel"),
    "time on the day that 1900 did not have": (dt.datetime(1900, 1, 1, 5), "would be 1899-12-31"),
    "microseconds": (AT.replace(microsecond=1), "10:20:30.000001 would be"),
    "time of day": (dt.time(23, 59, 59, 999_999), "23:59:59.999999 would be"),
    "duration": (dt.timedelta(microseconds=1), "0:00:00.000001 would be 0:00:00"),
    "decimal": (Decimal("12345678901234567890.12"), "12345678901234567890.12 would be"),
    "no character": ("\ufffe", "would be '_xFFFE_'"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_excel_would_change_is_refused(tmp_path: Path, what: str) -> None:
    value, problem = CHANGED[what]
    with pytest.raises(OutputError, match="column 'v'") as caught:
        written(tmp_path, None, value)
    assert problem in str(caught.value)
    assert "Parquet" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_names_that_excel_would_change_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"column name '.ufffe' would be"):
        written(tmp_path, 1, 2, name="\ufffe")


def test_a_year_that_python_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="a date of the year 10000"):
        written_column(tmp_path, pl.Series("v", [2_932_897, 0]).cast(pl.Date))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_time_zones_are_kept(tmp_path: Path, zone: str) -> None:
    times = pl.Series([AT, AT.replace(month=7, microsecond=5)] * 5).dt.replace_time_zone(zone)
    back = read(written(tmp_path, *times, dtype=times.dtype)).frame["v"]
    assert back.dtype == times.dtype
    assert back.to_list() == times.to_list()


def test_rows_in_batches_are_compared_too(tmp_path: Path) -> None:
    first = from_dataframe(pl.DataFrame({"a": [1, 2], "b": ["x", None]}))
    second = from_dataframe(pl.DataFrame({"a": [3, 2**53 + 1], "b": ["y", "z"]}))

    def write() -> None:
        with writer(tmp_path / "t.xlsx", first.origin) as out:
            out.write(first)
            out.write(second)

    with pytest.raises(OutputError, match="column 'a', row 4"):
        write()


ANY = st.one_of(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=2
    ),
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), min_size=2),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2),
    st.lists(st.dates(dt.date(1850, 1, 1)), min_size=2),
    st.lists(st.datetimes(dt.datetime(1850, 1, 1)), min_size=2),
    st.lists(st.datetimes().map(lambda t: t.replace(microsecond=0)), min_size=2),
    st.lists(st.times(), min_size=2),
    st.lists(st.timedeltas(dt.timedelta(-9_000), dt.timedelta(9_000)), min_size=2),
    st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=2),
    st.lists(st.booleans() | st.none(), min_size=2),
)


@given(values=ANY)
def test_whatever_is_written_comes_back(values: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(OutputError):
        path = written(Path(folder), *values)
        sheet = fastexcel.read_excel(str(path)).load_sheet(0, schema_sample_rows=None)
        back = sheet.to_polars()["v"]
        expected = pl.Series(values)
        if expected.dtype == pl.Time:
            back = back.dt.time()
        assert back.cast(expected.dtype, strict=False).to_list()[: len(values)] == values


def test_texts_among_durations_are_missing(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        hours = book.add_format({"num_format": "[h]:mm:ss"})
        sheet.write_row(0, 0, ["id", "took"])
        for row in range(1, 9):
            sheet.write(row, 0, row)
            sheet.write_datetime(row, 1, dt.timedelta(hours=30 * row), hours)
        sheet.write_row(9, 0, [9, "unknown"])
    table = read(tmp_path / "t.xlsx")
    assert table.frame["id"].to_list() == list(range(1, 10))
    took = [dt.timedelta(hours=30 * row) for row in range(1, 9)]
    assert table.frame["took"].to_list() == [*took, None]
    assert any("'took': what is no duration" in note for note in table.origin.notes)


def test_a_time_after_the_last_year_of_python_is_read(tmp_path: Path) -> None:
    """Programs round the last microsecond of the year 9999 up."""
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        times = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, ["id", "until"])
        for row in range(1, 9):
            sheet.write(row, 0, row)
            sheet.write_number(row, 1, 2_958_466, times)
    assert read(tmp_path / "t.xlsx").frame["until"].dt.year().to_list() == [10_000] * 8
