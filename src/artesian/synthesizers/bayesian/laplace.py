"""Gaussian approximation of the posterior of a regression with pooled coefficients.

The scales of slopes and group effects are set by the fixed-point iteration of empirical Bayes (MacKay
1992, "Bayesian interpolation"), coefficients by Newton steps. A sampler that starts there, in
coordinates in which the approximate posterior is standard normal, needs few steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.segments import Floats

INTERCEPT_SCALE = 5.0
"""Prior standard deviation of intercepts."""

INTERCEPT, SLOPE, GROUP = 0, 1, 2
"""Parts of the coefficients."""

ITERATIONS = 20
MIN_SCALE, MAX_SCALE = 0.003, 3.0
MAX_STEP = 4.0
"""Maximum change of a linear predictor in one Newton step."""


@dataclass(frozen=True, slots=True)
class Approximation:
    """Of coefficients divided by their prior standard deviation, and of the logarithms of scales.

    Attributes:
        centre: Mode of the divided coefficients, shape (P,).
        factor: Factor of their covariance, shape (P, P).
        informed: How much of the information on each coefficient is from the data, not from its prior,
            in [0, 1], shape (P,).
        log_scales: Of slopes, of group effects, and of the noise of a number, shape (3,).
        deviations: Standard deviations of `log_scales`, shape (3,).
    """

    centre: Floats
    factor: Floats
    informed: Floats
    log_scales: Floats
    deviations: Floats


def approximate(
    design: Floats, values: Floats, part: NDArray[np.int64], *, gaussian: bool
) -> Approximation:
    """The approximate posterior of one regression.

    Args:
        design: Intercept, predictors and group indicators, shape (m, P).
        values: Responses, shape (m,).
        part: `INTERCEPT`, `SLOPE` or `GROUP` of each coefficient, shape (P,).
        gaussian: Whether responses are normal; else they are 0 or 1.
    """
    scales, noise = np.array([INTERCEPT_SCALE, 0.3, 0.3]), 1.0
    coefficients = np.zeros(design.shape[1])
    linear = np.zeros(len(values))
    for _ in range(ITERATIONS):
        prior = scales[part] ** -2.0
        if gaussian:
            mean, weight = linear, np.full(len(values), noise**-2)
        else:
            mean = 1 / (1 + np.exp(-linear))
            weight = np.maximum(mean * (1 - mean), 1e-5)
        residual = values - mean
        gradient = design.T @ (residual * (noise**-2 if gaussian else 1.0)) - prior * coefficients
        precision = (design * weight[:, None]).T @ design + np.diag(prior)
        covariance = np.linalg.inv(precision)
        step = covariance @ gradient
        change = design @ step
        damping = min(1.0, MAX_STEP / max(float(np.abs(change).max(initial=0.0)), 1e-9))
        coefficients, linear = coefficients + damping * step, linear + damping * change
        second = coefficients**2 + np.diag(covariance)
        for each in (SLOPE, GROUP):
            if (part == each).any():
                scales[each] = np.clip(second[part == each].mean() ** 0.5, MIN_SCALE, MAX_SCALE)
        if gaussian:
            used = len(part) - float((prior * np.diag(covariance)).sum())
            error = float(((values - linear) ** 2).sum()) / max(len(values) - used, 1.0)
            noise = float(np.clip(error**0.5, 1e-3, 10.0))
    own = scales[part]
    # The effective number of coefficients that tell a scale says how certain it is. A lower bound of
    # the scale decides how much of the information is from the data: coefficients that are sampled
    # undivided by a scale that may be 0 form a funnel.
    effective = np.array(
        [(1 - np.diag(covariance) / own**2)[part == each].sum() for each in (1, 2)]
    )
    deviations = np.minimum(1 / np.sqrt(2 * np.maximum(effective, 1e-9)), 1.0)
    variance = 1 / np.maximum(1 / np.diag(covariance) - own**-2.0, 1e-12)
    low = (scales * np.exp(-2 * np.array([0.0, *deviations])))[part]
    factor = np.linalg.cholesky(covariance / own[:, None] / own[None, :])
    return Approximation(
        centre=coefficients / own,
        factor=factor,
        informed=low**2 / (low**2 + variance),
        log_scales=np.log([scales[SLOPE], scales[GROUP], noise if gaussian else 1.0]),
        deviations=np.array([*deviations, (2 * len(values)) ** -0.5 if gaussian else 1.0]),
    )
