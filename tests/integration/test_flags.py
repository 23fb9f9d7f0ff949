"""A flag says whether something happened, in any coding; what belongs to it is there or not."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar

CODINGS: dict[str, tuple[int, float, list[tuple[Any, Any]]]] = {
    "kuollut": (300, 0.3, [("E", "K"), ("elossa", "kuollut")]),
    "zgon": (120, 0.2, [("nie", "tak"), (1, 0), ("N", "T")]),
    "deceased": (60, 0.4, [("no", "yes"), ("Active", "Closed")]),
    "doede": (600, 0.1, [(None, "x"), ("false", "true")]),
}


def events(name: str) -> tuple[pl.DataFrame, list[str]]:
    rows, chance, codings = CODINGS[name]
    rng = np.random.default_rng(rows)
    happened = rng.random(rows) < chance
    columns: dict[str, Any] = {"weight": np.round(rng.normal(70, 10, rows), 1)}
    flags = [name, *(f"{name} {number}" for number in range(1, len(codings)))]
    for flag, (no, yes) in zip(flags, codings, strict=True):
        columns[flag] = [yes if one else no for one in happened]
    days = [date(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 900, rows)]
    columns["when"] = [d.isoformat() if h else None for d, h in zip(days, happened, strict=True)]
    why = rng.choice(["A", "B", "C"], rows)
    columns["why"] = [str(w) if h else None for w, h in zip(why, happened, strict=True)]
    return pl.DataFrame(columns), flags


@pytest.mark.parametrize("name", CODINGS)
def test_what_belongs_to_a_flag_is_there_exactly_where_it_is_set(name: str, tmp_path: Path) -> None:
    source, flags = events(name)
    source.write_csv(tmp_path / "events.csv")
    ar.synth(tmp_path / "events.csv", out=tmp_path / "out", seed=1, metrics=["validity"])
    (written,) = (tmp_path / "out" / "data").iterdir()
    rows = pl.read_csv(written, infer_schema_length=None)
    happened = rows["when"].is_not_null()
    assert 0 < happened.sum() < len(rows)
    assert (rows["why"].is_not_null() == happened).all()
    for flag, (no, yes) in zip(flags, CODINGS[name][2], strict=True):
        text = rows[flag].cast(pl.String).fill_null("")
        assert set(text) == {"" if no is None else str(no), str(yes)}
        assert ((text == str(yes)) == happened).all()


def test_nothing_is_counted_where_there_was_no_event() -> None:
    rng = np.random.default_rng(8)
    married = rng.random(400) < 0.6
    when = [date(1900, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 20_000, 400)]
    source = pl.DataFrame(
        {
            "vihitty": [d if m else None for d, m in zip(when, married, strict=True)],
            "lapsia": np.where(married, rng.poisson(3, 400), 0),
        }
    )
    rows = ar.synth(source, method="trees", seed=1, metrics=["validity"]).data
    assert (rows.filter(pl.col("vihitty").is_null())["lapsia"] == 0).all()
