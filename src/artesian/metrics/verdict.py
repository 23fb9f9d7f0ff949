"""The verdict line: words for each answer, by rules that compare it with its reference.
 The rules stand in docs/scorecard.md. None of them is a bound on a value alone: noise is measured
by the interval, and what real rows reach by the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from artesian.metrics.common.formatting import percent
from artesian.metrics.protocol import Headline, Result, Spec

DETECTION = (
    (0.03, "Hard to tell from real rows"),
    (0.10, "Rarely told from real rows"),
    (0.25, "Often told from real rows"),
    (1.00, "Easy to tell from real rows"),
)
"""Excess of the detector's area over real against real, at most, and the words for it."""

DISTANCES = (
    (1.5, "about as close to the real rows as unseen real ones"),
    (4.0, "further from the real rows than unseen real ones"),
    (float("inf"), "far from the real rows"),
)
"""Distance in multiples of that of unseen real rows, at most, and the words for it."""

USEFUL = ((0.02, "nearly as useful"), (0.10, "less useful"), (float("inf"), "much less useful"))
"""What is lost in predicting, at most, and the words for it."""

NEARNESS = (
    (0.52, "not nearer to training rows than to unseen ones"),
    (0.55, "slightly nearer to training rows than to unseen ones"),
    (1.00, "NEARER TO TRAINING ROWS than to unseen ones: it leans on copies"),
)
"""Share of rows nearer to training rows, at most, and the words for it."""

EXPOSURE = ((0.55, "{0} can sometimes be told"), (1.00, "{1} ARE EXPOSED"))
"""Lower end of the interval of a membership attack's area, at most, and the words for it."""


def verdict(results: Iterable[Result], specs: Mapping[str, Spec], *, real: bool) -> str:
    """One line of plain words.

    Args:
        specs: What the catalog says of each metric; which clause one decides is its `headline`.
        real: The synthetic rows are those of a real table.
    """
    of: dict[Headline, list[tuple[Spec, Result]]] = {headline: [] for headline in Headline}
    for result in results:
        spec = specs.get(result.metric)
        if spec is not None and spec.headline is not None and result.value is not None:
            of[spec.headline].append((spec, result))
    for found in of.values():
        found.sort(key=lambda one: (one[0].priority is None, one[0].priority))
    clauses = [
        _likeness([r for _, r in of[Headline.DETECTION]], [r for _, r in of[Headline.DISTANCE]]),
        *(_usefulness(result) for _, result in of[Headline.USEFULNESS]),
        *(_exposure(result, spec.subject) for spec, result in of[Headline.MEMBERSHIP]),
        *(_nearness(result) for _, result in of[Headline.NEARNESS]),
        *(_copying(result) for _, result in of[Headline.COPIES]),
    ]
    line = "; ".join(clause for clause in clauses if clause)
    if real:
        loud = "NOT SYNTHETIC: these are the real rows themselves"
        return f"{loud}. {_capital(line)}." if line else f"{loud}."
    return f"{_capital(line)}." if line else "Too little to judge by: nothing could be measured."


def _likeness(detections: Sequence[Result], distances: Sequence[Result]) -> str:
    detection = next((r for r in detections if r.reference is not None), None)
    if detection is None or detection.value is None or detection.reference is None:
        return _closeness(distances)
    excess = detection.value - max(detection.reference, 0.5)
    within = detection.interval is not None and detection.interval[0] <= detection.reference
    words = DETECTION[0][1] if within else _pick(DETECTION, excess)
    return f"{words} (detector {detection.value:.2f}, real against real {detection.reference:.2f})"


def _closeness(found: Sequence[Result]) -> str:
    """Without a detector: distances of columns and pairs, beside those of real rows."""
    if not found:
        return ""
    references = [r.reference for r in found if r.reference is not None]
    value = sum(_with_equal_rows(r) for r in found) / len(found)
    if len(references) < len(found):
        return f"{percent(value)} off in columns and pairs, with no unseen rows to compare with"
    reference = sum(references) / len(references)
    times = value / reference if reference > 0 else (float("inf") if value > 0 else 0.0)
    return f"{_pick(DISTANCES, times)} ({percent(value)} off against {percent(reference)})"


def _with_equal_rows(result: Result) -> float:
    """The value that the reference may be compared with: of as many rows."""
    if result.excess is None or result.reference is None:
        return result.value or 0.0
    return result.reference + result.excess


def _usefulness(result: Result) -> str:
    if result.value is None or result.reference is None:
        return ""
    lost = result.reference - result.value
    least = -lost if result.excess_interval is None else result.excess_interval[1]
    target = result.target or "the target"
    known = result.reference - (result.baseline or 0.0)
    if known < 0.02:
        words = f"{target!r} cannot be predicted from real rows either"
    elif least >= 0:
        words = f"as useful for predicting {target!r}"
    else:
        words = f"{_pick(USEFUL, lost)} for predicting {target!r}"
    return f"{words} ({result.value:.3f} against {result.reference:.3f})"


def _exposure(result: Result, rows: str) -> str:
    """Only where the attack beats a guess beyond the noise."""
    if result.value is None or result.interval is None:
        return ""
    if result.interval[0] <= 0.5:
        return ""
    words = _pick(EXPOSURE, result.interval[0]).format(rows, rows.upper())
    return f"{words} (attack {result.value:.2f}, 0.50 is a guess)"


def _nearness(result: Result) -> str:
    if result.value is None:
        return ""
    within = result.interval is not None and result.interval[0] <= 0.5
    words = NEARNESS[0][1] if within else _pick(NEARNESS, result.value)
    return f"{words} ({result.value:.2f}, 0.50 is even)"


def _copying(result: Result) -> str:
    """Only where copies are more frequent than among unseen rows, beyond the noise."""
    if result.value is None or result.interval is None:
        return ""
    if result.reference is None:
        return f"{percent(result.value)} equal a training row" if result.value > 0 else ""
    # The reference is counted on few rows too, so its own noise must not make an alarm.
    excess = result.excess_interval or (result.interval[0] - result.reference,)
    if excess[0] <= 0:
        return ""
    return (
        f"COPIES TRAINING ROWS ({percent(result.value)} of the rows, against "
        f"{percent(result.reference)} of unseen ones)"
    )


def _pick(rules: tuple[tuple[float, str], ...], value: float) -> str:
    return next((words for most, words in rules if value <= most), rules[-1][1])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
