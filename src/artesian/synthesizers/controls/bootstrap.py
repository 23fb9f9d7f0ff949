"""Rows drawn with replacement (Efron 1979): the control that copies.

Every row is a training row, with numbers placed anew within their bins and with keys and texts of its
own. The saved model holds the rows: it is exactly as sensitive as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from artesian.core.run import Run
from artesian.data.table import Table
from artesian.encoding.segments import Codes
from artesian.synthesizers.code_model import CodeModel, check_codes, encode_for_training
from artesian.synthesizers.protocol import Capabilities

MAX_ROWS = 1_000_000
"""Rows that are kept."""


@dataclass(frozen=True, slots=True)
class BootstrapModel(CodeModel):
    """The training rows.

    Arrays:
        codes: Their codes, shape (p, n).
    """

    def check_values(self) -> None:
        """Check that every code is one of its column."""
        check_codes(self.codec, self.arrays["codes"], "codes")

    def draw(self, rng: np.random.Generator, rows: int) -> Codes:
        """Draw codes of shape (p, rows)."""
        codes: Codes = self.arrays["codes"]
        return codes[:, rng.integers(codes.shape[1], size=rows)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """Settings.

    Attributes:
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="bootstrap",
        description="a control that copies: training rows drawn with replacement; its rows and its "
        "model are as sensitive as the real ones",
        source="Efron 1979",
        control=True,
    )
    model: ClassVar[type[BootstrapModel]] = BootstrapModel

    protect: bool = True

    def fit(self, data: Table, *, run: Run | None = None) -> BootstrapModel:
        """Keep the rows of `data`."""
        run = run or Run()
        for _ in run.track(range(1), "fit"):
            codec, codes = encode_for_training(data, run, protect=self.protect, max_rows=MAX_ROWS)
        return BootstrapModel(self, codec, {"codes": codes})
