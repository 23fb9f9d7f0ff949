"""Rows that belong together by a number or a code that does not look like an identifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

import artesian as ar
from artesian.data.schema import Kind


def synthetic(source: pl.DataFrame) -> pl.DataFrame:
    return ar.synth(source, method="trees", seed=1, metrics=["validity"]).data


def payslips(number: str, first: str, last: str) -> pl.DataFrame:
    """One row per person and month, with whole numbers that identify a person."""
    rng = np.random.default_rng(3)
    given = ["Anna", "Peter", "Maria", "Thomas", "Laura", "Martin", "Julia", "Michael"]
    family = ["Müller", "Schmidt", "Fischer", "Weber", "Wagner", "Becker", "Hoffmann", "Koch"]
    names = [(a, b) for a in given for b in family]
    rows: list[dict[str, Any]] = []
    for at in range(60):
        salary = int(rng.integers(900, 2_400)) * 5
        for month in range(1, 13):
            if rng.random() < 0.9:
                rows.append(
                    {
                        number: 2_000 + at,
                        first: names[at][0],
                        last: names[at][1],
                        "periode": f"{month:02d}.2023",
                        "brutto": salary,
                    }
                )
    return pl.DataFrame(rows)


def readings() -> pl.DataFrame:
    """Wells with a depth and an area, observed once a week."""
    rng = np.random.default_rng(4)
    rows = []
    for well in range(40):
        depth, area = round(float(rng.uniform(5, 90)), 1), str(rng.choice(["nord", "sud"]))
        rows += [
            {
                "pozzo": 301 + well,
                "data": f"2024-{1 + week // 4:02d}-{1 + 7 * (week % 4):02d}",
                "profondita": depth,
                "zona": area,
                "livello": round(float(rng.normal(3, 1)), 2),
            }
            for week in range(12)
        ]
    return pl.DataFrame(rows)


def is_constant(frame: pl.DataFrame, name: str, other: str) -> bool:
    return frame.select(name, other).n_unique() == frame[name].n_unique()


def test_numbers_with_one_name_each_identify_persons() -> None:
    for names in (("Matrikel", "Vorname", "Nachname"), ("no_agent", "first_name", "last_name")):
        source = payslips(*names)
        assert ar.read(source).schema[names[0]].kind is Kind.KEY
        rows = synthetic(source)
        assert all(is_constant(rows, names[0], other) for other in (*names[1:], "brutto"))
        assert not rows.select(names[0], "periode").is_duplicated().any()


def test_numbers_of_what_is_observed_at_several_times_are_identifiers() -> None:
    source = readings()
    assert ar.read(source).schema["pozzo"].kind is Kind.KEY
    rows = synthetic(source)
    assert is_constant(rows, "pozzo", "profondita")
    assert is_constant(rows, "pozzo", "zona")
    assert not rows.select("pozzo", "data").is_duplicated().any()


def test_measured_numbers_are_none() -> None:
    source = readings().with_columns((pl.col("pozzo") % 37).alias("pressione"))
    assert ar.read(source).schema["pressione"].kind is Kind.NUMBER
