"""Dates that can be read in two ways are read as the rest of the table is."""

from pathlib import Path

import polars as pl
import pytest

import artesian as ar
from artesian.data.read import explain_dataset

DUE = [f"05/{month:02d}/2023" for month in range(1, 13)] * 3
"""The fifth of every month, or days of May."""


def written(folder: Path, separator: str = ",", **columns: list[str]) -> Path:
    path = folder / "table.csv"
    pl.DataFrame(columns).write_csv(path, separator=separator)
    return path


@pytest.mark.parametrize(("other", "part"), [("28/02/2023", "month"), ("02/28/2023", "day")])
def test_another_column_decides(tmp_path: Path, other: str, part: str) -> None:
    path = written(tmp_path, due=DUE, paid=[other, *DUE[1:]])
    table = ar.read(path)
    days = table.frame["due"].to_list()[:12]
    assert [getattr(day, part) for day in days] == list(range(1, 13))
    assert "ambiguous" not in explain_dataset(path).evidence["table"]["due"] or part == "day"
    assert ar.read(path, schema=table.schema).frame.equals(table.frame)


def test_a_decimal_comma_puts_the_day_first(tmp_path: Path) -> None:
    path = written(tmp_path, ";", due=DUE, amount=["3,5", "1200,25", "7,0"] * 12)
    table = ar.read(path)
    assert table.frame["due"].dt.month().to_list()[:12] == list(range(1, 13))
    assert "decimals have a comma" in explain_dataset(path).evidence["table"]["due"]


def test_prices_with_a_comma_put_the_day_first(tmp_path: Path) -> None:
    path = written(tmp_path, due=DUE, rent=["R$ 1.250,50", "R$ 800,00", "R$ 95,10"] * 12)
    assert ar.read(path).frame["due"].dt.month().to_list()[:12] == list(range(1, 13))


def test_columns_that_disagree_decide_nothing(tmp_path: Path) -> None:
    alone = ar.read(written(tmp_path, due=DUE)).frame["due"]
    path = written(tmp_path, due=DUE, one=["28/02/2023", *DUE[1:]], two=["02/28/2023", *DUE[1:]])
    assert ar.read(path).frame["due"].equals(alone)
    assert "ambiguous" in explain_dataset(path).evidence["table"]["due"]
