"""Do rare categories survive? A mean share hides their loss: total variation hardly moves when a
category of few rows disappears.

Few rows hold few rare categories, so also fresh real rows lack some. Both the synthetic and the
unseen real rows are therefore asked the same: of a random choice of as many rows as the shorter of
both tables has, how many of the rare categories would it hold (rarefaction, Hurlbert 1971)?
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
from artesian.metrics.common.formatting import beside, percent
from artesian.metrics.common.intervals import groups_of, jackknife
from artesian.metrics.fidelity.binning import counts_of
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

STRATA = (
    (0.001, "below 0.1 %"),
    (0.01, "0.1 % to 1 %"),
    (0.05, "1 % to 5 %"),
    (np.inf, "5 % and more"),
)
"""Share of the real rows that a category is below, and what the stratum is called."""

RARE = 0.01
_SHOWN = 60  # columns in the detail


@dataclass(frozen=True, slots=True, kw_only=True)
class RareCategories(BaseMetric):
    """The mean survival of all categories that stand in less than 1 % of the real rows; where there
    are none, of those in the rarest stratum that exists.

    Missing values are no category. Suppressed categories (`Column.suppressed`) are not counted as
    lost: `detail["suppressed"]` holds their number, never their names, as a rare one can identify
    a person.
    """

    spec: ClassVar[Spec] = Spec(
        name="rare_categories",
        title="Rare categories kept",
        family="fidelity",
        better=Better.HIGHER,
        low=0.0,
        high=1.0,
        description="1 is every rare category of the real table still there, 0 is none of them",
        source="Hurlbert 1971 (rarefaction)",
    )

    def measure(self, tables: Comparison, run: Run) -> Result:
        run.check("rare_categories")
        encoded = encode(tables)
        least = min(encoded.real.height, encoded.synthetic.height)
        if least < MIN_ROWS:
            raise NotMeasurable(f"a table has {least} rows, and {MIN_ROWS} are needed")
        known = _Known.of(encoded)
        if not len(known.shares):
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
        made = known.survival(encoded.synthetic, rows, seed.child("synthetic"))
        value, interval = _mean(made[:, known.rare], self.spec)
        detail: dict[str, Any] = {
            "rows": rows,
            "rare": int(known.rare.sum()),
            "limit": min(known.limit, 1.0),
        }
        reference, reference_interval, unseen = None, None, None
        if holdout is not None:
            unseen = known.survival(holdout, rows, seed.child("holdout"))
            reference, reference_interval = _mean(unseen[:, known.rare], self.spec)
        columns = known.columns(made[0], None if unseen is None else unseen[0])
        detail["columns"] = columns
        return Result(
            value=value,
            interval=interval,
            reference=reference,
            reference_interval=reference_interval,
            parts=known.strata(made[0]),
            reference_parts={} if unseen is None else known.strata(unseen[0]),
            explanation=_explain(known, value, reference, rows, columns),
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """The real categories of all columns, in one line.

    Attributes:
        names: Columns with a category.
        codes: For each of these, the codes of its real categories.
        owner: Position in `names` of each category's column. (categories,)
        shares: Each category's share of the real rows. (categories,)
        limit: Categories with a smaller share are rare.
    """

    names: tuple[str, ...]
    codes: tuple[Ints, ...]
    owner: Ints
    shares: Floats
    limit: float

    @classmethod
    def of(cls, encoded: Encoded) -> _Known:
        names, codes, shares = [], [], []
        for name in encoded.discrete:
            levels = len(encoded.levels[name])
            seen = np.bincount(encoded.real.codes[name] + 1, minlength=levels + 1)[1:]
            if name in encoded.suppressed and encoded.suppressed[name].code >= 0:
                seen[encoded.suppressed[name].code] = 0  # it represents others
            if seen.any():
                names.append(name)
                codes.append(np.flatnonzero(seen))
                shares.append(seen[codes[-1]] / encoded.real.height)
        owner = np.repeat(np.arange(len(names)), [len(each) for each in codes])
        together = np.concatenate([np.empty(0), *shares])
        rarest = together.min(initial=np.inf)
        limit = next(
            most for most, _ in STRATA if most >= RARE and (most > rarest or most == np.inf)
        )
        return cls(tuple(names), tuple(codes), owner, together, limit)

    @property
    def rare(self) -> npt.NDArray[np.bool_]:
        return self.shares < self.limit

    def survival(self, rows: Rows, drawn: int, seed: Seed) -> Floats:
        """(1 + GROUPS, categories) chance to be among `drawn` rows: of all rows, then with each
        group left out and as many fewer drawn."""
        side = Side(rows, groups_of(rows.height, seed))
        counts = []
        for name, codes in zip(self.names, self.codes, strict=True):
            most = int(max(codes.max(), rows.codes[name].max(initial=-1))) + 2
            counts.append(counts_of(side, rows.codes[name] + 1, most)[:, codes + 1])
        k = np.concatenate(counts, axis=1)
        total = counts_of(side, np.zeros(rows.height, np.int64), 1)
        n = np.floor(drawn * total / rows.height)
        return _occurrence(k, total, n)

    def strata(self, survival: Floats) -> dict[str, float]:
        """Mean survival in each stratum that there is; `survival` is (categories,)."""
        at = np.searchsorted([most for most, _ in STRATA], self.shares, "right")
        return {
            name: float(survival[at == i].mean())
            for i, (_, name) in enumerate(STRATA)
            if (at == i).any()
        }

    def columns(self, made: Floats, unseen: Floats | None) -> dict[str, dict[str, float]]:
        """Of each column with rare categories: how many, and how many survive; worst first."""
        found = {}
        for i, name in enumerate(self.names):
            mine = (self.owner == i) & self.rare
            if mine.any():
                found[name] = {"rare": int(mine.sum()), "kept": round(float(made[mine].sum()), 3)}
                if unseen is not None:
                    found[name]["reference"] = round(float(unseen[mine].sum()), 3)

        def lost(name: str) -> float:
            told = found[name]
            return told.get("reference", told["rare"]) - told["kept"]

        return {name: found[name] for name in sorted(found, key=lambda n: (-lost(n), n))[:_SHOWN]}


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
    """The mean over categories, and its interval; `survival` is (1 + GROUPS, categories)."""
    means = survival.mean(axis=1)
    value = float(means[0])
    return value, jackknife(value, means[1:], spec.low, spec.high)


def _explain(
    known: _Known, value: float, reference: float | None, rows: int, columns: Mapping[str, Any]
) -> str:
    which = "" if known.limit == np.inf else f" that make up less than {100 * known.limit:g} % each"
    told = (
        f"Of {int(known.rare.sum()):,} real categories{which}, {percent(1 - value)} would be lacking "
        f"in {rows:,} of the synthetic rows ({beside(None if reference is None else 1 - reference)})"
    )
    worst = next(iter(columns))
    lost = columns[worst]["rare"] - columns[worst]["kept"]
    return f"{told}; the most are lacking in {worst!r}." if lost >= 0.5 else f"{told}."
