"""Survival of rare categories, by rarefaction (Hurlbert 1971).

Total variation hardly changes when a category of few rows disappears, so averages hide this loss. A
small sample of real rows lacks some rare categories as well. The synthetic and the holdout table
are therefore compared at equal size: the expected fraction of the rare categories that occur in a
random sample of as many rows as the shorter of the two tables has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run, Seed
from artesian.metrics.common.arrays import Floats, Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.distance import MIN_ROWS, Side
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.formatting import percent, reference_note
from artesian.metrics.common.intervals import groups_of, jackknife
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

STRATA = (
    (0.001, "below 0.1 %"),
    (0.01, "0.1 % to 1 %"),
    (0.05, "1 % to 5 %"),
    (np.inf, "5 % and more"),
)
"""Upper bound of the proportion of the real rows, and the name of the stratum."""

RARE = 0.01
_MAX_COLUMNS = 60  # maximum number of columns in the detail


@dataclass(frozen=True, slots=True, kw_only=True)
class RareCategories(BaseMetric):
    """Mean survival probability of the categories with less than 1 % of the real rows; where there
    are none, of those in the rarest stratum that exists.

    Missing values are not a category. Suppressed categories (`Column.suppressed`) are not counted
    as lost: `detail["suppressed"]` has their number, never their names, as a rare category can
    identify a person.
    """

    spec: ClassVar[Spec] = Spec(
        name="rare_categories",
        title="Survival of rare categories",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1: every rare category of the real table occurs; 0: none does",
        source="Hurlbert 1971 (rarefaction)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        encoded = encode(tables)
        min_height = min(encoded.real.height, encoded.synthetic.height)
        if min_height < MIN_ROWS:
            raise NotMeasurable(f"a table has {min_height} rows, and {MIN_ROWS} are needed")
        categories = _Categories.from_encoded(encoded)
        if not len(categories.proportions):
            reason = "no category or boolean column of the real table has a value"
            if encoded.suppressed:
                reason = "every category of the real table is suppressed"
            raise NotMeasurable(reason)
        holdout = encoded.holdout
        if holdout is not None and holdout.height < MIN_ROWS:
            holdout = None
        rows = min(
            encoded.synthetic.height, holdout.height if holdout else encoded.synthetic.height
        )
        seed = run.seed.child("rare_categories")
        synthetic = categories.survival(encoded.synthetic, rows, seed.child("synthetic"))
        value, interval = _mean(synthetic[:, categories.rare], self.spec)
        detail: dict[str, Any] = {
            "rows": rows,
            "rare": int(categories.rare.sum()),
            "limit": min(categories.limit, 1.0),
        }
        reference, reference_interval, holdout_survival = None, None, None
        if holdout is not None:
            holdout_survival = categories.survival(holdout, rows, seed.child("holdout"))
            reference, reference_interval = _mean(holdout_survival[:, categories.rare], self.spec)
        columns = categories.columns(
            synthetic[0], None if holdout_survival is None else holdout_survival[0]
        )
        detail["columns"] = columns
        return Result(
            value=value,
            interval=interval,
            reference=reference,
            reference_interval=reference_interval,
            parts=categories.strata(synthetic[0]),
            reference_parts={}
            if holdout_survival is None
            else categories.strata(holdout_survival[0]),
            explanation=_explain(categories, value, reference, rows, columns),
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class _Categories:
    """The real categories of all columns, concatenated.

    Attributes:
        names: Columns with a category.
        codes: For each of these, the codes of its real categories.
        column_of: (categories,) position in `names` of the category's column.
        proportions: (categories,) proportion of the real rows with the category.
        limit: Categories with a smaller proportion are rare.
    """

    names: tuple[str, ...]
    codes: tuple[Ints, ...]
    column_of: Ints
    proportions: Floats
    limit: float

    @classmethod
    def from_encoded(cls, encoded: Encoded) -> _Categories:
        names, codes, proportions = [], [], []
        for name in encoded.discrete:
            levels = len(encoded.levels[name])
            frequency = np.bincount(encoded.real.codes[name] + 1, minlength=levels + 1)[1:]
            if name in encoded.suppressed and encoded.suppressed[name].code >= 0:
                frequency[encoded.suppressed[name].code] = 0  # represents suppressed categories
            if frequency.any():
                names.append(name)
                codes.append(np.flatnonzero(frequency))
                proportions.append(frequency[codes[-1]] / encoded.real.height)
        column_of = np.repeat(np.arange(len(names)), [len(each) for each in codes])
        all_proportions = np.concatenate([np.empty(0), *proportions])
        rarest = all_proportions.min(initial=np.inf)
        limit = next(
            bound for bound, _ in STRATA if bound >= RARE and (bound > rarest or bound == np.inf)
        )
        return cls(tuple(names), tuple(codes), column_of, all_proportions, limit)

    @property
    def rare(self) -> npt.NDArray[np.bool_]:
        """(categories,) whether the category is rare."""
        return self.proportions < self.limit

    def survival(self, rows: Rows, sample_rows: int, seed: Seed) -> Floats:
        """(1 + GROUPS, categories) probability of occurring in a sample of `sample_rows` rows: from
        all rows, then without each group and with a proportionally smaller sample."""
        side = Side(rows, groups_of(rows.height, seed))
        counts = []
        for name, codes in zip(self.names, self.codes, strict=True):
            bound = int(max(codes.max(), rows.codes[name].max(initial=-1))) + 2
            counts.append(counts_of(side, rows.codes[name] + 1, bound)[:, codes + 1])
        k = np.concatenate(counts, axis=1)
        total = counts_of(side, np.zeros(rows.height, np.int64), 1)
        n = np.floor(sample_rows * total / rows.height)
        return _occurrence(k, total, n)

    def strata(self, survival: Floats) -> dict[str, float]:
        """Stratum -> mean survival of its categories; `survival` is (categories,)."""
        at = np.searchsorted([bound for bound, _ in STRATA], self.proportions, "right")
        return {
            name: float(survival[at == i].mean())
            for i, (_, name) in enumerate(STRATA)
            if (at == i).any()
        }

    def columns(
        self, synthetic: Floats, holdout_survival: Floats | None
    ) -> dict[str, dict[str, float]]:
        """Column -> number of rare categories and expected number that survive, worst first."""
        columns = {}
        for i, name in enumerate(self.names):
            rare_here = (self.column_of == i) & self.rare
            if rare_here.any():
                columns[name] = {
                    "rare": int(rare_here.sum()),
                    "kept": round(float(synthetic[rare_here].sum()), 3),
                }
                if holdout_survival is not None:
                    columns[name]["reference"] = round(float(holdout_survival[rare_here].sum()), 3)

        def lost(name: str) -> float:
            entry = columns[name]
            return entry.get("reference", entry["rare"]) - entry["kept"]

        return {
            name: columns[name]
            for name in sorted(columns, key=lambda n: (-lost(n), n))[:_MAX_COLUMNS]
        }


def rarefaction(counts: Ints, rows: int) -> Floats:
    """Probability that each category occurs in a random choice of rows (Hurlbert 1971).

    Args:
        counts: (categories,) rows of each category.
        rows: Rows drawn without replacement, at most `counts.sum()`.

    Returns:
        (categories,) probabilities; their sum is the expected number of categories.

    >>> rarefaction(np.array([1, 3]), 2).tolist()
    [0.5, 1.0]
    """
    return np.round(_occurrence(counts, counts.sum(), rows), 12)


def _occurrence(k: Ints, total: Ints | np.integer[Any], n: Ints | Floats | int) -> Floats:
    """Probability that a category of k among `total` rows is among n drawn ones; shapes broadcast."""
    from scipy.special import gammaln

    # Of C(total, n) choices, C(total - k, n) miss a category of k rows.
    none = total - k - n
    missed = np.exp(
        gammaln(total - k + 1)
        - gammaln(np.maximum(none, 0) + 1)
        + gammaln(total - n + 1)
        - gammaln(total + 1)
    )
    occurs: Floats = np.where(k == 0, 0.0, np.where(none < 0, 1.0, 1.0 - np.minimum(missed, 1.0)))
    return occurs


def _mean(survival: Floats, spec: Spec) -> tuple[float, tuple[float, float]]:
    """Mean over categories with its interval; `survival` is (1 + GROUPS, categories)."""
    means = survival.mean(axis=1)
    value = float(means[0])
    return value, jackknife(value, means[1:], spec.low, spec.high)


def _explain(
    categories: _Categories,
    value: float,
    reference: float | None,
    rows: int,
    columns: Mapping[str, Any],
) -> str:
    which = (
        ""
        if categories.limit == np.inf
        else f" with less than {100 * categories.limit:g} % of the rows each"
    )
    sentence = (
        f"Of {int(categories.rare.sum()):,} real categories{which}, {percent(value)} are expected "
        f"to occur in {rows:,} synthetic rows ({reference_note(reference)})"
    )
    worst = next(iter(columns))
    lost = columns[worst]["rare"] - columns[worst]["kept"]
    return f"{sentence}; most are lost in {worst!r}." if lost >= 0.5 else f"{sentence}."
