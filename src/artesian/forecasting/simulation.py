"""Monte Carlo simulation of a scenario: paths of stock and demand, and dates of exhaustion."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.ramps import with_jumps
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model import corpus, levers
from artesian.forecasting.model.drift import LargestSet, draw_tokens_by_drift, update_growth
from artesian.forecasting.model.exhaustion import Exhaustion
from artesian.forecasting.scenario import (
    CORPUS,
    DRIFT,
    MODALITIES_2022,
    RECENT,
    TEXT,
    USERS,
    Scenario,
    changes_compute,
    demand_source,
    is_used,
    resolve_inputs,
)
from artesian.forecasting.series.data_overrides import ForecastData
from artesian.forecasting.studies import villalobos_2022, villalobos_2024, villalobos_2024_stock

HORIZON_YEARS = 40
"""Number of years simulated after the first."""

BLOCK_DRAWS = 100_000
"""Number of draws simulated at a time, which bounds the memory."""

PATHS_KEPT = 20_000
"""Number of draws whose paths are kept, if there are more than `BLOCK_DRAWS`."""

NEAR = 5
"""Number of years of the feature of the paths of demand by drift."""

FAR = 15
"""Number of years of the feature of the paths of demand by compute."""

PATH_GROWTH = f"largest training set, growth in {FAR} years"
"""Feature of a path of demand by compute."""

BEYOND_GROWTH = f"noise of the largest training set, {NEAR} years"
"""Feature of a path of demand by drift: its rise beyond that of its growth."""

DemandCache: TypeAlias = dict[Hashable, tuple[Array, dict[str, Array]]]
"""Sampled paths of demand, to use in several scenarios; see `simulate`."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Simulation:
    """Samples of a scenario.

    Attributes:
        scenario: Simulated scenario.
        unit: Unit of stock and demand: 'tokens', 'words' or 'images'.
        years: Decimal years, (years,).
        stock, demand: Paths, (draws, years). Row i of both belongs to the same sample. Of more than
            `BLOCK_DRAWS` samples, only the paths of the first `PATHS_KEPT` are kept.
        exhaustion: Dates at which demand reaches the stock, of all samples.
        outgrown: Whether the stock finally grows at least as fast as demand, (draws,).
        factors: Samples of the uncertain inputs, (draws,) each, for sensitivity analysis; empty if not
            requested.
        inputs: Inputs of the scenario.
        today: Date of the forecast, a decimal year.
        newest_record: Date of the newest training set in the series, a decimal year.
    """

    scenario: Scenario
    unit: str
    years: Array
    stock: Array
    demand: Array
    exhaustion: Exhaustion
    outgrown: NDArray[np.bool_]
    factors: Mapping[str, Array]
    inputs: Inputs
    today: float
    newest_record: float

    @property
    def probability_beyond_horizon(self) -> float:
        """Probability that the stock lasts beyond the simulated years."""
        return float(np.isinf(self.exhaustion.dates).mean())

    @property
    def probability_never(self) -> float:
        """Probability of no exhaustion with a stock that finally grows at least as fast as demand."""
        return float((np.isinf(self.exhaustion.dates) & self.outgrown).mean())

    @property
    def probability_at_start(self) -> float:
        """Probability that demand has reached the stock in the first year."""
        return float((self.exhaustion.dates <= self.years[0]).mean())


def simulate(
    scenario: Scenario,
    largest: LargestSet,
    *,
    today: float,
    draws: int,
    seed: Seed,
    data: ForecastData | None = None,
    cache: DemandCache | None = None,
    with_factors: bool = True,
    fixed: Mapping[str, float] | None = None,
    grid: Sequence[float] = (),
) -> Simulation:
    """Simulate a scenario.

    Args:
        scenario: Scenario.
        largest: Largest training set so far.
        today: Date of the forecast, a decimal year, at which a private corpus starts.
        draws: Number of samples.
        seed: Parent of all random streams. Scenarios simulated with the same seed share their samples,
            so their differences contain no sampling noise.
        data: Population and languages to use instead of the bundled ones; `largest` must be that
            of its models.
        cache: Paths of demand 'drift' and 'recent', reused by the scenarios with the same demand.
        with_factors: Keep the samples of the inputs.
        fixed: Values, in the unit of the input, that replace the distributions of inputs.
        grid: Years at which the returned paths have values in addition to those of the simulation, such
            as `with_jumps` gives; the dates are the same.

    Raises:
        UsageError: An input is unknown, infeasible or unused in the scenario.
    """
    inputs = resolve_inputs(scenario, data)
    source = demand_source(scenario, inputs)
    if fixed:
        inputs = inputs.with_values(fixed)
    if scenario.modality in MODALITIES_2022:
        years = villalobos_2022.horizon(inputs)
    elif scenario.modality == CORPUS:
        years = today + np.arange(HORIZON_YEARS + 1.0)
    elif source in (DRIFT, RECENT):
        years = largest.date + np.arange(HORIZON_YEARS + 1.0)
    else:
        years = villalobos_2024.horizon(inputs, HORIZON_YEARS + 1)
    blocks = []
    for start in range(0, draws, BLOCK_DRAWS):
        block_seed = seed.child("block", str(start // BLOCK_DRAWS)) if start else seed
        size = min(BLOCK_DRAWS, draws - start)
        shared = cache if start == 0 else None  # ten blocks would fill the memory
        block = _simulate_block(
            scenario,
            source,
            inputs,
            largest,
            years,
            np.asarray(grid, dtype=np.float64),
            today,
            size,
            block_seed,
            shared,
            with_factors,
        )
        if draws > BLOCK_DRAWS:
            # A million draws of all paths would need gigabytes.
            block = with_paths(block, PATHS_KEPT if start == 0 else 0)
        blocks.append(block)
    first = blocks[0]
    if len(blocks) == 1:
        return first
    dates = np.concatenate([block.exhaustion.dates for block in blocks])
    return replace(
        first,
        exhaustion=Exhaustion(dates, first.exhaustion.first, first.exhaustion.last),
        outgrown=np.concatenate([block.outgrown for block in blocks]),
        factors=MappingProxyType(
            {
                name: np.concatenate([block.factors[name] for block in blocks])
                for name in first.factors
            }
        ),
    )


def with_paths(simulation: Simulation, number: int) -> Simulation:
    """Return a simulation with only the first `number` paths of stock and demand."""
    return replace(
        simulation,
        stock=simulation.stock[:number].copy(),
        demand=simulation.demand[:number].copy(),
    )


def _simulate_block(
    scenario: Scenario,
    source: str,
    inputs: Inputs,
    largest: LargestSet,
    yearly: Array,
    grid: Array,
    today: float,
    draws: int,
    seed: Seed,
    cache: DemandCache | None,
    with_factors: bool,
) -> Simulation:
    """Simulate on the yearly grid and the points before and after each jump.

    Random paths are drawn on the yearly grid, so that a scenario with a jump has the same ones.
    """
    years = np.union1d(with_jumps(yearly, levers.jumps(inputs)), grid)
    unit, stock = _stock(scenario, inputs, years, draws, seed)
    if source in (DRIFT, RECENT) and cache is not None:
        distributions = tuple(
            inputs[f"{DRIFT}.{name}"].distribution for name in ("growth", "noise")
        )
        key = (source, tuple(yearly), draws, seed, distributions)
        if key not in cache:
            cache[key] = _drift(source, inputs, largest, yearly, draws, seed)
        demand, paths = cache[key]
    elif source in (DRIFT, RECENT):
        demand, paths = _drift(source, inputs, largest, yearly, draws, seed)
    else:
        demand, paths = _demand(scenario, source, inputs, years, yearly, draws, seed)
    if source in (DRIFT, RECENT) and len(years) > len(yearly):
        demand = _between(demand, yearly, years)
    # The growth replaces that of the model; the other levers act on it as they do on the model.
    demand = levers.with_demand_growth(demand, inputs, years, draws, seed)
    demand = demand * levers.demand_multiplier(inputs, years, draws, seed)
    demand = levers.with_compute_limit(demand, inputs, years, draws, seed)
    exhaustion = Exhaustion.from_paths(years, demand, stock)
    kept = np.isin(years, np.union1d(yearly, grid))
    if not kept.all():
        years, demand, stock = years[kept], demand[:, kept], stock[:, kept]
    # Over ten years, because in a single year records may happen not to rise.
    before = max(0, int(np.searchsorted(years, years[-1] - 10)))
    final_growth = [path[:, -1] / np.maximum(path[:, before], 1e-300) for path in (stock, demand)]
    return Simulation(
        scenario=scenario,
        unit=unit,
        years=years,
        stock=stock,
        demand=demand,
        exhaustion=exhaustion,
        outgrown=final_growth[0] >= final_growth[1] * (1 - 1e-9),
        factors=MappingProxyType(
            _factors(scenario, source, inputs, draws, seed) | paths if with_factors else {}
        ),
        inputs=inputs,
        today=today,
        newest_record=largest.date,
    )


def _factors(
    scenario: Scenario, source: str, inputs: Inputs, draws: int, seed: Seed
) -> dict[str, Array]:
    """Sample the uncertain inputs that the scenario uses."""
    return {
        name: inputs.draw(name, draws, seed)
        for name in inputs
        if is_used(name, scenario, source) and inputs[name].is_uncertain
    }


def _stock(
    scenario: Scenario, inputs: Inputs, years: Array, draws: int, seed: Seed
) -> tuple[str, Array]:
    if scenario.modality == CORPUS:
        return "tokens", corpus.stock(inputs, years, draws, seed)
    if scenario.modality == TEXT:
        return "tokens", villalobos_2024_stock.effective_stock(inputs, years, draws, seed)
    if scenario.modality == USERS:
        return "tokens", villalobos_2024_stock.effective_users_stock(inputs, years, draws, seed)
    modality = MODALITIES_2022[scenario.modality]
    stock = villalobos_2022.stock(inputs, modality, years, draws, seed)  # type: ignore[arg-type]
    unit = "images" if modality == "images" else "words"
    return unit, stock * levers.stock_multiplier(inputs, years, draws, seed)


def _drift(
    source: str, inputs: Inputs, largest: LargestSet, years: Array, draws: int, seed: Seed
) -> tuple[Array, dict[str, Array]]:
    """Sample the largest training set, (draws, years), and the feature of its paths."""
    growth, noise = (inputs.draw(f"{DRIFT}.{name}", draws, seed) for name in ("growth", "noise"))
    rng = seed.child(DRIFT).rng()
    if source == RECENT:
        growth = update_growth(growth, noise, largest, rng)
    ahead = np.maximum(years - largest.date, 0.0)
    log10_tokens = draw_tokens_by_drift(largest.tokens, ahead, growth, noise, rng)
    near = min(NEAR, len(years) - 1)
    rise = log10_tokens[:, near] - log10_tokens[:, 0]
    expected = np.maximum(growth, 0.0) * (ahead[near] - ahead[0])
    return 10.0**log10_tokens, {BEYOND_GROWTH: rise - expected}


def _between(paths: Array, years: Array, finer: Array) -> Array:
    """Interpolate paths, (draws, years), on a logarithmic scale: (draws, finer)."""
    place = np.clip(np.searchsorted(years, finer), 0, len(years) - 1)
    interpolated = paths[:, place]
    new = np.flatnonzero(years[place] != finer)
    after = place[new]
    part = (finer[new] - years[after - 1]) / (years[after] - years[after - 1])
    log_before, log_after = np.log(paths[:, after - 1]), np.log(paths[:, after])
    interpolated[:, new] = np.exp(log_before * (1 - part) + log_after * part)
    return np.asarray(interpolated)


def _demand(
    scenario: Scenario,
    source: str,
    inputs: Inputs,
    years: Array,
    yearly: Array,
    draws: int,
    seed: Seed,
) -> tuple[Array, dict[str, Array]]:
    """Compute demand other than by drift, (draws, years), and the features that serve as factors."""
    if scenario.modality in MODALITIES_2022:
        modality = MODALITIES_2022[scenario.modality]
        largest_set = villalobos_2022.demand(inputs, modality, years, draws, seed)  # type: ignore[arg-type]
        log10_growth = np.log10(largest_set[:, 1]) - np.log10(largest_set[:, 0])
        return largest_set, {"study_2022.demand growth": log10_growth / (years[1] - years[0])}
    if source == CORPUS:
        return corpus.demand(inputs, years, draws, seed), {}
    branch = "mixture" if source == "study" else source
    compute: villalobos_2024.ComputeProjection = (
        "projected" if changes_compute(scenario) else "published"
    )
    own = levers.without_levers(inputs)  # they are applied to the demand of every model
    tokens = villalobos_2024.demand(own, years, draws, seed, branch, compute)  # type: ignore[arg-type]
    if source == "historical":
        return tokens, {}
    # Compute is sampled from printed quantiles, not from inputs, so its effect is that of the paths.
    at_years = tokens[:, np.isin(years, yearly)]
    return tokens, _path_growth(np.log10(np.maximum(at_years, 1e-300)))


def _path_growth(log10_tokens: Array) -> dict[str, Array]:
    """Return the growth of paths, (draws, years), over the next years, (draws,).

    The quantile of a path of compute is the same in all years, so one period says it all.
    """
    last = min(FAR, log10_tokens.shape[1] - 1)
    return {PATH_GROWTH: log10_tokens[:, last] - log10_tokens[:, 0]}
