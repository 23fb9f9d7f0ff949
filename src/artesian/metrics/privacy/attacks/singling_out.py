"""Singling out (Giomi et al. 2023): whether a predicate that matches one synthetic row matches one
person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.formatting import percent
from artesian.core.run import Run
from artesian.metrics.common.arrays import Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

MIN_PREDICATES = 50
"""Minimum number of predicates that match exactly one synthetic row."""

_CANDIDATES_PER_PREDICATE = 4  # most candidates match no or several rows
_BLOCK = 64

Predicate = tuple[tuple[str, str, float], ...]
"""For each column: its name, '=', '<=' or '>=', and the value or code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglingOut(BaseMetric):
    """Advantage on training over holdout rows in the fraction of predicates that match exactly one
    row.

    A predicate is derived from one synthetic row: equality with its categories, and a lower or
    upper bound on its numbers, whichever is more selective. Predicates that match no other
    synthetic row are evaluated on the training rows and on the same number of holdout rows.
    Predicates over few and over many columns are two attacks; the one with the larger advantage is
    reported.

    Attributes:
        attacks: Maximum number of predicates of each size.
        sizes: Numbers of columns of a predicate.
        rows: Maximum number of training, holdout and synthetic rows.
    """

    spec: ClassVar[Spec] = Spec(
        name="singling_out",
        title="Singling out",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0: no better than on holdout rows; 1: every predicate matches exactly one "
        "training row and none matches exactly one holdout row",
        source="Giomi et al. 2023 (Anonymeter)",
        needs_holdout=True,
    )
    attacks: int = 1_000
    sizes: tuple[int, ...] = (3, 6)
    rows: int = 10_000

    def measure(self, tables: Comparison, run: Run) -> Result:
        setup = AttackSetup.from_comparison(tables, self.spec, self.rows, self.rows, run)
        names = [column.name for column in setup.encoded.columns]
        advantages: dict[int, Advantage] = {}
        attempted = 0
        for size in sorted({min(size, len(names)) for size in self.sizes}):
            predicates = self._predicates(setup, names, size)
            is_unique = _fits(predicates, setup.synthetic, run, self.spec.name)[0] == 1
            unique = [
                predicate
                for predicate, matches_one in zip(predicates, is_unique, strict=True)
                if matches_one
            ]
            unique = unique[: self.attacks]
            if len(unique) < MIN_PREDICATES:
                continue
            attempted += len(unique)
            singled_out = [
                at[counts == 1]
                for counts, at in (
                    _fits(unique, rows, run, self.spec.name)
                    for rows in (setup.train, setup.holdout)
                )
            ]
            advantages[size] = Advantage.from_counts(
                len(singled_out[0]),
                len(unique),
                len(singled_out[1]),
                len(unique),
                tries=len(self.sizes),
                design_effects=(_design_effect(singled_out[0]), _design_effect(singled_out[1])),
            )
        if not advantages:
            raise NotMeasurable(
                f"fewer than {MIN_PREDICATES} predicates match exactly one synthetic row"
            )
        size = max(advantages, key=lambda size: advantages[size].value)
        worst = advantages[size]
        return Result(
            value=worst.value,
            interval=worst.interval,
            p_value=worst.p_value,
            reference=0.0,
            parts={
                "one training row": worst.train,
                "one holdout row": worst.holdout,
                **{f"{size} columns": each.value for size, each in advantages.items()},
            },
            explanation=(
                f"{percent(worst.train)} of the predicates over {size} columns that match one "
                f"synthetic row match exactly one training row; {percent(worst.holdout)} match "
                "exactly one of as many holdout rows."
            ),
            detail={"columns": size, "attacks": attempted, "risk": worst.risk},
        )

    def _predicates(self, setup: AttackSetup, names: list[str], size: int) -> list[Predicate]:
        rng = setup.seed.child("predicates", size).rng()
        medians = {}
        for name in names:
            if name not in setup.encoded.levels:
                values = setup.synthetic.numbers[name]
                values = values[~np.isnan(values)]
                medians[name] = float(np.median(values)) if len(values) else np.nan
        predicates: dict[Predicate, None] = {}
        for _ in range(_CANDIDATES_PER_PREDICATE * self.attacks):
            row = int(rng.integers(setup.synthetic.height))
            predicate = []
            for at in np.sort(rng.permutation(len(names))[:size]):
                name = names[at]
                if name in setup.encoded.levels:
                    predicate.append((name, "=", float(setup.synthetic.codes[name][row])))
                    continue
                value = float(setup.synthetic.numbers[name][row])
                sign = "=" if np.isnan(value) else ">=" if value >= medians[name] else "<="
                predicate.append((name, sign, value))
            predicates[tuple(predicate)] = None
        return list(predicates)


def _design_effect(singled_out: Ints) -> float:
    """Design effect (Kish 1965) of several predicates that single out the same row."""
    counts = np.unique(singled_out, return_counts=True)[1]
    return float((counts**2).sum() / len(singled_out)) if len(singled_out) else 1.0


def _fits(predicates: list[Predicate], rows: Rows, run: Run, task: str) -> tuple[Ints, Ints]:
    """(predicates,) number of rows that each matches, and the position of the first of them."""
    masks: dict[tuple[str, str, float | None], npt.NDArray[np.bool_]] = {}

    def mask(name: str, sign: str, value: float) -> npt.NDArray[np.bool_]:
        if name in rows.codes or np.isnan(value):
            # Categories and missing values recur; numbers hardly do.
            key = (name, sign, None if np.isnan(value) else value)
            if key not in masks:
                masks[key] = (
                    rows.codes[name] == int(value)
                    if name in rows.codes
                    else np.isnan(rows.numbers[name])
                )
            return masks[key]
        with np.errstate(invalid="ignore"):
            values = rows.numbers[name]
            return np.asarray(values >= value if sign == ">=" else values <= value)

    counts, at_first = np.empty(len(predicates), np.int64), np.empty(len(predicates), np.int64)
    for start in run.track(range(0, len(predicates), _BLOCK), task):
        for at, predicate in enumerate(predicates[start : start + _BLOCK], start):
            fits = np.ones(rows.height, np.bool_)
            for condition in predicate:
                fits &= mask(*condition)
            counts[at], at_first[at] = fits.sum(), fits.argmax()
    return counts, at_first
