"""Distances of ordered columns, as whole numbers of their spacing."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from artesian.core.run import Run
from artesian.data.dataframes import from_dataframe
from artesian.encoding.transforms.order_steps import MAX_STEPS, DistanceStep, IntervalStep
from artesian.encoding.transforms.protocol import Position
from artesian.encoding.transforms.relations import RelationSteps
from artesian.encoding.transforms.steps import Hidden
from artesian.relations.orders import Order


def test_a_distance_beyond_64_bits_is_the_longest_one() -> None:
    step = DistanceStep(
        relation=Order("net", "gross"),
        form=Hidden(dtype=pl.Float64(), decimals=None),
        distance="gross - net",
        unit=100.0,
        fill=0.0,
    )
    frame = pl.DataFrame({"net": [100.0, 100.0, None], "gross": [300.0, 1e30, None]})
    (distance,) = step.hide(frame)
    assert distance.to_list() == [2, int(MAX_STEPS), None]


def test_an_interval_without_an_upper_bound_is_as_wide_as_others() -> None:
    rng = np.random.default_rng(0)
    start = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 900, 500)]
    frame = pl.DataFrame({"invoiced": start}).with_columns(
        (pl.col("invoiced") + pl.duration(days=pl.Series(rng.integers(20, 90, 500)))).alias("paid")
    )
    ends = pl.col("invoiced").dt.offset_by("12mo")
    frame = frame.with_columns(
        pl.when(pl.int_range(pl.len()) % 12 == 0).then(ends).alias("warranty ends")
    )
    ends_of = '"warranty ends" = add_months(invoiced, 12)'
    listed = ("invoiced < paid", 'paid < "warranty ends"', ends_of)
    table = from_dataframe(frame)
    table = replace(table, schema=replace(table.schema, relations=listed))
    steps = RelationSteps.learn(table, protect=True)
    assert steps is not None
    assert any(isinstance(step, IntervalStep) for step in steps.steps)
    modelled = steps.forward(table).frame
    out = steps.inverse(modelled, Position(0, Run.from_seed(0).seed))
    assert out["paid"].equals(frame["paid"])
