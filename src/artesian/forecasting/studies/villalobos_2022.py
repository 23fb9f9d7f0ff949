"""Exhaustion of language and image data by Villalobos et al. 2022 (arXiv 2211.04325v1).

Three modalities, with demand from the historical trend alone. Its growth is normal in orders of
magnitude; the 5th and the 95th percentile are the mean growths of two pairs of paths, each given by its
doubling time. The demand of the study is a mixture with a projection from compute that is not public,
so its dates differ from the ones here.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias, get_args

import numpy as np

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Fixed, Normal
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
    """Return the years of the simulation, from `study_2022.year` to 2100, (years,)."""
    return np.arange(inputs.median("study_2022.year"), 2101.0)


def stock(inputs: Inputs, modality: Modality, years: Array, draws: int, seed: Seed) -> Array:
    """Return the stock of a modality in words or images, (draws, years); see `exhaustion`."""
    return _STOCKS[_check_modality(modality)](inputs, years, draws, seed)


def growth(inputs: Inputs, modality: Modality) -> Normal | Fixed:
    """Return the yearly growth of the largest training set, in orders of magnitude.

    Raises:
        UsageError: The modality is unknown, or the slow paths grow faster than the fast ones.
    """
    names = {
        end: [_input_name(modality, f"{end}_{path}") for path in ("one", "two")]
        for end in ("slow", "fast")
    }
    low, high = (
        sum(12 * math.log10(2) / inputs.median(name) for name in names[end]) / 2
        for end in ("slow", "fast")
    )
    if low > high:
        slow, fast = (" and ".join(names[end]) for end in ("slow", "fast"))
        raise UsageError(
            f"{slow} give a growth of {low:.3g} orders of magnitude a year, faster than the "
            f"{high:.3g} of {fast}",
            hint="give the slow paths longer doubling times than the fast ones",
        )
    return Fixed(low) if low == high else Normal(low, high, 0.9)


def demand(inputs: Inputs, modality: Modality, years: Array, draws: int, seed: Seed) -> Array:
    """Return the largest training set in words or images, (draws, years); see `exhaustion`."""
    check_ascending(years)
    start = inputs.draw(_input_name(modality, "start"), draws, seed)
    orders = growth(inputs, modality).draw(seed.child("growth", modality).rng(), draws)
    elapsed = years - inputs.median("study_2022.year")
    return np.asarray(start[:, np.newaxis] * 10.0 ** (orders[:, np.newaxis] * elapsed))


def exhaustion(
    inputs: Inputs, modality: Modality, years: Array, draws: int, seed: Seed
) -> Exhaustion:
    """Compute when the largest training set of a modality reaches its stock.

    Args:
        inputs: Uses group `study_2022`.
        modality: 'high-quality language', 'low-quality language' or 'images'.
        years: Ascending decimal years, (years,), up to 2101.
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Raises:
        UsageError: The modality is unknown.
    """
    largest_set = demand(inputs, modality, years, draws, seed)
    return Exhaustion.from_paths(years, largest_set, stock(inputs, modality, years, draws, seed))


def _check_modality(modality: str) -> str:
    choices = get_args(Modality)
    if modality not in choices:
        raise UsageError(f"unknown modality {modality!r}", hint=did_you_mean(modality, choices))
    return modality


def _input_name(modality: str, part: str) -> str:
    kind = "images" if _check_modality(modality) == "images" else "language"
    return f"study_2022.demand.{kind}_{part}"
