"""The verdict line: clauses chosen by rules that compare each value with its reference.

`docs/scorecard.md` has the rules. None is a threshold on a value alone: the interval accounts for
random error, and the reference is what real rows achieve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from artesian.core.formatting import percent
from artesian.metrics.protocol import Headline, Result, Spec

Rules = tuple[tuple[float, str], ...]
"""Upper bounds, ascending, each with the clause for values up to it."""

DETECTION: Rules = (
    (0.03, "Hard to tell from real rows"),
    (0.10, "Rarely detected as synthetic"),
    (0.25, "Often detected as synthetic"),
    (1.00, "Easily detected as synthetic"),
)
"""By the excess of the detector's AUC over that of real against real rows."""

MAX_REFERENCE = 0.75
"""Reference of the detector from which a value near it says little: it separates real rows from real
rows, such as those of other customers, so that faults of synthetic rows add little."""

DISTANCES: Rules = (
    (1.5, "about as close to the real rows as the holdout"),
    (4.0, "farther from the real rows than the holdout"),
    (float("inf"), "far from the real rows"),
)
"""By the ratio of the mean distance to that of the holdout."""

USEFULNESS: Rules = (
    (0.02, "nearly as useful"),
    (0.10, "less useful"),
    (float("inf"), "much less useful"),
)
"""By the loss of the predictive score."""

NEARNESS: Rules = (
    (0.52, "not closer to training rows than to holdout rows"),
    (0.55, "slightly closer to training rows than to holdout rows"),
    (1.00, "CLOSER TO TRAINING ROWS than to holdout rows, a sign of memorisation"),
)
"""By the lower end of the interval of the fraction of rows that are nearer to a training row."""

EXPOSURE: Rules = (
    (0.60, "membership of {0} can sometimes be inferred"),
    (1.00, "{1} ARE EXPOSED"),
)
"""By the lower end of the interval of the AUC of a membership attack."""

TOO_FEW = "too few rows for a membership attack"
DIFFERENT = "the holdout differs from the training rows, so that privacy cannot be measured"
"""Instead of the exposure where no attack could be measured."""

MIN_ENTITIES = 30
"""Minimum number of entities of each table; of fewer, a detector tells real rows from real rows by
chance."""

IDENTIFIED = 0.001
"""Maximum p-value of copied identifiers that the verdict states."""


def verdict(
    results: Iterable[Result], specs: Mapping[str, Spec], *, real: bool, untested: str = ""
) -> str:
    """Summarize results in one line.

    Args:
        specs: Metric -> its spec, whose `headline` is the clause that it decides.
        real: Whether the synthetic rows are those of a real table.
        untested: The clause if all membership attacks were skipped.
    """
    by_headline: dict[Headline, list[tuple[Spec, Result]]] = {each: [] for each in Headline}
    skipped = False
    for result in results:
        spec = specs.get(result.metric)
        if spec is not None and spec.headline is Headline.MEMBERSHIP and result.value is None:
            skipped = True
        if spec is not None and spec.headline is not None and result.value is not None:
            by_headline[spec.headline].append((spec, result))
    for pairs in by_headline.values():
        pairs.sort(key=lambda pair: (pair[0].priority is None, pair[0].priority))

    def of(headline: Headline) -> list[Result]:
        return [result for _, result in by_headline[headline]]

    clauses = [
        _fidelity(of(Headline.DETECTION), of(Headline.DISTANCE)),
        *map(_relations, of(Headline.RELATIONS)),
        *map(_usefulness, of(Headline.USEFULNESS)),
        *(_exposure(result, spec.subject) for spec, result in by_headline[Headline.MEMBERSHIP]),
        untested if skipped and not by_headline[Headline.MEMBERSHIP] else "",
        *map(_nearness, of(Headline.NEARNESS)),
        *map(_copying, of(Headline.COPIES)),
        *map(_identifying, of(Headline.IDENTIFIERS)),
    ]
    line = _capitalized("; ".join(clause for clause in clauses if clause))
    if real:
        warning = "NOT SYNTHETIC: these are the real rows themselves"
        return f"{warning}. {line}." if line else f"{warning}."
    return f"{line}." if line else "No verdict: no metric could be measured."


def _fidelity(detections: Sequence[Result], distances: Sequence[Result]) -> str:
    detection = next((result for result in detections if result.reference is not None), None)
    if detection is None or detection.value is None or detection.reference is None:
        return _distance(distances)
    excess = detection.value - max(detection.reference, 0.5)
    within = detection.interval is not None and detection.interval[0] <= detection.reference
    clause = DETECTION[0][1] if within else _clause(DETECTION, excess)
    figures = f"(detector {detection.value:.2f}, real against real {detection.reference:.2f})"
    if clause in (DETECTION[0][1], DETECTION[1][1]) and detection.reference >= MAX_REFERENCE:
        clause = "the detector tells even real rows from real rows, so it cannot judge"
        entities = int(detection.detail.get("entities_a_side", MIN_ENTITIES))
        if entities < MIN_ENTITIES:
            name = detection.detail.get("entity", "")
            clause = f"too few values of {name!r} ({entities}) for a detector to judge"
        return "; ".join(filter(None, (f"{clause} {figures}", _distance(distances))))
    return f"{clause} {figures}"


def _distance(results: Sequence[Result]) -> str:
    """The clause without a detector: distances of columns and pairs of columns."""
    if not results:
        return ""
    value = sum(map(_value_at_equal_size, results)) / len(results)
    references = [result.reference for result in results if result.reference is not None]
    if len(references) < len(results):
        return f"{percent(value)} off in columns and pairs, with no holdout to compare with"
    reference = sum(references) / len(references)
    ratio = value / reference if reference > 0 else (float("inf") if value > 0 else 0.0)
    return f"{_clause(DISTANCES, ratio)} ({percent(value)} off against {percent(reference)})"


def _value_at_equal_size(result: Result) -> float:
    """The value that is comparable with the reference: from the same number of rows."""
    if result.excess is None or result.reference is None:
        return result.value or 0.0
    return result.reference + result.excess


def _usefulness(result: Result) -> str:
    if result.value is None or result.reference is None:
        return ""
    loss = result.reference - result.value
    upper = -loss if result.excess_interval is None else result.excess_interval[1]
    target = result.target or "the target"
    if result.reference - (result.baseline or 0.0) < 0.02:
        clause = f"{target!r} cannot be predicted from real rows either"
    elif upper >= 0:
        clause = f"as useful for predicting {target!r}"
    else:
        clause = f"{_clause(USEFULNESS, loss)} for predicting {target!r}"
    return f"{clause} ({result.value:.3f} against {result.reference:.3f})"


def _exposure(result: Result, rows: str) -> str:
    """Empty unless the attack is significantly better than a guess."""
    if result.value is None or result.interval is None or result.interval[0] <= 0.5:
        return ""
    clause = _clause(EXPOSURE, result.interval[0]).format(rows, rows.upper())
    return f"{clause} (attack {result.value:.2f}, 0.50 is a guess)"


def _nearness(result: Result) -> str:
    if result.value is None:
        return ""
    low = result.value if result.interval is None else result.interval[0]
    clause = _clause(NEARNESS, low)
    if low <= NEARNESS[0][0] < result.value:
        clause = clause.replace("not closer", "not significantly closer")
    return f"{clause} ({result.value:.2f}, 0.50 is even)"


def _relations(result: Result) -> str:
    """Empty unless relations are significantly more often broken than in the holdout."""
    if result.value is None or result.interval is None:
        return ""
    low = (result.excess_interval or (result.interval[0] - (result.reference or 0.0),))[0]
    if low <= 0:
        return ""
    worst = max(result.parts, key=lambda name: result.parts[name])
    real = "" if result.reference is None else f", against {percent(result.reference)} of real rows"
    return (
        f"BREAKS RELATIONS between columns (in {percent(result.value)} of the rows{real}, "
        f"such as '{worst}')"
    )


def _copying(result: Result) -> str:
    """Empty unless copies are significantly more frequent than in the holdout."""
    if result.value is None or result.interval is None:
        return ""
    if result.reference is None:
        return f"{percent(result.value)} equal a training row" if result.value > 0 else ""
    # The reference is an estimate too, so its random error must not raise an alarm.
    excess = result.excess_interval or (result.interval[0] - result.reference,)
    if excess[0] <= 0:
        return ""
    return (
        f"COPIES TRAINING ROWS ({percent(result.value)} of the rows, against "
        f"{percent(result.reference)} of the holdout)"
    )


def _identifying(result: Result) -> str:
    """Empty unless values that identify people are more often real than by chance."""
    if result.value is None or result.p_value is None or result.p_value > IDENTIFIED:
        return ""
    column = result.detail.get("column", "")
    return f"RELEASES REAL IDENTIFIERS ({percent(result.value)} of {column!r} are of training rows)"


def _clause(rules: Rules, value: float) -> str:
    return next((clause for bound, clause in rules if value <= bound), rules[-1][1])


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
