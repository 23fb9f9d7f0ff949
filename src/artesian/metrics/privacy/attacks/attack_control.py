"""An attack on training rows with the same attack on holdout rows as its control (Giomi et al.
2023).

What the attack achieves on the holdout follows from the population and is no disclosure; only its
advantage on training rows is.
"""

from __future__ import annotations

from dataclasses import dataclass

from artesian.core.run import Run, Seed
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.intervals import difference, tail_of_interval, wilson
from artesian.metrics.protocol import Comparison, NotMeasurable, Spec

MIN_ROWS = 50


@dataclass(frozen=True, slots=True)
class AttackSetup:
    """The data of an attack.

    Attributes:
        train, holdout: Targets from the training and from the holdout table, the same number of
            each.
        synthetic: Synthetic rows that the attacker uses.
    """

    encoded: Encoded
    train: Rows
    holdout: Rows
    synthetic: Rows
    seed: Seed

    @classmethod
    def from_comparison(
        cls, tables: Comparison, spec: Spec, targets: int, synthetic: int, run: Run
    ) -> AttackSetup:
        """Draw the targets and the synthetic rows.

        Raises:
            NotMeasurable: there is no holdout, or there are too few rows or columns.
        """
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: real rows that no model was fitted on")
        if len(encoded.columns) < 2:
            raise NotMeasurable("there are fewer than two columns that are not keys or free text")
        size = min(targets, encoded.real.height, encoded.holdout.height)
        if min(size, encoded.synthetic.height) < MIN_ROWS:
            min_height = min(size, encoded.synthetic.height)
            raise NotMeasurable(f"a table has {min_height} rows, and {MIN_ROWS} are needed")
        seed = run.seed.child(spec.name)
        return cls(
            encoded,
            encoded.real.subsample(size, seed.child("trained")),
            encoded.holdout.subsample(size, seed.child("unseen")),
            encoded.synthetic.subsample(synthetic, seed.child("made")),
            seed,
        )


@dataclass(frozen=True, slots=True)
class Advantage:
    """Difference of the success rates of an attack on training and on holdout rows.

    Giomi et al. divide it by the failure rate of the control, see `risk`, which inflates one or two
    successes in a thousand to a large risk where the control fails rarely.

    Attributes:
        value: Difference of the success rates.
        interval: 95 % interval (Zou and Donner 2008).
        p_value: One-sided p-value of the difference, allowing for the number of attacks.
        train, holdout: The success rates.
    """

    value: float
    interval: tuple[float, float]
    p_value: float
    train: float
    holdout: float

    @classmethod
    def from_counts(
        cls,
        hits: int,
        targets: int,
        control_hits: int,
        controls: int,
        *,
        tries: int = 1,
        design_effects: tuple[float, float] = (1.0, 1.0),
    ) -> Advantage:
        """From the numbers of successes and targets, and those of the control.

        Args:
            tries: Number of attacks that this is the most successful of (Bonferroni).
            design_effects: Design effects (Kish 1965) of the attack and the control: where several
                attacks hit the same row, they are not independent.
        """
        rates = hits / targets, control_hits / controls

        def interval(tries: int) -> tuple[float, float]:
            intervals = [
                wilson(successes / effect, attempts / effect, tries=tries)
                for successes, attempts, effect in zip(
                    (hits, control_hits), (targets, controls), design_effects, strict=True
                )
            ]
            return difference(rates[0], intervals[0], rates[1], intervals[1])

        value, (low, high) = rates[0] - rates[1], interval(tries)
        # From the interval of one attack: a test of the wider interval would be corrected two times.
        alone = tail_of_interval(value, value - interval(1)[0])
        return cls(value, (max(-1.0, low), min(1.0, high)), min(1.0, tries * alone), *rates)

    @property
    def risk(self) -> float:
        """Risk as defined by Anonymeter: the difference divided by the failure rate of the control."""
        return self.value / (1 - self.holdout) if self.holdout < 1 else 0.0
