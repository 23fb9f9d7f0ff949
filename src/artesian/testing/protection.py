"""Value protection: nothing that points at one person comes out, unless it is turned off."""

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
"""Rows that have to stand behind a category before it may be made."""


def check_rare_categories_stay_hidden(make: Make) -> None:
    """No category with fewer than five rows is made, as text, number or type of its own."""
    data = secrets()
    levels = sorted(set(data.frame["town"].to_list()))
    data = table(
        data.frame.select("town", "district").with_columns(
            kind=pl.col("town").cast(pl.Categorical), level=pl.col("town").cast(pl.Enum(levels))
        ),
        **{"district": data.schema["district"].kind},
    )
    made = make().fit(data, run=Run.of(1)).sample(ROWS, run=Run.of(2)).frame
    for name in made.columns:
        counted = data.frame.group_by(pl.col(name).cast(pl.String)).len()
        rare = set(counted.filter(pl.col("len") < MIN_COUNT)[name])
        shown = rare & set(made[name].cast(pl.String).unique())
        assert not shown, f"{name}: {sorted(shown)} have fewer than {MIN_COUNT} rows and were made"
        assert not made[name].null_count(), f"{name}: protection made values missing"


def check_texts_and_keys_are_made_anew(make: Make) -> None:
    """No text and no key of the data comes out."""
    data = secrets()
    made = make().fit(data, run=Run.of(1)).sample(len(data), run=Run.of(2)).frame
    for name in ("code", "note"):
        copied = set(made[name]) & set(data.frame[name])
        # A code drawn from a small space meets one of the data's by chance.
        assert len(copied) < 0.01 * len(data), f"{name}: {len(copied)} values were copied"
    alike = set(zip(made["number"], made["code"], strict=True)) & set(
        zip(data.frame["number"], data.frame["code"], strict=True)
    )
    assert not alike, f"keys were copied: {sorted(alike)[:3]}"


def check_keys_are_unique(make: Make) -> None:
    """A key names one row, in a sample many times as long as the data, too."""
    made = make().fit(secrets(), run=Run.of(1)).sample(ROWS, run=Run.of(2)).frame
    for name in ("number", "code"):
        assert made[name].n_unique() == ROWS, f"{name}: {ROWS - made[name].n_unique()} twice"


def check_extremes_are_not_copied(make: Make) -> None:
    """The five most extreme numbers at either end are not told, whatever their type."""
    frame = secrets().frame.select(
        "wealth",
        whole=pl.col("wealth").round().cast(pl.Int64),
        debt=-pl.col("wealth"),
    )
    made = make().fit(table(frame), run=Run.of(1)).sample(ROWS, run=Run.of(2)).frame
    for name in frame.columns:
        most = frame[name].abs().sort().tail(MIN_COUNT - 1)
        told = set(most) & set(made[name].abs())
        assert not told, f"{name}: the extremes {sorted(told)} of the data were made"
    lone = pl.DataFrame({"rate": [0.0] * 60 + [0.123456789] + [1.0] * 60})
    made = make().fit(table(lone), run=Run.of(1)).sample(ROWS, run=Run.of(2)).frame
    assert 0.123456789 not in made["rate"], "a number that one row has between others was copied"


def check_protection_can_be_turned_off(make: Make) -> None:
    """With `protect=False` the rare and the extreme are made like everything else."""
    if not any(field.name == "protect" for field in dataclasses.fields(cast(Any, make()))):
        return
    data = secrets(400)
    model = _unprotected(make)().fit(data, run=Run.of(1))
    made = model.sample(ROWS, run=Run.of(2)).frame
    lost = set(data.frame["town"]) - set(made["town"])
    assert not lost, f"unprotected, and still {sorted(lost)} are missing"
    assert set(made["town"]) <= set(data.frame["town"]), "unprotected, and still values are merged"
    assert (made["wealth"] > 1e8).any(), "unprotected, and still no extreme is made"
    assert (model.sample(20, {"town": "Ys"}).frame["town"] == "Ys").all(), (
        "a rare value was asked for"
    )


def _unprotected(make: Make) -> Callable[[], Synthesizer]:
    return lambda: dataclasses.replace(cast(Any, make()), protect=False)
