"""The release model of a fitted model, and what whoever reads it learns of the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from artesian.core.run import Run
from artesian.metrics.privacy.attacks.white_box import WhiteBox, white_box
from artesian.metrics.protocol import Comparison, NotMeasurable
from artesian.synthesizers.protocol import DensityModel, Model
from artesian.synthesizers.release import release_model


@dataclass(frozen=True, slots=True)
class Release:
    """A release model.

    Attributes:
        model: The model.
        rows: Number of synthetic rows that it was fitted on.
        white_box: The strongest attack of whoever reads it; None if it was not measured.
        reason: Why it was not measured.
    """

    model: Model
    rows: int
    white_box: WhiteBox | None
    reason: str = ""

    @property
    def note(self) -> str:
        """What a user should know of the saved model, one sentence."""
        text = (
            f"the saved model is a release model: it was fitted on {self.rows:,} synthetic rows and "
            f"reveals no more of the training rows than these; "
        )
        if self.white_box is None:
            return f"{text}the attack on whoever reads it was not measured: {self.reason}"
        low, high = self.white_box.interval
        return (
            f"{text}whoever reads it tells training rows from holdout rows with an AUC of "
            f"{self.white_box.auc:.3f} ({low:.3f} to {high:.3f}), by {self.white_box.attack}"
        )

    def to_dict(self) -> dict[str, Any]:
        """All but the model, as JSON types."""
        attack = None if self.white_box is None else self.white_box.to_dict()
        return {"rows": self.rows, "white_box": attack, "reason": self.reason or None}


def make_release(model: Model, rows: int, run: Run, tables: Comparison | None = None) -> Release:
    """The release model of a model of `rows` training rows.

    Args:
        tables: Training rows and holdout rows, for the attack; None if there is no holdout.

    Raises:
        UsageError: The method has no release model.
    """
    released = release_model(model, rows, run=run)
    try:
        if tables is None:
            raise NotMeasurable("there is no holdout (`artesian synth --release-model` has one)")
        return Release(released, rows, read_model(released, tables, run))
    except NotMeasurable as problem:
        return Release(released, rows, None, str(problem))


def read_model(model: Model, tables: Comparison, run: Run) -> WhiteBox:
    """Attack the training rows of `tables` by reading `model`.

    Raises:
        NotMeasurable: The model states no densities, or there are too few rows.
    """
    if not isinstance(model, DensityModel):
        raise NotMeasurable("the method states no densities of rows")
    attacked: Any = model

    def fit_reference(own: Any) -> Any:
        fitted = attacked.settings.fit_encoded(own, attacked.codec, run=run.child("reference"))
        return cast(DensityModel, fitted).log_densities

    return white_box(tables, attacked.log_densities, fit_reference, run)
