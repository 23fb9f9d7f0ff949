"""What a scenario asks, and the inputs it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from artesian.core.errors import UsageError, did_you_mean
from artesian.forecasting.inputs.inputs import Inputs, Override, default_inputs
from artesian.forecasting.series.data_overrides import Data
from artesian.forecasting.series.languages import share_of

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
