"""Singling out (Giomi et al. 2023): does a description that fits one synthetic row fit one person?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from artesian.core.run import Run
from artesian.metrics.common.arrays import Ints
from artesian.metrics.common.base import BaseMetric
from artesian.metrics.common.encoding import Rows
from artesian.metrics.common.formatting import percent
from artesian.metrics.privacy.attacks.attack_control import Advantage, AttackSetup
from artesian.metrics.protocol import Better, Comparison, NotMeasurable, Result, Spec

FEWEST = 50
"""Descriptions that fit one synthetic row alone, at least."""

_TRIES = 4  # descriptions made for each that is wanted: most fit no row or several
_BLOCK = 64

Predicate = tuple[tuple[str, str, float], ...]
"""Of each column: its name, '=', '<=' or '>=', and the value or code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglingOut(BaseMetric):
    """A description is made of one synthetic row: its category in some columns, and in others that the
    number is at least, or at most, so large, whichever is the rarer side. Those that fit no other
    synthetic row are tried on training rows and on as many unseen ones, and have singled somebody out
    where they fit one row alone.

    Descriptions of few and of many columns are two attacks; the result is that of the worse.

    Attributes:
        attacks: Descriptions that are tried, at most, of each number of columns.
        sizes: Columns of a description.
        rows: Training rows, as many unseen and as many synthetic rows, that are looked at, at most.
    """

    spec: ClassVar[Spec] = Spec(
        name="singling_out",
        title="Singling out",
        family="privacy",
        better=Better.LOWER,
        low=-1.0,
        high=1.0,
        description="0 is no more than of people in general, 1 is every description of a "
        "synthetic row "
        "fitting one training row, and none an unseen one",
        source="Giomi et al. 2023 (Anonymeter)",
        needs_holdout=True,
    )
    attacks: int = 1_000
    sizes: tuple[int, ...] = (3, 6)
    rows: int = 10_000

    def measure(self, tables: Comparison, run: Run) -> Result:
        ground = AttackSetup.of(tables, self.spec, self.rows, self.rows, run)
        names = [column.name for column in ground.encoded.columns]
        found: dict[int, Advantage] = {}
        tried = 0
        for size in sorted({min(size, len(names)) for size in self.sizes}):
            made = self._predicates(ground, names, size)
            alone = _fits(made, ground.made, run, self.spec.name)[0] == 1
            chosen = [predicate for predicate, one in zip(made, alone, strict=True) if one]
            chosen = chosen[: self.attacks]
            if len(chosen) < FEWEST:
                continue
            tried += len(chosen)
            met = [
                at[counts == 1]
                for counts, at in (
                    _fits(chosen, rows, run, self.spec.name)
                    for rows in (ground.trained, ground.unseen)
                )
            ]
            found[size] = Advantage.of(
                len(met[0]),
                len(chosen),
                len(met[1]),
                len(chosen),
                tries=len(self.sizes),
                alike=(_alike(met[0]), _alike(met[1])),
            )
        if not found:
            raise NotMeasurable(f"fewer than {FEWEST} descriptions fit one synthetic row alone")
        size = max(found, key=lambda size: found[size].value)
        worst = found[size]
        return Result(
            value=worst.value,
            interval=worst.interval,
            reference=0.0,
            parts={
                "one training row": worst.trained,
                "one unseen row": worst.unseen,
                **{f"{size} columns": one.value for size, one in found.items()},
            },
            explanation=(
                f"Of descriptions of {size} columns that fit one synthetic row, "
                f"{percent(worst.trained)} fit exactly one training row, and "
                f"{percent(worst.unseen)} exactly one of as many unseen rows."
            ),
            detail={"columns": size, "attacks": tried, "risk": worst.risk},
        )

    def _predicates(self, ground: AttackSetup, names: list[str], size: int) -> list[Predicate]:
        rng = ground.seed.child("predicates", size).rng()
        middles = {}
        for name in names:
            if name not in ground.encoded.levels:
                known = ground.made.numbers[name]
                known = known[~np.isnan(known)]
                middles[name] = float(np.median(known)) if len(known) else np.nan
        made: dict[Predicate, None] = {}
        for _ in range(_TRIES * self.attacks):
            row = int(rng.integers(ground.made.height))
            told = []
            for at in np.sort(rng.permutation(len(names))[:size]):
                name = names[at]
                if name in ground.encoded.levels:
                    told.append((name, "=", float(ground.made.codes[name][row])))
                    continue
                value = float(ground.made.numbers[name][row])
                sign = "=" if np.isnan(value) else ">=" if value >= middles[name] else "<="
                told.append((name, sign, value))
            made[tuple(told)] = None
        return list(made)


def _alike(met: Ints) -> float:
    """How many descriptions tell no more than one would, for several single out the same row."""
    times = np.unique(met, return_counts=True)[1]
    return float((times**2).sum() / len(met)) if len(met) else 1.0


def _fits(predicates: list[Predicate], rows: Rows, run: Run, work: str) -> tuple[Ints, Ints]:
    """(predicates,) how many rows each fits, and the position of the first of them."""
    known: dict[tuple[str, str, float | None], npt.NDArray[np.bool_]] = {}

    def mask(name: str, sign: str, value: float) -> npt.NDArray[np.bool_]:
        if name in rows.codes or np.isnan(value):
            # Categories and gaps come again and again; numbers hardly do.
            key = (name, sign, None if np.isnan(value) else value)
            if key not in known:
                known[key] = (
                    rows.codes[name] == int(value)
                    if name in rows.codes
                    else np.isnan(rows.numbers[name])
                )
            return known[key]
        with np.errstate(invalid="ignore"):
            values = rows.numbers[name]
            return np.asarray(values >= value if sign == ">=" else values <= value)

    counts, at_first = np.empty(len(predicates), np.int64), np.empty(len(predicates), np.int64)
    for start in run.track(range(0, len(predicates), _BLOCK), work):
        for at, predicate in enumerate(predicates[start : start + _BLOCK], start):
            fits = np.ones(rows.height, np.bool_)
            for one in predicate:
                fits &= mask(*one)
            counts[at], at_first[at] = fits.sum(), fits.argmax()
    return counts, at_first
