"""Requirements such as 'c2st<=0.6', and whether a scorecard meets them."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artesian.core.errors import UsageError
from artesian.metrics import full_name

if TYPE_CHECKING:
    from artesian.metrics.evaluate import Scorecard

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_FORM = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(<=|>=|<|>)\s*(\S+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A bound on the value of one metric."""

    metric: str
    compare: str
    bound: float

    def __str__(self) -> str:
        return f"{self.metric}{self.compare}{self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether a requirement is met; `reason` says what was found."""

    requirement: Requirement
    met: bool
    reason: str


def requirements(expressions: str | Iterable[str]) -> tuple[Requirement, ...]:
    """Read bounds; several may stand in one text with commas between them.

    Raises:
        UsageError: not of the form METRIC, comparison, number; or there is no such metric.

    >>> [str(one) for one in requirements("c2st<=0.6, tstr > 0.8")]
    ['c2st_holdout<=0.6', 'tstr>0.8']
    """
    texts = [expressions] if isinstance(expressions, str) else list(expressions)
    return tuple(_one(part) for text in texts for part in text.split(","))


def outcomes(scorecard: Scorecard, wanted: Iterable[Requirement]) -> tuple[Outcome, ...]:
    """Each requirement and whether it is met; a metric that was skipped meets nothing."""
    results = {result.metric: result for result in scorecard.results}
    found = []
    for one in wanted:
        result = results.get(one.metric)
        if result is None:
            met, reason = False, "it was not asked for"
        elif result.value is None:
            met, reason = False, f"it was skipped: {result.skipped}"
        else:
            met = _COMPARE[one.compare](result.value, one.bound)
            reason = f"it is {result.value:.4g}"
        found.append(Outcome(requirement=one, met=met, reason=reason))
    return tuple(found)


def check(scorecard: Scorecard, wanted: Iterable[Requirement]) -> tuple[Outcome, ...]:
    """The requirements that are not met; empty if all are."""
    return tuple(outcome for outcome in outcomes(scorecard, wanted) if not outcome.met)


def _one(text: str) -> Requirement:
    form = _FORM.fullmatch(text)
    try:
        bound = float(form[3]) if form else math.nan
    except ValueError:
        bound = math.nan
    if form is None or not math.isfinite(bound):
        raise UsageError(
            f"cannot read the requirement {text.strip()!r}",
            hint="write a metric, one of <= < >= >, and a number, such as c2st<=0.6",
        )
    return Requirement(metric=full_name(form[1]), compare=form[2], bound=bound)
