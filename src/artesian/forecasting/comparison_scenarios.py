"""Scenarios to compare with a baseline: from a file, or one lever at a time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from artesian.core.errors import DataError, UsageError, did_you_mean
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.scenario import (
    CORPUS,
    DRIFT,
    MODALITIES_2022,
    TEXT,
    USERS,
    Scenario,
    merge_overrides,
    with_full_names,
)

CURATION: Mapping[str, Mapping[str, Override]] = {
    "curation doubles the usable text": {"levers.curation_yield": 2.0},
}
LEVERS: Mapping[str, Mapping[str, Override]] = {
    "owners withdraw 30 % of the text": {"levers.opt_out": 0.3},
    "owners withdraw 5 % of the text, 25 % of the best": {
        "levers.opt_out": 0.05,
        "levers.opt_out_concentration": 5.0,
    },
    "half of demand met by synthetic data": {"levers.synthetic_fraction": 0.5},
    "models over-trained by a factor of 5": {"levers.overtraining": 5.0},
    "a third of training text rephrased": {"levers.rephrased_fraction": "1/3"},
    "data efficiency of small experiments, 5.17x": {"levers.data_efficiency": 5.17},
    "stock grows 5 % a year faster": {"levers.user_growth": "5%/year"},
}
EPOCHS: Mapping[str, Mapping[str, Override]] = {
    "1 training epoch": {"levers.training_epochs": 1.0},
    "4 training epochs": {"levers.training_epochs": 4.0},
    "16 training epochs": {"levers.training_epochs": 16.0},
}
GROWTHS: Mapping[str, Mapping[str, Override]] = {
    "training sets double every year": {"levers.demand_growth": "2x/year"},
    "training sets triple every year": {"levers.demand_growth": "3x/year"},
}
"""Growth of the records of the series since 2019, and of the largest training sets by Epoch AI."""

MODELS: Mapping[str, Mapping[str, Override]] = {
    "demand with half the noise": {"drift.noise": 0.1},
    "demand with tokens per parameter growing": {"drift.growth": "normal 0.252..0.840 OOM/year"},
}
"""Models of demand that the back-test does not distinguish from the default on both of its sets.

The second adds half of log10 3.1 to the growth: tokens per active parameter of open-weight models grow
by a factor of 3.1 a year (Epoch AI, data insight of 2025-08-01), and tokens by its square root.
"""

LIMITS: Mapping[str, Mapping[str, Override]] = {
    "training compute of at most 2e29 FLOP in 2030": {"levers.compute_limit": 2e29},
}
"""Feasible by power, chips and money (Epoch AI 2024)."""

SPEECH: Mapping[str, Mapping[str, Override]] = {
    "ten years of YouTube transcribed": {"levers.transcribed": 1.0},
}
CRAWLS: Mapping[str, Mapping[str, Override]] = {
    "Common Crawl only": {"web.pages": 75e9},
}
_KEYS = ("name", "modality", "demand", "language", "set")


def one_at_a_time(base: Scenario) -> list[Scenario]:
    """Vary one lever at a time from a baseline; levers that the baseline sets are omitted.

    Args:
        base: Baseline scenario.
    """
    overrides = dict(LEVERS)
    given = with_full_names(base.overrides)
    # A corpus of which all is usable has nothing to recover.
    if base.modality in (TEXT, USERS) or "corpus.quality" in given:
        overrides = dict(CURATION) | overrides
    if base.modality not in MODALITIES_2022:
        overrides |= EPOCHS
    if base.modality == CORPUS:
        del overrides["1 training epoch"]  # as many as the baseline
    has_own_demand = CORPUS in (base.demand, base.modality)
    if not has_own_demand:
        overrides |= GROWTHS
    own_growth = has_own_demand or "levers.demand_growth" in given
    if base.modality in (TEXT, USERS) and base.demand in (None, DRIFT) and not own_growth:
        overrides |= MODELS
    if base.modality in (TEXT, USERS):
        overrides |= SPEECH
        if not has_own_demand:
            overrides |= LIMITS
    if base.modality == TEXT and base.language is None:
        overrides |= CRAWLS
    overridden = {name.rpartition(".")[2] for name in base.overrides}
    return [
        replace(base, name=name, overrides=merge_overrides(base.overrides, override))
        for name, override in overrides.items()
        if not overridden & {key.rpartition(".")[2] for key in override}
        and not (
            base.modality == CORPUS
            and "levers.synthetic_fraction" in override
            and "corpus.demand" not in base.overrides
        )
    ]


def read_scenarios(path: Path, base: Scenario) -> list[Scenario]:
    """Read scenarios from a TOML file.

    Each table `[[scenario]]` has a `name` and optionally `modality`, `demand`, `language` and a table
    `set` of input values (numbers, or text such as "0.1..0.4@90").

    Args:
        path: File.
        base: Scenario that the tables modify.

    Raises:
        DataError: The file cannot be read or is not TOML.
        UsageError: A key is unknown, or a name is missing or not unique.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", hint="give a TOML file of scenarios") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not valid TOML: {error}", hint="see docs/forecast.md") from None
    for key in document:
        if key != "scenario":
            raise UsageError(f"{path}: unknown key {key!r}", hint="use [[scenario]] tables only")
    tables = document.get("scenario", [])
    if not isinstance(tables, list) or not tables:
        raise UsageError(f"{path} has no [[scenario]] table", hint="see docs/forecast.md")
    scenarios = [_scenario(table, base, path) for table in tables]
    names = [scenario.name for scenario in scenarios]
    if base.name in names:
        raise UsageError(
            f"{path}: {base.name!r} is the name of the baseline",
            hint="give the scenario another name",
        )
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{path}: duplicate scenario name {name!r}", hint="rename one")
    return scenarios


def _scenario(table: Mapping[str, Any], base: Scenario, path: Path) -> Scenario:
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{path}: unknown scenario key {key!r}", hint=did_you_mean(key, _KEYS))
    for key in _KEYS[:-1]:
        if not isinstance(table.get(key, ""), str):
            raise UsageError(f"{path}: {key} is {table[key]!r}", hint="give a string")
    if not table.get("name"):
        raise UsageError(f"{path}: a scenario has no name", hint='add name = "..."')
    table_overrides = table.get("set", {})
    if not isinstance(table_overrides, dict):
        raise UsageError(f"{path}: set is {table_overrides!r}", hint="give a table of input values")
    changes = {key: table[key] for key in ("modality", "demand", "language") if key in table}
    flattened: dict[str, Override] = {}
    for key, value in _flatten(table_overrides, ""):
        if key in flattened:
            raise UsageError(
                f"{path}: {key} is given more than once: {flattened[key]} and {value}",
                hint="give it once",
            )
        flattened[key] = value
    return replace(
        base, name=table["name"], overrides=merge_overrides(base.overrides, flattened), **changes
    )


def _flatten(table: Mapping[str, Any], path: str) -> list[tuple[str, Override]]:
    """Flatten nested tables, because TOML reads levers.opt_out = 0.3 as a table in a table."""
    pairs: list[tuple[str, Override]] = []
    for key, value in table.items():
        name = f"{path}{key}"
        if isinstance(value, dict):
            pairs += _flatten(value, f"{name}.")
        elif isinstance(value, bool) or not isinstance(value, int | float | str):
            raise UsageError(f"{name} is {value!r}", hint="give a number or a string")
        else:
            pairs.append((name, value))
    return pairs
