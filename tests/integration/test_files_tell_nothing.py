"""No file of an output folder spells out what fewer than five rows hold."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from artesian.cli.app import call

ROWS = 600
# Two rows whose values nobody else has, and which are the extremes of every column.
PLANTED: dict[str, tuple[Any, Any]] = {
    "income": (987_654.31, -77_123.77),
    "children": (171, -41),
    "joined": (date(1907, 3, 5), date(2066, 8, 9)),
    "seen": (datetime(1911, 2, 3, 4, 5, 6), datetime(2071, 9, 8, 7, 6, 5)),
    "town": ("Zzyzxville", "Xanaduheim"),
    "grade": ("q9secret", "w8hidden"),
}


def people() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    days = [timedelta(days=int(day)) for day in rng.integers(0, 900, ROWS)]
    common = {
        "income": np.round(rng.gamma(2, 2000, ROWS), 2),
        "children": rng.integers(0, 12, ROWS),
        "joined": [date(2020, 1, 1) + day for day in days],
        "seen": [datetime(2021, 1, 1, 12, 30, 5) + day for day in reversed(days)],
        "town": rng.choice(["Berlin", "Paris", "Rome"], ROWS),
        "grade": rng.choice(["a", "b", "c"], ROWS),
    }
    frame = pl.DataFrame(common)
    return pl.concat([frame, pl.DataFrame(PLANTED).cast(dict(frame.schema))])


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file, and of every member of an archive, as it is and decompressed."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield path.name, path.read_bytes()
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            yield f"{path.name}, values", (frame.write_csv() + str(frame.schema)).encode()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from (
                    (f"{path.name}, {name}", archive.read(name)) for name in archive.namelist()
                )


def spelt(value: Any) -> list[bytes]:
    """The ways in which a file may spell out a value."""
    if isinstance(value, str):
        return [value.encode(), value[:6].encode()]
    if isinstance(value, date | datetime):
        days = (value.date() if isinstance(value, datetime) else value) - date(1970, 1, 1)
        return [value.isoformat().encode(), f" {days.days}".encode(), f"[{days.days}".encode()]
    return [
        f" {value}".encode(),
        f"[{value}".encode(),
        f",{value}".encode(),
        np.float64(value).tobytes(),
    ]


def numbers_of(value: Any) -> list[float]:
    """The numbers by which an array may represent a value."""
    if isinstance(value, datetime):
        seconds = (value - datetime(1970, 1, 1)).total_seconds()
        return [seconds, seconds * 1e6]
    if isinstance(value, date):
        return [(value - date(1970, 1, 1)).days]
    return [] if isinstance(value, str) else [value]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("method", ["trees", "boosted", "marginals"])
def test_planted_extremes_and_categories_are_in_no_byte(
    tmp_path: Path, suffix: str, method: str
) -> None:
    frame, source, out = people(), tmp_path / f"people.{suffix}", tmp_path / "out"
    if suffix == "parquet":
        levels = [*"abc", *PLANTED["grade"]]
        frame.with_columns(pl.col("grade").cast(pl.Enum(levels))).write_parquet(source)
    else:
        frame.write_csv(source)
    arguments = ["--method", method, "--keep-model", "--quiet"]
    assert call(["synth", str(source), "-o", str(out), *arguments]) == 0
    spelt_out = []
    for name, content in contents(out):
        for column, values in PLANTED.items():
            # 171 and -41 are also numbers of rows of a chart.
            if not (column == "children" and name == "report.html"):
                texts = [text for value in values for text in spelt(value)]
                spelt_out += [(name, column, text) for text in texts if text in content]
        if name.endswith(".npy"):
            array = np.load(io.BytesIO(content), allow_pickle=False)
            if array.dtype.kind in "fiu":
                for column, values in PLANTED.items():
                    wanted = [number for value in values for number in numbers_of(value)]
                    # 171 and -41 are also sizes and offsets of arrays.
                    if column != "children" and np.isin(array.astype(float), wanted).any():
                        spelt_out.append((name, column, b"as a number"))
    assert spelt_out == []
