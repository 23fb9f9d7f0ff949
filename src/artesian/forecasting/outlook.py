"""One scenario simulated: stock and demand as paths, and the dates at which they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from artesian.core.errors import UsageError, did_you_mean
from artesian.core.run import Seed
from artesian.forecasting import corpus, levers, stock_2024, study_2022, study_2024
from artesian.forecasting.bell import Array
from artesian.forecasting.distributions import Fixed
from artesian.forecasting.exhaustion import Exhaustion
from artesian.forecasting.inputs import Inputs, Override, default_inputs
from artesian.forecasting.languages import share_of
from artesian.forecasting.newer import Data
from artesian.forecasting.trend import Trend, draw_tokens

YEARS = 40
"""How far ahead is looked."""

TEXT, USERS, MINE = "text", "users", "mine"
STUDY_2022 = {
    "high-quality": "high-quality language",
    "low-quality": "low-quality language",
    "images": "images",
}
MODALITIES = (TEXT, USERS, *STUDY_2022, MINE)
DEMANDS = ("trend", "study", "historical", "compute", "mine")

DEMAND_GROUPS: Mapping[str, tuple[str, ...]] = {
    "trend": (),
    "study": ("demand", "compute"),
    "historical": ("demand",),
    "compute": ("demand", "compute"),
    "mine": ("mine",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is asked.

    Attributes:
        name: What it is called beside others.
        modality: 'text' (the indexed web), 'users' (all that people have put on the internet, messages
            among it: an upper bound), 'high-quality', 'low-quality', 'images' (the stocks of the study
            of 2022), or 'mine': a corpus of one's own.
        demand: Where demand comes from: 'trend' (fitted to the largest training sets), 'study' (the
            mixture of the study of 2024), its parts 'historical' and 'compute', or 'mine'. None for
            'trend', 'mine' if `mine.demand` is set; the stocks of 2022 have a demand of their own.
        language: The language asked for; None for all.
        set: Inputs by name, or by the end of a name where that says enough, and what they become.
    """

    name: str = "as things are"
    modality: str = TEXT
    demand: str | None = None
    language: str | None = None
    set: Mapping[str, Override] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what, given, known in (
            ("modality", self.modality, MODALITIES),
            ("demand", self.demand, DEMANDS),
        ):
            if given is not None and given not in known:
                raise UsageError(f"there is no {what} {given!r}", hint=did_you_mean(given, known))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Outlook:
    """What came of it.

    Attributes:
        unit: Of stock and demand: 'tokens', 'words' or 'images'.
        years: Decimal years, (years,).
        stock, demand: (draws, years); row i of both is the same possible future.
        exhaustion: The dates at which demand reaches the stock.
        factors: What each draw had for the inputs that are not known exactly, (draws,) each.
        inputs: As they were after the scenario's own.
    """

    scenario: Scenario
    unit: str
    years: Array
    stock: Array
    demand: Array
    exhaustion: Exhaustion
    factors: Mapping[str, Array]
    inputs: Inputs

    @property
    def beyond(self) -> float:
        """Probability that the stock outlasts the years looked at."""
        return float(np.isinf(self.exhaustion.dates).mean())

    @property
    def never(self) -> float:
        """Probability that it is never exhausted, for the stock grows at least as fast as demand in the
        end."""
        growth = [
            side[:, -1] / np.maximum(side[:, -2], 1e-300) for side in (self.stock, self.demand)
        ]
        return float(
            (np.isinf(self.exhaustion.dates) & (growth[0] >= growth[1] * (1 - 1e-9))).mean()
        )

    @property
    def already(self) -> float:
        """Probability that demand had reached the stock when the years begin."""
        return float((self.exhaustion.dates <= self.years[0]).mean())


def outlook(
    scenario: Scenario,
    trend: Trend,
    *,
    today: float,
    draws: int,
    seed: Seed,
    data: Data | None = None,
) -> Outlook:
    """Simulate a scenario.

    Args:
        trend: Of the largest training sets.
        today: Decimal year from which a corpus of one's own is counted.
        draws: Possible futures.
        seed: Of all random values: scenarios with the same seed differ by what they set, not by noise.
        data: Newer population or languages, if there are; the trend was fitted to its models already.

    Raises:
        UsageError: an input is unknown, cannot be, or plays no part in this scenario.
    """
    inputs = changed(scenario, data)
    source = demand_of(scenario, inputs)
    if scenario.modality in STUDY_2022:
        years = study_2022.horizon(inputs)
    elif scenario.modality == MINE:
        years = today + np.arange(YEARS + 1.0)
    elif source == "trend":
        years = trend.until + np.arange(YEARS + 1.0)
    else:
        years = study_2024.horizon(inputs, YEARS + 1)
    unit, stock = _stock(scenario, inputs, years, draws, seed)
    demand, paths = _demand(scenario, source, inputs, trend, years, draws, seed)
    if source in ("trend", "mine") or scenario.modality in STUDY_2022:
        demand = demand * levers.on_demand(inputs, years, draws, seed)
    factors = {
        name: inputs.draw(name, draws, seed)
        for name in inputs
        if matters(name, scenario, source) and not isinstance(inputs[name].distribution, Fixed)
    }
    return Outlook(
        scenario=scenario,
        unit=unit,
        years=years,
        stock=stock,
        demand=demand,
        exhaustion=Exhaustion.of(years, demand, stock),
        factors=MappingProxyType(factors | paths),
        inputs=inputs,
    )


def changed(scenario: Scenario, data: Data | None = None) -> Inputs:
    """The inputs as a scenario has them.

    Raises:
        UsageError: an input is unknown, ambiguous, impossible, or plays no part.
    """
    known = default_inputs()
    languages = None
    if data is not None:
        known, languages = replace(known, population=data.population), data.languages
    named = {full_name(short, known): value for short, value in scenario.set.items()}
    if scenario.language is not None:
        named = {"levers.stock_share": share_of(scenario.language, languages), **named}
    inputs = known.with_(named, source="set here")
    source = demand_of(scenario, inputs)
    for name in named:
        if not matters(name, scenario, source):
            raise UsageError(
                f"{name} plays no part in {scenario.modality!r} with demand by {source!r}",
                hint=_who_needs(name),
            )
    if scenario.modality == MINE and inputs["mine.corpus"].source != "set here":
        raise UsageError(
            "a corpus of your own needs its size", hint="give mine.corpus (--my-corpus 5B)"
        )
    return inputs


def full_name(short: str, inputs: Inputs) -> str:
    """The name of an input from the end of it, where one input's name ends so; the studies of 2022
    are named in full.

    Raises:
        UsageError: no input's name ends so, or several.
    """
    if short in inputs.entries:
        return short
    ends = [
        name
        for name in inputs
        if name.rpartition(".")[2] == short and name.partition(".")[0] not in ("study_2022", "mine")
    ]
    if len(ends) > 1:
        raise UsageError(f"{short!r} may be {' or '.join(ends)}", hint="give the whole name")
    if not ends:
        lasts = [name.rpartition(".")[2] for name in inputs]
        raise UsageError(
            f"no input is named {short!r}", hint=did_you_mean(short, [*inputs, *lasts])
        )
    return ends[0]


def demand_of(scenario: Scenario, inputs: Inputs) -> str:
    """Where a scenario's demand comes from."""
    if scenario.modality in STUDY_2022:
        if scenario.demand not in (None, "historical"):
            raise UsageError(
                f"{scenario.modality!r} has a demand of its own", hint="leave the demand out"
            )
        return "historical"
    mine = inputs["mine.demand"].source == "set here"
    if scenario.demand is None:
        return "mine" if scenario.modality == MINE and mine else "trend"
    return scenario.demand


def matters(name: str, scenario: Scenario, source: str) -> bool:
    """Whether an input plays a part."""
    group = name.partition(".")[0]
    if name == "web.common_crawl_pages":
        return False  # for the reproduction of the study
    if group == "levers":
        return name != "levers.passes" or scenario.modality not in STUDY_2022
    if scenario.modality in STUDY_2022:
        parts = name.split(".")
        kind = scenario.modality.replace("-", "_")
        demand = f"demand.{'images' if kind == 'images' else 'language'}"
        own = len(parts) == 2 or parts[1] == kind or name.startswith(f"study_2022.{demand}")
        return group == "study_2022" and own
    if group == "mine":
        wanted = name in ("mine.demand", "mine.demand_growth")
        return source == "mine" if wanted else scenario.modality == MINE
    if group == "users":
        return scenario.modality == USERS
    if group == "web":
        return scenario.modality == TEXT or (
            scenario.modality == USERS and name in ("web.quality", "web.epochs")
        )
    return group in DEMAND_GROUPS[source]


def _who_needs(name: str) -> str:
    group = name.partition(".")[0]
    if group == "study_2022":
        return f"it belongs to the modalities {', '.join(STUDY_2022)}"
    if group in ("demand", "compute"):
        return "it belongs to the demand of the study of 2024 (demand 'study')"
    if group == "users":
        return "it belongs to the modality 'users'"
    if group == "mine":
        return "it belongs to a corpus of your own (--my-corpus)"
    return "leave it out"


def _stock(
    scenario: Scenario, inputs: Inputs, years: Array, draws: int, seed: Seed
) -> tuple[str, Array]:
    if scenario.modality == MINE:
        return "tokens", corpus.stock(inputs, years, draws, seed)
    if scenario.modality == TEXT:
        return "tokens", stock_2024.effective_stock(inputs, years, draws, seed)
    if scenario.modality == USERS:
        return "tokens", stock_2024.effective_users_stock(inputs, years, draws, seed)
    modality = STUDY_2022[scenario.modality]
    stock = study_2022.stock(inputs, modality, years, draws, seed)  # type: ignore[arg-type]
    unit = "images" if modality == "images" else "words"
    return unit, stock * levers.on_stock(inputs, years, draws, seed)


def _demand(
    scenario: Scenario,
    source: str,
    inputs: Inputs,
    trend: Trend,
    years: Array,
    draws: int,
    seed: Seed,
) -> tuple[Array, dict[str, Array]]:
    """(draws, years), and what of its paths explains a date. The study of 2024 has its levers in it."""
    if scenario.modality in STUDY_2022:
        modality = STUDY_2022[scenario.modality]
        wanted = study_2022.demand(inputs, modality, years, draws, seed)  # type: ignore[arg-type]
        orders = np.log10(wanted[:, 1]) - np.log10(wanted[:, 0])
        return wanted, {"study_2022.demand growth": orders / (years[1] - years[0])}
    if source == "mine":
        return corpus.demand(inputs, years, draws, seed), {}
    if source == "trend":
        orders = draw_tokens(trend, years, draws, seed.child("trend").rng())
        near, far = min(5, len(years) - 1), min(15, len(years) - 1)
        return 10.0**orders, {
            f"largest training set, next {near} years": orders[:, near] - orders[:, 0],
            f"largest training set, years {near} to {far}": orders[:, far] - orders[:, near],
        }
    branch = "mixture" if source == "study" else source
    return study_2024.demand(inputs, years, draws, seed, branch), {}  # type: ignore[arg-type]
