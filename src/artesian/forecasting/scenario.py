"""What a scenario asks, and the inputs it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from artesian.core.errors import UsageError, did_you_mean
from artesian.forecasting.inputs.inputs import Inputs, Override, default_inputs
from artesian.forecasting.series.data_overrides import ForecastData
from artesian.forecasting.series.languages import page_fraction

TEXT, USERS, CORPUS = "text", "users", "corpus"
MODALITIES_2022 = {
    "high-quality": "high-quality language",
    "low-quality": "low-quality language",
    "images": "images",
}
MODALITIES = (TEXT, USERS, *MODALITIES_2022, CORPUS)
DEMAND_SOURCES = ("trend", "study", "historical", "compute", CORPUS)

DEMAND_GROUPS: Mapping[str, tuple[str, ...]] = {
    "trend": (),
    "study": ("demand", "compute"),
    "historical": ("demand",),
    "compute": ("demand", "compute"),
    CORPUS: (CORPUS,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is asked.

    Attributes:
        name: What it is called beside others.
        modality: 'text' (the indexed web), 'users' (all that people have put on the internet, messages
            among it: an upper bound), 'high-quality', 'low-quality', 'images' (the stocks of the study
            of 2022), or 'corpus': a corpus of one's own.
        demand: Where demand comes from: 'trend' (fitted to the largest training sets), 'study' (the
            mixture of the study of 2024), its parts 'historical' and 'compute', or 'corpus'. None for
            'trend', 'corpus' if `corpus.demand` is set; the stocks of 2022 have a demand of their own.
        language: The language asked for; None for all.
        overrides: Inputs by name, or by the end of a name where that says enough, and what they become.
    """

    name: str = "as things are"
    modality: str = TEXT
    demand: str | None = None
    language: str | None = None
    overrides: Mapping[str, Override] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for field_name, value, choices in (
            ("modality", self.modality, MODALITIES),
            ("demand", self.demand, DEMAND_SOURCES),
        ):
            if value is not None and value not in choices:
                raise UsageError(
                    f"there is no {field_name} {value!r}", hint=did_you_mean(value, choices)
                )


def resolve_inputs(scenario: Scenario, data: ForecastData | None = None) -> Inputs:
    """The inputs as a scenario has them.

    Raises:
        UsageError: an input is unknown, ambiguous, impossible, or plays no part.
    """
    defaults = default_inputs()
    languages = None
    if data is not None:
        defaults, languages = replace(defaults, population=data.population), data.languages
    overrides = {
        full_name(short_name, defaults): value for short_name, value in scenario.overrides.items()
    }
    if scenario.language is not None:
        overrides = {
            "levers.stock_fraction": page_fraction(scenario.language, languages),
            **overrides,
        }
    inputs = defaults.with_overrides(overrides, source="set here")
    source = demand_source(scenario, inputs)
    for name in overrides:
        if not is_used(name, scenario, source):
            raise UsageError(
                f"{name} plays no part in {scenario.modality!r} with demand by {source!r}",
                hint=_usage_hint(name),
            )
    if scenario.modality == CORPUS and inputs["corpus.tokens"].source != "set here":
        raise UsageError(
            "a corpus of your own needs its size", hint="give corpus.tokens (--corpus 5B)"
        )
    return inputs


def full_name(short_name: str, inputs: Inputs) -> str:
    """The name of an input from the end of it, where one input's name ends so; the studies of 2022
    are named in full.

    Raises:
        UsageError: no input's name ends so, or several.
    """
    if short_name in inputs.entries:
        return short_name
    matches = [
        name
        for name in inputs
        if name.rpartition(".")[2] == short_name
        and name.partition(".")[0] not in ("study_2022", CORPUS)
    ]
    if len(matches) > 1:
        raise UsageError(
            f"{short_name!r} may be {' or '.join(matches)}", hint="give the whole name"
        )
    if not matches:
        short_names = [name.rpartition(".")[2] for name in inputs]
        raise UsageError(
            f"no input is named {short_name!r}",
            hint=did_you_mean(short_name, [*inputs, *short_names]),
        )
    return matches[0]


def demand_source(scenario: Scenario, inputs: Inputs) -> str:
    """Where a scenario's demand comes from."""
    if scenario.modality in MODALITIES_2022:
        if scenario.demand not in (None, "historical"):
            raise UsageError(
                f"{scenario.modality!r} has a demand of its own", hint="leave the demand out"
            )
        return "historical"
    corpus_demand_given = inputs["corpus.demand"].source == "set here"
    if scenario.demand is None:
        return CORPUS if scenario.modality == CORPUS and corpus_demand_given else "trend"
    return scenario.demand


def is_used(name: str, scenario: Scenario, source: str) -> bool:
    """Whether an input plays a part."""
    group = name.partition(".")[0]
    if name == "web.common_crawl_pages":
        return False  # for the reproduction of the study
    if group == "levers":
        return name != "levers.training_epochs" or scenario.modality not in MODALITIES_2022
    if scenario.modality in MODALITIES_2022:
        parts = name.split(".")
        kind = scenario.modality.replace("-", "_")
        demand = f"demand.{'images' if kind == 'images' else 'language'}"
        is_own = len(parts) == 2 or parts[1] == kind or name.startswith(f"study_2022.{demand}")
        return group == "study_2022" and is_own
    if group == CORPUS:
        demand_inputs = name in ("corpus.demand", "corpus.demand_growth")
        return source == CORPUS if demand_inputs else scenario.modality == CORPUS
    if group == "users":
        return scenario.modality == USERS
    if group == "web":
        return scenario.modality == TEXT or (
            scenario.modality == USERS and name in ("web.quality", "web.epochs")
        )
    return group in DEMAND_GROUPS[source]


def _usage_hint(name: str) -> str:
    group = name.partition(".")[0]
    if group == "study_2022":
        return f"it belongs to the modalities {', '.join(MODALITIES_2022)}"
    if group in ("demand", "compute"):
        return "it belongs to the demand of the study of 2024 (demand 'study')"
    if group == "users":
        return "it belongs to the modality 'users'"
    if group == CORPUS:
        return "it belongs to a corpus of your own (--corpus)"
    return "leave it out"
