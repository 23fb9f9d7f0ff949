"""Correlation between inputs, by a Gaussian copula: the distribution of each input stays the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from artesian.core.errors import UsageError
from artesian.forecasting.inputs.intervals import check_finite
from artesian.forecasting.inputs.quantities import normalise, parse_quantity
from artesian.forecasting.inputs.truncated_normal import Array

PAIR = "~"
"""Joins the names of two correlated inputs: `web.pages ~ web.quality`."""

Correlations = Mapping[tuple[str, str], float]


def split_pair(key: str) -> tuple[str, str]:
    """Split 'a ~ b' into the two names.

    Raises:
        UsageError: There are not two different names.
    """
    names = [name.strip() for name in key.split(PAIR)]
    if len(names) != 2 or not all(names):
        raise UsageError(
            f"{key!r} does not name two inputs", hint="write web.pages ~ web.quality = -0.5"
        )
    if names[0] == names[1]:
        raise UsageError(f"{names[0]} is correlated with itself", hint="name two inputs")
    return names[0], names[1]


def parse_correlation(key: str, value: object) -> float:
    """Parse a correlation.

    Raises:
        UsageError: It is not a number between -1 and 1.
    """
    one, other = split_pair(key)
    quantity = parse_quantity(normalise(value)) if isinstance(value, str) else None
    number = value if quantity is None or quantity.has_unit else quantity.number
    check_finite(f"the correlation of {one} and {other}", number)  # type: ignore[arg-type]
    if not -1 < number < 1:  # type: ignore[operator]
        raise UsageError(
            f"the correlation of {one} and {other} is {number:g}",
            hint="give a value between -1 and 1, such as -0.5",
        )
    return float(number)  # type: ignore[arg-type]


def check_consistent(correlations: Correlations) -> None:
    """Raise if no joint distribution has the correlations.

    Raises:
        UsageError: The matrix of the correlations is not positive definite.
    """
    if correlations and np.linalg.eigvalsh(_matrix(correlations)[1])[0] < 1e-9:
        pairs = ", ".join(f"{one} {PAIR} {other}" for one, other in correlations)
        raise UsageError(
            f"the correlations {pairs} contradict each other", hint="give weaker correlations"
        )


def correlated_scores(
    name: str, correlations: Correlations, scores: Callable[[str], Array]
) -> Array:
    """Return the normal scores of an input, correlated with those of the others.

    Args:
        name: Input that is part of a correlation.
        correlations: Consistent correlations.
        scores: Returns independent normal scores of an input, (draws,).

    Returns:
        Standard normal scores, (draws,).
    """
    names, matrix = _matrix(correlations)
    position = names.index(name)
    row = np.linalg.cholesky(matrix)[position]
    total = row[0] * scores(names[0])
    for other in range(1, position + 1):
        if row[other]:
            total = total + row[other] * scores(names[other])
    return np.asarray(total)


def _matrix(correlations: Correlations) -> tuple[list[str], Array]:
    names = list(dict.fromkeys(name for pair in correlations for name in pair))
    matrix = np.eye(len(names))
    for (one, other), value in correlations.items():
        i, j = names.index(one), names.index(other)
        matrix[i, j] = matrix[j, i] = value
    return names, matrix
