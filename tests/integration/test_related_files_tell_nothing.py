"""No file of a related model or of its output spells out what fewer than five owners have."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.integration.test_files_tell_nothing import contents, numbers_of, spelt

from artesian.cli.app import call

OWNERS = 120
# What one customer has in its own row, and in all of its forty orders.
OWN = {"income": 987_654.31, "town": "Zzyzxville", "joined": date(1907, 3, 5)}
ORDERS = {"amount": 77_123.77, "goods": "w8hidden", "day": date(2066, 8, 9)}


def write_source(folder: Path, suffix: str) -> None:
    rng = np.random.default_rng(3)
    grades = np.array(["a", "b", "c"])
    owners = [
        {
            "customer": 70_000 + at,
            "income": round(float(rng.gamma(2, 2000)), 2),
            "town": ["Berlin", "Paris", "Rome"][at % 3],
            "joined": date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 900))),
            "area": f"A{at % 20}",
        }
        for at in range(OWNERS)
    ]
    owners[7] |= {**OWN, "area": "A99"}
    orders = []
    for at in range(OWNERS):
        start = date(2022, 1, 1) + timedelta(days=int(rng.integers(0, 50)))
        for number in range(40 if at == 7 else int(rng.integers(0, 9))):
            row = {
                "customer": 70_000 + at,
                "day": start + timedelta(days=number * int(rng.integers(1, 4))),
                "amount": round(float(rng.gamma(2, 30)), 2),
                "goods": str(rng.choice(grades)),
            }
            if at == 7:
                row |= ORDERS | {"day": ORDERS["day"] + timedelta(days=number)}
            orders.append(row)
    areas = [{"area": f"A{at}", "label": f"Area {at}"} for at in (*range(20), 99)]
    frames = {"customer": owners, "order": orders, "area": areas}
    folder.mkdir()
    for name, rows in frames.items():
        frame = pl.DataFrame(rows)
        if suffix == "csv":
            frame.write_csv(folder / f"{name}.csv")
        elif name == "order":
            levels = [*grades.tolist(), ORDERS["goods"]]
            frame.with_columns(pl.col("goods").cast(pl.Enum(levels))).write_parquet(
                folder / f"{name}.parquet"
            )
        else:
            frame.write_parquet(folder / f"{name}.parquet")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_one_owner_has_is_in_no_byte(tmp_path: Path, suffix: str) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    write_source(source, suffix)
    settings = ["--keep-model", "--holdout", "0", "--set", "rounds=0", "--quiet"]
    assert call(["synth", str(source), "-o", str(out), *settings]) == 0
    found = []
    for name, content in contents(out):
        for column, value in {**OWN, **ORDERS}.items():
            found += [(name, column, text) for text in spelt(value) if text in content]
        if name.endswith(".npy"):
            array = np.load(io.BytesIO(content), allow_pickle=False)
            if array.dtype.kind in "fiu":
                for column, value in {**OWN, **ORDERS}.items():
                    if np.isin(array.astype(float), numbers_of(value)).any():
                        found.append((name, column, b"as a number"))
    assert found == []


def test_kept_rows_tell_nothing_of_few_children(tmp_path: Path) -> None:
    """What a kept row says of one customer is missing or that of other such rows."""
    import artesian as ar

    source = tmp_path / "source"
    write_source(source, "csv")
    fitted = ar.RelationalTrees(rounds=0).fit(source).model
    area = fitted.models["area"]
    assert area.kept is not None
    assert area.fixed is not None
    place = area.kept["area"].to_list().index("A99")
    for number, extra in enumerate(area.extras):
        if extra.key.child == "customer" and extra.kind != "count":
            assert area.fixed.extras.codes[number, place] == extra.codec.levels - 1, extra.kind
            assert extra.codec.missing
