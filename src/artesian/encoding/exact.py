"""Frequent values to the last digit, where floats represent them only nearly.

64-bit identifiers, 128-bit integers and long decimals in a wide range, and sums such as
0.30000000000000004 on a grid of hundredths, repeat exactly in real data. The segments of such values
carry the value itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.encoding.scale import Floats, Scale, from_integers, to_integers
from artesian.encoding.segments import Segments


@dataclass(frozen=True, slots=True, eq=False)
class ExactValues:
    """Values of segments.

    Attributes:
        values: Value of each segment, missing where its float represents it, shape (S,).
    """

    values: pl.Series

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether each segment has an exact value, shape (S,)."""
        return np.asarray(self.values.is_not_null().to_numpy())

    def put(
        self, series: pl.Series, chosen: NDArray[np.int64], present: NDArray[np.bool_]
    ) -> pl.Series:
        """`series` with the exact value of each row's segment where it has one.

        Args:
            chosen: Segment of each row, shape (n,).
            present: Whether each row has a value, shape (n,).
        """
        own = self.values.gather(chosen)
        return own.zip_with(own.is_not_null() & pl.Series(present), series).rename(series.name)

    def equal(self, value: pl.Series) -> NDArray[np.bool_]:
        """Whether each segment's exact value is the given one, shape (S,)."""
        return np.asarray((self.values == value).fill_null(False).to_numpy())

    def to_state(self) -> list[str | None]:
        """The values as text, for `from_state`."""
        integers = to_integers(self.values)
        if integers is None:
            return [None if v is None else repr(v) for v in self.values.to_list()]
        return integers.cast(pl.String).to_list()

    @classmethod
    def from_state(cls, state: list[str | None], dtype: pl.DataType) -> Self:
        """Restore what `to_state` returned."""
        if dtype.is_float():
            return cls(pl.Series([None if v is None else float(v) for v in state], dtype=dtype))
        integers = to_integers(pl.Series([], dtype=dtype))
        assert integers is not None, "other types are integers underneath"
        text = pl.Series(state, dtype=pl.String)
        return cls(from_integers(text.cast(integers.dtype), dtype))


def split_repeated(
    series: pl.Series,
    scale: Scale,
    floats: Floats,
    minimum: int,
    bins: tuple[Segments, Floats, Floats],
) -> tuple[Segments, Floats, Floats, ExactValues] | None:
    """Give the values of at least `minimum` rows segments of their own.

    Args:
        series: The column.
        floats: Its values as the bins have them, shape (n,).
        bins: Segments with their ends.

    Returns:
        The segments, their ends, and the exact values; None if floats represent all of these.
    """
    frame = pl.DataFrame({"value": series, "float": floats}).drop_nulls("value")
    counted = frame.group_by("value", maintain_order=True).agg(pl.len(), pl.col("float").first())
    counted = counted.filter(pl.col("len") >= minimum).sort("value")
    back = scale.to_series(counted["float"].to_numpy(), np.zeros(len(counted), bool))
    if (back == counted["value"]).all():
        return None
    by_float: dict[float, list[int]] = {}
    for at, near in enumerate(counted["float"].to_list()):
        by_float.setdefault(near, []).append(at)
    rows = counted["len"].to_list()
    segments, low, high = bins
    mass: list[float] = []
    old: list[int] = []  # segment that each new one is a part of
    new: list[int | None] = []  # its value in `counted`
    for segment, (left, right) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        rest = float(segments.mass[segment])
        for at in by_float.get(left, []) if left == right else []:
            own = min(float(rows[at]), rest)
            if own > 0:
                mass.append(own)
                old.append(segment)
                new.append(at)
                rest -= own
        if rest > 0:
            mass.append(rest)
            old.append(segment)
            new.append(None)
    first = np.searchsorted(old, segments.start).astype(np.int64)
    values = counted["value"].gather(pl.Series(new, dtype=pl.UInt32))
    return Segments(np.array(mass), first), low[old], high[old], ExactValues(values)
