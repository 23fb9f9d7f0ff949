"""What to do about a rare class: the simplest treatment that no other one improves on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from artesian.augmentation.intervals import Difference
from artesian.augmentation.measures import AUPRC, F1, MEASURES
from artesian.augmentation.study import CHEAP, NOTHING, UNFILTERED, WEIGHTS, Study

AUGMENT, CHEAPER, KEEP = "augment", "cheaper treatment", "do nothing"


@dataclass(frozen=True, slots=True)
class Advice:
    """The advice for one learner.

    A treatment suffices if no other one is better by more than chance: the 95 % interval of each
    paired difference contains 0 or less. Of those that suffice, the simplest is recommended.

    Attributes:
        learner: The learner.
        treatment: The recommended treatment.
        method: The generator that was measured.
        measure: The measure that decided.
        mean: Its mean for the recommended treatment.
        gain: How much better the recommended treatment is than doing nothing; None for nothing.
        method_gain: How much better the generator is than doing nothing.
        method_margin: How much better the generator is than the recommended treatment; None if it is
            recommended itself.
        threshold_gain: Gain of F1 by the generator at the threshold 0.5.
        threshold_only: Gain of F1 by choosing the threshold on the original rows instead.
    """

    learner: str
    treatment: str
    method: str
    measure: str
    mean: float
    gain: Difference | None
    method_gain: Difference
    method_margin: Difference | None
    threshold_gain: Difference
    threshold_only: Difference

    @property
    def decision(self) -> str:
        """`AUGMENT`, `CHEAPER` or `KEEP`."""
        if self.treatment == self.method:
            return AUGMENT
        return KEEP if self.treatment == NOTHING else CHEAPER

    @property
    def sentence(self) -> str:
        """The advice with its figures."""
        title = MEASURES[self.measure].title
        own = f"rows of {self.method!r} change {title} by {_signed(self.method_gain)}"
        if self.decision == AUGMENT:
            return (
                f"With {self.learner}, {own} against doing nothing, and neither class weights nor "
                f"over-sampling nor SMOTE suffices."
            )
        if self.gain is None or self.method_margin is None:
            return (
                f"With {self.learner}, doing nothing suffices: no treatment is better by more than "
                f"chance; {own}."
            )
        plural = "" if self.treatment == WEIGHTS else "s"
        return (
            f"With {self.learner}, {self.treatment} suffice{plural}: {title} changes by "
            f"{_signed(self.gain)} against doing nothing; {own} against doing nothing, and by "
            f"{_signed(self.method_margin)} against {self.treatment}."
        )

    @property
    def threshold_sentence(self) -> str:
        """How much of the gain of F1 the choice of a threshold gives without any new row."""
        return (
            f"With {self.learner}, F1 at the threshold 0.5 changes by {_signed(self.threshold_gain)} "
            f"with rows of {self.method!r}; choosing the threshold on the original rows changes it by "
            f"{_signed(self.threshold_only)}."
        )

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON types."""
        return {
            "learner": self.learner,
            "decision": self.decision,
            "treatment": self.treatment,
            "measure": self.measure,
            "mean": self.mean,
            "gain": None if self.gain is None else self.gain.to_dict(),
            "method_gain": self.method_gain.to_dict(),
            "method_margin": None if self.method_margin is None else self.method_margin.to_dict(),
            "threshold_gain": self.threshold_gain.to_dict(),
            "threshold_only": self.threshold_only.to_dict(),
            "sentence": self.sentence,
            "threshold_sentence": self.threshold_sentence,
        }


def advise(study: Study, method: str, measure: str = AUPRC) -> list[Advice]:
    """The advice for each learner, the one with the best recommended treatment first."""
    advice = [_advise(study, method, measure, learner) for learner in study.learners]
    return sorted(advice, key=lambda one: -MEASURES[measure].sign * one.mean)


def verdict(advice: list[Advice]) -> str:
    """The decision for the best learner, as the first words of a report."""
    best = advice[0]
    head = {AUGMENT: "Augment.", CHEAPER: "Do not augment.", KEEP: "Do not augment."}[best.decision]
    return f"{head} {best.sentence}"


def filter_gain(study: Study, method: str, learner: str, measure: str) -> Difference:
    """How much better the filtered rows of a generator are than the unfiltered ones."""
    return study.difference(method, method + UNFILTERED, learner, measure)


def _advise(study: Study, method: str, measure: str, learner: str) -> Advice:
    candidates = (*CHEAP, method)
    treatment = next(
        (
            one
            for one in candidates
            if not any(
                study.difference(other, one, learner, measure).above
                for other in candidates
                if other != one
            )
        ),
        NOTHING,
    )
    mean = float(study.of(treatment, learner, measure).mean())
    return Advice(
        learner=learner,
        treatment=treatment,
        method=method,
        measure=measure,
        mean=mean,
        gain=None
        if treatment == NOTHING
        else study.difference(treatment, NOTHING, learner, measure),
        method_gain=study.difference(method, NOTHING, learner, measure),
        method_margin=None
        if treatment == method
        else study.difference(method, treatment, learner, measure),
        threshold_gain=study.difference(method, NOTHING, learner, F1),
        threshold_only=study.threshold_gain(NOTHING, learner),
    )


def _signed(difference: Difference) -> str:
    return f"{difference.mean:+.3f} (95 % interval {difference.low:+.3f} to {difference.high:+.3f})"
