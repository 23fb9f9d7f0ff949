"""Dates that a model may have: those that can be written."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from artesian.encoding.scale import Scale


@pytest.mark.parametrize("kind", [pl.Date, pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ns")])
def test_dates_of_files_can_be_written(kind):
    series = pl.Series([dt.date(1700, 1, 1), dt.date(2024, 5, 6), dt.date(2200, 1, 1)]).cast(kind)
    scale = Scale.from_series(series)
    assert scale.can_be_written(scale.to_floats(series))


@pytest.mark.parametrize("kind", [pl.Date, pl.Datetime("ms"), pl.Datetime("us")])
def test_dates_beyond_the_calendar_are_none(kind):
    scale = Scale.from_series(pl.Series([dt.date(2024, 5, 6), dt.date(2024, 5, 8)]).cast(kind))
    assert not scale.can_be_written(np.array([0.0, 1e300]))
    assert Scale.from_series(pl.Series([1, 5])).can_be_written(np.array([0.0, 1e300]))
