"""Requirements such as 'c2st<=0.6', and whether a scorecard meets them."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artesian.core.errors import UsageError
from artesian.metrics import resolve_name

if TYPE_CHECKING:
    from artesian.metrics.evaluate import Scorecard
    from artesian.metrics.relational.evaluate import DatasetScorecard

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
    """Whether a requirement is met, and the reason."""

    requirement: Requirement
    met: bool
    reason: str


def requirements(
    expressions: str | Iterable[str], resolve: Callable[[str], str] = resolve_name
) -> tuple[Requirement, ...]:
    """Parse requirements; one text can have several, separated by commas.

    Args:
        resolve: Resolves the name of a metric; `resolve_relational_name` for related tables.

    Raises:
        UsageError: not of the form METRIC, comparison, number; or there is no such metric.

    >>> [str(requirement) for requirement in requirements("c2st<=0.6, tstr > 0.8")]
    ['c2st_holdout<=0.6', 'tstr>0.8']
    """
    texts = [expressions] if isinstance(expressions, str) else list(expressions)
    return tuple(_parse(part, resolve) for text in texts for part in text.split(","))


def outcomes(
    scorecard: Scorecard | DatasetScorecard, required: Iterable[Requirement]
) -> tuple[Outcome, ...]:
    """Check each requirement; a skipped metric meets none."""
    results = {result.metric: result for result in scorecard.results}
    checked = []
    for requirement in required:
        result = results.get(requirement.metric)
        if result is None:
            met, reason = False, "it was not requested"
        elif result.value is None:
            met, reason = False, f"it was skipped: {result.skipped}"
        else:
            met = _COMPARE[requirement.compare](result.value, requirement.bound)
            reason = f"it is {result.value:.4g}"
        checked.append(Outcome(requirement=requirement, met=met, reason=reason))
    return tuple(checked)


def check(
    scorecard: Scorecard | DatasetScorecard, required: Iterable[Requirement]
) -> tuple[Outcome, ...]:
    """The requirements that are not met."""
    return tuple(outcome for outcome in outcomes(scorecard, required) if not outcome.met)


def _parse(text: str, resolve: Callable[[str], str]) -> Requirement:
    match = _FORM.fullmatch(text)
    try:
        bound = float(match[3]) if match else math.nan
    except ValueError:
        bound = math.nan
    if match is None or not math.isfinite(bound):
        raise UsageError(
            f"cannot parse the requirement {text.strip()!r}",
            hint="write a metric, one of <= < >= >, and a number, such as c2st<=0.6",
        )
    return Requirement(metric=resolve(match[1]), compare=match[2], bound=bound)
