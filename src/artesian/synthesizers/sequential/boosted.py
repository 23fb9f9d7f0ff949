"""The patient sibling of `trees`: the same chain with larger, slower ensembles behind its scores."""

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
from artesian.synthesizers.sequential.trees import BOUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """Settings; those not named here mean what they mean in `Trees`.

    Attributes:
        rounds, leaves, rate: Trees of an ensemble, their leaves, and the step size.
        folds: Ensembles of a column, each fitted without one fold of the rows.
        refinement: Boosting rounds that tell drawn rows from real ones, to draw again what is told
            apart; 0 does without, and samples more than twice as fast.
        directions: What is estimated of a number: 1 its location, 2 its spread as well, ...
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="boosted",
        description="the chain of `trees` with larger boosted ensembles: closer, several "
        "times the cost",
        source="chain rule over distributional trees; boosting by Friedman 2001",
    )
    model: ClassVar[type[ChainModel]] = ChainModel

    min_leaf: int = 10
    min_gain: float = 3.0
    score_gain: float = 4.0
    shrinkage: float = 5.0
    predictors: int = 32
    rounds: int = 80
    leaves: int = 31
    rate: float = 0.1
    folds: int = 3
    directions: int = 2
    refinement: int = 200
    temperature: float = 1.0
    protect: bool = True

    def __post_init__(self) -> None:
        at_least(self, **BOUNDS, leaves=2, rate=0.001, folds=2, directions=1, refinement=0)

    def fit(self, data: Table, *, run: Run | None = None) -> ChainModel:
        tree = TreeSettings(
            min_leaf=self.min_leaf,
            min_gain=self.min_gain,
            score_gain=self.score_gain,
            shrinkage=self.shrinkage,
            predictors=self.predictors,
        )
        score = ScoreSettings(
            rounds=self.rounds,
            leaves=self.leaves,
            rate=self.rate,
            folds=self.folds,
            directions=self.directions,
        )
        return fit_chain(
            self,
            data,
            tree,
            score,
            refinement=self.refinement,
            protect=self.protect,
            run=run or Run(),
        )
