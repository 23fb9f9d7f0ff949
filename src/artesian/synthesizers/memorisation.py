"""What a model memorises of its training rows, in nats per row, and the success of attacks on it.

A model states the nats per row by which its training rows are more likely than holdout rows. From them
follows roughly how well an attack distinguishes training rows from others. `benchmarks/expected_auc.py`
fits the constants to the figures of `benchmarks/memorisation.py`, the strongest of eight attacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import numpy as np

from artesian.encoding.segments import Floats

Privacy = Literal["low", "default", "high"]
LEVELS: tuple[Privacy, ...] = get_args(Privacy)

BUDGETS: dict[Privacy, float] = {"low": np.inf, "default": 0.4, "high": 0.2}
"""Nats per row that a model may memorise of tables of 5,000 rows and more."""

BUDGET_ROWS, BUDGET_FACTORS = (950.0, 2_800.0, 5_000.0), (4.35, 1.93, 1.0)
"""Factor of the budget by the number of rows. No model learns anything of small tables with less: the
frequencies of the columns alone take a part, and the estimate, from halves of the rows, is the further
above the truth the fewer the rows."""

ADVANTAGE = 0.041
"""AUC above 0.5 of the strongest attack on very many synthetic rows of a model that memorises one nat
per row. It grows with the square root, as that of a likelihood ratio does."""

ROWS_FACTOR = 1.8
"""Number of synthetic rows, as a multiple of the training rows, with which an attack reaches
sqrt(1/2) of that: sampling noise is then as large as what the model memorises."""

MAX_AUC = 0.95

EXCEEDED = 1.15
"""Multiple of the budget from which a note says that it is exceeded: estimates have an error."""

UNSAFE_AUC = 0.53
"""Expected AUC of an attack from which the note is given: less is within what large tables may have."""

MANY_ROWS = 1.5
"""Multiple of the training rows from which the price of more synthetic rows is stated."""


def budget(privacy: Privacy, rows: int) -> float:
    """Nats per row that a model of `rows` rows may memorise."""
    factor = np.exp(np.interp(np.log(rows), np.log(BUDGET_ROWS), np.log(BUDGET_FACTORS)))
    return float(BUDGETS[privacy] * factor)


@dataclass(frozen=True, slots=True)
class Memorised:
    """What a model memorises.

    Attributes:
        nats: Estimated mean log-likelihood of training rows less that of holdout rows, per row.
        budget: The nats that it should not exceed; infinite for none.
        rows: Number of training rows.
    """

    nats: float
    budget: float
    rows: int

    def to_dict(self) -> dict[str, float | int | None]:
        """The attributes as JSON types."""
        limit = self.budget if np.isfinite(self.budget) else None
        return {"nats": round(self.nats, 3), "budget": limit, "rows": self.rows}

    def to_array(self) -> Floats:
        """The attributes, shape (3,)."""
        return np.array([self.nats, self.budget, self.rows], float)

    @classmethod
    def from_array(cls, values: Floats) -> Self:
        """Restore what `to_array` returned."""
        return cls(float(values[0]), float(values[1]), int(values[2]))


def expected_auc(nats: float, factor: float) -> float:
    """Expected AUC of the strongest membership attack.

    Args:
        nats: What the model memorises, per row.
        factor: Synthetic rows per training row.

    >>> round(expected_auc(0.7, 1), 3), round(expected_auc(0.7, 20), 3)
    (0.52, 0.533)
    """
    advantage = ADVANTAGE * (max(nats, 0.0) * factor / (factor + ROWS_FACTOR)) ** 0.5
    return float(min(0.5 + advantage, MAX_AUC))


def describe_memorisation(
    facts: Mapping[str, Any] | None, synthetic_rows: int | None = None
) -> tuple[str, ...]:
    """One sentence if the model memorises more than its budget, and one if very many rows are drawn.

    Args:
        facts: 'nats', 'budget' and 'rows' of the model, the budget None if it has none; None if the
            model does not state them.
        synthetic_rows: Number of rows that are drawn; None if it is not decided.

    >>> describe_memorisation({"nats": 0.6, "budget": 0.7, "rows": 9000}, 9000)
    ()
    """
    if facts is None:
        return ()
    nats, rows = float(facts["nats"]), max(int(facts["rows"]), 1)
    once = expected_auc(nats, 1.0)
    notes = []
    exceeded = facts["budget"] is not None and nats > EXCEEDED * facts["budget"]
    if exceeded and once >= UNSAFE_AUC:
        notes.append(
            f"{rows:,} training rows are too few for this table to be safe: the model memorises about "
            f"{nats:.1f} nats per row, more than {facts['budget']:.1f}; an attack is expected to "
            f"distinguish training rows from others with an AUC of about {once:.2f}"
        )
    factor = (synthetic_rows or 0) / rows
    if factor >= MANY_ROWS:
        notes.append(
            f"{factor:.1f} times as many synthetic as training rows reveal more of the training rows: "
            f"the expected AUC of an attack is about {expected_auc(nats, factor):.3f} instead of "
            f"{once:.3f}"
        )
    return tuple(notes)
