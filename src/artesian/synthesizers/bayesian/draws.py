"""The arrays of a hierarchical model, from the posterior draws of its responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats
from artesian.synthesizers.bayesian.chain import Response
from artesian.synthesizers.bayesian.nuts import Posterior

R_HAT = 1.1
"""R-hat above which chains have not converged (Gelman et al. 2013, section 11.5)."""

MAX_DIVERGENT = 0.01
"""Proportion of divergent transitions above which a posterior is doubtful."""

PRIOR_ROWS = 0.1
"""Rows added to each level that is drawn by its frequency."""


def to_arrays(
    modelled: list[Response], posteriors: list[Posterior], draws: int, groups: int
) -> dict[str, NDArray[Any]]:
    """The arrays of responses and their posteriors; see `HierarchicalGLMModel`.

    Args:
        groups: Number of groups whose effects are kept.
    """
    width = max((len(one.features) for one in modelled), default=0)
    count = len(modelled)
    arrays: dict[str, NDArray[Any]] = {
        "slots": np.array([one.slot for one in modelled], np.int64),
        "levels": np.array([one.level for one in modelled], np.int64),
        "features": np.full((count, width), -1),
        "slopes": np.zeros((draws, count, width), np.float32),
        "groups": np.zeros((draws, count, groups), np.float32),
        "r_hat": np.array([one.r_hat for one in posteriors], np.float64),
        "ess": np.array([one.ess for one in posteriors], np.float64),
        "divergences": np.array([one.divergences for one in posteriors], np.int64),
    }
    for name in ("intercepts", "noise", "scales"):
        arrays[name] = np.zeros((draws, count), np.float32)
    for at, (one, posterior) in enumerate(zip(modelled, posteriors, strict=True)):
        arrays["features"][at, : len(one.features)] = one.features
        arrays["slopes"][:, at, : len(one.features)] = posterior.slopes
        arrays["groups"][:, at] = posterior.groups[:, :groups]
        for name in ("intercepts", "noise", "scales"):
            arrays[name][:, at] = getattr(posterior, name)
    return arrays


def rest_weights(
    codec: MatrixCodec,
    matrix: Floats,
    modelled: list[Response],
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Posterior draws of the weights of levels without a response, shape (draws, indicators)."""
    parts = [np.zeros((draws, 0))]
    for slot, own in enumerate(codec.slots):
        if own.indicators is None:
            continue
        rows = matrix[:, own.indicators].sum(axis=0) + PRIOR_ROWS
        weights = rng.standard_gamma(rows, (draws, len(rows)))
        weights[:, [one.level for one in modelled if one.slot == slot]] = 0.0
        parts.append(weights)
    return np.concatenate(parts, axis=1)


def warnings(columns: Mapping[str, Mapping[str, float]], transitions: int) -> list[str]:
    """One sentence for each way in which the sampler failed."""
    advice = (
        "raise its settings warmup and draws (--set warmup=500 --set draws=400), or fit without "
        "groups (--set group=none)"
    )
    messages = []
    high = {name: one["r_hat"] for name, one in columns.items() if one["r_hat"] > R_HAT}
    if high:
        worst = max(high, key=lambda name: high[name])
        messages.append(
            f"the posterior draws of {len(high)} of {len(columns)} columns have not converged: R-hat "
            f"of {worst!r} is {high[worst]:.2f}, and should be at most {R_HAT}; {advice}"
        )
    limit = MAX_DIVERGENT * transitions
    many = {name: one["divergences"] for name, one in columns.items() if one["divergences"] > limit}
    if many:
        worst = max(many, key=lambda name: many[name])
        messages.append(
            f"transitions of the sampler diverged for {len(many)} of {len(columns)} columns, "
            f"{many[worst]:.0f} of them for {worst!r}: draws may miss a part of the posterior; {advice}"
        )
    return messages
