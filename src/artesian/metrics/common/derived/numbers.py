"""Features of a column of numbers: whether its values are as precise as the real ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from artesian.metrics.common.arrays import Floats, floats
from artesian.metrics.common.derived.view import Feature, View

MAX_DIGITS = 12
"""Numbers of digits beyond this count as this."""

_ON_GRID = 0.99  # minimum proportion of real values that are multiples of a step
_STEPS = tuple(factor * 10.0**power for power in range(9, -7, -1) for factor in (1, 0.5))
_MIN_DISTINCT = 20
_MIN_SAME_DIGITS = 0.8  # minimum proportion of real values with the same number of digits
_MAGNITUDES = 1e3  # minimum ratio of numbers that are stated to so many significant digits
_SAMPLE = 2_000


def off_grid(values: Floats, step: float) -> Floats:
    """Whether each value is no multiple of a step: 1, 0, or NaN where missing. (rows,)

    >>> off_grid(np.array([0.15, 0.17]), 0.05).tolist()
    [0.0, 1.0]
    """
    return np.where(np.isnan(values), np.nan, ~_is_whole(values / step))


def significant_digits(values: Floats) -> Floats:
    """The number of significant digits of each value, NaN where missing and 0 for zero. (rows,)

    >>> significant_digits(np.array([0.00189, 1530.0, 7.0])).tolist()
    [3.0, 3.0, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        leading = np.floor(np.log10(np.abs(values)))
    scaled = values / 10.0 ** np.where(np.isfinite(leading), leading, 0.0)
    digits = np.full(len(values), float(MAX_DIGITS))
    for further in range(MAX_DIGITS - 1, -1, -1):
        digits[_is_whole(scaled * 10.0**further)] = further + 1
    return np.where(np.isnan(values), np.nan, np.where(values == 0, 0.0, digits))


def number_features(name: str, real: pl.Series) -> list[Feature]:
    """The features that apply to a column with these real values, (rows,)."""
    values = floats(real)
    present = values[np.isfinite(values) & (values != 0)]
    present = present[:: max(len(present) // _SAMPLE, 1)]
    if len(np.unique(present)) < _MIN_DISTINCT:
        return []

    def feature(label: str, of_values: Callable[[Floats], Floats]) -> Feature:
        return Feature(label, (name,), lambda view: of_values(_values(view, name)))

    features = []
    step = next((s for s in _STEPS if _is_whole(present / s).mean() >= _ON_GRID), None)
    if step is not None:
        label = f"values that are no multiple of {step:g}"
        features.append(feature(label, lambda numbers: off_grid(numbers, step)))
    if (step is not None and step >= 1) or np.abs(present).max() < _MAGNITUDES * np.abs(
        present
    ).min():
        return features
    digits, counts = np.unique(significant_digits(present), return_counts=True)
    if counts.max() >= _MIN_SAME_DIGITS * len(present) and 1 < digits[counts.argmax()] < MAX_DIGITS:
        features.append(feature("number of significant digits", significant_digits))
    return features


def _values(view: View, name: str) -> Floats:
    return view.shared(("number", name), lambda: floats(view.frame[name]))


def _is_whole(values: Floats) -> np.ndarray:
    """Whether a quotient is a whole number, but for the error of a division."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.abs(values - np.round(values)) <= 1e-11 * np.maximum(np.abs(values), 1.0)
