"""Search for columns that a part of a time determines: names of days and months, seasons, shifts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from artesian.relations.expressions import Call, Number, Ref
from artesian.relations.parts import PartDependency
from artesian.relations.search.agreement import (
    accuracy,
    between_groups,
    determines,
    unrefuted,
)
from artesian.relations.search.rows import Codes, dense_codes

PARTS = ("quarter", "weekday", "month", "hour", "day", "week", "year")
"""Parts of a time that are tried; of a time of day, the hour alone."""

MAX_VALUES = 60
"""Maximum number of values of a column that a part determines."""

MAX_EXCEPTIONS = 0.01
"""Maximum fraction of days, or of times, that disagree with the others of their part."""

MIN_CLEAN = 30
"""Minimum number of informative rows of a dependency without exceptions."""


def part_dependencies(
    frame: pl.DataFrame,
    skip: Collection[str],
    listable: Collection[str],
    ids: Sequence[str],
    codes: Mapping[str, Codes],
) -> Iterator[PartDependency]:
    """For every column that parts of times determine, the part with the fewest values.

    Evidence are different times that agree in the part: that all rows of one day agree does not make
    their column depend on weekdays, nor do the rows of an identifier that determines it.

    Args:
        skip: Columns that are computed from others.
        listable: Categories, flags and numbers; no identifiers, no texts.
        ids: Identifiers of which several rows have the same value.
        codes: Dense codes of the columns.
    """
    times = [s for s in frame if s.dtype.is_temporal() and s.dtype != pl.Duration]
    levels = {name: int(c.max(initial=-1)) + 1 for name, c in codes.items()}
    targets = [
        s.name
        for s in frame
        if s.name in listable and s.name not in skip and 2 <= levels[s.name] <= MAX_VALUES
    ]
    targets = [name for name in targets if not frame[name].dtype.is_temporal()]
    if not times or not targets:
        return
    matrix = np.stack([codes[name] for name in targets], axis=1).astype(np.int32)
    parts = [(time, part, _codes(part, frame)) for time in times for part in _parts(time)]
    parts = [one for one in parts if int(one[2].max(initial=-1)) > 0]
    tried = max(len(parts) * len(targets), 1)
    found: dict[str, list[tuple[int, float, int, Call]]] = {name: [] for name in targets}
    for number, (time, part, values) in enumerate(parts):
        distinct = int(values.max()) + 1
        # Rows of one day agree in all parts of the day, so days are compared, or times of day.
        finer = codes[time.name]
        if part.function != "hour":
            finer = dense_codes(time.dt.date())
        for target in (targets[at] for at in unrefuted(values, matrix)):
            t = codes[target]
            if levels[target] > distinct or not determines(values, t, tried, MIN_CLEAN):
                continue
            owners = [codes[name] for name in ids if determines(codes[name], t, 1, 0)]
            between = (
                between_groups(one, values, t, tried, MAX_EXCEPTIONS) for one in (finer, *owners)
            )
            if all(between):
                wrong = 1 - accuracy(values, t)
                found[target].append((distinct, wrong, number, part))
    for target in targets:
        if found[target]:
            yield PartDependency(min(found[target], key=lambda one: one[:3])[-1], target)


def _parts(time: pl.Series) -> list[Call]:
    ref = Ref(time.name)
    if time.dtype == pl.Time:
        return [Call("hour", (ref,))]
    parity = Call("mod", (Call("week", (ref,)), Number(2.0)))
    parts = [Call(name, (ref,)) for name in PARTS if name != "hour" or time.dtype != pl.Date]
    return [parity, *parts]


def _codes(part: Call, frame: pl.DataFrame) -> Codes:
    """Dense codes of a part's values, -1 where the time is missing."""
    return dense_codes(pl.Series("part", part.evaluate(frame), nan_to_null=True))
