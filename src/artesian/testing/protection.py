"""Checks of value suppression: no value that few rows have is released, unless it is turned off."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, cast

import polars as pl

from artesian.core.disclosure import MIN_COUNT
from artesian.core.run import Run
from artesian.synthesizers.protocol import Synthesizer
from artesian.testing.determinism import Make
from artesian.testing.tables import secrets, table

ROWS = 20_000
"""Rows of a sample, enough for rare values to occur in it."""


def check_rare_categories_stay_hidden(make: Make) -> None:
    """No category with fewer than `MIN_COUNT` rows is released, as text, number or categorical type."""
    data = secrets()
    levels = sorted(set(data.frame["town"].to_list()))
    data = table(
        data.frame.select("town", "district").with_columns(
            kind=pl.col("town").cast(pl.Categorical), level=pl.col("town").cast(pl.Enum(levels))
        ),
        **{"district": data.schema["district"].kind},
    )
    rows = make().fit(data, run=Run.from_seed(1)).sample(ROWS, run=Run.from_seed(2)).frame
    for name in rows.columns:
        counted = data.frame.group_by(pl.col(name).cast(pl.String)).len()
        rare = set(counted.filter(pl.col("len") < MIN_COUNT)[name])
        shown = rare & set(rows[name].cast(pl.String).unique())
        assert not shown, (
            f"{name}: {sorted(shown)} have fewer than {MIN_COUNT} rows and were released"
        )
        assert not rows[name].null_count(), f"{name}: suppressed values became missing"


def check_texts_and_keys_are_generated(make: Make) -> None:
    """No text and no key of the data is copied."""
    data = secrets()
    rows = make().fit(data, run=Run.from_seed(1)).sample(len(data), run=Run.from_seed(2)).frame
    for name in ("code", "note"):
        copied = set(rows[name]) & set(data.frame[name])
        # A code drawn from a small space equals one of the data's by chance.
        assert len(copied) < 0.01 * len(data), f"{name}: {len(copied)} values were copied"
    alike = set(zip(rows["number"], rows["code"], strict=True)) & set(
        zip(data.frame["number"], data.frame["code"], strict=True)
    )
    assert not alike, f"keys were copied: {sorted(alike)[:3]}"


def check_keys_are_unique(make: Make) -> None:
    """Keys are unique, also in a sample many times as long as the data."""
    rows = make().fit(secrets(), run=Run.from_seed(1)).sample(ROWS, run=Run.from_seed(2)).frame
    for name in ("number", "code"):
        assert rows[name].n_unique() == ROWS, f"{name}: {ROWS - rows[name].n_unique()} duplicates"


def check_extremes_are_not_copied(make: Make) -> None:
    """The most extreme numbers at either end, those with ranks below `MIN_COUNT`, are not released."""
    frame = secrets().frame.select(
        "wealth",
        whole=pl.col("wealth").round().cast(pl.Int64),
        debt=-pl.col("wealth"),
    )
    rows = make().fit(table(frame), run=Run.from_seed(1)).sample(ROWS, run=Run.from_seed(2)).frame
    for name in frame.columns:
        extremes = frame[name].abs().sort().tail(MIN_COUNT - 1)
        copied = set(extremes) & set(rows[name].abs())
        assert not copied, f"{name}: the extremes {sorted(copied)} of the data were copied"
    lone = pl.DataFrame({"rate": [0.0] * 60 + [0.123456789] + [1.0] * 60})
    rows = make().fit(table(lone), run=Run.from_seed(1)).sample(ROWS, run=Run.from_seed(2)).frame
    assert 0.123456789 not in rows["rate"], "a number of a single row between others was copied"


def check_protection_can_be_turned_off(make: Make) -> None:
    """With `protect=False`, rare and extreme values are sampled like all others."""
    if not any(field.name == "protect" for field in dataclasses.fields(cast(Any, make()))):
        return
    data = secrets(400)
    model = _unprotected(make)().fit(data, run=Run.from_seed(1))
    rows = model.sample(ROWS, run=Run.from_seed(2)).frame
    lost = set(data.frame["town"]) - set(rows["town"])
    assert not lost, f"without suppression, {sorted(lost)} are still missing"
    assert set(rows["town"]) <= set(data.frame["town"]), (
        "without suppression, categories are still merged"
    )
    assert (rows["wealth"] > 1e8).any(), "without suppression, extremes are still missing"
    assert (model.sample(20, {"town": "Ys"}).frame["town"] == "Ys").all(), (
        "a condition on a rare value is not satisfied"
    )


def _unprotected(make: Make) -> Callable[[], Synthesizer]:
    return lambda: dataclasses.replace(cast(Any, make()), protect=False)
