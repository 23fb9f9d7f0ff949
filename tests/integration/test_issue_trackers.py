"""Keys that are numbered within a project, and texts that begin with a category and go on freely."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.run import Run
from artesian.synthesizers import CATALOG

ENGLISH = {
    "names": ("key", "project", "component", "summary", "created"),
    "parts": {
        "WEB": ["Search", "Checkout"],
        "API": ["Billing", "Gateway"],
        "MOB": ["iOS", "Android"],
    },
    "words": (["Crash", "Timeout", "Typo", "Slow response"], ["on login", "in cart", "on retry"]),
    "form": "{project}-{number}",
    "summary": "[{component}] {words}",
}
GERMAN = {
    "names": ("Vorgang", "Bereich", "Anlage", "Betreff", "Eingang"),
    "parts": {"EL": ["Pumpe", "Motor"], "HZ": ["Kessel", "Brenner"], "SA": ["Ventil"]},
    "words": (["Ausfall", "Wartung", "Geräusch", "Leck"], ["am Morgen", "nach Start", "im Test"]),
    "form": "{project}/{number:05}",
    "summary": "{component}: {words}",
}


def tickets(language: dict, rows: int) -> pl.DataFrame:  # type: ignore[type-arg]
    """Tickets in the order of their creation."""
    rng = np.random.default_rng(4)
    parts, (what, where) = language["parts"], language["words"]
    numbers, out = dict.fromkeys(parts, 100), []
    moment = datetime(2024, 1, 2, 8)
    for _ in range(rows):
        moment += timedelta(minutes=int(rng.exponential(330)) + 1)
        project = str(rng.choice([*parts], p=[0.5, 0.3, 0.2]))
        numbers[project] += 1
        component = str(rng.choice(parts[project]))
        words = f"{rng.choice(what)} {rng.choice(where)}"
        key = language["form"].format(project=project, number=numbers[project])
        summary = language["summary"].format(component=component, words=words)
        out.append((key, project, component, summary, moment))
    return pl.DataFrame(out, schema=list(language["names"]), orient="row")


@pytest.mark.parametrize("language", [ENGLISH, GERMAN])
@pytest.mark.parametrize("rows", [300, 1500])
def test_keys_are_numbered_within_their_project(language: dict, rows: int) -> None:  # type: ignore[type-arg]
    table = tickets(language, rows)
    key, project, component, summary, created = language["names"]
    made = ar.synth(table, metrics=()).data
    assert made[key].n_unique() == made.height
    assert made.select(pl.col(key).str.starts_with(pl.col(project)).all()).item()
    start = language["summary"].format(component="{}", words="")
    begins = made.select(pl.col(summary).str.starts_with(pl.format(start, component)).mean()).item()
    assert begins == 1
    number = made.with_columns(n=pl.col(key).str.extract(r"(\d+)$").cast(pl.Int64))
    steps = number.sort(created).select(pl.col("n").diff().over(project)).to_series().drop_nulls()
    assert (steps == 1).mean() > 0.99


@pytest.mark.parametrize("language", [ENGLISH, GERMAN])
def test_samples_of_a_model_have_no_key_twice(language: dict) -> None:  # type: ignore[type-arg]
    table = tickets(language, 900)
    model = CATALOG["trees"]().fit(ar.read(table), run=Run.from_seed(1))
    made = model.sample(5_000, run=Run.from_seed(2)).frame
    key, project, *_ = language["names"]
    assert made[key].n_unique() == made.height
    assert made.select(pl.col(key).str.starts_with(pl.col(project)).mean()).item() > 0.99
