"""Sequential histogram trees, each with a small boosted score of its target: fast and close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from artesian.core.run import Run
from artesian.core.settings import at_least
from artesian.data.table import Table
from artesian.synthesizers.protocol import Capabilities
from artesian.synthesizers.sequential.conditional import TreeSettings
from artesian.synthesizers.sequential.fit import fit_chain
from artesian.synthesizers.sequential.model import ChainModel
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
"""Least values of the settings that both methods have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Settings.

    Attributes:
        min_leaf: Fewest rows of a leaf.
        min_gain: Least gain of a split in units of the node's variance: the one setting that trades
            likeness (lower) against privacy (higher).
        score_gain: The same for splits on boosted scores, which are honest: they never saw the row.
        shrinkage: Rows that a leaf's parent counts for.
        predictors: Most earlier columns that a column's model looks at.
        rounds: Trees of the boosted scores; 0 turns them off.
        temperature: Below 1 favours the frequent, above 1 the rare; 1 is the data's own law.
        protect: Merge categories with fewer than five rows and fit the tails of numbers.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="trees",
        description="histogram trees in sequence, each with a small boosted score: the "
        "faster of the two",
        source="sequential trees (Reiter 2005), distributional splits (Cevid et al. 2022)",
    )
    model: ClassVar[type[ChainModel]] = ChainModel

    min_leaf: int = 10
    min_gain: float = 3.0
    score_gain: float = 2.5
    shrinkage: float = 5.0
    predictors: int = 24
    rounds: int = 20
    temperature: float = 1.0
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, **BOUNDS)

    def fit(self, data: Table, *, run: Run | None = None) -> ChainModel:
        tree = TreeSettings(
            min_leaf=self.min_leaf,
            min_gain=self.min_gain,
            score_gain=self.score_gain,
            shrinkage=self.shrinkage,
            predictors=self.predictors,
        )
        score = ScoreSettings(rounds=self.rounds) if self.rounds else None
        return fit_chain(self, data, tree, score, protect=self.protect, run=run or Run())
