"""Linear models on mixed columns: ridge regression, and logistic regression by Newton's method.

Small and without warnings to silence, so that they run in threads; their estimates are those of
scikit-learn's `Ridge` and `LogisticRegression` for the same penalty and design.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth

PENALTY = 1.0
"""Of the squared coefficients of standardized columns, beside the log-likelihood (1 / C)."""

LEVELS = 30
"""Categories of a column with a coefficient of their own, the most frequent first."""

_FAR = 10.0  # standard deviations at which a number is cut
_STEPS, _ENOUGH = 30, 1e-8


@dataclass(frozen=True, slots=True)
class Design:
    """How a matrix of `Features` becomes columns of a linear model: numbers standardized, 0 and an
    indicator where missing; categories as indicators, the most frequent one as the base.

    Attributes:
        middle, scale: (features,) of numbers.
        levels: For each feature the codes that have a column; None for a number.
        gaps: Features with an indicator of missing values.
    """

    middle: Floats
    scale: Floats
    levels: tuple[npt.NDArray[np.float64] | None, ...]
    gaps: tuple[int, ...]

    @classmethod
    def of(cls, matrix: Floats, discrete: Truth) -> Self:
        """From training rows, (rows, features); `discrete` says which features are codes."""
        middle, scale = np.zeros(matrix.shape[1]), np.ones(matrix.shape[1])
        levels: list[npt.NDArray[np.float64] | None] = []
        gaps = []
        for at, values in enumerate(matrix.T):
            known = values[~np.isnan(values)]
            if 0 < len(known) < len(values):
                gaps.append(at)
            if discrete[at]:
                codes, times = np.unique(known, return_counts=True)
                levels.append(codes[np.argsort(-times, kind="stable")][1 : LEVELS + 1])
                continue
            levels.append(None)
            if len(known):
                with np.errstate(over="ignore", invalid="ignore"):
                    mean, spread = known.mean(), known.std()
                if np.isfinite(spread) and spread > 0:
                    middle[at], scale[at] = mean, spread
                else:
                    middle[at], scale[at] = 0.0, np.inf
        return cls(middle, scale, tuple(levels), tuple(gaps))

    def columns(self, matrix: Floats) -> Floats:
        """(rows, columns), without an intercept."""
        made: list[Floats] = []
        for at, codes in enumerate(self.levels):
            values = matrix[:, at]
            if codes is None:
                z = (values - self.middle[at]) / self.scale[at]
                made.append(np.nan_to_num(np.clip(z, -_FAR, _FAR), nan=0.0)[:, None])
            else:
                made.append((values[:, None] == codes).astype(np.float64))
        if self.gaps:
            made.append(np.isnan(matrix[:, list(self.gaps)]).astype(np.float64))
        return np.hstack(made) if made else np.empty((len(matrix), 0))


@dataclass(frozen=True, slots=True)
class Logistic:
    """One logistic regression a class, against the rest; a single one for two classes.

    Attributes:
        classes: The classes, sorted.
        coefficients: (fits, columns + 1), the intercept first.
    """

    design: Design
    classes: npt.NDArray[np.int64]
    coefficients: Floats

    @classmethod
    def fit(cls, matrix: Floats, labels: npt.NDArray[np.integer], discrete: Truth) -> Self:
        """From (rows, features) and (rows,) classes, of which there are two or more."""
        design = Design.of(matrix, discrete)
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
        """(rows, classes)"""
        x = with_intercept(self.design.columns(matrix))
        shares = expit(x @ self.coefficients.T)
        if len(self.classes) == 2:
            return np.hstack([1 - shares, shares])
        normed: Floats = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        return normed


@dataclass(frozen=True, slots=True)
class Ridge:
    """Least squares with a penalty. `coefficients` is (columns + 1,), the intercept first."""

    design: Design
    coefficients: Floats

    @classmethod
    def fit(cls, matrix: Floats, numbers: Floats, discrete: Truth) -> Self:
        design = Design.of(matrix, discrete)
        x = with_intercept(design.columns(matrix))
        coefficients = np.linalg.solve(x.T @ x + _penalty(x, PENALTY), x.T @ numbers).astype(float)
        return cls(design, coefficients)

    def predict(self, matrix: Floats) -> Floats:
        """(rows,)"""
        predicted: Floats = with_intercept(self.design.columns(matrix)) @ self.coefficients
        return predicted


def logistic(
    x: Floats, truth: Truth, penalty: float, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Coefficients of a logistic regression and the inverse of their information.

    Args:
        x: (rows, columns), the intercept first; that is not penalized.
        truth: (rows,)
        start: (columns,) coefficients of nearly the same rows, from where it is not far; 0 if None.

    Returns:
        (columns,) and (columns, columns); the inverse is the covariance where there is no penalty.
    """
    ridge, beta = _penalty(x, penalty), np.zeros(x.shape[1]) if start is None else start
    loss = _loss(x, truth, beta, ridge)
    for _ in range(_STEPS):
        p = expit(x @ beta)
        slope = x.T @ (truth - p) - ridge @ beta
        information = (x * (p * (1 - p))[:, None]).T @ x + ridge
        step = np.linalg.solve(information, slope)
        for _ in range(_STEPS):  # halved until it helps: Newton overshoots where classes part
            new = _loss(x, truth, beta + step, ridge)
            if new <= loss:
                break
            step = step / 2
        beta, gained, loss = beta + step, loss - new, new
        if gained <= _ENOUGH * (1 + abs(loss)) and np.abs(step).max() < _ENOUGH:
            break
    p = expit(x @ beta)
    covariance = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x + ridge).astype(float)
    return beta, covariance


def least_squares(x: Floats, numbers: Floats) -> tuple[Floats, Floats]:
    """Coefficients of a least squares regression and their covariance.

    Args:
        x: (rows, columns), the intercept first.
        numbers: (rows,)

    Returns:
        (columns,) and (columns, columns)
    """
    inverse = np.linalg.inv(x.T @ x + _penalty(x, 0.0))
    beta = inverse @ (x.T @ numbers)
    left = numbers - x @ beta
    covariance: Floats = inverse * float(left @ left) / max(len(x) - x.shape[1], 1)
    return beta, covariance


def with_intercept(columns: Floats) -> Floats:
    """(rows, 1 + columns)"""
    return np.hstack([np.ones((len(columns), 1)), columns])


def expit(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), kept off 0 and 1."""
    return np.clip(1 / (1 + np.exp(-np.clip(x, -500, 500))), 1e-12, 1 - 1e-12)


def _loss(x: Floats, truth: Truth, beta: Floats, ridge: Floats) -> float:
    score = x @ beta
    return float(np.logaddexp(0, score).sum() - score[truth].sum() + beta @ ridge @ beta / 2)


def _penalty(x: Floats, penalty: float) -> Floats:
    """A little on what is constant or redundant, so that there is always one solution."""
    ridge = np.full(x.shape[1], max(penalty, 1e-8))
    ridge[0] = 1e-8
    return np.diag(ridge)
