"""Totals that are a product with a rounded percentage, and the sum of parts at the same time."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def progress(names: tuple[str, str, str, str, str], rows: int = 900) -> pl.DataFrame:
    """What is done of a budget: in percent, before this month, in this month, and in all."""
    rng = np.random.default_rng(1)
    budget = rng.lognormal(6, 0.7, rows).round() * 100
    percent = rng.integers(100, 10_000, rows) / 100
    done = (budget * percent / 100).round(2)
    month = (done * rng.uniform(0.05, 1, rows)).round(2)
    columns = (budget, percent, (done - month).round(2), month, done)
    return pl.DataFrame(dict(zip(names, columns, strict=True)))


@pytest.mark.parametrize(
    "names",
    [
        ("auftrag", "fertig_prozent", "vormonat", "monat", "gesamt"),
        ("budget", "pct_complete", "previously billed", "this period", "billed to date"),
    ],
)
def test_what_is_done_is_the_budget_times_its_percentage(
    names: tuple[str, str, str, str, str],
) -> None:
    made = ar.synth(progress(names), metrics=()).data
    budget, percent, before, month, done = (made[name] for name in names)
    assert ((done - budget * percent / 100).abs() < 0.0051).mean() > 0.995
    assert ((done - before - month).abs() < 0.0051).mean() > 0.995
    assert (before >= 0).all()
    assert (month >= 0).all()


def test_a_percentage_that_is_estimated_is_no_factor() -> None:
    names = ("budget", "percent", "before", "month", "done")
    table = progress(names)
    noise = np.random.default_rng(2).normal(0, 0.5, len(table))
    table = table.with_columns((pl.col("percent") + noise).round(2))
    found = [str(one.relation) for one in discover(ar.read(table))]
    assert not [text for text in found if "percent" in text and "=" in text.replace("<=", "")]
    assert any(text.startswith("done = before + month") for text in found)
