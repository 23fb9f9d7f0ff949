"""When data run out by the first version of the study: Villalobos et al. 2022 (arXiv 2211.04325v1).

Three modalities, demand by the historical trend alone. Its growth is normal in orders of magnitude,
with the 5th and the 95th percentile at the mean growths of two pairs of paths, each told by its
doubling time. The study's own demand was a mixture with a projection from compute that is not public,
so its dates differ from those here.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

import numpy as np

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Normal
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model.exhaustion import Exhaustion, check_ascending
from artesian.forecasting.studies.villalobos_2022_stock import high_quality, images, low_quality

Modality: TypeAlias = Literal["high-quality language", "low-quality language", "images"]

_STOCKS = {
    "high-quality language": high_quality,
    "low-quality language": low_quality,
    "images": images,
}


def horizon(inputs: Inputs) -> Array:
    """The years that dates are looked for in: from `study_2022.year` to 2100, (years,)."""
    return np.arange(inputs.median("study_2022.year"), 2101.0)


def stock(inputs: Inputs, modality: Modality, years: Array, draws: int, seed: Seed) -> Array:
    """What there is of a modality: words or images, (draws, years)."""
    return _STOCKS[_check_modality(modality)](inputs, years, draws, seed)


def growth(inputs: Inputs, modality: Modality) -> Normal:
    """Yearly growth of the largest training set, in orders of magnitude.

    Raises:
        UsageError: the modality is unknown, or the fast paths are not faster than the slow ones.
    """
    low, high = (
        sum(
            12 * math.log10(2) / inputs.median(_input_name(modality, f"{end}_{path}"))
            for path in ("one", "two")
        )
        / 2
        for end in ("slow", "fast")
    )
    return Normal(low, high, 0.9)


def demand(inputs: Inputs, modality: Modality, years: Array, draws: int, seed: Seed) -> Array:
    """The largest training set of a modality: words or images, (draws, years)."""
    check_ascending(years)
    start = inputs.draw(_input_name(modality, "start"), draws, seed)
    orders = growth(inputs, modality).draw(seed.child("growth", modality).rng(), draws)
    elapsed = years - inputs.median("study_2022.year")
    return np.asarray(start[:, np.newaxis] * 10.0 ** (orders[:, np.newaxis] * elapsed))


def exhaustion(
    inputs: Inputs, modality: Modality, years: Array, draws: int, seed: Seed
) -> Exhaustion:
    """When the largest training set of a modality reaches its stock.

    Args:
        inputs: Those of the group `study_2022` are used.
        modality: 'high-quality language', 'low-quality language' or 'images'.
        years: Ascending decimal years, (years,), not after 2101.
        draws: How many.
        seed: Of the inputs' random values.

    Raises:
        UsageError: the modality is unknown.
    """
    largest_set = demand(inputs, modality, years, draws, seed)
    return Exhaustion.from_paths(years, largest_set, stock(inputs, modality, years, draws, seed))


def _check_modality(modality: str) -> str:
    choices = get_args(Modality)
    if modality not in choices:
        raise UsageError(f"there is no modality {modality!r}", hint=did_you_mean(modality, choices))
    return modality


def _input_name(modality: str, part: str) -> str:
    kind = "images" if _check_modality(modality) == "images" else "language"
    return f"study_2022.demand.{kind}_{part}"
