"""Cox proportional hazards regression (Cox 1972) by Newton's method, with Breslow's ties (1974)."""

from __future__ import annotations

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth

_STEPS, _TOLERANCE = 30, 1e-9


def cox(
    x: Floats, times: Floats, observed: Truth, penalty: float, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Fit log hazard ratios.

    Args:
        x: (rows, columns), without an intercept.
        times: (rows,) times until the event or until censoring.
        observed: (rows,) 1 if the event was observed, 0 if censored.
        penalty: L2 penalty on the coefficients.
        start: (columns,) initial coefficients, such as those of nearly the same rows; 0 if None.

    Returns:
        (columns,) coefficients and (columns, columns) inverse of the information, which is their
        covariance where there is no penalty.
    """
    risk = Risk(x, times, observed)
    beta = np.zeros(x.shape[1]) if start is None else start
    ridge = max(penalty, 1e-8)
    loss = risk.loss(beta, ridge)
    for _ in range(_STEPS):
        gradient, information = risk.gradient_and_information(beta, ridge)
        step = np.linalg.solve(information, gradient)
        for _ in range(_STEPS):  # halved until the loss does not rise
            new = risk.loss(beta + step, ridge)
            if new <= loss:
                break
            step = step / 2
        beta, decrease, loss = beta + step, loss - new, new
        if decrease <= _TOLERANCE * (1 + abs(loss)) and np.abs(step).max() < 1e-8:
            break
    covariance = np.linalg.inv(risk.gradient_and_information(beta, ridge)[1]).astype(float)
    return beta, covariance


class Risk:
    """The risk sets: at each event time, the rows whose own time is not earlier."""

    def __init__(self, x: Floats, times: Floats, observed: Truth) -> None:
        order = np.argsort(-times, kind="stable")  # descending: every risk set is a prefix
        self.x, self.observed = x[order], observed[order]
        unique_times, first = np.unique(-times[order], return_index=True)
        last = np.append(first[1:], len(times)) - 1
        at = np.searchsorted(unique_times, -times[order])
        events = np.bincount(at, self.observed.astype(np.float64), len(unique_times))
        kept = events > 0
        self.events, self.last = events[kept], last[kept]
        # A row is at risk at all event times up to its own: in this order, from its own on.
        self.event_times_at_risk = np.cumsum(np.append(0, kept))[at]
        self.total = self.x[self.observed].sum(axis=0)

    def loss(self, beta: Floats, ridge: float) -> float:
        """Penalized negative log partial likelihood."""
        score = self.x @ beta
        top = float(score.max())
        sums = np.cumsum(np.exp(score - top))[self.last]
        log_sums = self.events @ (np.log(np.maximum(sums, 1e-300)) + top)
        return float(log_sums - self.total @ beta + ridge * (beta @ beta) / 2)

    def gradient_and_information(self, beta: Floats, ridge: float) -> tuple[Floats, Floats]:
        """(columns,) gradient of the log-likelihood and (columns, columns) observed information."""
        score = self.x @ beta
        weights = np.exp(score - score.max())
        sums = np.maximum(np.cumsum(weights)[self.last], 1e-300)
        means = np.cumsum(weights[:, None] * self.x, axis=0)[self.last] / sums[:, None]
        gradient = self.total - self.events @ means - ridge * beta
        hazards = np.append(np.cumsum((self.events / sums)[::-1])[::-1], 0.0)[
            self.event_times_at_risk
        ]
        information = (self.x * (weights * hazards)[:, None]).T @ self.x
        information -= (means * self.events[:, None]).T @ means
        return gradient, information + ridge * np.eye(len(beta))
