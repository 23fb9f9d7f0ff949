"""Categories that ranges of a time determine: seasons of days, releases of timestamps."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.relations.discover import discover


def matches() -> pl.DataFrame:
    """Days from August to May, hardly any of them in two rows, with the season."""
    rng = np.random.default_rng(1)
    days = [
        date(int(rng.integers(2005, 2023)), 8, 1) + timedelta(days=int(rng.integers(0, 300)))
        for _ in range(500)
    ]
    seasons = [d.year if d.month >= 7 else d.year - 1 for d in days]
    return pl.DataFrame(
        {
            "journée": days,
            "saison": [f"{y}-{y + 1}" for y in seasons],
            "buts": rng.poisson(2.6, 500),
        }
    )


def crashes() -> pl.DataFrame:
    """Times of crash reports, with the release that was out."""
    rng = np.random.default_rng(2)
    start, hours = datetime(2024, 1, 1), np.sort(rng.uniform(0, 5_000, 400))
    out = np.searchsorted([900, 2_100, 3_300], hours)
    rows = pl.DataFrame(
        {
            "reported": [start + timedelta(seconds=int(3_600 * h)) for h in hours],
            "release": [f"v{k + 1}.0" for k in out],
            "memory": rng.integers(100, 900, 400),
        }
    )
    return rows.sample(fraction=1, shuffle=True, seed=3)


@pytest.mark.parametrize(
    ("make", "time", "label"), [(matches, "journée", "saison"), (crashes, "reported", "release")]
)
def test_a_range_of_time_has_a_label(make: object, time: str, label: str, tmp_path: Path) -> None:
    assert callable(make)
    source = make()
    assert f"{time} -> {label}" in [str(one.relation) for one in discover(ar.read(source))]
    model = ar.synth(source, method="marginals", seed=1, metrics=()).model
    rows = model.sample(800)
    ranges = source.group_by(label).agg(
        pl.col(time).min().alias("a"), pl.col(time).max().alias("b")
    )
    joined = rows.join(ranges, on=label)
    inside = (joined[time] >= joined["a"]) & (joined[time] <= joined["b"])
    # Days between two ranges belong to either.
    others = ranges.sort("a")
    between = rows.filter(
        ~pl.any_horizontal(
            pl.col(time).is_between(a, b) for a, b in others.select("a", "b").iter_rows()
        )
    )
    assert inside.sum() + len(between) >= 0.995 * len(rows)
    assert rows[label].n_unique() >= 0.8 * source[label].n_unique()
    ar.save(model, tmp_path / "model")
    assert ar.load(tmp_path / "model").sample(800).equals(rows)


def test_a_rare_label_has_no_range() -> None:
    rng = np.random.default_rng(3)
    days = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 4_000, 3_000)]
    label = np.where(rng.random(3_000) < 0.004, "rare", "usual")
    frame = pl.DataFrame({"day": days, "label": label, "n": rng.integers(0, 90, 3_000)})
    assert "day -> label" not in [str(one.relation) for one in discover(ar.read(frame))]
