"""Distances of ordered columns, as whole numbers of their spacing."""

import polars as pl

from artesian.encoding.transforms.order_steps import MAX_STEPS, DistanceStep
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
