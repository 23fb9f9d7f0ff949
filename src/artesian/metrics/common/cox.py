"""Proportional hazards (Cox 1972) by Newton's method, ties as Breslow 1974 has them."""

from __future__ import annotations

import numpy as np

from artesian.metrics.common.arrays import Floats
from artesian.metrics.common.roc import Truth

_STEPS, _ENOUGH = 30, 1e-9


def cox(
    x: Floats, times: Floats, seen: Truth, penalty: float, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Log hazard ratios, and the inverse of their information.

    Args:
        x: (rows, columns), without an intercept.
        times: (rows,) until the event, or until the row was lost sight of.
        seen: (rows,) whether the event was seen.
        penalty: Of the squared coefficients, beside the log-likelihood.
        start: (columns,) coefficients of nearly the same rows, from where it is not far; 0 if None.

    Returns:
        (columns,) and (columns, columns); the inverse is the covariance where there is no penalty.
    """
    risk = Risk(x, times, seen)
    beta = np.zeros(x.shape[1]) if start is None else start
    ridge = max(penalty, 1e-8)
    loss = risk.loss(beta, ridge)
    for _ in range(_STEPS):
        slope, information = risk.slopes(beta, ridge)
        step = np.linalg.solve(information, slope)
        for _ in range(_STEPS):  # halved until it helps
            new = risk.loss(beta + step, ridge)
            if new <= loss:
                break
            step = step / 2
        beta, gained, loss = beta + step, loss - new, new
        if gained <= _ENOUGH * (1 + abs(loss)) and np.abs(step).max() < 1e-8:
            break
    covariance = np.linalg.inv(risk.slopes(beta, ridge)[1]).astype(float)
    return beta, covariance


class Risk:
    """Who is at risk at each time of an event: those whose own time is not earlier."""

    def __init__(self, x: Floats, times: Floats, seen: Truth) -> None:
        order = np.argsort(-times, kind="stable")  # the longest first: a risk set is a beginning
        self.x, self.seen = x[order], seen[order]
        moments, first = np.unique(-times[order], return_index=True)
        last = np.append(first[1:], len(times)) - 1
        at = np.searchsorted(moments, -times[order])
        events = np.bincount(at, self.seen.astype(np.float64), len(moments))
        kept = events > 0
        self.events, self.last = events[kept], last[kept]
        # A row is at risk at all event times not later than its own: in this order, from its own on.
        self.from_ = np.cumsum(np.append(0, kept))[at]
        self.total = self.x[self.seen].sum(axis=0)

    def loss(self, beta: Floats, ridge: float) -> float:
        """The negative log partial likelihood with its penalty."""
        score = self.x @ beta
        top = float(score.max())
        sums = np.cumsum(np.exp(score - top))[self.last]
        said = self.events @ (np.log(np.maximum(sums, 1e-300)) + top)
        return float(said - self.total @ beta + ridge * (beta @ beta) / 2)

    def slopes(self, beta: Floats, ridge: float) -> tuple[Floats, Floats]:
        """(columns,) gradient of the log-likelihood and (columns, columns) its information."""
        score = self.x @ beta
        weights = np.exp(score - score.max())
        sums = np.maximum(np.cumsum(weights)[self.last], 1e-300)
        middles = np.cumsum(weights[:, None] * self.x, axis=0)[self.last] / sums[:, None]
        slope = self.total - self.events @ middles - ridge * beta
        hazards = np.append(np.cumsum((self.events / sums)[::-1])[::-1], 0.0)[self.from_]
        information = (self.x * (weights * hazards)[:, None]).T @ self.x
        information -= (middles * self.events[:, None]).T @ middles
        return slope, information + ridge * np.eye(len(beta))
