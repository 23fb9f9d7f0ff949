"""Result of a laboratory experiment: curves over generations, with theory where there is one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np

from artesian.collapse.theory import Floats
from artesian.core.formatting import percent
from artesian.core.run import Run

FALSE_ALARM = 0.05
"""Probability, over all compared points jointly, that exact theory is reported as a disagreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A quantity by generation.

    Attributes:
        label: Its name in the legend.
        generations: Generations, ascending.
        values: Monte Carlo means.
        errors: Their standard errors; empty if there are none.
        theory: Exact values, or a reference; empty if there is none.
        exact: Whether `theory` is exact, so that a difference beyond Monte Carlo error is an error.
        compared: Generation up to which `theory` is compared; beyond it the Monte Carlo mean is
            not approximately normal. None for all.
    """

    label: str
    generations: Sequence[int]
    values: Sequence[float]
    errors: Sequence[float] = ()
    theory: Sequence[float] = ()
    exact: bool = True
    compared: int | None = None

    def z_scores(self) -> list[float]:
        """Differences from exact theory in standard errors; empty if there is nothing to compare."""
        if not (self.exact and len(self.theory) and len(self.errors)):
            return []
        points = zip(self.generations, self.values, self.errors, self.theory, strict=True)
        last = math.inf if self.compared is None else self.compared
        return [(v - x) / e for t, v, e, x in points if e > 0 and t <= last]

    def to_dict(self) -> dict[str, Any]:
        """The curve as JSON types."""
        return {
            "label": self.label,
            "generations": [int(t) for t in self.generations],
            "values": [_rounded(v) for v in self.values],
            "errors": [_rounded(v) for v in self.errors],
            "theory": [_rounded(v) for v in self.theory],
            "exact": self.exact,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Curves of one quantity.

    Attributes:
        title: The quantity.
        y: Title of its axis, with the unit.
        curves: The curves.
        note: What is shown, and what the theory is.
        log: Whether the axis is logarithmic; all values are then positive.
        across: Title of the horizontal axis.
    """

    title: str
    y: str
    curves: tuple[Curve, ...]
    note: str
    log: bool = False
    across: str = "generation"

    def to_dict(self) -> dict[str, Any]:
        """The panel as JSON types."""
        return {
            "title": self.title,
            "y": self.y,
            "note": self.note,
            "curves": [curve.to_dict() for curve in self.curves],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LabResult:
    """Result of a laboratory experiment.

    Attributes:
        name: Name of the experiment.
        title: What it shows.
        source: The publication whose protocol it follows.
        findings: What was measured, in sentences.
        panels: The curves.
        settings: Settings of the experiment.
        skipped: What was not computed -> the reason.
    """

    name: str
    title: str
    source: str
    findings: tuple[str, ...]
    panels: tuple[Panel, ...]
    settings: Mapping[str, Any]
    skipped: Mapping[str, str] = field(default_factory=dict)

    def agreement(self) -> dict[str, Any] | None:
        """The comparison of all curves with exact theory; None if there is none to compare."""
        scores = [abs(z) for p in self.panels for curve in p.curves for z in curve.z_scores()]
        if not scores:
            return None
        limit = NormalDist().inv_cdf(1 - FALSE_ALARM / (2 * len(scores)))
        return {
            "points": len(scores),
            "max_z": _rounded(max(scores)),
            "limit": _rounded(limit),
            "agrees": max(scores) <= limit,
        }

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types."""
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "findings": list(self.findings),
            "agreement": self.agreement(),
            "panels": [panel.to_dict() for panel in self.panels],
            "settings": dict(self.settings),
            "skipped": dict(self.skipped),
        }


class Lab(Protocol):
    """Settings of an experiment: a frozen dataclass with keyword-only fields."""

    def run(self, run: Run) -> LabResult:
        """Run the experiment."""
        ...


def grid(generations: int, points: int = 40) -> list[int]:
    """Generations to report: the first, the last, and about evenly spaced ones between. Ascending."""
    return [int(t) for t in np.unique(np.linspace(1, generations, points).round())]


def curve_of(
    label: str, at: Sequence[int], draws: Floats, theory: Floats | None = None, **more: Any
) -> Curve:
    """The Monte Carlo mean of `draws`, (len(at), replicates), with its standard error.

    Args:
        theory: (generations,) exact values in generation 1, 2, ...
    """
    errors = draws.std(axis=1, ddof=1) / math.sqrt(draws.shape[1])
    return Curve(
        label=label,
        generations=at,
        values=draws.mean(axis=1).tolist(),
        errors=errors.tolist(),
        theory=() if theory is None else theory[np.asarray(at) - 1].tolist(),
        **more,
    )


def agreement_sentence(agreement: Mapping[str, Any] | None) -> str:
    """The comparison with theory as a sentence; '' if there was none."""
    if agreement is None:
        return ""
    verb = "agree" if agreement["agrees"] else "do not agree"
    return (
        f"Simulation and theory {verb}: the largest of {agreement['points']} differences is "
        f"{agreement['max_z']:.1f} standard errors (limit {agreement['limit']:.1f}, false alarm at "
        f"most {percent(FALSE_ALARM)} over all points jointly)."
    )


def _rounded(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None
