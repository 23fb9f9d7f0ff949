"""An attack on training rows beside the same attack on unseen rows: what the second achieves, anybody
could have learned of people in general; only what the first achieves beyond that is a leak."""

from __future__ import annotations

from dataclasses import dataclass

from artesian.core.run import Run, Seed
from artesian.metrics.common.encoding import Encoded, Rows, encode
from artesian.metrics.common.intervals import difference, wilson
from artesian.metrics.protocol import Comparison, NotMeasurable, Spec

MIN_ROWS = 50


@dataclass(frozen=True, slots=True)
class AttackSetup:
    """What an attack works with.

    Attributes:
        trained, unseen: The targets, as many of either.
        made: The synthetic rows that the attacker looks into.
    """

    encoded: Encoded
    trained: Rows
    unseen: Rows
    made: Rows
    seed: Seed

    @classmethod
    def of(cls, tables: Comparison, spec: Spec, targets: int, made: int, run: Run) -> AttackSetup:
        """Rows drawn by the seed; or the reason why there is no attack."""
        encoded = encode(tables)
        if encoded.holdout is None:
            raise NotMeasurable("it needs a holdout: rows that no model was fitted on")
        if len(encoded.columns) < 2:
            raise NotMeasurable("there are fewer than two columns that are not keys or free text")
        size = min(targets, encoded.real.height, encoded.holdout.height)
        if min(size, encoded.synthetic.height) < MIN_ROWS:
            least = min(size, encoded.synthetic.height)
            raise NotMeasurable(f"a table has {least} rows, and {MIN_ROWS} are needed")
        seed = run.seed.child(spec.name)
        return cls(
            encoded,
            encoded.real.at_most(size, seed.child("trained")),
            encoded.holdout.at_most(size, seed.child("unseen")),
            encoded.synthetic.at_most(made, seed.child("made")),
            seed,
        )


@dataclass(frozen=True, slots=True)
class Advantage:
    """How much more often an attack succeeds on training rows than on unseen ones.

    Giomi et al. divide this by what the control leaves, which makes a hit or two in a thousand look
    like everything where the control knows all but those; see `risk`.

    Attributes:
        value: Difference of the rates.
        interval: 95 %, by Zou and Donner 2008.
        trained, unseen: The rates.
    """

    value: float
    interval: tuple[float, float]
    trained: float
    unseen: float

    @classmethod
    def of(
        cls,
        hits: int,
        targets: int,
        control_hits: int,
        controls: int,
        *,
        tries: int = 1,
        alike: tuple[float, float] = (1.0, 1.0),
    ) -> Advantage:
        """From successes among targets of either kind.

        Args:
            tries: Attacks that this is the worst of; the interval is widened for them (Bonferroni).
            alike: Attacks of either kind that tell no more than one would, for several meet the same
                row (the design effect of Kish 1965).
        """
        rates = hits / targets, control_hits / controls
        spans = [
            wilson(met / same, tried / same, tries=tries)
            for met, tried, same in zip(
                (hits, control_hits), (targets, controls), alike, strict=True
            )
        ]
        low, high = difference(rates[0], spans[0], rates[1], spans[1])
        return cls(rates[0] - rates[1], (max(-1.0, low), min(1.0, high)), *rates)

    @property
    def risk(self) -> float:
        """As Anonymeter has it: the difference over what the control leaves; 0 if that is nothing."""
        return self.value / (1 - self.unseen) if self.unseen < 1 else 0.0
