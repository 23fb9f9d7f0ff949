"""Two codes of one subscriber determine each other, whatever numbers other texts contain."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.data.dataframes import from_dataframe
from artesian.encoding.transforms.templates import with_fields
from artesian.relations.dependencies import Dependency
from artesian.relations.discover import discover


def calls(form: str) -> pl.DataFrame:
    """Calls of subscribers, each of whom calls a few numbers of his own, or a short one."""
    rng = np.random.default_rng(4)
    rows = []
    for subscriber in range(60):
        phone = f"4860{subscriber % 10}{rng.integers(10**5, 10**6)}"
        imsi = f"26001{rng.integers(10**9, 10**10)}"
        contacts = [form.format(rng.integers(10**8, 10**9)) for _ in range(9)]
        plan = str(rng.choice(["S", "M", "L"]))
        for _ in range(int(rng.integers(25, 45))):
            called = str(rng.choice(contacts)) if rng.random() < 0.8 else "112"
            start = datetime(2024, 3, 1) + timedelta(seconds=int(rng.integers(0, 5_000_000)))
            rows.append((phone, imsi, plan, called, start, round(float(rng.gamma(2, 60)))))
    names = ["Numer A", "IMSI", "Taryfa", "Numer B", "Początek", "Sekundy"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.mark.parametrize("form", ["+48 {}", "tel: {} PL"])
def test_a_subscriber_has_one_number_and_one_card(form: str) -> None:
    source = calls(form)
    rows = ar.synth(source, method="trees", seed=1, metrics=()).data
    pairs = rows.select("Numer A", "IMSI").n_unique()
    assert pairs == rows["Numer A"].n_unique() == rows["IMSI"].n_unique()
    assert rows.select("IMSI", "Taryfa").n_unique() == rows["IMSI"].n_unique()
    relations = [one.relation for one in discover(with_fields(from_dataframe(source)))]
    assert not [
        one
        for one in relations
        if isinstance(one, Dependency) and any("number" in name for name in one.sources)
    ]


def test_a_small_number_in_a_text_may_determine_others() -> None:
    rng = np.random.default_rng(2)
    line = rng.integers(1, 13, 900)
    source = pl.DataFrame(
        {
            "linia": [f"{n}/{c}" for n, c in zip(line, rng.integers(100, 999, 900), strict=True)],
            "kierunek": [f"Plac {chr(65 + n)}" for n in line],
        }
    )
    listed = [str(one.relation) for one in discover(with_fields(from_dataframe(source)))]
    assert any("number 1" in one and one.endswith("-> kierunek") for one in listed), listed
