"""Canaries: rows that nobody could guess, planted among the real ones and looked for in what is made.

Every value of a canary occurs in the table, and the row as a whole is no person: each column is drawn
by itself. As many of the same kind are made and kept aside. If the synthetic rows lie nearer to those
planted than to those kept aside, the method hands rows on (Carlini et al. 2019, The Secret Sharer).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from artesian.core.errors import DataError, UsageError
from artesian.core.run import Run, Seed
from artesian.data.table import Table
from artesian.metrics.common.arrays import row_hashes
from artesian.metrics.common.encoding import encode
from artesian.metrics.common.formatting import percent
from artesian.metrics.common.intervals import normal
from artesian.metrics.common.metric_space import MetricSpace, nearest
from artesian.metrics.common.roc import auc_delong
from artesian.metrics.protocol import Comparison
from artesian.pipeline.clock import Clock
from artesian.pipeline.synth import SynthesisConfig, fit_model

FEWEST = 20
"""Canaries that an answer needs."""

MOST_SHARE = 0.1
"""Canaries as a share of the rows, at most: more would be what the method learns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """What became of them.

    Attributes:
        planted: Rows planted, and as many kept aside.
        repeats: How often each was planted.
        auc: How often a planted row lies nearer to the synthetic rows than one kept aside; 0.5 is a
            guess.
        interval: 95 %, by DeLong.
        copied, aside_copied: Planted rows, and rows kept aside, that stand in the synthetic table.
        method: What was fitted.
    """

    planted: int
    repeats: int
    auc: float
    interval: tuple[float, float]
    copied: int
    aside_copied: int
    method: str

    @property
    def found(self) -> bool:
        """Whether the synthetic rows give planted rows away beyond the noise."""
        return self.interval[0] > 0.5 or self.copied > self.aside_copied

    @property
    def words(self) -> str:
        low, high = self.interval
        verdict = (
            "the method hands rows on"
            if self.found
            else "no trace of them that this attack sees, which proves nothing of other attacks"
        )
        times = "" if self.repeats == 1 else f", {self.repeats} times each"
        return (
            f"{self.planted} canaries were planted{times}; the synthetic rows tell them from canaries "
            f"kept aside in {percent(self.auc)} of the cases ({percent(low)} to {percent(high)}, a "
            f"guess: 50 %), and {self.copied} of them stand there verbatim: {verdict}."
        )

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        more = {"interval": list(self.interval), "found": self.found, "words": self.words}
        return {**asdict(self), **more}


def look_for_canaries(
    source: Table, order: SynthesisConfig, clock: Clock, *, count: int = 200, repeats: int = 1
) -> Canaries:
    """Plant, fit, make as many rows as `source` has, and look.

    Args:
        order: The method and its settings.
        count: Canaries; of short tables a tenth of the rows at most.
        repeats: How often each is planted: what stands often is easier to hand on.

    Raises:
        DataError: the source has too few rows, or too few columns to tell rows apart.
        UsageError: `count` or `repeats` make no sense.
    """
    if count < FEWEST:
        raise UsageError(f"{count} canaries say nothing", hint=f"plant {FEWEST} or more")
    if repeats < 1:
        raise UsageError(
            f"a canary cannot be planted {repeats} times", hint="plant it once or more"
        )
    run = clock.run
    size = min(count, int(MOST_SHARE * len(source)))
    if size < FEWEST:
        raise DataError(
            f"{source.origin.name} holds {len(source)} rows, too few to hide {FEWEST} canaries in",
            hint=f"give {int(FEWEST / MOST_SHARE)} rows or more",
        )
    planted, aside = _made(source, size, run.seed.child("canaries"))
    frame = pl.concat([source.frame, *([planted.frame] * repeats)])
    model, _ = fit_model(source.with_frame(frame), order, clock)
    with clock.step("sample"):
        synthetic = model.sample(len(source), None, run=run)
    with clock.step("judge"):
        return _looked_for(
            planted, aside, synthetic, repeats, model.settings.capabilities.name, run
        )


def _made(source: Table, size: int, seed: Seed) -> tuple[Table, Table]:
    """Canaries to plant and canaries to keep aside, none of them a row of the source."""
    drawn = {}
    for at, name in enumerate(source.schema.names):
        rng = seed.child("column", at).rng()
        drawn[name] = source.frame[name][rng.integers(len(source), size=6 * size)]
    candidates = source.with_frame(pl.DataFrame(drawn).unique(maintain_order=True))
    hashes = row_hashes(Comparison(source, candidates))
    fresh = (
        np.flatnonzero(~np.isin(hashes[1], hashes[0])) if hashes else np.empty(0, dtype=np.int64)
    )
    if len(fresh) < 2 * size:
        raise DataError(
            "values drawn column by column hardly ever make a row that is not there already",
            hint="canaries want more columns, or columns of more values",
        )
    return (
        source.with_frame(candidates.frame[fresh[:size]]),
        source.with_frame(candidates.frame[fresh[size : 2 * size]]),
    )


def _looked_for(
    planted: Table, aside: Table, synthetic: Table, repeats: int, method: str, run: Run
) -> Canaries:
    tables = Comparison(planted, planted.with_frame(synthetic.frame), aside)
    encoded = encode(tables)
    assert encoded.holdout is not None
    if not encoded.columns:
        raise DataError(
            "there are no columns but keys and free text", hint="canaries want columns to differ in"
        )
    space = MetricSpace.of(encoded, tuple(column.name for column in encoded.columns))
    space = space.scaled_to(encoded.real, encoded.holdout)
    made = space.place(encoded.synthetic)
    distances = [
        nearest(space.place(rows), made, run, "canaries")
        for rows in (encoded.real, encoded.holdout)
    ]
    truth = np.repeat([True, False], [len(one) for one in distances])
    auc, variance = auc_delong(truth, -np.concatenate(distances))
    hashes = row_hashes(tables)
    copied = [int(np.isin(hashes[k], hashes[1]).sum()) for k in (0, 2)]
    return Canaries(
        planted=len(planted),
        repeats=repeats,
        auc=auc,
        interval=normal(auc, variance, 0.0, 1.0),
        copied=copied[0],
        aside_copied=copied[1],
        method=method,
    )
