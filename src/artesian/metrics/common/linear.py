"""Linear models on mixed columns: ridge regression, and logistic regression by Newton's method.

The estimates equal those of scikit-learn's `Ridge` and `LogisticRegression` for the same penalty
and design. These are small, emit no warnings and run in threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth

PENALTY = 1.0
"""L2 penalty on the coefficients of standardized columns (1 / C of scikit-learn)."""

LEVELS = 30
"""Maximum number of categories of a column that have a coefficient, by frequency."""

_MAX_Z = 10.0  # standard deviations at which numbers are clipped
_STEPS, _TOLERANCE = 30, 1e-8


@dataclass(frozen=True, slots=True)
class Design:
    """Design matrix of a linear model from a matrix of `Features`.

    Numbers are standardized, with 0 and an indicator column where missing. Categories are dummy
    coded with the most frequent one as the base level.

    Attributes:
        center, scale: (features,) mean and standard deviation of numbers.
        levels: For each feature the codes that have a column; None for a number.
        missing: Features with an indicator of missing values.
    """

    center: Floats
    scale: Floats
    levels: tuple[npt.NDArray[np.float64] | None, ...]
    missing: tuple[int, ...]

    @classmethod
    def from_matrix(cls, matrix: Floats, discrete: Truth) -> Self:
        """From training rows, (rows, features), and whether each feature is a category code."""
        center, scale = np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])
        levels: list[npt.NDArray[np.float64] | None] = []
        missing = []
        for at, values in enumerate(matrix.T):
            values_present = values[~np.isnan(values)]
            if 0 < len(values_present) < len(values):
                missing.append(at)
            if discrete[at]:
                codes, times = np.unique(values_present, return_counts=True)
                levels.append(codes[np.argsort(-times, kind="stable")][1 : LEVELS + 1])
                continue
            levels.append(None)
            if len(values_present):
                with np.errstate(over="ignore", invalid="ignore"):
                    mean, deviation = values_present.mean(), values_present.std()
                if np.isfinite(deviation) and deviation > 0:
                    center[at], scale[at] = mean, deviation
                else:
                    center[at], scale[at] = 0.0, np.inf
        return cls(center, scale, tuple(levels), tuple(missing))

    def columns(self, matrix: Floats) -> Floats:
        """(rows, columns) of the design, without an intercept."""
        parts: list[Floats] = []
        for at, codes in enumerate(self.levels):
            values = matrix[:, at]
            if codes is None:
                z = (values - self.center[at]) / self.scale[at]
                parts.append(np.nan_to_num(np.clip(z, -_MAX_Z, _MAX_Z), nan=0.0)[:, None])
            else:
                parts.append((values[:, None] == codes).astype(np.float64))
        if self.missing:
            parts.append(np.isnan(matrix[:, list(self.missing)]).astype(np.float64))
        return np.hstack(parts) if parts else np.empty((len(matrix), 0))


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression, one-vs-rest; a single fit for two classes.

    Attributes:
        classes: The classes, sorted.
        coefficients: (fits, columns + 1), the intercept first.
    """

    design: Design
    classes: npt.NDArray[np.int64]
    coefficients: Floats

    @classmethod
    def fit(cls, matrix: Floats, labels: npt.NDArray[np.integer], discrete: Truth) -> Self:
        """From (rows, features) and (rows,) classes, at least two."""
        design = Design.from_matrix(matrix, discrete)
        x = with_intercept(design.columns(matrix))
        classes = np.unique(labels)
        of = classes[1:] if len(classes) == 2 else classes
        fits = [logistic(x, labels == one, PENALTY)[0] for one in of]
        return cls(design, classes, np.array(fits))

    def decision_function(self, matrix: Floats) -> Floats:
        """(rows,) log-odds of the second of two classes."""
        scores: Floats = with_intercept(self.design.columns(matrix)) @ self.coefficients[-1]
        return scores

    def predict_proba(self, matrix: Floats) -> Floats:
        """(rows, classes) probabilities."""
        x = with_intercept(self.design.columns(matrix))
        probabilities = expit(x @ self.coefficients.T)
        if len(self.classes) == 2:
            return np.hstack([1 - probabilities, probabilities])
        normed: Floats = probabilities / np.maximum(
            probabilities.sum(axis=1, keepdims=True), 1e-300
        )
        return normed


@dataclass(frozen=True, slots=True)
class Ridge:
    """Ridge regression. `coefficients` is (columns + 1,), the intercept first."""

    design: Design
    coefficients: Floats

    @classmethod
    def fit(cls, matrix: Floats, numbers: Floats, discrete: Truth) -> Self:
        """Fit `numbers`, (rows,), on `matrix`, (rows, p), whose columns may be `discrete`, (p,)."""
        design = Design.from_matrix(matrix, discrete)
        x = with_intercept(design.columns(matrix))
        coefficients = np.linalg.solve(x.T @ x + _penalty(x, PENALTY), x.T @ numbers).astype(float)
        return cls(design, coefficients)

    def predict(self, matrix: Floats) -> Floats:
        """(rows,) predictions."""
        predicted: Floats = with_intercept(self.design.columns(matrix)) @ self.coefficients
        return predicted


def logistic(
    x: Floats,
    truth: Truth,
    penalty: float,
    start: Floats | None = None,
    weights: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Fit a logistic regression.

    Args:
        x: (rows, columns), the intercept first, which is not penalized.
        truth: (rows,) the positives.
        penalty: L2 penalty on the coefficients.
        start: (columns,) initial coefficients, such as those of nearly the same rows; 0 if None.
        weights: (rows,) weight of each row in the loss; 1 if None.

    Returns:
        (columns,) coefficients and (columns, columns) inverse of the information, which is their
        covariance where there is no penalty.
    """
    ridge, beta = _penalty(x, penalty), np.zeros(x.shape[1]) if start is None else start
    each = np.ones(len(x)) if weights is None else weights
    loss = _loss(x, truth, beta, ridge, each)
    for _ in range(_STEPS):
        p = expit(x @ beta)
        gradient = x.T @ (each * (truth - p)) - ridge @ beta
        information = (x * (each * p * (1 - p))[:, None]).T @ x + ridge
        step = np.linalg.solve(information, gradient)
        # Halved until the loss does not rise: Newton overshoots on separable classes.
        for _ in range(_STEPS):
            new = _loss(x, truth, beta + step, ridge, each)
            if new <= loss:
                break
            step = step / 2
        beta, decrease, loss = beta + step, loss - new, new
        if decrease <= _TOLERANCE * (1 + abs(loss)) and np.abs(step).max() < _TOLERANCE:
            break
    p = expit(x @ beta)
    covariance = np.linalg.inv((x * (each * p * (1 - p))[:, None]).T @ x + ridge).astype(float)
    return beta, covariance


def least_squares(x: Floats, numbers: Floats) -> tuple[Floats, Floats]:
    """Fit an ordinary least squares regression.

    Args:
        x: (rows, columns), the intercept first.
        numbers: (rows,) the target.

    Returns:
        (columns,) coefficients and their (columns, columns) covariance.
    """
    inverse = np.linalg.inv(x.T @ x + _penalty(x, 0.0))
    beta = inverse @ (x.T @ numbers)
    residuals = numbers - x @ beta
    covariance: Floats = inverse * float(residuals @ residuals) / max(len(x) - x.shape[1], 1)
    return beta, covariance


def with_intercept(columns: Floats) -> Floats:
    """(rows, 1 + columns)"""
    return np.hstack([np.ones((len(columns), 1)), columns])


def expit(x: Floats) -> Floats:
    """Logistic function 1 / (1 + exp(-x)), clipped away from 0 and 1."""
    return np.clip(1 / (1 + np.exp(-np.clip(x, -500, 500))), 1e-12, 1 - 1e-12)


def _loss(x: Floats, truth: Truth, beta: Floats, ridge: Floats, weights: Floats) -> float:
    score = x @ beta
    likelihood = weights @ np.logaddexp(0, score) - weights[truth] @ score[truth]
    return float(likelihood + beta @ ridge @ beta / 2)


def _penalty(x: Floats, penalty: float) -> Floats:
    """Diagonal penalty matrix; a small ridge keeps singular designs solvable."""
    ridge = np.full(x.shape[1], max(penalty, 1e-8))
    ridge[0] = 1e-8
    return np.diag(ridge)
