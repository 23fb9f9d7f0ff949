"""Sequential histogram trees, each with a small boosted score of its target: the fast method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.core.settings import at_least, one_of
from artesian.data.table import Table
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.memorisation import LEVELS, Privacy
from artesian.synthesizers.protocol import Capabilities
from artesian.synthesizers.sequential.conditional import TreeSettings
from artesian.synthesizers.sequential.fit import fit_sequential
from artesian.synthesizers.sequential.model import SequentialModel
from artesian.synthesizers.sequential.scores import ScoreSettings

BOUNDS = {
    "min_leaf": 1,
    "min_gain": 0.0,
    "score_gain": 0.0,
    "shrinkage": 0.001,
    "predictors": 0,
    "rounds": 0,
    "temperature": 0.001,
}
"""Minimum values of the settings that both sequential methods have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Settings.

    Attributes:
        min_leaf: Minimum number of rows of a leaf.
        min_gain: Minimum gain of a split, in units of the node's variance. It trades fidelity (lower)
            against privacy (higher).
        score_gain: The same for splits on boosted scores, which are cross-fitted.
        shrinkage: Pseudo-rows with the parent's distribution in each leaf.
        predictors: Maximum number of earlier columns that a column's conditional depends on.
        rounds: Number of trees of a boosted score; 0 for no scores.
        temperature: Sampling temperature. Values below 1 sharpen the fitted distributions, values
            above 1 flatten them.
        protect: Suppress categories with fewer than five rows and the extremes of numbers.
        privacy: How much the model may memorise of its rows: 'low' for no limit, 'default' for 0.4 and
            'high' for 0.2 nats per row of 5,000 rows and more, up to 4.35 times as much of fewer.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="trees",
        description="sequential histogram trees, each with a small boosted score; the fastest "
        "method that models dependence",
        source="sequential trees (Reiter 2005), distributional splits (Cevid et al. 2022)",
    )
    model: ClassVar[type[SequentialModel]] = SequentialModel

    min_leaf: int = 10
    min_gain: float = 3.0
    score_gain: float = 2.5
    shrinkage: float = 5.0
    predictors: int = 24
    rounds: int = 20
    temperature: float = 1.0
    protect: bool = True
    privacy: Privacy = "default"

    def __post_init__(self) -> None:
        at_least(self, **BOUNDS)
        one_of(self, privacy=LEVELS)

    def fit(self, data: Table, *, run: Run | None = None) -> SequentialModel:
        """Fit the sequential model of `data`."""
        return self.fit_encoded(data, None, run=run)

    def fit_encoded(
        self, data: Table, codec: TableCodec | None, *, run: Run | None = None
    ) -> SequentialModel:
        """The same with the codes of `codec`; None learns them from `data`."""
        tree = TreeSettings(
            min_leaf=self.min_leaf,
            min_gain=self.min_gain,
            score_gain=self.score_gain,
            shrinkage=self.shrinkage,
            predictors=self.predictors,
        )
        score = ScoreSettings(rounds=self.rounds) if self.rounds else None
        return fit_sequential(
            self,
            data,
            tree,
            score,
            protect=self.protect,
            privacy=self.privacy,
            codec=codec,
            run=run or Run(),
        )
