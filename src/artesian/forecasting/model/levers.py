"""Levers: interventions that change the stock of data or the demand for it (input group `levers`).

Stock: text recovered by filtering and deduplication (`curation_yield`), never more than there is; text
withdrawn by its owners (`opt_out`), which may concern the best text first (`opt_out_concentration`) and
grow (`opt_out_growth`); training for several epochs, with diminishing returns (Muennighoff et al. 2023,
arXiv 2305.16264); new users (`user_growth`); licensed text and transcribed audio and video.

Demand: over-training, which increases data by its square root; better use of the data
(`data_efficiency`, `rephrased_fraction`); synthetic data (`synthetic_fraction`), which count only up to
the fraction at which the tails of the distribution are lost (`synthetic_limit`); a limit of training
compute (`compute_limit`).

A lever that takes effect from a year on (its `ramp`) has its neutral value before; `jumps` gives these
years, at which the paths need a point before and after.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Fixed
from artesian.forecasting.inputs.inputs import Inputs, default_inputs
from artesian.forecasting.inputs.ramps import effect, years_in_effect
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.inputs.unset import Unset

LIMIT_YEAR = 2030.0
"""Year to which the feasible training compute refers."""

MINUTES_PER_YEAR = 60 * 24 * 365


def effective_epochs(epochs: float | Array, repetition: float | Array) -> Array:
    """Return the value of repeated data in multiples of one epoch.

    Args:
        epochs: Epochs over the same text, 1 or more.
        repetition: Decay constant R of Muennighoff et al. 2023; their fit is 15.39.

    Returns:
        1 + R (1 - exp(-(epochs - 1) / R)), in the broadcast shape of both.

    >>> round(float(effective_epochs(4, 15.39)), 2), round(float(effective_epochs(16, 15.39)), 1)
    (3.73, 10.6)
    """
    return np.asarray(1 + repetition * -np.expm1(-(np.asarray(epochs) - 1) / repetition))


def is_neutral(inputs: Inputs, name: str) -> bool:
    """Return whether a lever has its neutral default value, or none."""
    default = default_inputs()[f"levers.{name}"].distribution
    return isinstance(default, Fixed | Unset) and inputs[f"levers.{name}"].distribution == default


def lever(inputs: Inputs, name: str, years: Array, draws: int, seed: Seed) -> Array:
    """Sample a lever in each year.

    Returns:
        Values, (draws, years), or (draws, 1) if they are the same in all years.
    """
    entry = inputs[f"levers.{name}"]
    values = inputs.draw(entry.name, draws, seed)[:, np.newaxis]
    if entry.ramp is None:
        return values
    neutral = default_inputs()[entry.name].distribution.median
    return np.asarray(neutral + effect(entry.ramp, years) * (values - neutral))


def growth_factor(
    inputs: Inputs,
    name: str,
    years: Array,
    draws: int,
    seed: Seed,
    *,
    since: float | None = None,
) -> Array:
    """Return the factor of a yearly growth, (draws, years) or (draws, 1).

    It grows from the first year on, or from `since` if that is later.
    """
    if is_neutral(inputs, name):
        return np.ones((draws, 1))
    entry = inputs[f"levers.{name}"]
    log_growth = np.log(inputs.draw(entry.name, draws, seed))
    elapsed = years_in_effect(entry.ramp, years, since=since)
    return np.asarray(np.exp(log_growth[:, np.newaxis] * elapsed))


def stock_multiplier(
    inputs: Inputs, years: Array, draws: int, seed: Seed, *, quality: Array | None = None
) -> Array:
    """Return the fraction of a stock that is usable, times its additional growth, without repetition.

    Args:
        inputs: Uses group `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
        quality: Usable fraction of the text without levers, (draws,). The yield of curation makes at
            most all text usable. If None, the stock is usable text already.

    Returns:
        Factors, (draws, years), or (draws, 1) if they are the same in all years.
    """
    usable = lever(inputs, "curation_yield", years, draws, seed)
    withdrawn = lever(inputs, "opt_out", years, draws, seed)
    ramp = inputs["levers.opt_out"].ramp
    # Opt-outs cannot grow before there are any.
    since = None if ramp is None else ramp[0]
    grown = growth_factor(inputs, "opt_out_growth", years, draws, seed, since=since)
    withdrawn = np.minimum(withdrawn * grown, 1.0)
    concentration = lever(inputs, "opt_out_concentration", years, draws, seed)
    if quality is not None:
        usable = np.minimum(usable * quality[:, np.newaxis], 1.0)
        # Where all withdrawn text is usable, its fraction of the usable text cannot be larger.
        concentration = np.minimum(concentration, 1 / np.maximum(usable, 1e-12))
    lost = np.minimum(withdrawn * concentration, 1.0)
    retained = usable * (1 - lost) * lever(inputs, "stock_fraction", years, draws, seed)
    return np.asarray(retained * growth_factor(inputs, "user_growth", years, draws, seed))


def additional_stock(
    inputs: Inputs, years: Array, draws: int, seed: Seed, *, quality: Array
) -> Array | None:
    """Sample text in addition to a stock, without repetition: licensed, and transcribed from speech.

    Args:
        inputs: Uses groups `levers`, `media` and `text`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
        quality: Usable fraction of transcribed text, (draws,).

    Returns:
        Tokens, (draws, years) or (draws, 1); None if both levers are neutral.
    """
    if is_neutral(inputs, "licensed") and is_neutral(inputs, "transcribed"):
        return None
    licensed = lever(inputs, "licensed", years, draws, seed)
    if is_neutral(inputs, "transcribed"):
        return licensed

    def draw(name: str) -> Array:
        return inputs.draw(f"media.{name}", draws, seed)

    hours = draw("video_hours") * MINUTES_PER_YEAR * draw("years")
    spoken = hours * draw("speech_fraction") * draw("words_per_hour")
    tokens = spoken / inputs.median("text.words_per_token") * quality
    elapsed = years - years[0]
    stock = tokens[:, np.newaxis] * draw("growth")[:, np.newaxis] ** elapsed
    stock = stock * lever(inputs, "transcribed", years, draws, seed)
    return np.asarray(licensed + stock * lever(inputs, "stock_fraction", years, draws, seed))


def repetition_multiplier(
    inputs: Inputs, years: Array, draws: int, seed: Seed, *, default_input: str | None = None
) -> Array:
    """Return the value of repeated data in multiples of one epoch.

    Args:
        inputs: Uses group `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
        default_input: Input that gives the value without `levers.training_epochs`; 1 if None.

    Returns:
        Factors, (draws, years), or (draws, 1) if they are the same in all years.
    """
    entry = inputs["levers.training_epochs"]
    default = np.ones(draws) if default_input is None else inputs.draw(default_input, draws, seed)
    if is_neutral(inputs, "training_epochs"):
        return default[:, np.newaxis]
    epochs = inputs.draw(entry.name, draws, seed)
    repeated = effective_epochs(epochs, inputs.draw("levers.repetition", draws, seed))
    if entry.ramp is None:
        return repeated[:, np.newaxis]
    change = (repeated - default)[:, np.newaxis]
    return np.asarray(default[:, np.newaxis] + effect(entry.ramp, years) * change)


def demand_multiplier(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Return the factor by which the levers change the demand for human data.

    Args:
        inputs: Uses group `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Factors, (draws, years), or (draws, 1) if they are the same in all years.
    """
    factor = np.ones((draws, 1))
    if not is_neutral(inputs, "overtraining"):
        overtraining = lever(inputs, "overtraining", years, draws, seed)
        active = years >= inputs.median("levers.overtraining_from")
        factor = np.where(active, np.sqrt(overtraining), 1.0)
    synthetic = np.minimum(
        lever(inputs, "synthetic_fraction", years, draws, seed),
        lever(inputs, "synthetic_limit", years, draws, seed),
    )
    human = (1 - synthetic) * lever(inputs, "demand_fraction", years, draws, seed)
    if not is_neutral(inputs, "rephrased_fraction"):
        rephrased = lever(inputs, "rephrased_fraction", years, draws, seed)
        speedup = inputs.draw("levers.rephrasing_speedup", draws, seed)[:, np.newaxis]
        best = inputs.draw("levers.rephrasing_best", draws, seed)[:, np.newaxis]
        # Beyond the best fraction there is no further gain.
        useful = np.minimum(rephrased, best)
        human = human * (1 - useful) * speedup ** -(useful / best)
    efficiency = lever(inputs, "data_efficiency", years, draws, seed)
    return np.asarray(factor * human / efficiency)


def with_compute_limit(
    demand: Array, inputs: Inputs, years: Array, draws: int, seed: Seed
) -> Array:
    """Return demand that is at most compute-optimal for the feasible training compute.

    Demand of the first year is not reduced. Arguments as in `with_demand_growth`; also uses
    `demand.tokens_per_parameter` and `demand.flop_per_parameter_token`.
    """
    if is_neutral(inputs, "compute_limit"):
        return demand
    entry = inputs["levers.compute_limit"]
    limit = inputs.draw(entry.name, draws, seed)[:, np.newaxis]
    growth = lever(inputs, "compute_limit_growth", years, draws, seed)
    compute = limit * growth ** (years - LIMIT_YEAR)
    tokens_per_parameter = inputs.median("demand.tokens_per_parameter")
    flop = inputs.median("demand.flop_per_parameter_token")
    optimal = np.sqrt(compute * tokens_per_parameter / flop)
    limited = np.minimum(demand, np.maximum(optimal, demand[:, :1]))
    if entry.ramp is None:
        return np.asarray(limited)
    # Phased in on a logarithmic scale: there is no limit to start from.
    part = effect(entry.ramp, years)
    return np.asarray(np.where(part > 0, demand ** (1 - part) * limited**part, demand))


def with_demand_growth(
    demand: Array, inputs: Inputs, years: Array, draws: int, seed: Seed
) -> Array:
    """Return demand with the growth of lever `demand_growth` in place of that of its model.

    While the lever takes effect, the logarithm of the growth changes linearly from one to the other.

    Args:
        demand: Demand by its model, (draws, years).
        inputs: Uses group `levers`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Demand, (draws, years); `demand` itself if the lever is neutral.
    """
    entry = inputs["levers.demand_growth"]
    if is_neutral(inputs, "demand_growth"):
        return demand
    log_growth = np.log(inputs.draw(entry.name, draws, seed))[:, np.newaxis]
    in_effect = np.diff(years_in_effect(entry.ramp, years))
    steps = np.diff(years)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.nan_to_num(np.diff(np.log(demand), axis=1), nan=0.0)
    rise = rise * (1 - in_effect / steps) + log_growth * in_effect
    changed = np.concatenate([np.zeros((len(rise), 1)), np.cumsum(rise, axis=1)], axis=1)
    return np.asarray(demand[:, :1] * np.exp(changed))


def without_levers(inputs: Inputs) -> Inputs:
    """Return the inputs with every lever at its default."""
    entries = {
        name: default_inputs()[name] if name.startswith("levers.") else entry
        for name, entry in inputs.items()
    }
    return replace(inputs, entries=entries)


def jumps(inputs: Inputs) -> list[float]:
    """Return the years in which a lever starts to take effect or is complete, ascending."""
    years = {year for entry in inputs.values() for year in entry.ramp or ()}
    if not is_neutral(inputs, "overtraining"):
        years.add(inputs.median("levers.overtraining_from"))
    return sorted(years)
