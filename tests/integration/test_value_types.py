"""Values of every type of a Parquet file where others depend on them: in entities, as what decides, and
missing by rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.cli.app import call

TYPES: dict[str, tuple[pl.DataType, Callable[[int], Any]]] = {
    "length": (pl.Duration("us"), lambda k: timedelta(minutes=15 * (k + 1))),
    "length in ns": (pl.Duration("ns"), lambda k: timedelta(hours=k)),
    "time of day": (pl.Time(), lambda k: time(8 + k, 30)),
    "date": (pl.Date(), lambda k: date(2024, 1, 1 + k)),
    "moment": (pl.Datetime("us"), lambda k: datetime(2024, 1, 1 + k, 9, 30)),
    "moment with zone": (
        pl.Datetime("us", "UTC"),
        lambda k: datetime(2024, 1, 1 + k, 9, tzinfo=UTC),
    ),
    "decimal": (pl.Decimal(10, 2), lambda k: Decimal(10 * k + 5) / 4),
    "truth": (pl.Boolean(), lambda k: k % 2 == 0),
    "small whole": (pl.Int8(), lambda k: k),
    "large whole": (pl.UInt64(), lambda k: 2**60 + k),
    "float32": (pl.Float32(), lambda k: k / 4),
}


def visits(kind: str, rows: int = 300) -> pl.DataFrame:
    """Visits of patients: services with their lengths, what follows from these, and repetitions."""
    dtype, value = TYPES[kind]
    rng = np.random.default_rng(3)
    service, patient = rng.integers(0, 6, rows), np.sort(rng.integers(0, 90, rows))
    room, free = rng.integers(0, 4, rows), rng.integers(0, 6, rows)

    def series(keys: list[int | None]) -> pl.Series:
        return pl.Series([None if k is None else value(int(k)) for k in keys], dtype=dtype)

    return pl.DataFrame(
        {
            "visit": np.arange(rows) + 5000,
            "patient": [f"P{p:04d}" for p in patient],
            "service": [f"S{s}" for s in service],
            "takes": series(service.tolist()),
            "takes again": series(service.tolist()),
            "planned": series([f if s != 2 else None for f, s in zip(free, service, strict=True)]),
            "room": [f"R{r}" for r in room],
            "price": 10 * service + 5 * room,
            "of patient": series((patient % 6).tolist()),
            "of both": series(((service + room) % 6).tolist()),
            "open": np.where(free < 2, "open", "done"),
            "some": series([s if r else None for s, r in zip(service, room, strict=True)]),
        }
    )


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("method", ["marginals", "trees"])
def test_tables_of_every_type(kind: str, method: str) -> None:
    table = visits(kind)
    every = method == "marginals" and kind in ("length", "decimal")
    run = ar.synth(table, method=method, metrics=None if every else ("relations", "ks"))
    assert run.data.schema == table.schema
    assert run.data["takes"].eq_missing(run.data["takes again"]).all()
    assert not run.data["takes"].has_nulls()


@pytest.mark.parametrize("kind", ["length", "time of day", "decimal"])
def test_commands_on_files_of_every_type(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source, out, few = (tmp_path / f"{name}.parquet" for name in ("visits", "out", "few"))
    visits(kind).write_parquet(source)
    visits(kind, 150).select("patient", "room", "planned").write_parquet(few)
    for command in (
        ["inspect", str(source)],
        ["synth", str(source), "-o", str(tmp_path / "out"), "--method", "marginals", "-q"],
        ["fit", str(source), "-o", str(tmp_path / "model"), "--method", "marginals", "-q"],
        ["sample", str(tmp_path / "model"), "-o", str(out), "--rows", "100", "-q"],
        ["compare", str(source), str(out), "-q"],
        ["impute", str(few), "-o", str(tmp_path / "full.parquet"), "-q"],
    ):
        code = call(command)
        assert code in (0, 3), (command, capfd.readouterr().err)
    assert pl.read_parquet(out).schema == visits(kind).schema
