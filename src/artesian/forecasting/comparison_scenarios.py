"""Scenarios to set side by side: those of a file, and what each lever alone would do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from artesian.core.errors import DataError, UsageError, did_you_mean
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.scenario import CORPUS, MODALITIES_2022, TEXT, Scenario

LEVERS: Mapping[str, Mapping[str, Override]] = {
    "filters keep twice as much": {"levers.curation_yield": 2.0},
    "owners withdraw 30 %": {"levers.opt_out": 0.3},
    "half of demand is synthetic": {"levers.synthetic_fraction": 0.5},
    "models over-trained five times": {"levers.overtraining": 5.0},
    "5 % more new text a year": {"levers.user_growth": 1.05},
}
EPOCHS: Mapping[str, Mapping[str, Override]] = {
    "one pass over the text": {"levers.training_epochs": 1.0},
    "4 passes": {"levers.training_epochs": 4.0},
    "16 passes": {"levers.training_epochs": 16.0},
}
CRAWLS: Mapping[str, Mapping[str, Override]] = {
    "Common Crawl alone": {"web.pages": 75e9},
}
_KEYS = ("name", "modality", "demand", "language", "set")


def one_at_a_time(base: Scenario) -> list[Scenario]:
    """`base` with one lever moved at a time; a lever that it moves itself is left out."""
    overrides = dict(LEVERS)
    if base.modality not in MODALITIES_2022:
        overrides |= EPOCHS
    if base.modality == TEXT and base.language is None:
        overrides |= CRAWLS
    overridden = {name.rpartition(".")[2] for name in base.overrides}
    return [
        replace(base, name=name, overrides={**base.overrides, **override})
        for name, override in overrides.items()
        if not overridden & {key.rpartition(".")[2] for key in override}
        and not (
            base.modality == CORPUS
            and "synthetic" in name
            and "corpus.demand" not in base.overrides
        )
    ]


def read_scenarios(path: Path, base: Scenario) -> list[Scenario]:
    """Scenarios of a TOML file, on top of `base`.

    Each is a table `[[scenario]]` with a `name`, and of `modality`, `demand`, `language` and a table
    `set` (input = number, or text such as "0.1..0.4@90") what it changes.

    Raises:
        DataError: the file is not there or no TOML.
        UsageError: a key is unknown, or a scenario has no name or that of another one.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", hint="give a file of scenarios") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no TOML: {error}", hint="see docs/forecast.md") from None
    for key in document:
        if key != "scenario":
            raise UsageError(f"{path}: a key {key!r}", hint="there is only [[scenario]]")
    tables = document.get("scenario", [])
    if not isinstance(tables, list) or not tables:
        raise UsageError(f"{path} holds no [[scenario]]", hint="see docs/forecast.md")
    scenarios = [_scenario(table, base, path) for table in tables]
    names = [scenario.name for scenario in scenarios]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{path}: two scenarios are called {name!r}", hint="rename one")
    return scenarios


def _scenario(table: Mapping[str, Any], base: Scenario, path: Path) -> Scenario:
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{path}: a scenario has no {key!r}", hint=did_you_mean(key, _KEYS))
    for key in _KEYS[:-1]:
        if not isinstance(table.get(key, ""), str):
            raise UsageError(f"{path}: {key} is {table[key]!r}", hint="give a text")
    if not table.get("name"):
        raise UsageError(f"{path}: a scenario has no name", hint="add name = ...")
    table_overrides = table.get("set", {})
    if not isinstance(table_overrides, dict):
        raise UsageError(f"{path}: set is {table_overrides!r}", hint="give a table of inputs")
    changes = {key: table[key] for key in ("modality", "demand", "language") if key in table}
    flattened = dict(_flatten(table_overrides, ""))
    return replace(base, name=table["name"], overrides={**base.overrides, **flattened}, **changes)


def _flatten(table: Mapping[str, Any], path: str) -> list[tuple[str, Override]]:
    """TOML reads levers.opt_out = 0.3 as a table in a table."""
    pairs: list[tuple[str, Override]] = []
    for key, value in table.items():
        name = f"{path}{key}"
        if isinstance(value, dict):
            pairs += _flatten(value, f"{name}.")
        elif isinstance(value, bool) or not isinstance(value, int | float | str):
            raise UsageError(f"{name} is {value!r}", hint="give a number or a text")
        else:
            pairs.append((name, value))
    return pairs
