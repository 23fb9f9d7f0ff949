"""Sequential histogram trees with larger boosted ensembles and rejection sampling: higher fidelity at
several times the cost of `trees`."""

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
from artesian.synthesizers.sequential.trees import BOUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """Settings of sequential trees with large boosted ensembles.

    Attributes:
        min_leaf: Minimum number of rows of a leaf.
        min_gain: Minimum gain of a split in units of the variance of the node; lower values favour
            fidelity, higher values privacy.
        score_gain: The same for splits on boosted scores, which are cross-fitted.
        shrinkage: Number of rows for which the parent of a leaf counts.
        predictors: Maximum number of earlier columns that the model of a column uses.
        rounds, leaves, rate: Number of trees of an ensemble, their leaves, and the learning rate.
        folds: Number of cross-fitted ensembles of a score.
        refinement: Boosting rounds of the classifier of real and synthetic rows by which synthetic rows
            are rejected; 0 for no rejection, which more than doubles the sampling speed.
        directions: What is predicted of a number: 1 for its location, 2 for its spread as well, ...
        temperature: Sampling temperature; values below 1 sharpen the fitted distributions, values
            above 1 flatten them.
        protect: Suppress categories with fewer than five rows and fit the tails of numbers.
        privacy: How much the model may memorise of its rows; see `Trees`.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(
        name="boosted",
        description="`trees` with larger boosted ensembles and rejection sampling; higher fidelity "
        "at several times the cost",
        source="sequential trees (Reiter 2005), gradient boosting (Friedman 2001), discriminator "
        "rejection sampling (Azadi et al. 2019)",
    )
    model: ClassVar[type[SequentialModel]] = SequentialModel

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
    privacy: Privacy = "default"

    def __post_init__(self) -> None:
        at_least(self, **BOUNDS, leaves=2, rate=0.001, folds=2, directions=1, refinement=0)
        one_of(self, privacy=LEVELS)

    def fit(self, data: Table, *, run: Run | None = None) -> SequentialModel:
        """Fit the sequential model, and the classifier by which rows are rejected."""
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
        score = ScoreSettings(
            rounds=self.rounds,
            leaves=self.leaves,
            rate=self.rate,
            folds=self.folds,
            directions=self.directions,
        )
        return fit_sequential(
            self,
            data,
            tree,
            score,
            refinement=self.refinement,
            protect=self.protect,
            privacy=self.privacy,
            codec=codec,
            run=run or Run(),
        )
