"""Texts with dates and times are recognised in as few as three rows, whatever their pattern."""

from datetime import datetime

import polars as pl
import pytest

import artesian as ar
from artesian.data.schema import Kind

MOMENTS = [datetime(1948, 12, 8), datetime(1952, 2, 19, 14, 5, 9), datetime(1963, 8, 30, 23, 59)]


@pytest.mark.parametrize(
    "pattern",
    [
        *("%Y-%m-%d %H:%M:%S.000", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+05:30", "%Y-%m"),
        *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M", "%Y/%m/%d", "%d-%b-%y", "%B %d, %Y", "%H:%M"),
        *("%a, %d %b %Y", "%m/%d/%Y %I:%M %p"),
    ],
)
def test_texts_of_one_pattern_are_times(pattern: str) -> None:
    texts = [moment.strftime(pattern) for moment in MOMENTS]
    table = ar.read(pl.DataFrame({"seen": texts, "n": [3, 1, 2]}))
    assert table.schema["seen"].kind is Kind.DATETIME
    assert table.frame["seen"].null_count() == 0
