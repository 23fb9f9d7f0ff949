"""Posterior draws of many regressions by the no-U-turn sampler (Hoffman and Gelman 2014) of numpyro.

All regressions have one form and are padded to one shape, so that they are compiled once and sampled
side by side. With linear predictor eta = alpha + x beta + u_g:

    alpha ~ N(0, 5)   beta ~ N(0, rho)   u ~ N(0, tau)   log rho, log tau, log sigma ~ N(log 0.5, 1)
    y ~ N(eta, sigma) or y ~ Bernoulli(logit eta)

Slopes and group effects are pooled towards 0 as much as rho and tau say, which are learned. Each is
sampled divided by its scale to a power: 1, which is non-centred (Betancourt and Girolami 2015), where
the prior decides, and less the more the data inform it (Gorinova, Moore and Hoffman 2020). The prior
keeps scales from 0, where the posterior of a half-normal one has a long tail (Chung et al. 2013).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.extras import require
from artesian.core.run import Run
from artesian.encoding.segments import Floats
from artesian.engine.threads import thread_map
from artesian.synthesizers.bayesian.laplace import (
    GROUP,
    INTERCEPT,
    INTERCEPT_SCALE,
    SLOPE,
    approximate,
)

CHAINS = 4

BATCH = 8
"""Maximum number of regressions that are sampled side by side."""

TARGET_ACCEPTANCE = 0.9
"""Acceptance that the step size is adapted to; at the usual 0.8, more transitions diverge."""

LOG_SCALE = math.log(0.5)
"""Mean of the normal prior of the logarithm of a scale, whose standard deviation is 1."""

OVERDISPERSION = 1.5
"""Spread of the starts of chains, in approximate posterior standard deviations."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Regression:
    """Observations of one response.

    Attributes:
        features: Predictors, shape (m, F).
        groups: Group of each row, shape (m,).
        values: Responses, shape (m,).
        gaussian: Whether responses are normal; else they are 0 or 1.
    """

    features: Floats
    groups: Integers
    values: Floats
    gaussian: bool


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws of one regression, from `CHAINS` chains one after the other.

    Attributes:
        intercepts: Shape (S,).
        slopes: Shape (S, F).
        groups: Group effects, shape (S, groups).
        scales: Scale of group effects, shape (S,).
        noise: Standard deviation of a normal response, shape (S,); 1 of others.
        r_hat: Largest split R-hat of a parameter (Gelman et al. 2013, section 11.4).
        ess: Smallest effective sample size of a parameter.
        divergences: Number of divergent transitions after warm-up.
    """

    intercepts: Floats
    slopes: Floats
    groups: Floats
    scales: Floats
    noise: Floats
    r_hat: float
    ess: float
    divergences: int


def library() -> Any:
    """numpyro.

    Raises:
        MissingExtra: it is not installed.
    """
    return require("numpyro", extra="bayes", purpose="the method 'hierarchical_glm'")


def sample_posteriors(
    regressions: Sequence[Regression], groups: int, *, warmup: int, draws: int, run: Run
) -> list[Posterior]:
    """Posterior draws of each regression.

    Args:
        groups: Number of groups; 0 without group effects.
        warmup: Iterations of each chain that adapt the sampler and are dropped.
        draws: Iterations of each chain that are kept, 4 or more.

    Raises:
        MissingExtra: numpyro is not installed.
    """
    library()
    width = max((one.features.shape[1] for one in regressions), default=0)
    size = _rounded(1 + width + groups, 32)
    batches = _batches([len(one.values) for one in regressions])

    def sample(number: int) -> dict[int, Posterior]:
        run.check("fit")
        length, chosen = batches[number]
        problems = [_problem(regressions[at], groups, length, size) for at in chosen]
        together = 2 ** (len(problems) - 1).bit_length()  # few shapes, and few copies
        problems += problems[-1:] * (together - len(problems))
        arrays = {name: np.stack([one[name] for one in problems]) for name in problems[0]}
        rng = run.seed.child("posterior", number).rng()
        starts = OVERDISPERSION * rng.standard_normal((together, CHAINS, size + 3))
        seed = int(rng.integers(2**31))
        drawn = _sampler(warmup, draws)(seed, starts.astype(np.float32), arrays)
        return {
            at: _posterior(regressions[at], problem, groups, positions, diverging)
            for at, problem, positions, diverging in zip(chosen, problems, *drawn, strict=False)
        }

    posteriors: dict[int, Posterior] = {}
    for some in thread_map(sample, range(len(batches)), run=run, name="fit"):
        posteriors |= some
    return [posteriors[at] for at in range(len(regressions))]


def _batches(sizes: Sequence[int]) -> list[tuple[int, list[int]]]:
    """At most `BATCH` positions of `sizes`, and the length to which they are padded.

    A level deep in a category is observed on few rows: such responses have a smaller shape.
    """
    longest = _rounded(max(sizes, default=0), 512)
    short = _rounded(longest // 4, 512)
    batches = []
    for low, high in [(short, longest), (-1, short)]:
        chosen = [at for at, size in enumerate(sizes) if low < size <= high]
        parts = [chosen[first : first + BATCH] for first in range(0, len(chosen), BATCH)]
        batches += [(high, part) for part in parts]
    return batches


def _rounded(number: int, unit: int) -> int:
    return max(-(-number // unit), 1) * unit


def _problem(one: Regression, groups: int, length: int, size: int) -> dict[str, NDArray[Any]]:
    """The arrays of a regression, padded to `length` rows and `size` coefficients."""
    rows, width = one.features.shape
    indicators = np.eye(groups)[one.groups] if groups else np.zeros((rows, 0))
    design = np.hstack([np.ones((rows, 1)), one.features, indicators])
    part = np.repeat([INTERCEPT, SLOPE, GROUP], [1, width, groups])
    own = approximate(design, one.values, part, gaussian=one.gaussian)
    padding = size - len(part)
    wide = np.pad(design, ((0, length - rows), (0, padding)))
    factor = np.eye(size)
    factor[: len(part), : len(part)] = own.factor
    floats = {
        "design": wide,
        "values": np.pad(one.values, (0, length - rows)),
        "weight": np.repeat([1.0, 0.0], [rows, length - rows]),
        "centre": np.pad(own.centre, (0, padding)),
        "factor": factor,
        "informed": np.pad(own.informed, (0, padding)),
        "log_scales": own.log_scales,
        "deviations": own.deviations,
    }
    arrays: dict[str, NDArray[Any]] = {k: v.astype(np.float32) for k, v in floats.items()}
    arrays["part"] = np.pad(part, (0, padding), constant_values=SLOPE)
    arrays["gaussian"] = np.array(one.gaussian)
    return arrays


@cache
def _sampler(warmup: int, draws: int) -> Callable[..., tuple[Floats, NDArray[np.bool_]]]:
    """The compiled sampler: (seed, starts, problems) -> positions (problems, CHAINS, draws, size + 3)
    and which transitions diverged, (problems, CHAINS, draws)."""
    import jax
    import jax.numpy as jnp
    from numpyro.infer.hmc import hmc

    def potential(problem: Any, position: Any) -> Any:
        size = len(problem["centre"])
        z = problem["centre"] + problem["factor"] @ position[:size]
        logs = problem["log_scales"] + problem["deviations"] * position[size:]
        log_scale, shift = _log_scales(jnp, problem, logs)
        eta = problem["design"] @ (z * jnp.exp(log_scale))
        y = problem["values"]
        normal = -((y - eta) ** 2) * jnp.exp(-2 * logs[2]) / 2 - logs[2]
        bernoulli = y * eta - jnp.logaddexp(0.0, eta)
        likelihood = jnp.where(problem["gaussian"], normal, bernoulli) @ problem["weight"]
        prior = -((logs - LOG_SCALE) ** 2).sum() / 2
        prior -= (z**2 * jnp.exp(-2 * shift) / 2 + shift).sum()
        return -(likelihood + prior)

    start, transition = hmc(
        potential_fn_gen=lambda problem: lambda position: potential(problem, position), algo="NUTS"
    )

    def chain(key: Any, position: Any, problem: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            state = transition(state, model_args=(problem,))
            return state, (state.z, state.diverging)

        state = start(
            position,
            warmup,
            target_accept_prob=TARGET_ACCEPTANCE,
            model_args=(problem,),
            rng_key=key,
        )
        _, kept = jax.lax.scan(step, state, None, length=warmup + draws)
        return kept

    side_by_side = jax.jit(jax.vmap(jax.vmap(chain, (0, 0, None)), (0, 0, 0)))

    def sample(seed: int, starts: Floats, problems: Any) -> Any:
        keys = jax.random.split(jax.random.key(seed), starts.shape[:2])
        positions, diverging = side_by_side(keys, starts, problems)
        return np.asarray(positions)[:, :, warmup:], np.asarray(diverging)[:, :, warmup:]

    return sample


def _log_scales(np: Any, problem: Mapping[str, Any], logs: Any) -> tuple[Any, Any]:
    """The logarithms of what each sampled value is multiplied by, and of its prior deviation.

    Args:
        np: numpy or jax.numpy.
        logs: Logarithms of the scales, shape (..., 3).
    """
    shift = logs[..., :2] - problem["log_scales"][:2]
    shift = np.concatenate([np.zeros_like(shift[..., :1]), shift], axis=-1)[..., problem["part"]]
    fixed = np.array([math.log(INTERCEPT_SCALE), 0.0, 0.0])[problem["part"]]
    start = np.concatenate([np.zeros(1), problem["log_scales"][:2]])[problem["part"]]
    informed = problem["informed"]
    return fixed + start + (1 - informed) * shift, informed * shift


def _posterior(
    one: Regression,
    problem: dict[str, NDArray[Any]],
    groups: int,
    positions: Floats,
    diverging: NDArray[np.bool_],
) -> Posterior:
    """The posterior of a regression from sampled positions, shape (CHAINS, draws, size + 3)."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    width, size = one.features.shape[1], len(problem["centre"])
    z = problem["centre"] + positions[..., :size] @ problem["factor"].T
    logs = problem["log_scales"] + problem["deviations"] * positions[..., size:]
    used = 1 + width + groups
    coefficients = (z * np.exp(_log_scales(np, problem, logs)[0]))[..., :used]
    noise: Floats = np.exp(logs[..., 2]) if one.gaussian else np.ones(logs.shape[:2])
    own = logs[..., np.flatnonzero([width, groups, one.gaussian])]
    parameters = np.concatenate([coefficients, own], axis=-1)
    flat = coefficients.reshape(-1, used)
    return Posterior(
        intercepts=flat[:, 0],
        slopes=flat[:, 1 : 1 + width],
        groups=flat[:, 1 + width :],
        scales=np.exp(logs[..., 1]).ravel(),
        noise=noise.ravel(),
        r_hat=float(np.nan_to_num(split_gelman_rubin(parameters), nan=np.inf).max()),
        ess=float(np.nan_to_num(effective_sample_size(parameters), nan=0.0).min()),
        divergences=int(diverging.sum()),
    )
