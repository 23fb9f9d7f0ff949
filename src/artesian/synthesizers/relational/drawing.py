"""Drawing the codes of one table: rows without owner in chunks, siblings one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from artesian.core.run import Run
from artesian.synthesizers.relational.constraints import Admission
from artesian.synthesizers.relational.lanes import Hand, calibrated, lanes_of, taken
from artesian.synthesizers.relational.state import State, at

if TYPE_CHECKING:
    from artesian.synthesizers.relational.table_model import TableModel

CHUNK = 65_536
"""Rows without siblings that are drawn at once."""

Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]


def draw_independent(
    model: TableModel, rows: int, rng: np.random.Generator, run: Run, admission: Admission | None
) -> tuple[Codes, Floats | None]:
    """Codes of rows without owner, and under constraints the positions of their values."""
    assert model.chain is not None
    chain, seed = model.chain, run.seed.child("values", model.plan.name)
    parts = [np.zeros((len(chain.order), 0), np.uint8)]
    within: list[Floats] = []

    def draw(places: Ints, _: Ints) -> Codes:
        if admission is not None and admission.weights:
            return chain.draw_conditioned(len(places), admission.weights, rng)
        return chain.draw(np.zeros((0, len(places)), np.uint8), rng)

    for start in range(0, rows, CHUNK):
        run.check("sample")
        size = min(CHUNK, rows - start)
        if admission is None:
            parts.append(draw(np.arange(size), np.arange(size)))
        else:
            codes, positions = admission.draw(draw, size, seed, rng)
            parts.append(codes)
            within.append(positions)
    return np.concatenate(parts, axis=1), np.concatenate(within, axis=1) if within else None


def draw_owned(
    model: TableModel,
    scale: float,
    parent: State,
    numbers: Mapping[tuple[str, int], pl.Series],
    rng: np.random.Generator,
    run: Run,
    admission: Admission | None,
    *,
    owner_kept: bool,
) -> tuple[Codes, Floats | None, Ints, Ints | None]:
    """Draw rows sibling after sibling, of all owners at once; longest groups first."""
    assert model.chain is not None
    assert model.siblings is not None
    counts = numbers["count", 0].fill_null(0).cast(pl.Int64).to_numpy()
    counts = np.maximum(counts, 0)
    if owner_kept:  # its rows are those of the source, whose numbers are known
        counts = np.floor(counts * scale + rng.random(len(counts))).astype(np.int64)
    else:
        expected = (model.rows - model.unowned) / max(model.owner_rows, 1) * len(parent)
        counts = calibrated(counts, expected, rng)
    model.require_memory(counts.sum(dtype=float) + model.unowned * scale)
    owners, sizes = lanes_of(counts, round(model.unowned * scale))
    order = np.argsort(-sizes, kind="stable")
    owners, sizes = owners[order], sizes[order]
    context = at(parent.context(), owners).codes
    means = _owner_means(model, numbers, owners)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    total = int(starts[-1])
    codes = np.zeros((len(model.chain.order), total), np.uint8)
    own = model.own.columns
    sums = np.zeros((len(model.siblings.items), len(owners)))
    previous = np.zeros((own, len(owners)), np.uint8)
    hand = Hand.start(model.clock, numbers, owners, sizes, rng)
    steps = np.zeros(total, np.int64)
    chain, seed = model.chain, run.seed.child("values", model.plan.name)
    within: Floats | None = None
    if admission is not None:
        within = np.zeros((len(admission.rows.codec.names), total))
    longest = int(sizes.max(initial=0))
    for position in range(longest):
        run.check("sample")
        lanes = int(np.searchsorted(-sizes, -position, side="left"))
        # Lanes are sorted by size, so those with a further row are the first ones.
        now = slice(0, lanes)
        at_position = np.full(lanes, position, np.int64)
        seen = model.siblings.features(
            at_position, sizes[now], previous[:, now], sums[:, now], means[:, now]
        )
        parts = [context[:, now], seen]
        if hand is not None and model.increments is not None:
            hand.advance(
                model.increments, np.concatenate([*parts, hand.features(position, lanes)]), rng
            )
            assert model.clock is not None
            parts.append(model.clock.calendar(hand.now[:lanes]).codes)
        constant = {int(j): previous[j, now] for j in model.constant} if position else {}
        given = np.concatenate(parts)
        places = starts[:-1][now] + position
        if admission is None or within is None:
            drawn = chain.draw(given, rng, constant)
        else:

            def draw(
                rows: Ints,
                elsewhere: Ints,
                given: Codes = given,
                kept: dict[int, Codes] = constant,
            ) -> Codes:
                fixed = {column: codes[rows] for column, codes in kept.items()}
                return chain.draw(np.ascontiguousarray(given[:, elsewhere]), rng, fixed)

            drawn, within[:, places] = admission.draw(draw, lanes, seed, rng)
        codes[:, places] = drawn
        previous[:, now] = drawn[:own]
        for number, item in enumerate(model.siblings.items):
            sums[number, now] += item.of(drawn)
        if hand is not None:
            steps[places] = hand.now[:lanes]
    return codes, within, np.repeat(owners, sizes), None if hand is None else steps


def _owner_means(
    model: TableModel, numbers: Mapping[tuple[str, int], pl.Series], owners: Ints
) -> NDArray[np.float64]:
    assert model.siblings is not None
    means = np.full((len(model.siblings.items), len(owners)), np.nan)
    for number in range(len(model.siblings.items)):
        series = numbers.get(("mean", number))
        if series is not None:
            means[number] = taken(series.cast(pl.Float64).to_numpy(), owners)
    return means
