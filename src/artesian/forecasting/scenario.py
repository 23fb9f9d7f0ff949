"""Scenario of a forecast, and the inputs that result from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from artesian.core.errors import UsageError, did_you_mean
from artesian.forecasting.inputs.correlations import PAIR, split_pair
from artesian.forecasting.inputs.distributions import Fixed
from artesian.forecasting.inputs.inputs import (
    Inputs,
    Override,
    check_names,
    default_inputs,
)
from artesian.forecasting.series.data_overrides import ForecastData
from artesian.forecasting.series.languages import page_fraction

TEXT, USERS, CORPUS = "text", "users", "corpus"
MODALITIES_2022 = {
    "high-quality": "high-quality language",
    "low-quality": "low-quality language",
    "images": "images",
}
OVERRIDDEN = "set by the user"
"""Source of the inputs that a scenario replaces."""

MODALITIES = (TEXT, USERS, *MODALITIES_2022, CORPUS)
DRIFT, RECENT = "drift", "recent"
DEMAND_SOURCES = (DRIFT, RECENT, "study", "historical", "compute", CORPUS)

DEMAND_GROUPS: Mapping[str, tuple[str, ...]] = {
    DRIFT: (DRIFT,),
    RECENT: (DRIFT,),
    "study": ("demand", "compute"),
    "historical": ("demand",),
    "compute": ("demand", "compute"),
    CORPUS: (CORPUS,),
}


NEEDED_LEVERS = {
    "media.": "levers.transcribed",
    "levers.opt_out_": "levers.opt_out",
    "levers.rephrasing_": "levers.rephrased_fraction",
    "levers.synthetic_limit": "levers.synthetic_fraction",
    "levers.repetition": "levers.training_epochs",
    "levers.compute_limit_growth": "levers.compute_limit",
    "levers.overtraining_from": "levers.overtraining",
}
"""Start of the name of an input, and the lever without which it has no effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario: which data, which demand, and changed inputs.

    Attributes:
        name: Name in comparisons.
        modality: 'text' (the indexed web), 'users' (all text written by internet users including
            messages, an upper bound), 'high-quality', 'low-quality' or 'images' (stocks of Villalobos
            et al. 2022), or 'corpus' (a private corpus).
        demand: Source of demand: 'drift' (the largest training set so far, growing by a prior),
            'recent' (the same, with the prior updated by the growth of the last three years), 'study'
            (the mixture of Villalobos et al. 2024), its components 'historical' and 'compute', or
            'corpus'. If None, 'corpus' for a private corpus with `corpus.demand`, else 'drift'. The
            stocks of 2022 have their own demand.
        language: ISO 639-3 code or English name to restrict text to; None for all languages.
        overrides: By input name, the value that replaces the default. The last part of a name
            suffices where it is unambiguous.

    Raises:
        UsageError: The modality or the source of demand is unknown.
    """

    name: str = "baseline"
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
                    f"unknown {field_name} {value!r}", hint=did_you_mean(value, choices)
                )


def resolve_inputs(scenario: Scenario, data: ForecastData | None = None) -> Inputs:
    """Apply a scenario to the default inputs.

    Args:
        scenario: Scenario.
        data: Population and languages to use instead of the bundled ones.

    Raises:
        UsageError: An input is unknown, ambiguous, infeasible or unused in the scenario.
    """
    defaults = default_inputs()
    languages = None
    if data is not None:
        defaults, languages = replace(defaults, population=data.population), data.languages
    overrides = with_full_names(scenario.overrides)
    if scenario.language is not None and scenario.modality != CORPUS:
        if "levers.stock_fraction" in overrides:
            raise UsageError(
                "levers.stock_fraction is given more than once: by the language "
                f"{scenario.language}, and {overrides['levers.stock_fraction']}",
                hint="omit one of them",
            )
        # A corpus of one's own is as large as stated, whatever its language.
        fraction = Fixed(page_fraction(scenario.language, languages))
        overrides = {"levers.stock_fraction": fraction, **overrides}
    source = _demand_source(scenario, corpus_demand_given="corpus.demand" in overrides)
    if scenario.modality == CORPUS and "corpus.tokens" not in overrides:
        raise UsageError(
            "modality 'corpus' needs the size of the corpus",
            hint="give it with --corpus 5B, or set corpus.tokens",
        )
    if source == CORPUS and "corpus.demand" not in overrides:
        raise UsageError(
            "demand 'corpus' needs the tokens that your training needs",
            hint="give them with --corpus-demand 500M, or set corpus.demand",
        )
    for name in [part for key in overrides for part in _parts(key)]:
        if not is_used(name, scenario, source) and not name.startswith("text."):
            raise UsageError(
                f"{name} is not used for modality {scenario.modality!r} with demand {source!r}",
                hint=_usage_hint(name),
            )
    inputs = defaults.with_overrides(overrides, source=OVERRIDDEN)
    for name in overrides:
        if name.startswith("text.") and name not in inputs.conversions:
            raise UsageError(
                f"{name} is not used, because no value is given in that unit",
                hint="it converts amounts, as in --corpus 20GB or --corpus '4B words'; omit it",
            )
    return inputs


def alternative(scenario: Scenario, inputs: Inputs) -> Scenario | None:
    """The scenario under the other model of demand, which the back-test does not distinguish from it.

    None if the scenario chooses its demand, or changes an input of the default one.
    """
    lever = inputs["levers.demand_growth"]
    changed = (lever.has_value and lever.ramp is None) or any(
        one.source == OVERRIDDEN and name.startswith(f"{DRIFT}.") for name, one in inputs.items()
    )
    if scenario.demand is not None or changed or demand_source(scenario, inputs) != DRIFT:
        return None
    return replace(scenario, name=f"demand {RECENT}", demand=RECENT)


def _parts(key: str) -> tuple[str, ...]:
    """The names of a key of overrides: one, or the two of a correlation."""
    return split_pair(key) if PAIR in key else (key,)


def full_name(short_name: str, inputs: Inputs) -> str:
    """Complete the name of an input from its last part, if unambiguous; those of a correlation too.

    Inputs of the groups `study_2022` and `corpus` need their full names.

    Raises:
        UsageError: No input or several inputs match.
    """
    if PAIR in short_name:
        names = [full_name(part, inputs) for part in split_pair(short_name)]
        return f" {PAIR} ".join(split_pair(PAIR.join(sorted(names, key=list(inputs).index))))
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
            f"{short_name!r} is ambiguous: {' or '.join(matches)}", hint="give the full name"
        )
    if not matches:
        full = [name for name in inputs if name.rpartition(".")[2] == short_name]
        if full:
            raise UsageError(
                f"unknown input {short_name!r}",
                hint=f"give the full name: {' or '.join(full)}",
            )
        short_names = [
            name.rpartition(".")[2]
            for name in inputs
            if name.partition(".")[0] not in ("study_2022", CORPUS)
        ]
        raise UsageError(
            f"unknown input {short_name!r}",
            hint=did_you_mean(short_name, [*inputs, *short_names]),
        )
    return matches[0]


def with_full_names(overrides: Mapping[str, Override]) -> dict[str, Override]:
    """Return overrides by the full names of their inputs.

    Raises:
        UsageError: A name is unknown or ambiguous, or two names are those of the same input.
    """
    check_names(overrides)
    full: dict[str, Override] = {}
    for short_name, value in overrides.items():
        name = full_name(short_name, default_inputs())
        if name in full:
            raise UsageError(
                f"{name} is given more than once: {full[name]} and {value}", hint="give it once"
            )
        full[name] = value
    return full


def merge_overrides(
    base: Mapping[str, Override], changes: Mapping[str, Override]
) -> dict[str, Override]:
    """Return the overrides of `base` with `changes`, also where they name an input differently."""
    changed = with_full_names(changes)
    defaults = default_inputs()
    fixed = {
        name
        for name, value in changed.items()
        if PAIR not in name
        and isinstance(defaults.with_overrides({name: value})[name].distribution, Fixed)
    }
    kept = {
        name: value
        for name, value in base.items()
        if full_name(name, defaults) not in changed
        # An input that a scenario fixes is correlated with nothing.
        and not (PAIR in name and fixed.intersection(split_pair(full_name(name, defaults))))
    }
    return {**kept, **changes}


def demand_source(scenario: Scenario, inputs: Inputs) -> str:
    """Return the source of demand of a scenario.

    Raises:
        UsageError: The modality has its own demand and the scenario sets another one.
    """
    given = inputs["corpus.demand"].source == OVERRIDDEN
    return _demand_source(scenario, corpus_demand_given=given)


def _demand_source(scenario: Scenario, *, corpus_demand_given: bool) -> str:
    if scenario.modality in MODALITIES_2022:
        if scenario.demand not in (None, "historical"):
            raise UsageError(
                f"modality {scenario.modality!r} has its own demand",
                hint="omit the demand",
            )
        return "historical"
    if scenario.demand is None:
        return CORPUS if scenario.modality == CORPUS and corpus_demand_given else DRIFT
    return scenario.demand


def is_used(name: str, scenario: Scenario, source: str) -> bool:
    """Return whether an input affects a scenario with demand from `source`."""
    group = name.partition(".")[0]
    if name == "web.common_crawl_pages":
        return False  # used only to reproduce the study
    if name == "levers.demand_growth":
        return source != CORPUS
    if name == "levers.compute_limit":
        return source != CORPUS and scenario.modality in (TEXT, USERS, CORPUS)
    if name in (
        "levers.training_epochs",
        "levers.licensed",
        "levers.transcribed",
        "levers.curation_yield",
    ):
        return scenario.modality not in MODALITIES_2022
    needed = _needed_lever(name)
    if needed is not None:
        return _replaces(scenario, needed) and is_used(needed, scenario, source)
    if group in ("levers", "media"):
        return True
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
    if group == "compute" and not changes_compute(scenario):
        return False
    return group in DEMAND_GROUPS[source]


def _needed_lever(name: str) -> str | None:
    """Return the lever without which an input has no effect; None if it needs none."""
    for start, needed in NEEDED_LEVERS.items():
        if name.startswith(start):
            return needed
    return None


def _replaces(scenario: Scenario, start: str) -> bool:
    """Return whether a scenario replaces an input, or one of a group if `start` ends in a point."""
    return any(
        part == start or (start.endswith(".") and part.startswith(start))
        for name in scenario.overrides
        for part in _parts(full_name(name, default_inputs()))
    )


def changes_compute(scenario: Scenario) -> bool:
    """Return whether a scenario replaces an input of the projection of compute.

    Its printed quantiles depend on no input; with a replaced one it is computed from its equations.
    """
    return _replaces(scenario, "compute.")


def _usage_hint(name: str) -> str:
    needed = _needed_lever(name)
    if needed is not None:
        return f"it has an effect together with {needed}: set that too"
    group = name.partition(".")[0]
    if group == "study_2022":
        return f"it is used by the modalities {', '.join(MODALITIES_2022)}"
    if group == DRIFT:
        return "it is used by demand 'drift' and 'recent'"
    if group in ("demand", "compute"):
        return "it is used by demand 'study' (Villalobos et al. 2024)"
    if group == "users":
        return "it is used by modality 'users'"
    if name.startswith("levers.compute_limit"):
        return "it limits the largest training set, not the demand that you state"
    if name == "levers.demand_growth":
        return "the growth of a stated demand is corpus.demand_growth (--corpus-demand-growth)"
    if name == "corpus.demand_growth":
        return "it is the growth of corpus.demand: also give --corpus-demand, such as 500M"
    if group == CORPUS:
        return "it is used for a private corpus (--corpus)"
    if name == "levers.curation_yield":
        return "the stocks of 2022 are usable text already"
    return "omit it"
