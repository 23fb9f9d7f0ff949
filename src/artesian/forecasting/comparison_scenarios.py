"""Scenarios to set side by side: those of a file, and what each lever alone would do."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from artesian.core.errors import DataError, UsageError, did_you_mean
from artesian.forecasting.inputs.inputs import Override
from artesian.forecasting.scenario import MINE, STUDY_2022, TEXT, Scenario

LEVERS: Mapping[str, Mapping[str, Override]] = {
    "filters keep twice as much": {"levers.salvage": 2.0},
    "owners withdraw 30 %": {"levers.opt_out": 0.3},
    "half of demand is synthetic": {"levers.synthetic_share": 0.5},
    "models over-trained five times": {"levers.overtraining": 5.0},
    "5 % more new text a year": {"levers.user_growth": 1.05},
}
PASSES: Mapping[str, Mapping[str, Override]] = {
    "one pass over the text": {"levers.passes": 1.0},
    "4 passes": {"levers.passes": 4.0},
    "16 passes": {"levers.passes": 16.0},
}
SOURCES: Mapping[str, Mapping[str, Override]] = {
    "Common Crawl alone": {"web.pages": 75e9},
}
_KEYS = ("name", "modality", "demand", "language", "set")


def one_lever_each(base: Scenario) -> list[Scenario]:
    """`base` with one lever moved at a time; a lever that it moves itself is left out."""
    sets = dict(LEVERS)
    if base.modality not in STUDY_2022:
        sets |= PASSES
    if base.modality == TEXT and base.language is None:
        sets |= SOURCES
    moved = {name.rpartition(".")[2] for name in base.set}
    return [
        replace(base, name=name, set={**base.set, **one})
        for name, one in sets.items()
        if not moved & {key.rpartition(".")[2] for key in one}
        and not (base.modality == MINE and "synthetic" in name and "mine.demand" not in base.set)
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
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as problem:
        raise DataError(f"{path}: {problem.strerror}", hint="give a file of scenarios") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DataError(f"{path} is no TOML: {problem}", hint="see docs/forecast.md") from None
    for key in told:
        if key != "scenario":
            raise UsageError(f"{path}: a key {key!r}", hint="there is only [[scenario]]")
    tables = told.get("scenario", [])
    if not isinstance(tables, list) or not tables:
        raise UsageError(f"{path} holds no [[scenario]]", hint="see docs/forecast.md")
    found = [_scenario(table, base, path) for table in tables]
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{path}: two scenarios are called {name!r}", hint="rename one")
    return found


def _scenario(table: Mapping[str, Any], base: Scenario, path: Path) -> Scenario:
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{path}: a scenario has no {key!r}", hint=did_you_mean(key, _KEYS))
    for key in _KEYS[:-1]:
        if not isinstance(table.get(key, ""), str):
            raise UsageError(f"{path}: {key} is {table[key]!r}", hint="give a text")
    if not table.get("name"):
        raise UsageError(f"{path}: a scenario has no name", hint="add name = ...")
    own = table.get("set", {})
    if not isinstance(own, dict):
        raise UsageError(f"{path}: set is {own!r}", hint="give a table of inputs")
    changes = {key: table[key] for key in ("modality", "demand", "language") if key in table}
    flat = dict(_flat(own, ""))
    return replace(base, name=table["name"], set={**base.set, **flat}, **changes)


def _flat(table: Mapping[str, Any], path: str) -> list[tuple[str, Override]]:
    """TOML reads levers.opt_out = 0.3 as a table in a table."""
    found: list[tuple[str, Override]] = []
    for key, value in table.items():
        name = f"{path}{key}"
        if isinstance(value, dict):
            found += _flat(value, f"{name}.")
        elif isinstance(value, bool) or not isinstance(value, int | float | str):
            raise UsageError(f"{name} is {value!r}", hint="give a number or a text")
        else:
            found.append((name, value))
    return found
